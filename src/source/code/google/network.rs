//! What a network brings with it: routes, subnets of automatic networks, peerings; and which addresses are in use.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{add, names};
use crate::{
    code::{Node, Shape, Value},
    evidence::{Gap, GapReason},
    snapshot::{
        kinds::google as kinds,
        unknown::{first_gap, marker},
    },
    source::{
        code::{
            draft::Draft,
            item::{Field, Item},
            table::{Made, put},
        },
        names::{last, region},
    },
};

/// A network.
const NETWORK: &str = "google_compute_network";
/// A subnet.
const SUBNETWORK: &str = "google_compute_subnetwork";

/// Adds what the cloud makes by itself.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    let of = |kind: &'static str| items.iter().copied().filter(move |item| &*item.resource.kind == kind);
    for item in of(NETWORK) {
        default_route(item, draft);
        automatic_subnets(item, draft);
    }
    for item in of(SUBNETWORK) {
        subnet(item, draft);
    }
    for item in of("google_compute_network_peering") {
        peering(item, draft);
    }
}

fn body(parts: &[(&str, Json)]) -> Made {
    let mut made = Made::default();
    for (to, value) in parts {
        put(&mut made.body, to, value.clone());
    }
    made
}

/// The route to the internet that every network has from the beginning, unless it asks for none.
fn default_route(item: Item<'_>, draft: &mut Draft<'_>) {
    let network = names::id(item);
    let id = format!("{}/routes/default-route-{}", global(&network), last(&network));
    let gateway = format!("{}/gateways/default-internet-gateway", global(&network));
    let route = |gateway: Json| {
        let range = json!("0.0.0.0/0");
        body(&[
            ("network", json!(network)),
            ("destRange", range),
            ("priority", json!(1000)),
            ("nextHopGateway", gateway),
        ])
    };
    match item.flag("delete_default_routes_on_create", false) {
        Ok(true) => {}
        Ok(false) => add(item, kinds::ROUTE, &id, route(json!(gateway)), draft),
        Err(gap) => add(item, kinds::ROUTE, &id, route(marker(&gap)), draft),
    }
}

/// The part of a network's id up to `global`.
fn global(network: &str) -> &str {
    network.split_once("/networks/").map_or(network, |(global, _)| global)
}

/// The subnets that an automatic network has in every region: those in the regions that the code speaks of.
fn automatic_subnets(item: Item<'_>, draft: &mut Draft<'_>) {
    let automatic = item.flag("auto_create_subnetworks", true);
    if automatic == Ok(false) {
        return;
    }
    let network = names::id(item);
    let project = global(&network).strip_suffix("/global").unwrap_or(&network).to_owned();
    let mut regions: BTreeSet<String> = BTreeSet::new();
    for kind in kinds::WORKLOADS.into_iter().chain([kinds::CONNECTOR, kinds::ROUTER]) {
        regions.extend(draft.of_kind(kind).map(|(id, _)| region(id).to_owned()));
    }
    for region in regions.iter().filter(|region| *region != "global") {
        let id = format!("{project}/regions/{region}/subnetworks/{}", last(&network));
        let link = match &automatic {
            Ok(_) => json!(network),
            Err(gap) => marker(gap),
        };
        add(item, kinds::SUBNETWORK, &id, body(&[("network", link)]), draft);
    }
}

/// The route of a subnet, and its IPv6 prefix, which nobody knows before it is there.
fn subnet(item: Item<'_>, draft: &mut Draft<'_>) {
    let id = names::id(item);
    let Some(entry) = draft.entry(kinds::SUBNETWORK, &id) else { return };
    let Json::Object(subnet) = &mut entry.body else { return };
    let text = |name: &str| subnet.get(name).and_then(Json::as_str);
    let gap = ["stackType", "ipv6AccessType"].iter().find_map(|name| first_gap(subnet.get(*name)?));
    let dual = text("stackType").is_some_and(|stack| stack != "IPV4_ONLY");
    let external = dual && text("ipv6AccessType") == Some("EXTERNAL");
    let prefixed = text("externalIpv6Prefix").is_some() || text("ipv6CidrRange").is_some();
    if gap.is_some() || (external && !prefixed) {
        let address = &item.resource.address;
        let unknown = || Gap::new(format!("{address}.external_ipv6_prefix"), GapReason::UnknownValue);
        subnet.insert("externalIpv6Prefix".into(), marker(&gap.unwrap_or_else(unknown)));
    }
    let (network, range) = (subnet.get("network").cloned(), subnet.get("ipCidrRange").cloned());
    let (Some(network), Some(range)) = (network, range) else { return };
    let project = id.split_once("/regions/").map_or(id.as_str(), |(project, _)| project);
    let route = format!("{project}/global/routes/default-route-{}-{}", region(&id), last(&id));
    // A range that is not known is inside all the same.
    if first_gap(&range).is_none() {
        let parts = [
            ("nextHopNetwork", network.clone()),
            ("network", network),
            ("destRange", range),
            ("routeType", json!("SUBNET")),
        ];
        add(item, kinds::ROUTE, &route, body(&parts), draft);
    }
}

