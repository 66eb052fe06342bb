//! Readings of the same places, joined.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use crate::snapshot::{Coverage, ReadState, Record, Scope, ScopeId, Snapshot, kinds, write};

/// What somebody read of these places: of each a network of that number, in the words of the reader.
fn reading(reader: usize, places: &[(u8, u8, ReadState)]) -> Snapshot {
    let mut all = Snapshot::empty(Timestamp::UNIX_EPOCH);
    for (account, vpc, state) in places {
        let scope = ScopeId::aws(format!("{account:012}"), "us-west-2");
        let principal = Some(format!("reader {reader}"));
        all.scopes.push(Scope { id: scope.clone(), principal, endpoint: None, calls: None, as_of: None });
        all.coverage.push(Coverage {
            scope: scope.clone(),
            kind: kinds::VPC.name.into(),
            call: kinds::VPC.call.into(),
            state: *state,
            count: u64::from(*vpc),
        });
        let body = json!({"VpcId": vpc, "reader": reader});
        all.records.push(Record::new(kinds::VPC.name, format!("vpc-{vpc}"), scope, body).expect("a record"));
    }
    all.coverage.sort();
    all.coverage.dedup_by(|b, a| a.scope == b.scope);
    all.sort();
    all
}

fn text(snapshot: &Snapshot) -> String {
    let mut text = Vec::new();
    write(snapshot, &mut text).expect("written");
    String::from_utf8(text).expect("text")
}

/// The same, one by one and item by item.
fn slowly(readings: &[Snapshot]) -> Snapshot {
    let mut all = readings[0].clone();
    for more in &readings[1..] {
        let own = all.clone();
        let same = |a: &Record, b: &Record| (&a.kind, &a.scope, &a.id) == (&b.kind, &b.scope, &b.id);
        all.records.extend(more.records.iter().filter(|it| !own.records.iter().any(|own| same(own, it))).cloned());
        all.scopes.extend(more.scopes.iter().filter(|it| !own.scopes.iter().any(|own| own.id == it.id)).cloned());
        for line in &more.coverage {
            match all.coverage.iter_mut().find(|own| own.scope == line.scope) {
                Some(own) => (own.state, own.count) = (own.state.max(line.state), own.count.max(line.count)),
                None => all.coverage.push(line.clone()),
            }
        }
        all.sort();
    }
    all
}

fn places() -> impl Strategy<Value = Vec<(u8, u8, ReadState)>> {
    let state = prop::sample::select(vec![ReadState::Read, ReadState::Partial, ReadState::Unread]);
    prop::collection::vec((0_u8..4, 0_u8..4, state), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn of_one_thing_the_first_reading_stays_and_a_list_is_as_whole_as_the_poorest(
        places in prop::collection::vec(places(), 1..5),
    ) {
        let readings: Vec<Snapshot> = places.iter().enumerate().map(|(reader, them)| reading(reader, them)).collect();
        let joined = Snapshot::joined(readings.clone()).expect("a reading");
        prop_assert_eq!(text(&joined), text(&slowly(&readings)));
    }
}

#[test]
fn nothing_joined_is_nothing() {
    assert!(Snapshot::joined([]).is_none());
}
