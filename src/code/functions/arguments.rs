//! What a function was called with, by position and type.

use std::sync::Arc;

use crate::code::{
    List, ListKind, Map, Node, Number, Value, Why,
    expression::{Fault, HEAVIEST, as_number, as_text, missing},
};

/// The arguments of a call.
pub(super) struct Arguments<'a> {
    name: &'a str,
    nodes: &'a [Node],
}

impl<'a> Arguments<'a> {
    pub(super) fn new(name: &'a str, nodes: &'a [Node]) -> Self {
        Self { name, nodes }
    }

    pub(super) fn all(&self) -> &'a [Node] {
        self.nodes
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The arguments from this one on.
    pub(super) fn from(&self, index: usize) -> &'a [Node] {
        self.nodes.get(index..).unwrap_or_default()
    }

    pub(super) fn node(&self, index: usize) -> Result<&'a Node, Fault> {
        self.nodes.get(index).ok_or_else(|| self.fault("has too few arguments"))
    }

    pub(super) fn text(&self, index: usize) -> Result<Arc<str>, Fault> {
        as_text(self.node(index)?)
    }

    pub(super) fn number(&self, index: usize) -> Result<Number, Fault> {
        as_number(self.node(index)?)
    }

    /// A whole number.
    pub(super) fn whole(&self, index: usize) -> Result<i128, Fault> {
        self.number(index)?.whole().ok_or_else(|| self.fault("requires a whole number"))
    }

    pub(super) fn list(&self, index: usize) -> Result<&'a List, Fault> {
        self.as_list(self.node(index)?)
    }

    pub(super) fn as_list(&self, node: &'a Node) -> Result<&'a List, Fault> {
        match &node.value {
            // How many elements such a set has is not known.
            Value::List(list) if list.kind() == ListKind::Set && !node.is_known() => Err(missing(node)),
            Value::List(list) => Ok(list),
            Value::Unknown(_) => Err(missing(node)),
            other => Err(self.fault(&format!("requires a list, not {}", other.kind()))),
        }
    }

    /// A map whose names are all known.
    pub(super) fn map(&self, index: usize) -> Result<&'a Map, Fault> {
        self.as_map(self.node(index)?)
    }

    pub(super) fn as_map(&self, node: &'a Node) -> Result<&'a Map, Fault> {
        match &node.value {
            Value::Map(map) if !map.is_open() => Ok(map),
            Value::Map(_) | Value::Unknown(_) => Err(missing(node)),
            other => Err(self.fault(&format!("requires a map, not {}", other.kind()))),
        }
    }

    /// The same, where everything in it is known.
    pub(super) fn known(&self, index: usize) -> Result<&'a Node, Fault> {
        let node = self.node(index)?;
        if node.is_known() { Ok(node) } else { Err(missing(node)) }
    }

    /// Refuses a text of this length before it is built, where it is beyond all measure.
    pub(super) fn room_for(&self, length: usize) -> Result<(), Fault> {
        if length / 64 > HEAVIEST {
            return Err(Fault::Other(Why::Limit, format!("a text of `{}` larger than is built", self.name)));
        }
        Ok(())
    }

    pub(super) fn fault(&self, message: &str) -> Fault {
        Fault::invalid(format!("`{}` {message}", self.name))
    }
}
