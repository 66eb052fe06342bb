//! Which route takes which destinations: policy-based routes first, then the longest prefix among those that the tags
//! admit, then the lowest priority.

use ipnet::IpNet;

use super::place::{Standing, last};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::{
        Traffic,
        flow::{within, without},
        partition::{Candidate, Choosable, partition},
    },
    model::google::{Google, NextHop, PolicyRoute, PolicyRouteHop, Via, VpcRoute},
    snapshot::unknown::same,
};

/// Where some destinations go.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// The destinations.
    pub(super) nets: Vec<IpNet>,
    /// What takes them there.
    pub(super) by: By<'a>,
}

/// What takes destinations on.
#[derive(Debug)]
pub(super) enum By<'a> {
    /// A route.
    Route(&'a VpcRoute),
    /// A policy-based route, to an internal load balancer.
    Policy(&'a PolicyRoute, &'a str),
    /// No route.
    None,
    /// Nobody can tell.
    Unknown(Gap),
}

/// The lower number wins; a written route wins over one that was learnt.
impl Choosable for VpcRoute {
    fn rank(&self, _: bool) -> u32 {
        let learnt = u32::from(self.via == Via::Dynamic);
        if self.via == Via::Subnet { 0 } else { 1 + self.priority.min(u32::MAX / 4) * 2 + learnt }
    }

    fn leads_like(&self, other: &Self) -> bool {
        self.hop == other.hop
    }

    fn acts_like(&self, other: &Self) -> bool {
        self.hop == other.hop && self.warning == other.warning
    }
}

/// Divides destinations among the ways out of a place. Of traffic to the internet what stays inside the network is left
/// out.
pub(super) fn ways<'a>(
    google: &'a Google,
    standing: &Standing<'a>,
    destinations: &[IpNet],
    traffic: Traffic,
) -> Vec<Way<'a>> {
    let mut ways = Vec::new();
    let rest = match by_policy(google, standing, destinations, &mut ways) {
        Ok(rest) => rest,
        Err(gap) => return vec![Way { nets: destinations.to_vec(), by: By::Unknown(gap) }],
    };
    let routes = match routes(google, standing) {
        Ok(routes) => routes,
        Err(gap) => {
            ways.push(Way { nets: rest, by: By::Unknown(gap) });
            return ways;
        }
    };
    let candidates: Vec<_> =
        routes.into_iter().map(|route| Candidate { net: route.net, route, listed: false }).collect();
    for slice in partition(&rest, &candidates) {
        match slice.route {
            None => ways.push(Way { nets: slice.nets, by: By::None }),
            // Public ranges that the network or a peer uses inside are not the internet.
            Some(route) if route.via == Via::Subnet && traffic == Traffic::Internet => {}
            Some(route) => {
                // Two routes of one rank share the traffic.
                ways.extend(slice.rival.map(|rival| Way { nets: slice.nets.clone(), by: By::Route(rival) }));
                ways.push(Way { nets: slice.nets, by: By::Route(route) });
            }
        }
    }
    ways.retain(|way| !way.nets.is_empty());
    ways
}

/// Takes out what policy-based routes send to a load balancer, and gives what is left for the other routes.
fn by_policy<'a>(
    google: &'a Google,
    standing: &Standing<'a>,
    destinations: &[IpNet],
    ways: &mut Vec<Way<'a>>,
) -> Result<Vec<IpNet>, Gap> {
    let network = &standing.network.name;
    let listing = google.policy_routes.sift_of(&standing.whole(), network, |route| same(&route.network, network));
    if let Some(gap) = listing.incomplete {
        return Err(gap);
    }
    let mut routes = listing.items;
    routes.sort_by_key(|route| (route.priority, &route.name));
    let mut rest = destinations.to_vec();
    let mut exempt = Vec::new();
    for route in routes {
        if route.interconnect || !route.tcp || !applies(&route.tags, &standing.tags) {
            continue;
        }
        let hit = within(&rest, route.destinations);
        if hit.is_empty() || !from(route, standing)? {
            continue;
        }
        rest = without(&rest, route.destinations);
        match &route.hop {
            PolicyRouteHop::Default => exempt.extend(hit),
            // Whether they count for an interface of a revision is not documented.
            _ if standing.connector.is_none() => {
                let what =
                    format!("whether policy-based route {} takes traffic of Direct VPC egress", last(&route.name));
                ways.push(Way { nets: hit, by: By::Unknown(Gap::new(what, GapReason::Unsupported)) });
            }
            PolicyRouteHop::LoadBalancer(ip) => ways.push(Way { nets: hit, by: By::Policy(route, ip) }),
            PolicyRouteHop::Other => {
                let what = format!("where policy-based route {} leads", last(&route.name));
                ways.push(Way { nets: hit, by: By::Unknown(Gap::new(what, GapReason::Unsupported)) });
            }
        }
    }
    rest.extend(exempt);
    rest.sort();
    Ok(rest)
}

