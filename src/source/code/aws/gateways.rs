//! What leads out of VPCs and into services: internet and NAT gateways with their addresses, endpoints, prefix lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{
    add,
    network::{Open, Records, close, with},
    parts::{Part, Parts},
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{
        kinds,
        unknown::{first_gap, marker, placeholder},
    },
    source::code::draft::Draft,
};

/// Maps them.
pub(super) fn map<'a>(parts: &Parts<'a>, draft: &mut Draft<'a>) {
    internet(parts, draft);
    nats(parts, draft);
    endpoints(parts, draft);
    lists(parts, draft);
}

/// Gateways to the internet, by whichever resource attaches them.
fn internet<'a>(parts: &Parts<'a>, draft: &mut Draft<'a>) {
    let attachment = |vpc: Json| json!({"VpcId": vpc, "State": "available"});
    let mut gateways: Records<'a> = BTreeMap::new();
    for part in parts.named("internet-gateway") {
        let own = part.body.get("VpcId").cloned().map(attachment);
        let body = json!({"InternetGatewayId": part.id, "Attachments": own.into_iter().collect::<Vec<_>>()});
        gateways.insert(part.id.clone(), Open { item: part.item, body: body.as_object().cloned().unwrap_or_default() });
    }
    for part in parts.named("internet-gateway-attachment") {
        let own = attachment(part.value("VpcId"));
        with(&mut gateways, part, "Gateway", "Attachments", own);
    }
    close(gateways, kinds::INTERNET_GATEWAY, draft);
    for part in parts.named("egress-only-gateway") {
        let body = json!({"EgressOnlyInternetGatewayId": part.id, "Attachments": [attachment(part.value("VpcId"))]});
        add(part.item, kinds::EGRESS_ONLY_GATEWAY, &part.id, body, draft);
    }
}

