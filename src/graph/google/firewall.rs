//! What firewalls let through, in the order in which they are asked.
//!
//! Hierarchical policies come first, then Google's regional ones; then VPC firewall rules and the network's own
//! policies, in the order that the network chooses; what nobody decides leaves, and does not come in.

use ipnet::IpNet;

use super::place::Standing;
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::{
        Passage, Stop, Transport, Wanted,
        flow::{Flow, intersect, subtract},
    },
    knowledge::google_ranges,
    model::{
        Ports,
        google::{Action, FirewallPolicy, FirewallRule, Google, Layer, LayerKind},
    },
    snapshot::{ScopeId, unknown::same},
};

/// The ports by which the platform speaks to a connector.
const CONNECTOR_TCP: Ports = Ports { from: 667, to: 667 };
const CONNECTOR_UDP: Ports = Ports { from: 665, to: 666 };

/// The rules that stand before a place, layer by layer.
struct Rules<'a> {
    layers: Vec<Vec<&'a FirewallRule>>,
}

/// What rules do to some flows.
#[derive(Debug, Default)]
struct Outcome {
    /// What passes.
    allowed: Vec<Flow>,
    /// The first rule that stops some of it.
    stopped_by: Option<String>,
    /// A rule that lets out to destinations by other words than addresses.
    allows_named: Option<String>,
    /// A rule that stops such destinations.
    denies_named: Option<String>,
}

/// What the firewalls do to traffic to these destinations.
pub(super) fn passage(
    google: &Google,
    standing: &Standing<'_>,
    destinations: &[IpNet],
    wanted: Wanted,
) -> Known<Passage> {
    Known::from(try_passage(google, standing, destinations, wanted))
}

fn try_passage(
    google: &Google,
    standing: &Standing<'_>,
    destinations: &[IpNet],
    wanted: Wanted,
) -> Result<Passage, Gap> {
    let rules = rules(google, standing)?;
    if !wanted.others {
        return only(&rules, standing, destinations, wanted);
    }
    let whole: Vec<_> = destinations.iter().map(|&net| Flow { net, ports: Ports::ALL }).collect();
    let tcp = rules.decide(standing, true, "tcp", whole.clone())?;
    let https = destinations.iter().map(|&net| Flow { net, ports: wanted.ports }).collect::<Vec<_>>();
    let all = tcp.allowed == whole;
    let rest = if all { Vec::new() } else { tcp.allowed.iter().fold(https, |rest, flow| subtract(rest, *flow)) };
    if let Some(rule) = tcp.denies_named.as_ref().filter(|_| rest.is_empty()) {
        return Ok(Passage::Limited(format!("{rule} stops some destinations by name or list")));
    }
    if rest.is_empty() {
        return Ok(Passage::Open);
    }
    let stopped = tcp.stopped_by.clone().unwrap_or_else(|| "the firewall".into());
    if let Some(first) = tcp.allowed.iter().min() {
        let more = if tcp.allowed.len() > 1 { ", among others" } else { "" };
        return Ok(Passage::Limited(format!("{stopped} stops the rest; {} is let out{more}", words(first))));
    }
    if let Some(rule) = tcp.allows_named {
        return Ok(Passage::Limited(format!("{stopped} stops the rest; {rule} lets out by name or list")));
    }
    let udp = rules.decide(standing, true, "udp", whole)?;
    if udp.allowed.is_empty() && udp.allows_named.is_none() {
        return Ok(Passage::Closed(Stop::Firewall, format!("{stopped} stops all traffic to the internet")));
    }
    Ok(Passage::Limited(format!("{stopped} stops TCP; some UDP is let out")))
}

