//! The cards of the page: one for each workload, and one for whatever else a finding is about.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{FindingView, worst};
use crate::{
    evidence::{Gap, Known},
    graph::{KeyNeed, Workload, egress::Family},
    render::{
        digest::groups,
        invokers::{Door, doors, who},
        picture::{Picture, drawn},
        trace::{INTERNET, Step, steps, title},
        words,
    },
    report::{Finding, Outcome, Report, SubjectRef},
    snapshot::ScopeId,
};

/// A card.
pub(super) struct Card {
    /// Its place among the cards, which its names within the page end in.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) cloud: String,
    pub(super) account: String,
    pub(super) region: String,
    /// The class and the word of its worst finding.
    pub(super) worst: (&'static str, &'static str),
    /// The egress verdict; empty for what is no workload.
    pub(super) verdict: String,
    /// What is violated, or accepted.
    pub(super) findings: Vec<FindingView>,
    /// What could not be evaluated, by what was not read.
    pub(super) waiting: Vec<Waiting>,
    /// What only a workload has.
    pub(super) workload: Option<Details>,
}

impl Card {
    /// Every finding on it.
    pub(super) fn all(&self) -> impl Iterator<Item = &FindingView> {
        self.findings.iter().chain(self.waiting.iter().flat_map(|it| &it.findings))
    }
}

/// What could not be evaluated for the same reasons.
pub(super) struct Waiting {
    pub(super) gaps: Vec<String>,
    pub(super) findings: Vec<FindingView>,
}

/// What is known of a workload.
pub(super) struct Details {
    /// From where it leaves, in words, and the addresses themselves.
    pub(super) egress: String,
    pub(super) addresses: Vec<String>,
    pub(super) callers: String,
    pub(super) exposure: &'static str,
    pub(super) picture: String,
    pub(super) paths: Vec<Walked>,
    pub(super) doors: Vec<Door>,
    pub(super) who: Vec<Caller>,
    /// What the callers could not be read from.
    pub(super) gaps: Vec<String>,
    pub(super) keys: Vec<Key>,
    pub(super) keys_gap: String,
}

/// A path, hop by hop.
pub(super) struct Walked {
    /// Which of several it is.
    pub(super) title: String,
    pub(super) hops: Vec<Hop>,
}

/// A thing that traffic passes, and what decides that it goes on.
pub(super) struct Hop {
    pub(super) kind: String,
    pub(super) what: String,
    /// `✗` where traffic stops, `?` where nobody can say.
    pub(super) mark: String,
    pub(super) next: String,
}

/// Somebody who may call.
pub(super) struct Caller {
    pub(super) label: &'static str,
    pub(super) text: String,
    /// Whether they call by becoming the one above.
    pub(super) chained: bool,
}

/// A key that it needs.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) purpose: &'static str,
    pub(super) state: String,
    pub(super) usable: String,
}

/// All cards, those with the worst findings first, and at the end those without any.
pub(super) fn cards(report: &Report<'_>) -> Vec<Card> {
    let workloads: BTreeMap<&str, &Workload> = report.graph.workloads.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut seen = BTreeSet::new();
    let mut cards = Vec::new();
    for (subject, findings) in groups(report, |_| true) {
        let workload = workloads.get(subject.id.as_str()).filter(|_| subject.kind == "workload").copied();
        seen.extend(workload.map(|it| it.id.as_str()));
        cards.push(card(cards.len(), subject, &findings, workload, report));
    }
    for workload in report.graph.workloads.iter().filter(|it| !seen.contains(it.id.as_str())) {
        cards.push(card(cards.len(), &subject(workload), &[], Some(workload), report));
    }
    cards
}

fn subject(workload: &Workload) -> SubjectRef {
    SubjectRef {
        kind: "workload".into(),
        id: workload.id.clone(),
        name: workload.name.clone(),
        cloud: Some(workload.scope.cloud),
        account: workload.scope.account.clone(),
        region: workload.scope.region.clone(),
    }
}

