//! Parts: what single resources say of a record that several of them make.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    TABLE, is_global,
    names::{id, put_in, scope_of},
};
use crate::{
    code::{Node, Place},
    evidence::{Gap, GapReason, Origin},
    snapshot::{
        ScopeId,
        kinds::{self, Kind, doors},
        unknown::first_gap,
    },
    source::code::{
        item::{Field, Item, blocks},
        table,
    },
};

/// What a resource says.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) item: Item<'a>,
    pub(super) id: String,
    pub(super) body: Map<String, Json>,
    /// Where its fields stand, by name.
    origins: BTreeMap<String, Origin>,
}

/// The parts of code, by name.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    all: BTreeMap<&'a str, Vec<Part<'a>>>,
    items: Vec<Item<'a>>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(items: &[Item<'a>]) -> Self {
        let mut parts = Self { items: items.to_vec(), ..Self::default() };
        for &item in items {
            let Some(of) = TABLE.types.get(&*item.resource.kind) else { continue };
            if let Some(name) = of.part.as_deref() {
                parts.add(name, item, table::body(item, &of.fields, id));
            }
            for inner in &of.more {
                let Some(name) = inner.part.as_deref() else { continue };
                for element in elements(item, &inner.of) {
                    let mut made = table::body(item, &inner.fields, id);
                    let below = table::below(item, element, &inner.each, id);
                    made.body.extend(below.body);
                    made.origins.extend(below.origins);
                    parts.add(name, item, made);
                }
            }
        }
        parts
    }

    fn add(&mut self, name: &'a str, item: Item<'a>, made: table::Made) {
        let table::Made { mut body, origins, .. } = made;
        let id = id(item);
        for value in body.values_mut() {
            put_in(item, &id, value);
            clean(value);
        }
        body.retain(|_, value| !is_empty(value));
        self.all.entry(name).or_default().push(Part { name, item, id, body, origins });
    }

    /// Every resource that there certainly is.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'a>> {
        self.items.iter().copied().filter(|item| !item.resource.symbolic)
    }

    /// The parts of a name that there certainly are.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Part<'a>> {
        self.all.get(name).into_iter().flatten().filter(|part| !part.item.resource.symbolic)
    }

    /// All parts of a name, those that may not be there too.
    pub(super) fn perhaps(&self, name: &str) -> impl Iterator<Item = &Part<'a>> {
        self.all.get(name).into_iter().flatten()
    }

    /// Why nobody knows whether a resource has parts of these names: one does not tell what it belongs to.
    pub(super) fn stray(&self, names: &[&str], field: &str, root: &str) -> Option<Gap> {
        let own = |part: &&Part<'_>| &*part.item.resource.root == root;
        names.iter().flat_map(|name| self.perhaps(name)).filter(own).find_map(|part| part.gap(field))
    }

    /// Those whose number nobody knows.
    pub(super) fn symbolic(&self) -> impl Iterator<Item = &Part<'a>> {
        self.all.values().flatten().filter(|part| part.item.resource.symbolic)
    }
}

/// The elements of an attribute; where nobody knows them, the unknown, which may be any.
fn elements<'a>(item: Item<'a>, path: &str) -> Vec<&'a Node> {
    match item.field(path) {
        Field::Absent => Vec::new(),
        Field::Given(node) => blocks(node),
        Field::Hidden(_) => vec![&item.resource.body],
    }
}

impl Part<'_> {
    /// Where a field stands, or the resource where that is not known.
    pub(super) fn place(&self, field: &str) -> Option<Origin> {
        let own = self.origins.get(&format!("/{field}")).cloned();
        own.or_else(|| self.item.resource.place.as_ref().map(Place::origin))
    }

    /// A field that is a known text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Json::as_str)
    }

    /// A field, or null.
    pub(super) fn value(&self, field: &str) -> Json {
        self.body.get(field).cloned().unwrap_or(Json::Null)
    }

    /// The elements of a field that is a list.
    pub(super) fn list(&self, field: &str) -> &[Json] {
        self.body.get(field).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    /// What hides a field, or a part of it.
    pub(super) fn gap(&self, field: &str) -> Option<Gap> {
        self.body.get(field).and_then(first_gap)
    }

    /// Whether a flag is set; a gap where nobody knows.
    pub(super) fn flag(&self, field: &str) -> Result<bool, Gap> {
        match self.body.get(field) {
            None => Ok(false),
            Some(Json::Bool(yes)) => Ok(*yes),
            Some(Json::String(text)) => Ok(text == "true"),
            Some(other) => Err(first_gap(other)
                .unwrap_or_else(|| Gap::new(format!("{}.{field}", self.item.resource.address), GapReason::Malformed))),
        }
    }

    /// How many of it there are is not known.
    pub(super) fn number_gap(&self) -> Gap {
        Gap::new(format!("how many of {} there are", self.item.resource.address), GapReason::UnknownValue)
    }
}

