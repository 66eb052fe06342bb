//! Snapshots in the layout that [`write`](super::write) gives them, one record to a line: read piece by piece, by all
//! processors at once.
//!
//! In JSON a line can only end between two values or signs, never within one. So what comes before the records, closed, and
//! each line of theirs are documents of their own, and all of them are in order exactly where the whole is. Whatever looks
//! otherwise is left to the reader of any layout, who also says what is wrong and where.

use std::{
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::{
    Record, SCHEMA, Snapshot, StrictError,
    pieces::{Fault, Piece, Pieces},
    strict,
};

/// How many pieces each processor reads before their records are put to those that were.
const TOGETHER: usize = 8;

/// How long a short record is, in bytes.
const SHORT: usize = 256;

/// Space in JSON, which is less than elsewhere.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

fn trimmed(text: &str) -> &str {
    text.trim_matches(SPACE)
}

fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches(SPACE)
}

/// Whether a text begins as a snapshot of this version does.
pub fn begins(text: &str) -> bool {
    let head: String = text.chars().take(4096).filter(|c| !c.is_whitespace()).collect();
    head.trim_start_matches('\u{feff}').starts_with(&format!("{{\"schema\":\"{SCHEMA}\""))
}

/// The snapshot that a text is, with records that are redacted and whose bodies lie in its pieces.
///
/// # Errors
/// Where it cannot be read, is of another layout, or there is anything wrong with it: the first thing that is.
pub(super) fn read<R: BufRead + Send>(mut pieces: Pieces<R>, length: usize) -> Result<Snapshot, Fault> {
    let reading = Reading { room: strict::room_for(length), taken: AtomicUsize::new(0) };
    let head = pieces.head()?;
    let head = head.strip_prefix('\u{feff}').unwrap_or(&head);
    let (snapshot, records) = rayon::join(|| reading.head(head), || reading.all(pieces, length));
    let snapshot = snapshot?;
    Ok(Snapshot { records: records?, ..snapshot })
}

/// The reading of one snapshot: its parts may come to so many bytes in memory together, as the whole may.
struct Reading {
    room: usize,
    taken: AtomicUsize,
}

impl Reading {
    /// Takes what a document comes to that lies so deep in the whole, and is in order.
    fn take(&self, text: &str, depth: usize) -> Result<(), StrictError> {
        let memory = strict::memory_of(text, depth, self.room)?;
        let all = self.taken.fetch_add(memory, Ordering::Relaxed).saturating_add(memory);
        let too_much = || StrictError { line: 1, column: 1, message: strict::too_much(self.room) };
        if all > self.room { Err(too_much()) } else { Ok(()) }
    }

    /// What comes before the records.
    fn head(&self, text: &str) -> Result<Snapshot, Fault> {
        let text = [text, "]}"].concat();
        self.take(&text, 0).map_err(Fault::Odd)?;
        let snapshot: Snapshot = serde_json::from_str(&text).map_err(|error| Fault::Odd(error.into()))?;
        if snapshot.schema == SCHEMA { Ok(snapshot) } else { Err(Fault::odd(1, "it is of another schema")) }
    }

    /// The records of all pieces of a text of so many bytes, in their order.
    fn all<R: BufRead + Send>(&self, pieces: Pieces<R>, length: usize) -> Result<Vec<Record>, Fault> {
        let (mut records, mut pieces) = (Vec::new(), pieces.enumerate());
        // What is not filled takes none of the memory, and where there is no room for it the list grows as it is filled.
        let _ = records.try_reserve_exact(length / SHORT);
        let together = TOGETHER * rayon::current_num_threads();
        loop {
            let some = pieces.by_ref().take(together).par_bridge();
            let some = some.map(|(number, piece)| (number, piece.and_then(|piece| self.records(&piece, number == 0))));
            let mut parts: Vec<(usize, Result<Vec<Record>, Fault>)> = some.collect();
            if parts.is_empty() {
                return Ok(records);
            }
            parts.sort_by_key(|(number, _)| *number);
            for (_, part) in parts {
                records.append(&mut part?);
            }
        }
    }

    /// The records of a piece, a line each; after a piece there is one more at least.
    fn records(&self, piece: &Piece, is_first: bool) -> Result<Vec<Record>, Fault> {
        let list = if piece.is_last {
            let open = trimmed_end(&piece.text).strip_suffix('}').and_then(|list| trimmed_end(list).strip_suffix(']'));
            open.ok_or_else(|| Fault::odd(piece.line, "the list of records is not the end"))?
        } else {
            &piece.text
        };
        let lines = list.split('\n').map(trimmed).zip(piece.line..);
        let mut lines = lines.filter(|(line, _)| !line.is_empty()).peekable();
        let mut records = Vec::with_capacity(list.len() / SHORT);
        while let Some((line, number)) = lines.next() {
            let is_end = piece.is_last && lines.peek().is_none();
            let record = if is_end { Some(line) } else { line.strip_suffix(',') };
            let record = record.ok_or_else(|| Fault::odd(number, "no comma comes after the record"))?;
            let own = |error: StrictError| Fault::Odd(StrictError { line: number, ..error });
            records.push(self.record(record, &piece.text).map_err(own)?);
        }
        if records.is_empty() && !is_first {
            return Err(Fault::odd(piece.line, "no record comes after the comma"));
        }
        Ok(records)
    }

