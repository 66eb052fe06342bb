//! Writes what a transform makes, all of it at the place of what it is made for.

use std::{fmt::Write as _, sync::Arc};

use sha1::{Digest as _, Sha1};

use crate::code::Place;

use super::{Form, Tree};

/// Writes values at a place.
#[derive(Clone, Copy)]
pub(super) struct Pen<'a>(pub(super) &'a Place);

impl Pen<'_> {
    pub(super) fn text(self, text: impl Into<Arc<str>>) -> Tree {
        Tree::text(text, self.0)
    }

    pub(super) fn bool(self, yes: bool) -> Tree {
        Tree::new(Form::Bool(yes), self.0)
    }

    pub(super) fn list(self, items: impl IntoIterator<Item = Tree>) -> Tree {
        Tree::list(items.into_iter().collect(), self.0)
    }

    pub(super) fn map<'n>(self, entries: impl IntoIterator<Item = (&'n str, Tree)>) -> Tree {
        Tree::map(entries, self.0)
    }

    pub(super) fn reference(self, name: &str) -> Tree {
        Tree::reference(name, self.0)
    }

    pub(super) fn attribute(self, name: &str, attribute: &str) -> Tree {
        Tree::attribute(name, attribute, self.0)
    }

    pub(super) fn sub(self, text: impl Into<Arc<str>>) -> Tree {
        Tree::sub(text, self.0)
    }

    /// `{"Fn::Sub": [text, values]}`.
    pub(super) fn sub_of<'n>(self, text: &str, values: impl IntoIterator<Item = (&'n str, Tree)>) -> Tree {
        self.map([("Fn::Sub", self.list([self.text(text), self.map(values)]))])
    }

    /// `{"Fn::If": [condition, then, otherwise]}`.
    pub(super) fn choice(self, condition: &str, then: Tree, otherwise: Tree) -> Tree {
        self.map([("Fn::If", self.list([self.text(condition), then, otherwise]))])
    }

    /// A document of JSON as it is.
    pub(super) fn json(self, json: &serde_json::Value) -> Tree {
        match json {
            serde_json::Value::Null => Tree::new(Form::Null, self.0),
            serde_json::Value::Bool(yes) => self.bool(*yes),
            serde_json::Value::Number(number) => Tree::new(super::super::scalar::plain(&number.to_string()), self.0),
            serde_json::Value::String(text) => self.text(text.as_str()),
            serde_json::Value::Array(items) => self.list(items.iter().map(|item| self.json(item))),
            serde_json::Value::Object(entries) => {
                self.map(entries.iter().map(|(name, value)| (name.as_str(), self.json(value))))
            }
        }
    }

    /// A document that lets services take on a role.
    pub(super) fn trust(self, service: &str) -> Tree {
        self.json(&serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}],
        }))
    }

    /// A policy of a role that allows an action on a resource.
    pub(super) fn grant(self, name: &str, action: &str, resource: Tree) -> Tree {
        let statement = [("Action", self.text(action)), ("Effect", self.text("Allow")), ("Resource", resource)];
        let document = self.map([("Statement", self.list([self.map(statement)]))]);
        self.map([("PolicyName", self.text(name)), ("PolicyDocument", document)])
    }
}

/// The name of something that is made for data: the prefix, and the beginning of a hash of what is not plain.
pub(super) fn hashed(prefix: &str, data: &str) -> String {
    if data.is_empty() {
        return prefix.to_owned();
    }
    let hash = Sha1::digest(data.as_bytes());
    let digits = hash.iter().take(5).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    format!("{prefix}{digits}")
}

/// A value as SAM writes it before it hashes it: a text as it is, all else as JSON without spaces and in order.
pub(super) fn hashable(tree: &Tree) -> String {
    match &tree.form {
        Form::Text(text) => text.to_string(),
        _ => sorted(tree),
    }
}

fn sorted(tree: &Tree) -> String {
    match &tree.form {
        Form::Null => "null".into(),
        Form::Bool(yes) => yes.to_string(),
        Form::Number(number) => number.to_string(),
        Form::Text(text) => quoted(text),
        Form::List(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        Form::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|left, right| left.name.cmp(&right.name));
            let entry = |entry: &&super::Entry| format!("{}:{}", quoted(&entry.name), sorted(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

/// A text in quotes, with nothing but ASCII in it.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.chars().fold(String::new(), |mut quoted, character| {
        if character.is_ascii() {
            quoted.push(character);
        } else {
            let mut units = [0_u16; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(quoted, "\\u{unit:04x}");
            }
        }
        quoted
    })
}
