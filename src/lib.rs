//! `egress-audit`: from where a serverless function reaches the internet, who can reach it, and which keys guard it.
//!
//! The modules are the floors of one building, listed from the ground up. A floor uses only floors above it in
//! this list (below it in the building); `tests/floors.rs` holds us to that. Everything but `source` and `cli` is
//! pure: the same input gives the same bytes.

pub mod evidence;

pub mod snapshot;

pub mod knowledge;

pub mod source;

pub mod model;

pub mod decode;

pub mod graph;

pub mod facts;

pub mod rule;

pub mod engine;

pub mod policy;

pub mod report;

pub mod render;

pub mod cli;
