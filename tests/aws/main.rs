//! The AWS source, run as a program against servers on this machine: a stub that can fail on demand, and moto.
//!
//! One test binary, since each one links the SDKs.
#![cfg(test)]

mod calls;
mod canaries;
mod chaos;
#[path = "../support/clock.rs"]
mod clock;
mod connections;
#[path = "../support/dice.rs"]
mod dice;
mod doors;
mod edges;
mod estate;
mod fault;
mod faults;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/killed.rs"]
mod killed;
mod large;
#[path = "../support/many.rs"]
mod many;
mod members;
mod moto;
mod on_moto;
mod organization;
#[path = "../support/passes.rs"]
mod passes;
mod permissions;
#[path = "../support/canaries.rs"]
mod planted;
mod policies;
mod resume;
mod run;
mod secure;
mod stub;
#[path = "../support/tls.rs"]
mod tls;
#[path = "../support/venv.rs"]
mod venv;
mod verdicts;
mod whose;
