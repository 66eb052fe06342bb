//! Facts as the language sees them: a tree that borrows its texts, is built once per document, and costs a reference
//! count to hand around. A fact that is not there is an error to ask for, and leaves a note in the record.

use std::{borrow::Cow, sync::Arc};

use cel::{
    ExecutionError,
    common::{
        traits::{Indexer, Iterable, Iterator as Walk, Sizer},
        types::{self, CelBool, CelInt, CelNull, CelString, Type},
        value::{CowVal, Val},
    },
};

use super::{
    record,
    shape::{Kind, Shape},
};
use crate::{
    evidence::{Gap, GapReason},
    facts::Node,
    rule::expression::WHOLE,
};

/// Makes a value of an `Indexer`: something of this type whose fields can be asked for, and nothing else.
macro_rules! indexed {
    ($value:ty, $kind:expr) => {
        impl Val for $value {
            fn get_type(&self) -> &Type {
                &$kind
            }
            fn cel_type() -> &'static Type {
                &$kind
            }
            fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }
            fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
            where
                Self: 'v,
            {
                Box::new(self.clone())
            }
        }
    };
}
pub(super) use indexed;

static LIST: Type = types::LIST_TYPE;
static MAP: Type = types::MAP_TYPE;
static UNKNOWN: Type = Type::new_unspecified_type("unknown");

/// One fact.
#[derive(Debug, Clone)]
pub(super) enum Fact<'a> {
    /// A plain value, or null.
    Plain(Box<dyn Val + 'a>),
    /// A list.
    List(Items<'a>),
    /// Named facts.
    Group(Group<'a>),
    /// It is not there.
    Missing(Hole<'a>),
}

impl<'a> Fact<'a> {
    /// The fact in the form that the vocabulary gives it. One of another form was not read, as far as a rule can tell.
    pub(super) fn new(node: &'a Node, shape: &'a Shape) -> Self {
        let plain = |value: Box<dyn Val + 'a>| Self::Plain(value);
        match (&shape.kind, node) {
            (_, Node::Unknown(gap)) => Self::Missing(Hole { shape, gap: Cow::Borrowed(gap) }),
            (_, Node::Null) if shape.nullable => plain(Box::new(CelNull)),
            (Kind::Bool, Node::Bool(value)) => plain(Box::new(CelBool::from(*value))),
            (Kind::Int, Node::Int(value)) => plain(Box::new(CelInt::from(*value))),
            (Kind::Text, Node::Text(text)) => plain(Box::new(CelString::from(&**text))),
            (Kind::Word(words), Node::Text(text)) if words.contains(&&**text) => {
                plain(Box::new(CelString::from(&**text)))
            }
            (Kind::List(element), Node::List(list)) => {
                let items = list.items.iter().map(|node| Self::new(node, element)).collect();
                let rest = list.incomplete.as_ref().map(|gap| Hole { shape: element, gap: Cow::Borrowed(gap) });
                Self::List(Items(Arc::new(List { items, rest: rest.map(Self::Missing) })))
            }
            (Kind::Object(fields), Node::Map(map)) => {
                let fact = |(name, shape): &'a (&'static str, Shape)| {
                    map.get(*name).map_or_else(|| Self::Missing(Hole::unread(shape)), |node| Self::new(node, shape))
                };
                let facts = fields.iter().map(fact).collect();
                Self::Group(Group(Arc::new(Named { fields, facts })))
            }
            _ => Self::Missing(Hole::malformed(shape)),
        }
    }

    /// The fact that a field leads to.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Group(group) => group.find(name),
            _ => None,
        }
    }

    /// The value as the language takes it.
    pub(super) fn as_val(&self) -> &(dyn Val + 'a) {
        match self {
            Self::Plain(value) => &**value,
            Self::List(list) => list,
            Self::Group(group) => group,
            Self::Missing(hole) => hole,
        }
    }

    /// The fact as text in a message.
    pub(super) fn show(value: &dyn Val) -> Option<String> {
        if let Some(text) = value.downcast_ref::<CelString>() {
            return Some(text.inner().to_owned());
        }
        if let Some(number) = value.downcast_ref::<CelInt>() {
            return Some(number.inner().to_string());
        }
        if let Some(truth) = value.downcast_ref::<CelBool>() {
            return Some(if *truth.inner() { "yes" } else { "no" }.to_owned());
        }
        if value.downcast_ref::<CelNull>().is_some() {
            return Some("none".to_owned());
        }
        let mut walk = value.as_iterable()?.iter();
        let mut shown = Vec::new();
        while let Some(item) = walk.next() {
            shown.push(Self::show(item).unwrap_or_else(|| "(unknown)".to_owned()));
        }
        Some(if shown.is_empty() { "none".to_owned() } else { shown.join(", ") })
    }
}

