//! Divides destinations among routes: for each address, the longest prefix that contains it decides.

use ipnet::IpNet;

use super::Family;
use crate::model::{Route, RouteOrigin, TransitRoute};

/// A route, as far as the choice between routes for equal ranges needs it.
pub trait Choosable {
    /// The lower wins, for equal ranges. A range that comes from a list loses to one that was written.
    fn rank(&self, listed: bool) -> u32;
    /// Whether it leads to the same place as another.
    fn leads_like(&self, other: &Self) -> bool;
    /// Whether it does the same to traffic as another.
    fn acts_like(&self, other: &Self) -> bool;
}

/// For equal ranges: written routes, then prefix lists, then what was learnt.
impl Choosable for Route {
    fn rank(&self, listed: bool) -> u32 {
        match (self.origin, listed) {
            (RouteOrigin::Static, false) => 0,
            (RouteOrigin::Static, true) => 1,
            (RouteOrigin::Propagated, _) => 2,
        }
    }

    fn leads_like(&self, other: &Self) -> bool {
        self.target == other.target
    }

    fn acts_like(&self, other: &Self) -> bool {
        self.target == other.target && self.state == other.state
    }
}

/// For equal ranges: written routes, then prefix lists, then what was learnt. Between those learnt from different kinds of
/// attachment a transit gateway decides by itself, and names the one that it prefers.
impl Choosable for TransitRoute {
    fn rank(&self, listed: bool) -> u32 {
        match (self.propagated, listed) {
            (false, false) => 0,
            (false, true) => 1,
            (true, _) => 2,
        }
    }

    fn leads_like(&self, other: &Self) -> bool {
        self.to == other.to
    }

    fn acts_like(&self, other: &Self) -> bool {
        self.to == other.to && self.state == other.state
    }
}

/// A range that a route stands for; a prefix list gives one for each of its entries.
#[derive(Debug)]
pub struct Candidate<'a, R> {
    /// The range.
    pub net: IpNet,
    /// The route.
    pub route: &'a R,
    /// Whether the range comes from a prefix list, which loses to a route that was written for the same range.
    pub listed: bool,
}

/// Some destinations and the route that takes them.
#[derive(Debug)]
pub struct Slice<'a, R> {
    /// The route; none where no route fits.
    pub route: Option<&'a R>,
    /// The destinations.
    pub nets: Vec<IpNet>,
    /// Another route for the very same range and of the same rank, which leads elsewhere.
    pub rival: Option<&'a R>,
}

/// Divides `destinations` among the candidates. The slices cover every destination exactly once; destinations that go
/// the same way stand in one slice.
pub fn partition<'a, R: Choosable>(destinations: &[IpNet], candidates: &[Candidate<'a, R>]) -> Vec<Slice<'a, R>> {
    let mut slices: Vec<Slice<'a, R>> = Vec::new();
    for &block in destinations {
        let family: Vec<_> = candidates.iter().filter(|it| Family::of(&it.net) == Family::of(&block)).collect();
        let covering = family.iter().copied().filter(|it| it.net.contains(&block));
        let longest = covering.clone().map(|it| it.net.prefix_len()).max();
        let best = best(covering.filter(|it| Some(it.net.prefix_len()) == longest));
        let inside: Vec<_> = family.into_iter().filter(|it| it.net != block && block.contains(&it.net)).collect();
        split(block, best, &inside, &mut slices);
    }
    slices
}

/// The candidate that wins among those for one range, and its rival where nothing decides between them.
type Choice<'c, 'a, R> = (Option<&'c Candidate<'a, R>>, Option<&'c Candidate<'a, R>>);

fn best<'c, 'a: 'c, R: Choosable>(equals: impl Iterator<Item = &'c Candidate<'a, R>>) -> Choice<'c, 'a, R> {
    let mut equals: Vec<_> = equals.collect();
    let rank = |it: &Candidate<'a, R>| it.route.rank(it.listed);
    equals.sort_by_key(|it| rank(it));
    let first = equals.first().copied();
    let rival = first.and_then(|first| {
        equals.iter().copied().find(|it| rank(it) == rank(first) && !it.route.leads_like(first.route))
    });
    (first, rival)
}

fn split<'a, R: Choosable>(
    block: IpNet,
    choice: Choice<'_, 'a, R>,
    inside: &[&Candidate<'a, R>],
    slices: &mut Vec<Slice<'a, R>>,
) {
    if inside.is_empty() {
        take(block, choice, slices);
        return;
    }
    // A candidate strictly inside makes the block wider than one address, so that it has halves.
    for half in halves(block) {
        let equal = inside.iter().copied().filter(|it| it.net == half);
        let own = best(equal);
        let choice = if own.0.is_some() { own } else { choice };
        let deeper: Vec<_> = inside.iter().copied().filter(|it| it.net != half && half.contains(&it.net)).collect();
        split(half, choice, &deeper, slices);
    }
}