    fn record(&self, line: &str, text: &Arc<String>) -> Result<Record, StrictError> {
        // It lies in the list that lies in the document.
        self.take(line, 2)?;
        Ok(serde_json::from_str::<Record<&RawValue>>(line)?.owned(text)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::{MAX_DEPTH, ScopeId, file::of_any_layout, kinds, pieces::PIECE, write};

    fn sample() -> Snapshot {
        let mut snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let record = |(kind, id, body): (&'static str, &str, serde_json::Value)| {
            Record::new(kind, id, scope.clone(), body).expect("a record")
        };
        let secret = serde_json::json!({ "Environment": { "Variables": { "KEY": "AKIAIOSFODNN7EXAMPLE" } } });
        let bodies = [
            (kinds::FUNCTION.name, "a", secret),
            (kinds::VPC.name, "b", serde_json::json!({ "records": [], "text": "\n\"records\":[\n]}" })),
            (kinds::VPC.name, "c", serde_json::Value::Null),
        ];
        snapshot.records = bodies.into_iter().map(record).collect();
        snapshot
    }

    fn text(snapshot: &Snapshot) -> String {
        let mut out = Vec::new();
        write(snapshot, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("JSON is text")
    }

    fn in_pieces(text: &str, length: usize) -> Option<String> {
        read(Pieces::new(text.as_bytes(), length), text.len()).ok().as_ref().map(self::text)
    }

    /// What this reader says of a text, whatever pieces it comes in, and what the one of any layout does.
    fn both(text: &str) -> (Option<String>, Option<String>) {
        let own = in_pieces(text, PIECE);
        for length in [1, 100, text.len() / 2 + 1] {
            assert_eq!(in_pieces(text, length), own, "{text} in pieces of {length}");
        }
        (own, of_any_layout("test", text.to_owned()).ok().as_ref().map(self::text))
    }

    #[test]
    fn what_we_wrote_is_read_line_by_line() {
        for snapshot in [sample(), Snapshot::empty(jiff::Timestamp::UNIX_EPOCH)] {
            let written = text(&snapshot);
            let (own, other) = both(&written);
            assert_eq!(own.as_deref(), Some(written.as_str()));
            assert_eq!(own, other);
        }
    }

    #[test]
    fn a_text_of_another_layout_is_left_to_the_reader_of_any() {
        let value: serde_json::Value = serde_json::from_str(&text(&sample())).expect("JSON");
        for other in [serde_json::to_string_pretty(&value), serde_json::to_string(&value)] {
            let (own, any) = both(&other.expect("JSON"));
            assert!(own.is_none() && any.is_some());
        }
    }

    #[test]
    fn lines_are_as_deep_in_the_document_as_they_stand() {
        for depth in [MAX_DEPTH - 3, MAX_DEPTH - 2] {
            let mut snapshot = sample();
            let body = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            snapshot.records[2].body = body.into();
            let (own, any) = both(&text(&snapshot));
            assert_eq!((own.is_some(), any.is_some()), (depth == MAX_DEPTH - 3, depth == MAX_DEPTH - 3));
        }
    }

    #[test]
    fn lines_come_to_as_much_memory_as_the_whole() {
        let text = text(&sample());
        let (head, records) = text.split_once("\n\"records\":[").expect("records");
        let head = format!("{head}\n\"records\":[");
        let records = records.trim_end().trim_end_matches('}').trim_end().trim_end_matches(']');
        let measure = |text: &str, depth| strict::memory_of(text, depth, usize::MAX).expect("in order");
        let lines = records.trim().lines().map(|line| measure(line.trim_end_matches(','), 2));
        assert_eq!(measure(&format!("{head}]}}"), 0) + lines.sum::<usize>(), measure(&text, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn no_text_is_read_otherwise_than_by_the_reader_of_any_layout(
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..3, 0_usize..17), 1..4),
        ) {
            const PIECES: [&str; 17] = [
                "", " ", "\u{c}", "\u{a0}", "\n", ",", "}", "]", "[", "{", "\"", ",\n", "]}", "\n\"records\":[", ",\n\"records\":[\n]", "\"kind\":\"ec2:vpc\",",
                "{\"kind\":\"ec2:vpc\",\"id\":\"d\",\"scope\":\"aws:1:us-west-2\",\"body\":1},\n",
            ];
            let mut text = text(&sample());
            for (at, taken, piece) in cuts {
                // Where lines, lists and objects begin and end is where it may go wrong.
                let signs: Vec<usize> = text.match_indices(['\n', ',', '{', '}', '[', ']', '"']).map(|(at, _)| at).collect();
                let at = *at.get(&signs);
                let end = text.char_indices().map(|(end, _)| end).filter(|end| *end >= at).nth(taken).unwrap_or(text.len());
                text.replace_range(at..end, PIECES[piece]);
            }
            let (own, any) = both(&text);
            prop_assert!(own.is_none() || own == any, "{text}");
        }
    }
}
