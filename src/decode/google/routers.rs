//! Cloud Routers and their NATs: as configured, and what they do at the moment.

use serde::Deserialize;
use serde_json::Value;

use super::{Context, routes::RouteWire};
use crate::{
    evidence::Known,
    model::google::{
        AllocateOption, Coverage, NatIps, NatRule, NatStatus, NetworkNat, Router, RouterStatus, Via, VpcRoute,
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouterWire {
    network: String,
    #[serde(default)]
    bgp_peers: Vec<Value>,
    #[serde(default)]
    nats: Vec<NatWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatWire {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    endpoint_types: Vec<String>,
    nat_ip_allocate_option: Option<String>,
    nat_ips: Option<Known<Vec<String>>>,
    #[serde(default)]
    drain_nat_ips: Vec<String>,
    source_subnetwork_ip_ranges_to_nat: Option<String>,
    #[serde(default)]
    subnetworks: Vec<NatSubnetWire>,
    #[serde(default)]
    rules: Vec<NatRuleWire>,
    log_config: Option<Known<LogWire>>,
    min_ports_per_vm: Option<u32>,
    #[serde(default)]
    enable_dynamic_port_allocation: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatSubnetWire {
    name: String,
    #[serde(default)]
    source_ip_ranges_to_nat: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatRuleWire {
    rule_number: Option<i64>,
    #[serde(rename = "match")]
    matches: Option<String>,
    action: Option<NatActionWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatActionWire {
    #[serde(default)]
    source_nat_active_ips: Vec<String>,
    #[serde(default)]
    source_nat_drain_ips: Vec<String>,
}

#[derive(Deserialize)]
struct LogWire {
    enable: Option<Known<bool>>,
}

pub(super) fn router(context: &Context<'_>, wire: RouterWire) -> Result<Router, String> {
    Ok(Router {
        name: context.name.clone(),
        place: context.place(),
        network: context.within(&wire.network, "global/networks"),
        bgp: !wire.bgp_peers.is_empty(),
        nats: wire.nats.into_iter().map(|wire| nat(context, wire)).collect::<Result<_, _>>()?,
    })
}

fn nat(context: &Context<'_>, wire: NatWire) -> Result<NetworkNat, String> {
    let names = |list: Vec<String>| list.iter().map(|name| context.canonical(name)).collect::<Vec<_>>();
    let covers = |subnet: &NatSubnetWire| {
        // What is not named is all of the ranges.
        let ranges = &subnet.source_ip_ranges_to_nat;
        ranges.is_empty() || ranges.iter().any(|range| matches!(range.as_str(), "ALL_IP_RANGES" | "PRIMARY_IP_RANGE"))
    };
    let coverage = match wire.source_subnetwork_ip_ranges_to_nat.as_deref() {
        Some("ALL_SUBNETWORKS_ALL_IP_RANGES" | "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES") => Coverage::All,
        Some("LIST_OF_SUBNETWORKS") => {
            Coverage::Listed(wire.subnetworks.iter().map(|it| (context.canonical(&it.name), covers(it))).collect())
        }
        None | Some("") => Coverage::None,
        Some(other) => return Err(format!("`{other}` is not a choice of subnets that this version knows")),
    };
    let (nat_ips, addresses_gap) = match wire.nat_ips {
        Some(Known::Unknown(gap)) => (Vec::new(), Some(gap)),
        Some(Known::Known(ips)) => (ips, None),
        None => (Vec::new(), None),
    };
    let min = if wire.enable_dynamic_port_allocation { 32 } else { 64 };
    Ok(NetworkNat {
        name: wire.name,
        public: wire.kind.is_none_or(|kind| kind == "PUBLIC"),
        for_machines: wire.endpoint_types.is_empty() || wire.endpoint_types.iter().any(|it| it == "ENDPOINT_TYPE_VM"),
        allocation: match wire.nat_ip_allocate_option.as_deref() {
            Some("AUTO_ONLY") => AllocateOption::Automatic,
            Some("MANUAL_ONLY") => AllocateOption::Manual,
            other => AllocateOption::Other(other.unwrap_or("none").to_owned()),
        },
        addresses: names(nat_ips),
        addresses_gap,
        draining: names(wire.drain_nat_ips),
        coverage,
        rules: wire
            .rules
            .into_iter()
            .map(|rule| {
                let action = rule.action.unwrap_or_default();
                NatRule {
                    number: rule.rule_number.unwrap_or(0),
                    matches: rule.matches.unwrap_or_default(),
                    addresses: names(action.source_nat_active_ips),
                    draining: names(action.source_nat_drain_ips),
                }
            })
            .collect(),
        logging: match wire.log_config {
            None => Known::Known(false),
            Some(Known::Known(config)) => config.enable.unwrap_or(Known::Known(false)),
            Some(Known::Unknown(gap)) => Known::Unknown(gap),
        },
        min_ports: wire.min_ports_per_vm.unwrap_or(min),
    })
}

#[derive(Deserialize)]
pub(super) struct RouterStatusWire {
    result: Option<StatusWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusWire {
    network: Option<String>,
    #[serde(default)]
    best_routes: Vec<RouteWire>,
    #[serde(default)]
    nat_status: Vec<NatStatusWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatStatusWire {
    name: String,
    min_extra_nat_ips_needed: Option<i64>,
    #[serde(default)]
    auto_allocated_nat_ips: Vec<String>,
}

pub(super) fn router_status(context: &Context<'_>, wire: RouterStatusWire) -> Result<RouterStatus, String> {
    let Some(result) = wire.result else { return Err("the status of the router has no result".into()) };
    let network = result.network.as_deref().map(|network| context.canonical(network));
    let learnt = result.best_routes.into_iter().map(|wire| {
        let name = wire.name.clone().unwrap_or_else(|| format!("{} learnt by {}", wire.dest_range, context.short()));
        Ok(VpcRoute { via: Via::Dynamic, ..wire.route(context, name, network.as_deref())? })
    });
    Ok(RouterStatus {
        routes: learnt.collect::<Result<_, String>>()?,
        nats: result
            .nat_status
            .into_iter()
            .map(|nat| NatStatus {
                name: nat.name,
                missing_addresses: nat.min_extra_nat_ips_needed.unwrap_or(0),
                automatic: nat.auto_allocated_nat_ips,
            })
            .collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct NatIpsWire {
    result: Vec<NatIpInfoWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatIpInfoWire {
    nat_name: String,
    #[serde(default)]
    nat_ip_info_mappings: Vec<NatIpWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NatIpWire {
    nat_ip: String,
}

pub(super) fn nat_ips(_: &Context<'_>, wire: NatIpsWire) -> Result<NatIps, String> {
    let ips = |nat: NatIpInfoWire| {
        (nat.nat_name, nat.nat_ip_info_mappings.into_iter().map(|mapping| mapping.nat_ip).collect())
    };
    Ok(wire.result.into_iter().map(ips).collect())
}
