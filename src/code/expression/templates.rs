//! Texts with values, conditions and loops in them.

use std::sync::Arc;

use crate::code::{Shape, syntax::Piece};

use super::{Fault, Node, Scope, Unknown, Value, as_bool, as_text, evaluate, loops, unknown_of};

/// What a template comes to. One that is a single value is that value, of whatever type.
pub(super) fn template(pieces: &[Piece], scope: Scope<'_>) -> Node {
    if let [Piece::Value(value)] = pieces {
        return evaluate(value, scope);
    }
    joined(render(pieces, scope))
}

/// One text of many pieces; where one is not known, a text whose pieces are known as far as they go.
pub(in crate::code) fn joined(pieces: Vec<Node>) -> Node {
    let sensitive = pieces.iter().any(Node::is_sensitive);
    let mut text = String::new();
    let mut known: Vec<Node> = Vec::new();
    let mut fault = None;
    let mut size = 0_usize;
    for piece in pieces {
        match as_text(&piece) {
            Ok(part) => {
                size = size.saturating_add(part.len());
                if size / 64 > super::HEAVIEST {
                    return Fault::Other(super::Why::Limit, "a text larger than is built".into()).node();
                }
                text.push_str(&part);
            }
            Err(Fault::Unknown(unknown)) => {
                if !text.is_empty() {
                    known.push(Value::text(std::mem::take(&mut text)).into());
                }
                // A text within a text: its pieces are pieces of this one.
                match &unknown.shape {
                    Some(Shape::Text(inner)) if known.len() + inner.len() < 1000 => known.extend(inner.iter().cloned()),
                    _ => known.push(piece),
                }
                fault.get_or_insert(Fault::Unknown(unknown));
            }
            Err(other) => return other.node(),
        }
    }
    if fault.is_none() {
        return Node { sensitive, ..Value::text(text).into() };
    }
    if !text.is_empty() {
        known.push(Value::text(text).into());
    }
    let node = unknown_of(&known);
    let Some(unknown) = node.unknown() else { return node };
    let shape = Some(Shape::Text(merged(known).into()));
    Node { sensitive, ..Unknown { shape, ..Unknown::clone(unknown) }.into() }
}

/// Neighbouring texts as one.
fn merged(pieces: Vec<Node>) -> Vec<Node> {
    let mut merged: Vec<Node> = Vec::new();
    for piece in pieces {
        if let (Some(last), Some(text)) = (merged.last_mut(), piece.text())
            && let Some(before) = last.text()
        {
            *last = Value::text(format!("{before}{text}")).into();
        } else {
            merged.push(piece);
        }
    }
    merged
}

/// The text of a template as pieces.
pub(in crate::code) fn render(pieces: &[Piece], scope: Scope<'_>) -> Vec<Node> {
    let mut found = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => found.push(Value::Text(text.clone()).into()),
            Piece::Value(value) => found.push(evaluate(value, scope)),
            Piece::If { when, then, otherwise } => {
                let when = evaluate(when, scope);
                match as_bool(&when) {
                    Ok(yes) => found.push(joined(render(if yes { then } else { otherwise }, scope))),
                    Err(Fault::Unknown(_)) => {
                        let (then, otherwise) = (joined(render(then, scope)), joined(render(otherwise, scope)));
                        found.push(unknown_of([&when, &then, &otherwise]));
                    }
                    Err(fault) => found.push(fault.node()),
                }
            }
            Piece::For { index, item, over, each } => {
                let over = evaluate(over, scope);
                match loops::elements(&over) {
                    Ok(pairs) => {
                        for pair in pairs {
                            let names = (index.as_deref(), &**item);
                            found.push(loops::bound(names, pair, scope, |scope| joined(render(each, scope))));
                        }
                    }
                    Err(Fault::Unknown(_)) => found.push(unknown_of([&over])),
                    Err(fault) => found.push(fault.node()),
                }
            }
        }
    }
    found
}

/// What a template that was read from a file comes to: always a text.
pub(in crate::code) fn text_of(pieces: &[Piece], scope: Scope<'_>) -> Node {
    joined(render(pieces, scope))
}

/// A text that is the JSON of a tree with unknown leaves.
pub(in crate::code) fn json_of(tree: &Node) -> Node {
    let node = unknown_of([tree]);
    let Some(unknown) = node.unknown() else { return node };
    let shape = Some(Shape::Json(Arc::new(tree.clone())));
    Node { sensitive: node.sensitive, ..Unknown { shape, ..Unknown::clone(unknown) }.into() }
}
