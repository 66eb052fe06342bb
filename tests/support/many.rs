//! Many runs of the program at a time.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// Does this for all of them, so many at a time.
pub(crate) fn each<T: Sync>(workers: usize, all: &[T], check: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(one);
                }
            });
        }
    });
}

/// Does this for all of them at once, since nearly all they do is to wait. One starts after the other: what they do first
/// takes the machine's time, and by a fast clock a program that does not get it is late.
pub(crate) fn at_once<T: Sync>(all: &[T], check: impl Fn(&T) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for one in all {
            scope.spawn(move || check(one));
            thread::sleep(Duration::from_millis(300));
        }
    });
}
