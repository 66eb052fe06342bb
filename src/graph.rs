//! Paths, doors, invokers and keys: what the estate means.

pub mod egress;
pub mod invoke;
