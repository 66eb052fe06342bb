//! Paths, doors, invokers and keys: what the estate means.

pub mod egress;
pub mod invoke;
mod keys;
mod network;
mod uses;
mod workload;

use jiff::Timestamp;

use crate::{evidence::Gap, model::Inventory, snapshot::ScopeId};

pub use keys::KeyNeed;
pub use network::{Network, Place};
pub use uses::{AddressUse, KeyUse, NatUse};
pub use workload::{Runtime, Workload};

/// The estate, resolved.
#[derive(Debug)]
pub struct Graph {
    /// When it was read.
    pub taken_at: Timestamp,
    /// Every workload that serves, in the order of account, region and name.
    pub workloads: Vec<Workload>,
    /// NAT gateways, and who leaves through them.
    pub nats: Vec<NatUse>,
    /// Reserved addresses.
    pub addresses: Vec<AddressUse>,
    /// Keys that workloads need.
    pub keys: Vec<KeyUse>,
    /// Records that were read and could not be understood.
    pub malformed: Vec<(ScopeId, Gap)>,
}

/// Resolves an inventory.
pub fn resolve(inventory: &Inventory) -> Graph {
    let workloads = workload::workloads(inventory);
    Graph {
        taken_at: inventory.taken_at,
        nats: uses::nats(inventory, &workloads),
        addresses: uses::addresses(inventory),
        keys: uses::keys(inventory, &workloads),
        malformed: inventory.malformed.clone(),
        workloads,
    }
}
