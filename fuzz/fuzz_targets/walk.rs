//! A random network by its number, and the walk through it against the reference that sends single packets.
#![no_main]

#[path = "../../tests/packets/reference.rs"]
mod reference;
#[path = "../../tests/packets/topology.rs"]
mod topology;

use std::{collections::BTreeSet, net::Ipv4Addr, sync::LazyLock};

use egress_audit::{
    decode::decode,
    evidence::Known,
    graph::{
        egress::{Destination, End, Traffic, Transport},
        resolve, toward,
    },
};
use ipnet::Ipv4Net;
use reference::{Outcome, outcomes};
use topology::Topology;

/// What the registry of special addresses keeps from the internet, besides the private ranges, which VPCs have.
static SPECIAL: LazyLock<Vec<Ipv4Net>> = LazyLock::new(|| {
    let ranges = [
        "0.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    ];
    ranges.map(|range| range.parse().expect("a range")).to_vec()
});

libfuzzer_sys::fuzz_target!(|input: (u64, u32)| {
    let topology = Topology::random(input.0);
    let to = Ipv4Addr::from(input.1);
    // The reference sends to what the internet or a VPC carries; ranges for special uses go nowhere.
    if SPECIAL.iter().any(|range| range.contains(&to)) {
        return;
    }
    let inventory = decode(&topology.snapshot());
    let graph = resolve(&inventory);
    let workload = graph.workloads.first().expect("a function");
    let traffic = Traffic::To(Destination { ip: to.into(), port: 443, transport: Transport::Tcp });
    let egress = toward(&inventory, workload, traffic).expect("paths");
    for subnet in topology::STARTS {
        let ours: BTreeSet<Outcome> = egress
            .paths
            .iter()
            .filter(|path| path.from == subnet)
            .map(|path| match (path.arrives(), &path.end) {
                (Known::Unknown(_), _) => Outcome::Unknown,
                (Known::Known(true), End::Internet(exit)) => Outcome::Out(exit.id.clone().expect("an exit has an id")),
                (Known::Known(true), End::Inside { place }) => {
                    Outcome::In(place.rsplit(' ').next().expect("a subnet").to_owned())
                }
                _ => Outcome::Dropped,
            })
            .collect();
        assert_eq!(ours, outcomes(&topology, subnet, to), "network {}, {subnet} to {to}", input.0);
    }
});
