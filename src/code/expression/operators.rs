//! Operators, and the conversions that the language makes on its own.

use std::sync::Arc;

use crate::code::syntax::{Expr, Operator};

use super::{Fault, ListKind, MapKind, Node, Number, Scope, Value, Why, evaluate, missing, unknown_of};

pub(super) fn too_large() -> Fault {
    Fault::Other(Why::Limit, "a number that is not held exactly".into())
}

/// A value as text, as the language converts it on its own.
pub(in crate::code) fn as_text(node: &Node) -> Result<Arc<str>, Fault> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Number(number) if number.is_exact() => Ok(number.to_string().into()),
        Value::Number(_) => Err(too_large()),
        Value::Bool(yes) => Ok(if *yes { "true" } else { "false" }.into()),
        Value::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        other => Err(Fault::invalid(format!("a string is required, not {}", other.kind()))),
    }
}

/// A value as a number, as the language converts it on its own.
pub(in crate::code) fn as_number(node: &Node) -> Result<Number, Fault> {
    match &node.value {
        Value::Number(number) => Ok(*number),
        Value::Text(text) => text.parse().map_err(|_| Fault::invalid("a number is required")),
        Value::Unknown(_) => Err(missing(node)),
        other => Err(Fault::invalid(format!("a number is required, not {}", other.kind()))),
    }
}

/// A value as yes or no, as the language converts it on its own.
pub(in crate::code) fn as_bool(node: &Node) -> Result<bool, Fault> {
    match &node.value {
        Value::Bool(yes) => Ok(*yes),
        Value::Text(text) if &**text == "true" => Ok(true),
        Value::Text(text) if &**text == "false" => Ok(false),
        Value::Unknown(_) => Err(missing(node)),
        other => Err(Fault::invalid(format!("a bool is required, not {}", other.kind()))),
    }
}

/// The result of one operand.
pub(super) fn given(operand: &Node, result: Result<Value, Fault>) -> Node {
    of(&[operand], result)
}

fn of(operands: &[&Node], result: Result<Value, Fault>) -> Node {
    let sensitive = operands.iter().any(|operand| operand.is_sensitive());
    let node = match result {
        Ok(value) => value.into(),
        Err(Fault::Unknown(_)) => unknown_of(operands.iter().copied()),
        Err(fault) => fault.node(),
    };
    Node { sensitive, ..node }
}

pub(super) fn binary(operator: Operator, left: &Node, right: &Node) -> Node {
    let both = [left, right];
    let numbers = || Ok((as_number(left)?, as_number(right)?));
    let arithmetic = |run: fn(Number, Number) -> Option<Number>| {
        let (left, right) = numbers()?;
        run(left, right).map(Value::Number).ok_or_else(too_large)
    };
    let compared = |run: fn(&Number, &Number) -> bool| {
        numbers().map(|(left, right): (Number, Number)| Value::Bool(run(&left, &right)))
    };
    let equal = || same(left, right).ok_or_else(|| if left.is_known() { missing(right) } else { missing(left) });
    let result = match operator {
        Operator::Equal => equal().map(Value::Bool),
        Operator::NotEqual => equal().map(|equal| Value::Bool(!equal)),
        Operator::Less => compared(Number::lt),
        Operator::LessEqual => compared(Number::le),
        Operator::Greater => compared(Number::gt),
        Operator::GreaterEqual => compared(Number::ge),
        Operator::Plus => arithmetic(Number::plus),
        Operator::Minus => arithmetic(|left, right| left.plus(right.negated()?)),
        Operator::Times => arithmetic(Number::times),
        Operator::Over | Operator::Modulo => numbers().and_then(|(left, right)| {
            if right == Number::from(0_usize) {
                return Err(Fault::invalid("division by zero"));
            }
            let result = if operator == Operator::Over { left.over(right) } else { left.modulo(right) };
            result.map(Value::Number).ok_or_else(too_large)
        }),
        Operator::And => kleene(left, right, false),
        Operator::Or => kleene(left, right, true),
    };
    of(&both, result)
}

/// Both or either: a side that decides, decides.
fn kleene(left: &Node, right: &Node, decides: bool) -> Result<Value, Fault> {
    match (as_bool(left), as_bool(right)) {
        (Err(fault @ Fault::Invalid(_)), _) | (_, Err(fault @ Fault::Invalid(_))) => Err(fault),
        (Ok(side), _) | (_, Ok(side)) if side == decides => Ok(Value::Bool(decides)),
        (Ok(_), Ok(_)) => Ok(Value::Bool(!decides)),
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    }
}

/// Whether two values are equal, types and all; none where that is not known.
pub(in crate::code) fn same(left: &Node, right: &Node) -> Option<bool> {
    let same_reference = left.is.is_some() && left.is == right.is;
    match (&left.value, &right.value) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => same_reference.then_some(true),
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Number(left), Value::Number(right)) if left.is_exact() && right.is_exact() => Some(left == right),
        (Value::Number(_), Value::Number(_)) => None,
        (Value::Text(left), Value::Text(right)) => Some(left == right),
        (Value::List(left), Value::List(right)) => {
            if left.kind() != right.kind() && left.is_empty() && right.is_empty() {
                return Some(false);
            }
            if left.len() != right.len() {
                return if left.kind() == ListKind::Set || right.kind() == ListKind::Set {
                    all_known(left).zip(all_known(right)).map(|_| false)
                } else {
                    Some(false)
                };
            }
            let equal = all(left.iter().zip(right.iter()).map(|(left, right)| same(left, right)));
            if left.kind() == right.kind() { equal } else { equal.map(|_| false) }
        }
        (Value::Map(left), Value::Map(right)) => {
            if left.is_open() || right.is_open() {
                return None;
            }
            if !left.keys().eq(right.keys()) {
                return Some(false);
            }
            let equal = all(left.iter().zip(right.iter()).map(|((_, left), (_, right))| same(left, right)));
            let mixed = (*left.kind() == MapKind::Map) != (*right.kind() == MapKind::Map);
            if mixed { equal.map(|_| false) } else { equal }
        }
        _ => Some(false),
    }
}

fn all_known(nodes: &[Node]) -> Option<()> {
    nodes.iter().all(Node::is_known).then_some(())
}

fn all(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers
        .try_fold(Some(true), |sum, answer| match answer {
            Some(false) => Err(()),
            None => Ok(None),
            Some(true) => Ok(sum),
        })
        .unwrap_or(Some(false))
}

/// The branch that was taken, converted as far as the other branch makes it: next to a text, a number is a text.
pub(super) fn unified(taken: Node, other: &Expr, scope: Scope<'_>) -> Node {
    if !matches!(taken.value, Value::Number(_) | Value::Bool(_)) {
        return taken;
    }
    let other = evaluate(other, scope);
    match other.value {
        // It may turn out to be a text, and make this one a text.
        Value::Unknown(_) => unknown_of([&other]),
        Value::Text(_) => match as_text(&taken) {
            Ok(text) => Node { value: Value::Text(text), ..taken },
            Err(fault) => fault.node(),
        },
        _ => taken,
    }
}
