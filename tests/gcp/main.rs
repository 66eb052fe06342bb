//! The source of Google Cloud, run as a program against servers on this machine: a stub that fails on demand, and
//! `tests/google/fake.py`, which plays Google by Google's own documents.
#![cfg(test)]

mod canaries;
mod chaos;
#[path = "../support/clock.rs"]
mod clock;
mod collected;
mod credentials;
#[path = "../support/dice.rs"]
mod dice;
mod estate;
mod fake;
mod faults;
mod honest;
#[path = "../support/http.rs"]
mod http;
mod inventory;
#[path = "../support/killed.rs"]
mod killed;
#[path = "../support/many.rs"]
mod many;
mod matrix;
#[path = "../support/passes.rs"]
mod passes;
mod permissions;
#[path = "../support/canaries.rs"]
mod planted;
mod process;
mod project;
mod resume;
mod run;
mod secure;
mod stub;
#[path = "../support/tls.rs"]
mod tls;
#[path = "../support/venv.rs"]
mod venv;
mod verdicts;
mod wire;
mod world;
