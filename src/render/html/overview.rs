//! The top of the page: what was found, in numbers, and what was read and what was not.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    render::{
        digest::{count, depends, groups, has, levels, stale},
        since,
    },
    report::{CoverageLine, Outcome, Report, Summary},
    snapshot::{ReadState, ScopeId},
};

/// How many lines of what was not read come with what hangs on them.
const UNREAD_LINES: usize = 12;

/// What was found and read.
pub(super) struct Overview {
    /// Violations of each severity, the highest first.
    pub(super) levels: Vec<(usize, &'static str)>,
    pub(super) summary: Summary,
    /// What was found, in one sentence.
    pub(super) verdict: String,
    /// Whether nothing is violated.
    pub(super) clean: bool,
    /// Whether everything was read and evaluated, and what is missing in words.
    pub(super) complete: bool,
    pub(super) completeness: String,
    pub(super) workloads: String,
    pub(super) rules: String,
    pub(super) inputs: String,
    /// How many workloads leave in which way.
    pub(super) egress: Vec<(&'static str, usize)>,
    pub(super) scopes: Vec<Place>,
    /// What was not read, and what hangs on it.
    pub(super) unread: Vec<Unread>,
    pub(super) more_unread: usize,
    pub(super) lines: Vec<Line>,
    /// What else a reader should know.
    pub(super) remarks: Vec<String>,
}

/// An account or project and a region.
pub(super) struct Place {
    pub(super) cloud: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) principal: String,
    pub(super) further: String,
}

/// Something that was not read.
pub(super) struct Unread {
    pub(super) what: String,
    pub(super) at: String,
    pub(super) hangs: String,
}

/// A line of the coverage.
pub(super) struct Line {
    pub(super) what: String,
    pub(super) at: String,
    pub(super) state: &'static str,
    pub(super) count: u64,
    pub(super) why: String,
}

impl Overview {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let unread: Vec<&CoverageLine> = report.coverage.iter().filter(|line| !line.is_read()).collect();
        let mut lines: Vec<&CoverageLine> = report.coverage.iter().collect();
        lines.sort_by_key(|line| line.is_read());
        Self {
            levels: levels(report).into_iter().map(|(number, severity)| (number, severity.as_str())).collect(),
            summary: report.summary,
            verdict: verdict(report),
            clean: report.summary.fail == 0,
            complete: report.complete(),
            completeness: completeness(report, unread.len()),
            workloads: count(report.graph.workloads.len(), "workload"),
            rules: count(report.rules.rules().len(), "rule"),
            inputs: format!("{} of {} inputs read", report.inputs.read, report.inputs.of),
            egress: egress(report),
            scopes: report.scopes.iter().map(place).collect(),
            more_unread: unread.len().saturating_sub(UNREAD_LINES),
            unread: unread.into_iter().take(UNREAD_LINES).map(|line| missing(line, report)).collect(),
            lines: lines.into_iter().map(line).collect(),
            remarks: remarks(report),
        }
    }
}

fn verdict(report: &Report<'_>) -> String {
    let fails = report.findings.iter().filter(|it| it.verdict == Outcome::Fail);
    let subjects: BTreeSet<_> = fails.map(|it| &it.subject).collect();
    let groups = groups(report, |it| it.verdict != Outcome::Waived);
    let open = groups.iter().filter(|(subject, _)| subject.kind == "workload").count();
    let none = report.graph.workloads.len().saturating_sub(open);
    let (with, without) = (has(open), has(none));
    let rest = format!("{} {with} findings or open questions, {none} {without} none", count(open, "workload"));
    match report.summary.fail {
        0 => format!("No violations. {rest}."),
        fails => format!("{} on {}. {rest}.", count(fails, "violation"), count(subjects.len(), "resource")),
    }
}

fn completeness(report: &Report<'_>, unread: usize) -> String {
    let mut parts = Vec::new();
    if unread > 0 {
        let were = if unread == 1 { "was" } else { "were" };
        parts.push(format!("{unread} of {} {were} not read in full", count(report.coverage.len(), "call")));
    }
    if report.summary.not_evaluated > 0 {
        parts.push(format!("{} could not be answered", count(report.summary.not_evaluated, "evaluation")));
    }
    if parts.is_empty() {
        return "Everything was read, and every rule that applies was evaluated.".into();
    }
    format!("{}. None of that counts as a pass: this is not a clean bill.", parts.join(", and "))
}

fn egress(report: &Report<'_>) -> Vec<(&'static str, usize)> {
    let mut verdicts: BTreeMap<_, usize> = BTreeMap::new();
    for workload in &report.graph.workloads {
        *verdicts.entry(workload.egress.verdict).or_default() += 1;
    }
    verdicts.into_iter().map(|(verdict, number)| (verdict.as_str(), number)).collect()
}

fn region(id: &ScopeId) -> String {
    if id.region == ScopeId::GLOBAL { "all regions".to_owned() } else { id.region.clone() }
}

fn place(scope: &crate::snapshot::Scope) -> Place {
    let calls = scope.calls.map(|calls| count(usize::try_from(calls).unwrap_or(usize::MAX), "call"));
    let endpoint = scope.endpoint.as_ref().map(|host| format!("through the endpoint {host}"));
    let age = scope.as_of.map(|as_of| format!("facts as of {as_of} or later"));
    Place {
        cloud: scope.id.cloud.to_string(),
        account: scope.id.account.clone(),
        region: region(&scope.id),
        principal: scope.principal.clone().unwrap_or_default(),
        further: [calls, endpoint, age].into_iter().flatten().collect::<Vec<_>>().join(", "),
    }
}

fn missing(line: &CoverageLine, report: &Report<'_>) -> Unread {
    Unread { what: line.what.clone(), at: at(line), hangs: format!("{}; {}", said(line), depends(report, line)) }
}

fn at(line: &CoverageLine) -> String {
    format!("{} {} {}", line.scope.cloud, line.scope.account, region(&line.scope))
}

/// How far a line got, and why not further.
fn said(line: &CoverageLine) -> String {
    let missing = match line.missing {
        0 => String::new(),
        missing => format!(" of {}", count(missing, "resource")),
    };
    let why = line.why.map_or_else(String::new, |why| format!("{why}{missing}"));
    match &line.detail {
        Some(detail) if !detail.is_empty() => format!("{why}: {detail}"),
        _ => why,
    }
}

fn line(line: &CoverageLine) -> Line {
    Line {
        what: line.what.clone(),
        at: at(line),
        state: match line.state {
            ReadState::Read => "read",
            ReadState::Declared => "declared",
            ReadState::Partial => "read in part",
            ReadState::Unread => "not read",
        },
        count: line.count,
        why: said(line),
    }
}

fn remarks(report: &Report<'_>) -> Vec<String> {
    let declared = report.coverage.iter().any(|line| line.state == ReadState::Declared);
    let code = "code: only what it declares is judged; there may be more outside of it".to_owned();
    let earlier = report.compared.iter().flat_map(|it| since::lines(report, it));
    earlier.chain(declared.then_some(code)).chain(stale(report)).collect()
}
