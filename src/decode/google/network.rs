//! Connectors, networks, subnets and addresses.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::Context;
use crate::{
    evidence::Known,
    model::google::{AddressClass, Connector, Peering, Ranges, ReservedAddress, Subnetwork, VpcNetwork},
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
    max_instances: Option<Known<u32>>,
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
        max_instances: Known::given(wire.max_instances),
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
pub(super) struct AddressWire {
    address: Option<Known<String>>,
    address_type: Option<String>,
    purpose: Option<String>,
    status: Option<Known<String>>,
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
        ip: wire.address.filter(|ip| *ip != Known::Known(String::new())).ok_or("the address has no value yet")?,
        class,
        used: Known::Known(!wire.users.is_empty())
            .or(wire.status.map_or(Known::Known(false), |status| status.map(|status| status == "IN_USE"))),
    })
}
