//! Instances of resources, and their bodies.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use crate::{
    code::{
        CodeGap, ListKind, MapKind, Mode, Node, Number, Provider, Reference, Resource, Unknown, Value, Why,
        declared::{ResourceName, Written},
        documents,
        expression::{Fault, Frame, Scope, as_number, as_text, evaluate, missing, unknown_of},
        syntax::{Attribute, Block},
    },
    evidence::GapReason,
};

use super::{Bound, Expansion, Module};

/// An instance of a resource.
pub(in crate::code) struct Instance {
    pub(super) address: Arc<str>,
    pub(super) body: Node,
    symbolic: bool,
    provider: Provider,
}

/// What is about a resource, and not of it.
const ABOUT: [&str; 7] = ["count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"];

fn is_of_it(name: &str) -> bool {
    !ABOUT.contains(&name)
}

impl<'a> Module<'a> {
    /// The instances of a resource; none while they are being looked for.
    pub(super) fn expansion(&self, name: &ResourceName) -> Option<Rc<Expansion<Instance>>> {
        let written = self.declared.resources.get(name)?;
        Self::once(&self.resources, name, || {
            let provider = self.provider_of(&name.1, written);
            Rc::new(self.expand(&self.address(name), written, |address, bound, symbolic| {
                let address: Arc<str> = address.into();
                let body = bound.with(|frame| self.body(name, &address, written, frame));
                Instance { address, body, symbolic, provider: provider.clone() }
            }))
        })
    }

    pub(super) fn resource(&self, (mode, kind, _): &ResourceName, instance: &Instance) -> Resource {
        Resource {
            root: self.root.clone(),
            address: instance.address.clone(),
            kind: kind.clone(),
            mode: *mode,
            symbolic: instance.symbolic || self.prefix.contains("[*]"),
            provider: instance.provider.clone(),
            body: instance.body.clone(),
            place: instance.body.place.clone(),
            action: None,
        }
    }

    /// Makes what `count` or `for_each` asks for.
    pub(super) fn expand<T>(
        &self,
        address: &str,
        written: &Written<'a>,
        mut make: impl FnMut(String, Bound, bool) -> T,
    ) -> Expansion<T> {
        let scope = Scope { names: self, frame: None, meter: &self.world.meter };
        let object = |entries: Vec<(&str, Node)>| {
            Value::object(entries.into_iter().map(|(name, node)| (name.into(), node)).collect()).into()
        };
        let hidden = |why: &Node| unknown_of([why]);
        if let Some(count) = written.attribute("count") {
            let node = evaluate(&count.value, scope);
            let known = as_number(&node).and_then(|number| number.index().ok_or_else(|| Fault::invalid("no count")));
            return match known {
                Ok(number) if self.world.admit(number) => Expansion::Count(
                    (0..number)
                        .map(|index| {
                            let at = Value::Number(Number::from(index)).into();
                            let count = Some(object(vec![("index", at)]));
                            make(format!("{address}[{index}]"), Bound { count, each: None }, false)
                        })
                        .collect(),
                ),
                refused => {
                    self.note_refused(address, count, refused.map(|_| ()));
                    let count = Some(object(vec![("index", hidden(&unknown_index(address, &node)))]));
                    Expansion::Symbolic(make(format!("{address}[*]"), Bound { count, each: None }, true))
                }
            };
        }
        if let Some(each) = written.attribute("for_each") {
            let node = evaluate(&each.value, scope);
            return match keys(&node) {
                Ok(entries) if self.world.admit(entries.len()) => Expansion::Each(
                    entries
                        .into_iter()
                        .map(|(key, value)| {
                            let name = Value::Text(key.clone()).into();
                            let each = Some(object(vec![("key", name), ("value", value)]));
                            let index = serde_json::Value::from(&*key);
                            (key.clone(), make(format!("{address}[{index}]"), Bound { each, count: None }, false))
                        })
                        .collect(),
                ),
                refused => {
                    self.note_refused(address, each, refused.map(|_| ()));
                    let unknown = hidden(&unknown_index(address, &node));
                    let each = Some(object(vec![("key", unknown.clone()), ("value", unknown)]));
                    Expansion::Symbolic(make(format!("{address}[*]"), Bound { each, count: None }, true))
                }
            };
        }
        // What stands in a root without `count` and `for_each` is no more than somebody wrote.
        if self.depth > 0 && !self.world.admit(1) {
            self.world.is_full.set(true);
        }
        Expansion::One(make(address.to_owned(), Bound::default(), false))
    }

    /// What is not known is no gap of its own: the instance that stands for all says it. An error or a limit is.
    fn note_refused(&self, address: &str, attribute: &Attribute, refused: Result<(), Fault>) {
        let (why, detail) = match refused {
            Ok(()) => (GapReason::Limit, "more instances than are evaluated".to_owned()),
            Err(Fault::Invalid(message)) => (GapReason::Malformed, message),
            Err(Fault::Unknown(unknown)) if unknown.why == Why::Invalid => {
                (GapReason::Malformed, unknown.what.to_string())
            }
            Err(_) => return,
        };
        self.world.note(CodeGap::new(format!("{address}.{}", attribute.name), why, detail).at(&attribute.place));
    }