/// Where a fact should be.
#[derive(Debug, Clone)]
pub(super) struct Hole<'a> {
    shape: &'a Shape,
    gap: Cow<'a, Gap>,
}

impl<'a> Hole<'a> {
    fn unread(shape: &'a Shape) -> Self {
        Self { shape, gap: Cow::Owned(Gap::new(shape.path.as_str(), GapReason::NotRead)) }
    }

    fn malformed(shape: &'a Shape) -> Self {
        Self { shape, gap: Cow::Owned(Gap::new(shape.path.as_str(), GapReason::Malformed)) }
    }

    /// The gap.
    pub(super) fn gap(&self) -> &Gap {
        &self.gap
    }

    fn miss(&self) -> ExecutionError {
        record::miss(self.gap.as_ref().clone());
        ExecutionError::no_such_key(&self.shape.path)
    }
}

indexed!(Hole<'_>, UNKNOWN);

impl Indexer for Hole<'_> {
    fn get<'b, 'v>(&'b self, _: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(self.miss())
    }
    fn steal<'v>(self: Box<Self>, _: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(self.miss())
    }
}

/// Named facts.
#[derive(Debug, Clone)]
pub(super) struct Group<'a>(Arc<Named<'a>>);

#[derive(Debug)]
struct Named<'a> {
    fields: &'a [(&'static str, Shape)],
    /// As many as there are fields, in the same order.
    facts: Vec<Fact<'a>>,
}

impl<'a> Group<'a> {
    fn find(&self, name: &str) -> Option<&Fact<'a>> {
        let index = self.0.fields.binary_search_by_key(&name, |(name, _)| *name).ok()?;
        self.0.facts.get(index)
    }
}

indexed!(Group<'_>, MAP);

impl Indexer for Group<'_> {
    fn get<'b, 'v>(&'b self, field: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let field = field.downcast_ref::<CelString>().ok_or_else(|| ExecutionError::no_such_key("?"))?.inner();
        match self.find(field) {
            Some(Fact::Missing(hole)) => Err(hole.miss()),
            Some(fact) => Ok(CowVal::Borrowed(fact.as_val())),
            None if field == WHOLE => Ok(CowVal::Borrowed(&CelBool::TRUE)),
            None => Err(ExecutionError::no_such_key(field)),
        }
    }
    fn steal<'v>(self: Box<Self>, field: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(field).map(CowVal::into_owned)
    }
}

/// A list of facts.
#[derive(Debug, Clone)]
pub(super) struct Items<'a>(Arc<List<'a>>);

#[derive(Debug)]
struct List<'a> {
    items: Vec<Fact<'a>>,
    /// What the list may hold besides, where it may.
    rest: Option<Fact<'a>>,
}

impl<'a> Items<'a> {
    /// The elements that were read.
    pub(super) fn known(&self) -> &[Fact<'a>] {
        &self.0.items
    }

    /// What the list may hold besides, where it may.
    pub(super) fn rest(&self) -> Option<&Hole<'a>> {
        match &self.0.rest {
            Some(Fact::Missing(hole)) => Some(hole),
            _ => None,
        }
    }
}

impl Val for Items<'_> {
    fn get_type(&self) -> &Type {
        &LIST
    }
    fn cel_type() -> &'static Type {
        &LIST
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    /// A list that may be incomplete has no size.
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        match self.rest() {
            Some(hole) => {
                record::miss(hole.gap().clone());
                None
            }
            None => Some(self),
        }
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
}

impl Sizer for Items<'_> {
    fn size(&self) -> CelInt {
        i64::try_from(self.0.items.len()).unwrap_or(i64::MAX).into()
    }
}

impl Iterable for Items<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn Walk<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Steps(self.0.items.iter().chain(self.0.rest.as_ref())))
    }
}

/// A walk over the elements that were read, and then over the one that stands for the others.
struct Steps<I>(I);

impl<'b, 'v, 'a: 'v, I: Iterator<Item = &'b Fact<'a>>> Walk<'b, 'v> for Steps<I>
where
    'a: 'b,
{
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        if !record::step() {
            return None;
        }
        let fact = self.0.next()?;
        Some(fact.as_val())
    }
}
