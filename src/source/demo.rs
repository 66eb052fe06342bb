//! The embedded estate: the architectures the tool was made for, sound and broken, without network or credentials.

use crate::snapshot::{Snapshot, SnapshotError, read};

/// The estate as one snapshot: an account of AWS, and projects of Google Cloud.
pub(super) fn snapshot() -> Result<Snapshot, SnapshotError> {
    let mut estate = read("demo", include_str!("demo/estate.json"))?;
    // Written by `tests/google/demo.py`.
    let google = read("demo", include_str!("demo/google.json"))?;
    estate.extend(google);
    estate.sort();
    Ok(estate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clouds_were_read_at_the_same_time() {
        let of = |text| read("demo", text).expect("the embedded estate is sound").taken_at;
        assert_eq!(of(include_str!("demo/estate.json")), of(include_str!("demo/google.json")));
        let estate = snapshot().expect("the embedded estate is sound");
        assert!(estate.scopes.len() > 2 && estate.gaps.len() == 1, "the gap is the one of AWS");
    }
}
