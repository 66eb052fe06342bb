//! The report for people: workload by workload, worst first, readable without colour.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets::UTF8_FULL_CONDENSED};

use super::{
    View,
    digest::{Group, count, depends, groups, has, levels, stale},
    escape::line,
    since, words,
};
use crate::{
    evidence::Gap,
    graph::Workload,
    report::{CoverageLine, Finding, Outcome, Report, Since, SubjectRef},
    snapshot::{ReadState, ScopeId, Tool},
};

/// How many lines of what was not read are shown before the rest is counted.
const UNREAD_LINES: usize = 12;

pub(super) fn table(report: &Report<'_>, view: View) -> String {
    let mut out = String::new();
    head(&mut out, report);
    // What an earlier report had is not shown again.
    let shown = |it: &Finding| it.verdict != Outcome::Waived && (view.all || it.since != Some(Since::Unchanged));
    let groups = groups(report, shown);
    let workloads: BTreeMap<&str, &Workload> = report.graph.workloads.iter().map(|it| (it.id.as_str(), it)).collect();
    for (subject, findings) in &groups {
        let workload = workloads.get(subject.id.as_str()).filter(|_| subject.kind == "workload").copied();
        group(&mut out, workload, subject, findings, view);
    }
    totals(&mut out, report, &groups, view);
    declared(&mut out, report);
    unread(&mut out, report);
    for old in stale(report) {
        let _ = writeln!(out, "{old}");
    }
    hints(&mut out, report, &groups);
    out
}

/// How many scopes the head names one by one.
const MOST_SCOPES: usize = 8;

fn head(out: &mut String, report: &Report<'_>) {
    let tool = Tool::this();
    let sources: Vec<_> = report.sources.iter().map(|source| line(source)).collect();
    let _ = writeln!(
        out,
        "{} {}   {}   {}   {}   read {} of {} inputs",
        tool.name,
        tool.version,
        sources.join(" "),
        count(report.graph.workloads.len(), "workload"),
        count(report.rules.rules().len(), "rule"),
        report.inputs.read,
        report.inputs.of,
    );
    for scope in report.scopes.iter().take(MOST_SCOPES) {
        let by = scope.principal.as_deref().map_or_else(String::new, |principal| format!("   as {}", line(principal)));
        let at = scope
            .endpoint
            .as_deref()
            .map_or_else(String::new, |host| format!("   through the endpoint {}", line(host)));
        let region = if scope.id.region == ScopeId::GLOBAL { "all regions" } else { &scope.id.region };
        let calls = scope.calls.map_or_else(String::new, |calls| format!("   {calls} calls"));
        let age = scope.as_of.map_or_else(String::new, |as_of| format!("   facts as of {as_of} or later"));
        let _ = writeln!(out, "{} {} {}{by}{at}{calls}{age}", scope.id.cloud, line(&scope.id.account), line(region));
    }
    if let Some(rest) = report.scopes.get(MOST_SCOPES..).filter(|rest| !rest.is_empty()) {
        let accounts: BTreeSet<_> = report.scopes.iter().map(|scope| (scope.id.cloud, &scope.id.account)).collect();
        let (rest, accounts) = (count(rest.len(), "more scope"), count(accounts.len(), "account"));
        let _ = writeln!(out, "and {rest}, in all of {accounts}: `--format json` has them");
    }
    if let Some(policy) = report.policy {
        let off =
            if policy.off.is_empty() { String::new() } else { format!("   off: {}", line(&policy.off.join(", "))) };
        let _ = writeln!(out, "policy {}{off}", line(&policy.file));
    }
    out.push('\n');
}

fn group(out: &mut String, workload: Option<&Workload>, subject: &SubjectRef, findings: &[&Finding], view: View) {
    let kind = words::subject(subject, workload);
    let name = line(&subject.name);
    let at = match (&subject.cloud, subject.kind.as_str()) {
        (Some(cloud), _) => format!("{cloud}  {}", line(&subject.region)),
        (None, _) => line(&subject.id).into_owned(),
    };
    let _ = write!(out, "{}   {at}  {kind}", bold(&name, view));
    if let Some(workload) = workload {
        let facts = format!("{}   {}", line(&words::egress(workload)), line(&words::callers(workload)));
        let so_far = name.chars().count() + subject.region.len() + kind.len() + 12;
        let fits = so_far + facts.chars().count() <= usize::from(view.width);
        let _ = write!(out, "{}{facts}", if fits { "   " } else { "\n  " });
    }
    out.push('\n');
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_width(view.width);
    let rows = rows(findings);
    let rules = rows.iter().flat_map(|(_, rules, _)| rules.split('\n')).map(|rule| rule.chars().count()).max();
    for (level, rules, message) in rows {
        table.add_row([level, rules, message]);
    }
    // The names of rules are what people search for: they are not broken over lines.
    let rule_width = u16::try_from(rules.unwrap_or(0) + 2).unwrap_or(u16::MAX);
    if rule_width.saturating_add(30) <= view.width {
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(10)));
        }
        if let Some(column) = table.column_mut(1) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(rule_width)));
        }
    }
    for row in table.lines() {
        let _ = writeln!(out, "{}", colored(&row, view));
    }
    out.push('\n');
}

