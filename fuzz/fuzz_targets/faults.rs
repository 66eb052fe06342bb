//! Random bytes for `targets::faults`.
#![no_main]

#[allow(dead_code, reason = "each binary takes one of them")]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::faults(bytes));
