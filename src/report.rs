//! The report: what the rules found, about which workloads, and what was not read.

mod baseline;
mod coverage;
mod difference;
mod permissions;
mod places;
mod summary;
mod waivers;

use std::collections::BTreeMap;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    engine::{Bench, Evaluation, Verdict, evaluate},
    evidence::{Gap, Origin},
    facts::{Document, topics},
    graph::{Graph, Workload, egress::Path},
    knowledge::runtimes_as_of,
    policy::Policy,
    rule::{Rule, RuleSet, Severity},
    snapshot::{Cloud, Remarks, Scope, Snapshot},
};

pub use baseline::{Baseline, BaselineError, Compared, REPORT_SCHEMA, Since};
pub use coverage::{CoverageLine, Inputs};
pub use difference::{Change, Changes, Difference, Reading};
pub use permissions::{Node, Permissions, Place};
pub use summary::Summary;
pub use waivers::Accepted;

use places::{About, Places};
use waivers::Acceptance;

/// Everything that a report shows.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was scanned, as the user named it.
    pub sources: Vec<String>,
    /// When it was read.
    pub taken_at: jiff::Timestamp,
    /// The accounts and regions.
    pub scopes: &'a [Scope],
    /// What people decided, where there is a policy file.
    pub policy: Option<&'a Policy>,
    /// The rules that ran.
    pub rules: &'a RuleSet,
    /// The resolved estate.
    pub graph: &'a Graph,
    /// Every evaluation that is not a pass and applies, worst first.
    pub findings: Vec<Finding>,
    /// Those that passed or did not apply, where they are kept.
    pub rest: Vec<Finding>,
    /// How many evaluations ended how.
    pub summary: Summary,
    /// What was read, in part, or not.
    pub coverage: Vec<CoverageLine>,
    /// How many inputs were read, of how many.
    pub inputs: Inputs,
    /// What infrastructure code says besides.
    pub remarks: &'a Remarks,
    /// What became of the failures of an earlier report, where there is one to compare with.
    pub compared: Option<Compared>,
}

/// One evaluation, ready to be shown.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// How it ended.
    pub verdict: Outcome,
    /// What it is about.
    pub subject: SubjectRef,
    /// The element that it is about, where the rule goes through a list.
    pub element: Option<String>,
    /// What is wrong, for a failure; else empty.
    pub message: String,
    /// What was not read, for one that could not be evaluated.
    pub gaps: Vec<Gap>,
    /// A name that stays the same from run to run.
    pub fingerprint: String,
    /// Why it is accepted, where somebody does.
    pub accepted: Option<Accepted>,
    /// The place in a file of what decided it, where there is one.
    pub location: Option<Origin>,
    /// The place in a file that declares what it is about, where there is one.
    pub declared: Option<Origin>,
    /// The hops of the path that it is about, where it is about one.
    pub path: Vec<PathStep>,
    /// Whether it is new, where a failure is compared with an earlier report.
    pub since: Option<Since>,
}

/// How an evaluation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The rule is broken.
    Fail,
    /// It could not be said.
    NotEvaluated,
    /// The rule is broken, and somebody accepts it for a time.
    Waived,
    /// The rule is kept.
    Pass,
    /// The rule does not apply.
    NotApplicable,
}

impl Outcome {
    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not-evaluated",
            Self::Waived => "waived",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// What an evaluation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectRef {
    /// `workload`, `nat`, `address`, `key`.
    pub kind: String,
    /// The provider's full name.
    pub id: String,
    /// The short name.
    pub name: String,
    /// The cloud; none for what is in a file, such as a waiver.
    pub cloud: Option<Cloud>,
    /// The account or project.
    pub account: String,
    /// The region.
    pub region: String,
}

/// A hop, as reports list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStep {
    /// What it is.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Where it sends the traffic, and why.
    pub decision: String,
    /// The place in a file, where there is one.
    pub location: Option<Origin>,
}

/// Which evaluations a report has one by one; it counts all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What passed or did not apply too.
    Everything,
    /// The findings: the others are a hundred times as many, and take most of the time and room of a large report.
    Findings,
}

