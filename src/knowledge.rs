//! What the clouds publish about themselves: dated tables, embedded as data.

mod actions;
mod agents;
mod controls;
mod fronts;
mod needs;
mod partitions;
mod permissions;
mod ranges;
mod roles;
mod runtimes;

pub use actions::lambda_management;
pub use agents::{Agent, is_platform_account, is_public_issuer};
pub use controls::{Control, Framework, control_order, controls_as_of, frameworks};
pub use fronts::fronts;
pub use needs::{Calls, all_calls, calls_for};
pub use partitions::partition;
pub use permissions::{
    is_above_projects, permissions_of, permissions_of_inventory, permissions_of_organization, permissions_of_regions,
};
pub use ranges::{GoogleRanges, google_ranges, private_ipv4, private_ipv6, public_ipv4, public_ipv6};
pub use roles::{role_holds, role_is_known, role_is_privileged, roles_as_of};
pub use runtimes::{Runtime, google_runtime, runtime, runtimes_as_of};
