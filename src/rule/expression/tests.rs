//! What the subset takes, what it refuses, and with which words.
