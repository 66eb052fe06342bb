//! What workloads share: NAT gateways, addresses and keys, and who uses them.

use std::collections::{BTreeMap, BTreeSet};

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
    let (through, unknown) = (Through::new(workloads), unknown_path(workloads));
    let nats = nats.map(|(scope, nat)| {
        let users = through.of("nat-gateway", &nat.id).iter();
        NatUse {
            id: nat.id.clone(),
            name: nat.name.clone().unwrap_or_else(|| nat.id.clone()),
            scope: scope.clone(),
            state: nat.state.clone(),
            automatic: nat.automatic.clone(),
            workloads: users.map(|workload| workload.name.clone()).collect(),
            incomplete: unread_functions(inventory, scope).or_else(|| unknown.clone()),
            logging: Known::Known(None),
            draining: Vec::new(),
            missing_addresses: None,
            ports: None,
            skipped_by: Vec::new(),
        }
    });
    nats.collect()
}

/// Who leaves through what, by the kind and the id of a hop.
pub(super) struct Through<'a>(BTreeMap<&'static str, BTreeMap<&'a str, Vec<&'a Workload>>>);

impl<'a> Through<'a> {
    pub(super) fn new(workloads: impl IntoIterator<Item = &'a Workload>) -> Self {
        let mut through: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for workload in workloads {
            let hops = workload.egress.paths.iter().flat_map(|path| &path.hops);
            for (kind, id) in hops.map(|hop| (hop.kind, hop.id.as_str())).collect::<BTreeSet<_>>() {
                through.entry(kind).or_default().entry(id).or_default().push(workload);
            }
        }
        Self(through)
    }

    /// Those of one hop, in their order.
    pub(super) fn of(&self, kind: &str, id: &str) -> &[&'a Workload] {
        self.0.get(kind).and_then(|ids| ids.get(id)).map_or(&[], Vec::as_slice)
    }
}

fn unread_functions(inventory: &Inventory, scope: &ScopeId) -> Option<Gap> {
    inventory.aws.functions.incomplete(scope)
}

/// A path that may lead through any NAT: those of other accounts reach it by transit gateways.
fn unknown_path(workloads: &[Workload]) -> Option<Gap> {
    let paths = workloads.iter().filter(|it| it.scope.cloud == Cloud::Aws).flat_map(|it| it.egress.paths.iter());
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
    let mut users: BTreeMap<(&ScopeId, &str), Vec<&Workload>> = BTreeMap::new();
    let mut gaps: BTreeMap<&ScopeId, &Gap> = BTreeMap::new();
    for workload in workloads {
        for name in workload.keys.iter().map(|need| need.name.as_str()).collect::<BTreeSet<_>>() {
            users.entry((&workload.scope, name)).or_default().push(workload);
        }
        if let Some(gap) = &workload.keys_gap {
            gaps.entry(&workload.scope).or_insert(gap);
        }
    }
    let keys = inventory.aws.keys.iter().map(|((scope, named), key)| {
        let users = users.get(&(scope, named.as_str())).into_iter().flatten();
        let id = match &key.arn {
            Known::Known(arn) => arn.clone(),
            Known::Unknown(_) => named.clone(),
        };
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
            workloads: users.map(|workload| workload.name.clone()).collect(),
            incomplete: unread_functions(inventory, scope).or_else(|| gaps.get(scope).map(|gap| (*gap).clone())),
        }
    });
    keys.collect()
}
