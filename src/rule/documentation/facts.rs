//! The page about facts, from the vocabulary.

use std::fmt::Write;

use crate::facts::vocabulary::{Field, SUBJECTS, Type};

/// `rules/facts.md`: every fact that a rule may read.
pub fn facts_markdown() -> String {
    let mut page = String::from(
        "<!-- Generated: refresh with `UPDATE=1 cargo test --test rules`. -->\n\n# Facts\n\n\
         What a rule can read. `[]` stands for each element of a list, to be named by `for_each`, `exists` or `all`.\n\
         Every fact can be unknown, where it could not be read; a rule needs no words for that, as its verdict is\n\
         `not-evaluated` wherever it depends on such a fact. A fact of type \"… or null\" is null where it is known to be\n\
         absent: compare it with `null` before reading on. `params.NAME` are the rule's own parameters.\n",
    );
    for subject in SUBJECTS {
        let (name, meaning) = (subject.name, subject.meaning);
        let _ = write!(page, "\n## {name}\n\nOne for each subject of the kind: {meaning}.\n\n");
        page.push_str("| fact | type | meaning |\n|---|---|---|\n");
        rows(&mut page, subject.fields, name);
    }
    page
}

fn rows(page: &mut String, fields: &'static [Field], owner: &str) {
    for field in fields {
        let path = format!("{owner}.{}", field.name);
        let _ = writeln!(page, "| `{path}` | {} | {} |", words(field.kind), field.meaning);
        inside(page, field.kind, &path);
    }
}

fn inside(page: &mut String, kind: Type, path: &str) {
    match kind {
        Type::Object(fields) => rows(page, fields, path),
        Type::List(element) => inside(page, *element, &format!("{path}[]")),
        Type::Nullable(inner) => inside(page, *inner, path),
        Type::Bool | Type::Int | Type::Text | Type::Enum(_) => {}
    }
}

fn words(kind: Type) -> String {
    match kind {
        Type::Bool => "yes or no".to_owned(),
        Type::Int => "whole number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Enum(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Type::List(element) => match element {
            Type::Object(_) => "list of facts".to_owned(),
            other => format!("list of {}", words(*other)),
        },
        Type::Object(_) => "facts".to_owned(),
        Type::Nullable(inner) => format!("{}, or null", words(*inner)),
    }
}
