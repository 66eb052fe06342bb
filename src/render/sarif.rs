//! The report for code scanning: SARIF 2.1.0 as GitHub takes it.
//!
//! GitHub wants a physical location for every result, so that what lives in a cloud gets a virtual path, relative and
//! stable. Only failures are results; what could not be evaluated is a notification of the run, which then did not
//! succeed: an empty file must not close anybody's alerts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactLocation, CodeFlow, Invocation, Location, LogicalLocation, Message, MultiformatMessageString, Notification,
    PhysicalLocation, PropertyBag, Region, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
    Result as SarifResult, ResultLevel, Run, RunAutomationDetails, ThreadFlow, ThreadFlowLocation, Tool, ToolComponent,
};

use super::{
    controls::{self, Taxonomies},
    escape::{line, uri_part},
    spot::Spot,
};
use crate::{
    evidence::Origin,
    report::{Finding, Outcome, PathStep, Report, Since},
    rule::{Rule, Severity},
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/egress-audit/egress-audit";
/// GitHub refuses a file with more results in a run, and hops in a flow.
const MOST_RESULTS: usize = 25_000;
/// GitHub shows no more tags of a rule.
const MOST_TAGS: usize = 10;
/// GitHub refuses longer short and full descriptions, in characters.
const LONGEST_TEXT: usize = 1_024;

pub(super) fn sarif(report: &Report<'_>) -> std::result::Result<String, serde_json::Error> {
    let mut rules: Vec<&Rule> = report.rules.rules().iter().collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let failed = report.findings.iter().filter(|it| it.verdict == Outcome::Fail);
    // GitHub closes an alert that a run does not name: what this one could not read stays in it. What is gone is left out,
    // since GitHub does not look at the state and would open it again.
    let failures: Vec<&Finding> = failed.chain(report.compared.iter().flat_map(|it| &it.carried)).collect();
    let prints = Prints::of(report, &failures);
    let results =
        failures.iter().take(MOST_RESULTS).map(|it| result(it, &prints, index.get(it.rule.as_str()).copied()));
    let taxonomies = Taxonomies::of(&rules);
    let driver = ToolComponent::builder()
        .name("egress-audit")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(HOME)
        .rules(rules.iter().map(|rule| descriptor(rule, &taxonomies)).collect::<Vec<_>>())
        .supported_taxonomies(taxonomies.supported())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .taxonomies(taxonomies.components())
        .results(results.collect::<Vec<_>>())
        .invocations(vec![invocation(report, failures.len())])
        .automation_details(RunAutomationDetails::builder().id(category(report)).build())
        .column_kind(json!("unicodeCodePoints"))
        .build();
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: vec![run] };
    super::json::document_text(&log)
}

/// A log with its version first: readers go by the first `version` that they meet, and taxonomies have one too.
#[derive(serde::Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

/// One category for each set of scopes, so that two scans of one repository do not replace each other's alerts.
fn category(report: &Report<'_>) -> String {
    let scopes: BTreeSet<String> = report
        .scopes
        .iter()
        .map(|scope| format!("{}-{}-{}", scope.id.cloud, uri_part(&scope.id.account), uri_part(&scope.id.region)))
        .collect();
    match scopes.len() {
        0 => "egress-audit/".into(),
        1..=3 => format!("egress-audit/{}/", scopes.into_iter().collect::<Vec<_>>().join("+")),
        more => format!("egress-audit/{more}-scopes/"),
    }
}

fn text(of: &str) -> String {
    let shown = line(of.trim()).into_owned();
    if shown.chars().count() <= LONGEST_TEXT {
        return shown;
    }
    shown.chars().take(LONGEST_TEXT - 1).chain(['…']).collect()
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

/// GitHub's scale: above 9.0 is critical, from 7.0 high, from 4.0 medium. It asks for text.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn message(of: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(of).build()
}

