//! NAT gateways, addresses, internet gateways, interfaces, endpoints.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::{Tag, name};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Address, Gateway, NatAddress, NatGateway, NetworkInterface, PublicAddress, VpcEndpoint},
    snapshot::Record,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NatWire {
    nat_gateway_id: String,
    vpc_id: String,
    subnet_id: Option<String>,
    state: String,
    connectivity_type: Option<String>,
    availability_mode: Option<String>,
    auto_scaling_ips: Option<String>,
    auto_provision_zones: Option<String>,
    route_table_id: Option<String>,
    nat_gateway_addresses: Vec<NatAddressWire>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NatAddressWire {
    allocation_id: Option<String>,
    public_ip: Option<Known<String>>,
    private_ip: Option<String>,
    status: Option<String>,
}

pub(super) fn nat(_: &Record, wire: NatWire) -> Result<NatGateway, String> {
    let regional = match wire.availability_mode.as_deref() {
        None | Some("zonal") => false,
        Some("regional") => true,
        Some(other) => return Err(format!("`{other}` is not an availability mode this version knows")),
    };
    let public = match wire.connectivity_type.as_deref() {
        None | Some("public") => true,
        Some("private") => false,
        Some(other) => return Err(format!("`{other}` is not a connectivity type this version knows")),
    };
    let automatic = match (regional, wire.auto_scaling_ips.as_deref(), wire.auto_provision_zones.as_deref()) {
        (false, ..) | (true, Some("disabled"), Some("disabled")) => Known::Known(false),
        (true, Some("enabled"), _) | (true, _, Some("enabled")) => Known::Known(true),
        (true, ..) => Known::Unknown(Gap::new(
            format!("whether {} takes addresses by itself", wire.nat_gateway_id),
            GapReason::UnknownValue,
        )),
    };
    let works = |address: &NatAddressWire| matches!(address.status.as_deref(), None | Some("succeeded"));
    let working: Vec<NatAddressWire> = wire.nat_gateway_addresses.into_iter().filter(works).collect();
    let private = working.iter().filter_map(|address| address.private_ip.as_deref()).filter(|ip| !ip.is_empty());
    let private =
        private.map(|ip| ip.parse::<IpAddr>().map(IpNet::from).map_err(|_| format!("`{ip}` is not an address")));
    let private = private.collect::<Result<_, _>>()?;
    let addresses = working
        .into_iter()
        .filter_map(|address| Some(NatAddress { ip: address.public_ip?, allocation: address.allocation_id }));
    Ok(NatGateway {
        name: name(wire.tags.as_ref()),
        vpc: wire.vpc_id,
        subnet: wire.subnet_id.filter(|_| !regional),
        state: wire.state,
        public,
        regional,
        automatic,
        route_table: wire.route_table_id,
        addresses: addresses.collect(),
        private,
        id: wire.nat_gateway_id,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddressWire {
    public_ip: Known<String>,
    association_id: Option<Known<String>>,
    network_interface_id: Option<String>,
    instance_id: Option<String>,
    service_managed: Option<String>,
    tags: Option<Vec<Tag>>,
}

pub(super) fn address(record: &Record, wire: AddressWire) -> Result<Address, String> {
    let of_instance = [wire.network_interface_id, wire.instance_id].into_iter().flatten().any(|id| !id.is_empty());
    let associated = wire.association_id.map_or(Known::Known(false), |id| id.map(|id| !id.is_empty()));
    Ok(Address {
        id: record.id.clone(),
        name: name(wire.tags.as_ref()),
        used: Known::Known(of_instance).or(associated),
        ip: wire.public_ip,
        service_managed: wire.service_managed.filter(|service| !service.is_empty()),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachmentWire {
    vpc_id: Option<String>,
    state: Option<String>,
}

/// An internet gateway calls a working attachment `available`, an egress-only one `attached`: both words mean it.
fn attached(attachments: Vec<AttachmentWire>) -> Vec<String> {
    let works = |attachment: &AttachmentWire| matches!(attachment.state.as_deref(), Some("available" | "attached"));
    attachments.into_iter().filter(works).filter_map(|attachment| attachment.vpc_id).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InternetGatewayWire {
    internet_gateway_id: String,
    attachments: Vec<AttachmentWire>,
}

pub(super) fn internet(_: &Record, wire: InternetGatewayWire) -> Result<Gateway, String> {
    Ok(Gateway { id: wire.internet_gateway_id, attached: attached(wire.attachments) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EgressOnlyGatewayWire {
    egress_only_internet_gateway_id: String,
    attachments: Vec<AttachmentWire>,
}

pub(super) fn egress_only(_: &Record, wire: EgressOnlyGatewayWire) -> Result<Gateway, String> {
    Ok(Gateway { id: wire.egress_only_internet_gateway_id, attached: attached(wire.attachments) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InterfaceWire {
    network_interface_id: String,
    subnet_id: String,
    source_dest_check: Option<bool>,
    status: Option<String>,
    association: Option<AssociationWire>,
    attachment: Option<InstanceWire>,
    groups: Option<Vec<GroupWire>>,
    operator: Option<OperatorWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupWire {
    group_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OperatorWire {
    principal: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociationWire {
    public_ip: Option<String>,
    ip_owner_id: Option<String>,
    allocation_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InstanceWire {
    instance_id: Option<String>,
}

pub(super) fn interface(_: &Record, wire: InterfaceWire) -> Result<NetworkInterface, String> {
    let public = wire.association.and_then(|association| {
        let elastic = association.allocation_id.is_some()
            || association.ip_owner_id.as_deref().is_some_and(|owner| owner != "amazon");
        Some(PublicAddress { ip: association.public_ip?, elastic })
    });
    Ok(NetworkInterface {
        id: wire.network_interface_id,
        subnet: wire.subnet_id,
        source_dest_check: wire.source_dest_check,
        in_use: wire.status.as_deref() == Some("in-use"),
        public,
        instance: wire.attachment.and_then(|attachment| attachment.instance_id),
        groups: wire.groups.into_iter().flatten().map(|group| group.group_id).collect(),
        operator: wire.operator.and_then(|operator| operator.principal),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EndpointWire {
    vpc_endpoint_id: String,
    vpc_id: String,
    vpc_endpoint_type: Option<String>,
    service_name: Option<String>,
    state: String,
    route_table_ids: Option<Vec<String>>,
    subnet_ids: Option<Vec<String>>,
    private_dns_enabled: Option<bool>,
}

pub(super) fn endpoint(_: &Record, wire: EndpointWire) -> Result<VpcEndpoint, String> {
    Ok(VpcEndpoint {
        id: wire.vpc_endpoint_id,
        vpc: wire.vpc_id,
        // The API makes a gateway endpoint where no type is asked for, and some servers then name none.
        kind: wire.vpc_endpoint_type.unwrap_or_else(|| "Gateway".into()),
        service: wire.service_name.unwrap_or_else(|| "a service that is not named".into()),
        // The model writes `Available`, the wire `available`.
        available: wire.state.eq_ignore_ascii_case("available"),
        subnets: wire.subnet_ids.into_iter().flatten().collect(),
        route_tables: wire.route_table_ids.into_iter().flatten().collect(),
        private_dns: wire.private_dns_enabled == Some(true),
    })
}
