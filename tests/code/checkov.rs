//! A third party's verdicts: where a rule means the same as a check of Checkov, both say the same, or the table says why
//! not.
//!
//! `checkov/*.yaml` keep what Checkov said, with its version and the day. The real one is asked again by
//! `cargo test --no-default-features --test code checkov -- --ignored`, which installs it (a minute, 300 MB).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use egress_audit::{
    code::Evaluated,
    decode::decode,
    graph::resolve,
    policy::Policy,
    report::{Keep, Outcome, report},
};
use jiff::civil::date;
use serde::Deserialize;

use crate::verdicts::{RULES, snapshot, written};

/// The version that is asked, and that the tables were written of.
const VERSION: &str = "3.3.30";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: String,
    as_of: jiff::civil::Date,
    checks: Vec<Check>,
}

/// A check, and the rule that means the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    id: String,
    rule: String,
    given: String,
    #[serde(default)]
    policy: Option<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The resource that Checkov judges.
    of: String,
    code: String,
    theirs: Theirs,
    ours: Ours,
    /// Why the two differ.
    #[serde(default)]
    because: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Theirs {
    Pass,
    Fail,
    /// Neither: the check knows no answer, or does not look at the resource.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ours {
    Pass,
    Fail,
    NotEvaluated,
    NotApplicable,
    /// There is nothing that the rule is about.
    NoSubject,
}

impl Ours {
    /// Whether it is the same answer in other words: what a rule is not about, Checkov passes.
    fn agrees(self, theirs: Theirs) -> bool {
        match theirs {
            Theirs::Pass => matches!(self, Self::Pass | Self::NotApplicable | Self::NoSubject),
            Theirs::Fail => self == Self::Fail,
            Theirs::Nothing => matches!(self, Self::NotEvaluated | Self::NotApplicable | Self::NoSubject),
        }
    }
}

