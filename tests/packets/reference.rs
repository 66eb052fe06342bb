//! Single packets, hop by hop, and their answers: slow, and from what AWS documents alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use ipnet::Ipv4Net;

use crate::topology::{Hop, To, Topology};

/// What becomes of a packet and its answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It gets out through this NAT gateway, and the answer comes back.
    Out(String),
    /// It arrives in this subnet, and the answer comes back.
    In(String),
    /// One of the two is dropped.
    Dropped,
    /// It goes out of sight, or the answer takes another way than the packet: nobody can say.
    Unknown,
}

/// What a packet went through since its source address was last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Gate {
    Peering,
    Endpoint(String),
    /// From VPC to VPC, by the subnets of these attachments.
    Transit {
        from: &'static str,
        entry: String,
        to: &'static str,
    },
}

/// What became of an answer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Back,
    Astray,
    Lost,
}

#[derive(Debug, Clone)]
struct Packet {
    at: String,
    to: Ipv4Addr,
    source: Ipv4Addr,
    /// The NAT gateway whose public address it will get at the internet gateway of its VPC.
    public: Option<String>,
    gates: Vec<Gate>,
    answer: Answer,
    seen: BTreeSet<String>,
}

/// Every way that packets from a subnet to an address may take, over all the addresses of the subnet.
pub(crate) fn outcomes(topology: &Topology, subnet: &str, to: Ipv4Addr) -> BTreeSet<Outcome> {
    let [a, b, c, _] = topology.subnets[subnet].net.network().octets();
    // One address of each half: no route is narrower.
    let of = |last: u8| {
        let packet = Packet {
            at: subnet.into(),
            to,
            source: Ipv4Addr::new(a, b, c, last),
            public: None,
            gates: Vec::new(),
            answer: Answer::Back,
            seen: BTreeSet::new(),
        };
        send(topology, packet)
    };
    let both = of(5).into_iter().zip(of(200)).map(|pair| match pair {
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
        // A function gets any address of the subnet: what fails for some is not sound.
        (Outcome::Dropped, _) | (_, Outcome::Dropped) => Outcome::Dropped,
        (arrived, _) => arrived,
    });
    both.collect()
}

fn longest<T: Clone>(routes: &BTreeMap<Ipv4Net, T>, to: Ipv4Addr) -> Option<T> {
    let fits = routes.iter().filter(|(range, _)| range.contains(&to));
    fits.max_by_key(|(range, _)| range.prefix_len()).map(|(_, target)| target.clone())
}

fn send(topology: &Topology, mut packet: Packet) -> Vec<Outcome> {
    let here = &topology.subnets[&packet.at];
    match longest(&here.routes, packet.to) {
        None | Some(To::Blackhole) => vec![Outcome::Dropped],
        Some(To::Local) => vec![arrive(topology, here.vpc, &packet)],
        // What leads to no internet may lead to a private network.
        Some(To::Peering) if packet.to.is_private() => vec![peer(topology, here.vpc, packet)],
        Some(To::Peering) => vec![Outcome::Dropped],
        Some(To::Office) => vec![Outcome::Unknown],
        Some(To::Internet) if packet.to.is_private() => vec![Outcome::Dropped],
        Some(To::Internet) => vec![leave(topology, here.vpc, &packet)],
        Some(To::Nat(id)) => {
            let nat = &topology.nats[&id];
            if !nat.available || !packet.seen.insert(id.clone()) {
                return vec![Outcome::Dropped];
            }
            // The answer starts here, for the address that the packet came with.
            let back =
                answer(topology, &nat.subnet, &topology.subnets[&nat.subnet].routes, &packet.gates, packet.source);
            packet.answer = packet.answer.max(back);
            packet.gates.clear();
            packet.source = nat.private;
            packet.public = nat.public.then_some(id);
            packet.at.clone_from(&nat.subnet);
            send(topology, packet)
        }
        Some(To::Endpoint(id)) => {
            let (subnet, available) = &topology.endpoints[&id];
            if !available || !packet.seen.insert(id.clone()) {
                return vec![Outcome::Dropped];
            }
            packet.gates.push(Gate::Endpoint(id));
            packet.at.clone_from(subnet);
            send(topology, packet)
        }
        Some(To::Transit) => cross(topology, here.vpc, here.zone, &packet),
    }
}

