//! Reads Google Cloud over its REST APIs: a project call by call, folders and organisations by the asset inventory.
//!
//! Whatever fails on the way becomes a gap beside what was read; only where nothing can be read at all is there an
//! error. The floors above see records.

mod accounts;
mod auth;
#[cfg(feature = "objects")]
mod bearer;
mod calls;
mod endpoints;
mod estate;
mod failure;
mod held;
mod hosts;
mod http;
mod identity;
mod inventory;
mod keys;
mod ledger;
mod named;
mod network;
mod pages;
mod reader;
mod roles;
mod workload;
mod workloads;

use std::collections::BTreeSet;

#[cfg(feature = "objects")]
pub(super) use self::bearer::Bearer;
use super::{CollectError, Held, Options, Progress, Unheard, runner::run, spec::GoogleScope};
use crate::snapshot::Snapshot;

/// Reads a project, or everything below a folder or an organisation.
pub(super) fn collect(
    scope: &GoogleScope,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Snapshot, CollectError> {
    let (scope, options) = (scope.clone(), options.clone());
    choose_tls();
    run(|ears| estate::read(scope, options, ears), progress)
}

/// Which of these permissions the credentials hold there.
pub(super) fn held(scope: &GoogleScope, options: &Options, wanted: &BTreeSet<String>) -> Result<Held, CollectError> {
    let (scope, options, wanted) = (scope.clone(), options.clone(), wanted.clone());
    choose_tls();
    run(|ears| async move { held::ask(&scope, &options, &wanted, ears).await }, &Unheard)
}

/// Says what makes TLS. Whoever came first has chosen; there is but one choice in this program.
fn choose_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
