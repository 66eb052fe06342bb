//! What is new since an earlier report, what stayed, what is gone, and what nobody looked at this time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::{CoverageLine, Finding, Outcome, Report, SubjectRef};
use crate::{
    evidence::Origin,
    rule::Severity,
    snapshot::{Cloud, Scope, ScopeId},
};

/// The name of the form in which reports are written for programs.
pub const REPORT_SCHEMA: &str = "egress-audit/report/v1";

/// The failures of an earlier report.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// When that one was read.
    pub taken_at: Timestamp,
    /// Its failures, by their fingerprint.
    known: BTreeMap<String, Finding>,
    /// What it was about.
    scopes: BTreeSet<ScopeId>,
}

/// How a failure stands to an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It was not one then.
    New,
    /// It was one then.
    Unchanged,
}

impl Since {
    /// As SARIF and our own reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
        }
    }
}

/// An earlier report against this one.
#[derive(Debug, Clone)]
pub struct Compared {
    /// When the earlier one was read.
    pub taken_at: Timestamp,
    /// Its failures that are none any more.
    pub gone: Vec<Finding>,
    /// Its failures of which this report cannot say whether they still are: they stay open.
    pub carried: Vec<Finding>,
}

/// Why a text is not an earlier report.
#[derive(Debug, thiserror::Error)]
#[error("line {}, column {}: {}", .0.line(), .0.column(), words(.0))]
pub struct BaselineError(#[from] serde_json::Error);

fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// The form of a report, as far as it is read again.
#[derive(Deserialize)]
struct ReportWire {
    taken_at: Timestamp,
    scopes: Vec<ScopeWire>,
    evaluations: Vec<EvaluationWire>,
    baseline: Option<ComparedWire>,
}

#[derive(Deserialize)]
struct ScopeWire {
    cloud: Cloud,
    account: String,
    region: String,
}

#[derive(Deserialize)]
struct ComparedWire {
    carried: Vec<EvaluationWire>,
}

#[derive(Deserialize)]
struct EvaluationWire {
    rule: String,
    severity: Severity,
    verdict: String,
    subject: SubjectWire,
    element: Option<String>,
    message: String,
    fingerprint: String,
    location: Option<Origin>,
    declared: Option<Origin>,
}

#[derive(Deserialize)]
struct SubjectWire {
    kind: String,
    id: String,
    name: String,
    cloud: Option<Cloud>,
    account: String,
    region: String,
}

impl From<EvaluationWire> for Finding {
    fn from(wire: EvaluationWire) -> Self {
        let SubjectWire { kind, id, name, cloud, account, region } = wire.subject;
        Self {
            rule: wire.rule,
            severity: wire.severity,
            verdict: Outcome::Fail,
            subject: SubjectRef { kind, id, name, cloud, account, region },
            element: wire.element,
            message: wire.message,
            gaps: Vec::new(),
            fingerprint: wire.fingerprint,
            accepted: None,
            location: wire.location,
            declared: wire.declared,
            path: Vec::new(),
            since: None,
        }
    }
}

impl Baseline {
    /// Whether a text is meant as a report in JSON: by the form that it names, or, where it is cut off, by its lists.
    pub fn is_report(text: &str) -> bool {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        match serde_json::from_str::<Head>(text) {
            Ok(head) => head.schema.as_deref() == Some(REPORT_SCHEMA),
            Err(_) => text.contains("\"evaluations\""),
        }
    }

    /// Reads a report that `--format json` wrote. What an incomplete one carried over is known too.
    ///
    /// # Errors
    /// What is not as such reports are, with line and column.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let wire: ReportWire = serde_json::from_str(text)?;
        let failed = wire.evaluations.into_iter().filter(|it| it.verdict == Outcome::Fail.as_str());
        let all = failed.chain(wire.baseline.into_iter().flat_map(|it| it.carried)).map(Finding::from);
        let scopes = wire.scopes.into_iter().map(|it| ScopeId::new(it.cloud, it.account, it.region));
        Ok(Self { taken_at: wire.taken_at, known: by_print(all), scopes: scopes.collect() })
    }

    /// The failures of a report.
    pub fn of(report: Report<'_>) -> Self {
        let failed = report.findings.into_iter().filter(|it| it.verdict == Outcome::Fail);
        let scopes = report.scopes.iter().map(|scope| scope.id.clone()).collect();
        Self { taken_at: report.taken_at, known: by_print(failed), scopes }
    }
}

fn by_print(findings: impl Iterator<Item = Finding>) -> BTreeMap<String, Finding> {
    findings.map(|it| (it.fingerprint.clone(), it)).collect()
}

