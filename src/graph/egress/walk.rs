//! The walk through an AWS network: from a subnet, route by route, until the packet is on the internet or is stopped.

mod answers;
mod bypass;
mod endpoint;
mod gateway;
mod inside;
mod instance;
mod nat;
mod passage;
mod peering;
mod routes;
mod routing;
mod trail;
mod transit;

pub(in crate::graph) use routes::table_of;

use std::collections::BTreeMap;

use ipnet::IpNet;

use self::trail::Trail;
use super::{Egress, End, Exit, ExitKind, Family, Hop, Passage, Path, Stop, Traffic, verdict};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Attachment, Aws, CapacityProvider, Configuration, Connector, Subnet},
    snapshot::{ScopeId, unknown::placeholder},
};

/// Walks the networks of AWS, each attachment once.
#[derive(Debug)]
pub struct Walker<'a> {
    aws: &'a Aws,
    traffic: Traffic,
    done: BTreeMap<(&'a ScopeId, Option<&'a str>, &'a Attachment), Egress>,
}

/// Where a leg of a walk comes from, which decides what an internet gateway does with it.
#[derive(Debug, Clone)]
enum Source<'a> {
    /// An interface of a function: it never has a public address.
    Function,
    /// An interface of a managed instance, which may have one.
    Instance(&'a CapacityProvider),
    /// An interface of a network connector, to which Lambda may have given a public address.
    Connector(&'a str, &'a Connector),
    /// Something that has put a public address on the packets.
    Translated(Box<Exit>),
    /// A private NAT gateway, or a public one that packets left for another network, which has put a private one on them.
    PrivateNat(String),
}

/// A part of the destinations, followed to its end.
#[derive(Debug)]
struct Leg<'a> {
    nets: Vec<IpNet>,
    hops: Vec<Hop>,
    end: End,
    trail: Trail<'a>,
}

impl<'a> Leg<'a> {
    fn ending(step: Step<'a>, end: End) -> Self {
        Self { nets: step.nets, hops: step.hops, end, trail: step.trail }
    }

    fn stopped(step: Step<'a>, stop: Stop, because: impl Into<String>) -> Self {
        Self::ending(step, End::Nowhere { stop, because: because.into() })
    }

    fn lost(step: Step<'a>, gap: Gap) -> Self {
        Self::ending(step, End::Unknown(gap))
    }

    /// Led into another network, whose exit is not seen.
    fn elsewhere(step: Step<'a>, what: &str, id: &str) -> Self {
        let gap = Gap::new(format!("what lies beyond {what} {id}"), GapReason::Unsupported);
        Self::ending(step, End::Elsewhere { through: format!("{what} {id}"), gap })
    }
}

/// Where a walk is, and how it came there.
#[derive(Debug, Clone)]
struct Step<'a> {
    /// The account that owns the VPC where the packets are, in its region.
    scope: ScopeId,
    /// An account that sees what it shares there: the workload's own, in its own VPC.
    viewer: ScopeId,
    /// The subnet that the walk began in.
    start: &'a Subnet,
    nets: Vec<IpNet>,
    hops: Vec<Hop>,
    source: Source<'a>,
    /// The addresses that packets bear here.
    from: Vec<IpNet>,
    trail: Trail<'a>,
    /// The NATs, interfaces and crossings that the walk went through.
    seen: Vec<String>,
}

impl Step<'_> {
    /// The zone of a subnet in the words of whoever names that of the first subnet; by its id where it is another one and
    /// another account names it.
    fn zone_of(&self, subnet: &Subnet) -> String {
        match (&subnet.zone_id, &self.start.zone_id) {
            (Some(own), Some(first)) if own == first => self.start.zone.clone(),
            _ if subnet.named_by == self.start.named_by => subnet.zone.clone(),
            (Some(own), Some(_)) => own.clone(),
            _ => placeholder(&format!("the zone of {}", subnet.id)),
        }
    }
}

impl<'a> Walker<'a> {
    /// A walker over an estate, for its traffic to the internet.
    pub fn new(aws: &'a Aws) -> Self {
        Self::following(aws, Traffic::Internet)
    }

    /// A walker over an estate, for this traffic.
    pub fn following(aws: &'a Aws, traffic: Traffic) -> Self {
        Self { aws, traffic, done: BTreeMap::new() }
    }

    /// Where a function's traffic leaves, at one version.
    pub fn egress(&mut self, scope: &'a ScopeId, at: &'a Configuration) -> Egress {
        if let Some(provider) = &at.capacity_provider {
            return match provider_of(self.aws, scope, provider) {
                Ok(found) => self.once(scope, Some(provider), &found.attachment, &Source::Instance(found)),
                Err(gap) => elsewhere("capacity-provider", End::Unknown(gap)),
            };
        }
        if let Some(connector) = &at.connector {
            return match connector_of(self.aws, scope, connector) {
                Ok(found) => self.once(scope, Some(connector), &found.attachment, &Source::Connector(connector, found)),
                Err(gap) => elsewhere("network-connector", End::Unknown(gap)),
            };
        }
        let attachment = match &at.attachment {
            Known::Known(attachment) => attachment,
            Known::Unknown(gap) => return elsewhere("vpc", End::Unknown(gap.clone())),
        };
        let Some(attachment) = attachment else {
            let from = if at.edge_replica { "edge" } else { "platform" };
            if self.traffic.is_private() {
                let because = "it is in no VPC, and the platform has no way to private addresses".into();
                return elsewhere(from, End::Nowhere { stop: Stop::NoRoute, because });
            }
            let exit = Exit {
                kind: ExitKind::Platform,
                id: None,
                zone: None,
                automatic: Known::Known(true),
                addresses: Vec::new(),
                addresses_gap: None,
            };
            return elsewhere(from, End::Internet(exit));
        };
        self.once(scope, None, attachment, &Source::Function)
    }

