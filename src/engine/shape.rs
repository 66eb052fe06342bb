//! The vocabulary in a form to walk beside the facts: every fact knows its path, without writing it down anew.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::facts::vocabulary::{Field, SUBJECTS, Type};

/// The form of one fact.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its path in the vocabulary.
    pub(super) path: String,
    pub(super) nullable: bool,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    Word(&'static [&'static str]),
    List(Box<Shape>),
    /// The fields, sorted by name.
    Object(Vec<(&'static str, Shape)>),
}

static SHAPES: LazyLock<BTreeMap<&'static str, Shape>> = LazyLock::new(|| {
    let shape = |name: &'static str, fields| (name, Shape::new(Type::Object(fields), name.to_owned()));
    SUBJECTS.iter().map(|subject| shape(subject.name, subject.fields)).collect()
});

/// The form of the documents about a subject.
pub(super) fn of(subject: &str) -> Option<&'static Shape> {
    SHAPES.get(subject)
}

impl Shape {
    fn new(kind: Type, path: String) -> Self {
        let (kind, nullable) = match kind {
            Type::Nullable(inner) => (*inner, true),
            other => (other, false),
        };
        let kind = match kind {
            Type::Bool => Kind::Bool,
            Type::Int => Kind::Int,
            Type::Text | Type::Nullable(_) => Kind::Text,
            Type::Enum(words) => Kind::Word(words),
            Type::List(element) => Kind::List(Box::new(Self::new(*element, format!("{path}[]")))),
            Type::Object(fields) => Kind::Object(Self::fields(fields, &path)),
        };
        Self { path, nullable, kind }
    }

    fn fields(fields: &'static [Field], path: &str) -> Vec<(&'static str, Self)> {
        let shape = |field: &Field| (field.name, Self::new(field.kind, format!("{path}.{}", field.name)));
        let mut shapes: Vec<_> = fields.iter().map(shape).collect();
        shapes.sort_by_key(|(name, _)| *name);
        shapes
    }
}
