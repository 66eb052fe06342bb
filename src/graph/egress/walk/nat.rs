//! NAT gateways: zonal and regional, public and private.

use super::{
    super::{Exit, ExitAddress, ExitKind, Family, Hop, Stop},
    Leg, Source, Step, Walker, routes,
    trail::Border,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
    model::{NatAddress, NatGateway, Subnet},
    snapshot::ScopeId,
};

impl<'a> Walker<'a> {
    pub(super) fn nat(&self, id: &str, subnet: Option<&'a Subnet>, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let nat = match self.aws.nat_gateways.get(&step.scope, id) {
            Known::Known(Some(nat)) => nat,
            Known::Known(None) => {
                return vec![Leg::stopped(step, Stop::NatMissing, format!("NAT gateway {id} does not exist"))];
            }
            Known::Unknown(gap) => return vec![Leg::lost(step, gap)],
        };
        let stop = |step: Step<'a>, stop, because: String| vec![Leg::stopped(step, stop, because)];
        if step.seen.contains(&nat.id) {
            let at = subnet.map_or_else(String::new, |subnet| format!("its subnet {} ", subnet.id));
            let because = format!("{at}sends the traffic of {id} back to {id}: it has no way to an internet gateway");
            return stop(step, Stop::NatInPrivateSubnet, because);
        }
        if nat.state != "available" {
            return stop(step, Stop::NatFailed, format!("NAT gateway {id} is {}", nat.state));
        }
        if nat.public && nat.addresses.is_empty() {
            return stop(step, Stop::NatWithoutAddress, format!("NAT gateway {id} has no public address that works"));
        }
        if step.nets.first().is_some_and(|net| Family::of(net) == Family::V6) {
            let gap = Gap::new(format!("what NAT gateway {id} does with IPv6"), GapReason::Unsupported);
            return vec![Leg::lost(step, gap)];
        }
        step.seen.push(nat.id.clone());
        step.hops.push(hop(nat));
        if nat.regional { self.regional(nat, step) } else { self.zonal(nat, step) }
    }

    fn zonal(&self, nat: &'a NatGateway, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let own = match nat.subnet.as_deref().map(|id| self.subnet_of(&step.scope, id)) {
            Some(Ok(own)) => own,
            Some(Err(gap)) => return vec![Leg::lost(step, gap)],
            None => {
                let gap = Gap::new(format!("the subnet of NAT gateway {}", nat.id), GapReason::Malformed);
                return vec![Leg::lost(step, gap)];
            }
        };
        let table = match routes::table_of(self.aws, &step.viewer, own) {
            Known::Known(table) => table,
            Known::Unknown(gap) => return vec![Leg::lost(step, gap)],
        };
        step.trail.answers = self.answers(table, Some(own), &step);
        step.trail.borders.push(Border {
            owner: step.scope.clone(),
            viewer: step.viewer.clone(),
            subnet: own,
            sources: std::mem::take(&mut step.from),
            role: Role::Translator,
        });
        step.source = if nat.public {
            Source::Translated(Box::new(self.exit(&step.scope, nat, Some(step.zone_of(own)))))
        } else {
            Source::PrivateNat(nat.id.clone())
        };
        step.trail.gates.clear();
        step.from = if nat.private.is_empty() { own.cidr.into_iter().collect() } else { nat.private.clone() };
        self.leave_subnet(own, step)
    }

    fn regional(&self, nat: &'a NatGateway, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let table = nat.route_table.as_deref().map(|id| self.aws.route_tables.get(&step.scope, id));
        let table = match table {
            Some(Known::Known(Some(table))) => table,
            Some(Known::Unknown(gap)) => return vec![Leg::lost(step, gap)],
            Some(Known::Known(None)) | None => {
                let gap = Gap::new(format!("the route table of regional NAT gateway {}", nat.id), GapReason::Malformed);
                return vec![Leg::lost(step, gap)];
            }
        };
        step.trail.answers = self.answers(table, None, &step);
        step.source = Source::Translated(Box::new(self.exit(&step.scope, nat, None)));
        step.trail.gates.clear();
        step.from.clone_from(&nat.private);
        self.by_table(table, None, step)
    }

    fn exit(&self, scope: &ScopeId, nat: &NatGateway, zone: Option<String>) -> Exit {
        let unread = nat.addresses.iter().find_map(|address| match &address.ip {
            Known::Unknown(gap) => Some(gap.clone()),
            Known::Known(_) => None,
        });
        let addresses = nat.addresses.iter().map(|address| ExitAddress {
            ip: shown(address),
            reserved: self.reserved(scope, nat, address.allocation.as_deref()),
            source: "eip",
            draining: false,
        });
        Exit {
            kind: ExitKind::Nat,
            id: Some(nat.id.clone()),
            zone,
            automatic: nat.automatic.clone(),
            addresses: addresses.collect(),
            addresses_gap: unread,
        }
    }

    /// An Elastic IP is kept by its owner, unless a service manages it.
    fn reserved(&self, scope: &ScopeId, nat: &NatGateway, allocation: Option<&str>) -> Known<bool> {
        let Some(allocation) = allocation else { return Known::Known(false) };
        // Services manage the addresses of regional gateways only.
        if !nat.regional {
            return Known::Known(true);
        }
        match self.aws.addresses.get(scope, allocation) {
            Known::Known(Some(address)) => Known::Known(address.service_managed.is_none()),
            // An address of a NAT in use exists; that a whole list lacks it means that it went in between.
            Known::Known(None) => Known::Unknown(Gap::new(format!("address {allocation}"), GapReason::GoneDuringScan)),
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }
}

/// An address, by the name of its Elastic IP where nobody knows it yet.
fn shown(address: &NatAddress) -> String {
    match &address.ip {
        Known::Known(ip) => ip.clone(),
        Known::Unknown(gap) => address.allocation.clone().unwrap_or_else(|| gap.what.to_string()),
    }
}

fn hop(nat: &NatGateway) -> Hop {
    let mut about = vec![nat.state.clone(), if nat.public { "public".into() } else { "private".into() }];
    if nat.regional {
        about.push("regional".into());
    }
    Hop {
        kind: "nat-gateway",
        id: nat.id.clone(),
        about: about.join(", "),
        decision: match &nat.subnet {
            Some(subnet) => format!("its subnet {subnet}"),
            None => format!("its table {}", nat.route_table.as_deref().unwrap_or("(not named)")),
        },
        because: match nat.addresses.as_slice() {
            [] => "translates to a private address".into(),
            addresses => {
                let ips: Vec<_> = addresses.iter().map(shown).collect();
                format!("translates to {}", ips.join(", "))
            }
        },
    }
}
