//! Real networks: what AWS answered of deployments that somebody built, and the hops that packets took there.
//!
//! The data are carried over from the test data of Batfish (Apache-2.0) by `tests/oracles/captures.py`.
#![expect(clippy::disallowed_methods, clippy::panic, reason = "tests read fixtures, and fail")]

use std::{fs, net::IpAddr, path::PathBuf};

use egress_audit::{
    decode::decode,
    graph::{
        egress::{Destination, Egress, End, Stop, Traffic, Transport},
        resolve, toward,
    },
    snapshot,
};
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

/// The hops of the walk to one address, and where it ends, as the traces write them.
fn walked(egress: &Egress) -> Vec<String> {
    let [path] = &*egress.paths else { panic!("one path from one subnet: {egress:?}") };
    let mut hops: Vec<String> = path.hops.iter().map(|hop| hop.id.clone()).collect();
    let last = |text: &str| text.rsplit(' ').next().map(str::to_owned);
    match &path.end {
        End::Internet(_) => {}
        // A function has no public address; the machines of the traces may have one, and so are followed a hop further.
        End::Nowhere { stop: Stop::PublicSubnet, .. } => {
            hops.extend(path.hops.last().and_then(|hop| last(&hop.decision)));
        }
        End::Nowhere { stop: Stop::NoRoute, .. } => hops.push("NO_ROUTE".into()),
        End::Elsewhere { through: place, .. } | End::Inside { place } => hops.extend(last(place)),
        other => panic!("{other:?}"),
    }
    hops
}

#[test]
fn the_walk_takes_the_hops_that_were_seen_in_real_networks() {
    let text = fs::read_to_string(folder().join("traces.json")).expect("the traces");
    let traces: Vec<Trace> = serde_json::from_str(&text).expect("the traces");
    assert_eq!(traces.len(), 10);
    for trace in &traces {
        let file = folder().join(format!("{}.json", trace.folder));
        let inventory = decode(&snapshot::read_file(&file).expect("a snapshot"));
        let graph = resolve(&inventory);
        let workload = graph.workloads.iter().find(|it| it.name == trace.from_subnet).expect("a function");
        let to = Destination { ip: trace.to, port: 443, transport: Transport::Tcp };
        let egress = toward(&inventory, workload, Traffic::To(to)).expect("paths");
        let expected: Vec<&str> =
            trace.hops.iter().map(String::as_str).filter(|hop| !hop.starts_with("vpc-")).collect();
        assert_eq!(walked(&egress), expected, "{trace:?}");
    }
}
