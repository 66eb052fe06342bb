//! The report for programs. The form is a contract, `report-v1.schema.json`: things are added to it, and nothing else.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    evidence::Gap,
    report::{Compared, CoverageLine, Finding, PathStep, REPORT_SCHEMA, Report, Since},
    snapshot::{ReadState, Scope, Tool},
};

/// The report, its keys in the order of their names. Evaluations, which are nearly all of it, are made as they are written.
#[derive(Serialize)]
struct Document<'a> {
    baseline: Option<Value>,
    complete: bool,
    coverage: Vec<Value>,
    evaluations: Evaluations<'a>,
    policy: Option<Value>,
    schema: &'static str,
    scopes: Vec<Value>,
    sources: &'a [String],
    summary: Value,
    taken_at: Timestamp,
    tool: Tool,
}

struct Evaluations<'a> {
    report: &'a Report<'a>,
    all: bool,
}

impl Serialize for Evaluations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rest = self.report.rest.iter().filter(|_| self.all);
        serializer.collect_seq(self.report.findings.iter().chain(rest).map(evaluation))
    }
}

pub(super) fn json(report: &Report<'_>, all: bool) -> Result<String, serde_json::Error> {
    document_text(&Document {
        baseline: report.compared.as_ref().map(|it| compared(report, it)),
        complete: report.complete(),
        coverage: report.coverage.iter().map(coverage).collect(),
        evaluations: Evaluations { report, all },
        policy: report.policy.map(|policy| json!({ "file": policy.file, "off": policy.off })),
        schema: REPORT_SCHEMA,
        scopes: report.scopes.iter().map(scope).collect(),
        sources: &report.sources,
        summary: json!(report.summary),
        taken_at: report.taken_at,
        tool: Tool::this(),
    })
}

/// A document as text, safe to print.
pub(super) fn document_text<T: serde::Serialize>(document: &T) -> Result<String, serde_json::Error> {
    Ok(super::escape::json(serde_json::to_string_pretty(document)?) + "\n")
}

fn scope(scope: &Scope) -> Value {
    json!({
        "cloud": scope.id.cloud,
        "account": scope.id.account,
        "region": scope.id.region,
        "principal": scope.principal,
        "endpoint": scope.endpoint,
        "calls": scope.calls,
        "as_of": scope.as_of,
    })
}

pub(super) fn gap(gap: &Gap) -> Value {
    json!({ "what": gap.what, "why": gap.why, "detail": gap.detail })
}

pub(super) fn evaluation(finding: &Finding) -> Value {
    let subject = &finding.subject;
    json!({
        "rule": finding.rule,
        "severity": finding.severity.as_str(),
        "verdict": finding.verdict.as_str(),
        "subject": {
            "kind": subject.kind,
            "id": subject.id,
            "name": subject.name,
            "cloud": subject.cloud,
            "account": subject.account,
            "region": subject.region,
        },
        "element": finding.element,
        "message": finding.message,
        "gaps": finding.gaps.iter().map(gap).collect::<Vec<_>>(),
        "fingerprint": finding.fingerprint,
        "waiver": finding.accepted.as_ref().map(|it| json!({ "reason": it.reason, "owner": it.owner, "until": it.until })),
        "location": finding.location,
        "declared": finding.declared,
        "path": finding.path.iter().map(step).collect::<Vec<_>>(),
        "since": finding.since.map(Since::as_str),
    })
}

fn compared(report: &Report<'_>, compared: &Compared) -> Value {
    let list = |of: &[Finding]| of.iter().map(evaluation).collect::<Vec<_>>();
    json!({
        "taken_at": compared.taken_at,
        "new": report.since(Since::New),
        "unchanged": report.since(Since::Unchanged),
        "gone": list(&compared.gone),
        "carried": list(&compared.carried),
    })
}

fn step(step: &PathStep) -> Value {
    json!({ "kind": step.kind, "id": step.id, "location": step.location })
}

fn coverage(line: &CoverageLine) -> Value {
    json!({
        "scope": line.scope,
        "what": line.what,
        "state": match line.state {
            ReadState::Read => "read",
            ReadState::Declared => "declared",
            ReadState::Partial => "partial",
            ReadState::Unread => "unread",
        },
        "why": line.why,
        "detail": line.detail,
        "count": line.count,
        "missing": line.missing,
    })
}
