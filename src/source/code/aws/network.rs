//! VPCs and what is in them: route tables of routes, groups of rules, and what a VPC brings with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{
    add, declare, gateways, is_of,
    names::{default_acl, default_group, id, main_table, scope_of},
    parts::{Part, Parts},
    ranges, zones,
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{
        ScopeId,
        kinds::{self, Kind},
        unknown::{first_gap, gap_of, marker},
    },
    source::code::{draft::Draft, item::Item},
};

/// A record that parts add to, with the resource that it is of.
pub(super) struct Open<'a> {
    pub(super) item: Item<'a>,
    pub(super) body: Map<String, Json>,
}

/// Such records by their ids.
pub(super) type Records<'a> = BTreeMap<String, Open<'a>>;

/// Maps networks.
pub(super) fn map<'a>(parts: &Parts<'a>, draft: &mut Draft<'a>) {
    let vpcs: Vec<(String, Item<'a>)> = vpcs(parts);
    subnets(parts, draft);
    let tables = tables(parts, &vpcs, draft);
    close(tables, kinds::ROUTE_TABLE, draft);
    let groups = groups(parts, &vpcs);
    close(groups, kinds::SECURITY_GROUP, draft);
    let acls = acls(parts, &vpcs);
    close(acls, kinds::NETWORK_ACL, draft);
    gateways::map(parts, draft);
    blocking(parts, draft);
}

/// Adds them all.
pub(super) fn close(records: Records<'_>, kind: Kind, draft: &mut Draft<'_>) {
    for (id, open) in records {
        add(open.item, kind, &id, open.body.into(), draft);
    }
}

fn vpcs<'a>(parts: &Parts<'a>) -> Vec<(String, Item<'a>)> {
    let all = parts.items().filter(|item| is_of(*item, kinds::VPC));
    all.map(|item| (id(item), item)).collect()
}

fn subnets(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let zones = zones::names(parts);
    for part in parts.named("subnet") {
        let mut body = part.body.clone();
        body.insert("SubnetId".into(), part.id.clone().into());
        body.insert("AvailabilityZone".into(), zones.get(&part.id).cloned().into());
        if part.gap("AvailabilityZoneId").is_some() {
            // Then zones are told apart by their names alone.
            body.remove("AvailabilityZoneId");
        }
        let mut beside = parts.perhaps("subnet-range").filter(|it| it.text("SubnetId") == Some(&part.id));
        if let Some(range) = body.remove("Ipv6").or_else(|| Some(beside.next()?.value("Ipv6"))) {
            let set = match first_gap(&range) {
                Some(gap) => marker(&gap),
                None => json!([{"Ipv6CidrBlock": range}]),
            };
            body.insert("Ipv6CidrBlockAssociationSet".into(), set);
        }
        add(part.item, kinds::SUBNET, &part.id, body.into(), draft);
    }
}

/// Adds an element to a list of the record that a part names. Where nobody knows which one that is, it may be any of the
/// root: nobody knows that list of theirs. Nor where nobody knows how many elements there are.
pub(super) fn with<'a>(records: &mut Records<'a>, part: &Part<'a>, field: &str, list: &str, value: Json) {
    match (part.text(field), part.gap(field)) {
        (Some(id), _) => {
            if let Some(open) = records.get_mut(id) {
                if part.item.resource.symbolic {
                    open.body.insert(list.to_owned(), marker(&part.number_gap()));
                } else {
                    push(&mut open.body, list, value);
                }
            }
        }
        (None, Some(gap)) => {
            for open in records.values_mut().filter(|it| it.item.resource.root == part.item.resource.root) {
                open.body.insert(list.to_owned(), marker(&gap));
            }
        }
        (None, None) => {}
    }
}

/// Puts an element into a list; a list that is not known stays so.
fn push(body: &mut Map<String, Json>, list: &str, value: Json) {
    if let Json::Array(list) = body.entry(list.to_owned()).or_insert_with(|| json!([])) {
        list.push(value);
    }
}

