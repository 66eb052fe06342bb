//! Snapshots in the layout that [`write`](super::write) gives them, one record to a line: read by all processors at once.
//!
//! In JSON a line can only end between two values or signs, never within one. So what comes before the records, closed, and
//! each line of theirs are documents of their own, and all of them are in order exactly where the whole is. Whatever looks
//! otherwise is left to the reader of any layout, who also says what is wrong and where.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::{Record, SCHEMA, Snapshot, strict};

/// How many lines one thread reads at most before others may take the next.
const TOGETHER: usize = 1024;

/// Before the records, in a snapshot of this layout.
const RECORDS: &str = "\n\"records\":[";

/// A text without the space around it, which in JSON is less than elsewhere.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// The snapshot that a text is, with bodies that lie in it and records that are redacted; none where the text is of another
/// layout, or there is anything wrong with it. A text may follow a mark of its encoding.
pub(super) fn read(whole: &Arc<String>, text: &str) -> Option<Snapshot> {
    let open = text.find(RECORDS)? + RECORDS.len();
    let (head, rest) = text.split_at_checked(open)?;
    let list = trimmed(trimmed(trimmed(rest).strip_suffix('}')?).strip_suffix(']')?);
    let lines: Vec<&str> = list.split('\n').map(trimmed).filter(|line| !line.is_empty()).collect();
    let (room, taken) = (strict::room_for(text), AtomicUsize::new(0));
    let odd = AtomicBool::new(false);
    // What all of them come to in memory is what the whole does.
    let checked = |text: &str, depth| {
        let memory = strict::memory_of(text, depth, room).ok()?;
        (taken.fetch_add(memory, Ordering::Relaxed).saturating_add(memory) <= room).then_some(())
    };
    let record = |(number, line): (usize, &&str)| {
        let line = if number + 1 < lines.len() { line.strip_suffix(',') } else { Some(*line) };
        let record = line.filter(|_| !odd.load(Ordering::Relaxed)).and_then(|line| {
            // It lies in the list that lies in the document.
            checked(line, 2)?;
            serde_json::from_str::<Record<&RawValue>>(line).ok()?.owned(whole).ok()
        });
        odd.fetch_or(record.is_none(), Ordering::Relaxed);
        record
    };
    let head = || {
        let text = [head, "]}"].concat();
        checked(&text, 0)?;
        serde_json::from_str::<Snapshot>(&text).ok().filter(|it| it.schema == SCHEMA)
    };
    let records = || lines.par_iter().enumerate().with_max_len(TOGETHER).map(record).collect::<Vec<Option<Record>>>();
    let (snapshot, records) = rayon::join(head, records);
    let records = records.into_iter().collect::<Option<Vec<Record>>>()?;
    Some(Snapshot { records, ..snapshot? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::{MAX_DEPTH, ScopeId, file::of_any_layout, kinds, write};

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

    /// What this reader says of a text, and what the one of any layout does.
    fn both(text: &str) -> (Option<String>, Option<String>) {
        let whole = Arc::new(text.to_owned());
        let own = read(&whole, &whole).as_ref().map(self::text);
        (own, of_any_layout("test", &whole, &whole).ok().as_ref().map(self::text))
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
        let (head, records) = text.split_at(text.find(RECORDS).expect("records") + RECORDS.len());
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
