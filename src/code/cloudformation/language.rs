//! `AWS::LanguageExtensions`: loops, which are written out before anything else is read.

use std::sync::Arc;

use crate::{
    code::{Node, Value},
    evidence::GapReason,
};

use super::{
    parameters,
    sections::{Section, Sections},
    stack::Stack,
    tree::{Entry, Form, Tree},
};

/// The name that templates ask for loops by.
pub(super) const TRANSFORM: &str = "AWS::LanguageExtensions";
const LOOP: &str = "Fn::ForEach::";
/// How many entries loops may come to.
const MOST: usize = 4_000;

/// Writes out every loop of a template.
pub(super) fn expand(stack: &mut Stack<'_>) {
    if !stack.sections.asks_for(TRANSFORM) {
        return;
    }
    let sections = &stack.sections;
    let mut left = MOST;
    let mut of = |section: &Section| -> Section {
        let entries: Vec<Entry> = section.values().cloned().collect();
        let expanded = entries_of(stack, entries, &mut left);
        expanded.into_iter().map(|entry| (entry.name.clone(), entry)).collect()
    };
    let expanded = Sections {
        conditions: of(&sections.conditions),
        resources: of(&sections.resources),
        outputs: of(&sections.outputs),
        whole: sections.whole.clone(),
        transforms: sections.transforms.clone(),
        parameters: sections.parameters.clone(),
        mappings: sections.mappings.clone(),
    };
    stack.sections = expanded;
}

/// The entries of a map, with those that are loops written out.
fn entries_of(stack: &Stack<'_>, entries: Vec<Entry>, left: &mut usize) -> Vec<Entry> {
    let mut found = Vec::new();
    for mut entry in entries {
        if entry.name.starts_with(LOOP) {
            found.extend(written_out(stack, &entry, left));
        } else {
            within(stack, &mut entry.value, left);
            found.push(entry);
        }
    }
    found
}

fn within(stack: &Stack<'_>, tree: &mut Tree, left: &mut usize) {
    match &mut tree.form {
        Form::List(items) => items.iter_mut().for_each(|item| within(stack, item, left)),
        Form::Map(entries) => *entries = entries_of(stack, std::mem::take(entries), left),
        _ => {}
    }
}

fn written_out(stack: &Stack<'_>, entry: &Entry, left: &mut usize) -> Vec<Entry> {
    let what = format!("{} {}", stack.file, entry.name);
    let [identifier, collection, body] = entry.value.items() else {
        stack.note(GapReason::Malformed, what, "a loop of anything but a name, a list and a map", &entry.at);
        return Vec::new();
    };
    let Some(identifier) = identifier.as_text() else {
        stack.note(GapReason::Malformed, what, "a loop whose name is no text", &entry.at);
        return Vec::new();
    };
    let Some(values) = values(stack, collection) else {
        stack.note(GapReason::UnknownValue, what, "nobody knows what the loop goes over", &collection.place);
        return Vec::new();
    };
    let mut found = Vec::new();
    for value in values {
        let length = body.entries().iter().map(|entry| grown(entry, identifier, &value)).fold(0, usize::saturating_add);
        *left = left.saturating_sub(body.entries().len()).saturating_sub(length / 256);
        if *left == 0 {
            stack.note(GapReason::Limit, what, "loops come to more than is followed", &entry.at);
            return found;
        }
        let own: Vec<Entry> = body.entries().iter().map(|entry| bound_entry(entry, identifier, &value)).collect();
        found.extend(entries_of(stack, own, left));
    }
    found
}

/// What a loop goes over, where it is known.
fn values(stack: &Stack<'_>, collection: &Tree) -> Option<Vec<Arc<str>>> {
    let node: Node = stack.value(collection);
    let Value::List(items) = &node.value else { return None };
    let mut values = Vec::new();
    for item in items.iter() {
        match &item.value {
            Value::List(inner) => {
                for item in inner.iter() {
                    values.push(parameters::literal(item)?);
                }
            }
            _ => values.push(parameters::literal(item)?),
        }
    }
    Some(values)
}

/// How much longer an entry gets by what a loop binds.
fn grown(entry: &Entry, identifier: &str, value: &str) -> usize {
    let longer = |text: &str| text.matches(&format!("{{{identifier}}}")).count().saturating_mul(value.len());
    let mut length = longer(&entry.name);
    let mut todo = vec![&entry.value];
    while let Some(tree) = todo.pop() {
        match &tree.form {
            Form::Text(text) => length = length.saturating_add(longer(text)),
            Form::List(items) => todo.extend(items),
            Form::Map(entries) => {
                for entry in entries {
                    length = length.saturating_add(longer(&entry.name));
                    todo.push(&entry.value);
                }
            }
            _ => {}
        }
    }
    length
}

fn bound_entry(entry: &Entry, identifier: &str, value: &str) -> Entry {
    Entry {
        name: replaced(&entry.name, identifier, value).into(),
        at: entry.at.clone(),
        value: bound(&entry.value, identifier, value),
    }
}

/// A tree with what a loop binds in place of its name.
fn bound(tree: &Tree, identifier: &str, value: &str) -> Tree {
    if let Some(("Ref", name)) = tree.call()
        && name.is_text(identifier)
    {
        return Tree::text(value, &tree.place);
    }
    let form = match &tree.form {
        Form::Text(text) => Form::Text(replaced(text, identifier, value).into()),
        Form::List(items) => Form::List(items.iter().map(|item| bound(item, identifier, value)).collect()),
        Form::Map(entries) => Form::Map(entries.iter().map(|entry| bound_entry(entry, identifier, value)).collect()),
        other => other.clone(),
    };
    Tree { form, place: tree.place.clone() }
}

fn replaced(text: &str, identifier: &str, value: &str) -> String {
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{identifier}}}"), value).replace(&format!("&{{{identifier}}}"), &letters)
}