/// The form of a route: an endpoint is a gateway in it.
fn route(route: &Json) -> Json {
    if gap_of(route).is_some() {
        return route.clone();
    }
    let mut route = route.clone();
    if let Json::Object(body) = &mut route {
        if let Some(endpoint) = body.remove("VpcEndpointId") {
            body.insert("GatewayId".into(), endpoint);
        }
        // Code that calls a NAT gateway a gateway is understood by those who apply it.
        if body.get("GatewayId").and_then(Json::as_str).is_some_and(|id| id.starts_with("nat-")) {
            let nat = body.remove("GatewayId").unwrap_or_default();
            body.insert("NatGatewayId".into(), nat);
        }
        body.retain(|key, _| !matches!(key.as_str(), "RouteTableId"));
        body.insert("State".into(), json!("active"));
    }
    route
}

fn tables<'a>(parts: &Parts<'a>, vpcs: &[(String, Item<'a>)], draft: &mut Draft<'_>) -> Records<'a> {
    let mut tables: Records<'a> = BTreeMap::new();
    for part in parts.named("route-table") {
        let routes = match part.body.get("Routes") {
            Some(Json::Array(list)) => list.iter().map(route).collect(),
            Some(other) => other.clone(),
            None => json!([]),
        };
        let of_main = vpcs.iter().find(|(_, item)| part.body.contains_key("Default") && main_table(*item) == part.id);
        let vpc = of_main.map_or_else(|| part.value("VpcId"), |(vpc, _)| json!(vpc));
        let mut body = Map::new();
        body.insert("RouteTableId".into(), part.id.clone().into());
        body.insert("VpcId".into(), vpc);
        body.insert("Associations".into(), json!([]));
        body.insert("Routes".into(), routes);
        if !part.list("Propagating").is_empty() || part.gap("Propagating").is_some() {
            push(&mut body, "Routes", learnt(part));
        }
        tables.insert(part.id.clone(), Open { item: part.item, body });
    }
    // Every VPC has a main table, whether or not the code speaks of it.
    for (vpc, item) in vpcs {
        let main = main_table(*item);
        let open = tables.entry(main.clone()).or_insert_with(|| {
            let body = json!({"RouteTableId": main, "VpcId": vpc, "Associations": [], "Routes": []});
            Open { item: *item, body: body.as_object().cloned().unwrap_or_default() }
        });
        let other = parts.named("main-association").any(|part| part.text("VpcId") == Some(vpc));
        if !other {
            push(&mut open.body, "Associations", json!({"Main": true}));
        }
    }
    for part in parts.perhaps("main-association") {
        with(&mut tables, part, "RouteTableId", "Associations", json!({"Main": true}));
    }
    for part in parts.perhaps("association") {
        let association = json!({"SubnetId": part.value("SubnetId"), "GatewayId": part.value("GatewayId")});
        with(&mut tables, part, "RouteTableId", "Associations", association);
    }
    for part in parts.perhaps("route") {
        let written = route(&Json::Object(part.body.clone()));
        with(&mut tables, part, "RouteTableId", "Routes", written);
    }
    for part in parts.perhaps("propagation") {
        with(&mut tables, part, "RouteTableId", "Routes", learnt(part));
    }
    for open in tables.values_mut() {
        let vpc = open.body.get("VpcId").and_then(Json::as_str).unwrap_or_default().to_owned();
        // A range that nobody knows is inside all the same.
        for range in ranges::of(&vpc, &vpc, parts, draft).into_iter().filter(|range| first_gap(range).is_none()) {
            push(&mut open.body, "Routes", json!({"DestinationCidrBlock": range, "GatewayId": "local"}));
        }
    }
    tables
}

/// What a gateway teaches a table nobody knows before it does.
fn learnt(part: &Part<'_>) -> Json {
    let what = format!("the routes that {} brings", part.item.resource.address);
    json!({"DestinationCidrBlock": marker(&Gap::new(what, GapReason::UnknownValue))})
}

/// A permission of a security group, in the form of EC2.
fn permission(rule: &Json) -> Json {
    if gap_of(rule).is_some() {
        return rule.clone();
    }
    let part = |name: &str| rule.get(name).cloned();
    let each = |many: &str, one: &str, key: &str| -> Json {
        match part(many) {
            Some(Json::Array(list)) => list.into_iter().map(|net| json!({key: net})).collect(),
            Some(unknown) => unknown,
            None => part(one).map_or_else(|| json!([]), |net| json!([{key: net}])),
        }
    };
    let protocol = match part("IpProtocol") {
        Some(Json::String(text)) if text == "all" => json!("-1"),
        Some(Json::Number(number)) => json!(number.to_string()),
        other => other.unwrap_or_else(|| json!("-1")),
    };
    let every = protocol == json!("-1");
    let mut out = json!({
        "IpProtocol": protocol,
        "IpRanges": each("Cidrs", "Cidr", "CidrIp"),
        "Ipv6Ranges": each("Ipv6Cidrs", "Ipv6Cidr", "CidrIpv6"),
        "PrefixListIds": each("PrefixLists", "PrefixList", "PrefixListId"),
    });
    if let (Json::Object(out), false) = (&mut out, every) {
        out.extend(part("FromPort").map(|port| ("FromPort".to_owned(), port)));
        out.extend(part("ToPort").map(|port| ("ToPort".to_owned(), port)));
    }
    out
}

