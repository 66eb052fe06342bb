//! Reads AWS accounts through the AWS SDK for Rust.
//!
//! Whatever fails on the way becomes a gap beside what was read; only where nothing can be read at all is there an
//! error. All AWS types end here: the floors above see records.

mod account;
mod answers;
mod balancers;
mod body;
mod calls;
mod distributions;
mod export;
mod failure;
mod functions;
mod hosts;
mod http_apis;
mod identities;
mod keys;
mod ledger;
mod network;
mod pages;
mod reader;
mod rest_apis;
mod settings;

use std::{future::pending, pin::pin};

use tokio::{runtime::Builder, select, signal::ctrl_c, sync::mpsc::unbounded_channel};

use self::calls::Event;
use super::{CollectError, Options, Progress};
use crate::snapshot::Snapshot;

/// Reads the account that the credentials lead to.
pub(super) fn collect(
    profile: Option<&str>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Snapshot, CollectError> {
    let failed = |what: &dyn std::fmt::Display| CollectError::Config { message: format!("{what}"), hint: None };
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| failed(&error))?;
    let outcome = runtime.block_on(async {
        let (ears, mut events) = unbounded_channel();
        let work = tokio::spawn(account::read(profile.map(Into::into), options.clone(), ears));
        let mut stop = pin!(async {
            if ctrl_c().await.is_err() {
                // Without the signal there is nothing to wait for.
                pending::<()>().await;
            }
        });
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
