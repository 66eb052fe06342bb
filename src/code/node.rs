//! Values of infrastructure code: a tree whose leaves are known or not, each with the place that it comes from.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{Number, Place, Reference, Unknown, Why};

/// A value, where it comes from, and what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The expression that it was written as, where it comes from a folder.
    pub place: Option<Place>,
    /// The attribute of a resource that it is, exactly, whether or not its value is known: so that resources are
    /// linked by address.
    pub is: Option<Arc<Reference>>,
    /// A secret: good for verdicts, never to be shown.
    pub sensitive: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Known not to be set.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Arc<str>),
    /// Elements in their order; those of a set are sorted. Nested blocks are lists of maps.
    List(Arc<List>),
    /// Values by name.
    Map(Arc<Map>),
    /// Not known.
    Unknown(Arc<Unknown>),
}

/// What a list is to the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// As written in brackets.
    Tuple,
    /// Elements of one type.
    List,
    /// Without an order, and none twice.
    Set,
}

/// What a map is to the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapKind {
    /// As written in braces.
    Object,
    /// Values of one type.
    Map,
    /// The body of a resource or of a block in it, as far as the code writes it: what is absent here is not null,
    /// but whatever the provider makes of it.
    Open {
        /// The attribute that it is.
        at: Arc<Reference>,
        /// Why the rest is not known.
        why: Why,
    },
}

/// What lies below a list or a map, counted once when it is built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Depths {
    weight: usize,
    unknown: bool,
    sensitive: bool,
}

impl Depths {
    fn of<'a>(nodes: impl Iterator<Item = &'a Node>) -> Self {
        nodes.fold(Self { weight: 1, ..Self::default() }, |sum, node| Self {
            weight: sum.weight.saturating_add(node.weight()),
            unknown: sum.unknown || !node.is_known(),
            sensitive: sum.sensitive || node.is_sensitive(),
        })
    }
}

/// Elements of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    items: Vec<Node>,
    kind: ListKind,
    depths: Depths,
}

impl List {
    /// What it is to the language.
    pub fn kind(&self) -> ListKind {
        self.kind
    }
}

impl std::ops::Deref for List {
    type Target = [Node];

    fn deref(&self) -> &[Node] {
        &self.items
    }
}

/// Values by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    entries: BTreeMap<Arc<str>, Node>,
    kind: MapKind,
    depths: Depths,
}

impl Map {
    /// What it is to the language.
    pub fn kind(&self) -> &MapKind {
        &self.kind
    }

    /// Whether names that are absent here may yet have a value.
    pub fn is_open(&self) -> bool {
        matches!(self.kind, MapKind::Open { .. })
    }
}

impl std::ops::Deref for Map {
    type Target = BTreeMap<Arc<str>, Node>;

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list of this kind.
    pub fn list(items: Vec<Node>, kind: ListKind) -> Self {
        let depths = Depths::of(items.iter());
        Self::List(Arc::new(List { items, kind, depths }))
    }

    /// A list as written in brackets.
    pub fn tuple(items: Vec<Node>) -> Self {
        Self::list(items, ListKind::Tuple)
    }

    /// A map of this kind.
    pub fn map(entries: BTreeMap<Arc<str>, Node>, kind: MapKind) -> Self {
        let depths = Depths::of(entries.values());
        Self::Map(Arc::new(Map { entries, kind, depths }))
    }

    /// A map as written in braces.
    pub fn object(entries: BTreeMap<Arc<str>, Node>) -> Self {
        Self::map(entries, MapKind::Object)
    }

    /// A value that is not known for this reason.
    pub fn unknown(why: Why, what: impl Into<Arc<str>>) -> Self {
        Self::Unknown(Arc::new(Unknown::new(why, what)))
    }

    /// What the language calls a value of this kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(list) => match list.kind {
                ListKind::Tuple => "tuple",
                ListKind::List => "list",
                ListKind::Set => "set",
            },
            Self::Map(map) if map.kind == MapKind::Map => "map",
            Self::Map(_) => "object",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { value, place: None, is: None, sensitive: false }
    }
}

impl From<Unknown> for Node {
    fn from(unknown: Unknown) -> Self {
        Value::Unknown(Arc::new(unknown)).into()
    }
}

impl Node {
    /// Null.
    pub fn null() -> Self {
        Value::Null.into()
    }