impl Report<'_> {
    /// How many failures are new, or are not.
    pub fn since(&self, since: Since) -> usize {
        self.findings.iter().filter(|it| it.since == Some(since)).count()
    }

    /// The failures of an earlier report that this one neither closes nor names: those of what was not seen at all. The
    /// others are questions that are open.
    pub fn unseen(&self) -> impl Iterator<Item = &Finding> {
        let named: BTreeSet<&str> = self.findings.iter().map(|it| it.fingerprint.as_str()).collect();
        let carried = self.compared.iter().flat_map(|it| &it.carried);
        carried.filter(move |it| !named.contains(it.fingerprint.as_str()))
    }

    /// Says of each failure whether it is new since an earlier report, and what became of those that are none now.
    pub fn compare(&mut self, baseline: Baseline) {
        let Baseline { taken_at, known, scopes } = baseline;
        for finding in self.findings.iter_mut().filter(|it| it.verdict == Outcome::Fail) {
            finding.since = Some(if known.contains_key(&finding.fingerprint) { Since::Unchanged } else { Since::New });
        }
        let now = Now::of(self, &scopes);
        let (mut gone, mut carried) = (Vec::new(), Vec::new());
        for earlier in known.into_values() {
            match now.fate(&earlier) {
                Fate::Here => {}
                Fate::Gone => gone.push(earlier),
                Fate::Unread => carried.push(earlier),
            }
        }
        for list in [&mut gone, &mut carried] {
            list.sort_by(|a, b| super::order(a).cmp(&super::order(b)));
        }
        self.compared = Some(Compared { taken_at, gone, carried });
    }
}

/// What became of an earlier failure.
enum Fate {
    /// It is one still, or somebody accepts it.
    Here,
    /// It is none any more.
    Gone,
    /// Nobody can say.
    Unread,
}

/// What a report can say of earlier failures.
struct Now<'a> {
    verdicts: BTreeMap<&'a str, Outcome>,
    /// What was judged at all.
    subjects: BTreeSet<&'a str>,
    /// By which rules what could not be judged in full.
    open: BTreeSet<(&'a str, &'a str)>,
    rules: BTreeSet<&'a str>,
    scopes: &'a [Scope],
    /// What the earlier report was about.
    before: &'a BTreeSet<ScopeId>,
    /// The lists that were not read.
    unread: Vec<&'a CoverageLine>,
    /// Whether code was judged, which names its accounts as it likes.
    code: bool,
}

impl<'a> Now<'a> {
    fn of(report: &'a Report<'_>, before: &'a BTreeSet<ScopeId>) -> Self {
        let all = || report.findings.iter().chain(&report.rest);
        // A call that failed for some resources alone did not hide a resource.
        let is_list = |line: &&CoverageLine| !line.is_read() && line.missing == 0;
        Self {
            verdicts: all().map(|it| (it.fingerprint.as_str(), it.verdict)).collect(),
            subjects: all().map(|it| it.subject.id.as_str()).collect(),
            open: all()
                .filter(|it| it.verdict == Outcome::NotEvaluated)
                .map(|it| (it.rule.as_str(), it.subject.id.as_str()))
                .collect(),
            rules: report.rules.rules().iter().map(|rule| rule.id.as_str()).collect(),
            scopes: report.scopes,
            before,
            unread: report.coverage.iter().filter(is_list).collect(),
            code: report.coverage.iter().any(CoverageLine::is_declared),
        }
    }

    fn fate(&self, earlier: &Finding) -> Fate {
        match self.verdicts.get(earlier.fingerprint.as_str()) {
            Some(Outcome::Fail | Outcome::Waived) => Fate::Here,
            Some(Outcome::Pass | Outcome::NotApplicable) => Fate::Gone,
            None if self.is_over(earlier) => Fate::Gone,
            Some(Outcome::NotEvaluated) | None => Fate::Unread,
        }
    }

    /// Whether what was judged, and is not judged now, is not there to be judged.
    fn is_over(&self, earlier: &Finding) -> bool {
        let (rule, subject) = (earlier.rule.as_str(), &earlier.subject);
        // Somebody took the rule out; or of what the rule goes through, this element is not there any more.
        let judged = self.subjects.contains(subject.id.as_str()) || self.lists(subject);
        !self.rules.contains(rule) || judged && !self.open.contains(&(rule, subject.id.as_str()))
    }

    /// Whether what is not in this report is not there.
    fn lists(&self, subject: &SubjectRef) -> bool {
        let Some(cloud) = subject.cloud else { return true };
        if self.code && self.unread.is_empty() {
            return true;
        }
        let covers = |scope: &ScopeId| {
            // A project of Google Cloud is read whole; what is global on AWS is no region's.
            let whole = cloud == Cloud::Gcp && scope.region == ScopeId::GLOBAL;
            // What is below a folder is not said; that the same one was read before and now is.
            let above = scope.account.contains('/') && self.before.contains(scope);
            let here = scope.account == subject.account && (whole || scope.region == subject.region);
            scope.cloud == cloud && (above || here)
        };
        let hides = |scope: &ScopeId| {
            let regions = [scope.region.as_str(), subject.region.as_str()];
            let above = scope.account.contains('/');
            let here = regions.contains(&ScopeId::GLOBAL) || scope.region == subject.region;
            scope.cloud == cloud && (above || scope.account == subject.account && here)
        };
        self.scopes.iter().any(|scope| covers(&scope.id)) && !self.unread.iter().any(|line| hides(&line.scope))
    }
}
