//! Rules for people: the list of them, and the page of one.

use std::fmt::Write as _;

use super::{controls, escape::line};
use crate::rule::{Rule, RuleSet, Scalar};

/// One line a rule.
pub fn rule_list(rules: &RuleSet) -> String {
    let width = rules.rules().iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules.rules() {
        let _ = writeln!(out, "{:<8}  {:<width$}  {}", rule.severity.as_str(), line(&rule.id), line(rule.title.trim()));
    }
    out
}

/// The page of a rule, as plain text.
pub fn rule_page(rule: &Rule) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} ({})\n{}\n", line(&rule.id), rule.severity.as_str(), line(rule.title.trim()));
    let _ = writeln!(out, "{}\n\nwhy it is bad\n{}\n", prose(&rule.description), prose(&rule.why));
    let _ = writeln!(out, "what to do\n{}", prose(&rule.remediation.text));
    for (name, code) in snippets(rule) {
        let _ = writeln!(out, "\n{name}\n{}", indented(code));
    }
    if !rule.params.is_empty() {
        out.push_str("\nparameters\n");
        for (name, param) in &rule.params {
            let _ = writeln!(out, "  {name} = {}   {}", scalar(&param.value), prose(&param.meaning));
        }
    }
    if !rule.aliases.is_empty() {
        let _ = writeln!(out, "\nknown elsewhere as {}", line(&rule.aliases.join(", ")));
    }
    if !rule.compliance.is_empty() {
        let _ = writeln!(out, "\na failure is evidence against\n{}", indented(&controls::lines(rule).join("\n")));
    }
    if !rule.references.is_empty() {
        let _ = writeln!(out, "\nread more\n{}", indented(&rule.references.join("\n")));
    }
    out
}

/// The page of a rule as Markdown, for code scanning.
pub(super) fn rule_markdown(rule: &Rule) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n\n## Why is this bad?\n\n{}\n", prose(&rule.description), prose(&rule.why));
    let _ = writeln!(out, "## What to do\n\n{}\n", prose(&rule.remediation.text));
    for (name, code) in snippets(rule) {
        let fence = if name == "terraform" { "terraform" } else { "sh" };
        let _ = writeln!(out, "```{fence}\n{}\n```\n", code.trim_end());
    }
    for reference in &rule.references {
        let _ = writeln!(out, "- <{reference}>");
    }
    if !rule.compliance.is_empty() {
        out.push_str("\nA failure is evidence against:\n\n");
        for control in controls::lines(rule) {
            let _ = writeln!(out, "- {}", control.replace('*', "\\*"));
        }
    }
    out
}

pub(super) fn snippets(rule: &Rule) -> impl Iterator<Item = (&'static str, &str)> {
    let of = &rule.remediation;
    [("gcloud", &of.gcloud), ("aws", &of.aws), ("terraform", &of.terraform)]
        .into_iter()
        .filter_map(|(name, code)| code.as_deref().map(|code| (name, code)))
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Text(value) => format!("\"{}\"", line(value)),
    }
}

/// Prose of a rule file, line by line; a rule may come from anybody's folder.
fn prose(text: &str) -> String {
    text.trim().lines().map(|part| line(part).into_owned()).collect::<Vec<_>>().join("\n")
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|part| format!("  {}", line(part))).collect::<Vec<_>>().join("\n")
}
