//! The functions of the language.

mod arguments;
mod choice;
mod collections;
mod conversion;
mod encoding;
mod files;
mod format;
mod hashes;
mod json;
mod lists;
mod network;
mod numbers;
mod pattern;
mod sets;
mod text;
mod time;

use super::{
    Node, Why,
    expression::{Fault, Scope, unknown_of},
};

use arguments::Arguments;

#[cfg(test)]
pub(super) use choice::is_invalid;
pub(super) use choice::{attempt, can};
pub(super) use conversion::unify;
pub(super) use json::{decode, encode};

/// What a function gives.
type Outcome = Result<Node, Fault>;

/// The elements of a list as a set; not known where one of several is not.
pub(super) fn set(list: Node) -> Node {
    let super::Value::List(items) = &list.value else { return list };
    sets::set(items.to_vec()).unwrap_or_else(|_| unknown_of([&list]))
}

/// Calls a function by its name.
pub(super) fn call(name: &str, nodes: &[Node], scope: Scope<'_>) -> Node {
    let name = name.strip_prefix("core::").unwrap_or(name);
    let arguments = Arguments::new(name, nodes);
    let outcome = numbers::call(name, &arguments)
        .or_else(|| text::call(name, &arguments))
        .or_else(|| pattern::call(name, &arguments))
        .or_else(|| format::call(name, &arguments))
        .or_else(|| lists::call(name, &arguments))
        .or_else(|| collections::call(name, &arguments))
        .or_else(|| sets::call(name, &arguments))
        .or_else(|| conversion::call(name, &arguments))
        .or_else(|| encoding::call(name, &arguments))
        .or_else(|| hashes::call(name, &arguments))
        .or_else(|| network::call(name, &arguments))
        .or_else(|| time::call(name, &arguments))
        .or_else(|| files::call(name, &arguments, scope))
        .unwrap_or_else(|| Err(Fault::Other(Why::Unsupported, format!("the function `{name}`"))));
    let sensitive = name != "nonsensitive" && nodes.iter().any(Node::is_sensitive);
    match outcome {
        Ok(node) => Node { sensitive: node.sensitive || sensitive, ..node },
        Err(Fault::Unknown(_)) => {
            let node = unknown_of(nodes.iter().filter(|node| !node.is_known()));
            Node { sensitive, ..node }
        }
        Err(Fault::Other(why, what)) => {
            // What is hidden by a limit of ours still hangs on what went in.
            let mut unknown = super::Unknown::new(why, what);
            for node in nodes {
                unknown.absorb(node);
            }
            Node { sensitive, ..unknown.into() }
        }
        Err(fault) => fault.node(),
    }
}
