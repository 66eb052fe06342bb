//! Reads a template from JSON, strictly, and keeps the places.

use std::sync::Arc;

use crate::{
    code::{
        place::Lines,
        syntax::{Form as Json, Json as Spanned, scan},
    },
    snapshot::check_values,
};

use super::{
    MOST_VALUES, Refusal,
    tree::{Entry, Form, Tree},
};

/// Reads one JSON object.
pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Tree, Refusal> {
    check_values(text, MOST_VALUES).map_err(|error| Refusal::json(file, error))?;
    let lines = Lines::new(file.clone(), text);
    Ok(tree(scan(text), &lines))
}

fn tree(json: Spanned, lines: &Lines<'_>) -> Tree {
    let place = lines.place(json.span);
    let form = match json.value {
        Json::Null => Form::Null,
        Json::Bool(yes) => Form::Bool(yes),
        Json::Number(number) => super::scalar::plain(&number),
        Json::Text(text) => Form::Text(text.into()),
        Json::List(items) => Form::List(items.into_iter().map(|item| tree(item, lines)).collect()),
        Json::Object(entries) => Form::Map(
            entries
                .into_iter()
                .map(|(name, at, value)| Entry { name: name.into(), at: lines.place(at), value: tree(value, lines) })
                .collect(),
        ),
    };
    Tree { form, place }
}
