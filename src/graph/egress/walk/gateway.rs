//! What the targets of routes do with a packet.

use super::{
    super::{End, Exit, ExitAddress, ExitKind, Family, Hop, Stop},
    Leg, Source, Step, Translator, Walker,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{NatGateway, NetworkInterface, Subnet},
    snapshot::ScopeId,
};

impl<'a> Walker<'a> {
    /// The scope in which the things of a subnet are seen: its owner's, where a VPC is shared.
    fn owner(step: &Step<'a>, subnet: Option<&Subnet>) -> ScopeId {
        let account = subnet.map_or(&step.scope.account, |subnet| &subnet.owner);
        ScopeId { account: account.clone(), ..step.scope.clone() }
    }

    pub(super) fn internet_gateway(&self, id: &str, vpc: &str, subnet: Option<&Subnet>, mut step: Step<'a>) -> Leg {
        let family = step.nets.first().map_or(Family::V4, Family::of);
        let exit = match (&step.source, family) {
            (Source::Function, Family::V4) => {
                let at = subnet.map_or_else(String::new, |subnet| format!("subnet {} ", subnet.id));
                let because = format!("{at}sends it to internet gateway {id}, and a function has no public address");
                return Leg::stopped(step.nets, step.hops, Stop::PublicSubnet, because);
            }
            (Source::PrivateNat(nat), _) => {
                let because = format!("{nat} is private: internet gateway {id} drops what bears a private address");
                return Leg::stopped(step.nets, step.hops, Stop::PrivateNat, because);
            }
            (Source::Translated(translator), _) => translator.exit.clone(),
            (Source::Function, Family::V6) => prefixes(ExitKind::InternetGateway, id, subnet),
        };
        let attached = match self.aws.internet_gateways.get(step.scope, id) {
            Known::Known(Some(gateway)) => gateway.attached.iter().any(|own| own == vpc),
            Known::Known(None) if subnet.is_some_and(|subnet| subnet.owner != step.scope.account) => {
                let gap = Gap::new(format!("internet gateway {id} of another account"), GapReason::NotRead);
                return Leg::lost(step.nets, step.hops, gap);
            }
            Known::Known(None) => {
                let because = format!("internet gateway {id} does not exist");
                return Leg::stopped(step.nets, step.hops, Stop::GatewayMissing, because);
            }
            Known::Unknown(gap) => return Leg::lost(step.nets, step.hops, gap),
        };
        if !attached {
            let because = format!("internet gateway {id} is not attached to {vpc}");
            return Leg::stopped(step.nets, step.hops, Stop::GatewayDetached, because);
        }
        step.hops.push(Hop {
            kind: "internet-gateway",
            id: id.into(),
            about: String::new(),
            decision: "the internet".into(),
            because: format!("attached to {vpc}"),
        });
        let far = match &step.source {
            Source::Translated(translator) => translator.subnet.clone(),
            Source::Function | Source::PrivateNat(_) => None,
        };
        let border = Some((vpc.to_owned(), subnet.map(|subnet| subnet.id.clone())));
        Leg { nets: step.nets, hops: step.hops, end: End::Internet(exit), far, border }
    }

    pub(super) fn egress_only(&self, id: &str, vpc: &str, subnet: Option<&Subnet>, mut step: Step<'a>) -> Leg {
        let owner = Self::owner(&step, subnet);
        match self.aws.egress_only_gateways.get(&owner, id) {
            Known::Unknown(gap) => Leg::lost(step.nets, step.hops, gap),
            Known::Known(None) => {
                let because = format!("egress-only internet gateway {id} does not exist");
                Leg::stopped(step.nets, step.hops, Stop::GatewayMissing, because)
            }
            Known::Known(Some(gateway)) if !gateway.attached.iter().any(|own| own == vpc) => {
                let because = format!("egress-only internet gateway {id} is not attached to {vpc}");
                Leg::stopped(step.nets, step.hops, Stop::GatewayDetached, because)
            }
            Known::Known(Some(_)) => {
                step.hops.push(Hop {
                    kind: "egress-only-internet-gateway",
                    id: id.into(),
                    about: String::new(),
                    decision: "the internet, over IPv6".into(),
                    because: format!("attached to {vpc}"),
                });
                let exit = prefixes(ExitKind::EgressOnlyGateway, id, subnet);
                let border = Some((vpc.to_owned(), subnet.map(|subnet| subnet.id.clone())));
                Leg { nets: step.nets, hops: step.hops, end: End::Internet(exit), far: None, border }
            }
        }
    }

