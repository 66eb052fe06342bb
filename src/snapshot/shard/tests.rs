//! A collection taken apart and put together again.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::snapshot::Record;

fn estate(accounts: u32) -> Snapshot {
    let mut whole = Snapshot::empty(Timestamp::UNIX_EPOCH);
    for account in 0..accounts {
        let scope = ScopeId::aws(format!("{account:012}"), "us-west-2");
        whole.scopes.push(Scope { id: scope.clone(), principal: None, endpoint: None, calls: Some(3), as_of: None });
        whole.coverage.push(Coverage {
            scope: scope.clone(),
            kind: kinds::VPC.name.into(),
            call: kinds::VPC.call.into(),
            state: ReadState::Read,
            count: 1,
        });
        let record = Record::new(kinds::VPC.name, format!("vpc-{account}"), scope, json!({"VpcId": account}));
        whole.records.push(record.expect("a record"));
    }
    whole.sort();
    whole
}

fn part(index: u32, of: u32) -> Part {
    Part::new(index, of).expect("a part")
}

fn apart(whole: &Snapshot, of: u32) -> Vec<(String, Snapshot)> {
    (1..=of).map(|index| (part(index, of).file_name(), whole.clone().part(&part(index, of)))).collect()
}

fn text(snapshot: &Snapshot) -> String {
    let mut text = Vec::new();
    crate::snapshot::write(snapshot, &mut text).expect("written");
    String::from_utf8(text).expect("text")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_parts_are_the_whole_again_in_whatever_order_they_come(accounts in 1_u32..40, of in 1_u32..12, turn in 0_usize..12) {
        let whole = estate(accounts);
        let mut parts = apart(&whole, of);
        let turn = turn % parts.len();
        parts.rotate_left(turn);
        let united = Snapshot::of_parts(parts, &BTreeMap::new()).expect("one run");
        prop_assert_eq!(text(&united), text(&whole));
    }

    #[test]
    fn an_account_has_one_owner_and_keeps_it_whatever_else_there_is(account in "[0-9]{12}", of in 1_u32..100) {
        let owners: Vec<u32> = (1..=of).filter(|index| part(*index, of).owns(Cloud::Aws, &account)).collect();
        prop_assert_eq!(owners.len(), 1);
    }
}

#[test]
fn the_owner_of_an_account_is_the_same_in_every_version() {
    let owners = ["aws:123456789012", "aws:210987654321", "gcp:shop-prod"].map(|account| owner(account, 8));
    assert_eq!(owners, [8, 1, 7]);
}

#[test]
fn a_missing_part_is_a_gap_of_each_of_its_accounts_and_of_every_kind() {
    let mut parts = apart(&estate(40), 8);
    let (_, missing) = parts.remove(2);
    let united = Snapshot::of_parts(parts, &BTreeMap::new()).expect("one run");
    let lost: BTreeSet<&ScopeId> = united.gaps.iter().map(|gap| &gap.scope).collect();
    assert_eq!(lost.len(), missing.scopes.len());
    for scope in &missing.scopes {
        let of = |kind: &str| {
            let here = |gap: &&ReadGap| gap.kind == kind && gap.scope.account == scope.id.account;
            united.gaps.iter().find(here).and_then(|gap| gap.detail.clone())
        };
        assert_eq!(of(kinds::VPC.name).as_deref(), Some("shard 3 of 8 is missing"));
        assert!(of(kinds::organization::MEMBER.name).is_some());
    }
}

#[test]
fn a_part_that_cannot_be_read_says_why() {
    let mut parts = apart(&estate(40), 8);
    parts.remove(2);
    let torn = BTreeMap::from([(3, "line 7: it ends".to_owned())]);
    let united = Snapshot::of_parts(parts, &torn).expect("one run");
    assert!(
        united.gaps.iter().all(|gap| gap.detail.as_deref() == Some("shard 3 of 8 cannot be read: line 7: it ends"))
    );
    assert!(!united.gaps.is_empty());
}

#[test]
fn an_account_that_only_a_later_list_had_is_a_gap() {
    let (before, after) = (estate(39), estate(40));
    let parts = (1..=8).map(|index| {
        let part = part(index, 8);
        // The part that would have read it listed the accounts too early.
        let whole = if part.owns(Cloud::Aws, "000000000039") { &before } else { &after };
        (part.file_name(), whole.clone().part(&part))
    });
    let united = Snapshot::of_parts(parts.collect(), &BTreeMap::new()).expect("one run");
    assert!(united.gaps.iter().all(|gap| gap.scope.account == "000000000039"));
    assert!(united.gaps.iter().any(|gap| gap.detail.as_deref().is_some_and(|it| it.contains("did not know of it"))));
}

#[test]
fn parts_of_several_runs_are_refused() {
    let whole = estate(4);
    let of = |index, of, run: Option<&str>| {
        let part = Part { run: run.map(str::to_owned), ..part(index, of) };
        (part.file_name(), whole.clone().part(&part))
    };
    let refused = |parts| Snapshot::of_parts(parts, &BTreeMap::new()).expect_err("several runs").to_string();
    assert!(refused(vec![of(1, 2, None), of(2, 3, None)]).contains("one has 2 shards, and the other 3"));
    assert!(refused(vec![of(1, 2, Some("a")), of(2, 2, Some("b"))]).contains("`a` and `b`"));
    assert!(refused(vec![of(1, 2, None), of(1, 2, None)]).contains("are both shard 1 of 2"));
    assert!(refused(vec![("x.json".into(), whole.clone())]).contains("`x.json` is not a shard"));
}

#[test]
fn what_several_parts_read_alike_is_there_once() {
    let whole = estate(6);
    let shared = whole.records.first().cloned().expect("a record");
    let parts = apart(&whole, 3).into_iter().map(|(name, mut part)| {
        if part.records.iter().all(|it| it.id != shared.id) {
            part.records.push(shared.clone());
            part.coverage.push(whole.coverage[0].clone());
            part.scopes.push(whole.scopes[0].clone());
        }
        (name, part)
    });
    let united = Snapshot::of_parts(parts.collect(), &BTreeMap::new()).expect("one run");
    assert_eq!((united.records.len(), united.coverage.len(), united.scopes.len()), (6, 6, 6));
    // Each of the three made calls for it.
    assert_eq!(united.scopes[0].calls, Some(9));
}

#[test]
fn a_part_is_written_as_one_of_so_many() {
    assert_eq!("3/8".parse(), Part::new(3, 8));
    for wrong in ["", "3", "0/8", "9/8", "1/0", "a/b", "1/99999", "-1/2"] {
        assert!(wrong.parse::<Part>().is_err(), "{wrong}");
    }
    assert_eq!(Part::of_file_name("shard-3-of-8.json"), Part::new(3, 8).ok());
    assert_eq!(Part::of_file_name("shard-03-of-8.json"), None);
}
