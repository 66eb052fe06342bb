//! Google Cloud, as `tests/google/fake.py` plays it by Google's own documents.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests read fixtures, say what is missing, and fail"
)]

mod fake;
mod honest;
#[path = "../support/venv.rs"]
mod venv;
mod wire;