/// A peering belongs to the network.
fn peering(item: Item<'_>, draft: &mut Draft<'_>) {
    let network = match item.field("network") {
        Field::Given(node) => match item.target(node, &[NETWORK]) {
            Some(target) => names::id(target),
            None => format!("//compute.googleapis.com/{}", tail(&item.pattern_of(node))),
        },
        Field::Absent | Field::Hidden(_) => return,
    };
    let imports = item.flag("import_custom_routes", false).map_or_else(|gap| marker(&gap), Json::Bool);
    let name = match item.text("name") {
        Ok(Some(name)) => name,
        Ok(None) | Err(_) => item.own_word(),
    };
    let Some(entry) = draft.entry(kinds::NETWORK, &network) else { return };
    if let Json::Object(body) = &mut entry.body {
        let peerings = body.entry("peerings").or_insert_with(|| json!([]));
        if let Json::Array(list) = peerings {
            list.push(json!({ "name": name, "state": "ACTIVE", "importCustomRoutes": imports }));
        }
    }
}

/// A link without its host and version.
fn tail(link: &str) -> &str {
    link.find("projects/").and_then(|at| link.get(at..)).unwrap_or(link)
}

/// Says of every address whether something uses it: what the code refers to, and what routers name.
pub(super) fn addresses(items: &[Item<'_>], draft: &mut Draft<'_>) {
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for item in items {
        mentions(&item.resource.body, &mut |address| {
            used.insert((item.resource.root.to_string(), address.to_owned()));
        });
    }
    let mut exported: BTreeSet<(String, String)> = BTreeSet::new();
    if let Some(first) = items.first() {
        for ((root, _), node) in &first.book.code.outputs {
            mentions(node, &mut |address| {
                exported.insert((root.clone(), address.to_owned()));
            });
        }
    }
    let users = || draft.of_kind(kinds::ROUTER).chain(draft.of_kind(kinds::FORWARDING_RULE));
    let routers: Vec<String> = users().map(|(_, entry)| entry.body.to_string()).collect();
    let open = users().find_map(|(_, entry)| first_gap(&entry.body));
    for item in items {
        let kind = &*item.resource.kind;
        if !matches!(kind, "google_compute_address" | "google_compute_global_address") {
            continue;
        }
        let id = names::id(*item);
        let key = (item.resource.root.to_string(), item.resource.address.to_string());
        let path = id.trim_start_matches("//compute.googleapis.com/");
        let named = routers.iter().any(|router| router.contains(&format!("{path}\"")));
        let by_state = item.field("users");
        let value = if used.contains(&key) || named || matches!(by_state, Field::Given(node) if !blocks_of(node)) {
            json!("IN_USE")
        } else if let Some(gap) = &open {
            // What something uses that is not known may be this one.
            marker(gap)
        } else if exported.contains(&key) {
            // Whoever takes the output may use it.
            let what = format!("who uses {}", item.resource.address);
            marker(&Gap::new(what, GapReason::UnknownValue))
        } else {
            json!("RESERVED")
        };
        if let Some(entry) = draft.entry(kinds::ADDRESS, &id)
            && let Json::Object(body) = &mut entry.body
        {
            body.insert("status".into(), value);
            let missing = || {
                let what = format!("{}.address", item.resource.address);
                marker(&Gap::new(what, GapReason::UnknownValue))
            };
            body.entry("address").or_insert_with(missing);
        }
    }
}

/// Whether a list has nothing in it that is known.
fn blocks_of(node: &Node) -> bool {
    match &node.value {
        Value::List(list) => list.is_empty(),
        _ => true,
    }
}

/// Calls back with the address of every resource that a value refers to.
fn mentions(node: &Node, hear: &mut dyn FnMut(&str)) {
    if let Some(is) = &node.is {
        hear(&is.address);
    }
    match &node.value {
        Value::List(list) => list.iter().for_each(|node| mentions(node, hear)),
        Value::Map(map) => map.values().for_each(|node| mentions(node, hear)),
        Value::Unknown(unknown) => {
            unknown.mentions.iter().for_each(|mention| hear(&mention.address));
            match &unknown.shape {
                Some(Shape::Text(pieces)) => pieces.iter().for_each(|node| mentions(node, hear)),
                Some(Shape::Json(tree)) => mentions(tree, hear),
                None => {}
            }
        }
        _ => {}
    }
}
