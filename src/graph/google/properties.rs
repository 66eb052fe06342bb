//! The routes and the firewalls against single packets, which are easy to judge one by one.

use ipnet::{IpNet, Ipv4Net};
use proptest::prelude::*;

use super::{
    firewall,
    place::Standing,
    routing::{By, ways},
};
use crate::{
    decode::decode,
    evidence::Known,
    graph::egress::{self, Passage, Wanted},
    model::{
        Ports,
        google::{
            Action, EffectiveFirewalls, FirewallRule, Google, Layer, LayerKind, NextHop, Traffic, Via, VpcNetwork,
            VpcRoute,
        },
    },
    snapshot::{ScopeId, Snapshot},
};

const NETWORK: &str = "projects/p/global/networks/n";

fn whole() -> ScopeId {
    ScopeId::gcp("p", ScopeId::GLOBAL)
}

/// An estate in which everything was read, and nothing is there.
fn empty() -> Google {
    let mut google = decode(&Snapshot::empty("2026-11-22T00:00:00Z".parse().expect("a time"))).google;
    google.routes.note_scope(whole(), None);
    google.policy_routes.note_scope(whole(), None);
    google.routers.note_scope(whole(), None);
    google.firewalls.note_scope(whole(), None);
    google
}

fn network(policies_first: bool) -> VpcNetwork {
    VpcNetwork { name: NETWORK.into(), global_routing: false, policies_first, peerings: Vec::new() }
}

fn standing<'a>(network: &'a VpcNetwork, tags: &[&str]) -> Standing<'a> {
    Standing {
        host: "p".into(),
        region: "us-central1".into(),
        network,
        subnet: None,
        range: None,
        tags: tags.iter().map(ToString::to_string).collect(),
        connector: None,
    }
}

fn net(address: u32, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new(address.into(), length).expect("a length").trunc())
}

fn route(index: usize, &(address, length, priority, hop, tag, learnt): &(u32, u8, u32, u8, u8, bool)) -> VpcRoute {
    VpcRoute {
        name: format!("r{index}"),
        network: NETWORK.into(),
        net: net(address, length),
        priority,
        tags: match tag {
            0 => vec!["a".into()],
            1 => vec!["b".into()],
            _ => Vec::new(),
        },
        via: if learnt { Via::Dynamic } else { Via::Static },
        hop: NextHop::Other { kind: "instance", name: format!("vm-{hop}") },
        warning: None,
    }
}

/// A rule of a layer: its priority, what it does, its range, its port, whether it is for the tag `a`.
type Drawn = (i64, u8, u32, u8, Option<u16>, bool);

fn rule(index: usize, &(priority, action, address, length, port, tagged): &Drawn, policy: bool) -> FirewallRule {
    FirewallRule {
        name: format!("f{index}"),
        network: if policy { String::new() } else { NETWORK.into() },
        egress: true,
        priority: if policy { i64::try_from(index).expect("few") } else { priority },
        action: match (action, policy) {
            (0, true) => Action::Next,
            (0 | 1, _) => Action::Allow,
            _ => Action::Deny,
        },
        nets: vec![net(address, length)],
        named: false,
        traffic: port
            .map(|port| Traffic {
                protocol: "tcp".into(),
                ports: vec![Ports { from: port, to: port.saturating_add(100) }],
            })
            .into_iter()
            .collect(),
        tags: if tagged && !policy { vec!["a".into()] } else { Vec::new() },
        by_account: false,
        targets: None,
        disabled: false,
    }
}

/// What becomes of one packet: the first rule that fits decides, layer by layer.
fn judged(layers: &[Vec<FirewallRule>], tags: &[&str], ip: IpNet, port: u16) -> bool {
    for layer in layers {
        let fits = |rule: &&FirewallRule| {
            let tagged = rule.tags.is_empty() || rule.tags.iter().any(|tag| tags.contains(&tag.as_str()));
            let ported = rule.traffic.is_empty()
                || rule.traffic.iter().flat_map(|it| &it.ports).any(|ports| (ports.from..=ports.to).contains(&port));
            tagged && ported && rule.nets.iter().any(|net| net.contains(&ip))
        };
        match layer.iter().find(fits).map(|rule| rule.action) {
            Some(Action::Allow) => return true,
            Some(Action::Deny) => return false,
            Some(Action::Next | Action::Other) | None => {}
        }
    }
    true
}