/// NAT gateways, and the addresses that they bear.
fn nats(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let unread = |part: &Part<'_>, what: &str| {
        marker(&Gap::new(format!("{}.{what}", part.item.resource.address), GapReason::UnknownValue))
    };
    let ip = |eip: &Part<'_>| match eip.body.get("PublicIp") {
        Some(ip) if first_gap(ip).is_none() => ip.clone(),
        _ => unread(eip, "public_ip"),
    };
    let mut used: BTreeSet<String> = BTreeSet::new();
    for part in parts.named("nat") {
        let secondary = parts.named("nat-address").filter(|it| it.text("NatGatewayId") == Some(&part.id));
        let zonal = part.list("ZoneAddresses").iter().filter_map(|zone| zone.get("Allocations")?.as_array()).flatten();
        let allocations: Vec<Json> = part
            .body
            .get("Allocation")
            .into_iter()
            .chain(part.list("More"))
            .cloned()
            .chain(zonal.cloned())
            .chain(secondary.map(|it| it.value("Allocation")))
            .collect();
        let hidden = ["Allocation", "More", "ZoneAddresses"].into_iter().find_map(|field| part.gap(field));
        let addresses: Json = match hidden {
            Some(gap) => marker(&gap),
            None => allocations
                .iter()
                .map(|allocation| {
                    used.extend(allocation.as_str().map(str::to_owned));
                    let eip = parts.named("eip").find(|eip| Some(eip.id.as_str()) == allocation.as_str());
                    let public = eip.map_or_else(|| unread(part, "public_ip"), ip);
                    json!({"AllocationId": allocation, "PublicIp": public})
                })
                .collect(),
        };
        let subnet = part.text("SubnetId").unwrap_or_default();
        let of_subnet = draft.entry(kinds::SUBNET, subnet).and_then(|entry| entry.body.get("VpcId").cloned());
        let vpc = part.body.get("VpcId").cloned().or(of_subnet).unwrap_or_else(|| unread(part, "vpc_id"));
        let mut body = json!({
            "NatGatewayId": part.id, "VpcId": vpc, "State": "available",
            "ConnectivityType": part.value("ConnectivityType"), "NatGatewayAddresses": addresses,
        });
        if let Json::Object(body) = &mut body {
            body.extend(part.body.get("SubnetId").map(|subnet| ("SubnetId".to_owned(), subnet.clone())));
            if let Some(mode) = part.body.get("AvailabilityMode") {
                let automatic = if part.list("ZoneAddresses").is_empty() { "enabled" } else { "disabled" };
                body.insert("AvailabilityMode".into(), mode.clone());
                body.insert("AutoScalingIps".into(), automatic.into());
                body.insert("AutoProvisionZones".into(), automatic.into());
                body.insert("RouteTableId".into(), format!("rtb-{}", placeholder(&format!("of {}", part.id))).into());
            }
        }
        add(part.item, kinds::NAT_GATEWAY, &part.id, body, draft);
    }
    for part in parts.named("eip-association") {
        used.extend(["Allocation", "Address"].iter().filter_map(|field| part.text(field).map(str::to_owned)));
    }
    for part in parts.named("eip") {
        let holders = ["Instance", "Interface", "Association"];
        let held = holders.iter().any(|field| part.body.contains_key(*field) && part.gap(field).is_none());
        // What a variable names may be nothing.
        let perhaps_held = holders.iter().find_map(|field| part.gap(field));
        let mut body = json!({"PublicIp": ip(part), "AllocationId": part.id});
        // Whatever takes addresses that nobody knows may take this one.
        let taker = |it: &&Part<'_>| {
            it.item.resource.root == part.item.resource.root
                && ["Allocation", "Address", "More", "ZoneAddresses"].iter().any(|field| it.gap(field).is_some())
        };
        let takers = ["nat", "nat-address", "eip-association"];
        let perhaps = takers.iter().find_map(|name| parts.perhaps(name).find(taker));
        if let Json::Object(body) = &mut body {
            if held || used.contains(&part.id) {
                body.insert("AssociationId".into(), json!("eipassoc"));
            } else if let Some(taker) = perhaps {
                let what = format!("whether {} uses {}", taker.item.resource.address, part.item.resource.address);
                body.insert("AssociationId".into(), marker(&Gap::new(what, GapReason::UnknownValue)));
            } else if let Some(gap) = perhaps_held {
                body.insert("AssociationId".into(), marker(&gap));
            }
        }
        add(part.item, kinds::ADDRESS, &part.id, body, draft);
    }
}

fn endpoints<'a>(parts: &Parts<'a>, draft: &mut Draft<'a>) {
    let mut endpoints: Records<'a> = BTreeMap::new();
    for part in parts.named("endpoint") {
        let mut body = part.body.clone();
        body.insert("VpcEndpointId".into(), part.id.clone().into());
        body.insert("State".into(), json!("available"));
        endpoints.insert(part.id.clone(), Open { item: part.item, body });
    }
    for (name, field, list) in
        [("endpoint-table", "RouteTableId", "RouteTableIds"), ("endpoint-subnet", "SubnetId", "SubnetIds")]
    {
        for part in parts.named(name) {
            let value = part.value(field);
            with(&mut endpoints, part, "Endpoint", list, value);
        }
    }
    close(endpoints, kinds::VPC_ENDPOINT, draft);
}

fn lists(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("prefix-list") {
        let more = parts.named("prefix-list-entry").filter(|entry| entry.text("List") == Some(&part.id));
        let mut entries = part.value("Entries");
        if let Json::Array(list) = &mut entries {
            list.extend(more.map(|entry| json!({"Cidr": entry.value("Cidr")})));
        }
        let body = json!({"PrefixListId": part.id, "PrefixListName": part.value("PrefixListName")});
        add(part.item, kinds::PREFIX_LIST, &part.id, body, draft);
        add(part.item, kinds::PREFIX_LIST_ENTRIES, &part.id, json!({"Entries": entries}), draft);
    }
}
