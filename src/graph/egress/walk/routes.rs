//! Which table a subnet uses, and what its routes stand for.

use super::{super::partition::Candidate, Source, Walker};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::Stop,
    model::{Aws, Destination, Route, RouteState, RouteTable, Subnet, Target},
    snapshot::ScopeId,
};

/// The table that names the subnet, else the main one of its VPC; as its owner sees it, else the viewer.
pub(in crate::graph) fn table_of<'a>(aws: &'a Aws, viewer: &ScopeId, subnet: &Subnet) -> Known<&'a RouteTable> {
    let owner = viewer.of(&subnet.owner);
    let listing = aws
        .route_tables
        .list_of(aws.route_tables.whole_of(&owner, viewer), &subnet.vpc, |table| table.vpc == subnet.vpc);
    if let Some(table) = listing.items.iter().find(|table| table.subnets.contains(&subnet.id)) {
        return Known::Known(table);
    }
    // A table that was not read may name the subnet, so that the main one is only a guess.
    if let Some(gap) = listing.incomplete {
        return Known::Unknown(gap);
    }
    match listing.items.into_iter().find(|table| table.main) {
        Some(main) => Known::Known(main),
        None => Known::Unknown(Gap::new(format!("the main route table of {}", subnet.vpc), GapReason::Malformed)),
    }
}

impl<'a> Walker<'a> {
    /// The ranges that a table's routes stand for, those of prefix lists included.
    pub(super) fn candidates(
        &self,
        owner: &ScopeId,
        viewer: &ScopeId,
        table: &'a RouteTable,
    ) -> Result<Vec<Candidate<'a, Route>>, Gap> {
        let mut candidates = Vec::new();
        for route in table.routes.iter().filter(|route| route.state != RouteState::Filtered) {
            let list = match &route.destination {
                Destination::Net(net) => {
                    candidates.push(Candidate { net: *net, route, listed: false });
                    continue;
                }
                Destination::PrefixList(list) => list,
            };
            if self.traffic.destination().is_none() && self.is_of_one_service(owner, route) {
                continue;
            }
            let found = self.aws.prefix_lists.get(viewer, list).into_result()?;
            let found = found.ok_or_else(|| Gap::new(format!("prefix list {list}"), GapReason::NotRead))?;
            let entries = found.entries.as_ref().into_result()?;
            candidates.extend(entries.iter().map(|&net| Candidate { net, route, listed: true }));
        }
        Ok(candidates)
    }

    /// Whether a route is that of a gateway endpoint, for the addresses of its service, whose way is a bypass, not a path.
    /// One of a gateway load balancer takes whatever its routes name.
    fn is_of_one_service(&self, owner: &ScopeId, route: &Route) -> bool {
        let Target::Endpoint(id) = &route.target else { return false };
        match self.aws.vpc_endpoints.get(owner, id) {
            Known::Known(Some(endpoint)) => endpoint.kind == "Gateway",
            Known::Known(None) | Known::Unknown(_) => false,
        }
    }
}

/// A route as people write it.
pub(super) fn written(route: &Route) -> String {
    let destination = match &route.destination {
        Destination::Net(net) => net.to_string(),
        Destination::PrefixList(list) => list.clone(),
    };
    format!("{destination} → {}", route.target.id())
}

pub(super) fn stop_without_route(source: &Source<'_>) -> Stop {
    match source {
        Source::Function | Source::Instance(_) | Source::Connector(..) => Stop::NoRoute,
        Source::Translated(_) | Source::PrivateNat(_) => Stop::NatInPrivateSubnet,
    }
}

pub(super) fn without_route(table: &RouteTable, subnet: Option<&Subnet>, source: &Source<'_>, meant: &str) -> String {
    let subnet = subnet.map_or_else(String::new, |subnet| format!("subnet {}: ", subnet.id));
    let no_route = format!("{subnet}{} has no route to {meant}", table.id);
    match source {
        Source::Function | Source::Instance(_) | Source::Connector(..) => no_route,
        Source::Translated(exit) => {
            let id = exit.id.as_deref().unwrap_or("the NAT");
            format!("{id} stands in {no_route}")
        }
        Source::PrivateNat(id) => format!("{id} stands in {no_route}"),
    }
}
