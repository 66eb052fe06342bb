//! Conversions between types.

use crate::code::{
    ListKind, MapKind, Node, Value,
    expression::{Fault, as_bool, as_number, as_text, unknown_of},
};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    let kept = |change: fn(&Node) -> Result<Value, Fault>| {
        let node = arguments.node(0)?;
        if node.value == Value::Null {
            return Ok(node.clone());
        }
        Ok(Node { value: change(node)?, ..node.clone() })
    };
    Some(match name {
        "tostring" => kept(|node| as_text(node).map(Value::Text)),
        "tonumber" => kept(|node| as_number(node).map(Value::Number)),
        "tobool" => kept(|node| as_bool(node).map(Value::Bool)),
        "tolist" => listed(arguments),
        "toset" => arguments.node(0).and_then(|node| match &node.value {
            Value::List(list) if list.kind() == ListKind::Set => Ok(node.clone()),
            _ => match &listed(arguments)?.value {
                Value::List(list) => super::sets::set(list.to_vec()),
                _ => Ok(node.clone()),
            },
        }),
        "tomap" => arguments.node(0).and_then(|node| {
            if node.value == Value::Null {
                return Ok(node.clone());
            }
            let map = arguments.as_map(node)?;
            let values = unify(map.values().cloned().collect());
            Ok(Value::map(map.keys().cloned().zip(values).collect(), MapKind::Map).into())
        }),
        "sensitive" => arguments.node(0).map(|node| Node { sensitive: true, ..node.clone() }),
        "nonsensitive" | "ephemeralasnull" => arguments.node(0).map(|node| Node { sensitive: false, ..node.clone() }),
        "issensitive" => arguments.known(0).map(|node| Value::Bool(node.is_sensitive()).into()),
        _ => return None,
    })
}

fn listed(arguments: &Arguments<'_>) -> Outcome {
    let node = arguments.node(0)?;
    if node.value == Value::Null {
        return Ok(node.clone());
    }
    let list = arguments.as_list(node)?;
    Ok(Value::list(unify(list.to_vec()), ListKind::List).into())
}

/// Elements of one type: next to a text, numbers and bools are texts.
pub(in crate::code) fn unify(items: Vec<Node>) -> Vec<Node> {
    let has_text = items.iter().any(|item| matches!(item.value, Value::Text(_)));
    let has_bool = items.iter().any(|item| matches!(item.value, Value::Bool(_)));
    let has_number = items.iter().any(|item| matches!(item.value, Value::Number(_)));
    let hidden: Vec<Node> = items.iter().filter(|item| item.unknown().is_some()).cloned().collect();
    if !has_text && !hidden.is_empty() && (has_bool || has_number) {
        // One of them may turn out to be a text, and make the others texts.
        let open = |item: Node| match item.value {
            Value::Number(_) | Value::Bool(_) => unknown_of(&hidden),
            _ => item,
        };
        return items.into_iter().map(open).collect();
    }
    if !(has_text || has_bool && has_number) {
        return items;
    }
    let convert = |item: Node| match &item.value {
        Value::Number(_) | Value::Bool(_) => match as_text(&item) {
            Ok(text) => Node { value: Value::Text(text), ..item },
            Err(fault) => fault.node(),
        },
        _ => item,
    };
    items.into_iter().map(convert).collect()
}
