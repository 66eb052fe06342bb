//! Reads AWS accounts through the AWS SDK for Rust.
//!
//! Whatever fails on the way becomes a gap beside what was read; only where nothing can be read at all is there an
//! error. All AWS types end here: the floors above see records.

mod account;
mod answers;
mod balancers;
mod body;
mod caller;
mod calls;
mod client;
mod distributions;
mod export;
mod failure;
mod functions;
mod held;
mod hosts;
mod http_apis;
mod identities;
mod keys;
mod ledger;
mod network;
mod organization;
mod pages;
mod reader;
mod rest_apis;
mod role;
mod running;
mod settings;

use std::collections::BTreeSet;

use super::{CollectError, Held, Options, Progress, Unheard, runner::run};
use crate::snapshot::Snapshot;

/// Reads the account that the credentials of a profile lead to, or of the environment where none is named.
pub(super) fn account(
    profile: Option<&str>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Snapshot, CollectError> {
    let (profile, options) = (profile.map(Into::into), options.clone());
    run(|ears| account::read(profile, options, ears), progress)
}

/// Reads every account of the organisation, by a role of this name.
pub(super) fn organization(role: &str, options: &Options, progress: &dyn Progress) -> Result<Snapshot, CollectError> {
    let (role, options) = (role.into(), options.clone());
    run(|ears| organization::read(role, options, ears), progress)
}

/// Which of these actions the credentials may take.
pub(super) fn held(profile: Option<&str>, options: &Options, wanted: &BTreeSet<String>) -> Result<Held, CollectError> {
    let (profile, options, wanted) = (profile.map(String::from), options.clone(), wanted.clone());
    run(|ears| async move { held::ask(profile.as_deref(), &options, &wanted, ears).await }, &Unheard)
}
