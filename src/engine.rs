//! Evaluation: a rule and the facts about one subject give a verdict.
//!
//! The rules are Kleene's: a verdict is pass or fail only where it would be the same whatever the unread facts turn out
//! to be. A fact that was not read makes an expression an error exactly where its answer depends on that fact; such an
//! error is `NotEvaluated`, and so is every other fault of a rule while it runs. Neither ever stops the run.

mod cases;
mod judge;
mod memo;
mod record;
mod shape;
mod value;

use std::{
    cell::LazyCell,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

pub use cases::{CaseOutcome, run_cases};

use crate::{
    evidence::Gap,
    facts::{Document, Facts},
    rule::{Rule, RuleSet},
};

/// The element of a list that stands for whatever the list may hold besides what was read.
pub const UNREAD: &str = "(unread)";

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail {
        /// What is the matter.
        message: String,
    },
    /// It depends on something that was not read.
    NotEvaluated {
        /// What that is, sorted and without repetition.
        gaps: Vec<Gap>,
    },
    /// The rule has nothing to say about it.
    NotApplicable,
}

impl Verdict {
    /// The word for it in files and reports.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::NotEvaluated { .. } => "not-evaluated",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// One rule, about one subject or one element of one of its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Which rule: an index into the rules of the set.
    pub rule: usize,
    /// Which document: an index into the documents of the facts.
    pub document: usize,
    /// Which element, for a rule that judges the elements of a list one at a time.
    pub element: Option<Element>,
    /// What the rule says.
    pub verdict: Verdict,
}

/// An element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its `id`, or its number where it has none that was read, or [`UNREAD`].
    pub id: String,
    /// Its number in the list, counted from 0; none for [`UNREAD`].
    pub index: Option<usize>,
}

/// Every rule about every document of its subject, and every element where the rule says so. The order is that of the
/// rules, then of the documents, then of the elements: the same input gives the same list.
pub fn evaluate(rules: &RuleSet, facts: &Facts) -> Vec<Evaluation> {
    let bench = Bench::new(rules);
    let mut all: Vec<Evaluation> = facts
        .documents
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, document)| bench.judge(number, document))
        .collect();
    all.sort_by_key(|evaluation| (evaluation.rule, evaluation.document));
    all
}

/// Rules that are ready to judge one document after another.
pub struct Bench<'r>(BTreeMap<&'static str, About<'r>>);

/// The rules about one subject.
struct About<'r> {
    shape: &'static shape::Shape,
    places: memo::Places,
    /// The number of each, the rule, and the places that decide it.
    rules: Vec<(usize, judge::Prepared<'r>, Box<[usize]>)>,
    /// What was judged before, by whoever is not judging at the moment.
    memories: Mutex<Vec<memo::Memory>>,
}

impl std::fmt::Debug for Bench<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bench of {} rules", self.0.values().map(|about| about.rules.len()).sum::<usize>())
    }
}

impl<'r> Bench<'r> {
    /// Gets the rules ready.
    pub fn new(rules: &'r RuleSet) -> Self {
        let mut subjects = BTreeMap::new();
        for (index, rule) in rules.rules().iter().enumerate() {
            let Some(shape) = shape::of(rule.subject.name) else { continue };
            let about = subjects.entry(rule.subject.name).or_insert_with(|| About {
                shape,
                places: memo::Places::default(),
                rules: Vec::new(),
                memories: Mutex::default(),
            });
            let places = about.places.of(rule);
            about.rules.push((index, judge::Prepared::new(rule), places));
        }
        Self(subjects)
    }

    /// Every rule about a document, which is the one of that number, in the order of the rules.
    pub fn judge(&self, number: usize, document: &Document) -> Vec<Evaluation> {
        let Some(about) = self.0.get(document.subject) else { return Vec::new() };
        let memories = || about.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = memories().pop();
        let mut memory = memory.unwrap_or_else(|| memo::Memory::new(&about.places, about.rules.len()));
        memory.look(&about.places, &document.facts);
        let subject = LazyCell::new(|| value::Fact::new(&document.facts, about.shape));
        let mut all = Vec::with_capacity(about.rules.len());
        for (own, (index, prepared, places)) in about.rules.iter().enumerate() {
            let verdicts = memory.verdicts(own, places, || prepared.judge(&subject).into());
            all.extend(verdicts.iter().map(|(spot, verdict)| Evaluation {
                rule: *index,
                document: number,
                element: prepared.element_at(*spot, &document.facts),
                verdict: verdict.clone(),
            }));
        }
        memories().push(memory);
        all
    }
}

/// What of a document a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// All of it.
    Whole,
    /// The element of that number, counted from 0.
    Item(usize),
    /// Whatever the list may hold besides what was read.
    Rest,
}

/// The verdicts of one rule about one document.
fn judge_document(rule: &Rule, document: &Document) -> Vec<(Spot, Verdict)> {
    let Some(shape) = shape::of(document.subject) else { return Vec::new() };
    judge::Prepared::new(rule).judge(&value::Fact::new(&document.facts, shape))
}

#[cfg(test)]
mod tests;
