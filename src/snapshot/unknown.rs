//! Values that nobody knows yet, in the bodies of records: infrastructure code leaves holes that an API never does.
//!
//! Where a value should be there stands a *marker*, `{"$unknown": GAP}`. Reading a body through [`body`] makes every
//! marker that is reached an error which carries its gap, whatever type was asked for; only a field of the type
//! [`Known`](crate::evidence::Known) takes one as its value. So a reader that has never heard of markers is sound: it
//! loses the whole record, never a part of it unseen. Fields that a reader does not ask for are not reached.
//!
//! Parts of *names* that are not known are *placeholders*, such as `(var.project_id)` in
//! `projects/(var.project_id)/global/networks/n`: no name in a cloud has parentheses. [`same`] compares two names that
//! may hold some.

mod deserializer;
mod placeholder;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::evidence::{Gap, GapReason};

pub use placeholder::{could_fit, gap_of_name, holds_placeholder, placeholder, same, shown};

/// The key of a marker.
pub(super) const KEY: &str = "$unknown";

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A value that was asked for is not known.
    Unknown(Gap),
    /// The body is not of the form that was asked for.
    Malformed(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self::Malformed(why)
    }
}

impl From<&str> for Fault {
    fn from(why: &str) -> Self {
        Self::Malformed(why.to_owned())
    }
}

impl From<Gap> for Fault {
    fn from(gap: Gap) -> Self {
        Self::Unknown(gap)
    }
}

/// What stands where a value should be that nobody knows.
pub fn marker(gap: &Gap) -> Value {
    json!({ KEY: gap })
}

/// The gap of a marker; none where the value is none.
pub fn gap_of(value: &Value) -> Option<Gap> {
    let inside = value.as_object().filter(|object| object.len() == 1)?.get(KEY)?;
    // A marker that somebody spoilt is a marker still.
    let read = serde_json::from_value(inside.clone()).ok();
    Some(read.unwrap_or_else(|| Gap::new("a value that is not known", GapReason::UnknownValue)))
}

/// The first marker at or below a value.
pub fn first_gap(value: &Value) -> Option<Gap> {
    gap_of(value).or_else(|| match value {
        Value::Array(list) => list.iter().find_map(first_gap),
        Value::Object(object) => object.values().find_map(first_gap),
        _ => None,
    })
}

/// Reads a body, or a part of one, as a type.
///
/// # Errors
/// Where a value that the type asks for is not known, or is of another form.
pub fn body<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let malformed = |error: serde_json::Error| Fault::Malformed(error.to_string());
    if !text.contains(KEY) {
        return serde_json::from_str(text).map_err(malformed);
    }
    let value: Value = serde_json::from_str(text).map_err(malformed)?;
    T::deserialize(deserializer::Marked(&value)).map_err(|deserializer::Stopped(fault)| fault)
}

/// Takes care that no body which was read from somewhere holds a marker by chance or on purpose: the key gets one more
/// `$` in front.
pub(super) fn escape(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(escape),
        Value::Object(object) => {
            if object.keys().any(|key| is_key(key)) {
                *object = std::mem::take(object)
                    .into_iter()
                    .map(|(key, value)| (escaped(&key).into_owned(), value))
                    .collect::<Map<_, _>>();
            }
            object.values_mut().for_each(escape);
        }
        _ => {}
    }
}

/// A key of an object as a body may hold it.
pub fn escaped(key: &str) -> std::borrow::Cow<'_, str> {
    if is_key(key) { format!("${key}").into() } else { key.into() }
}

