//! Runs the test cases of a rule.

use std::collections::BTreeSet;

use super::{Verdict, judge_document};
use crate::{
    facts::Document,
    rule::{Case, Expectation, Rule, RuleCases},
};

/// How a test case went.
#[derive(Debug, Clone)]
pub struct CaseOutcome {
    /// The name of the case.
    pub name: String,
    /// The verdict that the rule gave, over all elements.
    pub verdict: Verdict,
    /// What is wrong with that; none where it is as expected.
    pub problem: Option<String>,
}

/// Runs every case against the rule.
pub fn run_cases(rule: &Rule, cases: &RuleCases) -> Vec<CaseOutcome> {
    cases.cases.iter().map(|case| run_case(rule, case)).collect()
}

fn run_case(rule: &Rule, case: &Case) -> CaseOutcome {
    let mut rule = rule.clone();
    let mut problem = None;
    for (name, value) in &case.params {
        if let Err(error) = rule.set_param(name, value.clone()) {
            problem = Some(error.problem().to_owned());
        }
    }
    let document = Document { subject: rule.subject.name, facts: case.facts.clone() };
    let verdicts = judge_document(&rule, &document).into_iter().map(|(_, verdict)| verdict);
    let verdict = verdicts.reduce(weigh).unwrap_or(Verdict::NotApplicable);
    let problem = problem.or_else(|| compare(&rule, &case.expect, &verdict));
    CaseOutcome { name: case.name.clone(), verdict, problem }
}

/// One failure outweighs what could not be seen, which outweighs what passed.
fn weigh(a: Verdict, b: Verdict) -> Verdict {
    match (rank(&a), rank(&b)) {
        (2, 2) => {
            let gaps = |verdict: Verdict| match verdict {
                Verdict::NotEvaluated { gaps } => gaps,
                _ => Vec::new(),
            };
            let all: BTreeSet<_> = gaps(a).into_iter().chain(gaps(b)).collect();
            Verdict::NotEvaluated { gaps: all.into_iter().collect() }
        }
        (a_rank, b_rank) if b_rank > a_rank => b,
        _ => a,
    }
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Fail { .. } => 3,
        Verdict::NotEvaluated { .. } => 2,
        Verdict::Pass => 1,
        Verdict::NotApplicable => 0,
    }
}

fn compare(rule: &Rule, expect: &Expectation, verdict: &Verdict) -> Option<String> {
    let given = || match verdict {
        Verdict::Fail { message } => format!("fail: {message}"),
        Verdict::NotEvaluated { gaps } => {
            let gaps: Vec<String> = gaps.iter().map(ToString::to_string).collect();
            format!("not-evaluated: {}", gaps.join(", "))
        }
        other => other.as_str().to_owned(),
    };
    let wanted = match (expect, verdict) {
        (Expectation::Pass, Verdict::Pass)
        | (Expectation::NotApplicable, Verdict::NotApplicable)
        | (Expectation::Fail(None), Verdict::Fail { .. })
        | (Expectation::NotEvaluated(None), Verdict::NotEvaluated { .. }) => return None,
        (Expectation::Fail(Some(wanted)), Verdict::Fail { message }) if wanted.trim() == message.trim() => return None,
        (Expectation::NotEvaluated(Some(wanted)), Verdict::NotEvaluated { gaps }) => {
            let wanted: BTreeSet<String> = wanted.iter().map(|path| spell_out(rule, path)).collect();
            let given: BTreeSet<String> = gaps.iter().map(|gap| gap.what.to_string()).collect();
            if wanted == given {
                return None;
            }
            format!("not-evaluated: {}", wanted.into_iter().collect::<Vec<_>>().join(", "))
        }
        (Expectation::Fail(Some(wanted)), _) => format!("fail: {wanted}"),
        (Expectation::NotEvaluated(Some(wanted)), _) => format!("not-evaluated: {}", wanted.join(", ")),
        (Expectation::Pass, _) => "pass".to_owned(),
        (Expectation::Fail(None), _) => "fail".to_owned(),
        (Expectation::NotEvaluated(None), _) => "not-evaluated".to_owned(),
        (Expectation::NotApplicable, _) => "not-applicable".to_owned(),
    };
    Some(format!("expected {wanted}, got {}", given()))
}

/// A fact by the name that the rule gives its element, as the vocabulary names it.
fn spell_out(rule: &Rule, path: &str) -> String {
    let Some(each) = &rule.for_each else { return path.to_owned() };
    match path.split_once('.') {
        Some((name, rest)) if name == each.name => format!("{}[].{rest}", each.vocabulary),
        _ => path.to_owned(),
    }
}
