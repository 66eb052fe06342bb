//! Routes: written, learnt by BGP, brought by peerings, and policy-based ones.

use serde::Deserialize;
use serde_json::Value;

use super::{Context, network::net};
use crate::model::google::{NextHop, PolicyRoute, PolicyRouteHop, Via, VpcRoute};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteWire {
    pub(super) name: Option<String>,
    network: Option<String>,
    pub(super) dest_range: String,
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

    pub(super) fn route(self, context: &Context<'_>, name: String, network: Option<&str>) -> Result<VpcRoute, String> {
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
