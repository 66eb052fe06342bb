//! The names that an expression may use, and what each part of one turns out to be.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    facts::vocabulary::{Field, Subject, Type},
    rule::{Param, Scalar},
};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound<'a> {
    /// Named facts.
    Object(&'static [Field]),
    /// The rule's parameters.
    Params(&'a BTreeMap<String, Param>),
}

/// The names in reach.
#[derive(Debug, Clone)]
pub(in crate::rule) struct Scope<'a> {
    /// Name, meaning, and the path of the vocabulary it stands for.
    pub(super) names: Vec<(String, Bound<'a>, String)>,
    /// The facts, as written, that a condition elsewhere proves not to be null.
    pub(super) present: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    /// The subject, and the parameters where there are any.
    pub(in crate::rule) fn new(subject: &'static Subject, params: &'a BTreeMap<String, Param>) -> Self {
        let mut names = vec![(subject.name.to_owned(), Bound::Object(subject.fields), subject.name.to_owned())];
        if !params.is_empty() {
            names.push(("params".to_owned(), Bound::Params(params), "params".to_owned()));
        }
        Self { names, present: BTreeSet::new() }
    }

    /// The same names and one more: an element of a list.
    #[must_use]
    pub(in crate::rule) fn with(&self, name: &str, fields: &'static [Field], path: &str) -> Self {
        let mut more = self.clone();
        more.names.push((name.to_owned(), Bound::Object(fields), path.to_owned()));
        more
    }

    /// The same names, where those facts are known not to be null.
    #[must_use]
    pub(in crate::rule) fn knowing(&self, present: &BTreeSet<String>) -> Self {
        let mut more = self.clone();
        more.present.extend(present.iter().cloned());
        more
    }

    pub(super) fn find(&self, name: &str) -> Option<(Bound<'a>, &str)> {
        self.names.iter().find(|(known, ..)| known == name).map(|(_, bound, path)| (*bound, path.as_str()))
    }

    /// Whether the name is taken.
    pub(in crate::rule) fn has(&self, name: &str) -> bool {
        name == "params" || self.find(name).is_some()
    }
}

/// What kind of value an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rule) enum Kind {
    Bool,
    Int,
    Text,
    Enum(&'static [&'static str]),
    List(&'static Type),
    Object(&'static [Field]),
    Params,
    Null,
}

impl Kind {
    /// The kind, and whether it may be null.
    pub(super) fn of(kind: Type) -> (Self, bool) {
        match kind {
            Type::Bool => (Self::Bool, false),
            Type::Int => (Self::Int, false),
            Type::Text => (Self::Text, false),
            Type::Enum(words) => (Self::Enum(words), false),
            Type::List(element) => (Self::List(element), false),
            Type::Object(fields) => (Self::Object(fields), false),
            Type::Nullable(inner) => (Self::of(*inner).0, true),
        }
    }

    pub(super) fn of_scalar(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Bool(_) => Self::Bool,
            Scalar::Int(_) => Self::Int,
            Scalar::Text(_) => Self::Text,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Bool => "yes or no",
            Self::Int => "a whole number",
            Self::Text => "text",
            Self::Enum(_) => "one of a few words",
            Self::List(_) => "a list",
            Self::Object(_) | Self::Params => "a group of facts",
            Self::Null => "null",
        }
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Enum(_))
    }
}

/// What a part of an expression turns out to be.
#[derive(Debug, Clone)]
pub(in crate::rule) struct Meaning {
    pub(in crate::rule) kind: Kind,
    /// Whether the vocabulary says that it may be null.
    pub(super) nullable: bool,
    /// The fact as written and as the vocabulary names it, where it is one.
    pub(super) fact: Option<(String, String)>,
    /// The text, where it is a literal.
    pub(super) literal: Option<String>,
    pub(in crate::rule) proof: Proof,
}

impl Meaning {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, nullable: false, fact: None, literal: None, proof: Proof::default() }
    }

    /// Whether it may be null.
    pub(in crate::rule) fn may_be_null(&self) -> bool {
        self.nullable || self.kind == Kind::Null
    }

    pub(super) fn proving(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }
}

/// The facts, as written, that are not null whenever a condition is true, and whenever it is false.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::rule) struct Proof {
    pub(in crate::rule) when_true: BTreeSet<String>,
    pub(in crate::rule) when_false: BTreeSet<String>,
}

impl Proof {
    pub(super) fn not(self) -> Self {
        Self { when_true: self.when_false, when_false: self.when_true }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self { when_true: &self.when_true | &other.when_true, when_false: &self.when_false & &other.when_false }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self { when_true: &self.when_true & &other.when_true, when_false: &self.when_false | &other.when_false }
    }
}