fn halves(block: IpNet) -> Vec<IpNet> {
    match block {
        IpNet::V4(net) => net.subnets(net.prefix_len() + 1).into_iter().flatten().map(IpNet::V4).collect(),
        IpNet::V6(net) => net.subnets(net.prefix_len() + 1).into_iter().flatten().map(IpNet::V6).collect(),
    }
}

fn take<'a, R: Choosable>(block: IpNet, (winner, rival): Choice<'_, 'a, R>, slices: &mut Vec<Slice<'a, R>>) {
    let route = winner.map(|it| it.route);
    let rival = rival.map(|it| it.route);
    let alike = |a: Option<&R>, b: Option<&R>| match (a, b) {
        (Some(a), Some(b)) => a.acts_like(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    match slices.iter_mut().find(|slice| alike(slice.route, route) && alike(slice.rival, rival)) {
        Some(slice) => slice.nets.push(block),
        None => slices.push(Slice { route, nets: vec![block], rival }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Destination, RouteState, Target};

    fn route(net: &str, to: &str, origin: RouteOrigin) -> Route {
        Route {
            destination: Destination::Net(net.parse().expect("a range")),
            target: Target::NatGateway(to.into()),
            origin,
            state: RouteState::Active,
        }
    }

    fn candidates(routes: &[Route]) -> Vec<Candidate<'_, Route>> {
        let net = |route: &Route| match &route.destination {
            Destination::Net(net) => *net,
            Destination::PrefixList(_) => panic!("the tests write ranges"),
        };
        routes.iter().map(|route| Candidate { net: net(route), route, listed: false }).collect()
    }

    fn target<'a>(slices: &[Slice<'a, Route>], ip: IpNet) -> Option<&'a Target> {
        let slice = slices.iter().find(|slice| slice.nets.iter().any(|net| net.contains(&ip))).expect("covered");
        slice.route.map(|route| &route.target)
    }

    #[test]
    fn split_defaults_to_one_target_are_one_slice() {
        let routes = [route("0.0.0.0/1", "nat", RouteOrigin::Static), route("128.0.0.0/1", "nat", RouteOrigin::Static)];
        let slices = partition(crate::knowledge::public_ipv4(), &candidates(&routes));
        assert_eq!(slices.len(), 1);
    }

    #[test]
    fn a_written_route_wins_over_a_learnt_one_for_the_same_range() {
        let routes =
            [route("0.0.0.0/0", "learnt", RouteOrigin::Propagated), route("0.0.0.0/0", "written", RouteOrigin::Static)];
        let slices = partition(&["8.0.0.0/8".parse().expect("a range")], &candidates(&routes));
        assert_eq!(slices.first().and_then(|slice| slice.route), routes.get(1));
        assert!(slices.first().is_some_and(|slice| slice.rival.is_none()));
    }

    #[test]
    fn destinations_without_a_route_are_a_slice_of_their_own() {
        let routes = [route("203.0.113.0/24", "nat", RouteOrigin::Static)];
        let slices = partition(&["203.0.0.0/8".parse().expect("a range")], &candidates(&routes));
        assert_eq!(slices.len(), 2);
        assert!(slices.iter().any(|slice| slice.route.is_none()));
    }

    proptest! {
        #[test]
        fn every_address_gets_the_longest_prefix_that_contains_it(
            nets in proptest::collection::vec((any::<u32>(), 0u8..=32, 0u8..4), 0..12),
            probes in proptest::collection::vec(any::<u32>(), 1..16),
        ) {
            let routes: Vec<Route> = nets.iter().map(|&(address, length, to)| {
                let net = ipnet::Ipv4Net::new(address.into(), length).expect("a length").trunc();
                route(&net.to_string(), &format!("nat-{to}"), RouteOrigin::Static)
            }).collect();
            let candidates = candidates(&routes);
            let slices = partition(&["0.0.0.0/0".parse().expect("a range")], &candidates);
            // Both ends of every prefix, and the random probes.
            let edges = candidates.iter().flat_map(|it| [it.net.network(), it.net.broadcast()]);
            for ip in probes.iter().map(|&ip| std::net::IpAddr::V4(ip.into())).chain(edges) {
                let ip = IpNet::from(ip);
                let longest = candidates.iter().filter(|it| it.net.contains(&ip)).map(|it| it.net.prefix_len()).max();
                let allowed: Vec<_> = candidates.iter()
                    .filter(|it| it.net.contains(&ip) && Some(it.net.prefix_len()) == longest)
                    .map(|it| &it.route.target).collect();
                match target(&slices, ip) {
                    None => prop_assert!(allowed.is_empty()),
                    Some(target) => prop_assert!(allowed.contains(&target)),
                }
            }
        }
    }
}
