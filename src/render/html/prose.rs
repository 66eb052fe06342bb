//! What the rules say: once for each rule that has a finding, however many there are.

use std::collections::BTreeSet;

use crate::{
    render::{controls::by_framework, rules::snippets},
    report::Report,
    rule::Rule,
};

/// A rule, as the page explains it.
pub(super) struct RuleNote {
    pub(super) id: String,
    pub(super) severity: &'static str,
    pub(super) title: String,
    pub(super) description: Vec<Paragraph>,
    pub(super) why: Vec<Paragraph>,
    pub(super) remediation: Vec<Paragraph>,
    /// A language, and its lines.
    pub(super) snippets: Vec<(&'static str, Vec<String>)>,
    pub(super) references: Vec<String>,
    pub(super) compliance: Vec<String>,
    pub(super) aliases: String,
}

/// Words, and names that stand in code.
pub(super) type Paragraph = Vec<(bool, String)>;

/// The rules that have findings, by name.
pub(super) fn notes(report: &Report<'_>) -> Vec<RuleNote> {
    let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let mut rules: Vec<&Rule> = report.rules.rules().iter().filter(|rule| found.contains(rule.id.as_str())).collect();
    rules.sort_by_key(|rule| &rule.id);
    rules.into_iter().map(note).collect()
}

fn note(rule: &Rule) -> RuleNote {
    let lines = |text: &str| text.trim_end().lines().map(str::to_owned).collect();
    RuleNote {
        id: rule.id.clone(),
        severity: rule.severity.as_str(),
        title: rule.title.trim().to_owned(),
        description: paragraphs(&rule.description),
        why: paragraphs(&rule.why),
        remediation: paragraphs(&rule.remediation.text),
        snippets: snippets(rule).map(|(name, code)| (name, lines(code))).collect(),
        // Rules may come from anybody's folder: what is no address of the web is not a link.
        references: rule.references.iter().filter(|it| it.starts_with("https://")).cloned().collect(),
        compliance: compliance(rule),
        aliases: rule.aliases.join(", "),
    }
}

fn compliance(rule: &Rule) -> Vec<String> {
    by_framework(rule, None).into_iter().map(|(name, ids)| format!("{name}: {}", ids.join(", "))).collect()
}

/// Paragraphs, with what stands in backticks apart.
fn paragraphs(text: &str) -> Vec<Paragraph> {
    let pieces = |text: &str| {
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pieces = joined.split('`').enumerate().map(|(nth, piece)| (nth % 2 == 1, piece.to_owned()));
        pieces.filter(|(_, piece)| !piece.is_empty()).collect()
    };
    text.trim().split("\n\n").filter(|text| !text.trim().is_empty()).map(pieces).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_backticks_are_told_from_words() {
        let shown = paragraphs("Declare `a: b`\nfor it.\n\nElse.\n");
        let word = |code: bool, text: &str| (code, text.to_owned());
        assert_eq!(
            shown,
            [vec![word(false, "Declare "), word(true, "a: b"), word(false, " for it.")], vec![word(false, "Else.")]]
        );
    }
}