/// What they do to one thing that is wanted, and to nothing else.
fn only(rules: &Rules<'_>, standing: &Standing<'_>, destinations: &[IpNet], wanted: Wanted) -> Result<Passage, Gap> {
    let protocol = if wanted.protocol == Transport::Udp.number() { "udp" } else { "tcp" };
    let flows: Vec<_> = destinations.iter().map(|&net| Flow { net, ports: wanted.ports }).collect();
    let outcome = rules.decide(standing, true, protocol, flows.clone())?;
    let rest = outcome.allowed.iter().fold(flows, |rest, flow| subtract(rest, *flow));
    let unclear = |rule: &str| Gap::new(format!("whether {rule} means this destination"), GapReason::Unsupported);
    match (rest.is_empty(), outcome.allows_named, outcome.denies_named) {
        // An address may be that of a name, or on a list.
        (true, _, Some(rule)) | (false, Some(rule), _) => Err(unclear(&rule)),
        (true, _, None) => Ok(Passage::Open),
        (false, None, _) => {
            let stopped = outcome.stopped_by.unwrap_or_else(|| "the firewall".into());
            Ok(Passage::Closed(Stop::Firewall, format!("{stopped} stops it")))
        }
    }
}

fn words(flow: &Flow) -> String {
    match flow.ports {
        Ports::ALL => flow.net.to_string(),
        Ports { from, to } if from == to => format!("port {from} of {}", flow.net),
        Ports { from, to } => format!("ports {from}-{to} of {}", flow.net),
    }
}

/// Why a connector of a service project is cut off from the platform by the host project's firewalls; none where it is
/// not.
pub(super) fn cut_off(google: &Google, standing: &Standing<'_>) -> Known<Option<String>> {
    let host = standing.connector.map(|connector| same(&connector.place.project, &standing.host));
    match host.unwrap_or(Known::Known(true)) {
        // In its own project the platform makes the rules.
        Known::Known(true) => return Known::Known(None),
        Known::Known(false) => {}
        Known::Unknown(gap) => return Known::Unknown(gap),
    }
    Known::from(try_cut_off(google, standing))
}

fn try_cut_off(google: &Google, standing: &Standing<'_>) -> Result<Option<String>, Gap> {
    let rules = rules(google, standing)?;
    let ranges = google_ranges();
    let passes = |egress: bool, protocol: &str, net: IpNet, ports: Ports| {
        let wanted = vec![Flow { net, ports }];
        let outcome = rules.decide(standing, egress, protocol, wanted.clone())?;
        Ok::<bool, Gap>(outcome.allowed.iter().fold(wanted, |rest, flow| subtract(rest, *flow)).is_empty())
    };
    let platform = ranges.connector_forwarding;
    for (egress, way) in [(false, "in from"), (true, "out to")] {
        for (protocol, ports, said) in [("tcp", CONNECTOR_TCP, "tcp:667"), ("udp", CONNECTOR_UDP, "udp:665-666")] {
            if !passes(egress, protocol, platform, ports)? {
                return Ok(Some(format!("the host project's firewall does not let {said} {way} {platform}")));
            }
        }
    }
    for set in &ranges.connector_health_checks {
        let mut all = true;
        for &net in set {
            all &= passes(false, "tcp", net, CONNECTOR_TCP)?;
        }
        if all {
            return Ok(None);
        }
    }
    Ok(Some("the host project's firewall does not let health checks in on tcp:667".into()))
}

/// Every rule that is in force in a network and region, in the order in which it is asked.
fn rules<'a>(google: &'a Google, standing: &Standing<'a>) -> Result<Rules<'a>, Gap> {
    let network = &standing.network.name;
    let listing = google.firewalls.sift_of(&standing.whole(), network, |rule| same(&rule.network, network));
    if let Some(gap) = listing.incomplete {
        return Err(gap);
    }
    let mut own = listing.items;
    // At one priority, what denies comes first.
    own.sort_by_key(|rule| (rule.priority, rule.action == Action::Allow));
    let layers = layers(google, standing)?;
    let of = |kind: LayerKind| {
        let rules = layers.iter().filter(move |layer| layer.kind == kind).map(|layer| {
            let mut rules = layer.rules.clone();
            rules.sort_by_key(|rule| rule.priority);
            rules
        });
        rules.collect::<Vec<_>>()
    };
    let mut ordered = of(LayerKind::Hierarchical);
    ordered.extend(of(LayerKind::System));
    let policies = of(LayerKind::Global).into_iter().chain(of(LayerKind::Regional));
    if standing.network.policies_first {
        ordered.extend(policies);
        ordered.push(own);
    } else {
        ordered.push(own);
        ordered.extend(policies);
    }
    Ok(Rules { layers: ordered })
}

