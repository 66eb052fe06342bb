//! What one evaluation came across: the facts it missed, and the steps it took. An expression's error can name one fact
//! only, so the others are noted here, by the facts themselves.

use std::{cell::RefCell, collections::BTreeSet};

use crate::evidence::Gap;

/// The most elements that one evaluation may walk over.
pub(super) const STEPS: u32 = 100_000;

thread_local! {
    static RECORD: RefCell<Record> = RefCell::default();
}

/// What was noted.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The gaps that were touched.
    pub(super) gaps: BTreeSet<Gap>,
    /// The elements that were walked over.
    steps: u32,
}

impl Record {
    /// Whether the evaluation was cut off.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > STEPS
    }
}

/// Starts over.
pub(super) fn start() {
    RECORD.take();
}

/// Hands over what was noted since the start.
pub(super) fn finish() -> Record {
    RECORD.take()
}

/// Notes that a fact was asked for and is not there.
pub(super) fn miss(gap: Gap) {
    RECORD.with_borrow_mut(|record| record.gaps.insert(gap));
}

/// Notes a step; false once there were too many.
pub(super) fn step() -> bool {
    RECORD.with_borrow_mut(|record| {
        record.steps = record.steps.saturating_add(1);
        !record.is_exhausted()
    })
}
