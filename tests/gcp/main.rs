//! The source of Google Cloud, run as a program against servers on this machine.
#![cfg(test)]

mod credentials;
mod faults;
mod inventory;
mod project;
mod run;
mod stub;
mod world;