    pub(super) fn nat(&self, id: &str, subnet: Option<&Subnet>, mut step: Step<'a>) -> Vec<Leg> {
        let stop = |step: Step<'a>, stop, because: String| vec![Leg::stopped(step.nets, step.hops, stop, because)];
        let owner = Self::owner(&step, subnet);
        let nat = match self.aws.nat_gateways.get(&owner, id) {
            Known::Known(Some(nat)) => nat,
            Known::Known(None) => return stop(step, Stop::NatMissing, format!("NAT gateway {id} does not exist")),
            Known::Unknown(gap) => return vec![Leg::lost(step.nets, step.hops, gap)],
        };
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
        step.seen.push(nat.id.clone());
        step.hops.push(hop(nat));
        if nat.regional {
            return self.regional(nat, step);
        }
        let own = match nat.subnet.as_deref().map(|id| self.aws.subnets.get(&owner, id)) {
            Some(Known::Known(Some(own))) => own,
            Some(Known::Unknown(gap)) => return vec![Leg::lost(step.nets, step.hops, gap)],
            Some(Known::Known(None)) | None => {
                let gap = Gap::new(format!("the subnet of NAT gateway {id}"), GapReason::Malformed);
                return vec![Leg::lost(step.nets, step.hops, gap)];
            }
        };
        step.source = if nat.public {
            let exit = self.exit(&owner, nat, Some(own.zone.clone()));
            Source::Translated(Box::new(Translator { exit, subnet: Some(own.id.clone()) }))
        } else {
            Source::PrivateNat(nat.id.clone())
        };
        self.leave_subnet(own, step)
    }

    fn regional(&self, nat: &'a NatGateway, mut step: Step<'a>) -> Vec<Leg> {
        let table = nat.route_table.as_deref().map(|id| self.aws.route_tables.get(step.scope, id));
        let table = match table {
            Some(Known::Known(Some(table))) => table,
            Some(Known::Unknown(gap)) => return vec![Leg::lost(step.nets, step.hops, gap)],
            Some(Known::Known(None)) | None => {
                let gap = Gap::new(format!("the route table of regional NAT gateway {}", nat.id), GapReason::Malformed);
                return vec![Leg::lost(step.nets, step.hops, gap)];
            }
        };
        let exit = self.exit(step.scope, nat, None);
        step.source = Source::Translated(Box::new(Translator { exit, subnet: None }));
        self.by_table(table, None, step)
    }

