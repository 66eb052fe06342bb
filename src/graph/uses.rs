//! What workloads share: NAT gateways, addresses and keys, and who uses them.

use super::{Workload, egress::End, keys};
use crate::{
    evidence::{Gap, Known},
    model::{Inventory, Rotation},
    snapshot::{Cloud, ScopeId},
};

/// A NAT gateway, and who leaves through it.
#[derive(Debug)]
pub struct NatUse {
    /// Its id.
    pub id: String,
    /// Its name, or its id.
    pub name: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// Its state.
    pub state: String,
    /// Whether it may take further addresses by itself.
    pub automatic: Known<bool>,
    /// The workloads that leave through it.
    pub workloads: Vec<String>,
    /// Why there may be others.
    pub incomplete: Option<Gap>,
    /// Whether it logs; none where the cloud has no such setting.
    pub logging: Known<Option<bool>>,
    /// The addresses that it is giving up.
    pub draining: Vec<String>,
    /// How many more addresses it needs; none where the cloud does not tell.
    pub missing_addresses: Option<Known<i64>>,
    /// How many ports it has, and how many it may have to give; none where the cloud has no such limit.
    pub ports: Option<Ports>,
    /// The workloads that are in its network and send the internet's traffic past it.
    pub skipped_by: Vec<String>,
}

/// The ports of a NAT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// How many the endpoints behind it may be given at once; none where their number has no known limit.
    pub needed: Known<Option<i64>>,
    /// How many its addresses have for one protocol; none where it takes addresses by itself, or has none.
    pub available: Option<i64>,
}

/// A reserved address.
#[derive(Debug)]
pub struct AddressUse {
    /// Its id.
    pub id: String,
    /// Its name, or its id.
    pub name: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// The address.
    pub ip: Known<String>,
    /// Whether something uses it.
    pub used: Known<bool>,
}

/// A key, and who needs it.
#[derive(Debug)]
pub struct KeyUse {
    /// Its ARN, or the name that workloads use where that is all that is known.
    pub id: String,
    /// The last part of that.
    pub name: String,
    /// Where it is used.
    pub scope: ScopeId,
    /// Whether the customer manages it.
    pub customer_managed: Known<bool>,
    /// Its state.
    pub state: Known<String>,
    /// Whether it can decrypt.
    pub usable: Known<bool>,
    /// Its rotation.
    pub rotation: Known<Rotation>,
    /// When it, or a version of it, will be destroyed; none where that is not scheduled.
    pub destroyed_on: Known<Option<String>>,
    /// Whether anyone may use it; none where this version does not judge it.
    pub public: Option<Known<bool>>,
    /// The workloads that need it.
    pub workloads: Vec<String>,
    /// Why there may be others.
    pub incomplete: Option<Gap>,
}

/// Every NAT gateway that may still pass traffic.
pub(super) fn nats(inventory: &Inventory, workloads: &[Workload]) -> Vec<NatUse> {
    // Those that were deleted linger in answers for an hour.
    let gone = |state: &str| matches!(state, "deleted" | "deleting");
    let nats = inventory.aws.nat_gateways.iter().filter(|(_, nat)| !gone(&nat.state));
    let nats = nats.map(|(scope, nat)| {
        let through = |workload: &&Workload| {
            let mut hops = workload.egress.paths.iter().flat_map(|path| &path.hops);
            hops.any(|hop| hop.kind == "nat-gateway" && hop.id == nat.id)
        };
        NatUse {
            id: nat.id.clone(),
            name: nat.name.clone().unwrap_or_else(|| nat.id.clone()),
            scope: scope.clone(),
            state: nat.state.clone(),
            automatic: nat.automatic.clone(),
            workloads: workloads.iter().filter(through).map(|workload| workload.name.clone()).collect(),
            incomplete: unread_functions(inventory, scope).or_else(|| unknown_path(workloads)),
            logging: Known::Known(None),
            draining: Vec::new(),
            missing_addresses: None,
            ports: None,
            skipped_by: Vec::new(),
        }
    });
    nats.collect()
}

fn unread_functions(inventory: &Inventory, scope: &ScopeId) -> Option<Gap> {
    inventory.aws.functions.list(scope, |_| false).incomplete
}

/// A path that may lead through any NAT: those of other accounts reach it by transit gateways.
fn unknown_path(workloads: &[Workload]) -> Option<Gap> {
    let paths = workloads.iter().filter(|it| it.scope.cloud == Cloud::Aws).flat_map(|it| &it.egress.paths);
    let mut unknown = paths.filter_map(|path| match &path.end {
        End::Unknown(gap) | End::Elsewhere { gap, .. } => Some(gap.clone()),
        End::Internet(_) | End::Inside { .. } | End::Nowhere { .. } => None,
    });
    unknown.next()
}

/// Every reserved address.
pub(super) fn addresses(inventory: &Inventory) -> Vec<AddressUse> {
    let addresses = inventory.aws.addresses.iter().map(|(scope, address)| AddressUse {
        id: address.id.clone(),
        name: address.name.clone().unwrap_or_else(|| address.id.clone()),
        scope: scope.clone(),
        ip: address.ip.clone(),
        used: address.used.clone(),
    });
    addresses.collect()
}

/// Every key that a workload names.
pub(super) fn keys(inventory: &Inventory, workloads: &[Workload]) -> Vec<KeyUse> {
    let keys = inventory.aws.keys.iter().map(|((scope, named), key)| {
        let needs =
            |workload: &&Workload| workload.scope == *scope && workload.keys.iter().any(|need| need.name == *named);
        let id = match &key.arn {
            Known::Known(arn) => arn.clone(),
            Known::Unknown(_) => named.clone(),
        };
        let unread = workloads.iter().filter(|it| it.scope == *scope).find_map(|it| it.keys_gap.clone());
        KeyUse {
            name: id.rsplit('/').next().unwrap_or(&id).to_owned(),
            id,
            scope: scope.clone(),
            customer_managed: key.customer_managed.clone(),
            state: key.state.clone().map(|state| state.unwrap_or_else(|| "does not exist".into())),
            usable: keys::usable(key),
            rotation: key.rotation.clone(),
            destroyed_on: match &key.state {
                Known::Known(Some(state)) if state.starts_with("Pending") && state.ends_with("Deletion") => {
                    key.until.clone()
                }
                Known::Known(_) => Known::Known(None),
                Known::Unknown(gap) => Known::Unknown(gap.clone()),
            },
            public: None,
            workloads: workloads.iter().filter(needs).map(|workload| workload.name.clone()).collect(),
            incomplete: unread_functions(inventory, scope).or(unread),
        }
    });
    keys.collect()
}
