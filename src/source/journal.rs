//! The journal of a collection: what was read to its end, as it was read, so that a run which is stopped can be gone on with.
//!
//! It is a file of lines that only grows. Each line is a frame: the SHA-256 of the rest of the line, a space, and JSON. The
//! first says which collection it is of; each of the others holds one unit, which is a resource with all that was read of
//! it, or a whole region. What is torn at the end, by whatever stopped the run, was not read. Lists are read again: they say
//! what there is now. Bodies are redacted before they are written, as they are in a snapshot.
#![expect(clippy::disallowed_methods, reason = "a journal grows while it is written, which an atomic write cannot")]
#![cfg_attr(
    not(any(feature = "aws", feature = "gcp", test)),
    expect(dead_code, reason = "without a cloud there is nothing to go on with, and the flag says so")
)]

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::snapshot::{Record, ScopeId};

/// The version of the format.
const SCHEMA: &str = "egress-audit/journal/v1";

/// The unit that says who reads.
#[cfg(feature = "aws")]
const PRINCIPAL: &str = "principal";

/// How old a journal may be: what was read by then may be otherwise now.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(6);

/// Why a journal cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is none.
    #[error("there is no journal `{path}`")]
    Missing {
        /// Where it would be.
        path: String,
    },
    /// The file system said no.
    #[error("cannot use the journal `{path}`")]
    Io {
        /// Where it is.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is of something else.
    #[error("the journal `{path}` {why}")]
    Other {
        /// Where it is.
        path: String,
        /// What is in the way.
        why: String,
    },
}

/// Which collection a journal is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// The version of this program.
    pub tool: String,
    /// The sources and the options that decide what is read, as the user wrote them.
    pub asked: Vec<String>,
    /// The time that its snapshot is stamped with.
    pub started: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Head {
    journal: String,
    #[serde(flatten)]
    of: Collection,
}

/// Something that was read to its end and lacks nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Unit {
    /// Its records.
    pub(super) records: Vec<Record>,
    /// What else is to be read on its account, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) names: Vec<String>,
}

/// The same, as it is written down: nothing is copied for it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Written<'a> {
    /// Its records.
    pub(super) records: Vec<&'a Record>,
    /// What else is to be read on its account, by name.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) names: &'a [String],
}

#[derive(Serialize)]
struct Frame<'a> {
    scope: &'a ScopeId,
    unit: &'a str,
    holds: &'a Written<'a>,
}

#[derive(Deserialize)]
struct OwnFrame {
    scope: ScopeId,
    unit: String,
    holds: Unit,
}

/// A journal that is written, and what an earlier run wrote into it.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    done: BTreeMap<(ScopeId, String), Unit>,
    of: Collection,
}

impl fmt::Debug for Journal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Journal({}, {} units)", self.path.display(), self.done.len())
    }
}