    /// The same value, from this place.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// How many nodes there are in the tree.
    pub(super) fn weight(&self) -> usize {
        match &self.value {
            Value::List(list) => list.depths.weight,
            Value::Map(map) => map.depths.weight,
            Value::Text(text) => 1 + text.len() / 64,
            _ => 1,
        }
    }

    /// Whether everything in it is known.
    pub fn is_known(&self) -> bool {
        match &self.value {
            Value::List(list) => !list.depths.unknown,
            Value::Map(map) => !map.depths.unknown && !map.is_open(),
            Value::Unknown(_) => false,
            _ => true,
        }
    }

    /// Whether it, or anything in it, is a secret.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
            || match &self.value {
                Value::List(list) => list.depths.sensitive,
                Value::Map(map) => map.depths.sensitive,
                _ => false,
            }
    }

    /// The text, where it is a known one.
    pub fn text(&self) -> Option<&Arc<str>> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// What is not known, where that is the whole value.
    pub fn unknown(&self) -> Option<&Arc<Unknown>> {
        if let Value::Unknown(unknown) = &self.value { Some(unknown) } else { None }
    }

    /// The value under a name, where this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        if let Value::Map(map) = &self.value { map.get(name) } else { None }
    }

    /// The nested blocks, or whatever stands for them: a list of maps, or, in JSON, a single map.
    pub fn blocks(&self) -> &[Node] {
        match &self.value {
            Value::List(list) => list,
            Value::Map(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// The value as JSON, where all of it is known. Secrets are in it.
    pub fn json(&self) -> Option<serde_json::Value> {
        Some(match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(yes) => (*yes).into(),
            Value::Number(number) => serde_json::Value::Number(number.json()?),
            Value::Text(text) => text.to_string().into(),
            Value::List(list) => list.iter().map(Self::json).collect::<Option<Vec<_>>>()?.into(),
            Value::Map(map) if map.is_open() => return None,
            Value::Map(map) => serde_json::Value::Object(
                map.iter().map(|(name, node)| Some((name.to_string(), node.json()?))).collect::<Option<_>>()?,
            ),
            Value::Unknown(_) => return None,
        })
    }

    /// Calls back for every attribute of a resource that the value is or hangs on, until told to stop.
    pub(super) fn each_mention(&self, hear: &mut dyn FnMut(&Reference) -> bool) -> bool {
        if let Some(is) = &self.is {
            return hear(is);
        }
        match &self.value {
            Value::List(list) if list.depths.unknown => list.iter().all(|node| node.each_mention(hear)),
            Value::Map(map) => match &map.kind {
                MapKind::Open { at, .. } => hear(at),
                _ => !map.depths.unknown || map.values().all(|node| node.each_mention(hear)),
            },
            Value::Unknown(unknown) => unknown.mentions.iter().all(hear),
            _ => true,
        }
    }

    /// Has an unknown take over what the attributes of a block hang on, which is not the block itself.
    pub(super) fn each_inner_mention(&self, unknown: &mut Unknown) {
        match &self.value {
            Value::Map(map) => map.values().for_each(|node| node.each_inner_mention(unknown)),
            Value::List(list) => list.iter().for_each(|node| node.each_inner_mention(unknown)),
            _ => unknown.absorb(self),
        }
    }

    /// The first thing in it that is not known.
    pub fn first_unknown(&self) -> Option<Arc<Unknown>> {
        match &self.value {
            Value::Unknown(unknown) => Some(unknown.clone()),
            Value::List(list) if list.depths.unknown => list.iter().find_map(Self::first_unknown),
            Value::Map(map) => {
                let below = if map.depths.unknown { map.values().find_map(Self::first_unknown) } else { None };
                below.or_else(|| match &map.kind {
                    MapKind::Open { at, why } => {
                        Some(Arc::new(Unknown::new(*why, at.to_string()).mentioning(Reference::clone(at))))
                    }
                    _ => None,
                })
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensitive {
            return f.write_str("(sensitive)");
        }
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(yes) => write!(f, "{yes}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::List(list) => f.debug_list().entries(list.iter()).finish(),
            Value::Map(map) => f.debug_map().entries(map.iter()).finish(),
            Value::Unknown(unknown) => match &self.is {
                Some(is) => write!(f, "({is})"),
                None => write!(f, "({:?} {} {:?})", unknown.why, unknown.what, unknown.shape),
            },
        }
    }
}
