//! What the clouds publish about themselves: dated tables, embedded as data.

mod fronts;
mod ranges;
mod runtimes;

pub use fronts::front;
pub use ranges::{public_ipv4, public_ipv6};
pub use runtimes::{Runtime, runtime, runtimes_as_of};
