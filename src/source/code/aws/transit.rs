//! Transit gateways: what is attached to them, which table decides over it, and what their tables say.

use serde_json::{Value as Json, json};

use super::{
    add,
    names::transit_table,
    parts::{Part, Parts},
    ranges,
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{kinds, unknown::marker},
    source::code::draft::Draft,
};

/// What a gateway does with attachments of which nobody says more.
#[derive(Clone, Copy)]
enum Default {
    Association,
    Propagation,
}

impl Default {
    const fn field(self) -> &'static str {
        match self {
            Self::Association => "Association",
            Self::Propagation => "Propagation",
        }
    }
}

/// Maps them.
pub(super) fn map(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("tgw") {
        add(
            part.item,
            kinds::TRANSIT_GATEWAY,
            &part.id,
            json!({"TransitGatewayId": part.id, "State": "available"}),
            draft,
        );
    }
    for part in parts.named("tgw-attachment") {
        let association = match associated(part, parts) {
            Ok(table) => table.map_or(Json::Null, |table| json!({"TransitGatewayRouteTableId": table})),
            Err(gap) => marker(&gap),
        };
        let body = json!({
            "TransitGatewayAttachmentId": part.id, "TransitGatewayId": part.value("Gateway"), "ResourceType": "vpc",
            "ResourceId": part.value("VpcId"), "State": "available", "Association": association,
        });
        add(part.item, kinds::TRANSIT_GATEWAY_ATTACHMENT, &part.id, body, draft);
        let body = json!({
            "TransitGatewayAttachmentId": part.id, "TransitGatewayId": part.value("Gateway"),
            "VpcId": part.value("VpcId"), "State": "available", "SubnetIds": part.value("SubnetIds"),
            "Options": {"ApplianceModeSupport": part.value("Appliance")},
        });
        add(part.item, kinds::TRANSIT_GATEWAY_VPC_ATTACHMENT, &part.id, body, draft);
    }
    for part in parts.named("tgw-table") {
        table(part, &part.id, None, parts, draft);
    }
    // A gateway has a table from the beginning, unless it is told not to use it.
    for part in parts.named("tgw") {
        table(part, &transit_table(part.item), Some(part), parts, draft);
    }
}

/// Adds a table, and its routes.
fn table(part: &Part<'_>, id: &str, of: Option<&Part<'_>>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let gateway = of.map_or_else(|| part.value("Gateway"), |gateway| json!(gateway.id));
    let body = json!({"TransitGatewayRouteTableId": id, "TransitGatewayId": gateway, "State": "available"});
    add(part.item, kinds::TRANSIT_GATEWAY_ROUTE_TABLE, id, body, draft);
    let routes = routes(part, id, of, parts, draft).map_or_else(|gap| marker(&gap), Json::Array);
    let body = json!({"Routes": routes, "AdditionalRoutesAvailable": false});
    add(part.item, kinds::TRANSIT_GATEWAY_ROUTES, id, body, draft);
}

/// The parts of the same root that name something in a field, or may do so.
fn naming<'p, 'a>(
    parts: &'p Parts<'a>,
    name: &'static str,
    (field, id): (&'static str, &'p str),
    by: &'p Part<'a>,
) -> impl Iterator<Item = &'p Part<'a>> {
    let own = move |it: &&Part<'_>| {
        it.item.resource.root == by.item.resource.root && (it.text(field) == Some(id) || it.gap(field).is_some())
    };
    parts.perhaps(name).filter(own)
}

/// What hides whether a part names that which is asked for.
fn hidden(part: &Part<'_>, field: &str) -> Option<Gap> {
    part.gap(field).or_else(|| part.item.resource.symbolic.then(|| part.number_gap()))
}

/// The table that decides over what comes in by an attachment; none where there is none.
fn associated(attachment: &Part<'_>, parts: &Parts<'_>) -> Result<Option<Json>, Gap> {
    let own = || naming(parts, "tgw-association", ("Attachment", &attachment.id), attachment);
    if let Some(certain) = own().find(|it| hidden(it, "Attachment").is_none()) {
        return Ok(Some(certain.value("Table")));
    }
    if let Some(gap) = own().find_map(|it| hidden(it, "Attachment")) {
        return Err(gap);
    }
    let Some(gateway) = gateway(attachment, parts) else {
        let what =
            format!("the route table of {}, which the owner of its gateway sees", attachment.item.resource.address);
        return Err(attachment.gap("Gateway").unwrap_or_else(|| Gap::new(what, GapReason::NotRead)));
    };
    Ok(by_default(Default::Association, attachment, gateway, parts)?.then(|| json!(transit_table(gateway.item))))
}

