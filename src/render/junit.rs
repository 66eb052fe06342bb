//! `JUnit`'s XML: a suite for each subject, a case for each rule.

use quick_junit::{NonSuccessKind, Report as Suites, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::escape::line;
use crate::report::{Finding, Outcome, Report, Since};

/// The report as test results. What could not be evaluated is an error, never a skipped test: most tools take those for green.
pub(super) fn junit(report: &Report<'_>, all: bool) -> Result<String, SerializeError> {
    let rest = report.rest.iter().filter(|it| all && it.verdict == Outcome::Pass);
    let mut suites: Vec<(&str, Vec<&Finding>)> = Vec::new();
    let mut sorted: Vec<&Finding> = report.findings.iter().chain(rest).collect();
    sorted.sort_by(|a, b| (&a.subject, &a.rule, &a.element).cmp(&(&b.subject, &b.rule, &b.element)));
    for finding in sorted {
        match suites.last_mut() {
            Some((id, cases)) if *id == finding.subject.id => cases.push(finding),
            _ => suites.push((&finding.subject.id, vec![finding])),
        }
    }
    let mut out = Suites::new("egress-audit");
    for (id, findings) in suites {
        let mut suite = TestSuite::new(line(id).into_owned());
        suite.add_test_cases(findings.into_iter().map(case));
        out.add_test_suite(suite);
    }
    let mut reading = TestSuite::new("what was read");
    for gap in report.coverage.iter().filter(|line| !line.is_read()) {
        let why = gap.why.map_or_else(String::new, |why| why.to_string());
        let name = format!("{} in {} {}", gap.what, gap.scope.account, gap.scope.region);
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(format!("not read: {why}")).set_type("not-read");
        reading.add_test_case(TestCase::new(line(&name).into_owned(), status));
    }
    if !reading.test_cases.is_empty() {
        out.add_test_suite(reading);
    }
    out.to_string()
}

fn case(finding: &Finding) -> TestCase {
    let status = match finding.verdict {
        Outcome::Fail if finding.since == Some(Since::Unchanged) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(line(&format!("failed in the earlier report too: {}", finding.message)));
            status
        }
        Outcome::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(line(&finding.message)).set_type(finding.severity.as_str());
            status
        }
        Outcome::NotEvaluated => {
            let gaps: Vec<_> = finding.gaps.iter().map(ToString::to_string).collect();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(line(&gaps.join("; "))).set_type("not-evaluated");
            status
        }
        Outcome::Waived => {
            let mut status = TestCaseStatus::skipped();
            let said = finding.accepted.as_ref().map(|it| format!("waived until {}: {}", it.until, it.reason));
            status.set_message(line(&said.unwrap_or_default()));
            status
        }
        Outcome::Pass | Outcome::NotApplicable => TestCaseStatus::success(),
    };
    let name = match &finding.element {
        Some(element) => format!("{} ({element})", finding.rule),
        None => finding.rule.clone(),
    };
    let mut case = TestCase::new(line(&name).into_owned(), status);
    case.set_classname(line(&finding.subject.name).into_owned());
    case
}
