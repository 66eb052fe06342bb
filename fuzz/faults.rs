//! Scripts of faults: which answers of an estate were not got, and what must hold of what is said then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use egress_audit::{
    decode::decode,
    evidence::GapReason,
    graph::resolve,
    report::{Keep, Outcome, report},
    rule::RuleSet,
    snapshot::{ReadGap, ReadState, ScopeId, Snapshot, read, write},
};

use super::RULES;

/// The estates, and what the rules say of them where everything was read.
static ESTATES: LazyLock<Vec<(Snapshot, Verdicts)>> = LazyLock::new(|| {
    let texts = [
        include_str!("../tests/corpus/sound/snapshot.json"),
        include_str!("../tests/corpus/shared-vpc-of-read-owner/snapshot.json"),
        include_str!("../tests/corpus/gcp-connector-of-host-project/snapshot.json"),
    ];
    let known = |text| {
        let snapshot = read("seed", text).expect("a scenario of the tests");
        let verdicts = verdicts(&snapshot, &RULES);
        (snapshot, verdicts)
    };
    texts.map(known).into()
});

/// Why an answer may be missing.
const REASONS: [GapReason; 8] = [
    GapReason::Denied,
    GapReason::Unauthenticated,
    GapReason::Throttled,
    GapReason::ServerError,
    GapReason::Timeout,
    GapReason::Network,
    GapReason::Malformed,
    GapReason::GoneDuringScan,
];

/// By rule, subject and element.
type Verdicts = BTreeMap<(String, String, String), Outcome>;

/// What the rules say; and the five numbers are those of the evaluations.
fn verdicts(snapshot: &Snapshot, rules: &RuleSet) -> Verdicts {
    let graph = resolve(&decode(snapshot));
    let report = report(Vec::new(), snapshot, &graph, rules, None, None, Keep::Everything);
    let sum = report.summary;
    let five = sum.fail + sum.not_evaluated + sum.waived + sum.pass + sum.not_applicable;
    assert_eq!(five, report.findings.len() + report.rest.len(), "{sum:?}");
    assert!(snapshot.gaps.is_empty() || !report.complete(), "what was not read is said: {:?}", snapshot.gaps);
    let all = report.findings.iter().chain(&report.rest);
    all.map(|it| {
        let element = it.element.clone().unwrap_or_default();
        ((it.rule.clone(), it.subject.id.clone(), element), it.verdict)
    })
    .collect()
}

/// The estate as it is after a script: a byte for each record, over and over, which says whether its answer, or that of all
/// of its kind, was got, and why not.
fn after(snapshot: &Snapshot, script: &[u8]) -> Snapshot {
    let mut left = snapshot.clone();
    let (mut kinds, mut gone): (BTreeMap<String, GapReason>, Vec<(usize, GapReason)>) = Default::default();
    for (nth, (record, byte)) in snapshot.records.iter().zip(script.iter().cycle()).enumerate() {
        let why = REASONS[usize::from(byte >> 3) % REASONS.len()];
        match byte & 7 {
            0 | 1 => gone.push((nth, why)),
            2 if byte >> 6 == 0 => drop(kinds.insert(record.kind.to_string(), why)),
            _ => {}
        }
    }
    let mut gap = |kind: &str, scope: &ScopeId, resource: Option<&String>, why| {
        let (kind, scope, resource) = (kind.to_owned(), scope.clone(), resource.cloned());
        left.gaps.push(ReadGap { scope, kind, call: "the call".into(), resource, why, detail: None });
    };
    let mut parts = BTreeSet::new();
    for (nth, why) in &gone {
        let record = &snapshot.records[*nth];
        parts.insert((record.kind.clone(), record.scope.to_string()));
        gap(&record.kind, &record.scope, Some(&record.id), *why);
    }
    for (kind, why) in &kinds {
        for scope in &snapshot.scopes {
            gap(kind, &scope.id, None, *why);
        }
    }
    let lost: BTreeSet<usize> = gone.iter().map(|(nth, _)| *nth).collect();
    let mut nth = 0;
    left.records.retain(|record| {
        nth += 1;
        !lost.contains(&(nth - 1)) && !kinds.contains_key(&*record.kind)
    });
    for line in &mut left.coverage {
        if kinds.contains_key(&*line.kind) {
            (line.state, line.count) = (ReadState::Unread, 0);
        } else if parts.contains(&(line.kind.clone(), line.scope.to_string())) {
            line.state = ReadState::Partial;
        }
        let own = left.records.iter().filter(|it| it.kind == line.kind && it.scope == line.scope).count();
        line.count = line.count.min(own as u64);
    }
    left
}

/// What was not got makes nothing pass and turns no verdict around, and the estate without it is written and read again.
pub(super) fn hold(bytes: &[u8]) {
    let Some((first, script)) = bytes.split_first().filter(|(_, script)| !script.is_empty()) else { return };
    let (snapshot, before) = &ESTATES[usize::from(*first) % ESTATES.len()];
    let left = after(snapshot, script);
    let now = verdicts(&left, &RULES);
    let subjects: BTreeSet<&String> = now.keys().map(|(_, subject, _)| subject).collect();
    let open: BTreeSet<_> = now
        .iter()
        .filter(|(_, it)| **it == Outcome::NotEvaluated)
        .map(|((rule, subject, _), _)| (rule, subject))
        .collect();
    for (key @ (rule, subject, _), was) in before {
        let right = match now.get(key) {
            Some(is) => is == was || *is == Outcome::NotEvaluated,
            None => !subjects.contains(subject) || open.contains(&(rule, subject)) || *was == Outcome::NotApplicable,
        };
        assert!(right, "{key:?} was {was:?}, is {:?}", now.get(key));
    }
    for (key, is) in now.iter().filter(|(_, is)| **is == Outcome::Pass) {
        assert_eq!(before.get(key), Some(is), "{key:?} passes");
    }
    let mut out = Vec::new();
    write(&left, &mut out).expect("memory takes it");
    let again = read("again", String::from_utf8(out).expect("text")).expect("what is written is read");
    assert_eq!(verdicts(&again, &RULES), now);
}
