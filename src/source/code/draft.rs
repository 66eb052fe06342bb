//! A snapshot in the making: records of what code declares, what is missing of them, and how far the lists go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    book::{Book, within},
    item::Item,
    managed::Ids,
};
use crate::{
    code::{self, CodeGap, Resource},
    evidence::{Gap, GapReason, Origin},
    snapshot::{
        Coverage, ReadGap, ReadState, Record, Scope, ScopeId, Snapshot,
        kinds::{CODE, Kind, Reading},
        unknown::placeholder,
    },
};

/// A record before it is one.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) scope: ScopeId,
    pub(super) body: Json,
    pub(super) origin: Option<Origin>,
    pub(super) origins: BTreeMap<String, Origin>,
    /// The id that the record bears, where several scopes have one of the same.
    pub(super) called: Option<&'static str>,
    /// The resource that it is of: its root and its address.
    from: Option<(String, String)>,
}

/// Roots by their names, and whether each is a template.
type Roots<'a> = BTreeMap<&'a str, bool>;

/// A snapshot in the making.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    book: &'a Book<'a>,
    roots: Roots<'a>,
    records: BTreeMap<(&'static str, String), Entry>,
    gaps: Vec<ReadGap>,
    /// The accounts that each root declares something in, by the scope that its lists are of.
    scopes: BTreeMap<String, BTreeSet<ScopeId>>,
    /// The lists that a scope has.
    lists: BTreeMap<ScopeId, Vec<Kind>>,
    /// What stands above accounts and has policies of its own in the code, with the root that says so.
    above: BTreeMap<String, String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(book: &'a Book<'a>) -> Self {
        let is_template = |resource: &Resource| &*resource.provider.name == "cloudformation";
        Self {
            book,
            roots: book.code.resources.iter().map(|it| (&*it.root, is_template(it))).collect(),
            records: BTreeMap::new(),
            gaps: Vec::new(),
            scopes: BTreeMap::new(),
            lists: BTreeMap::new(),
            above: BTreeMap::new(),
        }
    }

    /// Says that a root declares what there is in a scope: these lists of it are as the code says. A list of all regions
    /// is of the region `global`.
    pub(super) fn declare(&mut self, root: &str, scope: &ScopeId, lists: &[Kind]) {
        self.scopes.entry(root.to_owned()).or_default().insert(scope.clone());
        self.lists.entry(scope.clone()).or_insert_with(|| lists.to_vec());
    }

    /// Every scope that was declared, with the roots that did.
    pub(super) fn declared(&self) -> BTreeMap<ScopeId, Vec<String>> {
        let mut all: BTreeMap<ScopeId, Vec<String>> = BTreeMap::new();
        for (root, scopes) in &self.scopes {
            for scope in scopes {
                all.entry(scope.clone()).or_default().push(root.clone());
            }
        }
        all
    }

    /// Adds a record of a resource. One that stands for instances of unknown number is none: its lists are incomplete.
    /// The first record of an id stays.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        id: &str,
        scope: ScopeId,
        body: Json,
        from: Item<'_>,
    ) -> Option<&mut Entry> {
        let resource = from.resource;
        if resource.symbolic {
            let what = within(&resource.root, &resource.address);
            let gap = Gap::new(format!("how many of {what} there are"), GapReason::UnknownValue);
            self.miss(kind, Some(id), scope, &gap);
            return None;
        }
        let entry = Entry {
            kind,
            scope,
            body,
            origin: resource.place.as_ref().map(crate::code::Place::origin),
            origins: BTreeMap::new(),
            called: None,
            from: Some((resource.root.to_string(), resource.address.to_string())),
        };
        Some(self.records.entry((kind.name, id.to_owned())).or_insert(entry))
    }

    /// Adds a record that is of no single resource.
    pub(super) fn note(&mut self, kind: Kind, id: &str, scope: ScopeId, body: Json) -> &mut Entry {
        let entry = Entry { kind, scope, body, origin: None, origins: BTreeMap::new(), called: None, from: None };
        self.records.entry((kind.name, id.to_owned())).or_insert(entry)
    }

    /// Says that these lists of a scope are as the code says, whichever root it is of.
    pub(super) fn list(&mut self, scope: ScopeId, lists: &[Kind]) {
        self.lists.entry(scope).or_insert_with(|| lists.to_vec());
    }

    /// Notes that a root writes a policy of something above accounts.
    pub(super) fn note_above(&mut self, id: &str, root: &str) {
        self.above.entry(id.to_owned()).or_insert_with(|| root.to_owned());
    }

    /// What stands above accounts and has policies in the code, with the root that writes them.
    pub(super) fn above(&self) -> Vec<(String, String)> {
        self.above.iter().map(|(id, root)| (id.clone(), root.clone())).collect()
    }

    /// The records so far of a kind, by id.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&str, &Entry)> {
        let from = self.records.range((kind.name, String::new())..);
        let own =
            from.take_while(move |((name, _), _)| *name == kind.name).filter(move |(_, entry)| entry.kind == kind);
        own.map(|((_, id), entry)| (id.as_str(), entry))
    }

    /// The record of an id.
    pub(super) fn entry(&mut self, kind: Kind, id: &str) -> Option<&mut Entry> {
        self.records.get_mut(&(kind.name, id.to_owned()))
    }

    /// Notes what is missing: the record of a resource, or parts of a list.
    pub(super) fn miss(&mut self, kind: Kind, id: Option<&str>, scope: ScopeId, gap: &Gap) {
        let detail = match &gap.detail {
            Some(detail) => format!("{}: {detail}", gap.what),
            None => gap.what.to_string(),
        };
        self.gaps.push(ReadGap {
            scope,
            kind: kind.name.into(),
            call: kind.call.into(),
            resource: id.map(str::to_owned),
            why: gap.why,
            detail: Some(detail),
        });
    }

    /// Notes a resource that would matter, and is of a type that is not followed. It hides no list; see [`Self::miss`].
    pub(super) fn pass_over(&mut self, scope: ScopeId, item: Item<'_>) {
        self.gaps.push(ReadGap {
            scope,
            kind: item.resource.kind.to_string(),
            call: item.resource.kind.to_string(),
            resource: Some(within(&item.resource.root, &item.resource.address)),
            why: GapReason::Unsupported,
            detail: Some("resources of this type are not followed".into()),
        });
    }

    /// What hides a part of the code of a root, where something does.
    pub(super) fn hidden(&self, root: &str) -> Option<Gap> {
        self.book.code.gaps.iter().find(|gap| concerns(gap, root, &self.roots)).map(spoken)
    }

    /// The ids of records by what they are of.
    pub(super) fn ids(&self) -> Ids {
        let mut ids = Ids::new();
        for ((_, id), entry) in &self.records {
            if let Some(from) = &entry.from {
                ids.entry(from.clone()).or_default().insert(entry.kind.name, entry.called.unwrap_or(id).to_owned());
            }
        }
        ids
    }

    /// The snapshot.
    pub(super) fn finish(mut self, now: Timestamp) -> Snapshot {
        let mut snapshot = Snapshot::empty(now);
        self.hide(&mut snapshot);
        let mut counts: BTreeMap<(ScopeId, &str), u64> = BTreeMap::new();
        for ((name, _), entry) in &self.records {
            *counts.entry((list_scope(&self.lists, &entry.scope), name)).or_default() += 1;
        }
        for (scope, lists) in &self.lists {
            for kind in lists {
                snapshot.coverage.push(Coverage {
                    scope: scope.clone(),
                    kind: kind.name.into(),
                    call: kind.call.into(),
                    state: ReadState::Declared,
                    count: counts.get(&(scope.clone(), kind.name)).copied().unwrap_or(0),
                });
            }
            if scope.account.contains('/') {
                continue;
            }
            let id = scope.clone();
            snapshot.scopes.push(Scope { id, principal: None, endpoint: None, calls: None, as_of: None });
        }
        for ((name, id), entry) in self.records {
            match Record::declared(name, entry.called.unwrap_or(&id), entry.scope.clone(), entry.body) {
                Ok(mut record) => {
                    record.origin = entry.origin.map(Box::new);
                    record.origins = entry.origins;
                    snapshot.records.push(record);
                }
                Err(error) => {
                    let gap = Gap::new(error.to_string(), GapReason::Malformed);
                    snapshot.gaps.push(ReadGap {
                        scope: entry.scope,
                        kind: name.into(),
                        call: entry.kind.call.into(),
                        resource: Some(id),
                        why: gap.why,
                        detail: Some(gap.what.to_string()),
                    });
                }
            }
        }
        snapshot.gaps.append(&mut self.gaps);
        snapshot.sort();
        snapshot
    }

    /// What could not be read of the code may hold anything, in every scope of its root.
    fn hide(&self, snapshot: &mut Snapshot) {
        let mut roots = self.roots.clone();
        // A folder of which nothing could be read is a root all the same.
        roots.entry("").or_insert(false);
        let none = BTreeSet::from([ScopeId::gcp(placeholder("code that was not read"), ScopeId::GLOBAL)]);
        for gap in &self.book.code.gaps {
            let mut scopes: BTreeSet<&ScopeId> = BTreeSet::new();
            for root in roots.keys().filter(|root| concerns(gap, root, &roots)) {
                scopes.extend(self.scopes.get(*root).into_iter().flatten());
            }
            if scopes.is_empty() {
                scopes.extend(&none);
            }
            let said = spoken(gap);
            for scope in scopes {
                snapshot.gaps.push(ReadGap {
                    scope: scope.clone(),
                    kind: CODE.into(),
                    call: said.what.to_string(),
                    resource: None,
                    why: said.why,
                    detail: said.detail.as_deref().map(str::to_owned),
                });
            }
        }
    }
}