/// States and plans write an empty text for what is not set.
fn is_empty(value: &Json) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn clean(value: &mut Json) {
    match value {
        Json::Array(list) => list.iter_mut().for_each(clean),
        Json::Object(object) => {
            object.values_mut().for_each(clean);
            object.retain(|_, value| !is_empty(value));
        }
        _ => {}
    }
}

/// The lists that are not whole where nobody knows how many of a part there are.
pub(super) fn lists_of(part: &str) -> Vec<Kind> {
    match part {
        "route-table" | "route" | "association" | "main-association" | "propagation" => vec![kinds::ROUTE_TABLE],
        "subnet" | "subnet-range" => vec![kinds::SUBNET, kinds::NETWORK_ACL],
        "nat" | "nat-address" => vec![kinds::NAT_GATEWAY],
        "eip" | "eip-association" => vec![kinds::ADDRESS],
        "internet-gateway" | "internet-gateway-attachment" => vec![kinds::INTERNET_GATEWAY],
        "egress-only-gateway" => vec![kinds::EGRESS_ONLY_GATEWAY],
        "endpoint" | "endpoint-table" | "endpoint-subnet" => vec![kinds::VPC_ENDPOINT],
        "security-group" | "default-security-group" | "security-group-rule" => vec![kinds::SECURITY_GROUP],
        "network-acl" | "default-network-acl" | "network-acl-rule" | "network-acl-association" => {
            vec![kinds::NETWORK_ACL]
        }
        "vpc-range" => vec![kinds::VPC],
        "tgw" | "tgw-default" => vec![kinds::TRANSIT_GATEWAY],
        "tgw-table" | "tgw-route" | "tgw-propagation" | "tgw-list" | "tgw-learnt" => {
            vec![kinds::TRANSIT_GATEWAY_ROUTE_TABLE]
        }
        "tgw-attachment" | "tgw-association" | "tgw-accepter" => {
            vec![kinds::TRANSIT_GATEWAY_ATTACHMENT, kinds::TRANSIT_GATEWAY_VPC_ATTACHMENT]
        }
        "prefix-list" | "prefix-list-entry" => vec![kinds::PREFIX_LIST],
        "block-options" | "block-exclusion" => vec![kinds::BLOCK_PUBLIC_ACCESS_EXCLUSION],
        "alias" | "url" | "permission" | "key" | "key-alias" => vec![kinds::FUNCTION],
        "event-source" => vec![doors::EVENT_SOURCE_MAPPING],
        "role" | "role-policy" | "role-attachment" => vec![doors::ROLE],
        "user" | "user-policy" | "user-attachment" | "membership" => vec![doors::USER],
        "group" | "group-policy" | "group-attachment" => vec![doors::GROUP],
        "distribution" => vec![doors::DISTRIBUTION],
        "managed-policy" => vec![doors::MANAGED_POLICY],
        name if name.starts_with("rest-") => vec![doors::REST_API, doors::REST_DOMAIN],
        name if name.starts_with("http-") => vec![doors::HTTP_API, doors::HTTP_DOMAIN],
        "balancer" | "listener" | "listener-rule" | "target" | "target-group" => {
            vec![doors::LOAD_BALANCER, doors::TARGET_GROUP]
        }
        _ => Vec::new(),
    }
}

/// Where the records of a kind are: in the resource's region, or in its account.
pub(super) fn scope_for(kind: Kind, item: Item<'_>) -> ScopeId {
    let scope = scope_of(item);
    if is_global(kind) { scope.everywhere() } else { scope }
}
