//! The walk through an AWS network: from a subnet, route by route, until the packet is on the internet or is stopped.

mod gateway;
mod passage;
mod routes;

pub(in crate::graph) use routes::table_of;

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::{Bypass, Egress, End, Exit, ExitKind, Family, Hop, Passage, Path, Stop, partition::partition, verdict};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::{public_ipv4, public_ipv6},
    model::{Attachment, Aws, Configuration, Route, RouteState, RouteTable, Subnet, Target},
    snapshot::ScopeId,
};

/// Walks the networks of AWS, each attachment once.
#[derive(Debug)]
pub struct Walker<'a> {
    aws: &'a Aws,
    done: BTreeMap<(&'a ScopeId, &'a Attachment), Egress>,
}

/// Where a leg of a walk comes from, which decides what an internet gateway does with it.
#[derive(Debug, Clone)]
enum Source {
    /// An interface of a function: it never has a public address.
    Function,
    /// Something that has put a public address on the packets.
    Translated(Box<Translator>),
    /// A private NAT gateway, which has put a private one on them.
    PrivateNat(String),
}

/// What put a public address on the packets, and where it stands.
#[derive(Debug, Clone)]
struct Translator {
    exit: Exit,
    /// The subnet whose border the packets cross on their way to the internet gateway.
    subnet: Option<String>,
}

/// A part of the destinations, followed to its end.
#[derive(Debug)]
struct Leg {
    nets: Vec<IpNet>,
    hops: Vec<Hop>,
    end: End,
    /// The subnet of the NAT, where it is another one than the workload's.
    far: Option<String>,
    /// The VPC and the subnet whose traffic crosses to an internet gateway.
    border: Option<(String, Option<String>)>,
}

impl Leg {
    fn stopped(nets: Vec<IpNet>, hops: Vec<Hop>, stop: Stop, because: impl Into<String>) -> Self {
        Self { nets, hops, end: End::Nowhere { stop, because: because.into() }, far: None, border: None }
    }

    fn lost(nets: Vec<IpNet>, hops: Vec<Hop>, gap: Gap) -> Self {
        Self { nets, hops, end: End::Unknown(gap), far: None, border: None }
    }
}

/// Where a walk is, and how it came there.
#[derive(Debug, Clone)]
struct Step<'a> {
    scope: &'a ScopeId,
    nets: Vec<IpNet>,
    hops: Vec<Hop>,
    source: Source,
    /// The NATs and interfaces that the walk went through.
    seen: Vec<String>,
}

impl<'a> Walker<'a> {
    /// A walker over an estate.
    pub fn new(aws: &'a Aws) -> Self {
        Self { aws, done: BTreeMap::new() }
    }

    /// Where a function's traffic leaves, at one version.
    pub fn egress(&mut self, scope: &'a ScopeId, at: &'a Configuration) -> Egress {
        if let Some(provider) = &at.capacity_provider {
            let gap = Gap::new(format!("the network of capacity provider {provider}"), GapReason::Unsupported);
            return elsewhere("capacity-provider", End::Unknown(gap));
        }
        let Some(attachment) = &at.attachment else {
            let exit = Exit {
                kind: ExitKind::Platform,
                id: None,
                zone: None,
                automatic: Known::Known(true),
                addresses: Vec::new(),
                addresses_gap: None,
            };
            return elsewhere(if at.edge_replica { "edge" } else { "platform" }, End::Internet(exit));
        };
        if let Some(egress) = self.done.get(&(scope, attachment)) {
            return egress.clone();
        }
        let egress = self.attached(scope, attachment);
        self.done.insert((scope, attachment), egress.clone());
        egress
    }

