//! What became of the failures of an earlier report, in words.

use crate::report::{Compared, Finding, Report, Since};

/// How many of those that are gone, or kept open, are named.
const NAMED: usize = 12;

/// How this report stands to an earlier one: the numbers, and by name what is gone and what is kept open.
pub(super) fn lines(report: &Report<'_>, compared: &Compared) -> Vec<String> {
    let Compared { taken_at, gone, carried } = compared;
    let mut said = vec![format!(
        "since {}: {} new, {} unchanged, {} gone, {} kept open",
        taken_at.strftime("%Y-%m-%d %H:%M UTC"),
        report.since(Since::New),
        report.since(Since::Unchanged),
        gone.len(),
        carried.len(),
    )];
    for (word, list, why) in [("gone", gone, ""), ("kept open", carried, ": this run did not read enough to close it")]
    {
        said.extend(list.iter().take(NAMED).map(|it| format!("{word}: {}{why}", named(it))));
        if list.len() > NAMED {
            said.push(format!("{word}: {} more; `--format json` names them all", list.len() - NAMED));
        }
    }
    said
}

fn named(finding: &Finding) -> String {
    let element = finding.element.as_deref().map_or_else(String::new, |element| format!(" ({element})"));
    format!("{} on {}{element}", finding.rule, finding.subject.name)
}
