//! Finds the resources of evaluated code by address, and words for what is not known of their names.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{aws, google, item::Item};
use crate::{
    code::{Evaluated, Mode, Node, Reference, Resource, Shape, Unknown, Value, Why},
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
    /// The accounts of AWS that the code tells, by root and the alias of the provider.
    accounts: RefCell<BTreeMap<(String, String), Option<Place>>>,
    /// Resources by their root and what they are called by, where that is known: in a state nothing else links them.
    called: BTreeMap<(&'a str, &'a str), Vec<&'a Resource>>,
}

/// An account, and the region that all of its resources are in; none where they are in several.
pub(super) type Place = (String, Option<String>);

impl<'a> Book<'a> {
    pub(super) fn new(code: &'a Evaluated) -> Self {
        let key = |resource: &'a Resource| ((&*resource.root, &*resource.address), resource);
        let mut called: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
        for resource in &code.resources {
            for text in ["id", "arn"].into_iter().filter_map(|name| resource.body.get(name)?.text()) {
                called.entry((&*resource.root, &**text)).or_default().push(resource);
            }
        }
        Self {
            code,
            resources: code.resources.iter().map(key).collect(),
            words: RefCell::default(),
            taken: RefCell::default(),
            accounts: RefCell::default(),
            called,
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

    /// The one resource of these types that is called so, by its id or its ARN.
    pub(super) fn called(&'a self, root: &str, name: &str, kinds: &[&str]) -> Option<Item<'a>> {
        let mut own = self.called.get(&(root, name))?.iter().filter(|it| kinds.contains(&&*it.kind));
        own.next().filter(|_| own.next().is_none()).map(|resource| Item { book: self, resource })
    }

    /// What an attribute of a resource will be, where its value is not known and its meaning is: its name, its id, its
    /// address. None where nothing is known.
    pub(super) fn attribute(&'a self, root: &str, reference: &Reference) -> Option<String> {
        let target = self.at(root, &reference.address)?;
        match target.resource.kind.split('_').next() {
            Some("google") => google::attribute(target, &reference.path),
            Some("aws") => aws::attribute(target, &reference.path),
            Some(kind) if kind.starts_with("AWS::") => aws::attribute_of_template(target, &reference.path),
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

    /// What the deployment of a template says of itself: one and the same text wherever the template asks.
    fn deployment(&'a self, root: &str, unknown: &Unknown) -> Option<String> {
        let asked = unknown.why == Why::NoValue && unknown.shape.is_none() && unknown.mentions.is_empty();
        let name = unknown.what.strip_prefix("AWS::").filter(|_| asked)?;
        let any = self.resources.range((root, "")..).next().filter(|((own, _), _)| *own == root);
        let item = any.map(|(_, resource)| Item { book: self, resource })?;
        aws::deployment(item, name)
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
                if let Some(text) = self.deployment(root, unknown) {
                    return Ok(text);
                }
                match &unknown.shape {
                    Some(Shape::Json(tree)) => self.tree(root, tree, unknown_part).map(|tree| tree.to_string()),
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

    /// A tree of which the JSON is written.
    fn tree(
        &'a self,
        root: &str,
        node: &Node,
        unknown_part: &dyn Fn(&Arc<Unknown>) -> Result<String, Gap>,
    ) -> Result<Json, Gap> {
        Ok(match &node.value {
            Value::Null => Json::Null,
            Value::Bool(yes) => (*yes).into(),
            Value::Number(number) => number.json().map_or_else(|| number.to_string().into(), Json::Number),
            Value::List(list) => {
                list.iter().map(|node| self.tree(root, node, unknown_part)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Map(map) => {
                let one = |(key, node): (&Arc<str>, &Node)| Ok((key.to_string(), self.tree(root, node, unknown_part)?));
                Json::Object(map.iter().map(one).collect::<Result<_, Gap>>()?)
            }
            Value::Text(_) | Value::Unknown(_) => self.written(root, node, unknown_part)?.into(),
        })
    }

    /// The account and the region of AWS that the resources of a provider are in, where some of them tell.
    pub(super) fn account(&self, root: &str, alias: &str) -> Option<Place> {
        let key = (root.to_owned(), alias.to_owned());
        if let Some(known) = self.accounts.borrow().get(&key) {
            return known.clone();
        }
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let own = |resource: &&&Resource| {
            &*resource.root == root && &*resource.provider.alias == alias && resource.kind.starts_with("aws_")
        };
        let text =
            |resource: &Resource, name: &str| resource.body.get(name).and_then(Node::text).map(ToString::to_string);
        let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
        for resource in self.resources.values().filter(own) {
            let caller = &*resource.kind == "aws_caller_identity";
            accounts.extend(if caller { text(resource, "account_id") } else { None });
            // A data source may be of anybody's.
            let arn = if resource.mode == Mode::Managed { text(resource, "arn") } else { None };
            let part = |nth| arn.as_deref().and_then(|arn| arn.split(':').nth(nth)).map(str::to_owned);
            accounts.extend(part(4));
            regions.extend(part(3).filter(|region| !region.is_empty()));
        }
        let account = accounts.into_iter().find(|account| digits(account));
        let mut regions = regions.into_iter();
        let region = regions.next().filter(|_| regions.next().is_none());
        let found = account.map(|account| (account, region));
        self.accounts.borrow_mut().insert(key, found.clone());
        found
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