    fn attached(&self, scope: &'a ScopeId, attachment: &Attachment) -> Egress {
        let mut paths = Vec::new();
        for id in &attachment.subnets {
            let subnet = match self.aws.subnets.get(scope, id) {
                Known::Known(Some(subnet)) => Ok(subnet),
                Known::Known(None) => Err(Gap::new(format!("subnet {id}"), GapReason::GoneDuringScan)),
                Known::Unknown(gap) => Err(gap),
            };
            let subnet = match subnet {
                Ok(subnet) => subnet,
                Err(gap) => {
                    // It may have IPv6 as well, where the function may use it.
                    let families = [Some(Family::V4), Some(Family::V6).filter(|_| attachment.dual_stack)];
                    paths.extend(families.into_iter().flatten().map(|family| unknown(id, family, &gap)));
                    continue;
                }
            };
            paths.extend(self.paths(scope, subnet, attachment, Family::V4, public_ipv4()));
            if attachment.dual_stack && !subnet.ipv6.is_empty() {
                paths.extend(self.paths(scope, subnet, attachment, Family::V6, public_ipv6()));
            }
        }
        let (bypasses, bypass_gap) = self.bypasses(scope, attachment);
        Egress { verdict: verdict(&paths), paths, bypasses, bypass_gap, skipped_nat: Known::Known(None) }
    }

    /// The paths of one family out of one subnet.
    fn paths(
        &self,
        scope: &'a ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        family: Family,
        destinations: &[IpNet],
    ) -> Vec<Path> {
        let step =
            Step { scope, nets: destinations.to_vec(), hops: Vec::new(), source: Source::Function, seen: Vec::new() };
        let legs: Vec<Leg> = self.leave_subnet(subnet, step).into_iter().collect();
        let several = legs.len() > 1;
        let paths = legs.into_iter().enumerate().map(|(index, leg)| {
            let passage = match &leg.end {
                End::Internet(_) => self.passage(scope, subnet, attachment, family, &leg),
                End::Nowhere { .. } | End::Elsewhere { .. } | End::Unknown(_) => Known::Known(Passage::Open),
            };
            let ordinal = if index == 0 { String::new() } else { format!("#{}", index + 1) };
            Path {
                id: format!("{}/{}{ordinal}", subnet.id, family.as_str()),
                family,
                from: subnet.id.clone(),
                zone: Some(subnet.zone.clone()),
                destinations: if several { leg.nets } else { Vec::new() },
                hops: leg.hops,
                end: leg.end,
                passage,
            }
        });
        paths.collect()
    }

    /// Follows destinations from a subnet, by the table that the subnet uses.
    fn leave_subnet(&self, subnet: &'a Subnet, mut step: Step<'a>) -> Vec<Leg> {
        match routes::table_of(self.aws, step.scope, subnet) {
            Known::Known(table) => {
                step.hops.push(Hop {
                    kind: "subnet",
                    id: subnet.id.clone(),
                    about: describe(subnet),
                    decision: String::new(),
                    because: String::new(),
                });
                self.by_table(table, Some(subnet), step)
            }
            Known::Unknown(gap) => vec![Leg::lost(step.nets, step.hops, gap)],
        }
    }

    /// Follows destinations by a route table: every slice of them its own way.
    fn by_table(&self, table: &'a RouteTable, subnet: Option<&'a Subnet>, step: Step<'a>) -> Vec<Leg> {
        let candidates = match self.candidates(step.scope, table) {
            Ok(candidates) => candidates,
            Err(gap) => return vec![Leg::lost(step.nets, step.hops, gap)],
        };
        let slices = partition(&step.nets, &candidates);
        let mut legs = Vec::new();
        for slice in slices {
            // Public ranges that a VPC uses inside itself are not the internet.
            if slice.route.is_some_and(|route| route.target == Target::Local) {
                continue;
            }
            let mut step = Step { nets: slice.nets, ..step.clone() };
            let named = |route: &Route| routes::written(route);
            let because = if table.main { format!("{} (main table)", table.id) } else { table.id.clone() };
            if let Some(hop) = step.hops.last_mut() {
                hop.decision = slice.route.map_or_else(|| "no route to the internet".into(), named);
                hop.because = because;
            }
            if let Some(rival) = slice.rival {
                let both = format!("which of two routes of {} AWS follows, to {}", table.id, rival.target.id());
                legs.push(Leg::lost(step.nets, step.hops, Gap::new(both, GapReason::Unsupported)));
                continue;
            }
            legs.extend(match slice.route {
                None => {
                    let because = routes::without_route(table, subnet, &step.source);
                    vec![Leg::stopped(step.nets, step.hops, routes::stop_without_route(&step.source), because)]
                }
                Some(route) => self.by_route(table, route, subnet, step),
            });
        }
        legs
    }

