//! The filters against a slow reference: single packets, rule by rule.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;
use crate::{evidence::GapReason, model::Protocol};

fn net(text: &str) -> IpNet {
    text.parse().expect("a range")
}

fn subnet() -> Subnet {
    Subnet {
        id: "subnet-a".into(),
        name: None,
        vpc: "vpc".into(),
        owner: "1".into(),
        zone: "a".into(),
        named_by: "1".into(),
        zone_id: None,
        cidr: Some(net("10.0.0.0/24")),
        ipv6: Known::Known(Vec::new()),
    }
}

fn group(permissions: &[(&str, u16, u16)]) -> SecurityGroup {
    let egress = permissions.iter().map(|(to, from, until)| Permission {
        protocol: Protocol::Number(TCP),
        ports: Ports { from: *from, to: *until },
        nets: vec![net(to)],
        prefix_lists: Vec::new(),
    });
    SecurityGroup {
        id: "sg".into(),
        name: "app".into(),
        vpc: None,
        ingress: Known::Known(Vec::new()),
        egress: egress.collect(),
    }
}

fn acl(mut entries: Vec<AclEntry>) -> NetworkAcl {
    entries.sort_by_key(|entry| entry.number);
    NetworkAcl { id: "acl".into(), vpc: "vpc".into(), subnets: vec!["subnet-a".into()], entries }
}

fn entry(number: u32, egress: bool, allow: bool, of: &str, from: u16, to: u16) -> AclEntry {
    AclEntry { number, egress, allow, protocol: Protocol::All, ports: Ports { from, to }, net: net(of) }
}

fn open_acl() -> NetworkAcl {
    acl(vec![entry(100, true, true, "0.0.0.0/0", 0, 65535), entry(100, false, true, "0.0.0.0/0", 0, 65535)])
}

fn of(groups: &[SecurityGroup], acl: &NetworkAcl, gap: Option<Gap>) -> Known<Passage> {
    let subnet = subnet();
    let filters = Filters {
        groups: groups.iter().collect(),
        groups_gap: gap,
        lists: Vec::new(),
        near: Some(Known::Known((acl, &subnet))),
        borders: Vec::new(),
    };
    passage(&filters, &[net("8.0.0.0/8"), net("203.0.0.0/8")], Wanted::HTTPS)
}

#[test]
fn an_open_group_and_an_open_acl_let_everything_out() {
    assert_eq!(of(&[group(&[("0.0.0.0/0", 0, 65535)])], &open_acl(), None), Known::Known(Passage::Open));
    let halves = group(&[("0.0.0.0/1", 443, 443), ("128.0.0.0/1", 443, 443)]);
    assert_eq!(of(&[halves], &open_acl(), None), Known::Known(Passage::Open));
}

#[test]
fn a_group_that_names_destinations_limits_them() {
    let partner = group(&[("203.0.113.0/24", 443, 443)]);
    assert!(matches!(of(&[partner], &open_acl(), None), Known::Known(Passage::Limited(_))));
}

#[test]
fn a_group_that_only_names_private_ranges_is_closed_towards_the_internet() {
    let private = group(&[("10.0.0.0/8", 0, 65535)]);
    assert!(matches!(of(&[private], &open_acl(), None), Known::Known(Passage::Closed(Stop::SecurityGroup, _))));
}

#[test]
fn a_group_that_was_not_read_could_only_let_out_more() {
    let gap = Some(Gap::new("sg-2", GapReason::Denied));
    let open = group(&[("0.0.0.0/0", 0, 65535)]);
    assert_eq!(of(&[open], &open_acl(), gap.clone()), Known::Known(Passage::Open));
    assert!(matches!(of(&[group(&[])], &open_acl(), gap), Known::Unknown(_)));
}

#[test]
fn answers_come_back_to_the_ports_from_1024_on_and_not_only_to_those_of_linux() {
    let linux =
        acl(vec![entry(100, true, true, "0.0.0.0/0", 0, 65535), entry(100, false, true, "0.0.0.0/0", 32768, 65535)]);
    let open = [group(&[("0.0.0.0/0", 0, 65535)])];
    assert!(matches!(of(&open, &linux, None), Known::Known(Passage::Degraded(_, why)) if why.contains("1024-32767")));
}

