//! The vocabulary: every fact that a rule may read, with its type and its meaning. `rules/facts.md` is generated from it.

mod aws;
mod google;
mod subjects;

pub use subjects::SUBJECTS;

/// The type of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// Any text.
    Text,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Any number of facts of one form. It may be known to be incomplete.
    List(&'static Self),
    /// Named facts.
    Object(&'static [Field]),
    /// The fact, or `null` where it is known to be absent.
    Nullable(&'static Self),
}

/// A named fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in expressions.
    pub name: &'static str,
    /// The type.
    pub kind: Type,
    /// What it means, as a sentence without a full stop.
    pub meaning: &'static str,
}

/// Something that a rule can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The name of the variable in expressions, and the value of a rule's `subject`.
    pub name: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// Its facts.
    pub fields: &'static [Field],
}

/// The subject of that name.
pub fn subject(name: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.name == name)
}

/// The field of that name.
pub fn field(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}
