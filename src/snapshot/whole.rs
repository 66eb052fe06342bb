//! Whether a snapshot holds all that its own ledger says was read: one that lost records would show less than there is.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Snapshot;

/// What is missing, in words; none where nothing is.
///
/// Lists of Google Cloud are of all regions, so what is counted is what one account has of one kind.
pub(super) fn missing(snapshot: &Snapshot) -> Option<String> {
    let held = snapshot.records.par_iter().fold(BTreeMap::new, |mut held: BTreeMap<_, u64>, record| {
        *held.entry((record.scope.cloud, &*record.scope.account, &*record.kind)).or_default() += 1;
        held
    });
    let held = held.reduce(BTreeMap::new, |mut held, more| {
        for (of, count) in more {
            *held.entry(of).or_default() += count;
        }
        held
    });
    let mut told: BTreeMap<_, u64> = BTreeMap::new();
    for line in &snapshot.coverage {
        let sum = told.entry((line.scope.cloud, &*line.scope.account, &*line.kind)).or_default();
        *sum = sum.saturating_add(line.count);
    }
    told.into_iter().find_map(|(of, told)| {
        let (held, (cloud, account, kind)) = (held.get(&of).copied().unwrap_or(0), of);
        let lost = || format!("it says that {told} of `{kind}` were read in {cloud}:{account}, and it holds {held}");
        (held < told).then(lost)
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