/// Evaluates the rules over an estate and puts what they found in order. What of the estate is written in `code`, which goes
/// by the same ids, is shown there.
pub fn report<'a>(
    sources: Vec<String>,
    snapshot: &'a Snapshot,
    graph: &'a Graph,
    rules: &'a RuleSet,
    policy: Option<&'a Policy>,
    code: Option<&Snapshot>,
    keep: Keep,
) -> Report<'a> {
    let estate = Estate {
        workloads: graph.workloads.iter().map(|workload| (workload.id.as_str(), workload)).collect(),
        places: Places::of(snapshot, code),
    };
    let today = today(snapshot, policy);
    let mut accepted: Vec<Acceptance> = policy.into_iter().flat_map(|it| Acceptance::of_policy(it, today)).collect();
    let mut malformed = Vec::new();
    for own in &snapshot.remarks.waivers {
        match Acceptance::of_code(own, rules, today) {
            Ok(own) => accepted.push(own),
            Err(wrong) => malformed.push(wrong),
        }
    }
    let keeps = |evaluation: &Evaluation| {
        let found = matches!(evaluation.verdict, Verdict::Fail { .. } | Verdict::NotEvaluated { .. });
        // A waiver asks whether there is anything that it could be about.
        let asked = || accepted.iter().any(|own| own.names(rules, evaluation.rule));
        found || keep == Keep::Everything || asked()
    };
    let ((mut findings, mut summary), mut coverage) =
        rayon::join(|| judged(graph, rules, &estate, keeps), || coverage::lines(snapshot, graph));
    if !accepted.is_empty() {
        waivers::accept(&mut findings, &accepted, &mut summary);
        let own = waivers::facts(&findings, &accepted);
        let evaluations = evaluate(rules, &own);
        summary = summary.with(&Summary::of(&evaluations));
        findings.extend(evaluations.into_iter().filter_map(|it| {
            let document = own.documents.get(it.document)?;
            finding(it, rules, document, &estate)
        }));
    }
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let split =
        findings.partition_point(|it| matches!(it.verdict, Outcome::Fail | Outcome::NotEvaluated | Outcome::Waived));
    let mut rest = findings.split_off(split);
    if keep == Keep::Findings {
        rest = Vec::new();
    }
    coverage.extend(malformed.into_iter().map(|wrong| coverage::malformed(wrong, snapshot)));
    Report {
        sources,
        taken_at: snapshot.taken_at,
        scopes: &snapshot.scopes,
        policy,
        rules,
        graph,
        findings,
        rest,
        summary,
        inputs: Inputs::of(snapshot),
        remarks: &snapshot.remarks,
        coverage,
        compared: None,
    }
}

/// The day by which waivers count: the latest that is known of. So neither a snapshot of old nor a clock that is slow lends
/// one more time than it was given.
fn today(snapshot: &Snapshot, policy: Option<&Policy>) -> jiff::civil::Date {
    let taken = snapshot.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    // No run is from before this program.
    policy.map_or(taken, |policy| taken.max(policy.read_on)).max(runtimes_as_of())
}

/// How many documents one thread judges at most before others may take the next.
const TOGETHER: usize = 256;

/// What the rules say of an estate: the evaluations that are kept, told, and how many there are of each kind. One document
/// is told, judged and forgotten at a time.
fn judged(
    graph: &Graph,
    rules: &RuleSet,
    estate: &Estate<'_>,
    keeps: impl Fn(&Evaluation) -> bool + Sync,
) -> (Vec<Finding>, Summary) {
    let bench = Bench::new(rules);
    let judge = |(number, topic): (usize, crate::facts::Topic<'_>)| {
        let document = topic.document();
        let evaluations = bench.judge(number, &document);
        let summary = Summary::of(&evaluations);
        let kept = evaluations.into_iter().filter(&keeps);
        let findings: Vec<Finding> = kept.filter_map(|it| finding(it, rules, &document, estate)).collect();
        (findings, summary)
    };
    let all: Vec<(Vec<Finding>, Summary)> =
        topics(graph).into_par_iter().enumerate().with_max_len(TOGETHER).map(judge).collect();
    let summary = all.iter().fold(Summary::default(), |sum, (_, own)| sum.with(own));
    (all.into_iter().flat_map(|(findings, _)| findings).collect(), summary)
}

type Order<'a> = (Outcome, std::cmp::Reverse<Severity>, &'a SubjectRef, &'a str, Option<&'a str>);

fn order(finding: &Finding) -> Order<'_> {
    let Finding { verdict, severity, subject, rule, element, .. } = finding;
    (*verdict, std::cmp::Reverse(*severity), subject, rule, element.as_deref())
}

/// What findings are told with.
struct Estate<'a> {
    /// Workloads by their id.
    workloads: BTreeMap<&'a str, &'a Workload>,
    /// Where in files things stand.
    places: Places<'a>,
}

impl Estate<'_> {
    /// The ids that records of a subject may have.
    fn ids(&self, subject: &SubjectRef) -> Vec<String> {
        // What leads to a load balancer's service, or is told apart from others behind the same one.
        let whole = subject.id.split_once('#').map(|(before, _)| before.to_owned());
        let workload = self.workloads.get(subject.id.as_str());
        let behind = workload.and_then(|workload| {
            let name = workload.google.as_ref()?.service.as_ref()?;
            let path = subject.id.strip_prefix("//cloudfunctions.googleapis.com/")?;
            Some(format!("//run.googleapis.com/{}/services/{name}", path.split_once("/functions/")?.0))
        });
        std::iter::once(subject.id.clone()).chain(whole).chain(behind).collect()
    }
}

