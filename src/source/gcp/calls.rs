//! How calls go out: so many at a time, so many a minute, counted, and heard by whoever watches.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::resume_unwind,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit, mpsc::UnboundedSender},
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};

use super::{
    endpoints::{Api, Endpoints},
    failure::Failure,
};
use crate::{evidence::GapReason, source::runner::Event};

/// How many calls are under way for one API.
const IN_FLIGHT: usize = 16;
/// How many calls are under way at all.
const IN_FLIGHT_OVERALL: usize = 48;
/// How many things are worked on at a time.
pub(super) const AT_A_TIME: usize = 32;

/// Spaces calls evenly, at so many a minute.
#[derive(Debug)]
struct Pace {
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    fn new(calls_a_minute: u32) -> Self {
        Self { gap: Duration::from_mins(1) / calls_a_minute.max(1), next: Mutex::new(None) }
    }

    /// The turn of the next call.
    fn turn(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.gap);
        turn
    }
}

/// The calls to all APIs.
#[derive(Debug)]
pub(super) struct Calls {
    overall: Semaphore,
    of: BTreeMap<Api, (Semaphore, Option<Pace>)>,
    count: AtomicU64,
    ears: UnboundedSender<Event>,
}

/// The turn of one call; it ends with it.
pub(super) struct Turn<'a> {
    _of: SemaphorePermit<'a>,
    _overall: SemaphorePermit<'a>,
}

impl Calls {
    /// Calls that nobody has made yet.
    pub(super) fn new(endpoints: &Endpoints, ears: UnboundedSender<Event>) -> Self {
        // On this machine Google's quotas do not exist, and calls do not wait.
        let pace = |api: Api| api.calls_a_minute().filter(|_| !endpoints.is_local(api)).map(Pace::new);
        let of = Api::ALL.map(|api| (api, (Semaphore::new(IN_FLIGHT), pace(api))));
        Self { overall: Semaphore::new(IN_FLIGHT_OVERALL), of: of.into(), count: AtomicU64::new(0), ears }
    }

    /// Says that one more call will be needed. Nobody has to listen.
    pub(super) fn expect(&self) {
        let _ = self.ears.send(Event::Expect(1));
    }

    /// Says that a call has ended, with all its tries.
    pub(super) fn done(&self, name: &'static str) {
        let _ = self.ears.send(Event::Done(name));
    }

    /// Waits for the turn of a request.
    pub(super) async fn turn(&self, api: Api) -> Result<Turn<'_>, Failure> {
        let closed = || Failure::new(GapReason::Interrupted, "the run was stopped");
        let (semaphore, pace) = self.of.get(&api).ok_or_else(closed)?;
        if let Some(pace) = pace {
            sleep_until(pace.turn(Instant::now())).await;
        }
        let of = semaphore.acquire().await.map_err(|_| closed())?;
        let overall = self.overall.acquire().await.map_err(|_| closed())?;
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok(Turn { _of: of, _overall: overall })
    }

    /// Counts a call that an earlier run made.
    pub(super) fn spared(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests went out.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// Does something for each item, for at most so many at a time. The results come in no order.
pub(super) async fn each<I, T, F>(items: Vec<I>, work: impl Fn(I) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut results = Vec::new();
    let mut tasks = JoinSet::new();
    for item in items {
        if tasks.len() >= AT_A_TIME {
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
        let pace = Pace::new(100);
        let start = Instant::now();
        assert_eq!(pace.turn(start), start);
        assert_eq!(pace.turn(start), start + Duration::from_millis(600));
        let later = start + Duration::from_secs(5);
        assert_eq!(pace.turn(later), later);
    }
}
