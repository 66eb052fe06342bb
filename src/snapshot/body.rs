//! The body of a record: JSON as it was written, until somebody asks what it says.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

/// One value of JSON, raw. Those of a file lie in its text, which they have in common: it is held once, and nothing of it twice.
#[derive(Clone)]
pub struct Body {
    text: Arc<String>,
    from: usize,
    to: usize,
}

impl Body {
    /// A value, written.
    ///
    /// # Errors
    /// Where it cannot be: a map whose keys are no texts.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::from)
    }

    /// What stands in a text at this place of it; a copy where it stands elsewhere.
    pub(super) fn within(text: &Arc<String>, raw: &RawValue) -> Self {
        let raw = raw.get();
        let from = raw.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let to = from.wrapping_add(raw.len());
        if text.get(from..to).is_some_and(|own| std::ptr::eq(own, raw)) {
            Self { text: Arc::clone(text), from, to }
        } else {
            Self::from(raw.to_owned())
        }
    }

    /// The JSON.
    pub fn get(&self) -> &str {
        self.text.get(self.from..self.to).unwrap_or("null")
    }
}

/// Of a text that is known to be one value.
impl From<String> for Body {
    fn from(text: String) -> Self {
        let to = text.len();
        Self { text: Arc::new(text), from: 0, to }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.get()).map_err(ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer).map_err(de::Error::custom)?;
        Ok(Self::from(String::from(Box::<str>::from(raw))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_a_text_is_no_copy_and_one_of_another_text_is() {
        let text = Arc::new(r#"[{"a": 1}, null]"#.to_owned());
        let raw: Vec<&RawValue> = serde_json::from_str(&text).expect("JSON");
        let own = Body::within(&text, raw[0]);
        assert_eq!((own.get(), Arc::ptr_eq(&own.text, &text)), (r#"{"a": 1}"#, true));
        let other = Arc::new((*text).clone());
        let own = Body::within(&other, raw[0]);
        assert_eq!((own.get(), Arc::ptr_eq(&own.text, &other)), (r#"{"a": 1}"#, false));
    }

    #[test]
    fn a_body_is_written_as_it_was_read() {
        let text = r#"{"b":1.0, "a":"\u00e9"}"#;
        let body: Body = serde_json::from_str(text).expect("JSON");
        assert_eq!((body.get(), serde_json::to_string(&body).expect("JSON").as_str()), (text, text));
    }
}
