//! As many threads as the system lets the program have.
#![expect(clippy::disallowed_methods, reason = "the environment is read at the edge, which is here")]

use std::{
    sync::mpsc,
    thread::{self, available_parallelism},
};

use rayon::ThreadPoolBuilder;

use super::exit::Failure;

/// The room that has to be left for a thread, in bytes: one that gets its stack and no more than that ends the program.
const ROOM: usize = 64 << 20;
/// The room that has to be left for all else, in bytes: rules are read on a stack of 64 MiB, and what is read takes its own.
const SPARE: usize = 160 << 20;

/// Makes the threads that work is shared among. Left to itself the library makes one for each core when the first work
/// comes, and crashes where a limit forbids it; and what failed once it does not try again.
pub(super) fn make() -> Result<(), Failure> {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok());
    let wanted = asked.filter(|number| *number > 0).or_else(|| available_parallelism().ok().map(Into::into));
    let wanted: usize = wanted.unwrap_or(1);
    let possible = possible(wanted);
    if possible == 0 {
        let hint = "raise the limit of its processes or of its memory";
        return Err(Failure::usage("the system lets this program have no thread", hint));
    }
    // A second call in one process, as tests make, finds those of the first one.
    let _ = ThreadPoolBuilder::new().num_threads(possible).build_global();
    Ok(())
}

/// How many threads there can be at once, up to so many: they are made one after another, and let go together. One is kept
/// for what comes besides.
fn possible(wanted: usize) -> usize {
    thread::scope(|scope| {
        let (started, starts) = mpsc::channel();
        let mut waiting = Vec::new();
        for made in 0..wanted {
            let (ends, end) = mpsc::channel::<()>();
            let started = started.clone();
            let run = move || {
                let _ = started.send(());
                let _ = end.recv();
            };
            if !is_room(ROOM + SPARE) || thread::Builder::new().stack_size(ROOM).spawn_scoped(scope, run).is_err() {
                return made.saturating_sub(1);
            }
            let _ = starts.recv();
            waiting.push(ends);
        }
        wanted
    })
}

/// Whether there are addresses for so many bytes; none of them is touched.
fn is_room(bytes: usize) -> bool {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(bytes).is_ok()
}
