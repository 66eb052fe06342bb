//! The shape of a fact: a value, a list, a map of named facts, or the gap where one should be.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::evidence::{Gap, GapReason, Known};

/// One fact, as rules see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// It was not read. An expression whose answer depends on it has no answer.
    Unknown(Gap),
    /// Known to be absent.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(Arc<str>),
    /// Several facts of the same form.
    List(List),
    /// Named facts.
    Map(Map),
}

/// Named facts.
pub type Map = BTreeMap<Cow<'static, str>, Node>;

/// Facts of the same form, and whether there may be more of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List {
    /// Those that were read.
    pub items: Vec<Node>,
    /// Why there may be others; none where the list is whole.
    pub incomplete: Option<Gap>,
}

impl Node {
    /// Text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text, or known absence.
    pub fn optional_text(text: Option<impl Into<Arc<str>>>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// A list that is whole.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(List { items: items.into_iter().collect(), incomplete: None })
    }

    /// A list of texts that is whole.
    pub fn texts<T: Into<Arc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::list(items.into_iter().map(Self::text))
    }

    /// A map from its fields.
    pub fn map(fields: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(fields.into_iter().map(|(name, node)| (Cow::Borrowed(name), node)).collect())
    }

    /// A field of a map; nothing for anything else.
    pub fn get(&self, field: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(field),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A fact as a test case writes it. `{unknown: why}` is a gap: alone it is an unknown fact, and as the last element
    /// of a list it says that the list may not be whole.
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number.as_i64().map_or_else(|| Self::text(number.to_string()), Self::Int),
            Value::String(text) => Self::text(text.as_str()),
            Value::Array(items) => {
                let (items, incomplete) = match items.split_last() {
                    Some((last, rest)) if unknown(last).is_some() => (rest, unknown(last)),
                    _ => (items.as_slice(), None),
                };
                Self::List(List { items: items.iter().map(Self::from_json).collect(), incomplete })
            }
            Value::Object(object) => unknown(value).map_or_else(
                || {
                    let fields = object.iter().map(|(key, value)| (Cow::Owned(key.clone()), Self::from_json(value)));
                    Self::Map(fields.collect())
                },
                Self::Unknown,
            ),
        }
    }

    /// The fact as JSON, in the form that [`Node::from_json`] reads.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Unknown(gap) => serde_json::json!({ "unknown": gap.to_string() }),
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::from(*value),
            Self::Text(text) => Value::String(text.to_string()),
            Self::List(list) => {
                let more = list.incomplete.as_ref().map(|gap| serde_json::json!({ "unknown": gap.to_string() }));
                Value::Array(list.items.iter().map(Self::to_json).chain(more).collect())
            }
            Self::Map(map) => map.iter().map(|(key, node)| (key.to_string(), node.to_json())).collect(),
        }
    }
}

fn unknown(value: &Value) -> Option<Gap> {
    let object = value.as_object()?;
    match object.get("unknown") {
        Some(why) if object.len() == 1 => {
            Some(Gap::new(why.as_str().map_or_else(|| why.to_string(), str::to_owned), GapReason::NotRead))
        }
        _ => None,
    }
}

impl<T: Into<Node>> From<Known<T>> for Node {
    fn from(known: Known<T>) -> Self {
        match known {
            Known::Known(value) => value.into(),
            Known::Unknown(gap) => Self::Unknown(gap),
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Node {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Node {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Node {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Node {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}
