//! What formats for people say alike: numbers in words, findings by subject, what hangs on a gap, what is out of date.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    knowledge::{roles_as_of, runtimes_as_of},
    report::{CoverageLine, Finding, Outcome, Report, SubjectRef},
    rule::Severity,
};

/// How many of something, in words.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `has` or `have`.
pub(super) const fn has(number: usize) -> &'static str {
    if number == 1 { "has" } else { "have" }
}

/// How many violations there are of each severity, the highest first.
pub(super) fn levels(report: &Report<'_>) -> Vec<(usize, Severity)> {
    let failures = |severity: Severity| {
        let counts = |it: &&Finding| it.verdict == Outcome::Fail && it.severity == severity;
        (report.findings.iter().filter(counts).count(), severity)
    };
    Severity::ALL.into_iter().rev().map(failures).collect()
}

/// Findings about one subject.
pub(super) type Group<'a> = (&'a SubjectRef, Vec<&'a Finding>);

/// The findings that are to be shown, by subject; the subject with the worst finding comes first.
pub(super) fn groups<'a>(report: &'a Report<'_>, shown: impl Fn(&Finding) -> bool) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<&SubjectRef, usize> = BTreeMap::new();
    for finding in report.findings.iter().filter(|it| shown(it)) {
        let place = *places.entry(&finding.subject).or_insert_with(|| {
            groups.push((&finding.subject, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, findings)) = groups.get_mut(place) {
            findings.push(finding);
        }
    }
    groups
}

/// How much hangs on a gap.
pub(super) fn depends(report: &Report<'_>, gap: &CoverageLine) -> String {
    let hangs = |it: &&Finding| it.gaps.iter().any(|own| own.what.starts_with(&gap.what));
    let hanging: Vec<_> = report.findings.iter().filter(hangs).collect();
    if hanging.is_empty() {
        return "what it would have shown is not in this report".into();
    }
    let rules: BTreeSet<_> = hanging.iter().map(|it| it.rule.as_str()).collect();
    let subjects: BTreeSet<_> = hanging.iter().map(|it| &it.subject).collect();
    format!("{} of {} depend on it", count(rules.len(), "rule"), count(subjects.len(), "subject"))
}

/// How old the table of runtimes may be before the report says so, in days: AWS moves its dates about twice a year.
const STALE_DAYS: i32 = 180;

/// Which knowledge is older than it should be, in words.
pub(super) fn stale(report: &Report<'_>) -> Vec<String> {
    let today = report.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let google = report.graph.workloads.iter().any(|workload| workload.google.is_some());
    let roles = google.then(|| ("what predefined roles hold is", roles_as_of()));
    let known = [("the dates of runtimes are", runtimes_as_of())].into_iter().chain(roles);
    let old = known.filter(|(_, as_of)| today.since(*as_of).is_ok_and(|age| age.get_days() > STALE_DAYS));
    old.map(|(what, as_of)| format!("old knowledge: {what} of {as_of}; a newer version may know better")).collect()
}