    fn once(
        &mut self,
        scope: &'a ScopeId,
        provider: Option<&'a str>,
        attachment: &'a Attachment,
        source: &Source<'a>,
    ) -> Egress {
        if let Some(egress) = self.done.get(&(scope, provider, attachment)) {
            return egress.clone();
        }
        let egress = self.attached(scope, attachment, source);
        self.done.insert((scope, provider, attachment), egress.clone());
        egress
    }

    fn attached(&self, scope: &'a ScopeId, attachment: &'a Attachment, source: &Source<'a>) -> Egress {
        let mut paths = Vec::new();
        for id in &attachment.subnets {
            let subnet = match self.subnet_of(scope, id) {
                Ok(subnet) => subnet,
                Err(gap) => {
                    // It may have IPv6 as well, where the function may use it.
                    let families = [Some(Family::V4), Some(Family::V6).filter(|_| attachment.dual_stack)];
                    paths.extend(families.into_iter().flatten().map(|family| unknown(id, family, &gap)));
                    continue;
                }
            };
            paths.extend(self.paths(scope, subnet, attachment, Family::V4, source));
            match source {
                _ if !attachment.dual_stack || matches!(&subnet.ipv6, Known::Known(ranges) if ranges.is_empty()) => {}
                Source::Instance(_) => {
                    let what = format!("whether managed instances in {id} have IPv6 addresses");
                    paths.push(unknown(id, Family::V6, &Gap::new(what, GapReason::Unsupported)));
                }
                _ => match &subnet.ipv6 {
                    Known::Known(_) => paths.extend(self.paths(scope, subnet, attachment, Family::V6, source)),
                    Known::Unknown(gap) => paths.push(unknown(id, Family::V6, gap)),
                },
            }
        }
        if paths.is_empty() {
            let because = "no subnet of it has addresses of that family which it may use".into();
            return elsewhere("vpc", End::Nowhere { stop: Stop::NoRoute, because });
        }
        let (bypasses, bypass_gap) = self.bypasses(scope, attachment);
        Egress { verdict: verdict(&paths), paths: paths.into(), bypasses, bypass_gap, skipped_nat: Known::Known(None) }
    }

    /// The paths of one family out of one subnet.
    fn paths(
        &self,
        viewer: &ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        family: Family,
        source: &Source<'a>,
    ) -> Vec<Path> {
        let from = match family {
            Family::V4 => subnet.cidr.into_iter().collect(),
            Family::V6 => subnet.ipv6.clone().into_result().unwrap_or_default(),
        };
        let nets = self.traffic.nets(family);
        if nets.is_empty() {
            return Vec::new();
        }
        let step = Step {
            scope: viewer.of(&subnet.owner),
            viewer: viewer.clone(),
            start: subnet,
            nets,
            hops: Vec::new(),
            source: source.clone(),
            from,
            trail: Trail::default(),
            seen: Vec::new(),
        };
        let legs = self.leave_subnet(subnet, step);
        let several = legs.len() > 1;
        let paths = legs.into_iter().enumerate().map(|(index, leg)| {
            let passage = match &leg.end {
                // What is let out to whole private networks is not one answer.
                End::Inside { .. } if self.traffic.destination().is_none() => Known::Known(Passage::Open),
                End::Internet(_) | End::Inside { .. } => self.passage(viewer, subnet, attachment, &leg),
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
                transit_gateways: leg.trail.transit_gateways,
                inspected_by: leg.trail.inspected.into_iter().map(|it| it.id).collect(),
                appliance_mode: leg.trail.appliance_mode,
            }
        });
        paths.collect()
    }
}

/// The capacity provider of that ARN, where it is as its functions need it.
pub(in crate::graph) fn provider_of<'a>(
    aws: &'a Aws,
    scope: &ScopeId,
    provider: &str,
) -> Result<&'a CapacityProvider, Gap> {
    let found = aws.capacity_providers.get(scope, provider).into_result()?;
    let found = found.ok_or_else(|| Gap::new(format!("capacity provider {provider}"), GapReason::NotRead))?;
    if found.state == "Active" {
        return Ok(found);
    }
    let what = format!("what capacity provider {provider} does while it is {}", found.state);
    Err(Gap::new(what, GapReason::Unsupported))
}

/// The network connector of that name, where it is as what leaves by it needs it.
pub(in crate::graph) fn connector_of<'a>(aws: &'a Aws, scope: &ScopeId, connector: &str) -> Result<&'a Connector, Gap> {
    let found = aws.connectors.get(scope, connector).into_result()?;
    let found = found.ok_or_else(|| Gap::new(format!("network connector {connector}"), GapReason::NotRead))?;
    if found.state == "ACTIVE" {
        return Ok(found);
    }
    let what = format!("what network connector {connector} does while it is {}", found.state);
    Err(Gap::new(what, GapReason::Unsupported))
}

/// The egress of a workload that is in no network of the customer's.
fn elsewhere(from: &str, end: End) -> Egress {
    let paths = [Path::bare(from, Family::V4, from, end, Known::Known(Passage::Open))];
    Egress {
        verdict: verdict(&paths),
        paths: paths.into(),
        bypasses: Vec::new(),
        bypass_gap: None,
        skipped_nat: Known::Known(None),
    }
}

fn unknown(subnet: &str, family: Family, gap: &Gap) -> Path {
    let id = format!("{subnet}/{}", family.as_str());
    Path::bare(&id, family, subnet, End::Unknown(gap.clone()), Known::Unknown(gap.clone()))
}
