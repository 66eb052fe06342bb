//! VPCs, subnets, route tables.

use ipnet::IpNet;
use serde::Deserialize;

use super::{Tag, name};
use crate::{
    evidence::Known,
    model::{Destination, Exclusion, Route, RouteOrigin, RouteState, RouteTable, Subnet, Target, Vpc},
    snapshot::Record,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcWire {
    vpc_id: String,
    owner_id: Option<String>,
}

pub(super) fn vpc(record: &Record, wire: VpcWire) -> Result<Vpc, String> {
    Ok(Vpc { id: wire.vpc_id, owner: wire.owner_id.unwrap_or_else(|| record.scope.account.clone()) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubnetWire {
    subnet_id: String,
    vpc_id: String,
    owner_id: Option<String>,
    availability_zone: String,
    availability_zone_id: Option<String>,
    cidr_block: Option<String>,
    ipv6_cidr_block_association_set: Option<Known<Vec<Ipv6Association>>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Association {
    ipv6_cidr_block: String,
    ipv6_cidr_block_state: Option<State>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    state: Option<String>,
}

pub(super) fn subnet(record: &Record, wire: SubnetWire) -> Result<Subnet, String> {
    let associated = |association: &&Ipv6Association| {
        let state = association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_deref());
        matches!(state, None | Some("associated"))
    };
    let ranges = |list: Vec<Ipv6Association>| {
        let ranges = list.iter().filter(associated).map(|association| net(&association.ipv6_cidr_block));
        ranges.collect::<Result<Vec<_>, _>>()
    };
    let ipv6 = match wire.ipv6_cidr_block_association_set {
        None => Known::Known(Vec::new()),
        Some(Known::Known(list)) => Known::Known(ranges(list)?),
        Some(Known::Unknown(gap)) => Known::Unknown(gap),
    };
    Ok(Subnet {
        name: name(wire.tags.as_ref()),
        vpc: wire.vpc_id,
        owner: wire.owner_id.unwrap_or_else(|| record.scope.account.clone()),
        zone: wire.availability_zone,
        named_by: record.scope.account.clone(),
        zone_id: wire.availability_zone_id,
        cidr: wire.cidr_block.as_deref().filter(|cidr| !cidr.is_empty()).map(net).transpose()?,
        ipv6,
        id: wire.subnet_id,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteTableWire {
    route_table_id: String,
    vpc_id: String,
    associations: Vec<AssociationWire>,
    routes: Vec<RouteWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociationWire {
    main: Option<bool>,
    subnet_id: Option<String>,
    /// A table of a gateway, for what comes in by it: never the table of a subnet.
    gateway_id: Option<String>,
    association_state: Option<State>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteWire {
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    destination_prefix_list_id: Option<String>,
    gateway_id: Option<String>,
    nat_gateway_id: Option<String>,
    instance_id: Option<String>,
    network_interface_id: Option<String>,
    transit_gateway_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
    egress_only_internet_gateway_id: Option<String>,
    carrier_gateway_id: Option<String>,
    local_gateway_id: Option<String>,
    core_network_arn: Option<String>,
    odb_network_arn: Option<String>,
    origin: Option<String>,
    state: Option<String>,
}

pub(super) fn route_table(_: &Record, wire: RouteTableWire) -> Result<RouteTable, String> {
    let in_force = |association: &&AssociationWire| {
        let state = association.association_state.as_ref().and_then(|state| state.state.as_deref());
        matches!(state, None | Some("associated"))
    };
    let (associations, edges): (Vec<_>, Vec<_>) =
        wire.associations.iter().filter(in_force).partition(|association| association.gateway_id.is_none());
    Ok(RouteTable {
        main: associations.iter().any(|association| association.main == Some(true)),
        subnets: associations.iter().filter_map(|association| association.subnet_id.clone()).collect(),
        gateways: edges.iter().filter_map(|association| association.gateway_id.clone()).collect(),
        routes: wire.routes.into_iter().map(route).collect::<Result<_, _>>()?,
        id: wire.route_table_id,
        vpc: wire.vpc_id,
    })
}

fn route(wire: RouteWire) -> Result<Route, String> {
    let cidr = wire.destination_cidr_block.as_ref().or(wire.destination_ipv6_cidr_block.as_ref());
    let destination = match (cidr, &wire.destination_prefix_list_id) {
        (Some(cidr), _) => Destination::Net(net(cidr)?),
        (None, Some(list)) => Destination::PrefixList(list.clone()),
        (None, None) => return Err("a route has no destination".into()),
    };
    let origin = match wire.origin.as_deref() {
        Some("EnableVgwRoutePropagation" | "Advertisement") => RouteOrigin::Propagated,
        _ => RouteOrigin::Static,
    };
    let state = match wire.state.as_deref() {
        None | Some("active") => RouteState::Active,
        Some("blackhole") => RouteState::Blackhole,
        Some("filtered") => RouteState::Filtered,
        Some(other) => RouteState::Other(other.into()),
    };
    Ok(Route { destination, target: target(wire), origin, state })
}

fn target(wire: RouteWire) -> Target {
    let other = [wire.carrier_gateway_id, wire.local_gateway_id, wire.odb_network_arn];
    match wire {
        RouteWire { nat_gateway_id: Some(id), .. } => Target::NatGateway(id),
        RouteWire { transit_gateway_id: Some(id), .. } => Target::TransitGateway(id),
        RouteWire { vpc_peering_connection_id: Some(id), .. } => Target::Peering(id),
        RouteWire { egress_only_internet_gateway_id: Some(id), .. } => Target::EgressOnlyGateway(id),
        RouteWire { network_interface_id: Some(id), .. } => Target::Interface(id),
        RouteWire { instance_id: Some(id), .. } => Target::Instance(id),
        RouteWire { gateway_id: Some(id), .. } => gateway(id),
        RouteWire { core_network_arn: Some(arn), .. } => Target::CoreNetwork(arn),
        _ => Target::Other(other.into_iter().flatten().next().unwrap_or_else(|| "a target that is not named".into())),
    }
}

/// What stands under `GatewayId` is told apart by its prefix alone.
fn gateway(id: String) -> Target {
    if id == "local" {
        return Target::Local;
    }
    match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("igw") => Target::InternetGateway(id),
        Some("vgw") => Target::VpnGateway(id),
        Some("vpce") => Target::Endpoint(id),
        Some("eigw") => Target::EgressOnlyGateway(id),
        _ => Target::Other(id),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExclusionWire {
    resource_arn: String,
    state: String,
}

pub(super) fn exclusion(_: &Record, wire: ExclusionWire) -> Result<Exclusion, String> {
    let in_force = matches!(wire.state.as_str(), "create-complete" | "update-complete");
    let resource = wire.resource_arn.rsplit('/').next().unwrap_or(&wire.resource_arn).to_owned();
    // One that is not in force excludes nothing, which is what an exclusion of no resource says.
    Ok(Exclusion { resource: if in_force { resource } else { String::new() } })
}

/// A range, in its canonical form.
pub(super) fn net(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>().map(|net| net.trunc()).map_err(|_| format!("`{text}` is not a range of addresses"))
}
