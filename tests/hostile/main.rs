//! Inputs that mean harm or are damaged, by the hundred: the built program ends each with the right code and a reason, in
//! little time and memory, and nothing of them moves a terminal, a log or a spreadsheet.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "tests read and write files, and fail"
)]

mod bombs;
mod case;
mod damaged;
mod faults;
mod fuzzed;
mod good;
mod growth;
mod names;
#[path = "../support/npm.rs"]
#[expect(dead_code, reason = "here packages are installed by a lock file alone")]
mod npm;
mod secrets;
mod suites;
mod wrong;