impl Journal {
    /// Begins a journal, in the place of an older one.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn begin(path: &Path, of: Collection) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.display().to_string(), source };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.create_new(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        let head = Head { journal: SCHEMA.into(), of: of.clone() };
        let line = serde_json::to_string(&head).map_err(|error| failed(error.into()))?;
        frame(&mut file, &line).map_err(failed)?;
        Ok(Self { path: path.into(), file: Mutex::new(file), done: BTreeMap::new(), of })
    }

    /// Goes on with a journal. The collection is then the one that the journal is of, begun when that was.
    ///
    /// # Errors
    /// Where there is none, it is of another collection, or it is older than [`MAX_AGE`].
    pub fn resume(path: &Path, asked: &Collection) -> Result<Self, JournalError> {
        let name = path.display().to_string();
        let failed = |source| JournalError::Io { path: name.clone(), source };
        let other = |why: String| JournalError::Other { path: name.clone(), why };
        let text = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(JournalError::Missing { path: name });
            }
            Err(error) => return Err(failed(error)),
        };
        let (lines, whole) = whole_lines(&text);
        let mut lines = lines.into_iter();
        let head = lines.next().and_then(|line| serde_json::from_str::<Head>(line).ok());
        let of = head.filter(|head| head.journal == SCHEMA).map(|head| head.of);
        let of = of.ok_or_else(|| other("does not begin as a journal of this version does".into()))?;
        if (&of.tool, &of.asked) != (&asked.tool, &asked.asked) {
            let (theirs, ours) = (of.asked.join(" "), asked.asked.join(" "));
            return Err(other(format!(
                "is of `{theirs}` by version {}, and not of `{ours}` by {}",
                of.tool, asked.tool
            )));
        }
        let age = asked.started.duration_since(of.started);
        if age > MAX_AGE || age.is_negative() {
            return Err(other(format!("was begun at {}, and at most six hours may lie between", of.started)));
        }
        let mut done = BTreeMap::new();
        for line in lines {
            let frame: OwnFrame =
                serde_json::from_str(line).map_err(|error| other(format!("holds what is no unit: {error}")))?;
            done.insert((frame.scope, frame.unit), frame.holds);
        }
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        // What is torn is written anew.
        file.set_len(whole as u64).map_err(failed)?;
        Ok(Self { path: path.into(), file: Mutex::new(file), done, of })
    }

    /// The time that the snapshot is stamped with.
    pub fn started(&self) -> Timestamp {
        self.of.started
    }

    /// How many units an earlier run left.
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether an earlier run left nothing.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Takes the journal away, when its snapshot is written.
    ///
    /// # Errors
    /// Where the file cannot be removed.
    pub fn end(&self) -> Result<(), JournalError> {
        fs::remove_file(&self.path).map_err(|source| JournalError::Io { path: self.path.display().to_string(), source })
    }

    /// That whoever reads is who began. Google's APIs do not say who that is.
    ///
    /// # Errors
    /// Where somebody else began, who may see other things.
    #[cfg(feature = "aws")]
    pub(super) fn is_by(&self, scope: &ScopeId, principal: Option<&str>) -> Result<(), JournalError> {
        // The name of a session is another one each time.
        let who = principal.unwrap_or_default();
        let who = match who.split_once(":assumed-role/") {
            Some((_, role)) => who.strip_suffix(role.split_once('/').map_or("", |(_, session)| session)).unwrap_or(who),
            None => who,
        };
        match self.taken(scope, PRINCIPAL) {
            None => self.keep(scope, PRINCIPAL, &Written { records: Vec::new(), names: &[who.into()] }),
            Some(unit) if unit.names == [who] => {}
            Some(unit) => {
                let why = format!("was begun by `{}`, and the credentials are those of `{who}`", unit.names.join(" "));
                return Err(JournalError::Other { path: self.path.display().to_string(), why });
            }
        }
        Ok(())
    }

    /// What an earlier run read of a unit.
    pub(super) fn taken(&self, scope: &ScopeId, unit: &str) -> Option<&Unit> {
        self.done.get(&(scope.clone(), unit.to_owned()))
    }

    /// Writes a unit down. A journal that cannot be written is no reason to stop: the run goes on, and another one would
    /// read the unit again.
    pub(super) fn keep(&self, scope: &ScopeId, unit: &str, holds: &Written<'_>) {
        let json = serde_json::to_string(&Frame { scope, unit, holds });
        let written = json.map_err(io::Error::from).and_then(|json| {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            frame(&mut *file, &json)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "the journal could not be written");
        }
    }
}

fn frame(out: &mut impl io::Write, json: &str) -> io::Result<()> {
    write!(out, "{:x} ", Sha256::digest(json))?;
    out.write_all(json.as_bytes())?;
    out.write_all(b"\n")
}