fn descriptor(rule: &Rule, taxonomies: &Taxonomies<'_>) -> ReportingDescriptor {
    let mut properties = BTreeMap::new();
    let own = ["security".to_owned()].into_iter().chain(rule.tags.iter().cloned());
    let tags: Vec<_> = own.chain(controls::tags(rule)).take(MOST_TAGS).collect();
    properties.insert("tags".to_owned(), json!(tags));
    properties.insert("precision".to_owned(), json!("very-high"));
    properties.insert(
        "problem.severity".to_owned(),
        json!(match level(rule.severity) {
            ResultLevel::Error => "error",
            ResultLevel::Warning => "warning",
            _ => "recommendation",
        }),
    );
    properties.insert("security-severity".to_owned(), json!(security_severity(rule.severity)));
    let page = super::rules::rule_page(rule);
    let help =
        MultiformatMessageString::builder().text(page.clone()).markdown(super::rules::rule_markdown(rule)).build();
    let uri = format!("{HOME}/blob/main/rules/{}", rule.file);
    let relationships = taxonomies.relationships(rule);
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.id.clone())
        .name(rule.id.clone())
        .short_description(message(&text(&sentence(&rule.title))))
        .full_description(message(&text(&rule.description)))
        .help(help)
        .help_uri(uri)
        .default_configuration(ReportingConfiguration::builder().level(json!(level(rule.severity))).build())
        .properties(PropertyBag::builder().additional_properties(properties).build())
        .build();
    descriptor.relationships = (!relationships.is_empty()).then_some(relationships);
    descriptor
}

fn sentence(of: &str) -> String {
    let of = of.trim();
    if of.ends_with(['.', '!', '?']) { of.to_owned() } else { format!("{of}.") }
}

/// By what GitHub tells alerts apart.
struct Prints<'a> {
    report: &'a Report<'a>,
    /// How many results of a rule stand in a line.
    counts: BTreeMap<(&'a str, &'a str, u32), usize>,
}

