//! Which Cloud NAT serves a place, and from which addresses.

use super::place::{Standing, last};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::{End, Exit, ExitAddress, ExitKind, Hop, Stop},
    model::google::{AllocateOption, Coverage, Google, NetworkNat, Router, Subnetwork},
    snapshot::unknown::same,
};

/// The full name of a NAT, which has none of its own.
pub(in crate::graph) fn name_of(router: &Router, nat: &NetworkNat) -> String {
    format!("{}/nats/{}", router.name, nat.name)
}

/// Whether a NAT translates what leaves a place over IPv4.
fn serves(nat: &NetworkNat, standing: &Standing<'_>) -> Known<bool> {
    let covered = match &nat.coverage {
        Coverage::All => Known::Known(true),
        Coverage::Listed(subnets) => {
            let own = |own: &Subnetwork| {
                let primary = subnets.iter().filter(|(_, primary)| *primary);
                primary.map(|(name, _)| same(name, &own.name)).fold(Known::Known(false), Known::or)
            };
            standing.subnet.map_or(Known::Known(false), own)
        }
        Coverage::None => Known::Known(false),
    };
    Known::Known(nat.public && nat.for_machines).and(covered)
}

/// The NAT that serves a place; none where there is none.
pub(super) fn of<'a>(google: &'a Google, standing: &Standing<'a>) -> Known<Option<(&'a Router, &'a NetworkNat)>> {
    let here = |router: &Router| {
        same(&router.network, &standing.network.name).and(same(&router.place.region, &standing.region))
    };
    let listing = google.routers.sift_of(&standing.scope(), &standing.network.name, here);
    let nats = listing.items.into_iter().flat_map(|router| router.nats.iter().map(move |nat| (router, nat)));
    let mut incomplete = listing.incomplete;
    let mut found = None;
    for (router, nat) in nats {
        match serves(nat, standing) {
            Known::Known(true) => found = found.or(Some((router, nat))),
            Known::Known(false) => {}
            Known::Unknown(gap) => incomplete = incomplete.or(Some(gap)),
        }
    }
    match (found, incomplete) {
        (Some(found), _) => Known::Known(Some(found)),
        (None, None) => Known::Known(None),
        (None, Some(gap)) => Known::Unknown(gap),
    }
}

/// The end of a walk at the default internet gateway.
pub(super) fn end(google: &Google, standing: &Standing<'_>, hops: &mut Vec<Hop>) -> End {
    let (router, nat) = match of(google, standing) {
        Known::Known(Some(found)) => found,
        Known::Known(None) => return End::Nowhere { stop: Stop::WithoutNat, because: without(google, standing) },
        Known::Unknown(gap) => return End::Unknown(gap),
    };
    hops.push(Hop {
        kind: "nat-gateway",
        id: name_of(router, nat),
        about: format!("of router {}", last(&router.name)),
        decision: match &nat.coverage {
            Coverage::All => "serves all subnets".into(),
            Coverage::Listed(_) | Coverage::None => format!("serves {}", standing.spoken()),
        },
        because: match &nat.allocation {
            AllocateOption::Automatic => "takes addresses by itself".into(),
            AllocateOption::Manual if nat.addresses.len() == 1 => "one reserved address".into(),
            AllocateOption::Manual => format!("{} reserved addresses", nat.addresses.len()),
            AllocateOption::Other(other) => other.clone(),
        },
    });
    match &nat.allocation {
        AllocateOption::Manual if let Some(gap) = &nat.addresses_gap => End::Unknown(gap.clone()),
        AllocateOption::Manual if nat.addresses.is_empty() => {
            let because = if nat.draining.is_empty() {
                format!("NAT {} has no address", nat.name)
            } else {
                format!("NAT {} is giving up all of its addresses, and has none for new connections", nat.name)
            };
            End::Nowhere { stop: Stop::NatWithoutAddress, because }
        }
        AllocateOption::Manual => End::Internet(given(google, router, nat)),
        AllocateOption::Automatic => End::Internet(taken(google, router, nat)),
        AllocateOption::Other(other) => {
            let what = format!("how NAT {} comes by its addresses ({other})", nat.name);
            End::Unknown(Gap::new(what, GapReason::Unsupported))
        }
    }
}

