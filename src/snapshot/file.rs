//! Snapshots on disk: read with care, written whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this file is where snapshots and outputs meet the disk")]

use std::{
    fs,
    io::{self, BufRead, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::{
    Coverage, ReadGap, Record, Remarks, SCHEMA, Scope, Shard, Snapshot, StrictError, lines,
    pieces::{Fault, PIECE, Pieces},
    strict, whole,
};

/// The largest text that is read, in bytes: it is held whole.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// The largest snapshot with one record to a line, as [`write`] writes it, in bytes: more than one of a million workloads.
pub const MAX_BYTES_IN_LINES: u64 = 4 * 1024 * 1024 * 1024;

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system said no.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Not a regular file: a folder, a pipe, a device.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// The file.
        path: String,
    },
    /// Larger than such a file may be.
    #[error("`{path}` is larger than {} MiB", most / 1024 / 1024)]
    TooLarge {
        /// The file.
        path: String,
        /// How large it may be, in bytes.
        most: u64,
    },
    /// Not UTF-8 text.
    #[error("`{path}` is not UTF-8 text{}", if *.utf16 { ": it looks like UTF-16, which PowerShell's `>` writes; use `--output` or `Out-File -Encoding utf8`" } else { "" })]
    Encoding {
        /// The file.
        path: String,
        /// Whether it starts as UTF-16 does.
        utf16: bool,
    },
    /// Not well-formed JSON, or JSON that readers would disagree on.
    #[error("`{path}` is not a snapshot: {error}")]
    Json {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        error: StrictError,
    },
    /// JSON, but not a snapshot.
    #[error("`{path}` is not a snapshot: it has no `schema`")]
    NotASnapshot {
        /// The file.
        path: String,
    },
    /// A snapshot that lost records since it was written.
    #[error("`{path}` is not whole: {what}")]
    Torn {
        /// The file.
        path: String,
        /// What is missing.
        what: String,
    },
    /// Written by another version.
    #[error("`{path}` has the schema `{schema}`, and this version reads `{SCHEMA}`")]
    Schema {
        /// The file.
        path: String,
        /// The schema it names.
        schema: String,
    },
    /// The file system said no.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Reads a snapshot from a file.
///
/// # Errors
/// Where the file is missing, too large, not text, not strict JSON, or of another schema.
pub fn read_file(path: &Path) -> Result<Snapshot, SnapshotError> {
    match read_lines(path)? {
        Some(snapshot) => Ok(snapshot),
        None => read(&path.display().to_string(), read_text(path)?),
    }
}

/// The snapshot that a file is, in the layout that [`write`] gives it, read piece by piece; none where it is anything else,
/// for [`read_text`] to read.
///
/// # Errors
/// Where the file is missing, no file, larger than [`MAX_BYTES_IN_LINES`], or does not hold what it says; and where one that
/// is larger than [`MAX_BYTES`], which nobody else reads, is of another layout or not in order.
pub fn read_lines(path: &Path) -> Result<Option<Snapshot>, SnapshotError> {
    in_lines(path, MAX_BYTES, MAX_BYTES_IN_LINES)
}

/// The same, of what such a text comes from, which is said to have so many bytes.
///
/// # Errors
/// As [`read_lines`].
pub fn read_in_lines(name: &str, text: impl BufRead + Send, length: u64) -> Result<Option<Snapshot>, SnapshotError> {
    pieces_of(name, text, length, MAX_BYTES, MAX_BYTES_IN_LINES)
}

/// The same, of a file of at most so many bytes, which the reader of any layout takes where it has at most `whole`.
fn in_lines(path: &Path, whole: u64, most: u64) -> Result<Option<Snapshot>, SnapshotError> {
    let name = path.display().to_string();
    let (file, length) = open(path)?;
    let mut reader = io::BufReader::new(file);
    let head = reader.fill_buf().map_err(|source| SnapshotError::Read { path: name.clone(), source })?;
    if lines::begins(&String::from_utf8_lossy(head)) { pieces_of(&name, reader, length, whole, most) } else { Ok(None) }
}

fn pieces_of(
    name: &str,
    text: impl BufRead + Send,
    length: u64,
    whole: u64,
    most: u64,
) -> Result<Option<Snapshot>, SnapshotError> {
    let path = || name.to_owned();
    if length > most {
        return Err(SnapshotError::TooLarge { path: path(), most });
    }
    match lines::read(Pieces::new(text.take(most), PIECE), usize::try_from(length).unwrap_or(usize::MAX)) {
        Ok(snapshot) => complete(name, snapshot).map(Some),
        Err(Fault::Read(source)) => Err(SnapshotError::Read { path: path(), source }),
        // The reader of any layout takes it, or says what is wrong.
        Err(_) if length <= whole => Ok(None),
        Err(Fault::Layout) => Err(SnapshotError::TooLarge { path: path(), most: whole }),
        Err(Fault::Odd(error)) => Err(SnapshotError::Json { path: path(), error }),
    }
}

/// Opens a regular file, and says how long it is.
fn open(path: &Path) -> Result<(fs::File, u64), SnapshotError> {
    let name = path.display().to_string();
    let failed = |source| SnapshotError::Read { path: name.clone(), source };
    // Asked before the file is opened: opening a pipe would wait for whoever writes into it.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(SnapshotError::NotAFile { path: name });
    }
    Ok((fs::File::open(path).map_err(failed)?, metadata.len()))
}