/// A policy in force, by its rules.
struct InForce<'a> {
    kind: LayerKind,
    rules: Vec<&'a FirewallRule>,
}

impl<'a> From<&'a Layer> for InForce<'a> {
    fn from(layer: &'a Layer) -> Self {
        Self { kind: layer.kind, rules: layer.rules.iter().collect() }
    }
}

/// The policies in force: as the network itself tells, else as the asset inventory lists and associates them.
fn layers<'a>(google: &'a Google, standing: &Standing<'a>) -> Result<Vec<InForce<'a>>, Gap> {
    let network = &standing.network.name;
    let regional = format!("{network}#{}", standing.region);
    let told = google.effective_firewalls.get(&standing.whole(), network);
    let told_here = google.regional_firewalls.get(&standing.scope(), &regional);
    let whole = match told.into_result() {
        Ok(Some(Some(told))) => told.layers.iter().map(InForce::from).collect(),
        Ok(_) => return Err(Gap::new(format!("the firewall policies of {network}"), GapReason::NotRead)),
        // The asset inventory lists all policies with what they are associated with.
        Err(gap) => return listed(google, standing).unwrap_or(Err(gap)),
    };
    let mut layers: Vec<InForce<'a>> = whole;
    match told_here.into_result()? {
        Some(Some(told)) => {
            layers.extend(told.layers.iter().filter(|it| it.kind == LayerKind::Regional).map(InForce::from));
        }
        _ => {
            return Err(Gap::new(
                format!("the firewall policies of {network} in {}", standing.region),
                GapReason::NotRead,
            ));
        }
    }
    Ok(layers)
}

/// The policies that the asset inventory lists; nothing where it was not asked.
fn listed<'a>(google: &'a Google, standing: &Standing<'a>) -> Option<Result<Vec<InForce<'a>>, Gap>> {
    let policies = &google.firewall_policies;
    if policies.incomplete(&standing.whole()).is_some() {
        return None;
    }
    let ancestors = match google.ancestries.get(&standing.whole(), &format!("projects/{}", standing.host)) {
        Known::Known(Some(Some(ancestors))) => ancestors,
        Known::Known(_) => return None,
        Known::Unknown(gap) => return Some(Err(gap)),
    };
    let mut layers = Vec::new();
    // From the organisation down.
    for ancestor in ancestors.iter().rev().filter(|ancestor| !ancestor.starts_with("projects/")) {
        if let Some(gap) = policies.incomplete(&ScopeId::gcp(ancestor, ScopeId::GLOBAL)) {
            return Some(Err(gap));
        }
        layers.extend(attached(google, ancestor, |_| true).into_iter().map(|policy| (LayerKind::Hierarchical, policy)));
    }
    let network = &standing.network.name;
    layers.extend(
        attached(google, network, |policy| policy.region.is_none()).into_iter().map(|it| (LayerKind::Global, it)),
    );
    let here = |policy: &FirewallPolicy| policy.region.as_deref() == Some(standing.region.as_str());
    layers.extend(attached(google, network, here).into_iter().map(|it| (LayerKind::Regional, it)));
    let layers = layers
        .into_iter()
        .map(|(kind, policy)| Ok(InForce { kind, rules: policy.rules.as_ref().into_result()?.iter().collect() }));
    Some(layers.collect())
}

fn attached<'a>(google: &'a Google, to: &str, fits: impl Fn(&FirewallPolicy) -> bool) -> Vec<&'a FirewallPolicy> {
    let is = |policy: &FirewallPolicy| fits(policy) && policy.attached.iter().any(|target| target == to);
    google.firewall_policies.of(to, is)
}

