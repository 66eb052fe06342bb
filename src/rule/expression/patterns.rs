//! The patterns of `matches`, compiled once when the rule is loaded: the language's own would compile one at every call.

use std::{collections::BTreeMap, sync::Arc};

use regex::{Regex, RegexBuilder};

/// The longest pattern.
const LENGTH: usize = 512;
/// The most memory a compiled pattern may take.
const SIZE: usize = 1 << 20;

/// The compiled patterns of a rule, by their source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patterns(Arc<BTreeMap<String, Regex>>);

impl Patterns {
    /// Compiles a pattern, unless it is there already.
    pub(super) fn add(&mut self, source: &str) -> Result<(), String> {
        if source.chars().count() > LENGTH {
            return Err(format!("a pattern may have {LENGTH} characters at most"));
        }
        if self.0.contains_key(source) {
            return Ok(());
        }
        let compiled = RegexBuilder::new(source).size_limit(SIZE).build().map_err(|error| {
            let last = error.to_string();
            let reason = last.lines().last().unwrap_or("it is too big").trim_start_matches("error: ").to_owned();
            format!("this is not a pattern that can be used: {reason}")
        })?;
        Arc::make_mut(&mut self.0).insert(source.to_owned(), compiled);
        Ok(())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the text has a match for a pattern; nothing for a pattern that was not compiled.
    pub(crate) fn is_match(&self, source: &str, text: &str) -> Option<bool> {
        self.0.get(source).map(|pattern| pattern.is_match(text))
    }
}