fn tables() -> Vec<Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code/checkov");
    ["google.yaml", "google-identity.yaml", "aws.yaml", "aws-network.yaml"]
        .iter()
        .map(|name| {
            let text = fs::read_to_string(folder.join(name)).expect("a table");
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect()
}

/// The rows, each with the folder that it is about.
fn rows(tables: &[Table]) -> Vec<(&Check, &Case, String)> {
    let checks = tables.iter().flat_map(|table| &table.checks);
    checks
        .flat_map(|check| check.cases.iter().map(move |case| (check, case, format!("{}{}", check.given, case.code))))
        .collect()
}

/// The verdict of one rule over all its subjects: the worst.
fn ours(code: &Evaluated, rule: &str, policy: Option<&str>) -> Ours {
    let snapshot = snapshot(code);
    let mut graph = resolve(&decode(&snapshot));
    let mut rules = RULES.clone();
    if let Some(text) = policy {
        let policy = Policy::parse("egress-audit.yaml", text, &rules, date(2026, 11, 22)).expect("a policy");
        policy.configure(&mut rules).expect("parameters that rules have");
        policy.declare(&mut graph);
    }
    let report = report(Vec::new(), &snapshot, &graph, &rules, None, None, Keep::Everything);
    let found: Vec<Outcome> =
        report.findings.iter().chain(&report.rest).filter(|it| it.rule == rule).map(|it| it.verdict).collect();
    let is = |outcome| found.contains(&outcome);
    match () {
        () if is(Outcome::Fail) => Ours::Fail,
        () if is(Outcome::NotEvaluated) => Ours::NotEvaluated,
        () if is(Outcome::Pass) => Ours::Pass,
        () if is(Outcome::NotApplicable) => Ours::NotApplicable,
        () => Ours::NoSubject,
    }
}

#[test]
fn every_case_of_a_check_that_means_the_same_agrees_with_checkov_or_says_why_not() {
    let tables = tables();
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (check, case, text) in rows(&tables) {
        let at = format!("{} {}: {}", check.id, check.rule, case.name);
        let code = written(&text);
        let ours = ours(&code, &check.rule, check.policy.as_deref());
        if ours != case.ours {
            wrong.push(format!("{at}: {ours:?}, and the table says {:?}", case.ours));
        }
        if ours.agrees(case.theirs) == case.because.is_some() {
            wrong.push(format!("{at}: {:?} and {ours:?}, because {:?}", case.theirs, case.because));
        }
        if !code.resources.iter().any(|resource| *resource.address == *case.of) || !code.gaps.is_empty() {
            wrong.push(format!("{at}: no {} in it, or {:?}", case.of, code.gaps));
        }
        if !names.insert((&check.id, &case.name)) {
            wrong.push(format!("{at}: twice"));
        }
    }
    for table in &tables {
        assert!(table.version == VERSION && table.as_of >= date(2026, 11, 22));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(names.len() > 100, "{}", names.len());
}

#[test]
fn every_check_of_checkov_that_a_rule_names_has_cases_and_each_is_one_that_the_rule_names() {
    let named: BTreeSet<(&str, &str)> = RULES
        .rules()
        .iter()
        .flat_map(|rule| rule.aliases.iter().map(move |alias| (alias.as_str(), rule.id.as_str())))
        .filter(|(alias, _)| alias.starts_with("CKV"))
        .collect();
    let tables = tables();
    let checks = tables.iter().flat_map(|table| &table.checks);
    let tried: BTreeSet<(&str, &str)> = checks.map(|it| (it.id.as_str(), it.rule.as_str())).collect();
    assert_eq!(named, tried);
    for check in tables.iter().flat_map(|table| &table.checks) {
        let theirs: BTreeSet<Theirs> = check.cases.iter().map(|case| case.theirs).collect();
        assert!(theirs.contains(&Theirs::Pass) && theirs.contains(&Theirs::Fail), "{}", check.id);
    }
}

#[test]
#[ignore = "asks the real Checkov, which it installs first: a minute, and 300 MB"]
fn the_verdicts_of_checkov_are_those_that_checkov_gives() {
    let tables = tables();
    let rows = rows(&tables);
    let said = asked(&rows);
    let mut wrong = Vec::new();
    for (number, (check, case, _)) in rows.iter().enumerate() {
        let own = said.get(&(number, check.id.clone(), case.of.clone())).copied().unwrap_or(Theirs::Nothing);
        if own != case.theirs {
            wrong.push(format!("{}: {}: {own:?}, and the table says {:?}", check.id, case.name, case.theirs));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the real Checkov says, by row, check and resource.
fn asked(rows: &[(&Check, &Case, String)]) -> BTreeMap<(usize, String, String), Theirs> {
    let python = crate::venv::python("checkov-venv", &[&format!("checkov=={VERSION}")]);
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut checks = BTreeSet::new();
    for (number, (check, _, text)) in rows.iter().enumerate() {
        let own = folder.path().join(format!("row-{number}"));
        fs::create_dir(&own).expect("a folder");
        fs::write(own.join("main.tf"), text).expect("written");
        checks.insert(check.id.clone());
    }
    let checks: Vec<String> = checks.into_iter().collect();
    let output = Command::new(python.with_file_name("checkov"))
        .args(["--framework", "terraform", "--skip-download", "--compact", "-o", "json", "-d"])
        .arg(folder.path())
        .args(["-c", &checks.join(",")])
        .output()
        .expect("Checkov runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut said = BTreeMap::new();
    for (list, verdict) in [("passed_checks", Theirs::Pass), ("failed_checks", Theirs::Fail)] {
        for it in json["results"][list].as_array().expect("a list") {
            let text = |name: &str| it[name].as_str().expect("a text").to_owned();
            let file = text("file_path");
            let number = file.split('/').find_map(|part| part.strip_prefix("row-")).expect("a row");
            said.insert((number.parse().expect("a number"), text("check_id"), text("resource")), verdict);
        }
    }
    assert!(said.len() > 100, "{}", said.len());
    said
}
