//! Functions of regular expressions.

use std::{collections::BTreeMap, sync::Arc};

use regex::{Captures, Regex, RegexBuilder};

use crate::code::{ListKind, Node, Value};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "regex" => compiled(arguments, 0).and_then(|pattern| {
            let text = arguments.text(1)?;
            let found = pattern.captures(&text).ok_or_else(|| arguments.fault("found no match"))?;
            Ok(matched(&pattern, &found))
        }),
        "regexall" => compiled(arguments, 0).and_then(|pattern| {
            let text = arguments.text(1)?;
            let all = pattern.captures_iter(&text).map(|found| matched(&pattern, &found)).collect();
            Ok(Value::list(all, ListKind::List).into())
        }),
        "replace" => replace(arguments),
        _ => return None,
    })
}

fn compiled(arguments: &Arguments<'_>, index: usize) -> Result<Regex, crate::code::expression::Fault> {
    build(&arguments.text(index)?).ok_or_else(|| arguments.fault("requires a regular expression"))
}

fn build(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()
}

/// A match as the language gives it: the text, the groups, or the groups by their names.
fn matched(pattern: &Regex, found: &Captures<'_>) -> Node {
    let group = |index: usize| match found.get(index) {
        Some(group) => Node::from(Value::text(group.as_str())),
        None => Node::null(),
    };
    let names: BTreeMap<Arc<str>, Node> = pattern
        .capture_names()
        .enumerate()
        .filter_map(|(index, name)| Some((Arc::from(name?), group(index))))
        .collect();
    if !names.is_empty() {
        return Value::object(names).into();
    }
    if found.len() == 1 { group(0) } else { Value::tuple((1..found.len()).map(group).collect()).into() }
}

fn replace(arguments: &Arguments<'_>) -> Outcome {
    let (text, what, by) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
    let between = what.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let replaced = if let Some(pattern) = between {
        let pattern = build(pattern).ok_or_else(|| arguments.fault("requires a regular expression"))?;
        // What is put in may repeat the whole match by any of its references.
        let (mut length, references) = (text.len(), by.matches('$').count());
        for found in pattern.find_iter(&text) {
            length = length.saturating_add(by.len()).saturating_add(found.len().saturating_mul(references));
            arguments.room_for(length)?;
        }
        pattern.replace_all(&text, &*by).into_owned()
    } else {
        arguments.room_for(text.len().saturating_add(text.matches(&*what).count().saturating_mul(by.len())))?;
        text.replace(&*what, &by)
    };
    Ok(Value::text(replaced).into())
}
