//! What the policy file accepts, and what it accepts in vain.

use jiff::civil::Date;

use super::{Finding, Outcome, Summary};
use crate::{
    evidence::{Gap, GapReason, Known},
    facts::{Facts, WaiverFacts, waiver},
    policy::{Policy, Standing, Waiver},
};

/// Why a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it is.
    pub until: Date,
}

/// Accepts the failures that a waiver in force is for. What could not be evaluated cannot be accepted.
pub(super) fn accept(findings: &mut [Finding], policy: &Policy, today: Date, summary: &mut Summary) {
    let in_force: Vec<&Waiver> =
        policy.waivers.iter().filter(|waiver| waiver.standing(today) != Standing::Expired).collect();
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Outcome::Fail) {
        let Some(waiver) = in_force.iter().find(|waiver| is_for(waiver, finding)) else { continue };
        finding.verdict = Outcome::Waived;
        finding.accepted =
            Some(Accepted { reason: waiver.reason.clone(), owner: waiver.owner.clone(), until: waiver.until });
        summary.fail -= 1;
        summary.waived += 1;
    }
}

fn is_for(waiver: &Waiver, finding: &Finding) -> bool {
    waiver.covers(&finding.rule, &finding.subject.name, &finding.subject.id)
}

/// The waivers, with what became of each.
pub(super) fn facts(findings: &[Finding], policy: &Policy, today: Date) -> Facts {
    let one = |own: &Waiver| {
        let own_findings: Vec<&Finding> = findings.iter().filter(|finding| is_for(own, finding)).collect();
        let any = |verdict: Outcome| own_findings.iter().any(|finding| finding.verdict == verdict);
        let unknown =
            || Gap::new(format!("whether {} holds for {}", own.named, own.workload.as_str()), GapReason::NotRead);
        let used = match (any(Outcome::Waived) || any(Outcome::Fail), any(Outcome::NotEvaluated)) {
            (true, _) => Known::Known(true),
            (false, true) => Known::Unknown(unknown()),
            (false, false) => Known::Known(false),
        };
        waiver(WaiverFacts {
            id: format!("{}:{}", policy.file, own.line),
            rule: own.named.clone(),
            workload: own.workload.as_str().to_owned(),
            owner: own.owner.clone(),
            until: own.until.to_string(),
            days_left: i64::from(own.days_left(today)),
            matched: !own_findings.is_empty(),
            used,
        })
    };
    Facts { documents: policy.waivers.iter().map(one).collect() }
}
