//! What holds of records that were not read, many at once: drawn by a seed, and all of them.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::atomic::{AtomicUsize, Ordering},
};

use egress_audit::{
    decode::decode,
    engine::Verdict,
    graph::resolve,
    report::{Keep, report},
    rule::RuleSet,
    snapshot,
};
use rayon::prelude::*;

use super::{check, knocked_out, none, scenarios, verdicts};

/// The calls that say who the workloads are, and what they are set to themselves.
const WORKLOADS: [&str; 7] = [
    "lambda:function",
    "lambda:function-detail",
    "functions:function",
    "run:service",
    "run:job",
    "run:worker-pool",
    "resourcemanager:project",
];

/// Draws the same numbers for the same seed.
struct Dice(DefaultHasher);

impl Dice {
    fn of(seed: &(&str, u64)) -> Self {
        let mut hash = DefaultHasher::new();
        seed.hash(&mut hash);
        Self(hash)
    }

    /// Whether something happens that happens so many times of a hundred.
    fn falls(&mut self, hundredths: u64) -> bool {
        self.0.write_u8(0);
        self.0.finish() % 100 < hundredths
    }
}

/// `EGRESS_AUDIT_SUBSETS=100 cargo test --test scenarios subsets` draws a hundred of every scenario; what fails names its number.
#[test]
fn nothing_passes_of_which_any_subset_was_not_read() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let each: u64 = std::env::var("EGRESS_AUDIT_SUBSETS").ok().and_then(|it| it.parse().ok()).unwrap_or(2);
    let (drawn, lost, judged) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let problems: Vec<String> = scenarios()
        .par_iter()
        .flat_map_iter(|(name, snapshot, _)| {
            let before = verdicts(&rules, snapshot);
            let mut problems = Vec::new();
            for nth in 0..each {
                let mut dice = Dice::of(&(name, nth));
                // From a few records to most of them.
                let share = [5, 20, 50, 80][usize::try_from(nth % 4).expect("small")];
                let gone: BTreeSet<(&str, &str, String)> = snapshot
                    .records
                    .iter()
                    .filter(|_| dice.falls(share))
                    .map(|it| (&*it.kind, it.id.as_str(), it.scope.to_string()))
                    .collect();
                let unread = |it: &snapshot::Record| gone.contains(&(&*it.kind, it.id.as_str(), it.scope.to_string()));
                let after = verdicts(&rules, &knocked_out(snapshot, &unread, None));
                problems.extend(check(&format!("{name}, subset {nth}"), &before, &after));
                drawn.fetch_add(1, Ordering::Relaxed);
                lost.fetch_add(gone.len(), Ordering::Relaxed);
                judged.fetch_add(before.len(), Ordering::Relaxed);
            }
            problems
        })
        .collect();
    let number = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    println!("{} subsets, {} records, {} verdicts", number(&drawn), number(&lost), number(&judged));
    none(&problems);
}

/// Everybody's answers are gone but the workloads', and then theirs too.
#[test]
fn where_nothing_was_read_every_rule_says_so_or_has_nothing_to_say() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let (mut open, mut said) = (0, 0);
    let mut problems = Vec::new();
    for (name, snapshot, _) in scenarios() {
        let mut all = snapshot.clone();
        let kinds: BTreeSet<String> = snapshot.coverage.iter().map(|line| line.kind.to_string()).collect();
        for kind in &kinds {
            all = knocked_out(&all, &|it| it.kind == *kind, Some(kind));
        }
        assert!(all.records.iter().all(|it| !kinds.contains(&*it.kind)), "{name}: a kind without a line");
        // Nobody is there to be judged, and the report says that this is not all.
        let graph = resolve(&decode(&all));
        let report = report(vec![name.clone()], &all, &graph, &rules, None, None, Keep::Everything);
        if report.complete() || report.summary.pass > 0 || report.summary.fail > 0 {
            problems.push(format!("{name} without anything: {:?}", report.summary));
        }
        // Who the workloads are is known, and nothing about what is around them.
        let mut alone = snapshot.clone();
        for kind in kinds.iter().filter(|kind| !WORKLOADS.contains(&kind.as_str())) {
            alone = knocked_out(&alone, &|it| it.kind == *kind, Some(kind));
        }
        let before = verdicts(&rules, &snapshot);
        let after = verdicts(&rules, &alone);
        problems.extend(check(&format!("{name} with its workloads alone"), &before, &after));
        let is_open = |it: &&Verdict| matches!(it, Verdict::NotEvaluated { .. });
        open += after.values().filter(is_open).count();
        said += after.values().filter(|it| !is_open(it)).count();
    }
    none(&problems);
    println!("{open} are open, {said} are said by the workloads' own words");
    assert!(open > 5000, "{open} are few");
}
