//! Reads Google Cloud over its REST APIs: a project call by call, folders and organisations by the asset inventory.
//!
//! Whatever fails on the way becomes a gap beside what was read; only where nothing can be read at all is there an
//! error. The floors above see records.

mod accounts;
mod auth;
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
mod network;
mod pages;
mod reader;
mod roles;
mod settings;
mod workload;
mod workloads;

use std::{collections::BTreeSet, pin::pin};

use tokio::{
    select,
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use self::calls::Event;
use super::{
    CollectError, Held, Options, Progress, Unheard,
    spec::GoogleScope,
    stop::{runtime, stopped},
};
use crate::snapshot::Snapshot;

/// Reads a project, or everything below a folder or an organisation.
pub(super) fn collect(
    scope: &GoogleScope,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Snapshot, CollectError> {
    let (scope, options) = (scope.clone(), options.clone());
    run(|ears| estate::read(scope, options, ears), progress)
}

/// Which of these permissions the credentials hold there.
pub(super) fn held(scope: &GoogleScope, options: &Options, wanted: &BTreeSet<String>) -> Result<Held, CollectError> {
    let (scope, options, wanted) = (scope.clone(), options.clone(), wanted.clone());
    run(|ears| async move { held::ask(&scope, &options, &wanted, ears).await }, &Unheard)
}

/// Runs something to its end, or until somebody stops it.
fn run<T, F>(work: impl FnOnce(UnboundedSender<Event>) -> F, progress: &dyn Progress) -> Result<T, CollectError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, CollectError>> + Send + 'static,
{
    let failed = |what: &dyn std::fmt::Display| CollectError::Config { message: format!("{what}"), hint: None };
    // Whoever came first has chosen; there is but one choice in this program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let (ears, mut events) = unbounded_channel();
        let work = tokio::spawn(work(ears));
        let mut stop = pin!(stopped());
        loop {
            select! {
                () = &mut stop => return Err(CollectError::Interrupted),
                event = events.recv() => match event {
                    Some(Event::Expect(calls)) => progress.expect(calls),
                    Some(Event::Done(call)) => progress.done(call),
                    // Everyone who could still tell something has ended.
                    None => break,
                },
            }
        }
        work.await.map_err(|_| failed(&"the collection stopped by a fault of this program"))?
    });
    runtime.shutdown_background();
    outcome
}
