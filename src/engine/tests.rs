//! What the engine promises.

mod kleene;
mod language;
mod verdicts;

use serde_json::Value;

use super::{Evaluation, Verdict, evaluate};
use crate::{
    facts::{Document, Facts, Node},
    rule::{RuleError, RuleSet},
};

/// A rule about workloads with those parts.
fn rule(parts: &str) -> Result<RuleSet, RuleError> {
    let text = format!(
        "id: a-rule\ntitle: A rule\nseverity: low\nsince: 0.1.0\nsubject: workload\n{parts}\n\
         description: d\nwhy: w\nremediation: {{text: t}}\n"
    );
    RuleSet::parse(&[("a-rule.yaml", text)])
}

/// A rule that requires something of workloads.
fn requiring(require: &str) -> RuleSet {
    rule(&format!("message: no\nrequire: >-\n  {require}")).unwrap_or_else(|error| panic!("{error}"))
}

fn workload(facts: &Value) -> Facts {
    Facts { documents: vec![Document { subject: "workload", facts: Node::from_json(facts) }] }
}

fn verdict(require: &str, facts: &Value) -> Verdict {
    let mut all = evaluate(&requiring(require), &workload(facts));
    assert_eq!(all.len(), 1, "one verdict about one workload");
    all.remove(0).verdict
}

/// The facts that the verdict misses.
fn gaps(verdict: &Verdict) -> Vec<&str> {
    match verdict {
        Verdict::NotEvaluated { gaps } => gaps.iter().map(|gap| &*gap.what).collect(),
        other => panic!("{other:?} misses nothing"),
    }
}

/// Every element and the word for its verdict.
fn elements(all: &[Evaluation]) -> Vec<(Option<&str>, &'static str)> {
    let id = |evaluation: &Evaluation| evaluation.element.as_ref().map(|element| element.id.clone());
    let ids: Vec<_> = all.iter().map(id).collect();
    assert_eq!(ids.len(), all.len());
    all.iter().map(|e| (e.element.as_ref().map(|element| element.id.as_str()), e.verdict.as_str())).collect()
}
