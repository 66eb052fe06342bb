//! The built program from outside: what it prints, what it writes, and how it ends.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests read and write files, and fail"
)]

mod authoring;
mod baseline;
#[cfg(not(feature = "objects"))]
mod buckets;
mod code;
mod demo;
mod destination;
mod diff;
mod drift;
mod formats;
mod invokers;
mod kernel;
mod lock;
#[path = "../support/npm.rs"]
mod npm;
mod outputs;
mod page;
mod permissions;
mod places;
mod policy;
mod program;
mod runs;
mod sarif;
mod shards;
mod snapshots;
mod tools;
mod tour;
#[path = "../support/venv.rs"]
mod venv;