fn is_key(key: &str) -> bool {
    key.ends_with(KEY) && key.trim_start_matches('$') == KEY.trim_start_matches('$')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;
    use crate::evidence::Known;

    fn hole() -> Value {
        marker(&Gap::new("var.x", GapReason::UnknownValue).with_detail("why"))
    }

    fn unknown<T>(read: Result<T, Fault>) -> bool {
        matches!(read, Err(Fault::Unknown(gap)) if &*gap.what == "var.x")
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Wire {
        text: Option<String>,
        inner: Option<Box<Wire>>,
        list: Vec<u32>,
        map: BTreeMap<String, Value>,
        word: Option<Word>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two { two: u8 },
    }

    #[test]
    fn a_marker_that_is_reached_is_an_error_whatever_was_asked_for() {
        for at in ["text", "inner", "list", "map", "word"] {
            assert!(unknown(body::<Wire>(&json!({ at: hole() }).to_string())), "{at}");
        }
        for value in [json!({"list": [1, hole()]}), json!({"map": {"a": [hole()]}}), json!({"inner": {"text": hole()}})]
        {
            assert!(unknown(body::<Wire>(&value.to_string())), "{value}");
            assert!(unknown(body::<Value>(&value.to_string())), "{value}");
        }
        assert!(unknown(body::<Wire>(&hole().to_string())));
        assert!(unknown(body::<Option<Wire>>(&hole().to_string())));
        assert!(unknown(body::<Box<RawValue>>(&hole().to_string())));
    }

    #[test]
    fn a_body_with_a_marker_that_nobody_asks_for_reads_like_any_other() {
        let value = json!({"other": hole(), "text": "a", "list": [1, 2], "map": {"k": 1.5}, "word": {"two": {"two": 2}},
            "inner": {"word": "one", "more": [hole()]}});
        let inner = Wire { word: Some(Word::One), ..Wire::default() };
        let expected = Wire {
            text: Some("a".into()),
            inner: Some(inner.into()),
            list: vec![1, 2],
            map: BTreeMap::from([("k".into(), json!(1.5))]),
            word: Some(Word::Two { two: 2 }),
        };
        assert_eq!(body::<Wire>(&value.to_string()), Ok(expected));
        let raw: Box<RawValue> = body(&value.to_string()).expect("kept raw");
        assert!(body::<Wire>(raw.get()).is_ok() && unknown(body::<Value>(raw.get())));
    }

    #[derive(Deserialize)]
    struct Fine {
        text: Known<String>,
        rest: Option<Known<Vec<u8>>>,
        #[serde(default)]
        map: BTreeMap<String, Known<u8>>,
    }

    #[test]
    fn a_field_that_may_be_unknown_takes_the_marker_at_or_below_it() {
        let read = |value: Value| body::<Fine>(&value.to_string()).expect("read");
        let all = read(json!({"text": hole(), "rest": [1, hole()], "map": {"a": 1, "b": hole()}}));
        assert!(matches!(&all.text, Known::Unknown(gap) if &*gap.what == "var.x"));
        assert!(matches!(all.rest, Some(Known::Unknown(_))));
        assert_eq!(all.map["a"], Known::Known(1));
        assert!(matches!(all.map["b"], Known::Unknown(_)));
        let nested = body::<Known<Vec<Known<u8>>>>(&json!([1, hole()]).to_string()).expect("read");
        assert!(matches!(nested, Known::Known(list) if matches!(list[..], [Known::Known(1), Known::Unknown(_)])));
        let none = read(json!({"text": "a", "rest": null, "x": hole()}));
        assert_eq!((none.text, none.rest), (Known::Known("a".into()), None));
        assert!(matches!(serde_json::from_str::<Known<u8>>("7"), Ok(Known::Known(7))));
        assert!(matches!(body::<Fine>("{\"text\": 1}"), Err(Fault::Malformed(_))));
    }

    #[test]
    fn a_body_that_was_read_holds_no_marker() {
        let mut value = json!({"a": [hole()], "$$unknown": 1, "$known": 2});
        escape(&mut value);
        assert_eq!(first_gap(&value), None);
        assert!(value["a"][0].get("$$unknown").is_some() && value.get("$$$unknown").is_some());
        assert!(value.get("$known").is_some());
    }
}
