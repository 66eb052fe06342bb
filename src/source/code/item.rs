//! A resource of code, by its attributes.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    aws,
    book::{Book, within},
};
use crate::{
    code::{Node, Place, Reference, Resource, Unknown, Value, Why},
    evidence::{Gap, GapReason, Origin},
    snapshot::unknown::{escaped, marker, placeholder},
};

/// A resource, with the code that it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) book: &'a Book<'a>,
    pub(super) resource: &'a Resource,
}

/// What stands at an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Field<'a> {
    /// Nothing: the provider's default holds.
    Absent,
    /// A value, all of it known or not.
    Given(&'a Node),
    /// Nobody can tell: a block on the way there is not known.
    Hidden(&'a Arc<Unknown>),
}

impl<'a> Item<'a> {
    /// Where an attribute stands, or the resource where that is not known.
    pub(super) fn place(self, path: &str) -> Option<Origin> {
        let given = match self.field(path) {
            Field::Given(node) => node.place.as_ref(),
            Field::Absent | Field::Hidden(_) => None,
        };
        given.or(self.resource.place.as_ref()).map(Place::origin)
    }

    /// What the code gives at a path of attributes and blocks: `service_config.ingress_settings`. Of several blocks the
    /// first counts.
    pub(super) fn field(self, path: &str) -> Field<'a> {
        field(&self.resource.body, path)
    }

    /// The same, where the provider fills in what the code leaves out: what a plan knows only after the apply, for no
    /// reason that the code gives, is absent.
    pub(super) fn computed(self, path: &str) -> Field<'a> {
        match self.field(path) {
            Field::Given(node) if self.is_left_out(node) => Field::Absent,
            found => found,
        }
    }

    /// Whether the provider alone fills a value in.
    pub(super) fn is_left_out(self, node: &Node) -> bool {
        let own = |unknown: &Arc<Unknown>| {
            unknown.why == Why::AfterApply
                && unknown.shape.is_none()
                && unknown.what.starts_with(&*self.resource.address)
                && unknown.mentions.iter().all(|mention| mention.address == self.resource.address)
        };
        node.is.is_none() && node.unknown().is_some_and(own)
    }

    /// The text at a path, where there is one.
    pub(super) fn text(self, path: &str) -> Result<Option<String>, Gap> {
        match self.field(path) {
            Field::Absent => Ok(None),
            Field::Hidden(unknown) => Err(unknown.gap()),
            Field::Given(node) => self.text_of(node).map(Some),
        }
    }

    /// A value of this resource as text.
    pub(super) fn text_of(self, node: &Node) -> Result<String, Gap> {
        self.book.text(&self.resource.root, node)
    }

    /// A value of this resource as a part of a name, with placeholders.
    pub(super) fn pattern_of(self, node: &Node) -> String {
        self.book.pattern(&self.resource.root, node)
    }

    /// Whether a flag is set: absent is `default`.
    pub(super) fn flag(self, path: &str, default: bool) -> Result<bool, Gap> {
        match self.field(path) {
            Field::Absent => Ok(default),
            Field::Hidden(unknown) => Err(unknown.gap()),
            Field::Given(node) => match &node.value {
                Value::Bool(yes) => Ok(*yes),
                Value::Text(text) if matches!(&**text, "true" | "false") => Ok(&**text == "true"),
                Value::Unknown(unknown) => Err(unknown.gap()),
                other => Err(Gap::new(format!("a {} where a flag should be", other.kind()), GapReason::Malformed)),
            },
        }
    }

    /// The resource that a value leads to, where it is one of these types; by address, whichever attribute it is.
    pub(super) fn target(self, node: &Node, kinds: &[&str]) -> Option<Item<'a>> {
        // A plan keeps what an expression refers to, and not what it does with it: what hangs on one resource alone, of
        // the type that is asked for, is taken for that.
        let planned = || node.unknown().filter(|_| self.resource.action.is_some())?.only_mention();
        let Some(reference) = node.is.as_deref().or_else(planned) else {
            return self.book.called(&self.resource.root, node.text()?, kinds);
        };
        let target = self.book.at(&self.resource.root, &reference.address)?;
        kinds.contains(&&*target.resource.kind).then_some(target)
    }

    /// The resource of these types that a value which is not known is made of alone.
    pub(super) fn only_target(self, node: &Node, kinds: &[&str]) -> Option<Item<'a>> {
        let mention = node.unknown()?.only_mention()?;
        let target = self.book.at(&self.resource.root, &mention.address)?;
        kinds.contains(&&*target.resource.kind).then_some(target)
    }

    /// What a value means that is not the resource it leads to, but comes with that: the main route table of a VPC.
    pub(super) fn comes_with(self, node: &Node) -> Option<String> {
        let planned = || node.unknown().filter(|_| self.resource.action.is_some())?.only_mention();
        self.with_it(node.is.as_deref().or_else(planned)?)
    }

    fn with_it(self, reference: &Reference) -> Option<String> {
        aws::comes_with(self.book.at(&self.resource.root, &reference.address)?, &reference.path)
    }

    /// Whether a value leads to a resource of the code that is of none of these types.
    pub(super) fn leads_to_others(self, node: &Node, kinds: &[&str]) -> bool {
        let planned = || node.unknown().filter(|_| self.resource.action.is_some())?.only_mention();
        let target = node.is.as_deref().or_else(planned).map(|reference| &*reference.address);
        let target = target.and_then(|address| self.book.at(&self.resource.root, address));
        target.is_some_and(|target| !kinds.contains(&&*target.resource.kind))
    }

    /// The targets of a list, one for each element; an element that leads nowhere is given back as it is. Where a plan does
    /// not know the list, it is as long as what it hangs on.
    pub(super) fn targets(self, node: &'a Node, kinds: &[&str]) -> Result<Vec<Result<Item<'a>, &'a Node>>, Gap> {
        match &node.value {
            Value::List(list) => Ok(list
                .iter()
                .flat_map(|node| match self.mentioned(node, kinds) {
                    _ if self.comes_with(node).is_some() => vec![Err(node)],
                    Some(all) if !all.is_empty() => all.into_iter().map(Ok).collect(),
                    _ => vec![self.target(node, kinds).ok_or(node)],
                })
                .collect()),
            Value::Unknown(unknown) => match self.mentioned(node, kinds) {
                _ if self.comes_with(node).is_some() => Ok(vec![Err(node)]),
                Some(all) if !all.is_empty() => Ok(all.into_iter().map(Ok).collect()),
                _ => Err(unknown.gap()),
            },
            Value::Null => Ok(Vec::new()),
            _ => Ok(vec![self.target(node, kinds).ok_or(node)]),
        }
    }

    /// What an unknown of a plan hangs on, where all of that is of these types.
    fn mentioned(self, node: &Node, kinds: &[&str]) -> Option<Vec<Item<'a>>> {
        let unknown = node.unknown().filter(|_| self.resource.action.is_some() && node.is.is_none())?;
        let mut found: Vec<Item<'a>> = Vec::new();
        for mention in &unknown.mentions {
            let target = self.book.at(&self.resource.root, &mention.address)?;
            if !kinds.contains(&&*target.resource.kind) || self.with_it(mention).is_some() {
                return None;
            }
            if !found.iter().any(|item| std::ptr::eq(item.resource, target.resource)) {
                found.push(target);
            }
        }
        Some(found)
    }

    /// The id that everything which an unknown of a plan hangs on leads to, where that is one and the same.
    pub(super) fn same_of_all(self, node: &Node, kinds: &[&str], id: fn(Item<'_>) -> String) -> Option<String> {
        let mut ids: Vec<String> = self.mentioned(node, kinds)?.into_iter().map(id).collect();
        ids.dedup();
        ids.pop().filter(|_| ids.is_empty())
    }

    /// The ARN that an unknown of a plan begins with, where it hangs on one attribute that is an ARN.
    pub(super) fn begins_with(self, node: &Node) -> Option<String> {
        let unknown = node.unknown().filter(|_| self.resource.action.is_some() && node.is.is_none())?;
        let reference = unknown.only_mention().filter(|mention| mention.path.ends_with("arn"))?;
        self.book.attribute(&self.resource.root, reference)
    }

    /// The blocks of a kind; one that stands for blocks of unknown number is the unknown.
    pub(super) fn blocks(self, path: &str) -> Vec<&'a Node> {
        match self.field(path) {
            Field::Given(node) => blocks(node),
            Field::Absent | Field::Hidden(_) => Vec::new(),
        }
    }

    /// A value as the JSON of a body: what is not known is a marker.
    pub(super) fn json(self, node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(yes) => (*yes).into(),
            Value::Number(number) => {
                let too_large = || marker(&Gap::new(format!("the number {number}"), GapReason::Limit));
                number.json().map_or_else(too_large, Json::Number)
            }
            Value::Text(text) => Json::String(text.to_string()),
            Value::List(list) => Json::Array(list.iter().map(|node| self.json(node)).collect()),
            Value::Map(map) => Json::Object(
                map.iter().map(|(key, node)| (escaped(key).into_owned(), self.json(node))).collect::<Map<_, _>>(),
            ),
            Value::Unknown(_) => match self.text_of(node) {
                Ok(text) => Json::String(text),
                Err(gap) => marker(&gap),
            },
        }
    }

    /// A name that this resource has in the place of one that is not known: its address.
    pub(super) fn own_word(self) -> String {
        placeholder(&within(&self.resource.root, &self.resource.address))
    }
}

/// The blocks or elements of a value.
pub(super) fn blocks(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        _ => vec![node],
    }
}

/// What stands at a path below a node; the node itself where there is no path.
pub(super) fn field<'a>(node: &'a Node, path: &str) -> Field<'a> {
    let mut here = node;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        // Of nested blocks, which are lists of maps, the first.
        if let Value::List(list) = &here.value {
            let Some(first) = list.first() else { return Field::Absent };
            here = first;
        }
        match &here.value {
            Value::Map(map) => match map.get(step) {
                Some(next) => here = next,
                None => return Field::Absent,
            },
            Value::Unknown(unknown) => return Field::Hidden(unknown),
            _ => return Field::Absent,
        }
    }
    if here.value == Value::Null { Field::Absent } else { Field::Given(here) }
}
