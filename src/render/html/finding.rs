//! One finding of the page.

use crate::{
    evidence::Origin,
    render::words,
    report::{Finding, Outcome, Report, Since},
};

/// A finding, as the page shows it.
pub(super) struct FindingView {
    /// What sorts it: its severity, `fail`, `not-evaluated` or `waived`, its rule and the rule's family.
    pub(super) severity: &'static str,
    pub(super) verdict: &'static str,
    pub(super) rule: String,
    pub(super) family: String,
    /// What is wrong.
    pub(super) message: String,
    /// Who accepts it, until when, and why.
    pub(super) accepted: String,
    pub(super) element: String,
    /// The places in files that decide it and that declare what it is about.
    pub(super) places: Vec<(&'static str, String)>,
    /// The hops that it is about, in one line.
    pub(super) path: String,
    pub(super) fingerprint: String,
    /// Whether it is new since an earlier report.
    pub(super) new: bool,
}

impl FindingView {
    pub(super) fn of(finding: &Finding, report: &Report<'_>) -> Self {
        let rule = report.rules.rules().iter().find(|rule| rule.id == finding.rule);
        let place = |origin: &Origin| format!("{}:{}:{}", origin.file, origin.line, origin.column);
        let decided = finding.location.as_ref();
        let declared = finding.declared.as_ref().filter(|it| Some(*it) != decided);
        // What could not be evaluated says by its gap where it stops.
        let path = finding.path.iter().skip(1).filter(|_| finding.verdict != Outcome::NotEvaluated);
        let hops = path.map(|it| format!("{} {}", words::hop(&it.kind), words::short(&it.id)));
        let accepted = finding.accepted.as_ref();
        Self {
            severity: finding.severity.as_str(),
            verdict: finding.verdict.as_str(),
            rule: finding.rule.clone(),
            family: rule.and_then(|rule| rule.family.clone()).unwrap_or_default(),
            message: finding.message.clone(),
            accepted: accepted.map_or_else(String::new, |it| {
                let reason = it.reason.trim_end_matches('.');
                format!("accepted by {} until {}: {reason}", it.owner, it.until)
            }),
            element: finding.element.clone().unwrap_or_default(),
            places: [("decided at", decided), ("declared at", declared)]
                .into_iter()
                .filter_map(|(what, origin)| Some((what, place(origin?))))
                .collect(),
            path: hops.collect::<Vec<_>>().join(" → "),
            fingerprint: finding.fingerprint.clone(),
            new: finding.since == Some(Since::New),
        }
    }

    /// The class and the word of its mark: the severity where it fails.
    pub(super) fn chip(&self) -> &'static str {
        if self.verdict == "fail" { self.severity } else { "waived" }
    }
}

/// What a card is headed with: its worst finding.
pub(super) fn worst(findings: &[&Finding]) -> (&'static str, &'static str) {
    let first = findings.first().map(|it| (it.verdict, it.severity.as_str()));
    match first {
        Some((Outcome::Fail, severity)) => (severity, severity),
        Some((Outcome::NotEvaluated, _)) => ("open", "not evaluated"),
        Some((Outcome::Waived, _)) => ("waived", "waived"),
        Some((Outcome::Pass | Outcome::NotApplicable, _)) | None => ("fine", "no findings"),
    }
}