fn permissions(list: Option<&Json>) -> Json {
    match list {
        None => json!([]),
        Some(Json::Array(list)) => list.iter().map(permission).collect(),
        Some(unknown) => unknown.clone(),
    }
}

fn groups<'a>(parts: &Parts<'a>, vpcs: &[(String, Item<'a>)]) -> Records<'a> {
    let mut groups: Records<'a> = BTreeMap::new();
    for part in parts.named("security-group") {
        let name = part.text("GroupName").map_or_else(|| part.item.own_word(), str::to_owned);
        let mut body = part.body.clone();
        body.insert("GroupId".into(), part.id.clone().into());
        body.insert("GroupName".into(), name.into());
        body.insert("IpPermissions".into(), permissions(part.body.get("In")));
        body.insert("IpPermissionsEgress".into(), permissions(part.body.get("Out")));
        groups.insert(part.id.clone(), Open { item: part.item, body });
    }
    for (vpc, item) in vpcs {
        let own = default_group(*item);
        let declared = parts.named("default-security-group").find(|part| part.text("VpcId") == Some(vpc));
        let all =
            json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]);
        let (item, inwards, outwards) = match declared {
            Some(part) => (part.item, permissions(part.body.get("In")), permissions(part.body.get("Out"))),
            None => (*item, json!([]), all),
        };
        let body = json!({
            "GroupId": own, "GroupName": "default", "VpcId": vpc, "IpPermissions": inwards, "IpPermissionsEgress": outwards,
        });
        groups.insert(own, Open { item, body: body.as_object().cloned().unwrap_or_default() });
    }
    for part in parts.perhaps("security-group-rule") {
        let list = match part.text("Type") {
            Some("ingress") => "IpPermissions",
            _ => "IpPermissionsEgress",
        };
        let rule = permission(&Json::Object(part.body.clone()));
        with(&mut groups, part, "Group", list, rule);
    }
    groups
}

/// A rule of a network ACL, in the form of EC2.
fn entry(rule: &Json, egress: &Json) -> Json {
    if gap_of(rule).is_some() {
        return rule.clone();
    }
    let part = |name: &str| rule.get(name).cloned().unwrap_or(Json::Null);
    let protocol = match part("Protocol") {
        Json::String(text) if text == "all" => json!("-1"),
        Json::Number(number) => json!(number.to_string()),
        other => other,
    };
    let ported = ["tcp", "udp", "6", "17"].iter().any(|name| protocol == json!(name)) || first_gap(&protocol).is_some();
    let number = match part("Number") {
        Json::String(text) => text.parse::<u32>().map_or(Json::String(text), Json::from),
        other => other,
    };
    json!({
        "RuleNumber": number,
        "Egress": egress,
        "RuleAction": part("Action"),
        "Protocol": protocol,
        "CidrBlock": part("Cidr"),
        "Ipv6CidrBlock": part("Ipv6Cidr"),
        "PortRange": if ported { json!({"From": part("From"), "To": part("To")}) } else { Json::Null },
    })
}

fn entries(part: &Part<'_>) -> Json {
    let mut all = Vec::new();
    for (field, egress) in [("In", false), ("Out", true)] {
        match part.body.get(field) {
            Some(Json::Array(list)) => all.extend(list.iter().map(|rule| entry(rule, &egress.into()))),
            Some(unknown) => return unknown.clone(),
            None => {}
        }
    }
    all.into()
}