/// The JSON of every whole frame from the start on, and how many bytes they are.
fn whole_lines(bytes: &[u8]) -> (Vec<&str>, usize) {
    let (mut lines, mut whole) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
        match text.and_then(|text| text.split_once(' ')) {
            Some((hash, json)) if hash == format!("{:x}", Sha256::digest(json)) => lines.push(json),
            _ => break,
        }
        whole += line.len();
    }
    (lines, whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn collection(asked: &str, started: &str) -> Collection {
        Collection { tool: "1".into(), asked: vec![asked.into()], started: started.parse().expect("a time") }
    }

    fn unit(id: &str) -> Unit {
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let record = Record::new("lambda:function-detail", id, scope, json!({"Code": {}})).expect("a record");
        Unit { records: vec![record], names: vec!["k".into()] }
    }

    fn keep(journal: &Journal, scope: &ScopeId, id: &str) {
        let unit = unit(id);
        journal.keep(scope, id, &Written { records: unit.records.iter().collect(), names: &unit.names });
    }

    #[test]
    fn what_was_kept_is_there_again_and_what_is_torn_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let begun = collection("aws", "2026-11-22T06:00:00Z");
        let journal = Journal::begin(&path, begun.clone()).expect("begun");
        for id in ["a", "b"] {
            keep(&journal, &scope, id);
        }
        let bytes = fs::read(&path).expect("a file");
        let later = collection("aws", "2026-11-22T11:59:59Z");
        let ends: Vec<usize> =
            bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|it| it.0 + 1).collect();
        for cut in ends[0]..=bytes.len() {
            fs::write(&path, &bytes[..cut]).expect("written");
            let journal = Journal::resume(&path, &later).expect("a journal");
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!((journal.len(), journal.started()), (whole, begun.started), "cut at {cut}");
            // What comes after the torn end is read by the next run.
            keep(&journal, &scope, "c");
            let again = Journal::resume(&path, &later).expect("a journal");
            assert_eq!(again.len(), whole + 1, "cut at {cut}");
            assert_eq!(again.taken(&scope, "c").expect("a unit").names, ["k"]);
        }
        journal.end().expect("removed");
        assert!(matches!(Journal::resume(&path, &later), Err(JournalError::Missing { .. })));
    }

    #[test]
    fn a_flipped_bit_ends_what_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let journal = Journal::begin(&path, collection("aws", "2026-11-22T06:00:00Z")).expect("begun");
        for id in ["a", "b", "c"] {
            keep(&journal, &scope, id);
        }
        let bytes = fs::read(&path).expect("a file");
        let now = collection("aws", "2026-11-22T06:00:01Z");
        for at in (0..bytes.len()).step_by(7) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).expect("written");
            if let Ok(journal) = Journal::resume(&path, &now) {
                let same = |id: &str| {
                    let kept = journal.taken(&scope, id)?;
                    Some(kept.records[0].body.get() == unit(id).records[0].body.get() && kept.records[0].id == id)
                };
                assert!(["a", "b", "c"].into_iter().all(|id| same(id) != Some(false)), "bit {at}");
                assert!(journal.len() < 3, "bit {at}");
            }
        }
    }

    #[test]
    fn another_collection_and_an_old_one_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        Journal::begin(&path, collection("aws", "2026-11-22T06:00:00Z")).expect("begun");
        for (asked, now, why) in [
            ("aws:other", "2026-11-22T06:00:01Z", "is of `aws` by version 1, and not of `aws:other`"),
            ("aws", "2026-11-22T12:00:01Z", "at most six hours"),
            ("aws", "2026-11-22T05:00:00Z", "at most six hours"),
        ] {
            let error = Journal::resume(&path, &collection(asked, now)).expect_err("refused").to_string();
            assert!(error.contains(why), "{error}");
        }
        fs::write(&path, "{}\n").expect("written");
        let error = Journal::resume(&path, &collection("aws", "2026-11-22T06:00:00Z")).expect_err("no journal");
        assert!(error.to_string().contains("does not begin as a journal"), "{error}");
    }
}
