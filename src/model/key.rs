//! Encryption keys.

use crate::evidence::Known;

/// A key that a workload names.
#[derive(Debug, Clone)]
pub struct Key {
    /// The name that the workload uses: an ARN of the key or of an alias.
    pub name: String,
    /// The key's own ARN.
    pub arn: Known<String>,
    /// Its state: `Enabled`, `Disabled`, `PendingDeletion`, …; none where there is no such key.
    pub state: Known<Option<String>>,
    /// Whether the customer manages it, rather than AWS.
    pub customer_managed: Known<bool>,
    /// When its deletion or the expiry of its material is due.
    pub until: Known<Option<String>>,
    /// Its automatic rotation.
    pub rotation: Known<Rotation>,
}

/// Automatic rotation of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It cannot apply to a key of this kind.
    NotApplicable,
    /// Off.
    Off,
    /// On, every so many days; none where the provider does not say.
    On(Option<u32>),
}
