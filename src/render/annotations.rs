//! Workflow commands of GitHub Actions: each finding is shown beside the line that it comes from.

use std::fmt::Write as _;

use super::{escape::line, spot::Spot};
use crate::{
    report::{Finding, Outcome, Report, Since},
    rule::Severity,
};

/// One command for each finding that was not waived, worst first; the new ones, where there is an earlier report.
pub(super) fn annotations(report: &Report<'_>) -> String {
    let mut out = String::new();
    let fresh = |it: &&Finding| it.verdict != Outcome::Waived && it.since != Some(Since::Unchanged);
    for finding in report.findings.iter().filter(fresh) {
        let spot = Spot::of(finding);
        let (command, title, message) = match finding.verdict {
            Outcome::Fail => (command(finding.severity), finding.rule.clone(), finding.message.clone()),
            _ => ("warning", format!("{} was not evaluated", finding.rule), gaps(finding)),
        };
        let message = format!("{}: {message}", finding.subject.name);
        let _ = writeln!(
            out,
            "::{command} file={},line={},col={},title={}::{}",
            property(&spot.uri()),
            spot.line,
            spot.column,
            property(&line(&title)),
            data(&line(&message)),
        );
    }
    for gap in report.coverage.iter().filter(|line| !line.is_read()) {
        let why = gap.why.map_or_else(String::new, |why| format!(" ({why})"));
        let text = format!("{} in {} {}{why}", gap.what, gap.scope.account, gap.scope.region);
        let _ = writeln!(out, "::warning title=not read::{}", data(&line(&text)));
    }
    out
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    }
}

fn gaps(finding: &Finding) -> String {
    finding.gaps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What stands behind the last colons of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
