//! Transit gateways: from the attachment of one VPC, by the table that it is associated with, to that of another.

use super::{
    super::{End, Hop, Stop, partition::Candidate, partition::partition},
    Leg, Source, Step, Walker,
    trail::{Border, Crossing, Gate, Inspected},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
    model::{Subnet, TransitGateway, TransitHop, TransitRoute, VpcAttachment},
    snapshot::ScopeId,
};

/// Why packets do not get on.
pub(super) enum Halt {
    /// They are dropped, and why.
    Stop(Stop, String),
    /// It was not read.
    Lost(Gap),
}

impl From<Gap> for Halt {
    fn from(gap: Gap) -> Self {
        Self::Lost(gap)
    }
}

/// Where packets come into a transit gateway.
struct Entry<'a> {
    gateway: &'a TransitGateway,
    attachment: &'a VpcAttachment,
    subnet: &'a Subnet,
}

/// Inside a transit gateway: where packets came in, and what they went through since.
struct Inside<'e, 'a> {
    entry: &'e Entry<'a>,
    /// The table that decides over them next.
    table: String,
    /// The attachment of a firewall that they went through.
    function: Option<String>,
}

impl<'a> Walker<'a> {
    /// Follows destinations into a transit gateway, out of a subnet of a VPC.
    pub(super) fn transit(&self, id: &str, vpc: &str, subnet: Option<&'a Subnet>, step: Step<'a>) -> Vec<Leg<'a>> {
        let entered = self.entry(id, vpc, subnet, &step).and_then(|entry| {
            let table = self.associated(entry.gateway, &entry.attachment.id, &step.scope)?;
            Ok((entry, table))
        });
        let (entry, table) = match entered {
            Ok(entered) => entered,
            Err(halt) => return vec![halted(id, halt, step)],
        };
        self.inside(&Inside { entry: &entry, table, function: None }, step)
    }

    /// The attachment of the VPC, and its subnet in the zone where the packets are: a transit gateway takes no others.
    fn entry(&self, id: &str, vpc: &str, subnet: Option<&'a Subnet>, step: &Step<'a>) -> Result<Entry<'a>, Halt> {
        let gateway = self.aws.transit_gateways.get(&step.scope, id).into_result()?;
        let gateway = gateway.ok_or_else(|| Gap::new(format!("transit gateway {id}"), GapReason::NotRead))?;
        // While it is changed it goes on working.
        if !matches!(gateway.state.as_str(), "available" | "modifying") {
            let what = format!("what transit gateway {id} does while it is {}", gateway.state);
            return Err(Gap::new(what, GapReason::Unsupported).into());
        }
        let ours = |it: &VpcAttachment| it.gateway == id && it.vpc == vpc && !it.is_gone();
        let listing = self.aws.vpc_attachments.list_of(&step.scope, vpc, ours);
        let available = listing.items.iter().copied().find(|it| it.state == "available");
        let attachment = match (available, listing.items.first(), listing.incomplete) {
            (Some(attachment), ..) => attachment,
            (None, Some(other), _) => {
                let what = format!("what attachment {} does while it is {}", other.id, other.state);
                return Err(Gap::new(what, GapReason::Unsupported).into());
            }
            (None, None, Some(gap)) => return Err(gap.into()),
            (None, None, None) => {
                return Err(Halt::Stop(Stop::NotAttached, format!("{vpc} is not attached to transit gateway {id}")));
            }
        };
        let Some(from) = subnet else {
            let what = format!("in which zones a regional NAT gateway reaches transit gateway {id}");
            return Err(Gap::new(what, GapReason::Unsupported).into());
        };
        let mut unknown = None;
        for own in &attachment.subnets {
            match self.subnet_of(&step.scope, own).and_then(|own| Ok((own, own.same_zone(from)?))) {
                Ok((own, true)) => return Ok(Entry { gateway, attachment, subnet: own }),
                Ok((_, false)) => {}
                Err(gap) => unknown = Some(gap),
            }
        }
        if let Some(gap) = unknown {
            return Err(gap.into());
        }
        let because = format!("attachment {} has no subnet in {}, the zone of {}", attachment.id, from.zone, from.id);
        Err(Halt::Stop(Stop::ZoneNotAttached, because))
    }

    /// The table that decides over what comes in by an attachment.
    pub(super) fn associated(
        &self,
        gateway: &TransitGateway,
        attachment: &str,
        scope: &ScopeId,
    ) -> Result<String, Halt> {
        let found = self.aws.transit_attachments.get(&of_owner(gateway, scope), attachment).into_result()?;
        let found = found.ok_or_else(|| Gap::new(format!("attachment {attachment}"), GapReason::NotRead))?;
        match found.table.as_ref().into_result()? {
            Some(table) => Ok(table.clone()),
            None => Err(Halt::Stop(
                Stop::NotAssociated,
                format!("attachment {attachment} is associated with no route table of {}", gateway.id),
            )),
        }
    }

    /// The routes of a table of a transit gateway.
    pub(super) fn transit_routes(
        &self,
        gateway: &TransitGateway,
        table: &str,
        scope: &ScopeId,
    ) -> Result<Vec<Candidate<'a, TransitRoute>>, Gap> {
        let found = self.aws.transit_tables.get(&of_owner(gateway, scope), table).into_result()?;
        let found = found.ok_or_else(|| Gap::new(format!("route table {table}"), GapReason::GoneDuringScan))?;
        let routes = found.routes.as_ref().into_result()?;
        Ok(routes.iter().map(|route| Candidate { net: route.net, route, listed: route.listed }).collect())
    }

    fn inside(&self, inside: &Inside<'_, 'a>, step: Step<'a>) -> Vec<Leg<'a>> {
        let gateway = inside.entry.gateway;
        let candidates = match self.transit_routes(gateway, &inside.table, &step.scope) {
            Ok(candidates) => candidates,
            Err(gap) => return vec![halted(&gateway.id, gap.into(), step)],
        };
        let mut legs = Vec::new();
        for slice in partition(&step.nets, &candidates) {
            let mut step = Step { nets: slice.nets, ..step.clone() };
            step.hops.push(Hop {
                kind: "transit-gateway",
                id: gateway.id.clone(),
                about: inside.entry.attachment.id.clone(),
                decision: slice.route.map_or_else(|| "no route".into(), written),
                because: inside.table.clone(),
            });
            let halt = match (slice.route, slice.rival) {
                (_, Some(rival)) => {
                    let what = format!("which of two routes {} follows, to {}", inside.table, written(rival));
                    Gap::new(what, GapReason::Unsupported).into()
                }
                (None, None) => {
                    let because = format!("{} of transit gateway {} has no route for it", inside.table, gateway.id);
                    Halt::Stop(Stop::NoRoute, because)
                }
                (Some(route), None) => match route.state.as_str() {
                    "active" => {
                        legs.extend(self.leave_gateway(inside, route, step));
                        continue;
                    }
                    "blackhole" => {
                        let because = format!("{}: {} is a blackhole", inside.table, route.net);
                        Halt::Stop(Stop::Blackhole, because)
                    }
                    other => {
                        let what = format!("what a route of a transit gateway in state {other} does");
                        Gap::new(what, GapReason::Unsupported).into()
                    }
                },
            };
            legs.push(halted(&gateway.id, halt, step));
        }
        legs
    }

    fn leave_gateway(&self, inside: &Inside<'_, 'a>, route: &TransitRoute, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let gateway = inside.entry.gateway;
        match route.to.as_slice() {
            [only] if only.kind == "vpc" => self.enter_vpc(inside, only, step),
            [only] if only.kind == "network-function" && inside.function.is_none() => {
                let table = match self.associated(gateway, &only.attachment, &step.scope) {
                    Ok(table) => table,
                    Err(halt) => return vec![halted(&gateway.id, halt, step)],
                };
                step.trail.inspected.push(Inspected { id: only.attachment.clone(), at: None });
                let function = Some(only.attachment.clone());
                self.inside(&Inside { entry: inside.entry, table, function }, step)
            }
            [first, ..] => {
                let what = format!("what lies beyond the {} attachment {}", first.kind, first.attachment);
                vec![halted(&gateway.id, Gap::new(what, GapReason::Unsupported).into(), step)]
            }
            [] => {
                let what = format!("where {} of {} leads", route.net, inside.table);
                vec![halted(&gateway.id, Gap::new(what, GapReason::UnknownValue).into(), step)]
            }
        }
    }

    /// Out of the transit gateway into a VPC: into the subnet of the zone that the packets come from, else into any.
    fn enter_vpc(&self, inside: &Inside<'_, 'a>, to: &TransitHop, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let Entry { gateway, attachment: from, subnet: entry } = inside.entry;
        let key = format!("{}>{}", from.id, to.attachment);
        if step.seen.contains(&key) {
            let because = format!("the routes come back to {} and from there to {}", from.id, to.attachment);
            return vec![Leg::stopped(step, Stop::Loop, because)];
        }
        let (to, exits) = match self.exits(gateway, entry, &to.attachment, &step.scope) {
            Ok(found) => found,
            Err(halt) => return vec![halted(&gateway.id, halt, step)],
        };
        step.seen.push(key);
        // A reserved address is put on at the internet gateway of its own VPC: what leaves for another bears a private one.
        if let Source::Translated(exit) = &step.source {
            step.source = Source::PrivateNat(exit.id.clone().unwrap_or_default());
        }
        let border = |scope: (&ScopeId, &ScopeId), subnet, role, step: &Step<'a>| Border {
            owner: scope.0.clone(),
            viewer: scope.1.clone(),
            subnet,
            sources: step.from.clone(),
            role,
        };
        let there = step.scope.of(&to.vpc_owner);
        let legs = exits.into_iter().flat_map(|exit| {
            let mut step = step.clone();
            let (owner, viewer) = (step.scope.clone(), step.viewer.clone());
            step.trail.borders.push(border((&owner, &viewer), entry, Role::TransitEntry, &step));
            step.trail.borders.push(border((&there, &there), exit, Role::TransitExit, &step));
            step.trail.appliance_mode |= to.appliance_mode;
            if !step.trail.transit_gateways.contains(&gateway.id) {
                step.trail.transit_gateways.push(gateway.id.clone());
            }
            let function = inside.function.clone();
            let crossing = Crossing { gateway, from, entry, owner, viewer, function, to };
            step.trail.gates.push(Gate::Transit(Box::new(crossing)));
            (step.scope, step.viewer) = (there.clone(), there.clone());
            self.leave_subnet(exit, step)
        });
        legs.collect()
    }

    /// The attachment that packets leave by, and the subnets that they may come out in.
    fn exits(
        &self,
        gateway: &TransitGateway,
        entry: &Subnet,
        attachment: &str,
        scope: &ScopeId,
    ) -> Result<(&'a VpcAttachment, Vec<&'a Subnet>), Halt> {
        let found = self.aws.vpc_attachments.get(&of_owner(gateway, scope), attachment).into_result()?;
        let to = found.ok_or_else(|| Gap::new(format!("attachment {attachment}"), GapReason::NotRead))?;
        if to.state != "available" {
            let what = format!("what attachment {attachment} does while it is {}", to.state);
            return Err(Gap::new(what, GapReason::Unsupported).into());
        }
        let there = scope.of(&to.vpc_owner);
        let mut subnets = Vec::new();
        let mut unknown = None;
        for id in &to.subnets {
            match self.subnet_of(&there, id).and_then(|own| Ok((own, own.same_zone(entry)?))) {
                Ok((own, true)) if !to.appliance_mode => return Ok((to, vec![own])),
                Ok((own, _)) => subnets.push(own),
                Err(gap) => unknown = unknown.or(Some(gap)),
            }
        }
        // Which of them is used is not known until all are.
        match unknown {
            Some(gap) => Err(gap.into()),
            None => Ok((to, subnets)),
        }
    }

    /// A subnet that something which was read names.
    pub(super) fn subnet_of(&self, scope: &ScopeId, id: &str) -> Result<&'a Subnet, Gap> {
        match self.aws.subnets.get(scope, id) {
            Known::Known(Some(subnet)) => Ok(subnet),
            Known::Known(None) => Err(Gap::new(format!("subnet {id}"), GapReason::GoneDuringScan)),
            Known::Unknown(gap) => Err(gap),
        }
    }
}

/// The scope in which a transit gateway's tables and all its attachments are seen.
pub(super) fn of_owner(gateway: &TransitGateway, scope: &ScopeId) -> ScopeId {
    scope.of(&gateway.owner)
}

/// A route as people write it.
fn written(route: &TransitRoute) -> String {
    let to: Vec<_> = route.to.iter().map(|to| format!("{} ({})", to.attachment, to.resource)).collect();
    match to.as_slice() {
        [] => format!("{} → nowhere", route.net),
        to => format!("{} → {}", route.net, to.join(", ")),
    }
}

/// What was never asked for, or is followed by nobody, lies in another network; what could not be read may be anywhere.
fn halted<'a>(gateway: &str, halt: Halt, step: Step<'a>) -> Leg<'a> {
    match halt {
        Halt::Stop(stop, because) => Leg::stopped(step, stop, because),
        Halt::Lost(gap) if matches!(gap.why, GapReason::NotRead | GapReason::Unsupported) => {
            Leg::ending(step, End::Elsewhere { through: format!("transit gateway {gateway}"), gap })
        }
        Halt::Lost(gap) => Leg::lost(step, gap),
    }
}
