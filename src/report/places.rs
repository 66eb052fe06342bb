//! Where in code the value stands that a finding hangs on.
//!
//! A table says for facts from which values of which records they come: the first fact of the table that the rule reads,
//! and whose value stands in code, is the place. Where there is none, it is that of the resource itself.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::Value as Json;

use super::PathStep;
use crate::{
    evidence::Origin,
    facts::{Document, Node},
    rule::Rule,
    snapshot::{Record, Snapshot},
};

/// From which value a fact comes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// The fact: a path of the vocabulary, with all below it.
    fact: String,
    /// Whether it comes from the path that the finding shows: from its last hop that stands in code.
    #[serde(default)]
    path: bool,
    /// The kind of record.
    #[serde(default, rename = "in")]
    kind: String,
    /// The id of that record, with the names of facts in braces, or `*` for any, which is told by its value; else the id
    /// of the subject.
    #[serde(default)]
    of: Option<String>,
    /// The value as a JSON pointer into the body, with `*` for any element, and names of facts in braces.
    #[serde(default)]
    at: String,
    /// What the value must be, with names of facts in braces; else any.
    #[serde(default)]
    is: Option<String>,
}

static TABLE: LazyLock<Vec<Source>> =
    LazyLock::new(|| serde_json::from_str(include_str!("places.json")).unwrap_or_default());

/// The records of which it is known where they come from, by id.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    records: BTreeMap<&'a str, Vec<&'a Record>>,
    /// The same by kind, pointer and the value there, for what the table finds in any record of a kind.
    by_value: BTreeMap<(&'static str, &'static str), BTreeMap<String, Vec<&'a Record>>>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The rule.
    pub(super) rule: &'a Rule,
    /// The facts about its subject.
    pub(super) document: &'a Document,
    /// The element, where the rule goes through a list, by its number in that.
    pub(super) element: Option<usize>,
    /// The ids of the subject, as records may have them.
    pub(super) ids: &'a [String],
    /// The hops that it shows.
    pub(super) path: &'a [PathStep],
}

impl<'a> Places<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, code: Option<&'a Snapshot>) -> Self {
        let mut records: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        let all = code.into_iter().chain([snapshot]).flat_map(|snapshot| &snapshot.records);
        let placed = all.filter(|it| it.origin.is_some() || !it.origins.is_empty());
        for record in placed {
            records.entry(&record.id).or_default().push(record);
        }
        let mut by_value: BTreeMap<(&str, &str), BTreeMap<String, Vec<&Record>>> = BTreeMap::new();
        for source in TABLE.iter().filter(|source| source.of.as_deref() == Some("*")) {
            // Several facts may come from one place.
            let Entry::Vacant(slot) = by_value.entry((&*source.kind, &*source.at)) else { continue };
            let values = slot.insert(BTreeMap::new());
            for record in records.values().flatten().filter(|record| record.kind == source.kind) {
                let Ok(body) = serde_json::from_str::<Json>(record.body.get()) else { continue };
                follow(&body, &source.at, String::new(), &mut |_, value| {
                    let text = written(value).unwrap_or_default().into_owned();
                    values.entry(text).or_default().push(record);
                });
            }
        }
        Self { records, by_value }
    }

    /// Where a resource stands: of several records of it, the first one in their order.
    pub(super) fn resource(&self, id: &str) -> Option<&'a Origin> {
        self.records.get(id)?.iter().find_map(|record| record.origin.as_deref())
    }

    /// Where what decided a finding stands; none where no part of it is in code.
    pub(super) fn decided(&self, about: About<'_>) -> Option<Origin> {
        if self.records.is_empty() {
            return None;
        }
        let resource = || about.ids.iter().find_map(|id| self.resource(id)).cloned();
        self.by_table(about).or_else(resource)
    }

    fn by_table(&self, about: About<'_>) -> Option<Origin> {
        let list = about.rule.for_each.iter().map(|each| each.vocabulary.as_str());
        let reads: Vec<&str> = list.chain(about.rule.require.reads()).collect();
        let element = about.element.and_then(|index| element(about, index));
        let told = |source: &&Source| reads.iter().any(|read| is_below(read, &source.fact));
        TABLE.iter().filter(told).find_map(|source| self.place(source, about, element))
    }

    fn place(&self, source: &Source, about: About<'_>, element: Option<&Node>) -> Option<Origin> {
        if source.path {
            return about.path.iter().rev().find_map(|step| step.location.clone());
        }
        let fill = |template: &str, write: fn(&str) -> Cow<'_, str>| fill(template, about.document, element, write);
        let is = match &source.is {
            Some(is) => Some(fill(is, |text| text.into())?),
            None => None,
        };
        let at = fill(&source.at, |text| text.replace('~', "~0").replace('/', "~1").into())?;
        let found = |record: &&Record| record.kind == source.kind;
        let within = |record: &'a Record| value(record, &at, is.as_deref());
        match source.of.as_deref() {
            Some("*") => {
                let values = self.by_value.get(&(&*source.kind, &*source.at))?;
                values.get(is.as_deref()?)?.iter().copied().find_map(within)
            }
            Some(of) => {
                self.records.get(&*fill(of, |text| text.into())?)?.iter().copied().filter(found).find_map(within)
            }
            None => {
                let own = about.ids.iter().filter_map(|id| self.records.get(id.as_str())).flatten().copied();
                own.filter(found).find_map(within)
            }
        }
    }
}

