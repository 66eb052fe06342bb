//! Templates as they are written: a tree with the place of every value, whichever spelling it came in.

use std::sync::Arc;

use crate::code::{Number, Place};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) form: Form,
    pub(super) place: Place,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    List(Vec<Tree>),
    /// In the order that it is written.
    Map(Vec<Entry>),
}

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    /// Where the name stands.
    pub(super) at: Place,
    pub(super) value: Tree,
}

impl Entry {
    /// From the name to the end of the value.
    pub(super) fn whole(&self) -> Place {
        let end = &self.value.place;
        Place { end_line: end.end_line, end_column: end.end_column, ..self.at.clone() }
    }
}

/// Two values are the same when they say the same, wherever they stand.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Null, Form::Null) => true,
            (Form::Bool(left), Form::Bool(right)) => left == right,
            (Form::Number(left), Form::Number(right)) => left == right,
            (Form::Text(left), Form::Text(right)) => left == right,
            (Form::List(left), Form::List(right)) => left == right,
            (Form::Map(left), Form::Map(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|entry| right.iter().any(|one| one.name == entry.name && one.value == entry.value))
            }
            _ => false,
        }
    }
}

impl Tree {
    pub(super) fn new(form: Form, place: &Place) -> Self {
        Self { form, place: place.clone() }
    }

    pub(super) fn text(text: impl Into<Arc<str>>, place: &Place) -> Self {
        Self::new(Form::Text(text.into()), place)
    }

    pub(super) fn list(items: Vec<Tree>, place: &Place) -> Self {
        Self::new(Form::List(items), place)
    }

    /// A map; its names stand where the map does.
    pub(super) fn map<N: Into<Arc<str>>>(entries: impl IntoIterator<Item = (N, Tree)>, place: &Place) -> Self {
        let entry = |(name, value): (N, Tree)| Entry { name: name.into(), at: place.clone(), value };
        Self::new(Form::Map(entries.into_iter().map(entry).collect()), place)
    }

    /// `{"Ref": name}`.
    pub(super) fn reference(name: &str, place: &Place) -> Self {
        Self::map([("Ref", Self::text(name, place))], place)
    }

    /// `{"Fn::GetAtt": [name, attribute]}`.
    pub(super) fn attribute(name: &str, attribute: &str, place: &Place) -> Self {
        Self::map(
            [("Fn::GetAtt", Self::list(vec![Self::text(name, place), Self::text(attribute, place)], place))],
            place,
        )
    }

    /// `{"Fn::Sub": text}`.
    pub(super) fn sub(text: impl Into<Arc<str>>, place: &Place) -> Self {
        Self::map([("Fn::Sub", Self::text(text, place))], place)
    }

    pub(super) fn as_text(&self) -> Option<&Arc<str>> {
        if let Form::Text(text) = &self.form { Some(text) } else { None }
    }

    pub(super) fn is_text(&self, text: &str) -> bool {
        self.as_text().is_some_and(|own| &**own == text)
    }

    /// A text, number or truth, as text.
    pub(super) fn scalar(&self) -> Option<Arc<str>> {
        match &self.form {
            Form::Text(text) => Some(text.clone()),
            Form::Number(number) => Some(number.to_string().into()),
            Form::Bool(yes) => Some(if *yes { "true" } else { "false" }.into()),
            _ => None,
        }
    }

    /// Yes or no, in any of the words that YAML 1.1 has for them.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.form {
            Form::Bool(yes) => Some(*yes),
            Form::Text(text) => super::scalar::truth(text),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Tree] {
        if let Form::List(items) = &self.form { items } else { &[] }
    }

    /// The elements of a list, or the one value that stands for a list.
    pub(super) fn one_or_more(&self) -> &[Tree] {
        match &self.form {
            Form::List(items) => items,
            Form::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        if let Form::Map(entries) = &self.form { entries } else { &[] }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.form, Form::Map(_))
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.name == name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Tree> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// The value at the end of a way of names.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Tree> {
        way.iter().try_fold(self, |tree, name| tree.get(name))
    }

    /// Sets what a name stands for; what is no map becomes one.
    pub(super) fn set(&mut self, name: &str, value: Tree) {
        self.change(name, |old| *old = value);
    }

    /// Changes what a name stands for, made where it is absent.
    pub(super) fn change<T>(&mut self, name: &str, change: impl FnOnce(&mut Tree) -> T) -> T {
        let mut value = Tree::new(Form::Null, &self.place);
        let Form::Map(entries) = &mut self.form else {
            let done = change(&mut value);
            self.form = Form::Map(vec![Entry { name: name.into(), at: self.place.clone(), value }]);
            return done;
        };
        if let Some(entry) = entries.iter_mut().find(|entry| &*entry.name == name) {
            return change(&mut entry.value);
        }
        let done = change(&mut value);
        entries.push(Entry { name: name.into(), at: self.place.clone(), value });
        done
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Tree> {
        let Form::Map(entries) = &mut self.form else { return None };
        let at = entries.iter().position(|entry| &*entry.name == name)?;
        Some(entries.remove(at).value)
    }

    /// Adds an element; what is no list becomes one.
    pub(super) fn push(&mut self, item: Tree) {
        match &mut self.form {
            Form::List(items) => items.push(item),
            _ => self.form = Form::List(vec![item]),
        }
    }

    /// The function of a map that is nothing but the call of one: its name and its argument.
    pub(super) fn call(&self) -> Option<(&str, &Tree)> {
        match self.entries() {
            [only] if &*only.name == "Ref" || only.name.starts_with("Fn::") => Some((&only.name, &only.value)),
            _ => None,
        }
    }

    /// The logical id that a `Ref`, or a `GetAtt` of whatever attribute, names.
    pub(super) fn named(&self) -> Option<&str> {
        match self.call()? {
            ("Ref", name) => name.as_text().map(|name| &**name),
            ("Fn::GetAtt", argument) => match &argument.form {
                Form::Text(text) => text.split('.').next(),
                Form::List(items) => items.first()?.as_text().map(|name| &**name),
                _ => None,
            },
            _ => None,
        }
    }
}
