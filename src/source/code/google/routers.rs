//! Routers: their NATs are resources of their own in code, and so may be the addresses of those.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{TABLE, add, names};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{kinds::google as kinds, unknown::marker},
    source::{
        code::{
            draft::Draft,
            item::{Field, Item},
            table::{self, Made},
        },
        names::last,
    },
};

/// A router.
const ROUTER: &str = "google_compute_router";
/// A NAT of one.
const NAT: &str = "google_compute_router_nat";
/// What gives addresses to a NAT from outside of it.
const NAT_ADDRESS: &str = "google_compute_router_nat_address";

/// Puts NATs and peers into their routers.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    let of = |kind: &'static str| items.iter().copied().filter(move |item| &*item.resource.kind == kind);
    let mut nats: BTreeMap<String, Vec<(Item<'_>, Json)>> = BTreeMap::new();
    for item in of(NAT) {
        let body = nat(item, of(NAT_ADDRESS));
        nats.entry(router_of(item)).or_default().push((item, body));
    }
    let mut peers: BTreeMap<String, usize> = BTreeMap::new();
    for item in of("google_compute_router_peer") {
        *peers.entry(router_of(item)).or_default() += 1;
    }
    for item in of(ROUTER) {
        let id = names::id(item);
        let speaks = peers.remove(&id).unwrap_or(0);
        let own = nats.remove(&id).unwrap_or_default();
        if let Some(entry) = draft.entry(kinds::ROUTER, &id)
            && let Json::Object(body) = &mut entry.body
        {
            for (index, (nat, _)) in own.iter().enumerate() {
                entry
                    .origins
                    .extend(nat.resource.place.as_ref().map(|place| (format!("/nats/{index}"), place.origin())));
            }
            body.insert("nats".into(), own.into_iter().map(|(item, body)| instances(item, body)).collect());
            body.insert("bgpPeers".into(), vec![json!({}); speaks].into());
        }
        // What it will learn is not known; one that speaks with nobody learns nothing.
        if speaks == 0 {
            let mut made = Made::default();
            made.body.insert("result".into(), json!({}));
            add(item, kinds::ROUTER_STATUS, &id, made, draft);
        }
    }
    // A NAT of a router that others manage serves a network that is not known.
    for (id, orphans) in nats {
        let scope = names::scope_of(&id);
        for (item, _) in orphans {
            let what = format!("the router of {}, which is not part of this code", item.resource.address);
            super::declare(item, &scope, draft);
            draft.miss(kinds::ROUTER, Some(&id), scope.clone(), &Gap::new(what, GapReason::NotRead));
        }
    }
}

/// A NAT; or what hides how many of them there are.
fn instances(item: Item<'_>, body: Json) -> Json {
    if item.resource.symbolic {
        let what = format!("how many of {} there are", item.resource.address);
        return marker(&Gap::new(what, GapReason::UnknownValue));
    }
    body
}

/// The id of the router that something belongs to.
fn router_of(item: Item<'_>) -> String {
    let own = |name: &str| {
        format!(
            "//compute.googleapis.com/projects/{}/regions/{}/routers/{name}",
            names::project(item),
            names::region(item)
        )
    };
    match item.field("router") {
        Field::Given(node) => match item.target(node, &[ROUTER]) {
            Some(target) => names::id(target),
            None => own(last(&item.pattern_of(node))),
        },
        Field::Absent | Field::Hidden(_) => own(&item.own_word()),
    }
}

/// The body of a NAT, with the addresses that others give to it.
fn nat<'a>(item: Item<'a>, others: impl Iterator<Item = Item<'a>>) -> Json {
    let Some(of) = TABLE.types.get(NAT) else { return Json::Null };
    let mut body = table::body(item, &of.fields, names::id).body;
    for other in others {
        let own = |node| other.target(node, &[NAT]).map(|target| target.resource.address.clone());
        let is_own = match other.field("router_nat") {
            Field::Given(node) => own(node).map_or_else(
                || other.text_of(node).is_ok_and(|name| body.get("name").and_then(Json::as_str) == Some(last(&name))),
                |address| address == item.resource.address,
            ),
            Field::Absent | Field::Hidden(_) => false,
        };
        if is_own && let Some(of) = TABLE.types.get(NAT_ADDRESS) {
            // Then what the NAT itself names is of the beginning alone.
            body.extend(table::body(other, &of.fields, names::id).body);
        }
    }
    if let Some(first) = body.remove("initialNatIps")
        && body.get("natIps").is_none_or(|ips| ips.as_array().is_some_and(Vec::is_empty))
    {
        body.insert("natIps".into(), first);
    }
    // Names that are short are of the router's own project and region.
    let router = router_of(item);
    let beside = |collection: &str, name: &mut Json| {
        let own = router.split_once("/routers/").map_or(router.as_str(), |(region, _)| region);
        if let Some(short) = name.as_str().filter(|name| !name.contains('/')) {
            *name = Json::String(format!("{own}/{collection}/{short}"));
        }
    };
    for list in ["natIps", "drainNatIps"] {
        for name in body.get_mut(list).and_then(Json::as_array_mut).into_iter().flatten() {
            beside("addresses", name);
        }
    }
    for subnet in body.get_mut("subnetworks").and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(name) = subnet.get_mut("name") {
            beside("subnetworks", name);
        }
    }
    Json::Object(body)
}
