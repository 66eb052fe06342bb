//! Where a snapshot goes: a file, or an object in a bucket.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use super::exit::Failure;
use crate::{
    snapshot::{Part, Snapshot, write, write_atomically},
    source::{Bucket, CollectError, Options, Place},
};

/// Where a snapshot is written to.
#[derive(Debug)]
pub(super) enum Target {
    /// A file.
    File(PathBuf),
    /// An object.
    Object(Bucket),
}

impl Target {
    /// Where this part goes, by what the user names. A bucket is asked for here, before anything is read: who may not ask
    /// is told so at once.
    pub(super) fn of(output: &Path, part: Option<&Part>, options: &Options) -> Result<Self, Failure> {
        let place = match output.to_str().and_then(Place::named) {
            // Each of many writes a file of its own into one folder, by the name that tells which it is.
            None => match part {
                Some(part) if output.is_dir() => return Ok(Self::File(output.join(part.file_name()))),
                _ => return Ok(Self::File(output.to_path_buf())),
            },
            Some(place) => place.map_err(|why| Failure::usage(why, "`s3://my-bucket/estate.json` names an object"))?,
        };
        let is_json =
            Path::new(&place.path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let place = match part {
            Some(part) if place.is_folder() => place.join(&part.file_name()),
            None if place.is_folder() => {
                let hint = format!("name it: `{}`", place.join("estate.json"));
                return Err(Failure::usage(format!("`{place}` is a folder, and a snapshot is an object"), hint));
            }
            // On disk it is seen which of both it is. Here each shard would write over the one before.
            Some(_) if !is_json => {
                let why = format!("a shard goes into a folder, and `{place}` is the name of an object");
                return Err(Failure::usage(why, format!("`{}` is a folder", place.join(""))));
            }
            _ => place,
        };
        Ok(Self::Object(Bucket::open(place, options)?))
    }

    /// The file that it is; none where it is an object.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Object(_) => None,
        }
    }

    /// The name that people are told.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Object(bucket) => bucket.place().to_string(),
        }
    }

    /// Writes it whole, or not at all.
    pub(super) fn write(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let bucket = match self {
            Self::File(path) => return Ok(write_atomically(path, |out| write(snapshot, out))?),
            Self::Object(bucket) => bucket,
        };
        let mut bytes = Vec::new();
        write(snapshot, &mut bytes)?;
        // A reading of hours is not lost for a bucket that would not take it.
        bucket.write(bytes).map_err(|error| match error {
            CollectError::Config { message, hint } => {
                let kept = keep(snapshot).map(|path| format!("what was read is kept in `{}`", path.display()));
                let hint: Vec<String> = hint.into_iter().chain(kept).collect();
                CollectError::Config { message, hint: Some(hint.join("; ")).filter(|hint| !hint.is_empty()) }
            }
            other => other,
        })?;
        Ok(())
    }
}

/// A file with what could not be written elsewhere, among the temporary ones, readable by its owner alone; none where that
/// cannot be written either.
fn keep(snapshot: &Snapshot) -> Option<PathBuf> {
    let file = tempfile::Builder::new().prefix("egress-audit-").suffix(".json").tempfile().ok()?;
    let mut out = std::io::BufWriter::new(file);
    write(snapshot, &mut out).ok()?;
    out.flush().ok()?;
    let (_, path) = out.into_inner().ok()?.keep().ok()?;
    Some(path)
}
