//! What comments in a template allow.

use std::{ops::Range, sync::Arc};

use crate::code::{
    InlineWaiver, Place,
    place::Lines,
    waiver::{MARK, read_all},
};

use super::tree::{Form, Tree};

/// The waivers of a template. JSON has no comments, and a `#` within a text is text.
pub(super) fn waivers(file: &Arc<str>, text: &str, tree: &Tree) -> Vec<InlineWaiver> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.contains(MARK) || text.trim_start().starts_with('{') {
        return Vec::new();
    }
    let (mut items, mut texts) = (Vec::new(), Vec::new());
    collect(tree, &mut items, &mut texts);
    let lines = Lines::new(file.clone(), text);
    let comments: Vec<Range<usize>> = comments(text)
        .filter(|span| {
            let place = lines.place(span.clone());
            let at = (place.line, place.column);
            !texts.iter().any(|text| (text.line, text.column) <= at && at < (text.end_line, text.end_column))
        })
        .collect();
    read_all(&lines, &comments, &items)
}

/// The places of everything that has a name or stands in a list, outer before inner, and those of all texts.
fn collect(tree: &Tree, items: &mut Vec<Place>, texts: &mut Vec<Place>) {
    match &tree.form {
        Form::Map(entries) => {
            for entry in entries {
                items.push(entry.whole());
                collect(&entry.value, items, texts);
            }
        }
        Form::List(list) => {
            for item in list {
                items.push(item.place.clone());
                collect(item, items, texts);
            }
        }
        Form::Text(_) => texts.push(tree.place.clone()),
        _ => {}
    }
}

/// What may be a comment: from a `#` that starts a line or follows a space, to the end of the line.
fn comments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let (at, end) = (start, start + line.trim_end().len());
        start += line.len();
        let hash = line
            .match_indices('#')
            .map(|(hash, _)| hash)
            .find(|hash| line.get(..*hash).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t'])))?;
        Some(at + hash..end.max(at + hash))
    })
}
