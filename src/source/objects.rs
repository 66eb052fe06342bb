//! Snapshots in buckets: read with the care that files get, written whole or not at all.
//!
//! The library of the stores finds out who asks and signs; what it sends goes out by one door (`door`), which knows the hosts.

mod door;

mod failure;
mod google;
mod hosts;
mod s3;
mod upload;
mod who;

use std::{fmt, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt as _, RetryConfig,
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
};
use tokio::runtime::Runtime;

use self::{
    door::Door,
    failure::{Asked, failed, is_missing},
    hosts::Hosts,
    upload::Ended,
};
use super::{
    CollectError, Options,
    place::{Place, Store},
    stop::{can_be_stopped, stopped},
};
use crate::snapshot::{MAX_BYTES, MAX_SHARDS, Part, SnapshotError};

/// How often a request is tried again.
const RETRIES: usize = 4;
/// How long a request is tried again.
const PATIENCE: Duration = Duration::from_mins(3);
/// No folder of shards has that many pages.
const MAX_PAGES: usize = 10_000;
/// The most objects that a folder of shards is expected to hold: those of two runs are told apart when they are read.
const MOST: usize = 4 * MAX_SHARDS as usize;

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

    /// The text of the object; none where it is not there.
    ///
    /// # Errors
    /// Where it cannot be read, is too large, or is no text.
    pub(super) fn text(&self) -> Result<Option<String>, CollectError> {
        self.text_of(&self.place)
    }

    /// The text of an object that has to be there.
    pub(super) fn text_in(&self, name: &str) -> Result<String, CollectError> {
        let place = self.place.join(name);
        self.text_of(&place)?.ok_or_else(|| CollectError::Config {
            message: format!("cannot read `{place}`: it is not there"),
            hint: None,
        })
    }

    fn text_of(&self, place: &Place) -> Result<Option<String>, CollectError> {
        let failed = |error: &object_store::Error| failed(place, Asked::Read, error);
        let too_large = || CollectError::File(SnapshotError::TooLarge { path: place.to_string(), most: MAX_BYTES });
        let path = path(place)?;
        let read = async {
            let found = self.store.get(&path).await?;
            // Asked before it is read.
            if found.meta.size > MAX_BYTES { Ok(None) } else { found.bytes().await.map(Some) }
        };
        let bytes = match self.runtime.block_on(until_stopped(read))? {
            Ok(bytes) => bytes.filter(|bytes| bytes.len() as u64 <= MAX_BYTES).ok_or_else(too_large)?,
            Err(error) if is_missing(&error) && !error.to_string().contains("NoSuchBucket") => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let encoding = |_| CollectError::File(SnapshotError::Encoding { path: place.to_string(), utf16 });
        String::from_utf8(Vec::from(bytes)).map(Some).map_err(encoding)
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
