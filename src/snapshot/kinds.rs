//! The kinds of record, and the calls that give them: the one table that sources write by and `decode` reads by.

mod aws;
pub mod doors;
pub mod google;
pub mod organization;

pub use aws::*;

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use serde::{Deserialize, Deserializer};

use super::Cloud;

/// What a gap is of that hides a part of infrastructure code: a file, a module. It may hold records of every kind, and so
/// every list of its scope is incomplete. Its `call` says what is hidden.
pub const CODE: &str = "code";

/// How a kind of record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// By a list of everything in a scope: what is not in a list that was read to the end does not exist.
    List,
    /// By one call for one resource, whose id the record bears; a `null` body says that there is none.
    PerResource,
}

/// One kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The cloud that has it: both have roles and keys.
    pub cloud: Cloud,
    /// The name in snapshots, unique within its cloud.
    pub name: &'static str,
    /// The call that gives it, in the words of a permission.
    pub call: &'static str,
    /// Whether a list or a call for each resource.
    pub reading: Reading,
}

/// The name or the call of a kind, or of one that this version does not know.
pub type Word = Cow<'static, str>;

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let google = google::WORKLOADS.iter().chain(&google::NETWORKS).chain(&google::DETAILS);
    AWS.iter().chain(&AWS_GLOBAL).chain(google).flat_map(|kind| [kind.name, kind.call]).collect()
});

/// Reads the name or the call of a kind. One of the table takes no memory of its own: a snapshot has a million of them.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    let word = Cow::<str>::deserialize(deserializer)?;
    Ok(match WORDS.get(&*word) {
        Some(known) => Word::Borrowed(known),
        None => Word::Owned(word.into_owned()),
    })
}