impl Rules<'_> {
    /// What becomes of flows of a protocol, rule by rule; what no rule decides leaves, and does not come in.
    fn decide(&self, standing: &Standing<'_>, egress: bool, protocol: &str, flows: Vec<Flow>) -> Result<Outcome, Gap> {
        let mut outcome = Outcome::default();
        let mut rest = flows;
        for layer in &self.layers {
            // What a rule hands on skips the others of its layer.
            let mut next = Vec::new();
            for rule in layer.iter().filter(|rule| rule.egress == egress && !rule.disabled) {
                if rest.is_empty() || !about(rule, protocol) || !targets(rule, standing)? {
                    continue;
                }
                if rule.named {
                    match rule.action {
                        Action::Allow => outcome.allows_named = outcome.allows_named.or_else(|| Some(said(rule))),
                        Action::Deny => outcome.denies_named = outcome.denies_named.or_else(|| Some(said(rule))),
                        Action::Next | Action::Other => {}
                    }
                    continue;
                }
                let hits = hits(rule, protocol, &rest);
                if hits.is_empty() {
                    continue;
                }
                rest = hits.iter().fold(rest, |rest, hit| subtract(rest, *hit));
                match rule.action {
                    Action::Allow => outcome.allowed.extend(hits),
                    Action::Deny => outcome.stopped_by = outcome.stopped_by.or_else(|| Some(said(rule))),
                    Action::Next => next.extend(hits),
                    Action::Other => {
                        return Err(Gap::new(format!("what {} does", said(rule)), GapReason::Unsupported));
                    }
                }
            }
            rest.extend(next);
        }
        if egress {
            outcome.allowed.extend(rest);
        } else if !rest.is_empty() {
            outcome.stopped_by = outcome.stopped_by.or_else(|| Some("no rule".into()));
        }
        Ok(outcome)
    }
}

fn said(rule: &FirewallRule) -> String {
    if rule.network.is_empty() { rule.name.clone() } else { format!("firewall rule {}", rule.name) }
}

fn about(rule: &FirewallRule, protocol: &str) -> bool {
    rule.traffic.is_empty() || rule.traffic.iter().any(|traffic| is(&traffic.protocol, protocol))
}

fn is(written: &str, protocol: &str) -> bool {
    written == protocol
        || written == "all"
        || (written == "6" && protocol == "tcp")
        || (written == "17" && protocol == "udp")
}

/// The parts of some flows that a rule is about.
fn hits(rule: &FirewallRule, protocol: &str, flows: &[Flow]) -> Vec<Flow> {
    let own = rule.traffic.iter().filter(|traffic| is(&traffic.protocol, protocol));
    let mut ports: Vec<Ports> =
        own.flat_map(|it| if it.ports.is_empty() { vec![Ports::ALL] } else { it.ports.clone() }).collect();
    if rule.traffic.is_empty() {
        ports.push(Ports::ALL);
    }
    let mut hits = Vec::new();
    for &net in &rule.nets {
        for &ports in &ports {
            hits.extend(flows.iter().filter_map(|flow| intersect(*flow, Flow { net, ports })));
        }
    }
    hits
}

/// Whether a rule is for a place.
fn targets(rule: &FirewallRule, standing: &Standing<'_>) -> Result<bool, Gap> {
    if rule.by_account {
        // The machines of a connector have no account; whether the account of a revision counts is not documented.
        if standing.connector.is_some() {
            return Ok(false);
        }
        let what = format!("whether {}, which is for service accounts, is for Direct VPC egress", said(rule));
        return Err(Gap::new(what, GapReason::Unsupported));
    }
    let tagged = rule.tags.is_empty() || rule.tags.iter().any(|tag| standing.tags.contains(tag));
    let network = &standing.network.name;
    let named = rule.targets.as_ref().is_none_or(|targets| targets.contains(network));
    Ok(tagged && named)
}
