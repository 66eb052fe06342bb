//! Runs what reads a cloud: to its end, or until somebody stops it, while somebody watches.

use std::pin::pin;

use tokio::{
    runtime::Builder,
    select,
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use super::{
    CollectError, Progress,
    stop::{can_be_stopped, stopped},
};

/// What happens while a collection goes on.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// That many more calls are known to be needed.
    Expect(u64),
    /// A call has ended.
    Done(&'static str),
    /// That many accounts are going to be read.
    #[cfg(feature = "aws")]
    Accounts(u64),
    /// An account has been read, as far as it can be.
    #[cfg(feature = "aws")]
    Account,
    /// Something that whoever watches should know.
    #[cfg(feature = "aws")]
    Note(String),
}

/// Runs something to its end, or until somebody stops it.
///
/// # Errors
/// Its own; that it was stopped; and that it failed by a fault of this program.
pub(super) fn run<T, F>(
    work: impl FnOnce(UnboundedSender<Event>) -> F,
    progress: &dyn Progress,
) -> Result<T, CollectError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, CollectError>> + Send + 'static,
{
    let failed = |what: &dyn std::fmt::Display| CollectError::Config { message: format!("{what}"), hint: None };
    can_be_stopped()?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| failed(&error))?;
    let outcome = runtime.block_on(async {
        let (ears, mut events) = unbounded_channel();
        let work = tokio::spawn(work(ears));
        let mut stop = pin!(stopped());
        loop {
            select! {
                () = &mut stop => return Err(CollectError::Interrupted),
                event = events.recv() => match event {
                    Some(event) => tell(progress, event),
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

fn tell(progress: &dyn Progress, event: Event) {
    match event {
        Event::Expect(calls) => progress.expect(calls),
        Event::Done(call) => progress.done(call),
        #[cfg(feature = "aws")]
        Event::Accounts(accounts) => progress.accounts(accounts),
        #[cfg(feature = "aws")]
        Event::Account => progress.account_done(),
        #[cfg(feature = "aws")]
        Event::Note(text) => progress.note(&text),
    }
}
