//! Turns records into the typed inventory. What cannot be decoded is a gap of that record, never a missing resource.

mod aws;
mod google;
mod index;

use crate::{model::Inventory, snapshot::Snapshot};

/// The inventory of a snapshot.
pub fn decode(snapshot: &Snapshot) -> Inventory {
    let index = index::Index::new(snapshot);
    let (aws, google) = rayon::join(|| aws::decode(&index), || google::decode(&index));
    Inventory { taken_at: snapshot.taken_at, aws, google, malformed: index.into_malformed() }
}