/// The gateway of an attachment, where the code makes it.
fn gateway<'p, 'a>(attachment: &Part<'_>, parts: &'p Parts<'a>) -> Option<&'p Part<'a>> {
    parts.named("tgw").find(|it| Some(it.id.as_str()) == attachment.text("Gateway"))
}

/// Whether the table that a gateway has from the beginning is told of an attachment.
fn by_default(what: Default, attachment: &Part<'_>, gateway: &Part<'_>, parts: &Parts<'_>) -> Result<bool, Gap> {
    if let Some(other) = naming(parts, "tgw-default", ("Gateway", &gateway.id), gateway).next() {
        return Err(Gap::new(
            format!("what {} makes the default", other.item.resource.address),
            GapReason::Unsupported,
        ));
    }
    let accepter = naming(parts, "tgw-accepter", ("Attachment", &attachment.id), attachment).next();
    for part in [Some(gateway), Some(accepter.unwrap_or(attachment))].into_iter().flatten() {
        if let Some(gap) = part.gap(what.field()) {
            return Err(gap);
        }
        let off = match part.body.get(what.field()) {
            Some(Json::Bool(on)) => !on,
            Some(Json::String(word)) => word == "disable" || word == "false",
            _ => false,
        };
        if off {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The routes of a table; `of` is the gateway that has it from the beginning.
fn routes(
    part: &Part<'_>,
    id: &str,
    of: Option<&Part<'_>>,
    parts: &Parts<'_>,
    draft: &mut Draft<'_>,
) -> Result<Vec<Json>, Gap> {
    let of_list = |it: &Part<'_>| {
        let what = format!("the routes that {} brings", it.item.resource.address);
        hidden(it, "Table").unwrap_or_else(|| Gap::new(what, GapReason::Unsupported))
    };
    if let Some(other) = naming(parts, "tgw-list", ("Table", id), part).next() {
        return Err(of_list(other));
    }
    let mut routes = Vec::new();
    for route in naming(parts, "tgw-route", ("Table", id), part) {
        if let Some(gap) = hidden(route, "Table") {
            return Err(gap);
        }
        let (state, to) = if route.flag("Blackhole")? {
            ("blackhole", json!([]))
        } else {
            ("active", json!([hop(&route.value("Attachment"), parts)]))
        };
        routes.push(json!({
            "DestinationCidrBlock": route.value("Cidr"), "Type": "static", "State": state,
            "TransitGatewayAttachments": to,
        }));
    }
    for propagation in naming(parts, "tgw-propagation", ("Table", id), part) {
        if let Some(gap) = hidden(propagation, "Table").or_else(|| propagation.gap("Attachment")) {
            return Err(gap);
        }
        let attachment = propagation.text("Attachment").unwrap_or_default();
        let from = parts.named("tgw-attachment").find(|it| it.id == attachment);
        let what = || format!("the routes of {attachment}, which is not part of this code");
        routes.extend(propagated(from.ok_or_else(|| Gap::new(what(), GapReason::NotRead))?, parts, draft));
    }
    let Some(gateway) = of else { return Ok(routes) };
    if let Some(other) = naming(parts, "tgw-learnt", ("Gateway", &gateway.id), gateway).next() {
        return Err(of_list(other));
    }
    for attachment in naming(parts, "tgw-attachment", ("Gateway", &gateway.id), gateway) {
        if by_default(Default::Propagation, attachment, gateway, parts)? {
            hidden(attachment, "Gateway").map_or(Ok(()), Err)?;
            routes.extend(propagated(attachment, parts, draft));
        }
    }
    Ok(routes)
}

/// The routes to the ranges of an attached VPC.
fn propagated(attachment: &Part<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) -> Vec<Json> {
    let vpc = attachment.text("VpcId").unwrap_or_default();
    let ranges = ranges::of(vpc, &attachment.item.resource.address, parts, draft);
    let to = hop(&json!(attachment.id), parts);
    let route = |range| json!({"DestinationCidrBlock": range, "Type": "propagated", "State": "active", "TransitGatewayAttachments": [to]});
    ranges.into_iter().map(route).collect()
}

/// An attachment as routes name it.
fn hop(attachment: &Json, parts: &Parts<'_>) -> Json {
    let own = parts.named("tgw-attachment").find(|it| Some(it.id.as_str()) == attachment.as_str());
    own.map_or_else(
        || json!({"TransitGatewayAttachmentId": attachment}),
        |own| json!({"TransitGatewayAttachmentId": own.id, "ResourceType": "vpc", "ResourceId": own.value("VpcId")}),
    )
}
