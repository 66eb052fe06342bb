//! Finds the resources of evaluated code by address, and words for what is not known of their names.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{google, item::Item};
use crate::{
    code::{Evaluated, Node, Reference, Resource, Shape, Unknown, Value},
    evidence::{Gap, GapReason},
    snapshot::unknown::placeholder,
};

/// Evaluated code, indexed.
#[derive(Debug)]
pub(super) struct Book<'a> {
    pub(super) code: &'a Evaluated,
    resources: BTreeMap<(&'a str, &'a str), &'a Resource>,
    /// The placeholder of every unknown that a name hung on, by the unknown itself: a variable is one and the same
    /// wherever it is used, and what a function makes of it is another one each time.
    words: RefCell<BTreeMap<usize, String>>,
    taken: RefCell<BTreeSet<String>>,
}

impl<'a> Book<'a> {
    pub(super) fn new(code: &'a Evaluated) -> Self {
        let key = |resource: &'a Resource| ((&*resource.root, &*resource.address), resource);
        Self {
            code,
            resources: code.resources.iter().map(key).collect(),
            words: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    /// Every resource, in the order of roots and addresses.
    pub(super) fn items(&'a self) -> impl Iterator<Item = Item<'a>> {
        self.code.resources.iter().map(|resource| Item { book: self, resource })
    }

    /// The resource at an address, within a root.
    pub(super) fn at(&'a self, root: &str, address: &str) -> Option<Item<'a>> {
        self.resources.get(&(root, address)).map(|resource| Item { book: self, resource })
    }

    /// What an attribute of a resource will be, where its value is not known and its meaning is: its name, its id, its
    /// address. None where nothing is known.
    fn attribute(&'a self, root: &str, reference: &Reference) -> Option<String> {
        let target = self.at(root, &reference.address)?;
        match target.resource.kind.split('_').next() {
            Some("google") => google::attribute(target, &reference.path),
            _ => None,
        }
    }

    /// A value as text: known, or put together of what attributes of other resources will be.
    ///
    /// # Errors
    /// The gap of the first part that is not known.
    pub(super) fn text(&'a self, root: &str, node: &Node) -> Result<String, Gap> {
        self.written(root, node, &|unknown| Err(unknown.gap()))
    }

    /// A value as the text of a name, with placeholders for the parts that are not known.
    pub(super) fn pattern(&'a self, root: &str, node: &Node) -> String {
        let word = |unknown: &Arc<Unknown>| Ok(self.word(root, unknown));
        self.written(root, node, &word).unwrap_or_else(|gap| placeholder(&gap.what))
    }

    fn written(
        &'a self,
        root: &str,
        node: &Node,
        unknown_part: &dyn Fn(&Arc<Unknown>) -> Result<String, Gap>,
    ) -> Result<String, Gap> {
        match &node.value {
            Value::Text(text) => Ok(text.to_string()),
            Value::Bool(yes) => Ok(yes.to_string()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Unknown(unknown) => {
                if let Some(text) = node.is.as_ref().and_then(|is| self.attribute(root, is)) {
                    return Ok(text);
                }
                match &unknown.shape {
                    Some(Shape::Text(pieces)) => {
                        pieces.iter().map(|piece| self.written(root, piece, unknown_part)).collect()
                    }
                    _ => unknown_part(unknown),
                }
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                Err(Gap::new(format!("a {} where a text should be", node.value.kind()), GapReason::Malformed))
            }
        }
    }

    /// The placeholder of an unknown.
    fn word(&self, root: &str, unknown: &Arc<Unknown>) -> String {
        // The unknowns live as long as the code: no two of them share an address.
        let own = Arc::as_ptr(unknown).addr();
        if let Some(word) = self.words.borrow().get(&own) {
            return word.clone();
        }
        let what = within(root, &unknown.what);
        let mut taken = self.taken.borrow_mut();
        let mut words = (1_usize..).map(|number| match number {
            1 => placeholder(&what),
            number => placeholder(&format!("{what} {number}")),
        });
        let word = words.find(|word| !taken.contains(word)).unwrap_or_default();
        taken.insert(word.clone());
        self.words.borrow_mut().insert(own, word.clone());
        word
    }
}

/// What is said of something in a root: roots have variables of the same names.
pub(super) fn within(root: &str, what: &str) -> String {
    if root.is_empty() { what.to_owned() } else { format!("{what} in {root}") }
}
