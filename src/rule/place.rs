//! From a fault inside a YAML value to a line and a column of the file.

use serde_saphyr::{Location, Spanned};

use super::{RuleError, expression::Fault};

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Page<'_> {
    /// A fault of the file as a whole.
    pub(crate) fn error(&self, problem: impl Into<String>) -> RuleError {
        RuleError::new(self.file, problem)
    }

    /// A fault of the value that starts there.
    pub(crate) fn error_at(&self, location: Location, problem: impl Into<String>) -> RuleError {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        self.error(problem).at(self.text, number(location.line()), number(location.column()))
    }

    /// A fault that the YAML reader found.
    pub(crate) fn yaml(&self, error: &serde_saphyr::Error) -> RuleError {
        let shown = error.without_snippet().to_string();
        let problem = shown.lines().next().unwrap_or("this is not valid YAML").to_owned();
        let problem = problem.split(" at line ").next().unwrap_or(&problem).trim_end_matches(['.', ',']).to_owned();
        match error.location() {
            Some(location) => self.error_at(location, problem),
            None => self.error(problem),
        }
    }

    /// A fault inside a text, at an offset that counts the characters of the value.
    pub(super) fn error_in(&self, value: &Spanned<String>, fault: Fault) -> RuleError {
        let location = value.referenced;
        let place = fault.at.and_then(|offset| self.follow(value, offset));
        let error = match place {
            Some((line, column)) => self.error(fault.problem).at(self.text, line, column),
            None => self.error_at(location, fault.problem),
        };
        match fault.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// Walks the file and the value side by side. Folding changes white space only, so that everything else lines up;
    /// where it does not (an escape in a quoted text), there is no exact place.
    fn follow(&self, value: &Spanned<String>, offset: usize) -> Option<(u32, u32)> {
        let line = usize::try_from(value.referenced.line()).ok()?.checked_sub(1)?;
        let column = usize::try_from(value.referenced.column()).ok()?.checked_sub(1)?;
        let mut raw = self
            .text
            .lines()
            .enumerate()
            .skip(line)
            .flat_map(|(number, text)| text.chars().enumerate().map(move |(column, c)| (number, column, c)))
            .skip(column)
            .filter(|(_, _, c)| !c.is_whitespace())
            .peekable();
        let mut wanted = value.value.chars().enumerate().filter(|(_, c)| !c.is_whitespace()).peekable();
        let (_, first) = *wanted.peek()?;
        // The sign of a block or a quote comes before the text itself.
        while raw.next_if(|&(_, _, c)| c != first && matches!(c, '>' | '|' | '-' | '+' | '"' | '\'')).is_some() {}
        let mut last = None;
        for (at, c) in wanted {
            let (line, column, found) = raw.next()?;
            if found != c {
                return None;
            }
            last = Some((u32::try_from(line).ok()? + 1, u32::try_from(column).ok()? + 1));
            if at >= offset {
                break;
            }
        }
        last
    }
}
