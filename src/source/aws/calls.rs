//! How calls go out: so many at a time, so many a second, and heard by whoever watches.

use std::{
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};

use super::failure::Failure;
use crate::{evidence::GapReason, source::runner::Event};

/// How many calls are under way for one service in one region.
pub(super) const IN_FLIGHT: usize = 16;
/// How many calls are under way at all.
pub(super) const IN_FLIGHT_OVERALL: usize = 64;

/// Spaces calls evenly, at so many a second.
#[derive(Debug)]
pub(super) struct Pace {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many calls a second; on this machine AWS's quotas do not exist, and calls do not wait.
    pub(super) fn new(calls_a_second: u32, local: bool) -> Self {
        let gap = if local { Duration::ZERO } else { Duration::from_secs(1) / calls_a_second.max(1) };
        Self { gap, next: Mutex::new(None) }
    }

    /// The turn of the next call.
    fn turn(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn
    }

    async fn wait(&self) {
        if !self.gap.is_zero() {
            sleep_until(self.turn(Instant::now())).await;
        }
    }
}

/// What a call will give.
pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The calls to one service in one region.
#[derive(Debug)]
pub(super) struct Calls {
    overall: Arc<Semaphore>,
    here: Semaphore,
    ears: UnboundedSender<Event>,
}

impl Calls {
    /// Calls that share a limit with all others, and tell what they do.
    pub(super) fn new(overall: Arc<Semaphore>, ears: UnboundedSender<Event>) -> Self {
        Self { overall, here: Semaphore::new(IN_FLIGHT), ears }
    }

    /// Says that so many more calls will be needed.
    pub(super) fn expect(&self, calls: usize) {
        // Nobody has to listen.
        let _ = self.ears.send(Event::Expect(calls as u64));
    }

    /// Makes a call when its turn has come. A call of the SDK is large, and many are under way: each has a place of its own.
    pub(super) fn make<'a, T, E>(
        &'a self,
        name: &'static str,
        pace: &'a Pace,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> Answer<'a, T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Box::pin(async move {
            pace.wait().await;
            let closed = |_| Failure::new(GapReason::Interrupted, "the run was stopped");
            let _here = self.here.acquire().await.map_err(closed)?;
            let _overall = self.overall.acquire().await.map_err(closed)?;
            let result = call.await.map_err(|error| Failure::of(&error));
            if let Err(failure) = &result {
                tracing::debug!(call = name, why = %failure.why, "failed");
            }
            let _ = self.ears.send(Event::Done(name));
            result
        })
    }
}

/// Does something for each item, for at most so many at a time. The results come in no order.
pub(super) async fn each<I, T, F>(items: Vec<I>, at_a_time: usize, work: impl Fn(I) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut results = Vec::with_capacity(items.len());
    let mut tasks = JoinSet::new();
    for item in items {
        if tasks.len() >= at_a_time {
            results.extend(tasks.join_next().await.map(whole));
        }
        tasks.spawn(work(item));
    }
    while let Some(result) = tasks.join_next().await {
        results.push(whole(result));
    }
    results
}

/// What a task gave. A panic in it goes on in whoever waits: the work that it leaves undone must not go unnoticed.
fn whole<T>(result: Result<T, JoinError>) -> T {
    match result {
        Ok(result) => result,
        Err(error) => resume_unwind(error.try_into_panic().unwrap_or_else(|_| Box::new("a task was cancelled"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spaced_and_unused_time_is_not_saved_up() {
        let pace = Pace::new(10, false);
        let start = Instant::now();
        assert_eq!(pace.turn(start), start);
        assert_eq!(pace.turn(start), start + Duration::from_millis(100));
        let later = start + Duration::from_secs(5);
        assert_eq!(pace.turn(later), later);
        assert_eq!(pace.turn(later), later + Duration::from_millis(100));
    }
}
