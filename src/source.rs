//! Where snapshots come from: live clouds, infrastructure code, files, the embedded demo. The only floor that touches the world.

mod assets;
#[cfg(feature = "aws")]
mod aws;
mod code;
mod demo;
#[cfg(any(feature = "aws", feature = "gcp", feature = "objects"))]
mod domains;
#[cfg(any(feature = "gcp", feature = "objects"))]
mod environment;
#[cfg(feature = "gcp")]
mod gcp;
mod held;
mod journal;
mod names;
#[cfg(not(feature = "objects"))]
#[path = "source/no_objects.rs"]
mod objects;
#[cfg(feature = "objects")]
mod objects;
mod place;
mod run;
#[cfg(any(feature = "aws", feature = "gcp"))]
mod runner;
#[cfg(any(feature = "aws", feature = "gcp"))]
mod said;
mod spec;
#[cfg(any(feature = "aws", feature = "gcp", feature = "objects"))]
mod stop;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use crate::snapshot::{Part, ShardError, Snapshot, SnapshotError, begins, read, read_lines, read_text};

pub use code::{managed, snapshot as declared};
pub use held::{Held, held};
pub use journal::{Collection, Journal, JournalError};
pub use objects::Bucket;
pub use place::{Place, Store};
pub use spec::{GoogleScope, SourceSpec};

/// What a collection needs to know besides its source.
#[derive(Debug, Clone)]
pub struct Options {
    /// Regions to read; empty: the one that the environment or the profile configures.
    pub regions: Vec<String>,
    /// Every region that is enabled for the account.
    pub all_regions: bool,
    /// Hosts, besides the cloud's own and loopback, that an endpoint override may name.
    pub allow_endpoints: Vec<String>,
    /// Read a project by the asset inventory too, in few calls, as folders and organisations are.
    pub assets: bool,
    /// Read again, live, what the asset inventory tells late: functions, services and their policies.
    pub fresh: bool,
    /// How an organisation of AWS is read.
    pub organization: Organization,
    /// The part of the accounts and projects that is read; none for all of them.
    pub part: Option<Part>,
    /// Files that give values to variables of Terraform, as for `-var-file`.
    pub var_files: Vec<PathBuf>,
    /// Files that give values to parameters of CloudFormation's templates.
    pub parameters: Vec<PathBuf>,
    /// Where a live collection writes down what it has read, and what an earlier run of it left.
    pub journal: Option<Arc<Journal>>,
    /// The time that a live collection is stamped with.
    pub now: Timestamp,
}

/// How an organisation of AWS is read.
#[derive(Debug, Clone)]
pub struct Organization {
    /// The external id that the roles ask for.
    pub external_id: Option<String>,
    /// The name of the sessions, for the logs of the accounts.
    pub session_name: String,
    /// The accounts to read; empty: all of them.
    pub accounts: Vec<String>,
    /// Accounts to leave out.
    pub exclude: Vec<String>,
}

/// Hears how a collection goes on; shown on a terminal, and by nothing else.
pub trait Progress: Send + Sync {
    /// That many more calls are known to be needed.
    fn expect(&self, calls: u64);
    /// A call has ended, well or not.
    fn done(&self, call: &str);
    /// That many accounts are going to be read, where a source has several.
    fn accounts(&self, accounts: u64);
    /// An account has been read, as far as it can be.
    fn account_done(&self);
    /// Something about the reading that is no gap, and that whoever watches should know.
    fn note(&self, text: &str);
}

/// Nobody hears.
#[derive(Debug, Clone, Copy)]
pub struct Unheard;

impl Progress for Unheard {
    fn expect(&self, _: u64) {}
    fn done(&self, _: &str) {}
    fn accounts(&self, _: u64) {}
    fn account_done(&self) {}
    fn note(&self, _: &str) {}
}

