//! What is wrong with a rule file, and where.

use std::fmt;

/// Something that keeps a rule file, or a file of test cases, from being used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RuleError {
    file: String,
    place: Option<(u32, u32)>,
    line: Option<String>,
    problem: String,
    hint: Option<String>,
}

impl RuleError {
    pub(super) fn new(file: &str, problem: impl Into<String>) -> Self {
        Self { file: plain(file), place: None, line: None, problem: plain(&problem.into()), hint: None }
    }

    pub(super) fn at(mut self, text: &str, line: u32, column: u32) -> Self {
        if line > 0 {
            self.place = Some((line, column.max(1)));
            let shown = text.lines().nth(line as usize - 1).unwrap_or("");
            self.line = Some(plain(shown));
        }
        self
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(plain(&hint.into()));
        self
    }

    pub(crate) fn hinted(self, hint: Option<&str>) -> Self {
        hint.into_iter().fold(self, Self::with_hint)
    }

    /// The file that is at fault, as the reader named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line and the column, both counted from 1, where the fault has a place.
    pub fn place(&self) -> Option<(u32, u32)> {
        self.place
    }

    /// What is wrong, without the place.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What the author may have meant.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The text without what would move a terminal's cursor; as many characters as before.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((line, column)) = self.place else {
            return write!(f, "{}: {}", self.file, self.problem);
        };
        write!(f, "{}:{line}:{column}: {}", self.file, self.problem)?;
        let Some(shown) = &self.line else { return Ok(()) };
        let indent = column as usize - 1;
        // A line of a megabyte is no help to anyone: show what is around the fault.
        let from = indent.saturating_sub(80);
        let around: String = shown.chars().skip(from).take(160).collect();
        let (number, caret) = (line.to_string(), "^");
        let (blank, width) = (" ".repeat(number.len()), indent - from + 1);
        write!(f, "\n {blank} |\n {number} | {}\n {blank} | {caret:>width$}", around.trim_end())
    }
}
