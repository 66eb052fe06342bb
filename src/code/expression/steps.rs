//! The way into a value: attributes, indexes, splats.

use std::sync::Arc;

use crate::code::{
    Unknown, Why,
    syntax::{Expr, ExprKind, Step},
};

use super::{Fault, ListKind, Map, MapKind, Node, Scope, Value, as_number, as_text, evaluate, unknown_of};

pub(super) fn traverse(base: &Expr, steps: &[Step], scope: Scope<'_>) -> Node {
    let ExprKind::Name(name) = &base.kind else {
        return follow(evaluate(base, scope), steps, scope);
    };
    let mut frame = scope.frame;
    while let Some(bound) = frame {
        if bound.name == &**name {
            return follow(bound.value.clone(), steps, scope);
        }
        frame = bound.up;
    }
    let (node, taken) = scope.names.resolve(name, steps, scope.meter);
    follow(node, steps.get(taken..).unwrap_or_default(), scope)
}

/// What the steps lead to from a value.
pub(in crate::code) fn follow(mut node: Node, mut steps: &[Step], scope: Scope<'_>) -> Node {
    while let Some((step, rest)) = steps.split_first() {
        steps = rest;
        let sensitive = node.sensitive;
        node = match step {
            Step::Attribute(name) => attribute(&node, name),
            Step::Index(index) => at(&node, &evaluate(index, scope)),
            Step::Splat { full } => {
                let inner = if *full { rest.len() } else { attributes(rest) };
                let (inner, behind) = rest.split_at_checked(inner).unwrap_or((rest, &[]));
                steps = behind;
                splat(&node, inner, scope)
            }
        };
        node.sensitive |= sensitive;
    }
    node
}

/// How many steps at the start are attributes: as far as `.*` reaches.
fn attributes(steps: &[Step]) -> usize {
    steps.iter().take_while(|step| matches!(step, Step::Attribute(_))).count()
}

fn splat(node: &Node, steps: &[Step], scope: Scope<'_>) -> Node {
    match &node.value {
        Value::Null => Value::tuple(Vec::new()).into(),
        Value::Unknown(_) => {
            let below = follow(node.clone(), steps, scope);
            unknown_of([&below])
        }
        Value::List(list) if list.kind() == ListKind::Set && !node.is_known() => unknown_of([node]),
        Value::List(list) => {
            let kind = if list.kind() == ListKind::Tuple { ListKind::Tuple } else { ListKind::List };
            Value::list(list.iter().map(|item| follow(item.clone(), steps, scope)).collect(), kind).into()
        }
        _ => Value::tuple(vec![follow(node.clone(), steps, scope)]).into(),
    }
}

/// An attribute of a value, by its name.
pub(in crate::code) fn attribute(node: &Node, name: &str) -> Node {
    match &node.value {
        Value::Map(map) => entry(map, name),
        Value::Unknown(unknown) => below(node, unknown, |is| is.attribute(name)),
        Value::Null => Fault::invalid(format!("null has no attribute `{name}`")).node(),
        other => Fault::invalid(format!("{} has no attribute `{name}`", other.kind())).node(),
    }
}

fn entry(map: &Map, name: &str) -> Node {
    let found = map.get(name);
    let MapKind::Open { at, why } = map.kind() else {
        return found.cloned().unwrap_or_else(|| Fault::invalid(format!("there is no attribute `{name}`")).node());
    };
    let is = at.attribute(name);
    match found.filter(|node| node.value != Value::Null) {
        // Blocks whose number is not known.
        Some(Node { value: Value::List(list), .. })
            if list.iter().any(|item| item.unknown().is_some_and(|unknown| unknown.why == Why::Instances)) =>
        {
            Node { is: Some(Arc::new(is)), ..unknown_of(list.iter()) }
        }
        Some(node) => Node { is: Some(Arc::new(is)), ..node.clone() },
        // Not written, or written as null: what the provider makes of it.
        None => {
            let unknown = Unknown::new(*why, is.to_string()).mentioning(is.clone());
            Node { is: Some(Arc::new(is)), ..unknown.into() }
        }
    }
}

/// Something below a value that is not known.
fn below(
    node: &Node,
    unknown: &Arc<Unknown>,
    step: impl FnOnce(&crate::code::Reference) -> crate::code::Reference,
) -> Node {
    let Some(is) = &node.is else {
        let unknown = Unknown { shape: None, ..Unknown::clone(unknown) };
        return Node { sensitive: node.sensitive, ..unknown.into() };
    };
    let is = step(is);
    let unknown = Unknown::new(unknown.why, is.to_string()).mentioning(is.clone());
    Node { is: Some(Arc::new(is)), sensitive: node.sensitive, ..unknown.into() }
}

fn at(node: &Node, index: &Node) -> Node {
    match &node.value {
        Value::Unknown(unknown) => {
            if let Ok(number) = as_number(index)
                && let Some(whole) = number.index()
            {
                // An instance of a resource whose number is not known is the one that stands for all.
                return below(node, unknown, |is| if is.path.is_empty() { is.clone() } else { is.element(whole) });
            }
            match index.text() {
                Some(key) => below(node, unknown, |is| if is.path.is_empty() { is.clone() } else { is.attribute(key) }),
                None => below(node, unknown, Clone::clone),
            }
        }
        Value::List(list) if list.kind() == ListKind::Set => Fault::invalid("a set has no indexes").node(),
        Value::List(list) => match as_number(index) {
            Ok(number) => number
                .index()
                .and_then(|index| list.get(index))
                .cloned()
                .unwrap_or_else(|| Fault::invalid(format!("there is no element {number}")).node()),
            Err(Fault::Unknown(_)) => unknown_of([index, node]),
            Err(fault) => fault.node(),
        },
        Value::Map(map) => match as_text(index) {
            Ok(name) => entry(map, &name),
            Err(Fault::Unknown(_)) => unknown_of([index, node]),
            Err(fault) => fault.node(),
        },
        Value::Null => Fault::invalid("null has no elements").node(),
        other => Fault::invalid(format!("{} has no elements", other.kind())).node(),
    }
}
