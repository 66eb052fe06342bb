//! Snapshots in buckets: read with the care that files get, written whole or not at all.
//!
//! The library of the stores finds out who asks and signs; what it sends goes out by one door (`door`), which knows the hosts.

mod door;
mod download;
mod failure;
mod google;
mod hosts;
mod s3;
mod upload;
mod who;

use std::{
    fmt,
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt as _, RetryConfig,
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
};
use tokio::runtime::Runtime;

use self::{
    door::Door,
    download::{Broken, Download},
    failure::{Asked, failed, is_missing},
    hosts::Hosts,
    upload::Ended,
};
use super::{
    CollectError, Options,
    place::{Place, Store},
    stop::{can_be_stopped, stopped},
};
use crate::snapshot::{MAX_SHARDS, Part, Snapshot, SnapshotError, begins, read, read_all, read_in_lines};

/// How often a request is tried again.
const RETRIES: usize = 4;
/// How long a request is tried again.
const PATIENCE: Duration = Duration::from_mins(3);
/// No folder of shards has that many pages.
const MAX_PAGES: usize = 10_000;
/// The most objects that a folder of shards is expected to hold: those of two runs are told apart when they are read.
const MOST: usize = 4 * MAX_SHARDS as usize;

/// How much of an object tells what it is, in bytes.
const HEAD: u64 = 16 << 10;

/// What stores can do.
trait Stored: ObjectStore + PaginatedListStore {}
impl<T: ObjectStore + PaginatedListStore> Stored for T {}

/// A place in a bucket, and the right to ask for it.
pub struct Bucket {
    place: Place,
    store: Arc<dyn Stored>,
    runtime: Runtime,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.place)
    }
}

