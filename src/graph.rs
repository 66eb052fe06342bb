//! Paths, doors, invokers and keys: what the estate means.

mod by;
mod doors;
pub mod egress;
mod exposure;
pub mod google;
mod identity;
mod intent;
pub mod invoke;
mod keys;
mod layers;
mod lock;
mod network;
mod organizations;
mod policy;
mod role;
mod running;
mod toward;
mod uses;
mod workload;

use std::sync::Arc;

use jiff::Timestamp;

use crate::{evidence::Gap, model::Inventory, snapshot::ScopeId};

pub use by::{MayCall, OwnCaller, may_call, own_callers};
pub use doors::{Calls, Door, DoorKind, DoorRoute, Doors, Target};
pub use exposure::Exposure;
use google::{AccountUse, ConnectorUse, DoorUse, PoolUse, ProjectUse};
pub use identity::{Able, Identities, May};
pub use intent::{Declared, Intent, Trusted, Whose};
pub use invoke::Invoke;
pub use keys::KeyNeed;
pub use layers::LayerShare;
pub use lock::{Changed, Lock, Locked};
pub use network::{Network, Place};
pub use organizations::Organizations;
pub use role::{LayerUse, Role, SelfGranting};
pub use toward::toward;
pub use uses::{AddressUse, KeyUse, NatUse, Ports};
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
    /// Connectors into networks.
    pub connectors: Vec<ConnectorUse>,
    /// Load balancers before workloads of Google Cloud.
    pub fronts: Vec<DoorUse>,
    /// Layers of AWS accounts.
    pub layers: Vec<LayerShare>,
    /// Doors before functions of AWS.
    pub doors: Vec<Door>,
    /// The identities of AWS accounts.
    pub identities: Identities,
    /// Service accounts that may invoke.
    pub accounts: Vec<AccountUse>,
    /// Workload identity pools that may invoke.
    pub pools: Vec<PoolUse>,
    /// Projects with functions.
    pub projects: Vec<ProjectUse>,
    /// To which organisations accounts and projects belong.
    pub organizations: Arc<Organizations>,
    /// Records that were read and could not be understood.
    pub malformed: Vec<(ScopeId, Gap)>,
}

impl Graph {
    /// Compares every workload with what partners were told.
    pub fn compare(&mut self, lock: &Lock) {
        for workload in &mut self.workloads {
            workload.changed = lock.compare(workload);
        }
    }
}

/// Resolves an inventory.
pub fn resolve(inventory: &Inventory) -> Graph {
    let (doors, identities) = rayon::join(|| Doors::of(&inventory.aws), || Identities::of(&inventory.aws));
    let workloads = workload::workloads(inventory, &doors, &identities);
    let of_aws = || {
        let (nats, addresses) = (uses::nats(inventory, &workloads), uses::addresses(inventory));
        (nats, addresses, uses::keys(inventory, &workloads), layers::layers(&inventory.aws))
    };
    let (shared, (nats, addresses, keys, layers)) = rayon::join(|| google::uses(inventory, &workloads), of_aws);
    Graph {
        taken_at: inventory.taken_at,
        nats: nats.into_iter().chain(shared.nats).collect(),
        addresses: addresses.into_iter().chain(shared.addresses).collect(),
        keys: keys.into_iter().chain(shared.keys).collect(),
        connectors: shared.connectors,
        fronts: shared.doors,
        doors: doors.list,
        layers,
        identities,
        accounts: shared.accounts,
        pools: shared.pools,
        projects: shared.projects,
        organizations: Arc::new(Organizations::of(inventory)),
        malformed: inventory.malformed.clone(),
        workloads,
    }
}