fn finding(evaluation: Evaluation, rules: &RuleSet, document: &Document, estate: &Estate<'_>) -> Option<Finding> {
    let rule: &Rule = rules.rules().get(evaluation.rule)?;
    let subject = subject(document);
    let (element, index) = evaluation.element.map(|element| (element.id, element.index)).unzip();
    let (verdict, message, gaps) = match evaluation.verdict {
        Verdict::Fail { message } => (Outcome::Fail, message, Vec::new()),
        Verdict::NotEvaluated { gaps } => (Outcome::NotEvaluated, String::new(), gaps),
        Verdict::Pass => (Outcome::Pass, String::new(), Vec::new()),
        Verdict::NotApplicable => (Outcome::NotApplicable, String::new(), Vec::new()),
    };
    // Only what is shown as a finding shows its path.
    let shown = matches!(verdict, Outcome::Fail | Outcome::NotEvaluated) && rule.tags.iter().any(|tag| tag == "egress");
    let steps = estate.workloads.get(subject.id.as_str()).filter(|_| shown && subject.kind == "workload");
    let path = steps.map_or_else(Vec::new, |workload| hops(workload, element.as_deref(), &estate.places));
    let ids = estate.ids(&subject);
    let declared = ids.iter().find_map(|id| estate.places.resource(id)).cloned();
    let about = About { rule, document, element: index.flatten(), ids: &ids, path: &path };
    let location = place(&subject).or_else(|| match verdict {
        // Nobody looks for what decided that there is nothing to find.
        Outcome::Pass | Outcome::NotApplicable => declared.clone(),
        Outcome::Fail | Outcome::NotEvaluated | Outcome::Waived => estate.places.decided(about),
    });
    Some(Finding {
        fingerprint: fingerprint(&rule.id, &subject.id, element.as_deref()),
        rule: rule.id.clone(),
        severity: rule.severity,
        path,
        element,
        location,
        declared,
        accepted: None,
        since: None,
        verdict,
        message,
        gaps,
        subject,
    })
}

/// Where a waiver stands: its id is the file and the line.
fn place(subject: &SubjectRef) -> Option<Origin> {
    let (file, line) = subject.id.rsplit_once(':').filter(|_| subject.kind == "waiver")?;
    Some(Origin { file: file.to_owned(), line: line.parse().ok()?, column: 1 })
}

fn subject(document: &Document) -> SubjectRef {
    SubjectRef {
        kind: document.subject.to_owned(),
        id: document.text("id").to_owned(),
        name: document.text("name").to_owned(),
        cloud: match document.text("cloud") {
            "gcp" => Some(Cloud::Gcp),
            "aws" => Some(Cloud::Aws),
            _ => None,
        },
        account: document.text("account").to_owned(),
        region: document.text("region").to_owned(),
    }
}

/// The hops of the path that an element names, else of the first one that does not reach the internet, else the first.
fn hops(workload: &Workload, element: Option<&str>, places: &Places<'_>) -> Vec<PathStep> {
    let paths = &workload.egress.paths;
    let named = paths.iter().find(|path| Some(path.id.as_str()) == element);
    let stuck = |path: &&Path| path.reaches_internet() != crate::evidence::Known::Known(true);
    let Some(path) = named.or_else(|| paths.iter().find(stuck)).or_else(|| paths.first()) else { return Vec::new() };
    let first = PathStep {
        kind: workload.kind.to_owned(),
        id: workload.id.clone(),
        decision: format!("its traffic enters {}", path.from),
        location: places.resource(&workload.id).cloned(),
    };
    let rest = path.hops.iter().map(|hop| PathStep {
        kind: hop.kind.to_owned(),
        id: hop.id.clone(),
        decision: if hop.because.is_empty() {
            hop.decision.clone()
        } else {
            format!("{} ({})", hop.decision, hop.because)
        },
        location: places.resource(&hop.id).cloned(),
    });
    std::iter::once(first).chain(rest).collect()
}

/// 128 bits of a hash over the rule, the subject and the element: what makes a finding the same finding tomorrow.
fn fingerprint(rule: &str, subject: &str, element: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [rule, subject, element.unwrap_or("")] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let half = hash.finalize().into_iter().take(16).fold(0_u128, |sum, byte| (sum << 8) | u128::from(byte));
    format!("{half:032x}")
}

impl Report<'_> {
    /// Whether everything was read and everything that applies was evaluated.
    pub fn complete(&self) -> bool {
        self.summary.not_evaluated == 0 && self.coverage.iter().all(CoverageLine::is_read)
    }

    /// The failures at or above a severity; the new ones, where there is an earlier report.
    pub fn violations(&self, at_least: Severity) -> usize {
        let counts = |it: &&Finding| {
            it.verdict == Outcome::Fail && it.severity >= at_least && it.since != Some(Since::Unchanged)
        };
        self.findings.iter().filter(counts).count()
    }
}
