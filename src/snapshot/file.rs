//! Snapshots on disk: read with care, written whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this file is where snapshots and outputs meet the disk")]

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::{Coverage, ReadGap, Record, Remarks, SCHEMA, Scope, Shard, Snapshot, StrictError, lines, strict, whole};

/// The largest snapshot that is read, in bytes.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;

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
    /// Larger than [`MAX_BYTES`].
    #[error("`{path}` is larger than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge {
        /// The file.
        path: String,
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
    read(&path.display().to_string(), read_text(path)?)
}

/// Reads the text of a file that may be a snapshot, with all the care that is due.
///
/// # Errors
/// Where the file is missing, too large, or not text.
pub fn read_text(path: &Path) -> Result<String, SnapshotError> {
    let name = path.display().to_string();
    let failed = |source| SnapshotError::Read { path: name.clone(), source };
    // Asked before the file is opened: opening a pipe would wait for whoever writes into it.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(SnapshotError::NotAFile { path: name });
    }
    if metadata.len() > MAX_BYTES {
        return Err(SnapshotError::TooLarge { path: name });
    }
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    let file = fs::File::open(path).map_err(failed)?;
    let bytes = match in_parts(&file, length) {
        Some(bytes) => bytes,
        None => in_one(&file, length).map_err(failed)?,
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(SnapshotError::TooLarge { path: name });
    }
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|_| SnapshotError::Encoding { path: name, utf16 })
}

/// From how many bytes on a file is read by several processors.
#[cfg(unix)]
const LARGE: usize = 4 << 20;
/// How much of it is read at a time, in bytes.
#[cfg(unix)]
const PART: usize = 16 * 1024;

/// What a large file holds, read by all processors at once; none where the system has no such reads, or the file is of
/// another length than it was.
#[cfg(unix)]
fn in_parts(file: &fs::File, length: usize) -> Option<Vec<u8>> {
    use std::{
        os::unix::fs::FileExt as _,
        sync::atomic::{AtomicBool, Ordering},
    };
    if length < LARGE {
        return None;
    }
    let part = |number: usize| {
        let (mut part, from) = ([0; PART], number * PART);
        let own = part.get_mut(..PART.min(length - from))?;
        file.read_exact_at(own, from as u64).ok().map(|()| part)
    };
    // Whoever reads a part is the first to touch the memory that it goes to: the system clears it for each of them at once.
    let odd = AtomicBool::new(false);
    let parts = (0..length.div_ceil(PART)).into_par_iter().map(|number| {
        part(number).unwrap_or_else(|| {
            odd.store(true, Ordering::Relaxed);
            [0; PART]
        })
    });
    let mut bytes = parts.collect::<Vec<_>>().into_flattened();
    bytes.truncate(length);
    (!odd.into_inner() && matches!(file.read_at(&mut [0], length as u64), Ok(0))).then_some(bytes)
}

#[cfg(not(unix))]
fn in_parts(_: &fs::File, _: usize) -> Option<Vec<u8>> {
    None
}

/// What a file holds, as far as it is read at all, which is about so long.
fn in_one(file: &fs::File, length: usize) -> io::Result<Vec<u8>> {
    // With a byte to spare, so that the end is found without making room for more.
    let mut bytes = Vec::with_capacity(length + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a snapshot from text; `name` is what errors call it.
///
/// # Errors
/// Where the text is not strict JSON, not a snapshot of this schema, or does not hold what it says.
pub fn read(name: &str, text: impl Into<String>) -> Result<Snapshot, SnapshotError> {
    let whole = Arc::new(text.into());
    let text = whole.strip_prefix('\u{feff}').unwrap_or(&whole);
    let snapshot = match lines::read(&whole, text) {
        Some(snapshot) => snapshot,
        None => of_any_layout(name, &whole, text)?,
    };
    match whole::missing(&snapshot) {
        None => Ok(snapshot),
        Some(what) => Err(SnapshotError::Torn { path: name.into(), what }),
    }
}

/// The snapshot that a text is, whatever it looks like, redacted as ours are.
pub(super) fn of_any_layout(name: &str, whole: &Arc<String>, text: &str) -> Result<Snapshot, SnapshotError> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    let json = |error: StrictError| SnapshotError::Json { path: name.into(), error };
    // What a lenient reader makes of it counts only where the strict one finds nothing wrong: so both may read at once.
    let (checked, read) = rayon::join(|| strict::check(text), || serde_json::from_str::<Snapshot<&RawValue>>(text));
    checked.map_err(json)?;
    match read {
        Ok(snapshot) if snapshot.schema == SCHEMA => snapshot.owned(whole).map_err(|error| json(error.into())),
        read => {
            let head: Head = serde_json::from_str(text).map_err(|error| json(error.into()))?;
            match (head.schema, read) {
                (None, _) => Err(SnapshotError::NotASnapshot { path: name.into() }),
                (Some(schema), _) if schema != SCHEMA => Err(SnapshotError::Schema { path: name.into(), schema }),
                (Some(_), Err(error)) => Err(json(error.into())),
                (Some(_), Ok(snapshot)) => snapshot.owned(whole).map_err(|error| json(error.into())),
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_read_as_it_is_and_one_that_changed_its_length_by_one_reader() {
        let mut file = tempfile::tempfile().expect("a file");
        let text: Vec<u8> = (0..LARGE + 12_345).map(|at| b'a' + u8::try_from(at % 23).expect("a letter")).collect();
        file.write_all(&text).expect("it is written");
        assert!(in_parts(&file, text.len()).is_some_and(|read| read == text));
        for length in [LARGE - 1, text.len() - 1, text.len() + 1, text.len() + PART] {
            assert!(in_parts(&file, length).is_none());
        }
        io::Seek::rewind(&mut file).expect("it has a beginning");
        assert!(in_one(&file, text.len()).is_ok_and(|read| read == text));
    }
}
