//! Markdown: for the comment of a pull request and the summary of a job, with paths as Mermaid charts.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    digest::levels,
    escape::markdown as text,
    picture::{Picture, mermaid},
    since, words,
};
use crate::{
    graph::Workload,
    report::{Finding, Outcome, Report, Since},
};

/// GitHub takes 65,536 characters in a comment; what stands above belongs to it.
const LONGEST: usize = 60_000;
/// How many charts are drawn.
const CHARTS: usize = 5;

/// The report in Markdown: what does not fit is counted.
pub(super) fn markdown(report: &Report<'_>) -> String {
    let mut out = head(report);
    let room = LONGEST - 2_000;
    let fresh = |it: &&Finding| it.verdict != Outcome::Waived && it.since != Some(Since::Unchanged);
    let shown: Vec<&Finding> = report.findings.iter().filter(fresh).collect();
    if !shown.is_empty() {
        out.push_str("| | rule | about | |\n|---|---|---|---|\n");
    }
    let mut left = 0;
    for finding in &shown {
        let row = row(finding);
        if out.len() + row.len() > room {
            left += 1;
        } else {
            out.push_str(&row);
        }
    }
    if left > 0 {
        let _ = writeln!(out, "\n{left} more findings are not shown here.");
    }
    charts(&mut out, report, &shown, room);
    unread(&mut out, report);
    out
}

fn head(report: &Report<'_>) -> String {
    let levels = levels(report).into_iter().filter(|(number, _)| *number > 0);
    let levels: Vec<_> = levels.map(|(number, severity)| format!("{number} {severity}")).collect();
    let said = if levels.is_empty() { "no violations".to_owned() } else { levels.join(", ") };
    let s = report.summary;
    let mut out = format!("## egress-audit: {said}\n\n");
    let workloads = report.graph.workloads.len();
    let sources: Vec<String> = report.sources.iter().map(|source| text(source)).collect();
    let _ = writeln!(
        out,
        "{workloads} workloads of {}: {} failed, {} passed, {} not evaluated, {} not applicable, {} waived.\n",
        sources.join(" "),
        s.fail,
        s.pass,
        s.not_evaluated,
        s.not_applicable,
        s.waived
    );
    for said in report.compared.iter().flat_map(|it| since::lines(report, it)) {
        let _ = writeln!(out, "- {}", text(&said));
    }
    if report.compared.is_some() {
        out.push('\n');
    }
    if !report.complete() {
        out.push_str("**Something was not read or could not be evaluated: this is not a clean bill.**\n\n");
    }
    out
}

fn row(finding: &Finding) -> String {
    let (mark, said) = if finding.verdict == Outcome::Fail {
        (finding.severity.to_string(), finding.message.clone())
    } else {
        let gaps: Vec<_> = finding.gaps.iter().take(3).map(ToString::to_string).collect();
        ("?".to_owned(), format!("not evaluated: {}", gaps.join("; ")))
    };
    let at = match &finding.location {
        Some(origin) => format!(" ({}:{})", text(&origin.file), origin.line),
        None => String::new(),
    };
    format!("| {mark} | {} | {}{at} | {} |\n", text(&finding.rule), text(&finding.subject.name), text(&said))
}

/// The paths of workloads whose egress is what a finding is about.
fn charts(out: &mut String, report: &Report<'_>, shown: &[&Finding], room: usize) {
    let about: BTreeSet<&str> = shown.iter().filter(|it| it.path.len() > 1).map(|it| it.subject.id.as_str()).collect();
    let with = |workload: &&Workload| about.contains(workload.id.as_str());
    for workload in report.graph.workloads.iter().filter(with).take(CHARTS) {
        let chart = mermaid(&Picture::of(workload));
        let title = text(&format!("{}: {}", workload.name, words::egress(workload)));
        let block = format!("\n<details><summary>{title}</summary>\n\n```mermaid\n{chart}```\n\n</details>\n");
        if out.len() + block.len() <= room {
            out.push_str(&block);
        }
    }
}

fn unread(out: &mut String, report: &Report<'_>) {
    let lines: Vec<_> = report.coverage.iter().filter(|line| !line.is_read()).collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("\n### Not read\n\n");
    for gap in lines.iter().take(8) {
        let why = gap.why.map_or_else(String::new, |why| format!(" ({why})"));
        let said = format!("{} in {} {}{why}", gap.what, gap.scope.account, gap.scope.region);
        let _ = writeln!(out, "- {}", text(&said.chars().take(180).collect::<String>()));
    }
    if lines.len() > 8 {
        let _ = writeln!(out, "- and {} more", lines.len() - 8);
    }
}
