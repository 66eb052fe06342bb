//! The embedded estate: the architectures the tool was made for, sound and broken, without network or credentials.

use crate::snapshot::{Snapshot, SnapshotError, read};

/// The estate as a snapshot.
pub(super) fn snapshot() -> Result<Snapshot, SnapshotError> {
    read("demo", include_str!("demo/estate.json"))
}
