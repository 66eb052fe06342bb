//! A random network by its number, and the walk through it against the reference that sends single packets.
#![no_main]

#[path = "../../tests/packets/reference.rs"]
mod reference;
#[path = "../../tests/packets/topology.rs"]
mod topology;

use std::{collections::BTreeSet, net::Ipv4Addr};

use egress_audit::{
    decode::decode,
    evidence::Known,
    graph::{
        egress::{Destination, End, Traffic, Transport},
        resolve, toward,
    },
};
use reference::{Outcome, outcomes};
use topology::Topology;

libfuzzer_sys::fuzz_target!(|input: (u64, u32)| {
    let topology = Topology::random(input.0);
    let to = Ipv4Addr::from(input.1);
    // The reference sends to addresses that unicast reaches.
    if to.is_multicast() || to.is_broadcast() || to.is_link_local() || to.is_loopback() || to.octets()[0] == 0 || to.octets()[0] >= 240 {
        return;
    }
    let inventory = decode(&topology.snapshot());
    let graph = resolve(&inventory);
    let workload = graph.workloads.first().expect("a function");
    let traffic = Traffic::To(Destination { ip: to.into(), port: 443, transport: Transport::Tcp });
    let egress = toward(&inventory, workload, traffic).expect("paths");
    for subnet in topology::STARTS {
        let ours: BTreeSet<Outcome> = egress.paths.iter().filter(|path| path.from == subnet).map(|path| match (path.arrives(), &path.end) {
            (Known::Unknown(_), _) => Outcome::Unknown,
            (Known::Known(true), End::Internet(exit)) => Outcome::Out(exit.id.clone().expect("an exit has an id")),
            (Known::Known(true), End::Inside { place }) => Outcome::In(place.rsplit(' ').next().expect("a subnet").to_owned()),
            _ => Outcome::Dropped,
        }).collect();
        assert_eq!(ours, outcomes(&topology, subnet, to), "network {}, {subnet} to {to}", input.0);
    }
});