    fn body(&self, name: &ResourceName, address: &Arc<str>, written: &Written<'a>, frame: Option<&Frame<'_>>) -> Node {
        let why = if name.0 == Mode::Data { Why::DataSource } else { Why::AfterApply };
        let at = Reference { address: address.clone(), path: "".into() };
        let scope = Scope { names: self, frame, meter: &self.world.meter };
        let mut entries = self.entries(&written.attributes, &written.blocks, &at, why, scope);
        if name.0 == Mode::Data {
            entries.extend(documents::compute(&name.1, &entries));
        }
        Node::from(Value::map(entries, MapKind::Open { at: at.into(), why })).at(written.place)
    }

    fn entries(
        &self,
        attributes: &[&'a Attribute],
        blocks: &[&'a Block],
        at: &Reference,
        why: Why,
        scope: Scope<'_>,
    ) -> BTreeMap<Arc<str>, Node> {
        let root = at.path.is_empty();
        let mut entries: BTreeMap<Arc<str>, Node> = attributes
            .iter()
            .filter(|attribute| !root || is_of_it(&attribute.name))
            .map(|attribute| (attribute.name.clone(), evaluate(&attribute.value, scope)))
            .collect();
        let mut lists: BTreeMap<Arc<str>, Vec<Node>> = BTreeMap::new();
        for block in blocks.iter().filter(|block| !root || is_of_it(&block.kind)) {
            if let ("dynamic", Some(kind)) = (&*block.kind, block.label(0)) {
                let list = lists.entry(kind.clone()).or_default();
                self.dynamic(block, kind, list, &at.attribute(kind), why, scope);
            } else {
                let list = lists.entry(block.kind.clone()).or_default();
                let at = at.attribute(&block.kind).element(list.len());
                let node = self.nested(block, &at, why, scope);
                list.push(node);
            }
        }
        entries.extend(lists.into_iter().map(|(kind, list)| (kind, Value::list(list, ListKind::List).into())));
        entries
    }

    fn nested(&self, block: &'a Block, at: &Reference, why: Why, scope: Scope<'_>) -> Node {
        let attributes: Vec<&Attribute> = block.body.attributes.iter().collect();
        let blocks: Vec<&Block> = block.body.blocks.iter().collect();
        self.world.meter.deeper(|| {
            let entries = self.entries(&attributes, &blocks, at, why, scope);
            Node::from(Value::map(entries, MapKind::Open { at: at.clone().into(), why })).at(&block.place)
        })
    }

    /// The blocks of a `dynamic` one. Where their number is not known, an unknown stands for any number of them.
    fn dynamic(
        &self,
        block: &'a Block,
        kind: &Arc<str>,
        list: &mut Vec<Node>,
        at: &Reference,
        why: Why,
        scope: Scope<'_>,
    ) {
        let Some(content) = block.body.blocks("content").next() else { return };
        let over = block.body.attribute("for_each").map_or_else(Node::null, |each| evaluate(&each.value, scope));
        let iterator = block.body.attribute("iterator").and_then(|name| super::providers::named(&name.value));
        let iterator = iterator.unwrap_or_else(|| kind.to_string());
        let elements = match crate::code::expression::elements(&over) {
            Ok(elements) => elements,
            Err(_) if over.value == Value::Null => Vec::new(),
            Err(Fault::Invalid(message)) => {
                return list.push(Node::from(Value::unknown(Why::Invalid, message)).at(&block.place));
            }
            Err(_) => {
                let what = format!("{at}[*]");
                let unknown = Node::from(Value::unknown(Why::Instances, what.as_str()));
                let value = element(unknown.clone(), unknown);
                let frame = Frame { name: &iterator, value, up: scope.frame };
                let inner = self.nested(content, &at.element(list.len()), why, Scope { frame: Some(&frame), ..scope });
                let mut hidden = Unknown::new(Why::Instances, what);
                hidden.absorb(&over);
                inner.each_inner_mention(&mut hidden);
                return list.push(Node::from(hidden).at(&block.place));
            }
        };
        for (key, value) in elements {
            if !self.world.admit(1) {
                let unknown = Value::unknown(Why::Limit, "more blocks than are evaluated");
                return list.push(Node::from(unknown).at(&block.place));
            }
            let frame = Frame { name: &iterator, value: element(key, value), up: scope.frame };
            let at = at.element(list.len());
            list.push(self.nested(content, &at, why, Scope { frame: Some(&frame), ..scope }));
        }
    }
}

/// What the iterator of a `dynamic` block stands for.
fn element(key: Node, value: Node) -> Node {
    Value::object([("key".into(), key), ("value".into(), value)].into_iter().collect()).into()
}

fn unknown_index(address: &str, node: &Node) -> Node {
    let mut unknown = Unknown::new(Why::Instances, format!("{address}[*]"));
    unknown.absorb(node);
    unknown.into()
}

/// The keys and values that `for_each` goes over.
fn keys(node: &Node) -> Result<Vec<(Arc<str>, Node)>, Fault> {
    match &node.value {
        Value::Map(map) if !map.is_open() => Ok(map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
        Value::List(list) if list.kind() == ListKind::Set => {
            let key = |item: &Node| Ok((as_text(item)?, item.clone()));
            let mut keys = list.iter().map(key).collect::<Result<Vec<_>, Fault>>()?;
            keys.sort_by(|left, right| left.0.cmp(&right.0));
            Ok(keys)
        }
        Value::Map(_) | Value::Unknown(_) => Err(missing(node)),
        other => Err(Fault::invalid(format!("`for_each` goes over a map or a set, not {}", other.kind()))),
    }
}
