//! The AWS source, run as a program against servers on this machine: a stub that can fail on demand, and moto.
//!
//! One test binary, since each one links the SDKs.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod canaries;
#[cfg(test)]
mod chaos;
#[path = "../support/clock.rs"]
mod clock;
#[cfg(test)]
mod connections;
#[cfg(test)]
#[path = "../support/dice.rs"]
mod dice;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod estate;
#[cfg(test)]
mod fault;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[path = "../support/http.rs"]
mod http;
#[cfg(test)]
#[path = "../support/killed.rs"]
mod killed;
#[cfg(test)]
mod large;
#[cfg(test)]
#[path = "../support/many.rs"]
mod many;

mod members;
#[cfg(test)]
mod moto;
#[cfg(test)]
mod on_moto;
#[cfg(test)]
mod organization;
#[cfg(test)]
#[path = "../support/passes.rs"]
mod passes;
#[cfg(test)]
mod permissions;
#[cfg(test)]
#[path = "../support/canaries.rs"]
mod planted;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod run;
#[cfg(test)]
mod secure;
#[cfg(test)]
mod stub;
#[cfg(test)]
#[path = "../support/tls.rs"]
mod tls;
#[cfg(test)]
#[path = "../support/venv.rs"]
mod venv;
#[cfg(test)]
mod verdicts;
#[cfg(test)]
mod whose;
