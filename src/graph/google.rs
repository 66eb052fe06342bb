//! What the estate in Google Cloud means: which revisions serve, where their traffic leaves, who may call them, and which
//! keys and accounts they hang on.

mod access;
mod accounts;
mod by;
mod condition;
mod firewall;
mod fronts;
mod identity;
mod ingress;
mod invokers;
mod keys;
mod nat;
mod nat_uses;
mod place;
mod principal;
mod routing;
mod serving;
mod uses;
mod walk;
mod workloads;

#[cfg(test)]
mod properties;

use crate::evidence::Known;

pub(super) use access::Access;
pub use access::{Grant, Level};
pub use accounts::Impersonator;
pub(super) use by::may_call;
pub use identity::Identity;
pub use ingress::{Ingress, Tagged};
pub use invokers::{DeadGrant, Delivery, Invoker, Invokers};
pub use principal::{Principal, PrincipalKind};
pub(super) use uses::uses;
pub use uses::{AccountUse, ConnectorUse, DoorUse, PoolUse, ProjectUse};
pub(super) use workloads::{Resolver, Thing, things, toward};

/// What is known of a workload because it is in Google Cloud.
#[derive(Debug)]
pub struct Side {
    /// How a request can come in.
    pub ingress: Ingress,
    /// Who may invoke it.
    pub invokers: Invokers,
    /// What it runs as.
    pub identity: Identity,
    /// Whether its image repository is under its own key; none where it has no key, or names no repository.
    pub repository_under_key: Option<Known<bool>>,
    /// Why it does not run at present, where it does not.
    pub inactive: Option<String>,
    /// How many instances of it there may be at once, over all revisions that serve; none where that has no known limit.
    pub max_instances: Known<Option<u32>>,
    /// The short name of the Cloud Run service behind it.
    pub service: Option<String>,
}