fn acls<'a>(parts: &Parts<'a>, vpcs: &[(String, Item<'a>)]) -> Records<'a> {
    let mut acls: Records<'a> = BTreeMap::new();
    let open = |id: &str, vpc: Json, entries: Json| {
        let body = json!({"NetworkAclId": id, "VpcId": vpc, "Associations": [], "Entries": entries});
        body.as_object().cloned().unwrap_or_default()
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // What may take any subnet leaves nobody sure of those that no other ACL has.
    let unsure = |part: &Part<'_>| part.gap("SubnetId").or_else(|| part.gap("Acl")).is_some();
    let taker = |part: &&Part<'_>| unsure(part) || part.item.resource.symbolic;
    let takers = parts.perhaps("network-acl").filter(|part| part.gap("Subnets").is_some());
    let takers: Vec<(&str, Gap)> = takers
        .chain(parts.perhaps("network-acl-association").filter(taker))
        .map(|part| {
            let what = format!("which subnets {} takes", part.item.resource.address);
            (&*part.item.resource.root, Gap::new(what, GapReason::UnknownValue))
        })
        .collect();
    for part in parts.named("network-acl") {
        let mut body = open(&part.id, part.value("VpcId"), entries(part));
        if let Some(gap) = part.gap("Subnets") {
            body.insert("Associations".into(), marker(&gap));
        }
        for subnet in part.list("Subnets") {
            taken.extend(subnet.as_str().map(str::to_owned));
            push(&mut body, "Associations", json!({"SubnetId": subnet}));
        }
        acls.insert(part.id.clone(), Open { item: part.item, body });
    }
    for part in parts.perhaps("network-acl-association") {
        // What is put into the first ACL of its VPC is in it anyway.
        let first = vpcs.iter().any(|(_, item)| part.text("Acl") == Some(&default_acl(*item)));
        if !first && !part.item.resource.symbolic {
            taken.extend(part.text("SubnetId").map(str::to_owned));
        }
        let association = json!({"SubnetId": part.value("SubnetId")});
        with(&mut acls, part, "Acl", "Associations", association);
    }
    // What is in no other ACL is in that which the VPC has from the beginning, and that lets everything through.
    for (vpc, item) in vpcs {
        let own = default_acl(*item);
        let declared =
            parts.named("default-network-acl").find(|part| part.text("Default") == Some(vpc) || part.id == own);
        let all = |egress: bool| json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
        let (item, rules) = match declared {
            Some(part) => (part.item, entries(part)),
            None => (*item, json!([all(true), all(false)])),
        };
        let mut body = open(&own, json!(vpc), rules);
        for subnet in parts.named("subnet").filter(|part| part.text("VpcId") == Some(vpc)) {
            if !taken.contains(&subnet.id) {
                push(&mut body, "Associations", json!({"SubnetId": subnet.id}));
            }
        }
        if let Some((_, gap)) = takers.iter().find(|(root, _)| *root == &*item.resource.root) {
            body.insert("Associations".into(), marker(gap));
        }
        acls.insert(own, Open { item, body });
    }
    for part in parts.perhaps("network-acl-rule") {
        let rule = entry(&Json::Object(part.body.clone()), &part.body.get("Egress").cloned().unwrap_or(json!(false)));
        with(&mut acls, part, "Acl", "Entries", rule);
    }
    acls
}

/// The id of a scope's options in a draft, where ids are of one space.
pub(super) fn options_of(scope: &ScopeId) -> String {
    format!("options#{scope}")
}

/// Says how a region blocks public access.
pub(super) fn options(scope: ScopeId, body: Json, draft: &mut Draft<'_>) {
    let own = options_of(&scope);
    draft.note(kinds::BLOCK_PUBLIC_ACCESS, &own, scope, body);
    if let Some(entry) = draft.entry(kinds::BLOCK_PUBLIC_ACCESS, &own) {
        entry.called = Some("options");
    }
}

fn blocking(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("block-options") {
        declare(part.item, draft);
        let body = json!({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": part.value("Mode")}});
        if let Some(entry) = draft.entry(kinds::BLOCK_PUBLIC_ACCESS, &options_of(&scope_of(part.item))) {
            entry.body = body;
        }
    }
    for part in parts.named("block-exclusion") {
        let resource = if part.body.contains_key("SubnetId") { part.value("SubnetId") } else { part.value("VpcId") };
        let body = json!({"ResourceArn": resource, "State": "create-complete"});
        add(part.item, kinds::BLOCK_PUBLIC_ACCESS_EXCLUSION, &part.id, body, draft);
    }
}
