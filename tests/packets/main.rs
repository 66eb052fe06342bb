//! The walk through AWS networks against a slow reference that sends single packets, and their answers, hop by hop.
//!
//! The reference is written from what AWS documents, over a model of its own, and shares no code with the walk. Every class of
//! packets is tried: both ends of every range that a route names, and their neighbours. 2,000 random networks by default;
//! `EGRESS_AUDIT_NETWORKS=100000` for a long run, `EGRESS_AUDIT_SEED=…` for another one.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::match_same_arms,
    reason = "tests fail, and the reference has an arm for each case that AWS documents"
)]

mod properties;
mod reference;
mod topology;

use std::{collections::BTreeSet, env, net::Ipv4Addr};

use egress_audit::{
    decode::decode,
    evidence::Known,
    graph::{
        Workload,
        egress::{Destination, End, Path, Traffic, Transport},
        resolve, toward,
    },
    model::Inventory,
};
use ipnet::IpNet;
use rayon::prelude::*;

use crate::{
    reference::{Outcome, outcomes},
    topology::Topology,
};

/// Both ends of every public range that routes name, their neighbours, and some between.
const DESTINATIONS: [Ipv4Addr; 13] = [
    Ipv4Addr::new(1, 0, 0, 1),
    Ipv4Addr::new(8, 7, 255, 255),
    Ipv4Addr::new(8, 8, 0, 0),
    Ipv4Addr::new(8, 8, 255, 255),
    Ipv4Addr::new(8, 9, 0, 0),
    Ipv4Addr::new(126, 255, 255, 255),
    Ipv4Addr::new(128, 0, 0, 0),
    Ipv4Addr::new(203, 0, 111, 255),
    Ipv4Addr::new(203, 0, 112, 0),
    Ipv4Addr::new(203, 0, 127, 255),
    Ipv4Addr::new(203, 0, 128, 0),
    Ipv4Addr::new(205, 1, 2, 3),
    Ipv4Addr::new(223, 255, 255, 254),
];

/// Inside the subnets of every VPC, in a VPC and in no subnet, and in no VPC.
const PRIVATE: [Ipv4Addr; 8] = [
    Ipv4Addr::new(172, 30, 0, 77),
    Ipv4Addr::new(172, 30, 1, 177),
    Ipv4Addr::new(172, 30, 16, 77),
    Ipv4Addr::new(172, 30, 200, 1),
    Ipv4Addr::new(10, 100, 16, 77),
    Ipv4Addr::new(10, 50, 24, 77),
    Ipv4Addr::new(10, 50, 1, 177),
    Ipv4Addr::new(192, 168, 1, 1),
];

/// Where the answers for a part of a subnet are lost, and what is left goes on: once taken for what nobody can say.
const ONCE_DIFFERENT: [u64; 2] = [9_883, 61_644];

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What the walk says of packets from a subnet to an address: every path that they may take.
fn walked(workload: &Workload, subnet: &str, to: Ipv4Addr) -> BTreeSet<Outcome> {
    let to = IpNet::from(std::net::IpAddr::from(to));
    let takes = |nets: &[IpNet]| nets.is_empty() || nets.iter().any(|net| net.contains(&to));
    let paths = workload.egress.paths.iter().filter(|path| path.from == subnet && takes(&path.destinations));
    let outcome = |path: &egress_audit::graph::egress::Path| match path.reaches_internet() {
        Known::Known(true) => Outcome::Out(path.exit().and_then(|exit| exit.id.clone()).expect("an exit has an id")),
        Known::Known(false) => Outcome::Dropped,
        Known::Unknown(_) => Outcome::Unknown,
    };
    paths.map(outcome).collect()
}

#[test]
fn every_class_of_packets_takes_the_way_that_the_reference_sends_it() {
    let (count, seed) = (number("EGRESS_AUDIT_NETWORKS", 2_000), number("EGRESS_AUDIT_SEED", 1));
    let problems: Vec<String> = (0..count)
        .chain(ONCE_DIFFERENT.into_iter().filter(|nth| *nth >= count))
        .collect::<Vec<_>>()
        .into_par_iter()
        .flat_map_iter(|nth| {
            let topology = Topology::random(seed.wrapping_mul(1_000_003).wrapping_add(nth));
            let inventory = decode(&topology.snapshot());
            let graph = resolve(&inventory);
            let workload = graph.workloads.first().expect("a function");
            let mut problems = Vec::new();
            for subnet in topology::STARTS {
                for to in DESTINATIONS {
                    let (ours, theirs) = (walked(workload, subnet, to), outcomes(&topology, subnet, to));
                    if ours != theirs {
                        problems.push(format!("network {nth}, {subnet} to {to}: {ours:?}, and by packets {theirs:?}"));
                    }
                }
                for to in DESTINATIONS.into_iter().chain(PRIVATE) {
                    let ours = followed(&inventory, workload, subnet, to);
                    let theirs = outcomes(&topology, subnet, to);
                    if ours != theirs {
                        problems.push(format!(
                            "network {nth}, {subnet} to {to} alone: {ours:?}, and by packets {theirs:?}"
                        ));
                    }
                }
            }
            problems
        })
        .collect();
    let shown = problems[..problems.len().min(10)].join("\n");
    assert!(problems.is_empty(), "{} differences, such as\n{shown}", problems.len());
}

/// What the walk says of packets to one address, where it follows those alone.
fn followed(inventory: &Inventory, workload: &Workload, subnet: &str, to: Ipv4Addr) -> BTreeSet<Outcome> {
    let traffic = Traffic::To(Destination { ip: to.into(), port: 443, transport: Transport::Tcp });
    let egress = toward(inventory, workload, traffic).expect("paths");
    let outcome = |path: &Path| match (path.arrives(), &path.end) {
        (Known::Unknown(_), _) => Outcome::Unknown,
        (Known::Known(true), End::Internet(exit)) => Outcome::Out(exit.id.clone().expect("an exit has an id")),
        (Known::Known(true), End::Inside { place }) => {
            Outcome::In(place.rsplit(' ').next().expect("a subnet").to_owned())
        }
        _ => Outcome::Dropped,
    };
    egress.paths.iter().filter(|path| path.from == subnet).map(outcome).collect()
}

#[test]
fn the_random_networks_have_every_kind_of_end() {
    let mut seen = BTreeSet::new();
    for nth in 0..300 {
        let topology = Topology::random(nth);
        for to in DESTINATIONS.into_iter().chain(PRIVATE) {
            seen.extend(outcomes(&topology, topology::STARTS[0], to));
        }
    }
    let ends = ["nat-s-a", "nat-e-a"].map(|id| Outcome::Out(id.into()));
    let within = ["subnet-s-w-a", "subnet-s-p-a", "subnet-e-p-a", "subnet-i-f-a"].map(|id| Outcome::In(id.into()));
    for outcome in [Outcome::Dropped, Outcome::Unknown].into_iter().chain(ends).chain(within) {
        assert!(seen.contains(&outcome), "no packet ends with {outcome:?}");
    }
}
