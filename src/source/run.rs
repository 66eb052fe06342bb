//! A folder with the shards of one run, put together again.
#![expect(clippy::disallowed_methods, reason = "folders are looked into where files are read")]

use std::{collections::BTreeMap, fs, path::Path};

use super::{Bucket, CollectError};
use crate::snapshot::{Part, Snapshot, SnapshotError, read_file};

/// The shards in a folder by the names of their files, sorted; none where it holds something else.
fn shards(folder: &Path) -> Result<Vec<(Part, String)>, SnapshotError> {
    let failed = |source| SnapshotError::Read { path: folder.display().to_string(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        found.extend(Part::of_file_name(&name).map(|part| (part, name)));
    }
    found.sort();
    Ok(found)
}

/// Whether a folder holds the shards of a run.
pub(super) fn is_one(folder: &Path) -> bool {
    shards(folder).is_ok_and(|found| !found.is_empty())
}

/// Reads the shards of a folder into one snapshot.
pub(super) fn read(folder: &Path) -> Result<Snapshot, CollectError> {
    together(shards(folder)?, |name| Ok(read_file(&folder.join(name))?))
}

/// Reads these shards of a folder in a bucket into one snapshot.
pub(super) fn read_bucket(bucket: &Bucket, shards: Vec<(Part, String)>) -> Result<Snapshot, CollectError> {
    together(shards, |name| bucket.snapshot_in(name))
}

/// The shards of a run as one snapshot. One that cannot be read is missing, and its accounts are gaps.
fn together(
    shards: Vec<(Part, String)>,
    read: impl Fn(&str) -> Result<Snapshot, CollectError>,
) -> Result<Snapshot, CollectError> {
    let (mut parts, mut torn, mut first) = (Vec::new(), BTreeMap::new(), None);
    for (part, name) in shards {
        match read(&name) {
            Ok(snapshot) => parts.push((name, snapshot)),
            Err(CollectError::Interrupted) => return Err(CollectError::Interrupted),
            Err(error) => {
                torn.insert(part.index, error.to_string());
                first.get_or_insert(error);
            }
        }
    }
    match first {
        // Nobody knows what was to be read.
        Some(error) if parts.is_empty() => Err(error),
        _ => Ok(Snapshot::of_parts(parts, &torn)?),
    }
}
