//! VPC firewall rules and firewall policies.

use serde::Deserialize;

use super::{Context, network::net};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{
        Ports,
        google::{Action, EffectiveFirewalls, FirewallPolicy, FirewallRule, Layer, LayerKind, Traffic},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleWire {
    network: Option<String>,
    direction: Option<String>,
    priority: Option<i64>,
    #[serde(default)]
    source_ranges: Vec<String>,
    #[serde(default)]
    destination_ranges: Vec<String>,
    #[serde(default)]
    source_tags: Vec<String>,
    #[serde(default)]
    source_service_accounts: Vec<String>,
    #[serde(default)]
    target_tags: Vec<String>,
    #[serde(default)]
    target_service_accounts: Vec<String>,
    #[serde(default)]
    allowed: Vec<TrafficWire>,
    #[serde(default)]
    denied: Vec<TrafficWire>,
    #[serde(default)]
    disabled: bool,
}

#[derive(Deserialize)]
struct TrafficWire {
    #[serde(rename = "IPProtocol", alias = "ipProtocol")]
    protocol: String,
    #[serde(default)]
    ports: Vec<String>,
}

fn traffic(wires: Vec<TrafficWire>) -> Result<Vec<Traffic>, String> {
    let port = |text: &str| text.trim().parse::<u16>().map_err(|_| format!("`{text}` is not a port"));
    let ports = |text: &String| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Ok(Ports { from: port(from)?, to: port(to)? })
    };
    let one = |wire: TrafficWire| {
        let ports = wire.ports.iter().map(ports).collect::<Result<_, String>>()?;
        Ok(Traffic { protocol: wire.protocol.to_lowercase(), ports })
    };
    // Every protocol is no condition.
    let wires = wires.into_iter().filter(|wire| wire.protocol != "all");
    wires.map(one).collect()
}

