//! CSV, for spreadsheets: every cell quoted, and none a formula.

use csv::{QuoteStyle, WriterBuilder};

use super::escape::line;
use crate::report::{Finding, Report};

const COLUMNS: [&str; 20] = [
    "verdict",
    "severity",
    "rule",
    "cloud",
    "account",
    "region",
    "kind",
    "name",
    "id",
    "element",
    "message",
    "gaps",
    "waiver",
    "owner",
    "until",
    "file",
    "line",
    "fingerprint",
    "complete",
    "since",
];

/// One line for each evaluation.
pub(super) fn csv(report: &Report<'_>, all: bool) -> Result<String, ::csv::Error> {
    let mut out = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    let complete = if report.complete() { "yes" } else { "no" };
    for finding in report.findings.iter().chain(report.rest.iter().filter(|_| all)) {
        out.write_record(cells(finding, complete).map(|cell| harmless(&cell)))?;
    }
    let bytes = out.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cells(finding: &Finding, complete: &str) -> [String; COLUMNS.len()] {
    let subject = &finding.subject;
    let gaps: Vec<_> = finding.gaps.iter().map(ToString::to_string).collect();
    let waiver = finding.accepted.as_ref();
    let place = finding.location.as_ref();
    [
        finding.verdict.as_str().into(),
        finding.severity.to_string(),
        finding.rule.clone(),
        subject.cloud.map_or_else(String::new, |cloud| cloud.to_string()),
        subject.account.clone(),
        subject.region.clone(),
        subject.kind.clone(),
        subject.name.clone(),
        subject.id.clone(),
        finding.element.clone().unwrap_or_default(),
        finding.message.clone(),
        gaps.join("; "),
        waiver.map_or_else(String::new, |it| it.reason.clone()),
        waiver.map_or_else(String::new, |it| it.owner.clone()),
        waiver.map_or_else(String::new, |it| it.until.to_string()),
        place.map_or_else(String::new, |it| it.file.clone()),
        place.map_or_else(String::new, |it| it.line.to_string()),
        finding.fingerprint.clone(),
        complete.into(),
        finding.since.map_or_else(String::new, |it| it.as_str().into()),
    ]
}

/// A cell that no spreadsheet takes for a formula, in whichever width its first character is written.
fn harmless(cell: &str) -> String {
    let shown = line(cell);
    let first = shown.trim_start().chars().next();
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠'));
    if formula { format!("'{shown}") } else { shown.into_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_cell_is_a_formula(text in "[=+@|%＝－ \\t\\r\\n-]{0,4}\\PC{0,12}") {
            let cell = harmless(&text);
            let starts = cell.trim_start().chars().next();
            prop_assert!(!matches!(starts, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠')), "{cell:?}");
            prop_assert!(!cell.contains(['\t', '\r', '\n']), "{cell:?}");
        }
    }
}
