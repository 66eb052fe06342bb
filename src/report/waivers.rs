//! What people accept, in the policy file and in comments of the code, and what they accept in vain.

use jiff::civil::Date;

use super::{Finding, Outcome, Summary};
use crate::{
    evidence::{Gap, GapReason, Known, Origin},
    facts::{Facts, WaiverFacts, waiver},
    policy::{Pattern, Policy, Standing, Waiver},
    rule::RuleSet,
    snapshot::CodeWaiver,
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

/// A waiver, wherever it stands.
#[derive(Debug)]
pub(super) struct Acceptance {
    /// The rules, by id.
    rules: Vec<String>,
    /// The rules as they are written.
    named: String,
    whom: Whom,
    why: Accepted,
    /// Its place: the file and the line.
    id: String,
    standing: Standing,
    days_left: i32,
}

/// What a waiver is for.
#[derive(Debug)]
enum Whom {
    /// Whatever goes by a name.
    Named(Pattern),
    /// What stands in these lines of a file, or is decided there.
    Lines {
        /// The file.
        file: String,
        /// The first line and the last.
        lines: (u32, u32),
    },
}

/// A comment that means to accept something, and of which nobody can tell what.
#[derive(Debug)]
pub(super) struct Malformed {
    /// Where it stands.
    pub(super) at: Origin,
    /// What is the matter.
    pub(super) why: String,
}

impl Acceptance {
    /// The waivers of a policy file.
    pub(super) fn of_policy(policy: &Policy, today: Date) -> impl Iterator<Item = Self> {
        policy.waivers.iter().map(move |own| Self {
            rules: own.rules.clone(),
            named: own.named.clone(),
            whom: Whom::Named(own.workload.clone()),
            why: Accepted { reason: own.reason.clone(), owner: own.owner.clone(), until: own.until },
            id: format!("{}:{}", policy.file, own.line),
            standing: own.standing(today),
            days_left: own.days_left(today),
        })
    }

    /// A comment of the code.
    pub(super) fn of_code(own: &CodeWaiver, rules: &RuleSet, today: Date) -> Result<Self, Malformed> {
        let wrong = |why: String| Malformed { at: own.at.clone(), why };
        if let Some(why) = &own.malformed {
            return Err(wrong(why.clone()));
        }
        let mut ids = Vec::new();
        for name in &own.rules {
            let found = rules.find(name);
            if found.is_empty() {
                let hint = rules.nearest(name).map_or_else(String::new, |hint| format!("; {hint}"));
                return Err(wrong(format!("there is no rule `{name}`{hint}")));
            }
            ids.extend(found.into_iter().map(|rule| rule.id.clone()));
        }
        let until = own
            .until
            .ok_or_else(|| wrong("it gives no last day: write `allow RULE until YYYY-MM-DD because REASON`".into()))?;
        let days_left = Waiver::days(today, until);
        if days_left > Waiver::LONGEST {
            return Err(wrong(format!("until {until} is more than a year: accept it for a year at most")));
        }
        let lines = own.covers.ok_or_else(|| wrong("it stands beside nothing that it could be about".into()))?;
        let file = &own.at.file;
        Ok(Self {
            rules: ids,
            named: own.rules.join(", "),
            whom: Whom::Lines { file: file.clone(), lines },
            why: Accepted { reason: own.because.clone(), owner: format!("the owner of {file}"), until },
            id: format!("{file}:{}", own.at.line),
            standing: Waiver::standing_of(days_left),
            days_left,
        })
    }

    /// Whether it is about a rule, by its number.
    pub(super) fn names(&self, rules: &RuleSet, rule: usize) -> bool {
        rules.rules().get(rule).is_some_and(|rule| self.rules.contains(&rule.id))
    }

    fn is_for(&self, finding: &Finding) -> bool {
        self.rules.contains(&finding.rule) && self.whom.is(finding)
    }
}

impl Whom {
    fn is(&self, finding: &Finding) -> bool {
        match self {
            Self::Named(pattern) => pattern.fits(&finding.subject.name, &finding.subject.id),
            Self::Lines { file, lines: (first, last) } => finding
                .location
                .iter()
                .chain(&finding.declared)
                .any(|place| place.file == *file && (*first..=*last).contains(&place.line)),
        }
    }

    fn said(&self) -> String {
        match self {
            Self::Named(pattern) => pattern.as_str().to_owned(),
            Self::Lines { file, lines: (first, _) } => format!("{file}:{first}"),
        }
    }
}

/// Accepts the failures that a waiver in force is for. What could not be evaluated cannot be accepted.
pub(super) fn accept(findings: &mut [Finding], waivers: &[Acceptance], summary: &mut Summary) {
    let in_force: Vec<&Acceptance> = waivers.iter().filter(|own| own.standing != Standing::Expired).collect();
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Outcome::Fail) {
        let Some(own) = in_force.iter().find(|own| own.is_for(finding)) else { continue };
        finding.verdict = Outcome::Waived;
        finding.accepted = Some(own.why.clone());
        summary.fail -= 1;
        summary.waived += 1;
    }
}

/// The waivers, with what became of each.
pub(super) fn facts(findings: &[Finding], waivers: &[Acceptance]) -> Facts {
    let one = |own: &Acceptance| {
        let own_findings: Vec<&Finding> = findings.iter().filter(|finding| own.is_for(finding)).collect();
        let any = |verdict: Outcome| own_findings.iter().any(|finding| finding.verdict == verdict);
        let unknown = || Gap::new(format!("whether {} holds for {}", own.named, own.whom.said()), GapReason::NotRead);
        let used = match (any(Outcome::Waived) || any(Outcome::Fail), any(Outcome::NotEvaluated)) {
            (true, _) => Known::Known(true),
            (false, true) => Known::Unknown(unknown()),
            (false, false) => Known::Known(false),
        };
        waiver(WaiverFacts {
            id: own.id.clone(),
            rule: own.named.clone(),
            workload: own.whom.said(),
            owner: own.why.owner.clone(),
            until: own.why.until.to_string(),
            days_left: i64::from(own.days_left),
            // What stands in code is about what stands beside it, whether that is judged or not.
            matched: matches!(own.whom, Whom::Lines { .. }) || !own_findings.is_empty(),
            used,
        })
    };
    Facts { documents: waivers.iter().map(one).collect() }
}
