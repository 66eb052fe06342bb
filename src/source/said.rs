//! What services and libraries say when a call fails, as far as it may be repeated.

use std::error::Error;

use crate::snapshot::{WITHHELD, is_credential, looks_like};

/// How much of a service's message is kept.
const MAX_DETAIL: usize = 400;

/// A message up to the first of these marks, without words that look like a credential that somebody sent.
pub(super) fn said(message: &str, marks: &[&str]) -> String {
    let end = marks.iter().filter_map(|mark| message.find(mark)).min();
    let kept = message.get(..end.unwrap_or(message.len())).unwrap_or(message).trim();
    let kept = if looks_like("", kept).is_some() {
        WITHHELD.to_owned()
    } else {
        kept.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    kept.chars().take(MAX_DETAIL).collect()
}

fn word(word: &str) -> &str {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if is_credential(bare) { WITHHELD } else { word }
}

/// Every text of a chain of errors, in lower case. It is searched, and never shown: it may hold what was sent or read.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        text.push_str(&error.to_string().to_lowercase());
        text.push('\n');
        next = error.source();
    }
    text
}
