//! `try` and `can`: what is taken where something is in error.

use crate::code::{
    Node, Value, Why,
    expression::{Scope, evaluate, unknown_of},
    syntax::Expr,
};

/// Whether an error lies in it. What is not known may yet turn out to be one, and is not one.
pub(in crate::code) fn is_invalid(node: &Node) -> bool {
    match &node.value {
        Value::Unknown(unknown) => unknown.why == Why::Invalid,
        Value::List(list) => !node.is_known() && list.iter().any(is_invalid),
        Value::Map(map) => !node.is_known() && map.values().any(is_invalid),
        _ => false,
    }
}

/// The first argument that is not in error.
pub(in crate::code) fn attempt(arguments: &[Expr], scope: Scope<'_>) -> Node {
    let mut last = Value::unknown(Why::Invalid, "`try` has no argument that is right").into();
    for (index, argument) in arguments.iter().enumerate() {
        let node = evaluate(argument, scope);
        if is_invalid(&node) {
            last = node;
            continue;
        }
        if node.unknown().is_some_and(|_| node.is.is_none()) {
            // Whether it is an error is not known either: the answer hangs on the others too.
            let rest: Vec<Node> =
                arguments.get(index + 1..).unwrap_or_default().iter().map(|expr| evaluate(expr, scope)).collect();
            return if rest.is_empty() { node } else { unknown_of(std::iter::once(&node).chain(&rest)) };
        }
        return node;
    }
    last
}

/// Whether the argument is not in error.
pub(in crate::code) fn can(arguments: &[Expr], scope: Scope<'_>) -> Node {
    let [argument] = arguments else {
        return Value::unknown(Why::Invalid, "`can` takes one argument").into();
    };
    let node = evaluate(argument, scope);
    match &node.value {
        _ if is_invalid(&node) => Value::Bool(false).into(),
        Value::Unknown(_) => unknown_of([&node]),
        _ => Value::Bool(true).into(),
    }
}
