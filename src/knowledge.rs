//! What the clouds publish about themselves: dated tables, embedded as data.

mod actions;
mod agents;
mod fronts;
mod partitions;
mod ranges;
mod roles;
mod runtimes;

pub use actions::lambda_management;
pub use agents::{Agent, is_platform_account, is_public_issuer};
pub use fronts::fronts;
pub use partitions::partition;
pub use ranges::{GoogleRanges, google_ranges, private_ipv4, private_ipv6, public_ipv4, public_ipv6};
pub use roles::{role_holds, role_is_known, role_is_privileged, roles_as_of};
pub use runtimes::{Runtime, google_runtime, runtime, runtimes_as_of};
