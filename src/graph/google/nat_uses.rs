//! Who leaves through a NAT, who passes it by, and whether it has ports for all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{nat::name_of, place::last, uses::Shared};
use crate::{
    evidence::{Gap, Known},
    graph::{NatUse, Ports, egress::End},
    model::google::{AllocateOption, NetworkNat, ReservedAddress, Router},
};

/// How many ports an address of a NAT has for each protocol.
const PORTS_PER_ADDRESS: i64 = 64_512;

impl Shared<'_> {
    /// Every NAT that serves machines, and who leaves through it.
    pub(super) fn nats(&self) -> Vec<NatUse> {
        let mut skipped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut unknown = self.unread.clone();
        for workload in &self.workloads {
            match &workload.egress.skipped_nat {
                Known::Known(Some(nat)) => skipped.entry(nat).or_default().push(workload.name.clone()),
                Known::Known(None) => {}
                Known::Unknown(gap) => unknown = unknown.or_else(|| Some(gap.clone())),
            }
            unknown = unknown.or_else(|| {
                workload.egress.paths.iter().find_map(|path| match &path.end {
                    End::Unknown(gap) => Some(gap.clone()),
                    _ => None,
                })
            });
        }
        let nats = self.google.routers.iter().flat_map(|(_, router)| router.nats.iter().map(move |nat| (router, nat)));
        let nats = nats.filter(|(_, nat)| nat.public && nat.for_machines).map(|(router, nat)| {
            let id = name_of(router, nat);
            NatUse {
                name: nat.name.clone(),
                scope: router.place.scope(),
                state: "available".into(),
                automatic: Known::Known(nat.allocation == AllocateOption::Automatic),
                workloads: self.through.of("nat-gateway", &id).iter().map(|workload| workload.name.clone()).collect(),
                incomplete: unknown.clone(),
                logging: nat.logging.clone().map(Some),
                draining: self.draining(router, nat),
                missing_addresses: Some(self.missing(router, nat)),
                ports: Some(self.ports(&id, nat, unknown.as_ref())),
                skipped_by: skipped.get(id.as_str()).cloned().unwrap_or_default(),
                id,
            }
        });
        nats.collect()
    }

    fn draining(&self, router: &Router, nat: &NetworkNat) -> Vec<String> {
        let names = nat.draining.iter().chain(nat.rules.iter().flat_map(|rule| &rule.draining));
        let ip = |name: &String| match self.google.addresses.get(&router.place.scope(), name) {
            Known::Known(Some(ReservedAddress { ip: Known::Known(ip), .. })) => ip.clone(),
            _ => last(name).to_owned(),
        };
        names.map(ip).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The ports of a NAT. Its endpoints are the machines of connectors, and the instances that have interfaces.
    fn ports(&self, id: &str, nat: &NetworkNat, unknown: Option<&Gap>) -> Ports {
        let mut endpoints = Some(0_i64);
        let mut unknown = unknown.cloned().or_else(|| nat.addresses_gap.clone());
        let mut connectors = BTreeSet::new();
        for workload in self.through.of("nat-gateway", id) {
            let named = workload.egress.paths.iter().flat_map(|path| &path.hops).filter(|hop| hop.kind == "connector");
            let named: Vec<&str> = named.map(|hop| hop.id.as_str()).collect();
            let more = if named.is_empty() {
                limit(workload.google.as_ref().map(|side| &side.max_instances), &mut unknown)
            } else {
                let new: Vec<_> = named.into_iter().filter(|name| connectors.insert(name.to_owned())).collect();
                new.into_iter().map(|name| limit(self.machines(name), &mut unknown)).sum::<Option<i64>>()
            };
            endpoints = endpoints.zip(more).map(|(sum, more)| sum + more);
        }
        let addresses = i64::try_from(nat.addresses.len()).unwrap_or(i64::MAX);
        Ports {
            needed: match unknown {
                Some(gap) => Known::Unknown(gap),
                None => Known::Known(endpoints.map(|endpoints| endpoints * i64::from(nat.min_ports))),
            },
            available: (nat.allocation == AllocateOption::Manual && addresses > 0)
                .then(|| addresses * PORTS_PER_ADDRESS),
        }
    }

    /// How many machines the connector of that name may have.
    fn machines(&self, short: &str) -> Option<&Known<Option<u32>>> {
        self.connectors.get(short)?.first().map(|connector| &connector.max_instances)
    }

    fn missing(&self, router: &Router, nat: &NetworkNat) -> Known<i64> {
        match self.google.router_status.get(&router.place.scope(), &router.name) {
            Known::Known(Some(Some(status))) => {
                let own = status.nats.iter().find(|status| status.name == nat.name);
                Known::Known(own.map_or(0, |status| status.missing_addresses))
            }
            Known::Known(_) => Known::Known(0),
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }
}

/// A limit, where there is one; what is not known is noted.
fn limit(limit: Option<&Known<Option<u32>>>, unknown: &mut Option<Gap>) -> Option<i64> {
    match limit? {
        Known::Known(limit) => limit.map(i64::from),
        Known::Unknown(gap) => {
            unknown.get_or_insert_with(|| gap.clone());
            None
        }
    }
}
