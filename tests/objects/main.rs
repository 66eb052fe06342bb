//! Snapshots in buckets: the program as it is built, against moto's S3 and what plays Cloud Storage on this machine
//! (`tests/moto/buckets.py`).
#![cfg(test)]

mod credentials;
mod failures;
mod hosts;
mod large;
mod runs;
mod server;
#[path = "../support/venv.rs"]
mod venv;
