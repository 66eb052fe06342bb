//! Google Cloud: what its Terraform types become.
//!
//! `types.json` renames; `names` knows what the attributes of a resource will be; the other files make the records that
//! several resources share.

mod firewalls;
mod functions;
mod iam;
mod names;
mod network;
mod projects;
mod routers;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

pub(super) use self::names::attribute;
use self::names::{id, scope_of};
use super::{
    book::Book,
    draft::{self, Draft},
    item::Item,
    table::{self, Type},
};
use crate::{
    code::Mode,
    evidence::{Gap, GapReason},
    snapshot::{
        ScopeId,
        kinds::{Kind, google as kinds},
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
    /// What types begin with that would matter.
    families: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("google/types.json")).unwrap_or_default());

/// Every list that a project has.
fn lists() -> Vec<Kind> {
    let all = kinds::WORKLOADS.into_iter().chain(kinds::NETWORKS);
    let others = [kinds::DOMAIN_MAPPING, kinds::FIREWALL_POLICY];
    draft::lists(&all.chain(others).collect::<Vec<_>>())
}

/// The kind of this name.
fn kind(name: &str) -> Option<Kind> {
    lists().into_iter().chain(kinds::DETAILS).find(|kind| kind.name == name)
}

/// Maps everything of Google Cloud.
pub(super) fn map<'a>(book: &'a Book<'a>, draft: &mut Draft<'a>) {
    let own = |item: &Item<'_>| item.resource.mode == Mode::Managed && item.resource.kind.starts_with("google_");
    let items: Vec<Item<'_>> = book.items().filter(own).collect();
    for item in &items {
        rename(*item, draft);
    }
    for item in &items {
        pass_over(*item, draft);
    }
    functions::map(&items, draft);
    network::map(&items, draft);
    firewalls::map(&items, draft);
    routers::map(&items, draft);
    network::addresses(&items, draft);
    projects::map(&items, draft);
    iam::map(&items, draft);
    projects::finish(book.items(), draft);
}

/// Says what lists a project of a root has, once something of it is declared.
fn declare(item: Item<'_>, scope: &ScopeId, draft: &mut Draft<'_>) {
    let whole = scope.everywhere();
    draft.declare(&item.resource.root, &whole, &lists());
}

/// Adds a record of a resource.
fn add(item: Item<'_>, kind: Kind, id: &str, made: table::Made, draft: &mut Draft<'_>) {
    let scope = scope_of(id);
    declare(item, &scope, draft);
    for (types, name) in &made.outside {
        outside(types, name, &scope, draft);
    }
    if let Some(entry) = draft.add(kind, id, scope, made.body.into(), item) {
        entry.origins = made.origins;
    }
}

/// The parts of load balancers, which lead on to each other: what is not managed may lead to what is.
const BALANCERS: [Kind; 5] = [
    kinds::TARGET_HTTP_PROXY,
    kinds::TARGET_HTTPS_PROXY,
    kinds::URL_MAP,
    kinds::BACKEND_SERVICE,
    kinds::ENDPOINT_GROUP,
];

/// Notes a part of a load balancer that something of the code leads to, and that others manage.
fn outside(types: &[String], name: &str, scope: &ScopeId, draft: &mut Draft<'_>) {
    if name.contains("/instanceGroups/") {
        return;
    }
    let of = |name: &String| TABLE.types.get(name).and_then(|of| of.kind.as_deref()).and_then(kind);
    let found: BTreeSet<&str> = types.iter().filter_map(of).map(|kind| kind.name).collect();
    let gap = Gap::new(format!("{name}, which is not part of this code"), GapReason::NotRead);
    for kind in BALANCERS.iter().filter(|kind| found.contains(kind.name)) {
        draft.miss(*kind, Some(name), scope.clone(), &gap);
    }
}

/// A type that the table turns into a record.
fn rename(item: Item<'_>, draft: &mut Draft<'_>) {
    let Some(of) = TABLE.types.get(&*item.resource.kind) else { return };
    let Some(kind) = of.kind.as_deref().and_then(kind) else { return };
    add(item, kind, &id(item), table::body(item, &of.fields, id), draft);
}

/// A type that would matter and is not followed.
fn pass_over(item: Item<'_>, draft: &mut Draft<'_>) {
    let name = &*item.resource.kind;
    let followed = TABLE.types.contains_key(name) || iam::follows(name) || projects::follows(name);
    let family = TABLE.families.iter().any(|family| name.starts_with(family.as_str()));
    let hides = TABLE.unfollowed.get(name);
    if followed || (!family && hides.is_none()) {
        return;
    }
    let scope = ScopeId::gcp(names::project(item), ScopeId::GLOBAL);
    declare(item, &scope, draft);
    for kind in hides.into_iter().flatten().filter_map(|name| kind(name)) {
        let gap = Gap::new(format!("what {} does", item.resource.address), GapReason::Unsupported);
        draft.miss(kind, None, scope.clone(), &gap);
    }
    draft.pass_over(scope, item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound_and_names_kinds_that_there_are() {
        let table: Table = serde_json::from_str(include_str!("google/types.json")).expect("the table");
        assert!(table.types.len() > 20);
        for (name, of) in &table.types {
            assert_eq!(of.kind.is_some(), of.kind.as_deref().and_then(kind).is_some(), "{name}");
        }
        for kinds in table.unfollowed.values() {
            assert!(kinds.iter().all(|name| kind(name).is_some()), "{kinds:?}");
        }
    }
}