/// The exit of a NAT whose addresses were given to it.
fn given(google: &Google, router: &Router, nat: &NetworkNat) -> Exit {
    let active: Vec<_> = nat.addresses.iter().chain(nat.rules.iter().flat_map(|rule| &rule.addresses)).collect();
    let draining = nat.draining.iter().chain(nat.rules.iter().flat_map(|rule| &rule.draining));
    let draining = draining.filter(|name| !active.contains(name));
    let marked = active.iter().map(|name| (*name, false)).chain(draining.map(|name| (name, true)));
    let mut gap = None;
    let mut addresses: Vec<ExitAddress> = Vec::new();
    for (name, draining) in marked {
        let ip = match google.addresses.get(&router.place.scope(), name) {
            Known::Known(Some(address)) => match &address.ip {
                Known::Known(ip) => ip.clone(),
                Known::Unknown(unread) => {
                    gap = Some(unread.clone());
                    last(name).to_owned()
                }
            },
            Known::Known(None) => {
                gap = Some(Gap::new(format!("address {}", last(name)), GapReason::GoneDuringScan));
                last(name).to_owned()
            }
            Known::Unknown(unread) => {
                gap = Some(unread);
                last(name).to_owned()
            }
        };
        // Only an address that its owner has reserved can be given to a NAT.
        if !addresses.iter().any(|address| address.ip == ip) {
            addresses.push(ExitAddress { ip, reserved: Known::Known(true), source: "nat", draining });
        }
    }
    Exit {
        kind: ExitKind::Nat,
        id: Some(name_of(router, nat)),
        zone: None,
        automatic: Known::Known(false),
        addresses,
        addresses_gap: gap,
    }
}

/// The exit of a NAT that takes addresses by itself: those that it has at the moment.
fn taken(google: &Google, router: &Router, nat: &NetworkNat) -> Exit {
    let scope = router.place.scope();
    let listed = google.nat_ips.get(&scope, &router.name);
    let (ips, gap) = match listed {
        Known::Known(Some(Some(nats))) => {
            let own = nats.iter().filter(|(name, _)| *name == nat.name).flat_map(|(_, ips)| ips.clone());
            (own.collect::<Vec<_>>(), None)
        }
        Known::Known(_) => {
            (Vec::new(), Some(Gap::new(format!("the addresses of NAT {}", nat.name), GapReason::NotRead)))
        }
        Known::Unknown(gap) => (Vec::new(), Some(gap)),
    };
    let address = |ip: String| ExitAddress { ip, reserved: Known::Known(false), source: "nat", draining: false };
    Exit {
        kind: ExitKind::Nat,
        id: Some(name_of(router, nat)),
        zone: None,
        automatic: Known::Known(true),
        addresses: ips.into_iter().map(address).collect(),
        addresses_gap: gap,
    }
}

/// Why no NAT serves a place, by the one that comes nearest.
fn without(google: &Google, standing: &Standing<'_>) -> String {
    let network = last(&standing.network.name);
    let region = &standing.region;
    let own = |router: &Router| router.network == standing.network.name && !router.nats.is_empty();
    let routers = google.routers.list_of(&standing.scope(), &standing.network.name, own).items;
    let here = routers.iter().filter(|router| router.place.region == *region);
    let near = here.flat_map(|router| &router.nats).next();
    if let Some(nat) = near {
        let name = &nat.name;
        return match &nat.coverage {
            _ if !nat.public => format!("NAT {name} of {network} in {region} translates to private addresses only"),
            _ if !nat.for_machines => format!("NAT {name} of {network} in {region} serves no machines, only proxies"),
            Coverage::Listed(_) if standing.subnet.is_none() => {
                format!("NAT {name} serves a list of subnets, and {} cannot be on it", standing.spoken())
            }
            Coverage::Listed(subnets)
                if subnets.iter().any(|(name, _)| standing.subnet.is_some_and(|own| own.name == *name)) =>
            {
                format!("NAT {name} serves only secondary ranges of {}", standing.spoken())
            }
            Coverage::Listed(_) => {
                format!("NAT {name} serves a list of subnets, and {} is not on it", standing.spoken())
            }
            Coverage::All | Coverage::None => format!("NAT {name} of {network} in {region} serves no IPv4"),
        };
    }
    if let Some(router) = routers.first() {
        return format!("no Cloud NAT serves {region}: {} is in {}", last(&router.name), router.place.region);
    }
    let elsewhere = google.routers.of(&standing.host, |router| {
        router.place.project == standing.host && router.place.region == *region && !router.nats.is_empty()
    });
    match elsewhere.first() {
        Some(router) => {
            let other = last(&router.network);
            format!("no Cloud NAT serves {network}: {} is in network {other}", last(&router.name))
        }
        None => format!("no Cloud NAT serves {network} in {region}, and there is no public address"),
    }
}
