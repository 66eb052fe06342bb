//! A snapshot in the layout of [`write`](super::write), cut into pieces while it is read: what comes before the records, and
//! then some of their lines at a time. Nobody holds more of a file than what is being read of it and what its records keep.

use std::{
    io::{self, BufRead, Read as _},
    mem,
    sync::Arc,
};

use super::{MAX_BYTES, StrictError};

/// About how long a piece is, in bytes.
pub(super) const PIECE: usize = 1 << 20;

/// The longest record that is cut out of a text, in bytes.
const MAX_RECORD: usize = 8 << 20;

/// How the line begins after which records come.
const RECORDS: &[u8] = b"\"records\":[";
/// Where a piece may end: between two records.
const CUT: &[u8] = b",\n";

/// Why there is no next piece.
#[derive(Debug)]
pub(super) enum Fault {
    /// It could not be read.
    Read(io::Error),
    /// It has no list of records that begins at a line of its own.
    Layout,
    /// It is not what it should be.
    Odd(StrictError),
}

impl Fault {
    /// Something that is wrong from a line on, counted from 1.
    pub(super) fn odd(line: usize, message: &str) -> Self {
        Self::Odd(StrictError { line, column: 1, message: message.into() })
    }
}

/// Whole lines of a text.
#[derive(Debug)]
pub(super) struct Piece {
    /// What they say.
    pub text: Arc<String>,
    /// The number of the first, counted from 1.
    pub line: usize,
    /// Whether the text ends with them.
    pub is_last: bool,
}

/// A text that is being read.
pub(super) struct Pieces<R> {
    reader: R,
    length: usize,
    rest: Vec<u8>,
    line: usize,
    is_over: bool,
}

impl<R: BufRead> Pieces<R> {
    /// A text in pieces of about so many bytes.
    pub(super) fn new(reader: R, length: usize) -> Self {
        Self { reader, length, rest: Vec::new(), line: 1, is_over: false }
    }

    /// All up to the first record; to be asked for before any piece.
    pub(super) fn head(&mut self) -> Result<String, Fault> {
        let mut head = Vec::new();
        loop {
            let from = head.len();
            let most = MAX_BYTES.saturating_sub(from as u64);
            let read = self.reader.by_ref().take(most).read_until(b'\n', &mut head).map_err(Fault::Read)?;
            if read == 0 {
                return Err(Fault::Layout);
            }
            let line = head.get(from..).unwrap_or_default();
            if from > 0 && line.starts_with(RECORDS) {
                self.rest = head.split_off(from + RECORDS.len());
                return self.text(head);
            }
            self.line += 1;
        }
    }

    fn text(&self, bytes: Vec<u8>) -> Result<String, Fault> {
        String::from_utf8(bytes).map_err(|_| Fault::odd(self.line, "it is not UTF-8 text"))
    }

    fn piece(&mut self) -> Result<Piece, Fault> {
        let mut searched = 0;
        let bytes = loop {
            self.rest.reserve(self.length);
            let more =
                self.reader.by_ref().take(self.length as u64).read_to_end(&mut self.rest).map_err(Fault::Read)?;
            if more == 0 {
                self.is_over = true;
                break mem::take(&mut self.rest);
            }
            let fresh = self.rest.get(searched..).unwrap_or_default();
            if let Some(cut) = fresh.windows(CUT.len()).rposition(|signs| signs == CUT) {
                let next = self.rest.split_off(searched + cut + CUT.len());
                break mem::replace(&mut self.rest, next);
            }
            if self.rest.len() > MAX_RECORD {
                return Err(Fault::odd(self.line, "a record is longer than 8 MiB"));
            }
            searched = self.rest.len().saturating_sub(1);
        };
        let text = self.text(bytes)?;
        let line = self.line;
        self.line += text.matches('\n').count();
        Ok(Piece { text: Arc::new(text), line, is_last: self.is_over })
    }
}

impl<R: BufRead> Iterator for Pieces<R> {
    type Item = Result<Piece, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let piece = self.piece();
        self.is_over |= piece.is_err();
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"schema\":\"s\",\n\"records\":[\n{\"id\":1},\n{\"id\":2},\n\n{\"id\":3}]\n}\n";

    fn cut(text: &str, length: usize) -> (String, Vec<(usize, String, bool)>) {
        let mut pieces = Pieces::new(text.as_bytes(), length);
        let head = pieces.head().expect("a list of records");
        let pieces = pieces.map(|piece| piece.expect("a piece"));
        (head, pieces.map(|it| (it.line, it.text.as_str().to_owned(), it.is_last)).collect())
    }

    #[test]
    fn pieces_are_whole_records_however_long_they_are() {
        for length in 1..TEXT.len() + 2 {
            let (head, pieces) = cut(TEXT, length);
            assert_eq!(head, "{\"schema\":\"s\",\n\"records\":[");
            assert_eq!(head + &pieces.iter().map(|(_, text, _)| text.as_str()).collect::<String>(), TEXT);
            let (last, others) = pieces.split_last().expect("an end");
            assert!(last.2 && others.iter().all(|(_, text, is_last)| !is_last && text.ends_with(",\n")), "{length}");
            // The first begins in the line of the list.
            let mut line = 2;
            for (own, text, _) in &pieces {
                assert_eq!(*own, line, "{length}");
                line += text.matches('\n').count();
            }
        }
    }

    #[test]
    fn a_text_without_a_list_of_records_at_a_line_of_its_own_has_no_pieces() {
        for text in ["", "{\"records\":[]}", "\"records\":[\n", "{\n \"records\":[\n", "\n"] {
            assert!(matches!(Pieces::new(text.as_bytes(), 8).head(), Err(Fault::Layout)), "{text}");
        }
    }

    #[test]
    fn what_is_longer_than_a_record_may_be_is_not_gathered() {
        let text = format!("{{\n\"records\":[\n{}", " ".repeat(MAX_RECORD + 2 * PIECE));
        let mut pieces = Pieces::new(text.as_bytes(), PIECE);
        pieces.head().expect("a list of records");
        assert!(matches!(pieces.next(), Some(Err(Fault::Odd(StrictError { line: 2, .. })))));
        assert!(pieces.next().is_none());
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_their_line() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes[TEXT.find('2').expect("a number")] = 0xff;
        let mut pieces = Pieces::new(bytes.as_slice(), 1);
        pieces.head().expect("a list of records");
        let fault = pieces.find_map(Result::err).expect("no text");
        assert!(matches!(fault, Fault::Odd(StrictError { line: 4, .. })), "{fault:?}");
        assert!(pieces.next().is_none());
    }
}