#[test]
fn the_first_rule_that_fits_decides() {
    let open = [group(&[("0.0.0.0/0", 0, 65535)])];
    let mut entries = open_acl().entries;
    entries.push(entry(50, true, false, "0.0.0.0/0", 443, 443));
    assert!(matches!(of(&open, &acl(entries), None), Known::Known(Passage::Limited(_))), "other ports still pass");
    let mut entries = open_acl().entries;
    entries.push(entry(50, true, false, "0.0.0.0/0", 0, 65535));
    assert!(matches!(of(&open, &acl(entries), None), Known::Known(Passage::Closed(Stop::NetworkAcl, _))));
}

/// Whether one packet passes one direction of an ACL.
fn passes(acl: &NetworkAcl, egress: bool, ip: IpAddr, port: u16) -> bool {
    let fits =
        |it: &&AclEntry| it.egress == egress && it.net.contains(&ip) && (it.ports.from..=it.ports.to).contains(&port);
    acl.entries.iter().find(fits).is_some_and(|it| it.allow)
}

/// Whether a connection to a port of an address is let out, and its answers to one port back.
fn connects(groups: &[SecurityGroup], acl: &NetworkAcl, ip: IpAddr, port: u16, back: u16) -> bool {
    let permitted = groups
        .iter()
        .flat_map(|group| &group.egress)
        .any(|it| it.nets.iter().any(|net| net.contains(&ip)) && (it.ports.from..=it.ports.to).contains(&port));
    permitted && passes(acl, true, ip, port) && passes(acl, false, ip, back)
}

fn ranges() -> impl Strategy<Value = IpNet> {
    let base = prop_oneof![Just([8, 0, 0, 0]), Just([203, 0, 113, 0]), Just([203, 0, 0, 0]), Just([8, 8, 8, 8])];
    (base, prop_oneof![Just(0_u8), Just(6), Just(8), Just(9), Just(24), Just(32)])
        .prop_map(|(base, length)| IpNet::new(IpAddr::V4(Ipv4Addr::from(base)), length).expect("a length").trunc())
}

fn ports() -> impl Strategy<Value = Ports> {
    prop_oneof![
        Just(Ports::ALL),
        Just(Ports { from: 443, to: 443 }),
        Just(Ports { from: 80, to: 80 }),
        Just(Ports { from: 1024, to: 65535 }),
        Just(Ports { from: 32768, to: 65535 }),
    ]
}

proptest! {
    #[test]
    fn what_is_called_open_lets_every_packet_through_and_what_is_called_closed_none(
        permissions in proptest::collection::vec((ranges(), ports()), 0..4),
        rules in proptest::collection::vec((1_u32..200, any::<bool>(), any::<bool>(), ranges(), ports()), 0..8),
        // Most networks have a rule for the rest; without it random ones are closed.
        rest in any::<bool>(),
    ) {
        let egress = permissions.into_iter().map(|(net, ports)| Permission {
            protocol: Protocol::Number(TCP), ports, nets: vec![net], prefix_lists: Vec::new(),
        });
        let groups = [SecurityGroup { id: "sg".into(), name: "app".into(), vpc: None, ingress: Known::Known(Vec::new()), egress: egress.collect() }];
        let mut entries: Vec<AclEntry> = rules.into_iter().map(|(number, egress, allow, net, ports)| AclEntry {
            number, egress, allow, protocol: Protocol::All, ports, net,
        }).collect();
        if rest {
            entries.extend(open_acl().entries.into_iter().map(|entry| AclEntry { number: 1000, ..entry }));
        }
        let acl = acl(entries);
        let ips = ["8.0.0.0", "8.8.8.8", "8.8.8.9", "8.255.255.255", "203.0.0.0", "203.0.113.0", "203.0.113.255", "203.128.0.0"];
        let ips = ips.map(|ip| ip.parse::<IpAddr>().expect("an address"));
        let back = [1024, 32767, 32768, 65535];
        match of(&groups, &acl, None) {
            Known::Known(Passage::Open) => for ip in ips {
                let denied = acl.entries.iter().any(|it| !it.allow && it.net.contains(&ip) && it.number < 1000);
                // A list of forbidden destinations leaves a network open; everyone else gets through on every port.
                prop_assert!(denied || back.iter().all(|&back| connects(&groups, &acl, ip, 443, back)), "{ip}");
            },
            Known::Known(Passage::Closed(..)) => for ip in ips {
                for port in [80, 443, 1024, 40000] {
                    prop_assert!(!back.iter().all(|&back| connects(&groups, &acl, ip, port, back)), "{ip}:{port}");
                }
            },
            Known::Known(Passage::Limited(_) | Passage::Degraded(..)) | Known::Unknown(_) => {}
        }
    }
}
