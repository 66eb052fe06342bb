//! Google Cloud, as `tests/google/fake.py` plays it by Google's own documents.
#![cfg(test)]

mod collected;
mod fake;
mod honest;
#[path = "../support/venv.rs"]
mod venv;
mod wire;