pub(super) fn rule(context: &Context<'_>, wire: RuleWire) -> Result<FirewallRule, String> {
    let egress = wire.direction.as_deref() == Some("EGRESS");
    let ranges = if egress { wire.destination_ranges } else { wire.source_ranges };
    let by_others = !wire.source_tags.is_empty() || !wire.source_service_accounts.is_empty();
    // Without a range a rule is for all of them, unless it names the other side by tag or account.
    let ranges = if ranges.is_empty() && !by_others { vec!["0.0.0.0/0".into(), "::/0".into()] } else { ranges };
    let (action, about) =
        if wire.denied.is_empty() { (Action::Allow, wire.allowed) } else { (Action::Deny, wire.denied) };
    Ok(FirewallRule {
        name: context.short().to_owned(),
        network: wire.network.map(|network| context.within(&network, "global/networks")).unwrap_or_default(),
        egress,
        priority: wire.priority.unwrap_or(1000),
        action,
        nets: ranges.iter().map(|range| net(range)).collect::<Result<_, _>>()?,
        named: false,
        traffic: traffic(about)?,
        tags: wire.target_tags,
        by_account: !wire.target_service_accounts.is_empty(),
        targets: None,
        disabled: wire.disabled,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRuleWire {
    priority: Option<i64>,
    direction: Option<String>,
    action: Option<String>,
    #[serde(rename = "match", default)]
    matches: MatchWire,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    target_resources: Vec<String>,
    #[serde(default)]
    target_secure_tags: Vec<serde_json::Value>,
    #[serde(default)]
    target_service_accounts: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MatchWire {
    #[serde(default)]
    src_ip_ranges: Vec<String>,
    #[serde(default)]
    dest_ip_ranges: Vec<String>,
    #[serde(default)]
    dest_fqdns: Vec<String>,
    #[serde(default)]
    dest_region_codes: Vec<String>,
    #[serde(default)]
    dest_threat_intelligences: Vec<String>,
    #[serde(default)]
    dest_address_groups: Vec<String>,
    #[serde(alias = "destNetworkType")]
    dest_network_context: Option<String>,
    #[serde(default)]
    layer4_configs: Vec<TrafficWire2>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrafficWire2 {
    ip_protocol: String,
    #[serde(default)]
    ports: Vec<String>,
}

fn policy_rule(context: &Context<'_>, policy: &str, wire: PolicyRuleWire) -> Result<FirewallRule, String> {
    let egress = wire.direction.as_deref() == Some("EGRESS");
    let matches = wire.matches;
    let named = [
        &matches.dest_fqdns,
        &matches.dest_region_codes,
        &matches.dest_threat_intelligences,
        &matches.dest_address_groups,
    ];
    let named = egress && named.into_iter().any(|list| !list.is_empty());
    let ranges = if egress { matches.dest_ip_ranges } else { matches.src_ip_ranges };
    let inside = matches.dest_network_context.as_deref().is_some_and(|context| context != "INTERNET");
    let ranges = match (egress && inside, ranges.is_empty() && !named) {
        // What stays inside says nothing about the internet.
        (true, _) => Vec::new(),
        (false, true) => vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()],
        (false, false) => ranges,
    };
    let layer4 = matches.layer4_configs.into_iter();
    let layer4 = layer4.map(|wire| TrafficWire { protocol: wire.ip_protocol, ports: wire.ports }).collect();
    let priority = wire.priority.unwrap_or(0);
    // Secure tags cannot be on serverless workloads.
    let tagged = !wire.target_secure_tags.is_empty();
    let targets = (tagged || !wire.target_resources.is_empty())
        .then(|| wire.target_resources.iter().map(|name| context.canonical(name)).collect::<Vec<_>>());
    Ok(FirewallRule {
        name: format!("rule {priority} of {policy}"),
        network: String::new(),
        egress,
        priority,
        action: match wire.action.as_deref() {
            Some("allow" | "apply_security_profile_group") => Action::Allow,
            Some("deny") => Action::Deny,
            Some("goto_next") => Action::Next,
            _ => Action::Other,
        },
        nets: ranges.iter().map(|range| net(range)).collect::<Result<_, _>>()?,
        named,
        traffic: traffic(layer4)?,
        tags: Vec::new(),
        by_account: !wire.target_service_accounts.is_empty(),
        targets: if tagged { Some(Vec::new()) } else { targets },
        disabled: wire.disabled,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EffectiveWire {
    #[serde(default, alias = "firewallPolicies")]
    firewall_policys: Vec<LayerWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LayerWire {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    short_name: Option<String>,
    display_name: Option<String>,
    #[serde(default)]
    rules: Vec<PolicyRuleWire>,
}

pub(super) fn effective(context: &Context<'_>, wire: EffectiveWire) -> Result<EffectiveFirewalls, String> {
    let layers = wire.firewall_policys.into_iter().map(|layer| {
        let name = layer.short_name.or(layer.display_name).or(layer.name).unwrap_or_else(|| "a firewall policy".into());
        let rules = layer.rules.into_iter().map(|wire| policy_rule(context, &name, wire));
        Ok(Layer {
            kind: match layer.kind.as_deref() {
                Some("HIERARCHY") => LayerKind::Hierarchical,
                Some("SYSTEM" | "SYSTEM_GLOBAL" | "SYSTEM_REGIONAL") => LayerKind::System,
                Some("NETWORK") => LayerKind::Global,
                Some("NETWORK_REGIONAL") => LayerKind::Regional,
                other => return Err(format!("`{}` is not a kind of policy this version knows", other.unwrap_or(""))),
            },
            rules: rules.collect::<Result<_, String>>()?,
            name,
        })
    });
    Ok(EffectiveFirewalls { layers: layers.collect::<Result<_, String>>()? })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyWire {
    short_name: Option<String>,
    display_name: Option<String>,
    #[serde(default)]
    associations: Vec<AssociationWire>,
    rules: Option<Vec<PolicyRuleWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssociationWire {
    attachment_target: Option<String>,
}

pub(super) fn policy(context: &Context<'_>, wire: PolicyWire) -> Result<FirewallPolicy, String> {
    let name = wire.short_name.or(wire.display_name).unwrap_or_else(|| context.short().to_owned());
    let region = context.name.contains("/regions/").then(|| context.place().region);
    let attached = wire.associations.into_iter().filter_map(|association| association.attachment_target);
    let rules = match wire.rules {
        Some(rules) => {
            let rules = rules.into_iter().map(|wire| policy_rule(context, &name, wire));
            Known::Known(rules.collect::<Result<_, _>>()?)
        }
        None => Known::Unknown(Gap::new(format!("the rules of {}", context.name), GapReason::NotRead)),
    };
    Ok(FirewallPolicy {
        name: name.clone(),
        region,
        attached: attached.map(|target| context.canonical(&target)).collect(),
        rules,
    })
}
