//! Buckets, in a build that leaves them out: every one says so.

use super::{CollectError, Options, Place};
use crate::snapshot::{Part, Snapshot};

/// A place in a bucket, which this build cannot ask for.
#[derive(Debug)]
pub struct Bucket {
    place: Place,
}

impl Bucket {
    /// Says that there are none.
    ///
    /// # Errors
    /// Always.
    pub fn open(place: Place, _options: &Options) -> Result<Self, CollectError> {
        Err(absent(&place))
    }

    /// The place that was opened.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn snapshot(
        &self,
        _other: impl FnOnce(String) -> Result<Snapshot, CollectError>,
    ) -> Result<Option<Snapshot>, CollectError> {
        Err(absent(&self.place))
    }

    pub(super) fn snapshot_in(&self, _name: &str) -> Result<Snapshot, CollectError> {
        Err(absent(&self.place))
    }

    pub(super) fn shards(&self) -> Result<Vec<(Part, String)>, CollectError> {
        Err(absent(&self.place))
    }

    /// Says that there are none.
    ///
    /// # Errors
    /// Always.
    pub fn write(&self, _bytes: Vec<u8>) -> Result<(), CollectError> {
        Err(absent(&self.place))
    }
}

/// That this build has no buckets.
fn absent(place: &Place) -> CollectError {
    CollectError::Config {
        message: format!("`{place}` cannot be used: this build leaves the feature `objects` out"),
        hint: Some("build it with `--features objects`, or copy what is in the bucket to a folder".into()),
    }
}
