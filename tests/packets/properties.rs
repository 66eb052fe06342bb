//! What may be done to a network, and what the walk may then say: over random networks, each destination by itself.

use std::{collections::BTreeSet, net::Ipv4Addr};

use egress_audit::{
    decode::decode,
    evidence::Known,
    graph::{Workload, resolve},
    snapshot::{Record, ScopeId, Snapshot},
};
use ipnet::Ipv4Net;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::{
    DESTINATIONS,
    reference::Outcome,
    topology::{Nat, STARTS, Subnet, To, Topology, range_of},
    walked,
};

const NETWORKS: u64 = 300;

/// What becomes of packets to each destination from each subnet of the function.
type Fate = Vec<BTreeSet<Outcome>>;

fn workload(snapshot: &Snapshot) -> Workload {
    resolve(&decode(snapshot)).workloads.into_iter().next().expect("a function")
}

fn fate_in(snapshot: &Snapshot) -> Fate {
    let workload = workload(snapshot);
    let each = |subnet: &'static str| DESTINATIONS.map(|to| walked(&workload, subnet, to));
    STARTS.into_iter().flat_map(each).collect()
}

fn fate(topology: &Topology) -> Fate {
    fate_in(&topology.snapshot())
}

/// Whether packets certainly get out, wherever they may come by.
fn gets_out(outcomes: &BTreeSet<Outcome>) -> bool {
    !outcomes.is_empty() && outcomes.iter().all(|it| matches!(it, Outcome::Out(_)))
}

/// Whether they certainly do not.
fn is_dropped(outcomes: &BTreeSet<Outcome>) -> bool {
    outcomes.iter().all(|it| *it == Outcome::Dropped)
}

fn every_network(check: impl Fn(u64, Topology) + Sync) {
    (0..NETWORKS).into_par_iter().for_each(|nth| check(nth, Topology::random(nth.wrapping_mul(7919) + 3)));
}

/// The same snapshot with another body for the records of a kind.
fn rewritten(mut snapshot: Snapshot, kind: &str, change: impl Fn(&mut Value)) -> Snapshot {
    for record in snapshot.records.iter_mut().filter(|record| record.kind == kind) {
        let mut body: Value = serde_json::from_str(record.body.get()).expect("JSON");
        change(&mut body);
        *record = Record::new(record.kind.clone(), record.id.clone(), record.scope.clone(), body).expect("a body");
    }
    snapshot
}

#[test]
fn a_nat_that_no_route_names_changes_nothing() {
    every_network(|nth, mut topology| {
        let before = fate(&topology);
        let nat = Nat {
            subnet: "subnet-s-p-a".into(),
            available: true,
            public: true,
            private: Ipv4Addr::new(172, 30, 16, 99),
        };
        topology.nats.insert("nat-s-unused".into(), nat);
        assert_eq!(fate(&topology), before, "network {nth}");
    });
}

#[test]
fn a_subnet_that_nobody_passes_changes_nothing_and_neither_does_another_vpc() {
    every_network(|nth, mut topology| {
        let before = fate(&topology);
        let net: Ipv4Net = "172.30.240.0/24".parse().expect("a range");
        let routes = [(range_of("s"), To::Local), ("0.0.0.0/0".parse().expect("a range"), To::Internet)].into();
        topology.subnets.insert("subnet-s-x-a".into(), Subnet { vpc: "s", zone: "a", net, routes });
        let net: Ipv4Net = "10.222.0.0/24".parse().expect("a range");
        let routes = [("0.0.0.0/0".parse().expect("a range"), To::Internet)].into();
        topology.subnets.insert("subnet-u-x-a".into(), Subnet { vpc: "u", zone: "a", net, routes });
        assert_eq!(fate(&topology), before, "network {nth}");
    });
}

#[test]
fn a_route_in_two_halves_is_the_same_route() {
    every_network(|nth, mut topology| {
        let before = fate(&topology);
        for subnet in topology.subnets.values_mut() {
            let whole: Vec<_> = subnet.routes.keys().copied().filter(|net| net.prefix_len() < 24).collect();
            for net in whole {
                let halves: Vec<Ipv4Net> = net.subnets(net.prefix_len() + 1).expect("halves").collect();
                // A half that has a route of its own keeps it.
                if subnet.routes[&net] != To::Local && halves.iter().all(|half| !subnet.routes.contains_key(half)) {
                    let target = subnet.routes.remove(&net).expect("a route");
                    subnet.routes.extend(halves.into_iter().map(|half| (half, target.clone())));
                }
            }
        }
        assert_eq!(fate(&topology), before, "network {nth}");
    });
}

#[test]
fn a_more_specific_route_changes_its_own_destinations_alone() {
    every_network(|nth, mut topology| {
        let before = fate(&topology);
        let net: Ipv4Net = "205.1.0.0/16".parse().expect("a range");
        topology.subnets.get_mut(STARTS[0]).expect("a subnet").routes.insert(net, To::Blackhole);
        let after = fate(&topology);
        for (at, (before, after)) in before.iter().zip(&after).enumerate() {
            let (subnet, to) = (STARTS[at / DESTINATIONS.len()], DESTINATIONS[at % DESTINATIONS.len()]);
            // What comes back to the subnet on its way meets the route as well.
            if subnet == STARTS[0] && net.contains(&to) {
                assert!(is_dropped(after), "network {nth}: a blackhole drops, and nothing falls through: {after:?}");
            } else if !net.contains(&to) {
                assert_eq!(before, after, "network {nth}, {subnet} to {to}");
            }
        }
    });
}