fn cross(topology: &Topology, from: &'static str, zone: &'static str, packet: &Packet) -> Vec<Outcome> {
    let Some(own) = topology.attachments.get(from) else { return vec![Outcome::Dropped] };
    let Some(table) = own.table.filter(|_| own.zones.contains(&zone)) else { return vec![Outcome::Dropped] };
    let to = match longest(&topology.tables[table], packet.to) {
        None | Some(Hop::Blackhole) => return vec![Outcome::Dropped],
        Some(Hop::Office) => return vec![Outcome::Unknown],
        Some(Hop::Vpc(vpc)) => vpc,
    };
    let mut packet = packet.clone();
    if !packet.seen.insert(format!("{from}>{to}")) {
        return vec![Outcome::Dropped];
    }
    // Its reserved address stays behind.
    packet.public = None;
    packet.gates.push(Gate::Transit { from, entry: format!("subnet-{from}-t-{zone}"), to });
    let there = &topology.attachments[to];
    let same = there.zones.contains(&zone) && !there.appliance;
    let zones = if same { vec![zone] } else { there.zones.clone() };
    let each = |zone: &str| send(topology, Packet { at: format!("subnet-{to}-t-{zone}"), ..packet.clone() });
    zones.into_iter().flat_map(each).collect()
}

/// By the connection between two VPCs; which it connects shows in the tables of both.
fn peer(topology: &Topology, vpc: &'static str, mut packet: Packet) -> Outcome {
    let other = match vpc {
        "s" => "e",
        "e" => "s",
        _ => return Outcome::Unknown,
    };
    let named =
        topology.subnets.values().any(|own| own.vpc == other && own.routes.values().any(|to| *to == To::Peering));
    let named_at_edge = topology.edges.get(other).is_some_and(|routes| routes.values().any(|to| *to == To::Peering));
    if !(named || named_at_edge) || !packet.gates.is_empty() {
        return Outcome::Unknown;
    }
    packet.gates.push(Gate::Peering);
    arrive(topology, other, &packet)
}

fn arrive(topology: &Topology, vpc: &'static str, packet: &Packet) -> Outcome {
    let mut subnets = topology.subnets.iter().filter(|(_, own)| own.vpc == vpc);
    let Some((id, own)) = subnets.find(|(_, own)| own.net.contains(&packet.to)) else { return Outcome::Dropped };
    match packet.answer.max(answer(topology, id, &own.routes, &packet.gates, packet.source)) {
        Answer::Back => Outcome::In(id.clone()),
        Answer::Astray => Outcome::Unknown,
        Answer::Lost => Outcome::Dropped,
    }
}

fn leave(topology: &Topology, vpc: &'static str, packet: &Packet) -> Outcome {
    let Some(nat) = packet.public.clone().filter(|_| topology.online.contains(&vpc)) else { return Outcome::Dropped };
    let back = match topology.edges.get(vpc) {
        Some(table) => answer(topology, "", table, &packet.gates, packet.source),
        None if packet.gates.is_empty() => Answer::Back,
        None => Answer::Astray,
    };
    match packet.answer.max(back) {
        Answer::Back => Outcome::Out(nat),
        Answer::Astray => Outcome::Unknown,
        Answer::Lost => Outcome::Dropped,
    }
}

/// An answer, from a subnet by a table, back through the gates to an address.
fn answer(topology: &Topology, at: &str, table: &BTreeMap<Ipv4Net, To>, gates: &[Gate], to: Ipv4Addr) -> Answer {
    match (gates.split_last(), longest(table, to)) {
        (_, Some(To::Blackhole)) | (Some(_), None) => Answer::Lost,
        (None, None | Some(To::Local)) => Answer::Back,
        (None, Some(_)) => Answer::Astray,
        (Some((Gate::Peering, _)), Some(To::Peering)) => Answer::Back,
        (Some((Gate::Endpoint(id), rest)), Some(To::Endpoint(by))) if *id == by => {
            let subnet = &topology.endpoints[id].0;
            answer(topology, subnet, &topology.subnets[subnet].routes, rest, to)
        }
        (Some((Gate::Transit { from, entry, to: there }, rest)), Some(To::Transit)) => {
            let (own, zone) = (&topology.attachments[there], topology.subnets[at].zone);
            let Some(table) = own.table.filter(|_| own.zones.contains(&zone)) else { return Answer::Lost };
            match longest(&topology.tables[table], to) {
                None | Some(Hop::Blackhole) => return Answer::Lost,
                Some(Hop::Vpc(vpc)) if vpc == *from => {}
                Some(_) => return Answer::Astray,
            }
            let entered = &topology.subnets[entry];
            let firewall = matches!(rest.last(), Some(Gate::Endpoint(_)));
            // Without appliance mode it comes out in the zone that it comes from.
            if firewall && !topology.attachments[from].appliance && zone != entered.zone {
                return Answer::Astray;
            }
            if rest.is_empty() { Answer::Back } else { answer(topology, entry, &entered.routes, rest, to) }
        }
        (Some((Gate::Transit { .. }, _)), Some(To::Local | To::Internet | To::Nat(_))) => Answer::Lost,
        (Some(_), Some(_)) => Answer::Astray,
    }
}