/// Whether a policy-based route is for packets of this place.
fn from(route: &PolicyRoute, standing: &Standing<'_>) -> Result<bool, Gap> {
    let Some(range) = standing.range else {
        return if route.sources.prefix_len() == 0 {
            Ok(true)
        } else {
            Err(Gap::new(format!("the range of {}", standing.spoken()), GapReason::NotRead))
        };
    };
    match (route.sources.contains(&range), range.contains(&route.sources)) {
        (true, _) => Ok(true),
        (false, false) => Ok(false),
        // It is for a part of the subnet, and nobody knows which part the workload has.
        (false, true) => {
            let what = format!("whether policy-based route {} is for this workload", last(&route.name));
            Err(Gap::new(what, GapReason::Unsupported))
        }
    }
}

fn applies(wanted: &[String], own: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|tag| own.contains(tag))
}

/// Every route that is for this place: written, learnt by BGP, brought by peerings.
fn routes<'a>(google: &'a Google, standing: &Standing<'a>) -> Result<Vec<&'a VpcRoute>, Gap> {
    let network = &standing.network.name;
    let listing = google.routes.sift_of(&standing.whole(), network, |route| same(&route.network, network));
    if let Some(gap) = listing.incomplete {
        return Err(gap);
    }
    let mut routes = listing.items;
    let regional = |region: &str| Known::Known(standing.network.global_routing).or(same(region, &standing.region));
    let whole = google.routers.sift_of(&standing.whole(), network, |router| {
        Known::Known(router.bgp).and(same(&router.network, network)).and(regional(&router.place.region))
    });
    if let Some(gap) = whole.incomplete {
        return Err(gap);
    }
    for router in whole.items {
        let status = google.router_status.get(&router.place.scope(), &router.name).into_result()?;
        let status = status.and_then(Option::as_ref);
        let status =
            status.ok_or_else(|| Gap::new(format!("the status of router {}", router.name), GapReason::NotRead))?;
        routes.extend(status.routes.iter());
    }
    for peering in standing.network.peerings.iter().filter(|peering| peering.active && peering.imports_routes) {
        let key = format!("{network}#{}#{}", peering.name, standing.region);
        let brought = google.peering_routes.get(&standing.scope(), &key).into_result()?;
        let brought = brought.and_then(Option::as_ref);
        let missing = || Gap::new(format!("the routes of peering {}", peering.name), GapReason::NotRead);
        routes.extend(brought.ok_or_else(missing)?.iter());
    }
    routes.retain(|route| applies(&route.tags, &standing.tags));
    Ok(routes)
}

/// A route as people write it.
pub(super) fn written(route: &VpcRoute) -> String {
    let hop = match &route.hop {
        NextHop::Network => "the network itself".to_owned(),
        NextHop::Internet => "default internet gateway".into(),
        NextHop::Peer(peering) => format!("peering {peering}"),
        NextHop::Other { kind, name } => format!("{kind} {}", last(name)),
    };
    let tags = if route.tags.is_empty() { String::new() } else { format!(", for tags {}", route.tags.join(", ")) };
    format!("{} → {hop} (priority {}{tags})", route.net, route.priority)
}