#[test]
fn what_fails_lets_nothing_more_out() {
    every_network(|nth, topology| {
        let before = fate(&topology);
        let worse = |after: Fate, what: &str| {
            for (before, after) in before.iter().zip(&after) {
                assert!(!gets_out(after) || gets_out(before), "network {nth}, {what}: {before:?} became {after:?}");
            }
        };
        for id in topology.nats.keys() {
            let mut failed = topology.clone();
            failed.nats.get_mut(id).expect("a NAT").available = false;
            worse(fate(&failed), id);
        }
        let mut offline = topology.clone();
        offline.online.clear();
        assert!(fate(&offline).iter().all(|outcomes| !gets_out(outcomes)), "network {nth}");
        worse(fate(&offline), "no internet gateway");
    });
}

#[test]
fn a_further_permission_shuts_nothing_and_a_further_denial_opens_nothing() {
    every_network(|nth, topology| {
        let open = topology.snapshot();
        let before = fate_in(&open);
        let narrow =
            json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "8.8.0.0/16"}]}]);
        let shut = rewritten(open.clone(), "ec2:security-group", |body| body["IpPermissionsEgress"] = json!([]));
        let some = rewritten(open.clone(), "ec2:security-group", |body| body["IpPermissionsEgress"] = narrow.clone());
        assert!(fate_in(&shut).iter().all(|outcomes| !gets_out(outcomes)), "network {nth}");
        let more = rewritten(open.clone(), "ec2:security-group", |body| {
            let permissions = body["IpPermissionsEgress"].as_array_mut().expect("a list");
            permissions.extend(narrow.as_array().expect("a list").clone());
        });
        assert_eq!(fate_in(&more), before, "network {nth}");
        for (wide, narrow) in before.iter().zip(fate_in(&some)) {
            assert!(!gets_out(&narrow) || gets_out(wide), "network {nth}");
        }
        let denial =
            json!({"RuleNumber": 1, "Egress": true, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
        let denied = rewritten(open, "ec2:network-acl", |body| {
            body["Entries"].as_array_mut().expect("a list").push(denial.clone());
        });
        assert!(fate_in(&denied).iter().all(|outcomes| !gets_out(outcomes)), "network {nth}");
    });
}

#[test]
fn the_order_of_records_and_lists_says_nothing() {
    every_network(|nth, topology| {
        let mut snapshot = topology.snapshot();
        let before = fate_in(&snapshot);
        snapshot.records.reverse();
        for (kind, list) in
            [("ec2:route-table", "Routes"), ("ec2:network-acl", "Entries"), ("lambda:function", "SubnetIds")]
        {
            snapshot = rewritten(snapshot, kind, |body| {
                let body = if kind == "lambda:function" { &mut body["VpcConfig"] } else { body };
                if let Some(list) = body[list].as_array_mut() {
                    list.reverse();
                }
            });
        }
        assert_eq!(fate_in(&snapshot), before, "network {nth}");
    });
}

#[test]
fn the_addresses_are_those_that_somebody_owns() {
    every_network(|nth, topology| {
        let workload = workload(&topology.snapshot());
        for path in workload.egress.paths.iter() {
            for address in path.exit().into_iter().flat_map(|exit| &exit.addresses) {
                assert_eq!(address.ip, "198.51.100.7", "network {nth}: the one Elastic IP that there is");
            }
            // A verdict of static needs an address for every path that gets out.
            if workload.egress.verdict.as_str() == "static" && path.reaches_internet() == Known::Known(true) {
                assert!(path.exit().is_some_and(|exit| !exit.addresses.is_empty()), "network {nth}");
            }
        }
    });
}

#[test]
fn a_function_in_two_subnets_has_the_paths_of_both() {
    every_network(|nth, topology| {
        let both = fate(&topology);
        let in_one = |own: &str| {
            let at = json!([own]);
            rewritten(topology.snapshot(), "lambda:function", |body| body["VpcConfig"]["SubnetIds"] = at.clone())
        };
        for (at, subnet) in STARTS.into_iter().enumerate() {
            let workload = workload(&in_one(subnet));
            let alone: Vec<_> = DESTINATIONS.iter().map(|to| walked(&workload, subnet, *to)).collect();
            let of_both = both.get(at * DESTINATIONS.len()..(at + 1) * DESTINATIONS.len()).expect("its part");
            assert_eq!(alone, of_both, "network {nth}, {subnet}");
        }
    });
}

#[test]
fn what_another_account_has_changes_nothing() {
    every_network(|nth, topology| {
        let mut snapshot = topology.snapshot();
        let before = fate_in(&snapshot);
        let other = ScopeId::aws("2", "us-west-2");
        for mut line in snapshot.coverage.clone() {
            line.scope = other.clone();
            snapshot.coverage.push(line);
        }
        let table = json!({
            "RouteTableId": "rtb-of-2", "VpcId": "vpc-of-2", "Associations": [{"Main": true}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-of-2", "State": "active"}],
        });
        snapshot.records.push(Record::new("ec2:route-table", "rtb-of-2", other, table).expect("a body"));
        assert_eq!(fate_in(&snapshot), before, "network {nth}");
    });
}
