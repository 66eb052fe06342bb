//! OCSF: a Compliance Finding (class 2003) for each evaluation, one JSON object a line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{controls::by_framework, escape::line};
use crate::{
    report::{Finding, Outcome, Report, Since},
    rule::{Rule, Severity},
    snapshot::{Cloud, Tool},
};

/// The version of the schema.
const VERSION: &str = "1.5.0";
/// Compliance Finding, of the category Findings.
const CLASS: u32 = 2003;

/// One finding a line.
pub(super) fn ocsf(report: &Report<'_>, all: bool) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    let now = report.findings.iter().chain(report.rest.iter().filter(|it| all && it.verdict == Outcome::Pass));
    let carried = report.compared.iter().flat_map(|it| &it.carried);
    let carried: BTreeSet<&str> = carried.map(|it| it.fingerprint.as_str()).collect();
    let known = |it: &Finding| it.since == Some(Since::Unchanged) || carried.contains(it.fingerprint.as_str());
    let now = now.map(|it| (it, if known(it) { Activity::Update } else { Activity::Create }));
    let open = report.unseen().map(|it| (it, Activity::Update));
    let gone = report.compared.iter().flat_map(|it| &it.gone).map(|it| (it, Activity::Close));
    for (finding, activity) in now.chain(open).chain(gone) {
        let Some(rule) = report.rules.rules().iter().find(|rule| rule.id == finding.rule) else { continue };
        out.push_str(&super::escape::json(serde_json::to_string(&event(report, rule, finding, activity))?));
        out.push('\n');
    }
    Ok(out)
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    Create,
    Update,
    Close,
}

impl Activity {
    /// The id and the name, and those of the status that goes with it.
    const fn words(self) -> (u32, &'static str, u32, &'static str) {
        match self {
            Self::Create => (1, "Create", 1, "New"),
            Self::Update => (2, "Update", 2, "In Progress"),
            Self::Close => (3, "Close", 4, "Resolved"),
        }
    }
}

/// The frameworks that the rule speaks to, and their controls, each with the name of its own.
fn standards(rule: &Rule, cloud: Option<Cloud>) -> (Vec<String>, Vec<String>) {
    let (mut standards, mut requirements) = (vec!["egress-audit".to_owned()], Vec::new());
    for (name, ids) in by_framework(rule, cloud) {
        requirements.extend(ids.iter().map(|id| format!("{name}: {id}")));
        standards.push(name);
    }
    (standards, requirements)
}

fn event(report: &Report<'_>, rule: &Rule, finding: &Finding, activity: Activity) -> Value {
    let time = report.taken_at.as_millisecond();
    let (activity_id, activity, status_id, status) = activity.words();
    // New is what a scan without memory knows; suppressed is what somebody accepts for a time.
    let (status_id, status) = if finding.verdict == Outcome::Waived { (3, "Suppressed") } else { (status_id, status) };
    let (severity_id, severity) = match finding.severity {
        _ if finding.verdict == Outcome::Pass => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    };
    let (compliance_id, compliance) = match finding.verdict {
        Outcome::Pass => (1, "Pass"),
        Outcome::NotEvaluated => (0, "Unknown"),
        Outcome::Fail | Outcome::Waived | Outcome::NotApplicable => (3, "Fail"),
    };
    let gaps: Vec<_> = finding.gaps.iter().map(ToString::to_string).collect();
    let said = if finding.message.is_empty() { gaps.join("; ") } else { finding.message.clone() };
    let subject = &finding.subject;
    let (standards, requirements) = standards(rule, subject.cloud);
    let mut event = json!({
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Compliance Finding: {activity}"),
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": line(&said),
        "metadata": {
            "version": VERSION,
            "product": {"name": "egress-audit", "vendor_name": "egress-audit", "version": Tool::this().version},
            "event_code": finding.rule,
            "profiles": if subject.cloud.is_some() { json!(["cloud"]) } else { json!([]) },
        },
        "finding_info": {
            "uid": finding.fingerprint,
            "title": line(rule.title.trim()),
            "desc": line(rule.description.trim()),
            "created_time": time,
            "types": rule.tags,
        },
        "compliance": {
            "control": finding.rule,
            "standards": standards,
            "requirements": requirements,
            "status_id": compliance_id,
            "status": compliance,
        },
        "resources": [{
            "uid": line(&subject.id),
            "name": line(&subject.name),
            "type": subject.kind,
            "region": subject.region,
        }],
        "remediation": {"desc": line(rule.remediation.text.trim()), "references": rule.references},
    });
    if let (Some(cloud), Some(fields)) = (subject.cloud, event.as_object_mut()) {
        let (provider, type_id, kind) = match cloud {
            Cloud::Aws => ("AWS", 10, "AWS Account"),
            Cloud::Gcp => ("GCP", 11, "GCP Project"),
        };
        let account = json!({"uid": subject.account, "type_id": type_id, "type": kind});
        fields.insert("cloud".into(), json!({"provider": provider, "region": subject.region, "account": account}));
    }
    event
}