/// Whether a path of the vocabulary is another one, or of what is below that.
fn is_below(path: &str, fact: &str) -> bool {
    path.strip_prefix(fact).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The element of that number of the list that a rule goes through.
fn element(about: About<'_>, index: usize) -> Option<&Node> {
    let fields = &about.rule.for_each.as_ref()?.fields;
    let list = fields.iter().try_fold(&about.document.facts, |node, field| node.get(field))?;
    match list {
        Node::List(list) => list.items.get(index),
        _ => None,
    }
}

/// A template with the facts of an element, or of the subject, in place of their names; none where one is no known text.
fn fill(
    template: &str,
    document: &Document,
    element: Option<&Node>,
    write: fn(&str) -> Cow<'_, str>,
) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        let node = element.and_then(|element| element.get(name)).or_else(|| document.facts.get(name))?;
        text.push_str(before);
        text.push_str(&write(node.as_text()?));
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Where a value of a record stands: the value itself, or what it is a part of; the whole record only where the value is
/// what it was asked to be.
fn value(record: &Record, at: &str, is: Option<&str>) -> Option<Origin> {
    if at.is_empty() {
        return record.origin.as_deref().cloned();
    }
    let body: Json = serde_json::from_str(record.body.get()).ok()?;
    let mut found = Vec::new();
    follow(&body, at, String::new(), &mut |pointer, value| {
        if is.is_none_or(|is| written(value).is_some_and(|text| text == is)) {
            found.push(pointer);
        }
    });
    let whole = || record.origin.as_deref().cloned().filter(|_| is.is_some() && !found.is_empty());
    found.iter().find_map(|pointer| nearest(record, pointer)).or_else(whole)
}

/// A scalar as text.
fn written(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::String(text) => Some(text.into()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string().into()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Every value at a pointer, with `*` for any element, and through texts that are JSON.
fn follow(value: &Json, rest: &str, at: String, found: &mut impl FnMut(String, &Json)) {
    let Some(rest) = rest.strip_prefix('/') else { return found(at, value) };
    let (step, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match value {
        Json::String(text) => {
            if let Ok(inner @ (Json::Object(_) | Json::Array(_))) = serde_json::from_str::<Json>(text) {
                follow(&inner, &format!("/{step}{rest}"), at, found);
            }
        }
        Json::Array(list) if step == "*" => {
            for (index, item) in list.iter().enumerate() {
                follow(item, rest, format!("{at}/{index}"), found);
            }
        }
        // What is written alone where several may stand.
        _ if step == "*" => follow(value, rest, at, found),
        Json::Object(map) => {
            if let Some(inner) = map.get(&step.replace("~1", "/").replace("~0", "~")) {
                follow(inner, rest, format!("{at}/{step}"), found);
            }
        }
        _ => {}
    }
}

/// The place of the value at a pointer, or of the nearest one that it is a part of.
fn nearest(record: &Record, pointer: &str) -> Option<Origin> {
    let mut at = pointer;
    while !at.is_empty() {
        if let Some(origin) = record.origins.get(at) {
            return Some(origin.clone());
        }
        at = at.rsplit_once('/').map_or("", |(before, _)| before);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::vocabulary::{Type, subject},
        snapshot::kinds,
    };

    fn is_fact(path: &str) -> bool {
        let mut steps = path.split('.');
        let Some(subject) = steps.next().and_then(subject) else { return false };
        let mut kind = Type::Object(subject.fields);
        for step in steps {
            let name = step.trim_end_matches("[]");
            while let Type::Nullable(inner) | Type::List(inner) = kind {
                kind = *inner;
            }
            let Type::Object(fields) = kind else { return false };
            let Some(field) = crate::facts::vocabulary::field(fields, name) else { return false };
            kind = field.kind;
        }
        true
    }

    #[test]
    fn the_table_names_facts_and_kinds_that_there_are() {
        let table: Vec<Source> = serde_json::from_str(include_str!("places.json")).expect("the table");
        let google = kinds::google::WORKLOADS.into_iter().chain(kinds::google::NETWORKS).chain(kinds::google::DETAILS);
        let all: Vec<&str> =
            kinds::AWS.into_iter().chain(kinds::AWS_GLOBAL).chain(google).map(|kind| kind.name).collect();
        for source in &table {
            assert!(is_fact(&source.fact), "{}", source.fact);
            assert!(source.path || all.contains(&source.kind.as_str()), "{}", source.kind);
            // Any record is found by what stands at one place of it.
            let any = source.of.as_deref() == Some("*");
            assert!(!any || (source.is.is_some() && !source.at.contains('{')), "{}", source.fact);
        }
    }

    #[test]
    fn values_are_found_in_lists_and_in_texts_that_are_json() {
        let body =
            serde_json::json!({"Policy": "{\"Statement\":[{\"Sid\":\"a\"},{\"Sid\":\"b\"}]}", "x": {"y/z": [true]}});
        let at = |pointer: &str| {
            let mut found = Vec::new();
            follow(&body, pointer, String::new(), &mut |at, value| found.push((at, value.clone())));
            found
        };
        let second = ("/Policy/Statement/1/Sid".to_owned(), Json::from("b"));
        assert_eq!(at("/Policy/Statement/*/Sid").get(1), Some(&second));
        assert_eq!(at("/x/y~1z/*"), [("/x/y~1z/0".to_owned(), Json::from(true))]);
        assert_eq!(at("/x/none"), []);
    }
}
