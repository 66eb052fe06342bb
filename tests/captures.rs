//! Real networks: what AWS answered of deployments that somebody built, and the hops that packets took there.
//!
//! The data are carried over from the test data of Batfish (Apache-2.0) by `tests/oracles/captures.py`.
#![expect(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "tests read fixtures, and fail")]

use std::{collections::BTreeSet, fs, net::IpAddr, path::PathBuf};

use egress_audit::{
    decode::decode,
    graph::{
        egress::{
            Egress, End, Path, Stop,
            partition::{Candidate, partition},
        },
        resolve,
    },
    model::{Destination, Inventory, Target},
    snapshot,
};
use ipnet::IpNet;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Trace {
    folder: String,
    from_subnet: String,
    to: IpAddr,
    hops: Vec<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures")
}

/// The table that a subnet uses, by the first of its routes with the longest prefix for an address.
fn target(inventory: &Inventory, subnet: &str, to: IpAddr) -> Option<Target> {
    let own = |it: &&egress_audit::model::Subnet| it.id == subnet;
    let vpc = &inventory.aws.subnets.iter().map(|(_, it)| it).find(own).expect("the subnet").vpc;
    let tables: Vec<_> =
        inventory.aws.route_tables.iter().map(|(_, table)| table).filter(|it| it.vpc == *vpc).collect();
    let named = tables.iter().find(|table| table.subnets.iter().any(|it| it == subnet));
    let table = named.or_else(|| tables.iter().find(|table| table.main)).expect("a table");
    let mut candidates = Vec::new();
    for route in &table.routes {
        match &route.destination {
            Destination::Net(net) => candidates.push(Candidate { net: *net, route, listed: false }),
            Destination::PrefixList(list) => {
                let found = inventory.aws.prefix_lists.iter().map(|(_, it)| it).find(|it| it.id == *list);
                let entries = found.expect("the list").entries.clone().into_result().expect("its entries");
                candidates.extend(entries.into_iter().map(|net| Candidate { net, route, listed: true }));
            }
        }
    }
    let slices = partition(&[IpNet::from(to)], &candidates);
    slices.first().and_then(|slice| slice.route).map(|route| route.target.clone())
}

/// The hops of the walk, and where it ends, as the traces write them.
fn walked(egress: &Egress, to: IpAddr) -> Vec<String> {
    let takes = |path: &&Path| path.destinations.is_empty() || path.destinations.iter().any(|net| net.contains(&to));
    let path = egress.paths.iter().find(takes).expect("a path for every address of the internet");
    let mut hops: Vec<String> = path.hops.iter().map(|hop| hop.id.clone()).collect();
    match &path.end {
        End::Internet(_) => {}
        // A function has no public address; the machines of the traces may have one, and so are followed a hop further.
        End::Nowhere { stop: Stop::PublicSubnet, .. } => {
            hops.extend(path.hops.last().and_then(|hop| hop.decision.rsplit(' ').next().map(str::to_owned)));
        }
        End::Nowhere { stop: Stop::NoRoute, .. } => hops.push("NO_ROUTE".into()),
        End::Elsewhere { through, .. } => hops.extend(through.rsplit(' ').next().map(str::to_owned)),
        other => panic!("{other:?}"),
    }
    hops
}

#[test]
fn the_walk_takes_the_hops_that_were_seen_in_real_networks() {
    let text = fs::read_to_string(folder().join("traces.json")).expect("the traces");
    let traces: Vec<Trace> = serde_json::from_str(&text).expect("the traces");
    let (mut checked, mut kinds) = (0, BTreeSet::new());
    for trace in &traces {
        let file = folder().join(format!("{}.json", trace.folder));
        let inventory = decode(&snapshot::read_file(&file).expect("a snapshot"));
        let expected: Vec<&str> =
            trace.hops.iter().map(String::as_str).filter(|hop| !hop.starts_with("vpc-")).collect();
        match target(&inventory, &trace.from_subnet, trace.to) {
            // What stays inside is on no path to the internet: it goes to the subnet that has the address.
            Some(Target::Local) => {
                let holds = |it: &&egress_audit::model::Subnet| it.cidr.is_some_and(|cidr| cidr.contains(&trace.to));
                let there = inventory.aws.subnets.iter().map(|(_, it)| it).find(holds).expect("a subnet");
                assert_eq!(expected, [trace.from_subnet.as_str(), there.id.as_str()], "{trace:?}");
                kinds.insert("local");
            }
            Some(Target::Endpoint(endpoint)) => {
                assert_eq!(expected, [trace.from_subnet.as_str(), endpoint.as_str()], "{trace:?}");
                let graph = resolve(&inventory);
                let workload = graph.workloads.iter().find(|it| it.name == trace.from_subnet).expect("a function");
                assert!(workload.egress.bypasses.iter().any(|bypass| bypass.endpoint == endpoint), "{trace:?}");
                kinds.insert("bypass");
            }
            _ => {
                let graph = resolve(&inventory);
                let workload = graph.workloads.iter().find(|it| it.name == trace.from_subnet).expect("a function");
                assert_eq!(walked(&workload.egress, trace.to), expected, "{trace:?}");
                kinds.insert("walk");
            }
        }
        checked += 1;
    }
    assert_eq!((checked, kinds.len()), (10, 3));
}
