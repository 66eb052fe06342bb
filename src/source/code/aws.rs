//! AWS: what its Terraform types become, and those of CloudFormation.
//!
//! `types.json` and `cloudformation.json` name, for each type, where its attributes go: into a record, or into a *part* that several resources make
//! a record of. The other files put parts together; they speak of parts, never of types, so that whatever writes the same
//! parts is mapped as well.

mod apis;
mod balancers;
mod cloudformation;
mod distributions;
mod functions;
mod gateways;
mod identities;
mod names;
mod network;
mod parts;
mod policy;
mod ranges;
mod transit;
mod zones;

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::{Value as Json, json};

pub(super) use self::{
    cloudformation::{attribute as attribute_of_template, deployment},
    names::{attribute, comes_with},
};
use self::{
    names::{id, scope_of},
    parts::Parts,
};
use super::{
    book::Book,
    draft::{self, Draft, Entry},
    item::{Field, Item},
    table::{self, Type},
};
use crate::{
    code::Mode,
    evidence::{Gap, GapReason},
    snapshot::kinds::{self, Kind, doors},
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

/// The tables: what Terraform writes, and what CloudFormation does.
const TABLES: [&str; 2] = [include_str!("aws/types.json"), include_str!("aws/cloudformation.json")];

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut all = Table::default();
    for table in TABLES.iter().filter_map(|text| serde_json::from_str::<Table>(text).ok()) {
        all.types.extend(table.types);
        all.unfollowed.extend(table.unfollowed);
        all.ignored.extend(table.ignored);
        all.families.extend(table.families);
    }
    all
});

/// The types that a test of their entry in the tables holds for.
fn types_where(fits: impl Fn(&Type) -> bool) -> Vec<&'static str> {
    TABLE.types.iter().filter(|(_, of)| fits(of)).map(|(name, _)| name.as_str()).collect()
}

/// Whether a resource becomes a record of a kind by the tables alone.
fn is_of(item: Item<'_>, kind: Kind) -> bool {
    TABLE.types.get(&*item.resource.kind).is_some_and(|of| of.kind.as_deref() == Some(kind.name))
}

/// The kind of this name.
fn kind(name: &str) -> Option<Kind> {
    kinds::AWS.into_iter().chain(kinds::AWS_GLOBAL).find(|kind| kind.name == name)
}

/// Maps everything of AWS.
pub(super) fn map<'a>(book: &'a Book<'a>, draft: &mut Draft<'a>) {
    let ours = |kind: &str| kind.starts_with("aws_") || kind.starts_with("AWS::");
    let own = |item: &Item<'_>| item.resource.mode == Mode::Managed && ours(&item.resource.kind);
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
    transit::map(&parts, draft);
    functions::map(&items, &parts, draft);
    identities::map(&parts, draft);
    apis::map(&parts, draft);
    balancers::map(&parts, draft);
    distributions::map(&parts, draft);
}

/// Says what lists the account and the region of a resource have.
fn declare(item: Item<'_>, draft: &mut Draft<'_>) {
    let scope = scope_of(item);
    let global = scope.everywhere();
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
    for inner in TABLE.types.get(name).into_iter().flat_map(|of| &of.more) {
        if !matches!(item.field(&inner.of), Field::Absent) {
            hide(item, &inner.hides, draft);
        }
    }
    let family = TABLE.families.iter().any(|family| name.starts_with(family.as_str()));
    let hides = TABLE.unfollowed.get(name);
    let known = TABLE.types.contains_key(name) || TABLE.ignored.iter().any(|it| it == name);
    if known || (!family && hides.is_none()) {
        return;
    }
    declare(item, draft);
    hide(item, hides.map_or(&[], Vec::as_slice), draft);
    draft.pass_over(scope_of(item), item);
}

/// Says that lists are incomplete because of a resource.
fn hide(item: Item<'_>, kinds: &[String], draft: &mut Draft<'_>) {
    for kind in kinds.iter().filter_map(|name| kind(name)) {
        declare(item, draft);
        let gap = Gap::new(format!("what {} does", item.resource.address), GapReason::Unsupported);
        draft.miss(kind, None, parts::scope_for(kind, item), &gap);
    }
}

/// Whether a list is of an account as a whole.
fn is_global(kind: Kind) -> bool {
    kinds::AWS_GLOBAL.contains(&kind) || kind == doors::DISTRIBUTION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sound_and_name_kinds_and_parts_that_there_are() {
        for text in TABLES {
            let table: Table = serde_json::from_str(text).expect("a table");
            assert!(table.types.len() > 60);
            for (name, of) in &table.types {
                assert_eq!(of.kind.is_some(), of.kind.as_deref().and_then(kind).is_some(), "{name}");
                let parts = of.part.iter().chain(of.more.iter().filter_map(|inner| inner.part.as_ref()));
                assert!(parts.into_iter().all(|part| !parts::lists_of(part).is_empty()), "{name}");
            }
            let inner = table.types.values().flat_map(|of| of.more.iter().map(|inner| &inner.hides));
            for kinds in table.unfollowed.values().chain(inner) {
                assert!(kinds.iter().all(|name| kind(name).is_some()), "{kinds:?}");
            }
        }
    }
}
