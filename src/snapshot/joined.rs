//! Readings of several people, perhaps of the same places, as one.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::Snapshot;

impl Snapshot {
    /// What all of them say, in its one order: of several readings of one thing the first stays, and a list is as whole as
    /// the poorest one. None where there is none; a single one stays as it is.
    pub fn joined(readings: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut readings: Vec<Self> = readings.into_iter().collect();
        if readings.len() < 2 {
            return readings.pop();
        }
        let scopes = readings.iter_mut().map(|it| std::mem::take(&mut it.scopes)).collect();
        let coverage = readings.iter_mut().map(|it| std::mem::take(&mut it.coverage)).collect();
        let records = readings.iter_mut().map(|it| std::mem::take(&mut it.records)).collect();
        let mut all = readings.into_iter().reduce(|mut all, more| {
            all.extend(more);
            all
        })?;
        all.scopes = united(scopes, |a, b| a.id.cmp(&b.id), |_, _| {});
        all.coverage = united(
            coverage,
            |a, b| (&a.scope, &a.kind, &a.call).cmp(&(&b.scope, &b.kind, &b.call)),
            |own, more| (own.state, own.count) = (own.state.max(more.state), own.count.max(more.count)),
        );
        all.records = united(records, |a, b| (&a.kind, &a.id, &a.scope).cmp(&(&b.kind, &b.id, &b.scope)), |_, _| {});
        all.sort();
        Some(all)
    }
}

/// One list of several, sorted once. What an earlier list has too is left out of the later ones, and `absorb`ed by the item
/// that stays; what one list has twice stays twice.
fn united<T: Send>(
    lists: Vec<Vec<T>>,
    order: impl Fn(&T, &T) -> Ordering + Sync,
    absorb: impl Fn(&mut T, &T),
) -> Vec<T> {
    let tagged = |(nth, list): (usize, Vec<T>)| list.into_iter().map(move |item| (nth, item));
    let mut all: Vec<(usize, T)> = lists.into_iter().enumerate().flat_map(tagged).collect();
    // Each list is sorted already, as it was written: runs are merged.
    all.par_sort_by(|(m, a), (n, b)| order(a, b).then(m.cmp(n)));
    all.dedup_by(|(n, later), (m, first)| {
        let again = m != n && order(first, later).is_eq();
        if again {
            absorb(first, later);
        }
        again
    });
    all.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
#[path = "joined/tests.rs"]
mod tests;
