//! Reads a tree with markers in it.

use std::fmt;

use serde::{
    Deserializer,
    de::{
        self, DeserializeSeed, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::{Fault, gap_of};
use crate::evidence::{Gap, KNOWN};

/// What `serde_json` calls the type that keeps a part of a text as it is.
const RAW: &str = "$serde_json::private::RawValue";

/// A value, every marker of which stops the reading.
#[derive(Clone, Copy)]
pub(super) struct Marked<'a>(pub(super) &'a Value);

/// Why the reading stopped.
#[derive(Debug)]
pub(super) struct Stopped(pub(super) Fault);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fault::Unknown(gap) => gap.fmt(f),
            Fault::Malformed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Stopped {}

impl de::Error for Stopped {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Fault::Malformed(message.to_string()))
    }
}

impl From<Gap> for Stopped {
    fn from(gap: Gap) -> Self {
        Self(Fault::Unknown(gap))
    }
}

impl<'a> Marked<'a> {
    /// The value, where it is no marker.
    fn known(self) -> Result<&'a Value, Stopped> {
        gap_of(self.0).map_or(Ok(self.0), |gap| Err(gap.into()))
    }
}

impl<'de> Deserializer<'de> for Marked<'_> {
    type Error = Stopped;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        match self.known()? {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(list) => visitor.visit_seq(Items(list.iter())),
            Value::Object(object) => visitor.visit_map(Entries { entries: object.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Stopped> {
        match name {
            KNOWN => visitor.visit_seq(Attempt { value: Some(self.0), gap: None }),
            RAW => {
                let text = self.known()?.to_string();
                visitor.visit_map(MapDeserializer::new(std::iter::once((RAW, text))))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        match self.known()? {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(object) => {
                let entries = Entries { entries: object.iter(), value: None };
                visitor.visit_enum(MapAccessDeserializer::new(entries))
            }
            _ => Err(de::Error::custom("expected a word")),
        }
    }

    /// What nobody asks for is not looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// A value, and the gap of the first marker that was reached in it.
struct Attempt<'a> {
    value: Option<&'a Value>,
    gap: Option<Gap>,
}

impl<'de> SeqAccess<'de> for Attempt<'_> {
    type Error = Stopped;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stopped> {
        if let Some(value) = self.value.take() {
            return match seed.deserialize(Marked(value)) {
                Err(Stopped(Fault::Unknown(gap))) => {
                    self.gap = Some(gap);
                    Ok(None)
                }
                read => read.map(Some),
            };
        }
        let Some(gap) = self.gap.take() else { return Ok(None) };
        let gap = serde_json::to_value(gap).map_err(<Stopped as de::Error>::custom)?;
        seed.deserialize(gap).map(Some).map_err(<Stopped as de::Error>::custom)
    }
}

/// The elements of a list.
struct Items<'a>(std::slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stopped;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stopped> {
        self.0.next().map(|value| seed.deserialize(Marked(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The entries of an object.
struct Entries<'a> {
    entries: serde_json::map::Iter<'a>,
    value: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Stopped;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stopped> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(key.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stopped> {
        let value = self.value.take().ok_or_else(|| <Stopped as de::Error>::custom("a value without a key"))?;
        seed.deserialize(Marked(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