proptest! {
    #[test]
    fn each_address_takes_the_longest_prefix_then_the_lowest_priority_that_its_tags_admit(
        drawn in prop::collection::vec((any::<u32>(), 0u8..=32, 0u32..4, 0u8..3, 0u8..4, any::<bool>()), 0..10),
        probes in prop::collection::vec(any::<u32>(), 1..12),
    ) {
        let network = network(false);
        let standing = standing(&network, &["a"]);
        let mut google = empty();
        let routes: Vec<VpcRoute> = drawn.iter().enumerate().map(|(index, drawn)| route(index, drawn)).collect();
        for route in &routes {
            google.routes.insert(whole(), route.name.clone(), route.clone());
        }
        let found = ways(&google, &standing, &[net(0, 0)], egress::Traffic::Internet);
        let own: Vec<&VpcRoute> =
            routes.iter().filter(|route| route.tags.is_empty() || route.tags.contains(&"a".to_owned())).collect();
        let edges = own.iter().flat_map(|route| [route.net.network(), route.net.broadcast()]);
        let probes = probes.iter().map(|&ip| std::net::IpAddr::V4(ip.into()));
        for ip in probes.chain(edges).map(IpNet::from) {
            let fits: Vec<_> = own.iter().filter(|route| route.net.contains(&ip)).collect();
            let rank = |route: &VpcRoute| {
                (std::cmp::Reverse(route.net.prefix_len()), route.priority, route.via == Via::Dynamic)
            };
            let best = fits.iter().map(|route| rank(route)).min();
            let allowed: Vec<_> = fits.iter().filter(|route| Some(rank(route)) == best).map(|route| &route.hop).collect();
            let taken: Vec<_> = found.iter().filter(|way| way.nets.iter().any(|net| net.contains(&ip))).collect();
            prop_assert!(!taken.is_empty());
            for way in taken {
                match &way.by {
                    By::None => prop_assert!(allowed.is_empty()),
                    By::Route(route) => prop_assert!(allowed.contains(&&route.hop)),
                    By::Policy(..) | By::Unknown(_) => prop_assert!(false, "nothing else is there"),
                }
            }
        }
    }

    #[test]
    fn firewalls_do_to_a_network_what_they_do_to_each_of_its_packets(
        drawn in prop::collection::vec((0i64..4, 0u8..4, any::<u32>(), 0u8..=8, prop::option::of(300u16..500), any::<bool>()), 0..6),
        policy in prop::collection::vec((0i64..4, 0u8..4, any::<u32>(), 0u8..=8, prop::option::of(300u16..500), any::<bool>()), 0..4),
        policies_first in any::<bool>(),
        probes in prop::collection::vec((any::<u32>(), any::<u16>()), 24),
    ) {
        let network = network(policies_first);
        let standing = standing(&network, &["a"]);
        let mut google = empty();
        let mut own: Vec<FirewallRule> = drawn.iter().enumerate().map(|(index, drawn)| rule(index, drawn, false)).collect();
        for rule in &own {
            google.firewalls.insert(whole(), rule.name.clone(), rule.clone());
        }
        let policy: Vec<FirewallRule> = policy.iter().enumerate().map(|(index, drawn)| rule(index, drawn, true)).collect();
        let layer = Layer { kind: LayerKind::Global, name: "policy".into(), rules: policy.clone() };
        google.effective_firewalls.insert(whole(), NETWORK, Some(EffectiveFirewalls { layers: vec![layer] }));
        google.regional_firewalls.insert(standing.scope(), format!("{NETWORK}#us-central1"), Some(EffectiveFirewalls::default()));
        own.sort_by_key(|rule| (rule.priority, rule.action == Action::Allow));
        let layers = if policies_first { vec![policy, own] } else { vec![own, policy] };
        let passage = firewall::passage(&google, &standing, &[net(0, 0)], Wanted::HTTPS);
        let https = probes.iter().map(|&(ip, _)| judged(&layers, &["a"], net(ip, 32), 443)).collect::<Vec<_>>();
        let others = probes.iter().map(|&(ip, port)| judged(&layers, &["a"], net(ip, 32), port)).collect::<Vec<_>>();
        match passage {
            Known::Known(Passage::Open) => prop_assert!(https.iter().all(|passes| *passes)),
            Known::Known(Passage::Closed(..)) => prop_assert!(!https.iter().chain(&others).any(|passes| *passes)),
            Known::Known(Passage::Limited(_)) => {}
            other => prop_assert!(false, "{other:?}"),
        }
        // An even stronger word where everything or nothing passes.
        if own_all(&layers) {
            prop_assert!(matches!(firewall::passage(&google, &standing, &[net(0, 0)], Wanted::HTTPS), Known::Known(Passage::Open)));
        }
    }
}

/// Whether no rule denies anything.
fn own_all(layers: &[Vec<FirewallRule>]) -> bool {
    layers.iter().flatten().all(|rule| rule.action != Action::Deny)
}
