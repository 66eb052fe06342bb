//! Where in a file something stands.

use std::sync::Arc;

use crate::evidence::Origin;

/// A stretch of a file, from its first character to just behind its last; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, relative to the folder that was scanned, with `/` between its parts.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
    /// The line of its end.
    pub end_line: u32,
    /// The column of its end.
    pub end_column: u32,
}

impl Place {
    /// The place as records of a snapshot keep it.
    pub fn origin(&self) -> Origin {
        Origin { file: self.file.to_string(), line: self.line, column: self.column }
    }

    /// The very beginning of a file.
    pub fn start_of(file: &Arc<str>) -> Self {
        Self { file: file.clone(), line: 1, column: 1, end_line: 1, end_column: 1 }
    }
}

/// Turns byte offsets of one text into lines and columns.
pub(super) struct Lines<'a> {
    file: Arc<str>,
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters there are before every so many bytes: a line may be as long as the file.
    counts: Vec<usize>,
}

/// How many bytes lie between two counts of characters.
const STRIDE: usize = 1024;

/// How many characters begin in some bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

impl<'a> Lines<'a> {
    pub(super) fn new(file: Arc<str>, text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut counts = vec![0];
        for chunk in text.as_bytes().chunks(STRIDE) {
            counts.push(counts.last().copied().unwrap_or(0) + characters(chunk));
        }
        Self { file, text, starts, counts }
    }

    /// How many characters there are from one place to a later one.
    fn characters(&self, from: usize, to: usize) -> usize {
        let counted = |from, to| characters(self.text.as_bytes().get(from..to).unwrap_or_default());
        // Most lines are short: what they hold is counted, and only of a long one looked up.
        if to.saturating_sub(from) <= STRIDE {
            return counted(from, to);
        }
        let before = |offset: usize| {
            let whole = offset / STRIDE;
            self.counts.get(whole).copied().unwrap_or(0) + counted(whole * STRIDE, offset)
        };
        before(to) - before(from)
    }

    pub(super) fn place(&self, span: std::ops::Range<usize>) -> Place {
        let (line, column) = self.at(span.start);
        let (end_line, end_column) = self.at(span.end);
        Place { file: self.file.clone(), line, column, end_line, end_column }
    }

    /// The text of a stretch.
    pub(super) fn written(&self, span: std::ops::Range<usize>) -> Option<&'a str> {
        self.text.get(span)
    }

    fn at(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0);
        let column = self.characters(start, offset);
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column + 1).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let lines = Lines::new("a.tf".into(), "é = 1\nzwei = 2\n");
        let place = lines.place(5..6);
        assert_eq!((place.line, place.column), (1, 5));
        let place = lines.place(14..15);
        assert_eq!((place.line, place.column, place.end_column), (2, 8, 9));
    }

    #[test]
    fn columns_of_a_line_as_long_as_a_file_are_looked_up_and_are_the_same() {
        let line: String = "aé≤𝄞".chars().cycle().take(5000).collect();
        let text = format!("{line}\n{line}");
        let lines = Lines::new("a.tf".into(), &text);
        for (before, (at, _)) in line.char_indices().enumerate() {
            let (first, second) = (lines.at(at), lines.at(line.len() + 1 + at));
            let column = u32::try_from(before + 1).expect("a short line");
            assert_eq!((first, second), ((1, column), (2, column)));
        }
    }
}
