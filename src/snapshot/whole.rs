//! Whether a snapshot holds all that its own ledger says was read: one that lost records would show less than there is.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use rayon::prelude::*;

use super::Snapshot;

/// What is missing, in words; none where nothing is.
///
/// Lists of Google Cloud are of all regions, so what is counted is what one account has of one kind.
pub(super) fn missing(snapshot: &Snapshot) -> Option<String> {
    let of_records =
        || counted(snapshot.records.par_iter().map(|it| ((it.scope.cloud, &*it.scope.account, &*it.kind), 1)));
    let of_lists =
        || counted(snapshot.coverage.par_iter().map(|it| ((it.scope.cloud, &*it.scope.account, &*it.kind), it.count)));
    let (held, told) = rayon::join(of_records, of_lists);
    told.into_iter().find_map(|(of, told)| {
        let (held, (cloud, account, kind)) = (held.get(&of).copied().unwrap_or(0), of);
        let lost = || format!("it says that {told} of `{kind}` were read in {cloud}:{account}, and it holds {held}");
        (held < told).then(lost)
    })
}

/// The sum of what is told of each.
fn counted<K: Ord + Hash + Send>(all: impl ParallelIterator<Item = (K, u64)>) -> BTreeMap<K, u64> {
    let parts = all.fold(HashMap::new, |mut sums: HashMap<K, u64>, (of, count)| {
        let sum = sums.entry(of).or_default();
        *sum = sum.saturating_add(count);
        sums
    });
    let parts = parts.map(|part| part.into_iter().collect::<BTreeMap<K, u64>>());
    parts.reduce(BTreeMap::new, |mut sums, part| {
        for (of, count) in part {
            let sum = sums.entry(of).or_default();
            *sum = sum.saturating_add(count);
        }
        sums
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::snapshot::{Coverage, ReadState, Record, ScopeId, kinds};

    #[test]
    fn a_record_that_is_gone_is_missed_and_one_more_is_not() {
        let mut snapshot = Snapshot::empty(Timestamp::UNIX_EPOCH);
        let scope = ScopeId::aws("123456789012", "us-west-2");
        let record =
            |id: &str| Record::new(kinds::VPC.name, id, scope.clone(), serde_json::json!({})).expect("a record");
        let (kind, call) = (kinds::VPC.name.into(), kinds::VPC.call.into());
        snapshot.coverage.push(Coverage { scope: scope.clone(), kind, call, state: ReadState::Read, count: 2 });
        snapshot.records.push(record("a"));
        let words = "it says that 2 of `ec2:vpc` were read in aws:123456789012, and it holds 1";
        assert_eq!(missing(&snapshot).as_deref(), Some(words));
        snapshot.records.extend([record("b"), record("c")]);
        assert_eq!(missing(&snapshot), None);
    }
}