fn card(
    number: usize,
    subject: &SubjectRef,
    findings: &[&Finding],
    workload: Option<&Workload>,
    report: &Report<'_>,
) -> Card {
    let region = if subject.region == ScopeId::GLOBAL { "global" } else { &subject.region };
    Card {
        number,
        name: subject.name.clone(),
        id: subject.id.clone(),
        kind: words::subject(subject, workload),
        cloud: subject.cloud.map_or_else(String::new, |cloud| cloud.to_string()),
        account: subject.account.clone(),
        region: region.to_owned(),
        worst: worst(findings),
        verdict: workload.map_or_else(String::new, |it| it.egress.verdict.as_str().to_owned()),
        findings: findings
            .iter()
            .filter(|it| it.verdict != Outcome::NotEvaluated)
            .map(|it| FindingView::of(it, report))
            .collect(),
        waiting: waiting(findings, report),
        workload: workload.map(|workload| details(workload, number)),
    }
}

/// What hangs on the same gaps stands together, in the order of the first of each.
fn waiting(findings: &[&Finding], report: &Report<'_>) -> Vec<Waiting> {
    let mut all: Vec<(&[Gap], Waiting)> = Vec::new();
    for finding in findings.iter().filter(|it| it.verdict == Outcome::NotEvaluated) {
        let view = FindingView::of(finding, report);
        match all.iter_mut().find(|(gaps, _)| *gaps == finding.gaps) {
            Some((_, known)) => known.findings.push(view),
            None => all.push((
                &finding.gaps,
                Waiting { gaps: finding.gaps.iter().map(Gap::to_string).collect(), findings: vec![view] },
            )),
        }
    }
    all.into_iter().map(|(_, waiting)| waiting).collect()
}

fn details(workload: &Workload, number: usize) -> Details {
    let paths = &workload.egress.paths;
    let addresses =
        [Family::V4, Family::V6].into_iter().flat_map(|family| workload.egress.addresses(family)).map(str::to_owned);
    let several = paths.len() > 1;
    Details {
        egress: words::egress(workload),
        addresses: addresses.collect(),
        callers: words::callers(workload),
        exposure: workload.exposure().as_str(),
        picture: drawn(&Picture::of(workload), &format!("p{number}"), ""),
        paths: paths
            .iter()
            .enumerate()
            .map(|(index, path)| Walked {
                title: if several { title(path, index, paths.len(), INTERNET) } else { String::new() },
                hops: hops(steps(workload, path, INTERNET)),
            })
            .collect(),
        doors: doors(workload),
        who: who(workload, None).into_iter().map(caller).collect(),
        gaps: workload.invokers_gaps().iter().map(Gap::to_string).collect(),
        keys: workload.keys.iter().map(key).collect(),
        keys_gap: workload.keys_gap.as_ref().map(Gap::to_string).unwrap_or_default(),
    }
}

/// What stands between two things belongs to the first of them.
fn hops(steps: Vec<Step>) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for step in steps {
        match step {
            Step::At(kind, what) => hops.push(Hop { kind, what, mark: String::new(), next: String::new() }),
            Step::On(mark, text) => {
                let Some(last) = hops.last_mut() else { continue };
                last.mark = if mark == '│' { String::new() } else { mark.into() };
                last.next = text;
            }
        }
    }
    hops
}

fn caller((label, text): (&'static str, String)) -> Caller {
    let text = text.trim_start().replace("   ", " · ");
    let chained = text.strip_prefix("← ").map(str::to_owned);
    Caller { label, chained: chained.is_some(), text: chained.unwrap_or(text) }
}

fn key(need: &KeyNeed) -> Key {
    let mut usable = match &need.usable {
        Known::Known(true) => "usable".to_owned(),
        Known::Known(false) => format!("not usable: {}", need.effect),
        Known::Unknown(gap) => format!("not evaluated: {gap}"),
    };
    if let Known::Known(missing) = &need.missing_grants
        && !missing.is_empty()
    {
        usable = format!("{usable}; may not be used by {}", missing.join(", "));
    }
    if let Known::Known(Some(until)) = &need.until {
        usable = format!("{usable}; stops on {until}");
    }
    let state = match &need.state {
        Known::Known(state) => state.clone(),
        Known::Unknown(_) => "not read".into(),
    };
    Key { name: need.name.clone(), purpose: need.purpose, state, usable }
}
