//! GitLab's report of code quality, which merge requests show.

use serde_json::{Value, json};

use super::{escape::line, json::document_text, spot::Spot};
use crate::{
    report::{Finding, Outcome, Report},
    rule::Severity,
};

/// What failed, and what could not be said: GitLab has no other word for that than an issue.
pub(super) fn gitlab(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let shown = report.findings.iter().filter(|it| it.verdict != Outcome::Waived);
    // GitLab closes what the file of a later run does not hold.
    document_text(&shown.chain(report.unseen()).map(issue).collect::<Vec<Value>>())
}

fn issue(finding: &Finding) -> Value {
    let spot = Spot::of(finding);
    let failed = finding.verdict == Outcome::Fail;
    let text = if failed {
        format!("{}: {}", finding.subject.name, finding.message)
    } else {
        let gaps: Vec<_> = finding.gaps.iter().map(ToString::to_string).collect();
        format!("{}: not evaluated: {}", finding.subject.name, gaps.join("; "))
    };
    let severity = match finding.severity {
        _ if !failed => "info",
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    };
    json!({
        "description": line(&text),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": severity,
        "location": {"path": spot.uri(), "lines": {"begin": spot.line}},
    })
}
