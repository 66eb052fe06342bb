//! From a subnet by its route table to the next hop, every slice of the destinations its own way.

use super::{
    super::{Hop, Stop, Traffic, partition::partition},
    Leg, Step, Walker, routes,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Route, RouteState, RouteTable, Subnet, Target},
};

impl<'a> Walker<'a> {
    /// Follows destinations from a subnet, by the table that the subnet uses.
    pub(super) fn leave_subnet(&self, subnet: &'a Subnet, mut step: Step<'a>) -> Vec<Leg<'a>> {
        match routes::table_of(self.aws, &step.viewer, subnet) {
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
            Known::Unknown(gap) => vec![Leg::lost(step, gap)],
        }
    }

    /// Follows destinations by a route table: every slice of them its own way.
    pub(super) fn by_table(&self, table: &'a RouteTable, subnet: Option<&'a Subnet>, step: Step<'a>) -> Vec<Leg<'a>> {
        let candidates = match self.candidates(&step.scope, &step.viewer, table) {
            Ok(candidates) => candidates,
            Err(gap) => return vec![Leg::lost(step, gap)],
        };
        let slices = partition(&step.nets, &candidates);
        let mut legs = Vec::new();
        for slice in slices {
            // Public ranges that a VPC uses inside itself are not the internet.
            let local = slice.route.is_some_and(|route| route.target == Target::Local);
            if local && self.traffic == Traffic::Internet {
                continue;
            }
            let mut step = Step { nets: slice.nets, ..step.clone() };
            let because = if table.main { format!("{} (main table)", table.id) } else { table.id.clone() };
            if let Some(hop) = step.hops.last_mut() {
                hop.decision = slice.route.map_or_else(|| format!("no route to {}", self.meant()), routes::written);
                hop.because = because;
            }
            if let Some(rival) = slice.rival {
                let both = format!("which of two routes of {} AWS follows, to {}", table.id, rival.target.id());
                legs.push(Leg::lost(step, Gap::new(both, GapReason::Unsupported)));
                continue;
            }
            match slice.route {
                None => {
                    let because = routes::without_route(table, subnet, &step.source, self.meant());
                    let stop = routes::stop_without_route(&step.source);
                    legs.push(Leg::stopped(step, stop, because));
                }
                Some(route) => legs.extend(self.by_route(table, route, subnet, step)),
            }
        }
        legs
    }

    fn by_route(
        &self,
        table: &'a RouteTable,
        route: &'a Route,
        subnet: Option<&'a Subnet>,
        step: Step<'a>,
    ) -> Vec<Leg<'a>> {
        match &route.state {
            RouteState::Active | RouteState::Filtered => {}
            RouteState::Blackhole => {
                let because = format!("{}: {} is a blackhole", table.id, routes::written(route));
                return vec![Leg::stopped(step, Stop::Blackhole, because)];
            }
            RouteState::Other(state) => {
                let gap = Gap::new(format!("what a route in state {state} does"), GapReason::Unsupported);
                return vec![Leg::lost(step, gap)];
            }
        }
        match &route.target {
            Target::Local => vec![self.arrive(&table.vpc, step)],
            Target::InternetGateway(id) => vec![self.internet_gateway(id, &table.vpc, subnet, step)],
            Target::EgressOnlyGateway(id) => vec![self.egress_only(id, &table.vpc, subnet, step)],
            Target::NatGateway(id) => self.nat(id, subnet, step),
            Target::Interface(id) => self.interface(id, step),
            Target::Instance(id) => self.instance(id, step),
            Target::Endpoint(id) => self.endpoint(id, step),
            Target::Peering(id) if self.traffic.is_private() => self.peering(id, &table.vpc, step),
            Target::Peering(_) => {
                let because = format!("{}: a peering connection leads to no internet", routes::written(route));
                vec![Leg::stopped(step, Stop::Peering, because)]
            }
            Target::TransitGateway(id) => self.transit(id, &table.vpc, subnet, step),
            Target::VpnGateway(id) => vec![Leg::elsewhere(step, "virtual private gateway", id)],
            Target::CoreNetwork(id) => vec![Leg::elsewhere(step, "core network", id)],
            Target::Other(id) => {
                let gap = Gap::new(format!("what lies beyond the target {id}"), GapReason::Unsupported);
                vec![Leg::lost(step, gap)]
            }
        }
    }
}

fn describe(subnet: &Subnet) -> String {
    let parts = [subnet.name.clone(), subnet.cidr.map(|cidr| cidr.to_string()), Some(subnet.zone.clone())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