/// Reads the text of a file that may be a snapshot, with all the care that is due.
///
/// # Errors
/// Where the file is missing, too large, or not text.
pub fn read_text(path: &Path) -> Result<String, SnapshotError> {
    let (file, length) = open(path)?;
    read_all(&path.display().to_string(), file, length)
}

/// Reads all of a text that is said to have so many bytes; `name` is what errors call it.
///
/// # Errors
/// Where it cannot be read, is larger than [`MAX_BYTES`], or is no text.
pub fn read_all(name: &str, text: impl io::Read, length: u64) -> Result<String, SnapshotError> {
    let too_large = || SnapshotError::TooLarge { path: name.into(), most: MAX_BYTES };
    // Asked before it is read.
    if length > MAX_BYTES {
        return Err(too_large());
    }
    // With a byte to spare, so that the end is found without making room for more.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0).saturating_add(1));
    let read = text.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|source| SnapshotError::Read { path: name.into(), source })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large());
    }
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|_| SnapshotError::Encoding { path: name.into(), utf16 })
}

/// Reads a snapshot from text; `name` is what errors call it.
///
/// # Errors
/// Where the text is not strict JSON, not a snapshot of this schema, or does not hold what it says.
pub fn read(name: &str, text: impl Into<String>) -> Result<Snapshot, SnapshotError> {
    let text = text.into();
    match lines::read(Pieces::new(text.as_bytes(), PIECE), text.len()) {
        Ok(snapshot) => complete(name, snapshot),
        Err(_) => complete(name, of_any_layout(name, text)?),
    }
}

/// A snapshot that holds what it says.
fn complete(name: &str, snapshot: Snapshot) -> Result<Snapshot, SnapshotError> {
    match whole::missing(&snapshot) {
        None => Ok(snapshot),
        Some(what) => Err(SnapshotError::Torn { path: name.into(), what }),
    }
}

/// The snapshot that a text is, whatever it looks like, redacted as ours are.
pub(super) fn of_any_layout(name: &str, text: String) -> Result<Snapshot, SnapshotError> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    let json = |error: StrictError| SnapshotError::Json { path: name.into(), error };
    let whole = Arc::new(text);
    let text = whole.strip_prefix('\u{feff}').unwrap_or(&whole);
    // What a lenient reader makes of it counts only where the strict one finds nothing wrong: so both may read at once.
    let (checked, read) = rayon::join(|| strict::check(text), || serde_json::from_str::<Snapshot<&RawValue>>(text));
    checked.map_err(json)?;
    match read {
        Ok(snapshot) if snapshot.schema == SCHEMA => snapshot.owned(&whole).map_err(|error| json(error.into())),
        read => {
            let head: Head = serde_json::from_str(text).map_err(|error| json(error.into()))?;
            match (head.schema, read) {
                (None, _) => Err(SnapshotError::NotASnapshot { path: name.into() }),
                (Some(schema), _) if schema != SCHEMA => Err(SnapshotError::Schema { path: name.into(), schema }),
                (Some(_), Err(error)) => Err(json(error.into())),
                (Some(_), Ok(snapshot)) => snapshot.owned(&whole).map_err(|error| json(error.into())),
            }
        }
    }
}

impl Snapshot<&RawValue> {
    /// The same, redacted, with bodies that keep the text in which they lie.
    fn owned(self, text: &Arc<String>) -> Result<Snapshot, serde_json::Error> {
        let Self { schema, tool, taken_at, shard, scopes, coverage, gaps, remarks, records, forgotten } = self;
        let records = records.into_par_iter().map(|record| record.owned(text)).collect::<Result<_, _>>()?;
        Ok(Snapshot { schema, tool, taken_at, shard, scopes, coverage, gaps, remarks, records, forgotten })
    }
}