impl Bucket {
    /// Finds out who asks; nothing is read or written yet.
    ///
    /// # Errors
    /// Where there are no credentials, or the environment names a host that nothing is sent to.
    pub fn open(place: Place, options: &Options) -> Result<Self, CollectError> {
        can_be_stopped()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| CollectError::Config {
            message: format!("no connections can be made: {error}"),
            hint: None,
        })?;
        let hosts = Hosts::new(place.store, &options.allow_endpoints);
        let door = Door::new(hosts.clone())?;
        let backoff = BackoffConfig { max_backoff: Duration::from_secs(10), ..BackoffConfig::default() };
        let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: PATIENCE };
        let (store, known): (Arc<dyn Stored>, _) = match place.store {
            Store::S3 => {
                let store = s3::bucket(&place.bucket, &hosts, door, retry)?;
                let known = runtime.block_on(until_stopped(store.credentials().get_credential()))?.map(|_| ());
                (Arc::new(store), known)
            }
            Store::Google => {
                let who = runtime.block_on(until_stopped(who::asks(&options.allow_endpoints)))??;
                let store = google::bucket(&place.bucket, who, &hosts, door, retry)?;
                let known = runtime.block_on(until_stopped(store.credentials().get_credential()))?.map(|_| ());
                (Arc::new(store), known)
            }
        };
        known.map_err(|error| failed(&place, Asked::Credentials, &error))?;
        Ok(Self { place, store, runtime })
    }

    /// The place that was opened.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The snapshot that the object is, or that `other` makes of its text where it is something else; none where it is not
    /// there.
    ///
    /// # Errors
    /// Where it cannot be read, is too large, is no text, or a snapshot that is not in order; and those of `other`.
    pub(super) fn snapshot(
        &self,
        other: impl FnOnce(String) -> Result<Snapshot, CollectError>,
    ) -> Result<Option<Snapshot>, CollectError> {
        self.snapshot_at(&self.place, other)
    }

    /// The snapshot of this name in the folder, which has to be there.
    pub(super) fn snapshot_in(&self, name: &str) -> Result<Snapshot, CollectError> {
        let place = self.place.join(name);
        let found = self.snapshot_at(&place, |text| Ok(read(&place.to_string(), text)?))?;
        found.ok_or_else(|| CollectError::Config {
            message: format!("cannot read `{place}`: it is not there"),
            hint: None,
        })
    }

    fn snapshot_at(
        &self,
        place: &Place,
        other: impl FnOnce(String) -> Result<Snapshot, CollectError>,
    ) -> Result<Option<Snapshot>, CollectError> {
        let name = place.to_string();
        let unread = |error| unread(place, error);
        let Some((mut coming, length)) = self.download(place)? else { return Ok(None) };
        let mut head = Vec::new();
        let begun = coming.by_ref().take(HEAD).read_to_end(&mut head);
        begun.map_err(|source| unread(SnapshotError::Read { path: name.clone(), source }))?;
        let is_ours = begins(&String::from_utf8_lossy(&head));
        let coming = io::Cursor::new(head).chain(coming);
        if !is_ours {
            return other(read_all(&name, coming, length).map_err(unread)?).map(Some);
        }
        if let Some(snapshot) = read_in_lines(&name, io::BufReader::new(coming), length).map_err(unread)? {
            return Ok(Some(snapshot));
        }
        // Of another layout: what came of it is gone, and it is asked for again.
        let Some((again, length)) = self.download(place)? else { return Ok(None) };
        other(read_all(&name, again, length).map_err(unread)?).map(Some)
    }

    /// An object that begins to come, and how long it is; none where it is not there.
    fn download(&self, place: &Place) -> Result<Option<(Download<'_>, u64)>, CollectError> {
        let path = path(place)?;
        match self.runtime.block_on(until_stopped(self.store.get(&path)))? {
            Ok(found) => {
                let length = found.meta.size;
                Ok(Some((Download::new(&self.runtime, found), length)))
            }
            Err(error) if is_missing(&error) && !error.to_string().contains("NoSuchBucket") => Ok(None),
            Err(error) => Err(failed(place, Asked::Read, &error)),
        }
    }

    /// The names of the shards in the folder, sorted.
    ///
    /// # Errors
    /// Where it cannot be listed to its end.
    pub(super) fn shards(&self) -> Result<Vec<(Part, String)>, CollectError> {
        let folder = self.place.join("").path;
        let prefix = format!("{folder}shard-");
        let listed = async {
            let (mut found, mut page_token) = (Vec::new(), None);
            for _ in 0..MAX_PAGES {
                let options = PaginatedListOptions {
                    // What is in folders below is not of this one.
                    delimiter: Some("/".into()),
                    page_token: page_token.take(),
                    ..PaginatedListOptions::default()
                };
                let page = self.store.list_paginated(Some(&prefix), options).await?;
                found.extend(page.result.objects.into_iter().map(|object| object.location));
                page_token = page.page_token;
                if page_token.is_none() || found.len() > MOST {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        };
        let found = self.runtime.block_on(until_stopped(listed))?;
        let found: Option<Vec<Path>> = found.map_err(|error| failed(&self.place.join(""), Asked::List, &error))?;
        let found = found.ok_or_else(|| CollectError::Config {
            message: format!("cannot list `{}`: the list does not end", self.place.join("")),
            hint: None,
        })?;
        if found.len() > MOST {
            let message = format!("cannot list `{}`: it holds more than {MOST} shards", self.place.join(""));
            return Err(CollectError::Config { message, hint: Some("a folder is of one run".into()) });
        }
        let name = |path: &Path| path.as_ref().strip_prefix(&folder).map(str::to_owned);
        let mut shards: Vec<(Part, String)> = found
            .iter()
            .filter_map(name)
            .filter_map(|name| Part::of_file_name(&name).map(|part| (part, name)))
            .collect();
        shards.sort();
        shards.dedup();
        Ok(shards)
    }

    /// Writes the object, over whatever is there.
    ///
    /// # Errors
    /// Where it is not written, and nothing is there of it.
    pub fn write(&self, bytes: Vec<u8>) -> Result<(), CollectError> {
        let path = path(&self.place)?;
        let written = self.runtime.block_on(upload::write(self.store.as_ref(), &path, bytes, upload::PIECE));
        match written.map_err(|error| failed(&self.place, Asked::Write, &error))? {
            Ended::Written => Ok(()),
            Ended::Stopped => Err(CollectError::Interrupted),
        }
    }
}

/// Why an object could not be read.
fn unread(place: &Place, error: SnapshotError) -> CollectError {
    let SnapshotError::Read { path, source } = error else { return error.into() };
    match source.downcast() {
        Ok(Broken::Store(error)) => failed(place, Asked::Read, &error),
        Ok(Broken::Stopped) => CollectError::Interrupted,
        Err(source) => SnapshotError::Read { path, source }.into(),
    }
}

fn path(place: &Place) -> Result<Path, CollectError> {
    Path::parse(&place.path)
        .map_err(|error| CollectError::Config { message: format!("`{place}` names no object: {error}"), hint: None })
}

/// What comes of it, unless somebody stops it.
async fn until_stopped<T>(work: impl Future<Output = T>) -> Result<T, CollectError> {
    tokio::select! {
        done = work => Ok(done),
        () = stopped() => Err(CollectError::Interrupted),
    }
}