    fn exit(&self, scope: &ScopeId, nat: &NatGateway, zone: Option<String>) -> Exit {
        let addresses = nat.addresses.iter().map(|address| ExitAddress {
            ip: address.ip.clone(),
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
            addresses_gap: None,
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

    pub(super) fn instance(&self, id: &str, step: Step<'a>) -> Vec<Leg> {
        let of_instance = |interface: &NetworkInterface| interface.instance.as_deref() == Some(id);
        let listing = self.aws.network_interfaces.list(step.scope, of_instance);
        match (listing.items.as_slice(), listing.incomplete) {
            (_, Some(gap)) => vec![Leg::lost(step.nets, step.hops, gap)],
            ([only], None) => self.interface(&only.id.clone(), step),
            ([], None) => {
                let because = format!("instance {id} has no network interface");
                vec![Leg::stopped(step.nets, step.hops, Stop::Instance, because)]
            }
            (_, None) => {
                let gap = Gap::new(format!("which interface of instance {id} a route means"), GapReason::Unsupported);
                vec![Leg::lost(step.nets, step.hops, gap)]
            }
        }
    }

    pub(super) fn interface(&self, id: &str, mut step: Step<'a>) -> Vec<Leg> {
        let stop = |step: Step<'a>, stop, because: String| vec![Leg::stopped(step.nets, step.hops, stop, because)];
        let interface = match self.aws.network_interfaces.get(step.scope, id) {
            Known::Known(Some(interface)) => interface,
            Known::Known(None) => {
                return stop(step, Stop::Instance, format!("network interface {id} does not exist"));
            }
            Known::Unknown(gap) => return vec![Leg::lost(step.nets, step.hops, gap)],
        };
        if step.seen.contains(&interface.id) {
            return stop(step, Stop::Loop, format!("the routes come back to network interface {id}"));
        }
        match interface.source_dest_check {
            Some(false) => {}
            Some(true) => {
                let because = format!("network interface {id} checks source and destination, and so forwards nothing");
                return stop(step, Stop::Instance, because);
            }
            None => {
                let gap = Gap::new(format!("whether network interface {id} forwards"), GapReason::UnknownValue);
                return vec![Leg::lost(step.nets, step.hops, gap)];
            }
        }
        if !interface.in_use {
            return stop(step, Stop::Instance, format!("network interface {id} is attached to nothing"));
        }
        let Some(public) = &interface.public else {
            // Without an address of its own an appliance may still hand the traffic on, where nobody can see.
            let gap = Gap::new(format!("what lies beyond network interface {id}"), GapReason::Unsupported);
            return vec![Leg::lost(step.nets, step.hops, gap)];
        };
        let own = match self.aws.subnets.get(step.scope, &interface.subnet) {
            Known::Known(Some(own)) => own,
            Known::Known(None) => {
                let gap = Gap::new(format!("subnet {}", interface.subnet), GapReason::GoneDuringScan);
                return vec![Leg::lost(step.nets, step.hops, gap)];
            }
            Known::Unknown(gap) => return vec![Leg::lost(step.nets, step.hops, gap)],
        };
        step.seen.push(interface.id.clone());
        let instance = interface.instance.clone().unwrap_or_else(|| interface.id.clone());
        step.hops.push(Hop {
            kind: "instance",
            id: instance.clone(),
            about: format!("{} with {}", interface.id, public.ip),
            decision: format!("its subnet {}", own.id),
            because: "it does not check source and destination; whether it translates cannot be seen".into(),
        });
        let exit = Exit {
            kind: ExitKind::Instance,
            id: Some(instance),
            zone: Some(own.zone.clone()),
            automatic: Known::Known(false),
            addresses: vec![ExitAddress {
                ip: public.ip.clone(),
                reserved: Known::Known(public.elastic),
                source: "instance",
                draining: false,
            }],
            addresses_gap: None,
        };
        step.source = Source::Translated(Box::new(Translator { exit, subnet: Some(own.id.clone()) }));
        self.leave_subnet(own, step)
    }

    /// A gateway endpoint is the way of one service. One of a gateway load balancer inspects, out of our sight.
    pub(super) fn endpoint(&self, id: &str, step: Step<'a>) -> Leg {
        let gap = match self.aws.vpc_endpoints.get(step.scope, id) {
            Known::Unknown(gap) => gap,
            Known::Known(_) => Gap::new(format!("what lies beyond VPC endpoint {id}"), GapReason::Unsupported),
        };
        Leg::lost(step.nets, step.hops, gap)
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
                let ips: Vec<_> = addresses.iter().map(|address| address.ip.as_str()).collect();
                format!("translates to {}", ips.join(", "))
            }
        },
    }
}

/// Over IPv6 nothing is translated: the other side sees the subnet's own prefix.
fn prefixes(kind: ExitKind, id: &str, subnet: Option<&Subnet>) -> Exit {
    let prefixes = subnet.into_iter().flat_map(|subnet| &subnet.ipv6);
    let addresses = prefixes.map(|prefix| ExitAddress {
        ip: prefix.to_string(),
        reserved: Known::Known(true),
        source: "subnet-prefix",
        draining: false,
    });
    Exit {
        kind,
        id: Some(id.into()),
        zone: None,
        automatic: Known::Known(false),
        addresses: addresses.collect(),
        addresses_gap: None,
    }
}
