//! `for` expressions.

use std::{collections::BTreeMap, sync::Arc};

use crate::code::syntax::For;

use super::{Fault, Frame, ListKind, Node, Number, Scope, Value, as_bool, as_text, evaluate, unknown_of};

/// The elements of a collection with their indexes: what a loop goes over. None where they are not known.
pub(in crate::code) fn elements(node: &Node) -> Result<Vec<(Node, Node)>, Fault> {
    let pairs: Vec<(Node, Node)> = match &node.value {
        Value::List(list) if list.kind() == ListKind::Set && !node.is_known() => return Err(super::missing(node)),
        Value::List(list) if list.kind() == ListKind::Set => {
            list.iter().map(|item| (item.clone(), item.clone())).collect()
        }
        Value::List(list) => list
            .iter()
            .enumerate()
            .map(|(index, item)| (Value::Number(Number::from(index)).into(), item.clone()))
            .collect(),
        Value::Map(map) if !map.is_open() => {
            map.iter().map(|(name, item)| (Value::Text(name.clone()).into(), item.clone())).collect()
        }
        Value::Map(_) | Value::Unknown(_) => return Err(super::missing(node)),
        other => return Err(Fault::invalid(format!("{} has no elements to go over", other.kind()))),
    };
    let inherit = |(key, item): (Node, Node)| {
        let sensitive = item.sensitive || node.sensitive;
        (key, Node { sensitive, ..item })
    };
    Ok(pairs.into_iter().map(inherit).collect())
}

/// Runs something with the names of a loop bound to one element.
pub(super) fn bound<T>(
    names: (Option<&str>, &str),
    (index, item): (Node, Node),
    scope: Scope<'_>,
    run: impl FnOnce(Scope<'_>) -> T,
) -> T {
    let outer = Frame { name: names.0.unwrap_or_default(), value: index, up: scope.frame };
    let inner = Frame { name: names.1, value: item, up: if names.0.is_some() { Some(&outer) } else { scope.frame } };
    run(Scope { frame: Some(&inner), ..scope })
}

pub(super) fn collect(each: &For, scope: Scope<'_>) -> Node {
    let over = evaluate(&each.over, scope);
    let pairs = match elements(&over) {
        Ok(pairs) => pairs,
        Err(Fault::Unknown(_)) => return unknown_of([&over]),
        Err(fault) => return fault.node(),
    };
    let mut found: Vec<(Option<Node>, Node)> = Vec::new();
    // Whether an element belongs to it, or under which name, hangs on these.
    let mut hidden = Vec::new();
    let mut weight = 0_usize;
    for pair in pairs {
        let names = (each.index.as_deref(), &*each.item);
        let (kept, key, value) = bound(names, pair, scope, |scope| {
            let kept = each.when.as_ref().map(|when| evaluate(when, scope));
            let skipped = kept.as_ref().is_some_and(|kept| matches!(as_bool(kept), Ok(false)));
            if skipped {
                return (kept, None, None);
            }
            let key = each.key.as_ref().map(|key| evaluate(key, scope));
            (kept, key, Some(evaluate(&each.value, scope)))
        });
        match kept.as_ref().map(as_bool) {
            Some(Err(fault @ Fault::Invalid(_))) => return fault.node(),
            Some(Err(_)) => hidden.extend(kept),
            _ => {}
        }
        let Some(value) = value else { continue };
        weight = weight.saturating_add(value.weight());
        if weight > super::HEAVIEST {
            return Fault::Other(super::Why::Limit, "a value larger than is built".into()).node();
        }
        found.push((key, value));
    }
    if !hidden.is_empty() {
        return unknown_of(hidden.iter().chain(found.iter().map(|(_, value)| value)));
    }
    if each.key.is_none() {
        return Value::tuple(found.into_iter().map(|(_, value)| value).collect()).into();
    }
    keyed(each.grouped, found)
}

fn keyed(grouped: bool, found: Vec<(Option<Node>, Node)>) -> Node {
    let mut hidden = Vec::new();
    let mut groups: BTreeMap<Arc<str>, Vec<Node>> = BTreeMap::new();
    for (key, value) in found {
        let key = key.unwrap_or_else(Node::null);
        match as_text(&key) {
            Ok(name) => groups.entry(name).or_default().push(value),
            Err(fault @ Fault::Invalid(_)) => return fault.node(),
            Err(_) => hidden.extend([key, value]),
        }
    }
    if !hidden.is_empty() {
        return unknown_of(hidden.iter().chain(groups.values().flatten()));
    }
    if grouped {
        return Value::object(groups.into_iter().map(|(name, nodes)| (name, Value::tuple(nodes).into())).collect())
            .into();
    }
    let mut map = BTreeMap::new();
    for (name, mut nodes) in groups {
        if nodes.len() > 1 {
            return Fault::invalid(format!("two elements have the key `{name}`")).node();
        }
        map.extend(nodes.pop().map(|node| (name, node)));
    }
    Value::object(map).into()
}
