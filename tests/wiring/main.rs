//! What surrounds the program: the action, the workflows, the packages and the hooks, each run or read for real.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests read and write files, and fail"
)]

mod action;
mod advisories;
mod deploy;
mod files;
mod gitlab;
mod hooks;
mod linters;
mod names;
#[path = "../support/npm.rs"]
mod npm;
mod runner;
mod tools;
#[path = "../support/venv.rs"]
mod venv;
