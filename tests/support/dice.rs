//! One call in twenty of a large estate fails, in a way that is drawn for it: no verdict is wrong, and nothing changes that hangs on
//! no call that failed. What is drawn goes by a seed, so what fails once fails again.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex},
    time::Instant,
};

use egress_audit::{report::Outcome as Verdict, rule::RuleSet, snapshot::Snapshot};

use crate::passes::{Verdicts, verdicts};

/// How many workloads an estate has.
pub(crate) const WORKLOADS: usize = 1000;

/// One call in so many fails.
const ONE_IN: u64 = 20;

/// Says for each call of a run whether it fails, and remembers those that do.
pub(crate) struct Dice {
    seed: u64,
    /// By call: the workload that it is of alone, and how often it was made.
    failed: Mutex<BTreeMap<String, (Option<usize>, usize)>>,
}

impl Dice {
    /// Whether a call fails that is about this workload alone, or about many. Then one of so many ways is drawn for it, the same
    /// for every try, with how many tries came before. Of seeds that are even, only calls about one workload fail.
    pub(crate) fn fall(&self, call: &str, of: Option<usize>, ways: usize) -> Option<(usize, usize)> {
        let mut hash = DefaultHasher::new();
        (self.seed, call).hash(&mut hash);
        let drawn = hash.finish();
        if !drawn.is_multiple_of(ONE_IN) || self.seed.is_multiple_of(2) && of.is_none() {
            return None;
        }
        let mut failed = self.failed.lock().expect("no panic");
        let (_, tries) = failed.entry(call.to_owned()).or_insert((of, 0));
        *tries += 1;
        Some((usize::try_from(drawn / ONE_IN).unwrap_or(0) % ways, *tries - 1))
    }
}

/// What a collection came to.
pub(crate) struct Collected {
    pub(crate) code: Option<i32>,
    pub(crate) errors: String,
    /// None where it ended without one.
    pub(crate) snapshot: Option<Snapshot>,
}

/// Collects with the seeds that are asked for by `EGRESS_AUDIT_CHAOS`, or so many, and holds the verdicts against those of a
/// healthy run. `number` gives the workload that a subject is.
pub(crate) fn holds(
    seeds: u64,
    number: fn(&str) -> Option<usize>,
    collected: impl Fn(Option<&Arc<Dice>>) -> Collected,
) {
    #[expect(clippy::disallowed_methods, reason = "how many seeds are drawn is the caller's to say")]
    let seeds: u64 = std::env::var("EGRESS_AUDIT_CHAOS").ok().and_then(|it| it.parse().ok()).unwrap_or(seeds);
    let rules = RuleSet::embedded().expect("the rules are sound");
    let whole = collected(None);
    let snapshot = whole.snapshot.unwrap_or_else(|| panic!("nothing was collected: {}", whole.errors));
    assert_eq!((whole.code, snapshot.gaps.as_slice()), (Some(0), [].as_slice()), "{}", whole.errors);
    let healthy = verdicts(&snapshot, &rules);
    let subjects = healthy.keys().map(|(_, subject, _)| subject);
    let workloads: BTreeSet<&String> = subjects.filter(|subject| number(subject).is_some()).collect();
    assert!(workloads.len() >= WORKLOADS, "{}", workloads.len());
    println!("healthy: {}", counts(&healthy));
    let mut problems = Vec::new();
    for seed in 0..seeds {
        let (start, dice) = (Instant::now(), Arc::new(Dice { seed, failed: Mutex::default() }));
        let now = collected(Some(&dice));
        let said = &now.errors;
        assert!(!said.contains("panicked"), "seed {seed}: {said}");
        let Some(snapshot) = now.snapshot else {
            // Nothing is known of the account itself: an error, and no file.
            assert!(now.code == Some(2) && said.starts_with("error: "), "seed {seed}: {:?}: {said}", now.code);
            println!("seed {seed}: nothing could be read");
            continue;
        };
        let code = if snapshot.gaps.is_empty() { 0 } else { 3 };
        assert_eq!(now.code, Some(code), "seed {seed}: {said}");
        let now = verdicts(&snapshot, &rules);
        let calls = std::mem::take(&mut *dice.failed.lock().expect("no panic"));
        let failed: BTreeSet<Option<usize>> = calls.values().map(|(of, _)| *of).collect();
        problems.extend(wrong(&healthy, &now, &failed, number).iter().map(|it| format!("seed {seed}: {it}")));
        println!(
            "seed {seed}: {} calls fail, {} gaps; {}; {:.1?}",
            calls.len(),
            snapshot.gaps.len(),
            counts(&now),
            start.elapsed()
        );
    }
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems[..problems.len().min(20)].join("\n"));
}

fn counts(of: &Verdicts) -> String {
    let count = |verdict| of.values().filter(|it| **it == verdict).count();
    let [pass, fail, open] = [Verdict::Pass, Verdict::Fail, Verdict::NotEvaluated].map(count);
    format!("{pass} pass, {fail} fail, {open} are not evaluated")
}

/// What is wrong with the verdicts of a run in which calls about these workloads failed, or about many.
fn wrong(
    healthy: &Verdicts,
    now: &Verdicts,
    failed: &BTreeSet<Option<usize>>,
    number: fn(&str) -> Option<usize>,
) -> Vec<String> {
    let open: BTreeSet<(&String, &String)> = now
        .iter()
        .filter(|(_, it)| **it == Verdict::NotEvaluated)
        .map(|((rule, subject, _), _)| (rule, subject))
        .collect();
    let subjects: BTreeSet<&String> = now.keys().map(|(_, subject, _)| subject).collect();
    let mut problems = Vec::new();
    for (key @ (rule, subject, _), was) in healthy {
        let is = now.get(key);
        let of = number(subject);
        let whole = of.is_some() && !failed.contains(&None) && !failed.contains(&of);
        let right = match is {
            Some(is) if is == was => true,
            _ if whole => false,
            Some(Verdict::NotEvaluated) => true,
            Some(_) => false,
            // It was not listed, or nobody knows what is in its list.
            None => !subjects.contains(subject) || open.contains(&(rule, subject)) || *was == Verdict::NotApplicable,
        };
        if !right {
            problems.push(format!("{key:?} was {was:?}, is {is:?}"));
        }
    }
    // A role that was not read may invoke: who holds it is looked at then, of whom nobody asked before.
    let asked: BTreeSet<&String> = healthy.keys().map(|(_, subject, _)| subject).collect();
    let fresh = now.iter().filter(|(key, is)| **is == Verdict::Pass && healthy.get(key) != Some(&Verdict::Pass));
    let fresh = fresh.filter(|((_, subject, _), _)| asked.contains(subject) || number(subject).is_some());
    problems.extend(fresh.map(|(key, _)| format!("{key:?} passes, and was {:?}", healthy.get(key))));
    problems
}
