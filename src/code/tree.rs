//! Values as plans and states write them: a tree, and beside it two trees that say what is not known and what is secret.

use serde_json::Value as Json;

use super::{ListKind, MapKind, Node, Unknown, Value, Why, functions};

/// Whether a tree of marks marks a whole value.
fn marks(tree: Option<&Json>) -> bool {
    matches!(tree, Some(Json::Bool(true)))
}

fn within<'a>(tree: Option<&'a Json>, step: impl Fn(&'a Json) -> Option<&'a Json>) -> Option<&'a Json> {
    tree.and_then(step)
}

/// The value of a plan or a state. `at` is what it is an attribute of, for the words of what is not known.
pub(super) fn value(tree: Option<&Json>, unknown: Option<&Json>, sensitive: Option<&Json>, at: &str) -> Node {
    let node: Node = if marks(unknown) {
        Unknown::new(Why::AfterApply, at).into()
    } else {
        match tree {
            // What is marked within a value that is not there: only the marks know its form.
            None | Some(Json::Null) if holds_mark(unknown) => Unknown::new(Why::AfterApply, at).into(),
            None => Node::null(),
            Some(Json::Array(items)) => {
                let marked = unknown.and_then(Json::as_array);
                // A list of marks may be longer than the list of values: what is not known at its end is left out there.
                let length = items.len().max(marked.map_or(0, Vec::len));
                let item = |index: usize| {
                    let part = |tree| within(tree, |tree: &Json| tree.get(index));
                    value(items.get(index), part(unknown), part(sensitive), at)
                };
                Value::list((0..length).map(item).collect(), ListKind::Tuple).into()
            }
            Some(Json::Object(entries)) => {
                let marked = unknown.and_then(Json::as_object);
                let names = entries.keys().chain(marked.into_iter().flat_map(|marked| {
                    marked
                        .iter()
                        .filter(|(name, mark)| !entries.contains_key(*name) && holds_mark(Some(mark)))
                        .map(|(name, _)| name)
                }));
                let entry = |name: &String| {
                    let part = |tree| within(tree, |tree: &Json| tree.get(name));
                    let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    (name.as_str().into(), value(entries.get(name), part(unknown), part(sensitive), &at))
                };
                Value::map(names.map(entry).collect(), MapKind::Object).into()
            }
            Some(scalar) => functions::decode(scalar),
        }
    };
    Node { sensitive: marks(sensitive), ..node }
}

/// Whether anything in a tree of marks is marked.
fn holds_mark(tree: Option<&Json>) -> bool {
    match tree {
        Some(Json::Bool(yes)) => *yes,
        Some(Json::Array(items)) => items.iter().any(|item| holds_mark(Some(item))),
        Some(Json::Object(entries)) => entries.values().any(|entry| holds_mark(Some(entry))),
        _ => false,
    }
}