/// The rows of a group: a message of one rule once, and what hangs on the same gaps together.
fn rows(findings: &[&Finding]) -> Vec<(String, String, String)> {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let mut waiting: BTreeMap<&[Gap], BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        if finding.verdict == Outcome::NotEvaluated {
            waiting.entry(&finding.gaps).or_default().insert(&finding.rule);
            continue;
        }
        let new = if finding.since == Some(Since::New) { "new: " } else { "" };
        let said = format!("{new}{}", line(&finding.message));
        let row = (finding.severity.to_string(), line(&finding.rule).into_owned(), said);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    for (gaps, rules) in waiting {
        let gaps: Vec<_> = gaps.iter().map(|gap| line(&gap.to_string()).into_owned()).collect();
        let shown = gaps.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
        let more = if gaps.len() > 3 { format!("; and {} more", gaps.len() - 3) } else { String::new() };
        rows.push(("?".into(), Vec::from_iter(rules).join("\n"), format!("not evaluated: {shown}{more}")));
    }
    rows
}

fn bold(text: &str, view: View) -> String {
    if view.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Colours the severity that a row starts with; the word stays.
fn colored(row: &str, view: View) -> String {
    let color = |word: &str| match word {
        "critical" => Some("1;31"),
        "high" => Some("31"),
        "medium" => Some("33"),
        "low" => Some("36"),
        "?" => Some("35"),
        _ => None,
    };
    let Some(rest) = row.strip_prefix("│ ").filter(|_| view.color) else { return row.to_owned() };
    let word = rest.split(' ').next().unwrap_or_default();
    match (color(word), rest.strip_prefix(word)) {
        (Some(color), Some(rest)) => format!("│ \u{1b}[{color}m{word}\u{1b}[0m{rest}"),
        _ => row.to_owned(),
    }
}

fn totals(out: &mut String, report: &Report<'_>, groups: &[Group<'_>], view: View) {
    let with = groups.iter().filter(|(subject, _)| subject.kind == "workload").count();
    let all = report.graph.workloads.len();
    let _ = writeln!(
        out,
        "{} {} {}findings or open questions, {} {} none.",
        count(with, "workload"),
        has(with),
        if report.compared.is_some() && !view.all { "new " } else { "" },
        all.saturating_sub(with),
        has(all.saturating_sub(with)),
    );
    let levels = levels(report).into_iter().filter(|(number, _)| *number > 0);
    let levels: Vec<_> = levels.map(|(number, severity)| format!("{number} {severity}")).collect();
    let levels = if levels.is_empty() { "no violations".to_owned() } else { levels.join("  ") };
    let s = report.summary;
    let _ = writeln!(
        out,
        "{}      {} failed   {} passed   {} not evaluated   {} not applicable   {} waived",
        bold(&levels, view),
        s.fail,
        s.pass,
        s.not_evaluated,
        s.not_applicable,
        s.waived
    );
    for said in report.compared.iter().flat_map(|it| since::lines(report, it)) {
        let _ = writeln!(out, "{}", line(&said));
    }
}

/// Says that code is judged by what it declares.
fn declared(out: &mut String, report: &Report<'_>) {
    if report.coverage.iter().any(|line| line.state == ReadState::Declared) {
        let _ = writeln!(out, "code: only what it declares is judged; there may be more outside of it");
    }
}

fn unread(out: &mut String, report: &Report<'_>) {
    let lines: Vec<&CoverageLine> = report.coverage.iter().filter(|line| !line.is_read()).collect();
    for gap in lines.iter().take(UNREAD_LINES) {
        let why = gap.why.map_or_else(String::new, |why| format!(" ({why})"));
        let of = match (gap.state, gap.missing) {
            (ReadState::Partial, missing) if missing > 0 => format!(" of {}", count(missing, "resource")),
            _ => String::new(),
        };
        let part = if gap.state == ReadState::Partial && of.is_empty() { " in part" } else { "" };
        let _ = writeln!(
            out,
            "not read{part}: {}{of} in {} {}{why}; {}",
            line(&gap.what),
            line(&gap.scope.account),
            line(&gap.scope.region),
            depends(report, gap),
        );
    }
    if lines.len() > UNREAD_LINES {
        let _ = writeln!(out, "not read: {} more calls; `--format json` names them all", lines.len() - UNREAD_LINES);
    }
}

fn hints(out: &mut String, report: &Report<'_>, groups: &[Group<'_>]) {
    let Some((_, findings)) = groups.first() else { return };
    let Some(first) = findings.first() else { return };
    let path = groups.iter().find(|(subject, findings)| {
        subject.kind == "workload" && findings.iter().any(|it| it.path.len() > 1 || it.rule.contains("egress"))
    });
    let _ = write!(out, "why: egress-audit rules {}", line(&first.rule));
    if let Some((subject, _)) = path {
        let sources: Vec<_> = report.sources.iter().map(|source| line(source)).collect();
        let _ = write!(out, "      path: egress-audit trace {} {}", line(&subject.name), sources.join(" "));
    }
    out.push('\n');
}
