//! Connectors, networks, subnets, routes, routers and addresses.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;

use super::Context;
use crate::model::google::{
    AddressClass, AllocateOption, Connector, Coverage, NatIps, NatRule, NatStatus, NetworkNat, NextHop, Peering,
    PolicyRoute, PolicyRouteHop, Ranges, ReservedAddress, Router, RouterStatus, Subnetwork, Via, VpcNetwork, VpcRoute,
};

/// A range as the API writes it; a single address is a range of one.
pub(super) fn net(text: &str) -> Result<IpNet, String> {
    let read = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    read.map(|net| net.trunc()).map_err(|_| format!("`{text}` is not a range of addresses"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectorWire {
    network: Option<String>,
    ip_cidr_range: Option<String>,
    subnet: Option<SubnetWire>,
    state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubnetWire {
    name: Option<String>,
    project_id: Option<String>,
}

pub(super) fn connector(context: &Context<'_>, wire: ConnectorWire) -> Result<Connector, String> {
    let place = context.place();
    let subnet = wire.subnet.and_then(|subnet| Some((subnet.name.filter(|name| !name.is_empty())?, subnet.project_id)));
    let ranges = match (subnet, wire.network, wire.ip_cidr_range) {
        (Some((name, project)), ..) => {
            let project = project.filter(|project| !project.is_empty()).unwrap_or_else(|| place.project.clone());
            let project = context.names.project(&project);
            Ranges::Subnet {
                subnetwork: if name.contains('/') {
                    context.canonical(&name)
                } else {
                    format!("projects/{project}/regions/{}/subnetworks/{name}", place.region)
                },
            }
        }
        (None, Some(network), Some(range)) if !network.is_empty() => {
            Ranges::Range { network: context.within(&network, "global/networks"), net: net(&range)? }
        }
        _ => return Err("the connector names neither a subnet nor a network with a range".into()),
    };
    Ok(Connector {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place,
        state: wire.state.unwrap_or_else(|| "STATE_UNSPECIFIED".into()),
        ranges,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkWire {
    routing_config: Option<RoutingWire>,
    network_firewall_policy_enforcement_order: Option<String>,
    #[serde(default)]
    peerings: Vec<PeeringWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoutingWire {
    routing_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PeeringWire {
    name: String,
    state: Option<String>,
    #[serde(default)]
    import_custom_routes: bool,
}

pub(super) fn network(context: &Context<'_>, wire: NetworkWire) -> Result<VpcNetwork, String> {
    let mode = wire.routing_config.and_then(|config| config.routing_mode);
    let order = wire.network_firewall_policy_enforcement_order;
    Ok(VpcNetwork {
        name: context.name.clone(),
        global_routing: mode.as_deref() == Some("GLOBAL"),
        policies_first: order.as_deref() == Some("BEFORE_CLASSIC_FIREWALL"),
        peerings: wire
            .peerings
            .into_iter()
            .map(|peering| Peering {
                name: peering.name,
                active: peering.state.is_none_or(|state| state == "ACTIVE"),
                imports_routes: peering.import_custom_routes,
            })
            .collect(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubnetworkWire {
    network: String,
    ip_cidr_range: Option<String>,
    #[serde(default)]
    private_ip_google_access: bool,
    stack_type: Option<String>,
    ipv6_access_type: Option<String>,
    external_ipv6_prefix: Option<String>,
    ipv6_cidr_range: Option<String>,
}

pub(super) fn subnetwork(context: &Context<'_>, wire: SubnetworkWire) -> Result<Subnetwork, String> {
    let dual = wire.stack_type.as_deref().is_some_and(|stack| stack != "IPV4_ONLY");
    let external = dual && wire.ipv6_access_type.as_deref() == Some("EXTERNAL");
    let prefix = wire.external_ipv6_prefix.or(wire.ipv6_cidr_range).filter(|_| external);
    Ok(Subnetwork {
        name: context.name.clone(),
        place: context.place(),
        network: context.canonical(&wire.network),
        net: wire.ip_cidr_range.as_deref().map(net).transpose()?,
        private_google_access: wire.private_ip_google_access,
        external_ipv6: prefix.as_deref().map(net).transpose()?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteWire {
    name: Option<String>,
    network: Option<String>,
    dest_range: String,
    priority: Option<u32>,
    #[serde(default)]
    tags: Vec<String>,
    route_type: Option<String>,
    next_hop_gateway: Option<String>,
    next_hop_instance: Option<String>,
    next_hop_ip: Option<String>,
    next_hop_ilb: Option<String>,
    next_hop_vpn_tunnel: Option<String>,
    next_hop_peering: Option<String>,
    next_hop_network: Option<String>,
    next_hop_hub: Option<String>,
    next_hop_interconnect_attachment: Option<String>,
    #[serde(default)]
    warnings: Vec<WarningWire>,
}

#[derive(Deserialize)]
struct WarningWire {
    code: Option<String>,
}

impl RouteWire {
    fn hop(&self, context: &Context<'_>) -> NextHop {
        let others = [
            ("instance", &self.next_hop_instance),
            ("internal load balancer", &self.next_hop_ilb),
            ("VPN tunnel", &self.next_hop_vpn_tunnel),
            ("hub", &self.next_hop_hub),
            ("interconnect attachment", &self.next_hop_interconnect_attachment),
            ("address", &self.next_hop_ip),
        ];
        if let Some(gateway) = &self.next_hop_gateway {
            return if gateway.ends_with("/default-internet-gateway") || gateway == "default-internet-gateway" {
                NextHop::Internet
            } else {
                NextHop::Other { kind: "gateway", name: context.canonical(gateway) }
            };
        }
        if let Some(peering) = &self.next_hop_peering {
            return NextHop::Peer(peering.clone());
        }
        let other = others.into_iter().find_map(|(kind, name)| Some((kind, name.as_ref()?)));
        match other {
            Some((kind, name)) => NextHop::Other { kind, name: context.canonical(name) },
            None if self.next_hop_network.is_some() => NextHop::Network,
            None => NextHop::Other { kind: "next hop", name: "which the API does not name".into() },
        }
    }

    fn route(self, context: &Context<'_>, name: String, network: Option<&str>) -> Result<VpcRoute, String> {
        let hop = self.hop(context);
        let subnet = self.route_type.as_deref() == Some("SUBNET") || hop == NextHop::Network;
        let dynamic = matches!(self.route_type.as_deref(), Some("BGP" | "TRANSIT"));
        let own = self.network.as_deref().map(|network| context.within(network, "global/networks"));
        Ok(VpcRoute {
            name,
            network: own.or_else(|| network.map(str::to_owned)).ok_or("the route names no network")?,
            net: net(&self.dest_range)?,
            priority: self.priority.unwrap_or(1000),
            via: if subnet {
                Via::Subnet
            } else if dynamic {
                Via::Dynamic
            } else {
                Via::Static
            },
            hop,
            warning: self
                .warnings
                .into_iter()
                .filter_map(|warning| warning.code)
                .find(|code| code.starts_with("NEXT_HOP")),
            tags: self.tags,
        })
    }
}

pub(super) fn route(context: &Context<'_>, wire: RouteWire) -> Result<VpcRoute, String> {
    wire.route(context, context.name.clone(), None)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeeringRoutesWire {
    #[serde(default)]
    items: Vec<PeeringRouteWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PeeringRouteWire {
    dest_range: String,
    priority: Option<u32>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    imported: bool,
}

pub(super) fn peering_routes(context: &Context<'_>, wire: PeeringRoutesWire) -> Result<Vec<VpcRoute>, String> {
    let (network, peering) = context.name.split_once('#').ok_or("the record does not name its peering")?;
    let routes = wire.items.into_iter().filter(|route| route.imported).map(|route| {
        let subnet = route.kind.as_deref() == Some("SUBNET_PEERING_ROUTE");
        Ok(VpcRoute {
            name: format!("{} by peering {peering}", route.dest_range),
            network: network.to_owned(),
            net: net(&route.dest_range)?,
            priority: route.priority.unwrap_or(1000),
            tags: Vec::new(),
            via: if subnet { Via::Subnet } else { Via::Dynamic },
            hop: NextHop::Peer(peering.to_owned()),
            warning: None,
        })
    });
    routes.collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyRouteWire {
    network: String,
    #[serde(default)]
    filter: FilterWire,
    priority: Option<u32>,
    virtual_machine: Option<MachineWire>,
    interconnect_attachment: Option<Value>,
    next_hop_ilb_ip: Option<String>,
    next_hop_other_routes: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterWire {
    src_range: Option<String>,
    dest_range: Option<String>,
    ip_protocol: Option<String>,
}

#[derive(Deserialize)]
struct MachineWire {
    #[serde(default)]
    tags: Vec<String>,
}

pub(super) fn policy_route(context: &Context<'_>, wire: PolicyRouteWire) -> Result<PolicyRoute, String> {
    let range = |text: Option<&str>| net(text.filter(|text| !text.is_empty()).unwrap_or("0.0.0.0/0"));
    let protocol = wire.filter.ip_protocol.as_deref();
    Ok(PolicyRoute {
        name: context.name.clone(),
        network: context.within(&wire.network, "global/networks"),
        sources: range(wire.filter.src_range.as_deref())?,
        destinations: range(wire.filter.dest_range.as_deref())?,
        tcp: protocol.is_none_or(|protocol| matches!(protocol, "" | "ALL" | "TCP")),
        priority: wire.priority.unwrap_or(1000),
        tags: wire.virtual_machine.map(|machine| machine.tags).unwrap_or_default(),
        interconnect: wire.interconnect_attachment.is_some_and(|attachment| !attachment.is_null()),
        hop: match (wire.next_hop_ilb_ip, wire.next_hop_other_routes.as_deref()) {
            (Some(ip), _) if !ip.is_empty() => PolicyRouteHop::LoadBalancer(ip),
            (_, Some("DEFAULT_ROUTING")) => PolicyRouteHop::Default,
            _ => PolicyRouteHop::Other,
        },
    })
}

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
    #[serde(default)]
    nat_ips: Vec<String>,
    #[serde(default)]
    drain_nat_ips: Vec<String>,
    source_subnetwork_ip_ranges_to_nat: Option<String>,
    #[serde(default)]
    subnetworks: Vec<NatSubnetWire>,
    #[serde(default)]
    rules: Vec<NatRuleWire>,
    log_config: Option<LogWire>,
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
    #[serde(default)]
    enable: bool,
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
        addresses: names(wire.nat_ips),
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
        logging: wire.log_config.is_some_and(|config| config.enable),
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddressWire {
    address: Option<String>,
    address_type: Option<String>,
    purpose: Option<String>,
    status: Option<String>,
    #[serde(default)]
    users: Vec<String>,
}

pub(super) fn address(context: &Context<'_>, wire: AddressWire) -> Result<ReservedAddress, String> {
    let class = match (wire.address_type.as_deref(), wire.purpose.as_deref()) {
        (_, Some("NAT_AUTO")) => AddressClass::Automatic,
        (None | Some("" | "EXTERNAL"), _) => AddressClass::External,
        _ => AddressClass::Internal,
    };
    Ok(ReservedAddress {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place: context.place(),
        ip: wire.address.filter(|ip| !ip.is_empty()).ok_or("the address has no value yet")?,
        class,
        used: !wire.users.is_empty() || wire.status.as_deref() == Some("IN_USE"),
    })
}
