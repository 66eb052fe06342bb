//! What a template includes from elsewhere stands beside what it writes, and may be anything: what is absent there is not
//! left to the service, and nobody knows the whole.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use crate::code::{Evaluated, MapKind, Node, Resource, Value, Why};

/// The code, with every map unknown that something is included in.
pub(super) fn hide(code: &Evaluated) -> Cow<'_, Evaluated> {
    let hidden = |(index, resource): (usize, &Resource)| Some((index, without(&resource.body)?));
    let all: Vec<(usize, Node)> = code.resources.iter().enumerate().filter_map(hidden).collect();
    if all.is_empty() {
        return Cow::Borrowed(code);
    }
    let mut code = code.clone();
    for (index, body) in all {
        if let Some(resource) = code.resources.get_mut(index) {
            resource.body = body;
        }
    }
    Cow::Owned(code)
}

/// A value whose maps are whole; none where it has no others.
fn without(node: &Node) -> Option<Node> {
    match &node.value {
        Value::Map(map) => {
            if matches!(map.kind(), MapKind::Open { why: Why::Unsupported, .. }) {
                let value = Value::unknown(Why::Unsupported, "what is included here");
                return Some(Node { value, ..node.clone() });
            }
            let changed: BTreeMap<Arc<str>, Node> =
                map.iter().filter_map(|(name, inner)| Some((name.clone(), without(inner)?))).collect();
            (!changed.is_empty()).then(|| {
                let mut entries: BTreeMap<Arc<str>, Node> = (***map).clone();
                entries.extend(changed);
                Node { value: Value::map(entries, map.kind().clone()), ..node.clone() }
            })
        }
        Value::List(list) => {
            let changed: Vec<Option<Node>> = list.iter().map(without).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = list.iter().zip(changed).map(|(old, new)| new.unwrap_or_else(|| old.clone())).collect();
                Node { value: Value::list(items, list.kind()), ..node.clone() }
            })
        }
        _ => None,
    }
}