/// Why there is no snapshot at all. What fails in part is a gap in the snapshot, not an error.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A snapshot file could not be read.
    #[error(transparent)]
    File(#[from] SnapshotError),
    /// There is no going on with the journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Shards are not one run.
    #[error(transparent)]
    Shards(#[from] ShardError),
    /// The source cannot be read as configured: no credentials, no region, a forbidden endpoint.
    #[error("{message}")]
    Config {
        /// What is wrong.
        message: String,
        /// What would help.
        hint: Option<String>,
    },
    /// A kind of source that this build or version does not read.
    #[error("`{source_name}` cannot be read: {why}")]
    Unsupported {
        /// The source as the user wrote it.
        source_name: String,
        /// Why not.
        why: String,
    },
    /// The user stopped the run.
    #[error("interrupted")]
    Interrupted,
}

/// Reads a source into a snapshot.
///
/// # Errors
/// Where nothing at all could be read; anything less is a gap in the snapshot.
pub fn collect(spec: &SourceSpec, options: &Options, progress: &dyn Progress) -> Result<Snapshot, CollectError> {
    match spec {
        SourceSpec::Demo => Ok(demo::snapshot()?),
        SourceSpec::File(path) if path.is_dir() && run::is_one(path) => run::read(path),
        SourceSpec::File(path) if path.is_dir() => code::folder(path, &code::Values::read(options)?, options.now),
        SourceSpec::File(path) => file(path, options.now, || code::Values::read(options)),
        SourceSpec::Object(place) => object(place, options),
        #[cfg(feature = "aws")]
        SourceSpec::Aws { profile } => aws::account(profile.as_deref(), options, progress),
        #[cfg(feature = "aws")]
        SourceSpec::AwsOrganization { role } => aws::organization(role, options, progress),
        #[cfg(not(feature = "aws"))]
        SourceSpec::Aws { .. } | SourceSpec::AwsOrganization { .. } => {
            let _ = (options, progress);
            Err(CollectError::Unsupported {
                source_name: spec.to_string(),
                why: "this build leaves the feature `aws` out".into(),
            })
        }
        #[cfg(feature = "gcp")]
        SourceSpec::Google(scope) => gcp::collect(scope, options, progress),
        #[cfg(not(feature = "gcp"))]
        SourceSpec::Google(_) => {
            let _ = (options, progress);
            Err(CollectError::Unsupported {
                source_name: spec.to_string(),
                why: "this build leaves the feature `gcp` out".into(),
            })
        }
    }
}

/// Reads a file by what it holds: a plan or a state of Terraform, a template of CloudFormation, a snapshot, or an export of Google's asset inventory.
fn file(
    path: &Path,
    now: Timestamp,
    values: impl FnOnce() -> Result<code::Values, CollectError>,
) -> Result<Snapshot, CollectError> {
    match read_lines(path)? {
        Some(snapshot) => Ok(snapshot),
        None => document(&path.display().to_string(), read_text(path)?, now, values),
    }
}

/// Reads what is in a bucket: an object as the file that it is, a folder as a run of shards.
fn object(place: &Place, options: &Options) -> Result<Snapshot, CollectError> {
    let bucket = Bucket::open(place.clone(), options)?;
    let failed =
        |message: String, hint: Option<&str>| Err(CollectError::Config { message, hint: hint.map(Into::into) });
    if place.is_folder() {
        let shards = bucket.shards()?;
        if shards.is_empty() {
            let hint = "`egress-audit collect SOURCE --shard 1/8 -o` and the name of the folder writes one";
            return failed(format!("`{place}` holds no shards"), Some(hint));
        }
        return run::read_bucket(&bucket, shards);
    }
    let other = |text| document(&place.to_string(), text, options.now, || code::Values::read(options));
    if let Some(snapshot) = bucket.snapshot(other)? {
        return Ok(snapshot);
    }
    // A folder may be named without its end, as on disk.
    match bucket.shards() {
        Ok(shards) if !shards.is_empty() => run::read_bucket(&bucket, shards),
        Err(CollectError::Interrupted) => Err(CollectError::Interrupted),
        // Who may not list is told of the object alone.
        Ok(_) | Err(_) => failed(format!("cannot read `{place}`: it is not there"), None),
    }
}

/// Reads a document by what it holds; `name` is what errors call it.
fn document(
    name: &str,
    text: String,
    now: Timestamp,
    values: impl FnOnce() -> Result<code::Values, CollectError>,
) -> Result<Snapshot, CollectError> {
    if code::looks_like_plan_or_state(&text) {
        return code::document(name, &text, now);
    }
    if begins(&text) {
        return Ok(read(name, text)?);
    }
    if !assets::looks_like_one(&text) && code::looks_like_template(&text) {
        return code::template(name, &text, &values()?, now);
    }
    if assets::looks_like_one(&text) { assets::read(name, &text, now) } else { Ok(read(name, text)?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's own files")]
    fn a_file_is_read_by_what_it_holds() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let at = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            file(&path, Timestamp::UNIX_EPOCH, || Ok(code::Values::default()))
        };
        let asset = "{\"name\": \"//run.googleapis.com/projects/p/locations/r/services/s\", \
            \"asset_type\": \"run.googleapis.com/Service\", \"resource\": {\"data\": {}}}";
        assert_eq!(at("export.json", asset).expect("an export").records.len(), 1);
        let mut text = Vec::new();
        crate::snapshot::write(&Snapshot::empty(Timestamp::UNIX_EPOCH), &mut text).expect("written");
        let text = String::from_utf8(text).expect("text");
        assert!(at("snapshot.json", &text).expect("a snapshot").records.is_empty());
        let error = at("other.json", "{\"a\": 1}").expect_err("neither").to_string();
        assert!(error.contains("is not a snapshot"), "{error}");
    }
}
