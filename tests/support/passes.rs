//! What a snapshot comes to, and what may not become of it when less of it was read.

use std::collections::BTreeMap;

use egress_audit::{
    decode::decode,
    graph::resolve,
    report::{Finding, Keep, Outcome, report},
    rule::RuleSet,
    snapshot::Snapshot,
};

/// The verdicts, by rule, subject and element.
pub(crate) type Verdicts = BTreeMap<(String, String, String), Outcome>;

pub(crate) fn verdicts(snapshot: &Snapshot, rules: &RuleSet) -> Verdicts {
    let graph = resolve(&decode(snapshot));
    let report = report(Vec::new(), snapshot, &graph, rules, None, None, Keep::Everything);
    let all: Vec<&Finding> = report.findings.iter().chain(&report.rest).collect();
    let five = &report.summary;
    let sum = five.pass + five.fail + five.not_evaluated + five.not_applicable + five.waived;
    assert_eq!(sum, all.len(), "the five numbers are those of the evaluations");
    let key = |it: &Finding| (it.rule.clone(), it.subject.id.clone(), it.element.clone().unwrap_or_default());
    all.into_iter().map(|it| (key(it), it.verdict)).collect()
}

/// What passes now and was something else when everything was read, or was not there.
pub(crate) fn new_pass(then: &Verdicts, now: &Verdicts) -> Option<String> {
    let passes = now.iter().filter(|(_, verdict)| **verdict == Outcome::Pass);
    let mut new = passes.filter(|(key, _)| then.get(*key).is_some_and(|then| *then != Outcome::Pass));
    new.next().map(|(key, _)| format!("{key:?} passes, and was {:?}", then.get(key)))
}

/// So many pairs of these, at random, and the same ones every time.
pub(crate) fn pairs<T: Copy>(all: &[T], count: usize) -> Vec<[T; 2]> {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut pick = || {
        // George Marsaglia's xorshift.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        all[usize::try_from(seed % all.len() as u64).expect("small")]
    };
    (0..count).map(|_| [pick(), pick()]).collect()
}
