//! AWS: what its Terraform types become.
//!
//! `types.json` names, for each type, where its attributes go: into a record, or into a *part* that several resources make
//! a record of. The other files put parts together; they speak of parts, never of types, so that whatever writes the same
//! parts is mapped as well.

mod apis;
mod balancers;
mod functions;
mod gateways;
mod identities;
mod names;
mod network;
mod parts;
mod policy;

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::{Value as Json, json};

pub(super) use self::names::attribute;
use self::{
    names::{id, scope_of},
    parts::Parts,
};
use super::{
    book::Book,
    draft::{self, Draft, Entry},
    item::Item,
    table::{self, Type},
};
use crate::{
    code::Mode,
    evidence::{Gap, GapReason},
    snapshot::{
        ScopeId,
        kinds::{self, Kind, doors},
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    types: BTreeMap<String, Type>,
    /// Types that are not followed, and the kinds of record whose lists they make incomplete.
    unfollowed: BTreeMap<String, Vec<String>>,
    /// Types that say nothing that any rule asks.
    ignored: Vec<String>,
    /// What types begin with that would matter.
    families: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("aws/types.json")).unwrap_or_default());

/// The kind of this name.
fn kind(name: &str) -> Option<Kind> {
    kinds::AWS.into_iter().chain(kinds::AWS_GLOBAL).find(|kind| kind.name == name)
}

/// Maps everything of AWS.
pub(super) fn map<'a>(book: &'a Book<'a>, draft: &mut Draft<'a>) {
    let own = |item: &Item<'_>| item.resource.mode == Mode::Managed && item.resource.kind.starts_with("aws_");
    let items: Vec<Item<'_>> = book.items().filter(own).collect();
    for item in &items {
        rename(*item, draft);
        pass_over(*item, draft);
    }
    let parts = Parts::of(&items);
    for part in parts.symbolic() {
        declare(part.item, draft);
        for kind in parts::lists_of(part.name) {
            draft.miss(kind, None, parts::scope_for(kind, part.item), &part.number_gap());
        }
    }
    network::map(&parts, draft);
    functions::map(&items, &parts, draft);
    identities::map(&parts, draft);
    apis::map(&parts, draft);
    balancers::map(&parts, draft);
}

/// Says what lists the account and the region of a resource have.
fn declare(item: Item<'_>, draft: &mut Draft<'_>) {
    let scope = scope_of(item);
    let global = ScopeId { region: ScopeId::GLOBAL.into(), ..scope.clone() };
    let mut own = draft::lists(&kinds::AWS);
    own.push(kinds::BLOCK_PUBLIC_ACCESS);
    draft.declare(&item.resource.root, &scope, &own);
    draft.declare(&item.resource.root, &global, &draft::lists(&kinds::AWS_GLOBAL));
    if draft.entry(kinds::BLOCK_PUBLIC_ACCESS, &network::options_of(&scope)).is_none() {
        let off = json!({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}});
        network::options(scope, off, draft);
    }
}

/// Adds a record of a resource.
fn add<'d>(item: Item<'_>, kind: Kind, id: &str, body: Json, draft: &'d mut Draft<'_>) -> Option<&'d mut Entry> {
    declare(item, draft);
    draft.add(kind, id, parts::scope_for(kind, item), body, item)
}

/// A type that the table turns into a record.
fn rename(item: Item<'_>, draft: &mut Draft<'_>) {
    let Some(of) = TABLE.types.get(&*item.resource.kind) else { return };
    let Some(kind) = of.kind.as_deref().and_then(kind) else { return };
    let mut made = table::body(item, &of.fields, id);
    let own = id(item);
    if let Some(Json::Array(layers)) = made.body.get_mut("Layers") {
        for layer in layers {
            *layer = json!({"Arn": layer.take()});
        }
    }
    for value in made.body.values_mut() {
        names::put_in(item, &own, value);
    }
    declare(item, draft);
    if let Some(entry) = draft.add(kind, &own, parts::scope_for(kind, item), made.body.into(), item) {
        entry.origins = made.origins;
    }
}

/// A type that would matter and is not followed.
fn pass_over(item: Item<'_>, draft: &mut Draft<'_>) {
    let name = &*item.resource.kind;
    let family = TABLE.families.iter().any(|family| name.starts_with(family.as_str()));
    let hides = TABLE.unfollowed.get(name);
    let known = TABLE.types.contains_key(name) || TABLE.ignored.iter().any(|it| it == name);
    if known || (!family && hides.is_none()) {
        return;
    }
    declare(item, draft);
    for kind in hides.into_iter().flatten().filter_map(|name| kind(name)) {
        let gap = Gap::new(format!("what {} does", item.resource.address), GapReason::Unsupported);
        draft.miss(kind, None, parts::scope_for(kind, item), &gap);
    }
    draft.pass_over(scope_of(item), item);
}

/// Whether a list is of an account as a whole.
fn is_global(kind: Kind) -> bool {
    kinds::AWS_GLOBAL.contains(&kind) || kind == doors::DISTRIBUTION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound_and_names_kinds_and_parts_that_there_are() {
        let table: Table = serde_json::from_str(include_str!("aws/types.json")).expect("the table");
        assert!(table.types.len() > 60);
        for (name, of) in &table.types {
            assert_eq!(of.kind.is_some(), of.kind.as_deref().and_then(kind).is_some(), "{name}");
            assert!(of.part.as_deref().is_none_or(|part| !parts::lists_of(part).is_empty()), "{name}");
        }
        for kinds in table.unfollowed.values() {
            assert!(kinds.iter().all(|name| kind(name).is_some()), "{kinds:?}");
        }
    }
}
