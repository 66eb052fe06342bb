//! The way back: whether answers find the workload again, through everything that its packets went through.

use ipnet::IpNet;

use super::{
    super::partition::{Slice, partition},
    Step, Walker, routes,
    trail::{Answers, Crossing, Gate, both},
    transit::Halt,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Route, RouteState, RouteTable, Subnet, Target, TransitRoute},
    snapshot::ScopeId,
};

/// Where answers are, and in whose eyes that is seen.
struct Place<'p, 'a> {
    table: &'a RouteTable,
    /// None for a regional NAT gateway, or the gateway by which they come in.
    subnet: Option<&'a Subnet>,
    owner: &'p ScopeId,
    viewer: &'p ScopeId,
}

/// What became of answers on a stretch of their way, and the addresses for which they go on.
type Stretch = (Known<Answers>, Vec<IpNet>);

/// What happens to the answers for some addresses.
enum Way {
    On,
    Lost(String),
    Unknown(Gap),
}

impl<'a> Walker<'a> {
    /// Whether the answers find their way from something that translates, by its table, to where the packets came from.
    pub(super) fn answers(&self, table: &'a RouteTable, subnet: Option<&'a Subnet>, step: &Step<'a>) -> Known<Answers> {
        let place = Place { table, subnet, owner: &step.scope, viewer: &step.viewer };
        both(step.trail.answers.clone(), self.back(&place, &step.trail.gates, &step.from))
    }

    /// Whether answers that come in by an internet gateway find what translated, through what stands between the two.
    pub(super) fn answers_from_internet(&self, gateway: &str, vpc: &str, step: &Step<'a>) -> Known<Answers> {
        let so_far = step.trail.answers.clone();
        let scope = self.aws.route_tables.whole_of(&step.scope, &step.viewer);
        let edge = |table: &RouteTable| table.vpc == vpc && table.gateways.iter().any(|own| own == gateway);
        let listing = self.aws.route_tables.list_of(scope, vpc, edge);
        let own = match (listing.items.first(), listing.incomplete, step.trail.gates.last()) {
            (Some(table), ..) => {
                let place = Place { table, subnet: None, owner: &step.scope, viewer: &step.viewer };
                self.back(&place, &step.trail.gates, &step.from)
            }
            (None, Some(gap), _) => Known::Unknown(gap),
            (None, None, None) => Known::Known(Answers::All),
            (None, None, Some(gate)) => Known::Unknown(past(gate)),
        };
        both(so_far, own)
    }