/// Writes a snapshot as text: one record to a line, so that two snapshots compare line by line.
///
/// # Errors
/// Where the writer fails.
pub fn write(snapshot: &Snapshot, out: &mut dyn io::Write) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Head<'a> {
        schema: &'a str,
        tool: &'a super::Tool,
        taken_at: &'a jiff::Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        shard: Option<&'a Shard>,
        #[serde(skip_serializing_if = "Remarks::is_empty")]
        remarks: &'a Remarks,
    }
    let Snapshot { schema, tool, taken_at, shard, scopes, coverage, gaps, remarks, records, forgotten: _ } = snapshot;
    let head = serde_json::to_string(&Head { schema, tool, taken_at, shard: shard.as_ref(), remarks })?;
    let head = head.strip_suffix('}').unwrap_or(&head);
    out.write_all(head.as_bytes())?;
    list::<Scope>(out, "scopes", scopes)?;
    list::<Coverage>(out, "coverage", coverage)?;
    list::<ReadGap>(out, "gaps", gaps)?;
    list::<Record>(out, "records", records)?;
    out.write_all(b"\n}\n")
}

fn list<T: serde::Serialize>(out: &mut dyn io::Write, name: &str, items: &[T]) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (index, item) in items.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, item)?;
    }
    out.write_all(b"]")
}

/// Writes a file whole or not at all: a new file beside it, readable by its owner alone, then renamed over it.
///
/// # Errors
/// Where the folder cannot be written, or `path` is a folder, a link or a device.
pub fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), SnapshotError> {
    let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(failed(io::Error::other("it is there already, and is not a regular file")));
        }
        Ok(_) | Err(_) => {}
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A temporary file is made with mode 0600.
    let file = tempfile::Builder::new().prefix(".egress-audit-").tempfile_in(folder).map_err(failed)?;
    let mut out = io::BufWriter::new(file);
    fill(&mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Record, ScopeId, kinds};

    /// What becomes of a file where one of more than `whole` bytes has to have one record to a line.
    fn told(text: &str, whole: u64, most: u64) -> String {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("it is written");
        match in_lines(file.path(), whole, most) {
            Ok(Some(snapshot)) => format!("{} records", snapshot.records.len()),
            Ok(None) => "left to others".into(),
            Err(error) => error.to_string().replace(&file.path().display().to_string(), "F"),
        }
    }

    fn sample() -> String {
        let mut snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let record = |id| Record::new(kinds::VPC.name, id, scope.clone(), serde_json::json!({})).expect("a record");
        snapshot.records = ["vpc-1", "vpc-2", "vpc-3"].map(record).into();
        let mut out = Vec::new();
        write(&snapshot, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("JSON is text")
    }

    #[test]
    fn a_file_that_nobody_may_hold_whole_is_read_line_by_line() {
        let text = sample();
        assert_eq!(told(&text, 10, 10_000), "3 records");
        assert_eq!(told(&text, 10, 100), "`F` is larger than 0 MiB");
    }

    #[test]
    fn a_file_that_is_odd_is_left_to_others_and_named_by_its_line_where_there_are_none() {
        let odd = |from: &str, to: &str| sample().replacen(from, to, 1);
        let twice = odd("\"id\":\"vpc-2\"", "\"id\":\"vpc-2\",\"id\":\"vpc-4\"");
        let cases = [
            (twice, "line 7, column 35: the key `id` stands twice in one object"),
            (odd("},\n{", "}\n{"), "line 6, column 1: no comma comes after the record"),
            (odd("]\n}", "]"), "line 8, column 1: the list of records is not the end"),
            (odd("vpc-2", "vpc-\u{0}"), "line 7"),
        ];
        for (text, why) in cases {
            assert_eq!(told(&text, 10_000, 10_000), "left to others");
            let told = told(&text, 10, 10_000);
            assert!(told.starts_with(&format!("`F` is not a snapshot: {why}")), "{told}");
        }
    }

    #[test]
    fn a_large_file_of_another_layout_is_too_large_and_one_of_another_kind_is_left_to_others() {
        let text = sample().replace('\n', " ");
        assert_eq!(
            (told(&text, 10, 10_000), told(&text, 10_000, 10_000)),
            ("`F` is larger than 0 MiB".into(), "left to others".into())
        );
        assert_eq!(told("{\"planned_values\": {}}", 10, 10), "left to others");
    }
}
