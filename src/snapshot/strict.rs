//! Refuses JSON that a lenient reader would misread: the same key twice, nesting without end, more than there is room for.
//!
//! A reader that takes the last of two equal keys can be made to see `Allow` where another sees `Deny`.

use std::{borrow::Cow, cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep objects and lists may nest.
pub const MAX_DEPTH: usize = 64;

/// How much memory a document may come to once it is read, in bytes: a text of small objects takes ninety times its length.
const MAX_MEMORY: usize = 2 << 30;
/// How many times its length a larger one may come to: what clouds answer takes six times its own.
const TIMES: usize = 12;
/// What a value takes in a tree, in bytes, besides what it holds.
const VALUE: usize = 32;
/// What the names of an object take, in bytes: they are kept by the dozen.
const NAMES: usize = 640;
/// How many names are kept together, of those that there is room for.
const TOGETHER: usize = 6;

/// Why a text is not acceptable JSON, with its place.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct StrictError {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl From<serde_json::Error> for StrictError {
    fn from(error: serde_json::Error) -> Self {
        let full = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = full.strip_suffix(&place).map_or_else(|| full.clone(), str::to_owned);
        Self { line: error.line(), column: error.column(), message }
    }
}

/// Reads the whole text without keeping it and answers whether it is well formed, without repeated keys, no deeper than
/// [`MAX_DEPTH`], and of a size that there is room for.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn check(text: &str) -> Result<(), StrictError> {
    check_within(text, usize::MAX, room_for(text.len()))
}

/// The same, of a text that may hold so many values at most.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn check_values(text: &str, most: usize) -> Result<(), StrictError> {
    check_within(text, most, room_for(text.len()))
}

/// How much memory a text of so many bytes may come to.
pub(super) fn room_for(length: usize) -> usize {
    MAX_MEMORY.max(length.saturating_mul(TIMES))
}

/// What is said of a text that comes to more.
pub(super) fn too_much(room: usize) -> String {
    format!("up to here it comes to more than {} MiB in memory", room >> 20)
}

/// What a part of a document comes to in memory, in bytes, where it is as deep in it and is a document of its own.
///
/// # Errors
/// The first thing that is wrong, with its place in the part; and that it comes to more than `room`.
pub(super) fn memory_of(text: &str, depth: usize, room: usize) -> Result<usize, StrictError> {
    measure(text, depth, &Room { values: Cell::new(0), most: usize::MAX, memory: Cell::new(0), all: room })
}

fn check_within(text: &str, values: usize, memory: usize) -> Result<(), StrictError> {
    let room = Room { values: Cell::new(0), most: values, memory: Cell::new(0), all: memory };
    measure(text, 0, &room).map(|_| ())
}

fn measure(text: &str, depth: usize, room: &Room) -> Result<usize, StrictError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Strict { depth, room }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(room.memory.get())
}

/// What the values of a text come to.
struct Room {
    values: Cell<usize>,
    most: usize,
    memory: Cell<usize>,
    all: usize,
}

impl Room {
    fn take<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        self.memory.set(self.memory.get().saturating_add(bytes));
        if self.memory.get() > self.all {
            return Err(E::custom(too_much(self.all)));
        }
        Ok(())
    }

    fn value<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        self.values.set(self.values.get().saturating_add(1));
        if self.values.get() > self.most {
            return Err(E::custom(format!("more than {} values", self.most)));
        }
        self.take(VALUE.saturating_add(bytes))
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    room: &'a Room,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.room.value(0)?;
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.room.value(0)
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.room.value(0)
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.room.value(0)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.room.value(0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.room.value(text.len())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.room.value(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = Keys::default();
        while let Some(key) = object.next_key_seed(Key)? {
            self.room.take(key.len())?;
            if seen.len() % TOGETHER == 0 {
                self.room.take(NAMES)?;
            }
            if let Some(key) = seen.insert(key) {
                return Err(serde::de::Error::custom(format!("the key `{key}` stands twice in one object")));
            }
            object.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// The keys of an object. Most have a few, which are found faster by looking at each.
#[derive(Default)]
struct Keys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Keys<'de> {
    const FEW: usize = 16;

    fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    /// Takes a key in, and gives it back where it is there already.
    fn insert(&mut self, key: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.few.contains(&key) || self.many.contains(&key) {
            return Some(key);
        }
        if self.few.len() < Self::FEW {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        None
    }
}

/// A key, as it stands in the text where nothing in it is escaped.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_refused_however_it_is_spelled() {
        let error = check("{\n \"Effect\": \"Deny\",\n \"\\u0045ffect\": \"Allow\"}").expect_err("two keys");
        assert_eq!((error.line, error.message.as_str()), (3, "the key `Effect` stands twice in one object"));
    }

    #[test]
    fn nesting_is_refused_past_the_cap_and_taken_up_to_it() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(check(&nested(MAX_DEPTH)).is_ok());
        assert!(check(&nested(MAX_DEPTH + 1)).is_err());
        assert!(check(&nested(100_000)).is_err());
    }

    #[test]
    fn a_document_that_would_fill_the_memory_is_refused_before_it_is_kept() {
        let objects = format!("[{}0]", "{\"a\":0},".repeat(1_000));
        assert!(check_within(&objects, usize::MAX, 1 << 20).is_ok());
        let error = check_within(&objects, usize::MAX, 1 << 19).expect_err("ninety times its length");
        assert_eq!(error.message, "up to here it comes to more than 0 MiB in memory");
        assert!(check_values("[1,2,3]", 4).is_ok());
        assert_eq!(check_values("[1,2,3]", 3).expect_err("four").message, "more than 3 values");
    }

    #[test]
    fn text_after_the_document_is_refused() {
        assert!(check("{} {}").is_err());
    }
}