    fn back(&self, at: &Place<'_, 'a>, gates: &[Gate<'a>], to: &[IpNet]) -> Known<Answers> {
        let candidates = match self.candidates(at.owner, at.viewer, at.table) {
            Ok(candidates) => candidates,
            Err(gap) => return Known::Unknown(gap),
        };
        let slices = partition(to, &candidates);
        let (here, on) = over(&slices, |slice| way(at.table, slice, gates.last()));
        let Some((gate, rest)) = gates.split_last() else { return here };
        if matches!(here, Known::Unknown(_) | Known::Known(Answers::None(_))) {
            return here;
        }
        let next = match gate {
            // The other VPC hands them to whom they are for.
            Gate::Peering(_) => Known::Known(Answers::All),
            Gate::Endpoint(_, subnet) => self.onward(subnet, at.owner, at.viewer, rest, &on),
            Gate::Transit(crossing) => match self.through(crossing, at.subnet, &on) {
                (Known::Known(Answers::None(because)), _) => return Known::Known(Answers::None(because)),
                (Known::Unknown(gap), _) => return Known::Unknown(gap),
                (Known::Known(through), _) if rest.is_empty() => Known::Known(through),
                (Known::Known(through), on) => {
                    let Crossing { entry, owner, viewer, .. } = &**crossing;
                    match symmetric(crossing, at.subnet, rest) {
                        Some(gap) => return Known::Unknown(gap),
                        None => both(Known::Known(through), self.onward(entry, owner, viewer, rest, &on)),
                    }
                }
            },
        };
        both(here, next)
    }

    fn onward(
        &self,
        subnet: &'a Subnet,
        owner: &ScopeId,
        viewer: &ScopeId,
        rest: &[Gate<'a>],
        to: &[IpNet],
    ) -> Known<Answers> {
        match routes::table_of(self.aws, viewer, subnet) {
            Known::Known(table) => self.back(&Place { table, subnet: Some(subnet), owner, viewer }, rest, to),
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }

    /// Back through a transit gateway: by the table of the attachment that packets left by, to the one that they came by.
    fn through(&self, crossing: &Crossing<'a>, at: Option<&Subnet>, to: &[IpNet]) -> Stretch {
        let none = |answers| (answers, Vec::new());
        let Some(at) = at else {
            let what = format!("in which zones a regional NAT gateway reaches {}", crossing.to.id);
            return none(Known::Unknown(Gap::new(what, GapReason::Unsupported)));
        };
        let there = crossing.owner.of(&crossing.to.vpc_owner);
        let mut zone = false;
        let mut unknown = None;
        for id in &crossing.to.subnets {
            match self.subnet_of(&there, id).and_then(|own| own.same_zone(at)) {
                Ok(same) => zone |= same,
                Err(gap) => unknown = Some(gap),
            }
        }
        match (zone, unknown) {
            (true, _) => {}
            (false, Some(gap)) => return none(Known::Unknown(gap)),
            (false, None) => {
                let because =
                    format!("the answers do not come back: {} has no subnet in the zone of {}", crossing.to.id, at.id);
                return none(Known::Known(Answers::None(because)));
            }
        }
        let mut from = crossing.to.id.as_str();
        let mut sum = (Known::Known(Answers::All), to.to_vec());
        for expected in crossing.function.as_deref().into_iter().chain([crossing.from.id.as_str()]) {
            let (here, on) = self.hop_back(crossing, from, expected, &sum.1);
            sum = (both(sum.0, here), on);
            from = expected;
        }
        sum
    }

    fn hop_back(&self, crossing: &Crossing<'a>, from: &str, expected: &str, to: &[IpNet]) -> Stretch {
        let none = |answers| (answers, Vec::new());
        let gateway = crossing.gateway;
        let table = match self.associated(gateway, from, &crossing.owner) {
            Ok(table) => table,
            Err(Halt::Stop(_, because)) => {
                return none(Known::Known(Answers::None(format!("the answers do not come back: {because}"))));
            }
            Err(Halt::Lost(gap)) => return none(Known::Unknown(gap)),
        };
        let candidates = match self.transit_routes(gateway, &table, &crossing.owner) {
            Ok(candidates) => candidates,
            Err(gap) => return none(Known::Unknown(gap)),
        };
        over(&partition(to, &candidates), |slice| way_inside(&table, slice, expected))
    }
}

/// What happens to all of them, from what happens to each part.
fn over<'s, 'a: 's, R: 'a>(slices: &'s [Slice<'a, R>], way: impl Fn(&'s Slice<'a, R>) -> Way) -> Stretch {
    let (mut on, mut lost, mut unknown) = (Vec::new(), None, None);
    for slice in slices {
        match way(slice) {
            Way::On => on.extend(slice.nets.iter().copied()),
            Way::Lost(because) => lost = lost.or(Some(because)),
            Way::Unknown(gap) => unknown = unknown.or(Some(gap)),
        }
    }
    let answers = match (unknown, lost, on.is_empty()) {
        (Some(gap), ..) => Known::Unknown(gap),
        (None, None, _) => Known::Known(Answers::All),
        (None, Some(because), false) => Known::Known(Answers::Some(because)),
        (None, Some(because), true) => Known::Known(Answers::None(because)),
    };
    (answers, on)
}

/// What a table of a VPC does with answers that came through a gate.
fn way(table: &RouteTable, slice: &Slice<'_, Route>, gate: Option<&Gate<'_>>) -> Way {
    let lost = |how: &str| {
        let net = slice.nets.first().map_or_else(String::new, ToString::to_string);
        Way::Lost(format!("the answers do not come back: {} {how} {net}", table.id))
    };
    if let Some(rival) = slice.rival {
        let what = format!("which of two routes of {} AWS follows, to {}", table.id, rival.target.id());
        return Way::Unknown(Gap::new(what, GapReason::Unsupported));
    }
    let Some(route) = slice.route else {
        // Every table has the routes of its own VPC.
        return if gate.is_none() { Way::On } else { lost("has no route to") };
    };
    match (&route.state, &route.target, gate) {
        (RouteState::Blackhole, ..) => lost("has a blackhole for"),
        (RouteState::Active | RouteState::Filtered, Target::TransitGateway(id), Some(Gate::Transit(crossing)))
            if *id == crossing.gateway.id =>
        {
            Way::On
        }
        (RouteState::Active | RouteState::Filtered, Target::Peering(id), Some(Gate::Peering(own))) if id == own => {
            Way::On
        }
        (RouteState::Active | RouteState::Filtered, Target::Endpoint(id), Some(Gate::Endpoint(endpoint, _)))
            if *id == endpoint.id =>
        {
            Way::On
        }
        (RouteState::Active | RouteState::Filtered, Target::Local, None) => Way::On,
        // Inside its own VPC nothing comes back through a transit gateway.
        (_, Target::Local | Target::InternetGateway(_) | Target::NatGateway(_), Some(Gate::Transit(_))) => {
            lost(&format!("sends to {} what is for", route.target.id()))
        }
        (_, _, Some(gate)) => Way::Unknown(past(gate)),
        (_, target, None) => {
            let what = format!("where the answers go by {} of {}", target.id(), table.id);
            Way::Unknown(Gap::new(what, GapReason::Unsupported))
        }
    }
}

/// What a table of a transit gateway does with answers.
fn way_inside(table: &str, slice: &Slice<'_, TransitRoute>, expected: &str) -> Way {
    let net = slice.nets.first().map_or_else(String::new, ToString::to_string);
    let Some(route) = slice.route else {
        return Way::Lost(format!("the answers do not come back: {table} has no route to {net}"));
    };
    match (route.state.as_str(), route.to.as_slice(), slice.rival) {
        ("blackhole", ..) => Way::Lost(format!("the answers do not come back: {table} has a blackhole for {net}")),
        ("active", [only], None) if only.attachment == expected => Way::On,
        _ => {
            let what = format!("where the answers go by {} of {table}, past {expected}", route.net);
            Way::Unknown(Gap::new(what, GapReason::Unsupported))
        }
    }
}

/// Answers that take another way than the packets took.
fn past(gate: &Gate<'_>) -> Gap {
    let what = match gate {
        Gate::Peering(id) => format!("where the answers go past peering connection {id}"),
        Gate::Endpoint(endpoint, _) => {
            format!("whether what stands behind {} passes connections whose answers it does not see", endpoint.id)
        }
        Gate::Transit(crossing) => format!("where the answers go past transit gateway {}", crossing.gateway.id),
    };
    Gap::new(what, GapReason::Unsupported)
}

/// Without appliance mode answers come out in the zone that they come from: perhaps before another firewall than packets.
fn symmetric(crossing: &Crossing<'_>, at: Option<&Subnet>, rest: &[Gate<'_>]) -> Option<Gap> {
    let inspects = matches!(rest.last(), Some(Gate::Endpoint(..)));
    let same = at.is_some_and(|at| at.same_zone(crossing.entry) == Ok(true));
    (inspects && !crossing.from.appliance_mode && !same).then(|| {
        let what =
            format!("before which firewall of {} the answers come out, without appliance mode", crossing.from.vpc);
        Gap::new(what, GapReason::Unsupported)
    })
}
