//! The architectures of Google Cloud in the embedded demo: the sound ones have no finding, each broken one has its own.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed};

/// What the demo says: a report, or the answer about a workload.
fn said(arguments: &[&str]) -> Value {
    let output = egress_audit(folder().path(), arguments);
    serde_json::from_str(&printed(&output)).expect("JSON")
}

/// The rules with this verdict on subjects of Google Cloud, by the subject.
fn rules<'a>(report: &'a Value, verdict: &str) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let all = report["evaluations"].as_array().expect("a list").iter();
    for it in all.filter(|it| it["verdict"] == verdict && it["subject"]["cloud"] == "gcp") {
        let rules = found.entry(it["subject"]["name"].as_str().expect("text")).or_default();
        rules.push(it["rule"].as_str().expect("text"));
        rules.sort_unstable();
        rules.dedup();
    }
    found
}

#[test]
fn the_sound_architectures_have_no_finding_and_the_broken_ones_theirs() {
    let report = said(&["report", "demo", "--format", "json", "--all"]);
    let expected = BTreeMap::from([
        ("batch-vpc-nat", vec!["automatic-nat-address"]),
        ("payments", vec!["unusable-key"]),
        ("price-feed", vec!["private-ranges-only-egress"]),
        ("public-report", vec!["anonymous-invocation", "open-ingress"]),
        ("report-job", vec!["broken-egress-path"]),
        ("webhook-sender@partner-project.iam.gserviceaccount.com", vec!["invoker-impersonation", "invoker-key"]),
    ]);
    assert_eq!(rules(&report, "fail"), expected);
    assert_eq!(rules(&report, "not-evaluated"), BTreeMap::new());
    let passed = rules(&report, "pass");
    for sound in ["testIP", "cmek-api", "private-api"] {
        assert!(passed.get(sound).is_some_and(|rules| rules.len() > 5), "{sound}: {passed:?}");
    }
}

#[test]
fn the_sound_function_leaves_from_its_address_and_the_broken_job_nowhere() {
    let trace = said(&["trace", "testIP", "demo", "--format", "json"]);
    assert_eq!((&trace["verdict"], &trace["addresses"][0]), (&"static".into(), &"34.72.171.164".into()));
    let trace = said(&["trace", "report-job", "demo", "--format", "json"]);
    assert_eq!(trace["verdict"], "none");
}

#[test]
fn the_embedded_estate_is_small_enough_to_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source/demo/google.json");
    let text = std::fs::read_to_string(file).expect("the estate");
    assert!(text.len() < 150_000 && text.lines().count() > 100, "{} bytes", text.len());
}
