//! Functions of maps, and of whatever has elements.

use std::{collections::BTreeMap, sync::Arc};

use crate::code::{
    ListKind, MapKind, Node, Value,
    expression::{Fault, as_text, attribute, missing, same},
};

use super::{Arguments, Outcome, unify};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "coalesce" => coalesce(arguments),
        "coalescelist" => arguments
            .all()
            .iter()
            .find_map(|node| match &node.value {
                Value::List(list) if list.is_empty() => None,
                Value::Null => None,
                Value::Unknown(unknown) => Some(Err(Fault::Unknown(unknown.clone()))),
                _ => Some(Ok(node.clone())),
            })
            .unwrap_or_else(|| Err(arguments.fault("requires a list that is not empty"))),
        "keys" => arguments.map(0).map(|map| {
            let keys: Vec<Node> = map.keys().map(|key| Value::Text(key.clone()).into()).collect();
            let kind = if *map.kind() == MapKind::Map { ListKind::List } else { ListKind::Tuple };
            Value::list(keys, kind).into()
        }),
        "values" => arguments.map(0).map(|map| {
            let kind = if *map.kind() == MapKind::Map { ListKind::List } else { ListKind::Tuple };
            Value::list(map.values().cloned().collect(), kind).into()
        }),
        "length" => length(arguments),
        "lookup" => lookup(arguments),
        "matchkeys" => matchkeys(arguments),
        "merge" => merge(arguments),
        "transpose" => transpose(arguments),
        "zipmap" => zipmap(arguments),
        _ => return None,
    })
}

fn coalesce(arguments: &Arguments<'_>) -> Outcome {
    for node in arguments.all() {
        match &node.value {
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Unknown(unknown) => return Err(Fault::Unknown(unknown.clone())),
            Value::Number(_) | Value::Bool(_) => {
                // Next to a text, a number is a text.
                let texts = arguments.all().iter().any(|other| matches!(other.value, Value::Text(_)));
                let hidden = arguments.all().iter().find(|other| !other.is_known()).filter(|_| !texts);
                return match hidden {
                    Some(hidden) => Err(missing(hidden)),
                    None if texts => Ok(Value::Text(as_text(node)?).into()),
                    None => Ok(node.clone()),
                };
            }
            _ => return Ok(node.clone()),
        }
    }
    Err(arguments.fault("requires a value that is neither null nor empty"))
}

fn length(arguments: &Arguments<'_>) -> Outcome {
    let node = arguments.node(0)?;
    let length = match &node.value {
        Value::List(list) if list.kind() == ListKind::Set && !node.is_known() => return Err(missing(node)),
        Value::List(list) => list.len(),
        Value::Map(map) if !map.is_open() => map.len(),
        Value::Text(text) => text.chars().count(),
        Value::Map(_) | Value::Unknown(_) => return Err(missing(node)),
        other => return Err(arguments.fault(&format!("requires elements, and {} has none", other.kind()))),
    };
    Ok(Value::Number(length.into()).into())
}

fn lookup(arguments: &Arguments<'_>) -> Outcome {
    let (node, key) = (arguments.node(0)?, arguments.text(1)?);
    match &node.value {
        Value::Map(map) if map.is_open() => Ok(attribute(node, &key)),
        Value::Map(map) => match (map.get(&*key), arguments.all().get(2)) {
            (Some(found), _) => Ok(found.clone()),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(arguments.fault(&format!("did not find `{key}`"))),
        },
        Value::Unknown(_) => Err(missing(node)),
        other => Err(arguments.fault(&format!("requires a map, not {}", other.kind()))),
    }
}

fn matchkeys(arguments: &Arguments<'_>) -> Outcome {
    let (values, keys, wanted) = (arguments.list(0)?, arguments.list(1)?, arguments.list(2)?);
    if values.len() != keys.len() {
        return Err(arguments.fault("requires lists of one length"));
    }
    let (_, _) = (arguments.known(1)?, arguments.known(2)?);
    let is_wanted = |key: &Node| wanted.iter().any(|other| same(key, other) == Some(true));
    let kept = values.iter().zip(keys.iter()).filter(|(_, key)| is_wanted(key)).map(|(value, _)| value.clone());
    Ok(Value::list(kept.collect(), ListKind::List).into())
}

fn merge(arguments: &Arguments<'_>) -> Outcome {
    let mut merged = BTreeMap::new();
    let mut all_maps = true;
    for node in arguments.all().iter().filter(|node| node.value != Value::Null) {
        let map = arguments.as_map(node)?;
        all_maps &= *map.kind() == MapKind::Map;
        merged.extend(map.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let kind = if all_maps && !merged.is_empty() { MapKind::Map } else { MapKind::Object };
    Ok(Value::map(merged, kind).into())
}

fn transpose(arguments: &Arguments<'_>) -> Outcome {
    let _ = arguments.known(0)?;
    let mut turned: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for (name, values) in arguments.map(0)?.iter() {
        for value in arguments.as_list(values)?.iter() {
            turned.entry(as_text(value)?).or_default().push(name.clone());
        }
    }
    let list = |mut names: Vec<Arc<str>>| {
        names.sort();
        Value::list(names.into_iter().map(|name| Value::Text(name).into()).collect(), ListKind::List).into()
    };
    Ok(Value::map(turned.into_iter().map(|(name, names)| (name, list(names))).collect(), MapKind::Map).into())
}

fn zipmap(arguments: &Arguments<'_>) -> Outcome {
    let (keys, values) = (arguments.list(0)?, arguments.list(1)?);
    if keys.len() != values.len() {
        return Err(arguments.fault("requires lists of one length"));
    }
    let names = keys.iter().map(as_text).collect::<Result<Vec<_>, _>>()?;
    let kind = if values.kind() == ListKind::Tuple { MapKind::Object } else { MapKind::Map };
    let values = if kind == MapKind::Map { unify(values.to_vec()) } else { values.to_vec() };
    Ok(Value::map(names.into_iter().zip(values).collect(), kind).into())
}