/// The scope whose lists a scope is in: its own, or that of all regions of its account.
fn list_scope(lists: &BTreeMap<ScopeId, Vec<Kind>>, scope: &ScopeId) -> ScopeId {
    if lists.contains_key(scope) {
        return scope.clone();
    }
    scope.everywhere()
}

/// Whether a gap hides code of a root: it lies in its folder, or in none that is a root, as modules do. A template is a
/// root of its own, and one that is none may be nested by any other.
fn concerns(gap: &CodeGap, root: &str, roots: &Roots<'_>) -> bool {
    let Some(place) = &gap.place else { return true };
    let in_template = code::may_be_template(&place.file);
    let own = if in_template { &*place.file } else { place.file.rsplit_once('/').map_or("", |(folder, _)| folder) };
    roots.get(root) == Some(&in_template) && (root == own || roots.get(own) != Some(&in_template))
}

fn in_template(gap: &CodeGap) -> bool {
    gap.place.as_ref().is_some_and(|place| code::may_be_template(&place.file))
}

/// A gap in the code as reports say it: with its place.
fn spoken(gap: &CodeGap) -> Gap {
    let what = match &gap.place {
        Some(place) if gap.gap.what.contains(&*place.file) => format!("{} line {}", gap.gap.what, place.line),
        Some(place) => format!("{} at {}:{}:{}", gap.gap.what, place.file, place.line, place.column),
        None => gap.gap.what.to_string(),
    };
    let hint = match gap.gap.why {
        GapReason::UnresolvedModule if !in_template(gap) => {
            "; `terraform init` fetches modules, and a plan has them in it"
        }
        _ => "",
    };
    let detail = gap.gap.detail.as_deref().unwrap_or_default();
    gap.gap.clone().named(what).with_detail(format!("{detail}{hint}"))
}

/// The kinds of these that are lists.
pub(super) fn lists(kinds: &[Kind]) -> Vec<Kind> {
    kinds.iter().filter(|kind| kind.reading == Reading::List).copied().collect()
}
