//! `egress-audit`: from where a serverless function reaches the internet, who can reach it, and which keys guard it.
//!
//! The modules are the floors of one building, listed from the ground up. A floor uses only floors above it in
//! this list (below it in the building); `tests/floors.rs` holds us to that. Everything but `source` and `cli` is
//! pure: the same input gives the same bytes.

/// What is known, what is not, and why not.
pub mod evidence;

/// A saved reading of the world: records as the provider's API gives them, and the gaps between them.
pub mod snapshot;

/// Where snapshots come from: live clouds, files, the embedded demo. The only floor that touches the world.
pub mod source;

/// The estate in our own types: what was read, with the gaps kept.
pub mod model;

/// What the clouds publish about themselves: dated tables.
pub mod knowledge;

/// Decoding: records to the typed inventory.
pub mod decode;

/// Paths, doors, invokers and keys: what the estate means.
pub mod graph;

/// Facts: flat documents that rules read, and their vocabulary.
pub mod facts;

/// Rules: one YAML file each, checked in full when it is loaded.
pub mod rule;

/// Evaluation: a rule and the facts about one subject give a verdict.
pub mod engine;

/// The report: what the rules found, and what was not read.
pub mod report;

/// Rendering: reports to bytes.
pub mod render;

/// The command line: arguments to an exit code.
pub mod cli;
