//! The types of variables, and what becomes of a value that is given to one.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ListKind, MapKind, Node, Value,
    expression::{Fault, Meter, Names, Scope, as_bool, as_number, as_text, attribute, evaluate},
    functions,
    syntax::{Expr, ExprKind, Key, parse_expression},
};

/// A type.
#[derive(Debug, Clone)]
pub(super) enum Type {
    Any,
    Text,
    Number,
    Bool,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Object(BTreeMap<Arc<str>, Member>),
    Tuple(Vec<Type>),
}

/// An attribute of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    kind: Type,
    optional: bool,
    default: Option<Node>,
}

/// Reads a type as it is written. One that nobody knows is any.
pub(super) fn read(expr: &Expr, names: &dyn Names, meter: &Meter) -> Type {
    let inner = |arguments: &[Expr]| arguments.first().map_or(Type::Any, |expr| read(expr, names, meter));
    match &expr.kind {
        ExprKind::Name(name) => match &**name {
            "string" => Type::Text,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "list" => Type::List(Type::Any.into()),
            "set" => Type::Set(Type::Any.into()),
            "map" => Type::Map(Type::Any.into()),
            _ => Type::Any,
        },
        ExprKind::Call { name, arguments, .. } => match (&**name, arguments.first().map(|first| &first.kind)) {
            ("list", _) => Type::List(inner(arguments).into()),
            ("set", _) => Type::Set(inner(arguments).into()),
            ("map", _) => Type::Map(inner(arguments).into()),
            ("object", Some(ExprKind::Object(entries))) => Type::Object(
                entries
                    .iter()
                    .filter_map(|(key, kind)| {
                        let Key::Name(name) = key else { return None };
                        Some((name.clone(), member(kind, names, meter)))
                    })
                    .collect(),
            ),
            ("tuple", Some(ExprKind::Tuple(items))) => {
                Type::Tuple(items.iter().map(|item| read(item, names, meter)).collect())
            }
            _ => Type::Any,
        },
        // In JSON, and in code of before 0.12, a type is a text.
        ExprKind::Literal(Value::Text(text)) => {
            parse_expression(&expr.place.file, text).map_or(Type::Any, |expr| read(&expr, names, meter))
        }
        _ => Type::Any,
    }
}

fn member(expr: &Expr, names: &dyn Names, meter: &Meter) -> Member {
    match &expr.kind {
        ExprKind::Call { name, arguments, .. } if &**name == "optional" => Member {
            kind: arguments.first().map_or(Type::Any, |kind| read(kind, names, meter)),
            optional: true,
            default: arguments.get(1).map(|default| evaluate(default, Scope { names, frame: None, meter })),
        },
        _ => Member { kind: read(expr, names, meter), optional: false, default: None },
    }
}

/// The value as one of this type. What is not known stays so; what cannot be converted is in error.
pub(super) fn convert(node: &Node, kind: &Type) -> Node {
    let converted = match (&node.value, kind) {
        (Value::Null | Value::Unknown(_), _) | (_, Type::Any) => return node.clone(),
        (_, Type::Text) => as_text(node).map(Value::Text),
        (_, Type::Number) => as_number(node).map(Value::Number),
        (_, Type::Bool) => as_bool(node).map(Value::Bool),
        (Value::List(list), Type::List(inner) | Type::Set(inner)) => {
            let hidden = list.kind() == ListKind::Set && !node.is_known();
            let items: Vec<Node> = list.iter().map(|item| convert(item, inner)).collect();
            let items = if matches!(**inner, Type::Any) { functions::unify(items) } else { items };
            match kind {
                Type::Set(_) => {
                    let scoped = Value::list(items, ListKind::List).into();
                    return Node { place: node.place.clone(), is: node.is.clone(), ..functions::set(scoped) };
                }
                _ if hidden => Err(super::expression::missing(node)),
                _ => Ok(Value::list(items, ListKind::List)),
            }
        }
        (Value::List(list), Type::Tuple(kinds)) if list.len() == kinds.len() => {
            Ok(Value::tuple(list.iter().zip(kinds).map(|(item, kind)| convert(item, kind)).collect()))
        }
        // The names of a resource's attributes are those of its schema, which nobody knows here.
        (Value::Map(map), Type::Map(_)) if map.is_open() => return node.clone(),
        (Value::Map(map), Type::Map(inner)) => {
            let values: Vec<Node> = map.values().map(|value| convert(value, inner)).collect();
            let values = if matches!(**inner, Type::Any) { functions::unify(values) } else { values };
            Ok(Value::map(map.keys().cloned().zip(values).collect(), MapKind::Map))
        }
        (Value::Map(_), Type::Object(members)) => Ok(object(node, members)),
        (other, _) => Err(Fault::invalid(format!("{} is not of the type of the variable", other.kind()))),
    };
    match converted {
        Ok(value) => Node { value, ..node.clone() },
        Err(fault) => fault.node(),
    }
}

fn object(node: &Node, members: &BTreeMap<Arc<str>, Member>) -> Value {
    let closed = matches!(&node.value, Value::Map(map) if !map.is_open());
    let entries = members.iter().map(|(name, member)| {
        let given = if closed && member.optional { node.get(name).cloned() } else { Some(attribute(node, name)) };
        let given = given.filter(|given| given.value != Value::Null || !member.optional || member.default.is_none());
        let value = given.or_else(|| member.default.clone()).unwrap_or_else(Node::null);
        (name.clone(), convert(&value, &member.kind))
    });
    Value::object(entries.collect())
}