    fn by_route(
        &self,
        table: &'a RouteTable,
        route: &'a Route,
        subnet: Option<&'a Subnet>,
        step: Step<'a>,
    ) -> Vec<Leg> {
        match &route.state {
            RouteState::Active | RouteState::Filtered => {}
            RouteState::Blackhole => {
                let because = format!("{}: {} is a blackhole", table.id, routes::written(route));
                return vec![Leg::stopped(step.nets, step.hops, Stop::Blackhole, because)];
            }
            RouteState::Other(state) => {
                let gap = Gap::new(format!("what a route in state {state} does"), GapReason::Unsupported);
                return vec![Leg::lost(step.nets, step.hops, gap)];
            }
        }
        let beyond = |what: &str, id: &str| Gap::new(format!("what lies beyond {what} {id}"), GapReason::Unsupported);
        match &route.target {
            Target::Local => Vec::new(),
            Target::InternetGateway(id) => vec![self.internet_gateway(id, &table.vpc, subnet, step)],
            Target::EgressOnlyGateway(id) => vec![self.egress_only(id, &table.vpc, subnet, step)],
            Target::NatGateway(id) => self.nat(id, subnet, step),
            Target::Interface(id) => self.interface(id, step),
            Target::Instance(id) => self.instance(id, step),
            Target::Endpoint(id) => vec![self.endpoint(id, step)],
            Target::Peering(_) => {
                let because = format!("{}: a peering connection leads to no internet", routes::written(route));
                vec![Leg::stopped(step.nets, step.hops, Stop::Peering, because)]
            }
            Target::TransitGateway(id) => vec![Leg::lost(step.nets, step.hops, beyond("transit gateway", id))],
            Target::VpnGateway(id) => {
                vec![Leg::lost(step.nets, step.hops, beyond("virtual private gateway", id))]
            }
            Target::Other(id) => vec![Leg::lost(step.nets, step.hops, beyond("the target", id))],
        }
    }

    /// The services that endpoints take out of the paths.
    fn bypasses(&self, scope: &ScopeId, attachment: &Attachment) -> (Vec<Bypass>, Option<Gap>) {
        let mut found = Vec::new();
        let mut gap = None;
        for id in &attachment.subnets {
            let Known::Known(Some(subnet)) = self.aws.subnets.get(scope, id) else { continue };
            let table = match routes::table_of(self.aws, scope, subnet) {
                Known::Known(table) => Some(table.id.as_str()),
                Known::Unknown(_) => None,
            };
            let listing = self.aws.vpc_endpoints.list(scope, |it| it.vpc == subnet.vpc && it.available);
            gap = gap.or(listing.incomplete);
            for endpoint in listing.items {
                let gateway = table.is_some_and(|table| endpoint.route_tables.iter().any(|own| own == table));
                let kind = match endpoint.kind.as_str() {
                    "Gateway" if gateway => "gateway",
                    "Interface" if endpoint.private_dns => "interface",
                    _ => continue,
                };
                found.push(Bypass { service: endpoint.service.clone(), endpoint: endpoint.id.clone(), kind });
            }
        }
        found.sort();
        found.dedup();
        (found, gap)
    }
}

fn describe(subnet: &Subnet) -> String {
    let parts = [subnet.name.clone(), subnet.cidr.map(|cidr| cidr.to_string()), Some(subnet.zone.clone())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// The egress of a workload that is in no network of the customer's.
fn elsewhere(from: &str, end: End) -> Egress {
    let path = Path {
        id: from.into(),
        family: Family::V4,
        from: from.into(),
        zone: None,
        destinations: Vec::new(),
        hops: Vec::new(),
        end,
        passage: Known::Known(Passage::Open),
    };
    let paths = vec![path];
    Egress { verdict: verdict(&paths), paths, bypasses: Vec::new(), bypass_gap: None, skipped_nat: Known::Known(None) }
}

fn unknown(subnet: &str, family: Family, gap: &Gap) -> Path {
    Path {
        id: format!("{subnet}/{}", family.as_str()),
        family,
        from: subnet.into(),
        zone: None,
        destinations: Vec::new(),
        hops: Vec::new(),
        end: End::Unknown(gap.clone()),
        passage: Known::Unknown(gap.clone()),
    }
}
