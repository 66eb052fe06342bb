//! Transit gateways, their attachments and route tables.

use serde::Deserialize;

use super::{super::index::Index, network::net, required};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{TransitAttachment, TransitGateway, TransitHop, TransitRoute, TransitTable, VpcAttachment},
    snapshot::{Record, kinds},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GatewayWire {
    transit_gateway_id: String,
    owner_id: Option<String>,
    state: String,
}

pub(super) fn gateway(record: &Record, wire: GatewayWire) -> Result<TransitGateway, String> {
    let owner = wire.owner_id.unwrap_or_else(|| record.scope.account.clone());
    Ok(TransitGateway { id: wire.transit_gateway_id, owner, state: wire.state })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttachmentWire {
    transit_gateway_attachment_id: String,
    transit_gateway_id: String,
    transit_gateway_owner_id: Option<String>,
    resource_type: String,
    association: Option<AssociationWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociationWire {
    transit_gateway_route_table_id: Option<String>,
    transit_gateway_policy_table_id: Option<String>,
    state: Option<String>,
}

pub(super) fn attachment(record: &Record, wire: AttachmentWire) -> Result<TransitAttachment, String> {
    let unknown = |why| Known::Unknown(Gap::new(format!("the route table of {}", record.id), why));
    let other = wire.transit_gateway_owner_id.filter(|owner| *owner != record.scope.account);
    let table = match (wire.association, other) {
        // The tables are out of sight of an account that the gateway is shared with.
        (None, Some(owner)) => Known::Unknown(Gap::new(
            format!("the route table of {}, which account {owner} sees", record.id),
            GapReason::NotRead,
        )),
        (None, None) => Known::Known(None),
        (Some(AssociationWire { transit_gateway_policy_table_id: Some(_), .. }), _) => unknown(GapReason::Unsupported),
        (Some(association), _) => match association.state.as_deref() {
            None | Some("associated") => Known::Known(association.transit_gateway_route_table_id),
            Some("disassociated") => Known::Known(None),
            Some(_) => unknown(GapReason::UnknownValue),
        },
    };
    Ok(TransitAttachment {
        id: wire.transit_gateway_attachment_id,
        gateway: wire.transit_gateway_id,
        kind: wire.resource_type,
        table,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcAttachmentWire {
    transit_gateway_attachment_id: String,
    transit_gateway_id: String,
    vpc_id: String,
    vpc_owner_id: Option<String>,
    state: String,
    subnet_ids: Vec<String>,
    options: Option<OptionsWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OptionsWire {
    appliance_mode_support: Option<String>,
}

pub(super) fn vpc_attachment(record: &Record, wire: VpcAttachmentWire) -> Result<VpcAttachment, String> {
    let appliance = wire.options.and_then(|options| options.appliance_mode_support);
    Ok(VpcAttachment {
        id: wire.transit_gateway_attachment_id,
        gateway: wire.transit_gateway_id,
        vpc: wire.vpc_id,
        vpc_owner: wire.vpc_owner_id.unwrap_or_else(|| record.scope.account.clone()),
        state: wire.state,
        subnets: wire.subnet_ids,
        appliance_mode: appliance.as_deref() == Some("enable"),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TableWire {
    transit_gateway_route_table_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoutesWire {
    routes: Vec<RouteWire>,
    additional_routes_available: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteWire {
    destination_cidr_block: Option<String>,
    prefix_list_id: Option<String>,
    transit_gateway_attachments: Option<Vec<HopWire>>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HopWire {
    transit_gateway_attachment_id: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
}

pub(super) fn table(index: &Index<'_>, record: &Record, wire: TableWire) -> Result<TransitTable, String> {
    let id = wire.transit_gateway_route_table_id;
    let kind = kinds::TRANSIT_GATEWAY_ROUTES;
    let document = required(index.document::<RoutesWire>(kind, &record.scope, &id), kind, &id);
    let routes = document.into_result().and_then(|wire| {
        // A longer prefix may be among those that are missing.
        if wire.additional_routes_available == Some(true) {
            return Err(Gap::new(format!("the further routes of {id}"), GapReason::Truncated));
        }
        let routes: Result<_, String> = wire.routes.into_iter().filter(RouteWire::is_there).map(route).collect();
        routes.map_err(|why| Gap::new(format!("the routes of {id}"), GapReason::Malformed).with_detail(why))
    });
    Ok(TransitTable { id, routes: Known::from(routes) })
}

impl RouteWire {
    fn is_there(&self) -> bool {
        !matches!(self.state.as_str(), "deleting" | "deleted")
    }
}

fn route(wire: RouteWire) -> Result<TransitRoute, String> {
    let cidr = wire.destination_cidr_block.ok_or("a route of a transit gateway has no range")?;
    let hop = |hop: HopWire| -> Result<TransitHop, String> {
        Ok(TransitHop {
            attachment: hop.transit_gateway_attachment_id.ok_or("a route leads to an attachment without an id")?,
            kind: hop.resource_type.unwrap_or_else(|| "an attachment of no kind".into()),
            resource: hop.resource_id.unwrap_or_default(),
        })
    };
    Ok(TransitRoute {
        net: net(&cidr)?,
        propagated: wire.kind.as_deref() == Some("propagated"),
        listed: wire.prefix_list_id.is_some(),
        state: wire.state,
        to: wire.transit_gateway_attachments.into_iter().flatten().map(hop).collect::<Result<_, _>>()?,
    })
}
