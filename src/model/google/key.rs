//! Encryption keys of Cloud KMS, and the repositories that are under them.

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CryptoKey {
    /// The primary version's canonical name; none where it has none.
    pub primary: Option<String>,
    /// The primary version's state; none where it has none.
    pub primary_state: Option<String>,
    /// `ENCRYPT_DECRYPT`, or a purpose that encrypts no workload.
    pub purpose: String,
    /// The period of automatic rotation in days; none where it is off.
    pub rotation_days: Option<u32>,
    /// Whether automatic rotation can apply to it.
    pub rotatable: bool,
}

/// A version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersion {
    /// Its canonical name.
    pub name: String,
    /// Its state, as the API names it.
    pub state: String,
    /// When it will be destroyed, where that is set.
    pub destroyed_on: Option<String>,
}

/// An image repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The canonical name of the key it is under; none for a key of Google's.
    pub key: Option<String>,
}