impl<'a> Prints<'a> {
    fn of(report: &'a Report<'a>, failures: &[&'a Finding]) -> Self {
        let mut counts = BTreeMap::new();
        for finding in failures {
            if let Some(at) = &finding.location {
                *counts.entry((finding.rule.as_str(), at.file.as_str(), at.line)).or_default() += 1;
            }
        }
        Self { report, counts }
    }

    /// The hash of the line, as GitHub computes it; our own print for what stands in no file, and where several results of
    /// a rule share a line, which GitHub would take for one alert.
    fn line(&self, finding: &Finding) -> String {
        let alone = |at: &&Origin| self.counts.get(&(finding.rule.as_str(), at.file.as_str(), at.line)) == Some(&1);
        let placed = finding.location.as_ref().filter(alone);
        let hash = placed.and_then(|at| self.report.remarks.lines.get(&at.file)?.get(&at.line)).cloned();
        hash.unwrap_or_else(|| format!("{}:1", finding.fingerprint))
    }
}

fn result(finding: &Finding, prints: &Prints<'_>, index: Option<usize>) -> SarifResult {
    let fingerprint = BTreeMap::from([
        ("primaryLocationLineHash".to_owned(), prints.line(finding)),
        ("egressAudit/v1".to_owned(), finding.fingerprint.clone()),
    ]);
    let mut result = SarifResult::builder()
        .rule_id(finding.rule.clone())
        .level(level(finding.severity))
        .message(Message::builder().text(sentence(&line(&finding.message))).build())
        .locations(vec![location(finding)])
        .partial_fingerprints(fingerprint)
        .build();
    // What is carried over has no state of its own.
    let unchanged = prints.report.compared.is_some().then_some(Since::Unchanged);
    result.baseline_state = finding.since.or(unchanged).map(|since| json!(since.as_str()));
    result.rule_index = index.and_then(|index| i64::try_from(index).ok());
    if finding.path.len() > 1 {
        result.code_flows = Some(vec![flow(finding)]);
    }
    let declared = finding.declared.as_ref().filter(|at| finding.location.as_ref() != Some(at)).and_then(Spot::at);
    if let Some(spot) = declared {
        let shown = format!("{} is declared here", line(&finding.subject.name));
        let mut related = logical(finding, physical(&spot));
        related.message = Some(Message::builder().text(sentence(&shown)).build());
        related.id = Some(1);
        result.related_locations = Some(vec![related]);
    }
    result
}

fn location(finding: &Finding) -> Location {
    logical(finding, physical(&Spot::of(finding)))
}

fn physical(spot: &Spot) -> PhysicalLocation {
    place(&spot.uri(), i64::from(spot.line), i64::from(spot.column))
}

/// A place, as that of what a finding is about.
fn logical(finding: &Finding, physical: PhysicalLocation) -> Location {
    let logical = LogicalLocation::builder()
        .name(line(&finding.subject.name).into_owned())
        .fully_qualified_name(line(&finding.subject.id).into_owned())
        .kind("resource")
        .build();
    Location::builder().physical_location(physical).logical_locations(vec![logical]).build()
}

fn place(uri: &str, at: i64, column: i64) -> PhysicalLocation {
    let region = Region::builder().start_line(at).start_column(column).end_line(at).end_column(column + 1).build();
    PhysicalLocation::builder().artifact_location(ArtifactLocation::builder().uri(uri).build()).region(region).build()
}

fn flow(finding: &Finding) -> CodeFlow {
    let step = |(order, step): (usize, &PathStep)| {
        let shown = format!("{} {}: {}", step.kind, line(&step.id), line(&step.decision));
        let spot = step.location.as_ref().and_then(Spot::at);
        let mut at = spot.map_or_else(|| location(finding), |spot| logical(finding, physical(&spot)));
        at.message = Some(Message::builder().text(sentence(&shown)).build());
        at.logical_locations = Some(vec![
            LogicalLocation::builder()
                .name(line(&step.id).into_owned())
                .fully_qualified_name(line(&step.id).into_owned())
                .kind("resource")
                .build(),
        ]);
        let order = i64::try_from(order + 1).unwrap_or(i64::MAX);
        ThreadFlowLocation::builder().location(at).execution_order(order).build()
    };
    let locations = finding.path.iter().enumerate().map(step).collect::<Vec<_>>();
    let thread = ThreadFlow::builder().locations(locations).build();
    CodeFlow::builder().thread_flows(vec![thread]).build()
}

fn invocation(report: &Report<'_>, failures: usize) -> Invocation {
    let mut notes = Vec::new();
    for gap in report.coverage.iter().filter(|gap| !gap.is_read()) {
        let why = gap.why.map_or_else(String::new, |why| format!(": {why}"));
        let text = format!("not read: {} in {} {}{why}.", gap.what, gap.scope.account, gap.scope.region);
        notes.push(note("not-read", &text));
    }
    for finding in report.findings.iter().filter(|it| it.verdict == Outcome::NotEvaluated) {
        let gaps: Vec<_> = finding.gaps.iter().map(ToString::to_string).collect();
        let text = format!("not evaluated: {} on {}: {}.", finding.rule, finding.subject.name, gaps.join("; "));
        notes.push(note("not-evaluated", &text));
    }
    for finding in report.compared.iter().flat_map(|it| &it.carried) {
        let text =
            format!("kept open: {} on {}, of which this run did not read enough.", finding.rule, finding.subject.name);
        notes.push(note("kept-open", &text));
    }
    if failures > MOST_RESULTS {
        notes.push(note("limit", &format!("{failures} results, of which this file holds the worst {MOST_RESULTS}.")));
    }
    Invocation::builder()
        .execution_successful(report.complete() && failures <= MOST_RESULTS)
        .tool_execution_notifications(notes)
        .build()
}

fn note(id: &str, text: &str) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(id).build())
        .level(json!("warning"))
        .message(Message::builder().text(line(text).into_owned()).build())
        .build()
}
