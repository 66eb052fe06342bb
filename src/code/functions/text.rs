//! Functions of texts.

use std::sync::Arc;

use crate::code::{
    ListKind, Node, Value,
    expression::{Fault, as_text, joined},
};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    let one = |change: fn(&str) -> String| arguments.text(0).map(|text| Value::text(change(&text)).into());
    let two = |change: fn(&str, &str) -> Value| {
        arguments.text(0).and_then(|first| Ok(change(&first, &arguments.text(1)?).into()))
    };
    Some(match name {
        "lower" => one(str::to_lowercase),
        "upper" => one(upper),
        "title" => one(title),
        "chomp" => one(|text| text.trim_end_matches(['\r', '\n']).to_owned()),
        "strrev" => one(|text| text.chars().rev().collect()),
        "trimspace" => one(|text| text.trim().to_owned()),
        "trim" => two(|text, set| Value::text(text.trim_matches(|c| set.contains(c)))),
        "trimprefix" => two(|text, start| Value::text(text.strip_prefix(start).unwrap_or(text))),
        "trimsuffix" => two(|text, end| Value::text(text.strip_suffix(end).unwrap_or(text))),
        "startswith" => two(|text, start| Value::Bool(text.starts_with(start))),
        "endswith" => two(|text, end| Value::Bool(text.ends_with(end))),
        "strcontains" => two(|text, part| Value::Bool(text.contains(part))),
        "split" => two(|separator, text| Value::list(split(separator, text), ListKind::List)),
        "join" => join(arguments),
        "indent" => arguments.whole(0).and_then(|spaces| {
            let spaces = usize::try_from(spaces).ok().filter(|spaces| *spaces <= 1000);
            let spaces = spaces.ok_or_else(|| arguments.fault("requires a number of spaces"))?;
            let text = arguments.text(1)?;
            arguments.room_for(text.len().saturating_add(text.matches('\n').count().saturating_mul(spaces)))?;
            Ok(Value::text(text.replace('\n', &format!("\n{}", " ".repeat(spaces)))).into())
        }),
        "substr" => substr(arguments),
        _ => return None,
    })
}

/// Capitals, letter by letter: one that has no single capital stays.
fn upper(text: &str) -> String {
    let capital = |c: char| {
        let mut all = c.to_uppercase();
        all.next().filter(|_| all.next().is_none()).unwrap_or(c)
    };
    text.chars().map(capital).collect()
}

/// A capital at the start of each word; digits and underscores belong to words.
fn title(text: &str) -> String {
    let mut before = ' ';
    let mut titled = String::with_capacity(text.len());
    for c in text.chars() {
        let starts =
            if before.is_ascii() { !before.is_ascii_alphanumeric() && before != '_' } else { before.is_whitespace() };
        if starts {
            titled.extend(c.to_uppercase());
        } else {
            titled.push(c);
        }
        before = c;
    }
    titled
}

fn split(separator: &str, text: &str) -> Vec<Node> {
    let parts: Vec<Arc<str>> = if separator.is_empty() {
        text.chars().map(|c| c.to_string().into()).collect()
    } else {
        text.split(separator).map(Into::into).collect()
    };
    parts.into_iter().map(|part| Value::Text(part).into()).collect()
}

fn join(arguments: &Arguments<'_>) -> Outcome {
    let separator = arguments.node(0)?;
    as_text(separator).map(drop).or_else(|fault| if let Fault::Invalid(_) = fault { Err(fault) } else { Ok(()) })?;
    let mut pieces: Vec<Node> = Vec::new();
    for list in arguments.from(1) {
        for item in arguments.as_list(list)?.iter() {
            if !pieces.is_empty() {
                pieces.push(separator.clone());
            }
            pieces.push(item.clone());
        }
    }
    Ok(joined(pieces))
}

fn substr(arguments: &Arguments<'_>) -> Outcome {
    let (text, offset, length) = (arguments.text(0)?, arguments.whole(1)?, arguments.whole(2)?);
    let count = i128::try_from(text.chars().count()).unwrap_or(i128::MAX);
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let [start, end] = [start, end].map(|at| usize::try_from(at).unwrap_or_default());
    let part: String = text.chars().skip(start).take(end.saturating_sub(start)).collect();
    Ok(Value::text(part).into())
}
