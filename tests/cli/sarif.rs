//! SARIF that GitHub accepts: by the official schema, by Microsoft's validator with GitHub's rules, and by GitHub's limits.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use crate::{
    program::{egress_audit, folder, printed, scenario},
    runs::{RUNS, Run, run},
    tools::multitool,
};

#[test]
fn every_scenario_keeps_the_official_schema_and_the_limits_of_github() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sarif-2.1.0.schema.json"));
    let schema: Value = serde_json::from_str(&schema.expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for Run { source, log, .. } in &*RUNS {
        let errors: Vec<_> = validator.iter_errors(log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{source}: {errors:?}");
        limits(source, log);
    }
}

fn limits(source: &str, log: &Value) {
    let run = &log["runs"][0];
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1), "{source}");
    assert!(run["automationDetails"]["id"].as_str().is_some_and(|id| id.starts_with("egress-audit/")), "{source}");
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        let severity = rule["properties"]["security-severity"].as_str().expect("text");
        assert!((0.1..=10.0).contains(&severity.parse::<f64>().expect("a number")), "{rule}");
        for field in ["shortDescription", "fullDescription", "help"] {
            let text = rule[field]["text"].as_str().expect("text");
            assert!(!text.is_empty() && (field == "help" || text.chars().count() <= 1024), "{rule}");
        }
        assert!(rule["properties"]["tags"].as_array().is_some_and(|tags| tags.len() <= 10), "{rule}");
    }
    related(run);
    let mut prints = BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().expect("a uri");
        assert!(!uri.starts_with('/') && !uri.contains("..") && !uri.contains("://"), "{uri}");
        for edge in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(location["region"][edge].as_i64().is_some_and(|edge| edge >= 1), "{result}");
        }
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a fingerprint");
        assert!(prints.insert(print.to_owned()), "{source}: {print} stands for two results");
        assert!(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].is_string(), "{result}");
        let at = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][at]["id"], result["ruleId"]);
    }
}

/// Every control that a rule relates to is the one at its place, in a taxonomy at its own.
fn related(run: &Value) {
    let of = |target: &Value, field: &str| usize::try_from(target[field].as_u64().expect("a place")).expect("small");
    let mut reached = BTreeSet::new();
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        for relationship in rule["relationships"].as_array().into_iter().flatten() {
            let target = &relationship["target"];
            let place = of(&target["toolComponent"], "index");
            let taxonomy = &run["taxonomies"][place];
            assert_eq!(taxonomy["name"], target["toolComponent"]["name"], "{target}");
            assert_eq!(run["tool"]["driver"]["supportedTaxonomies"][place]["name"], taxonomy["name"]);
            assert_eq!(taxonomy["taxa"][of(target, "index")]["id"], target["id"], "{target}");
            reached.insert((place, of(target, "index")));
        }
    }
    let taxa =
        run["taxonomies"].as_array().expect("taxonomies").iter().map(|it| it["taxa"].as_array().map_or(0, Vec::len));
    assert_eq!(taxa.sum::<usize>(), reached.len());
}

#[test]
fn findings_in_are_results_out_and_gaps_are_notifications() {
    for Run { source, report, log } in &*RUNS {
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results").len();
        assert_eq!(Some(results as u64), report["summary"]["fail"].as_u64(), "{source}");
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], report["complete"], "{source}");
        let notes = invocation["toolExecutionNotifications"].as_array().map_or(0, Vec::len);
        assert_eq!(notes == 0, report["complete"] == true, "{source}");
    }
}

#[test]
fn an_egress_finding_carries_its_path_as_a_code_flow() {
    let Run { log, .. } = run(scenario("nat-in-private-subnet"));
    let results = log["runs"][0]["results"].as_array().expect("results");
    let broken = results.iter().find(|it| it["ruleId"] == "broken-egress-path").expect("it is there");
    let steps = broken["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let named: Vec<_> = steps.iter().map(|it| &it["location"]["logicalLocations"][0]["name"]).collect();
    assert!(named.iter().any(|name| **name == "nat-a") && named.len() >= 4, "{named:?}");
}

#[test]
fn microsofts_validator_with_githubs_rules_finds_no_error_in_any_scenario() {
    let folder = folder();
    let configuration = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sarif-multitool.json");
    let mut files = Vec::new();
    for (number, run) in RUNS.iter().enumerate() {
        let name = format!("scenario-{number:03}.sarif");
        fs::write(folder.path().join(&name), run.log.to_string()).expect("written");
        files.push(name);
    }
    // A file that GitHub refuses: it proves that the validator looks.
    let mut seeded = RUNS.last().expect("the demo").log.clone();
    seeded["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"] = Value::Null;
    fs::write(
        folder.path().join("seeded.sarif"),
        serde_json::to_string(&seeded).expect("JSON").replace("\"region\":null", "\"properties\":{}"),
    )
    .expect("written");
    let errors = validate(folder.path(), configuration, &["seeded.sarif".to_owned()]);
    assert!(errors.iter().any(|error| error.contains("GH1003")), "{errors:?}");
    let errors = validate(folder.path(), configuration, &files);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// The errors that the validator reports: its exit status is 0 even where there are some.
fn validate(folder: &std::path::Path, configuration: &str, files: &[String]) -> Vec<String> {
    let outcome = Command::new(multitool())
        .arg("validate")
        .args(files)
        .args(["--rule-kind", "Sarif;Ghas", "-c", configuration, "-o", "found.sarif", "--log", "ForceOverwrite"])
        .args(["--level", "Error;Warning;Note"])
        .current_dir(folder)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output()
        .expect("the validator starts");
    let found = fs::read_to_string(folder.join("found.sarif"))
        .unwrap_or_else(|_| panic!("the validator wrote nothing: {}", String::from_utf8_lossy(&outcome.stdout)));
    let found: Value = serde_json::from_str(found.trim_start_matches('\u{feff}')).expect("JSON");
    let results = found["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    let errors = results.iter().filter(|it| it["level"] == "error");
    errors
        .map(|it| {
            format!(
                "{} {} {}",
                it["ruleId"], it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], it["message"]
            )
        })
        .collect()
}

#[test]
fn the_version_of_the_log_stands_before_those_of_the_frameworks() {
    let log = printed(&egress_audit(folder().path(), &["report", "demo", "--format", "sarif"]));
    let first = log.lines().find(|line| line.trim_start().starts_with("\"version\"")).expect("a version");
    assert_eq!(first.trim(), "\"version\": \"2.1.0\",");
}
