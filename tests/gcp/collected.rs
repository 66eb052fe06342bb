//! A scan of the fake gives the snapshot that the scenario says: the collector, the fake and the corpus are three
//! descriptions of the same thing, made by different hands.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures")]

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

use crate::fake::{Fake, scenario_of};

/// What a scan may leave out of what a scenario holds, since nothing asks for it there.
const LEFT_OUT: [&str; 9] = [
    "compute:effective-firewalls",
    "compute:nat-ip-info",
    "compute:regional-effective-firewalls",
    "compute:router-status",
    "functions:policy",
    "iam:deny-policies",
    "resourcemanager:ancestry",
    "resourcemanager:project",
    "resourcemanager:project-policy",
];

/// What a scan writes in another form than the scenario: Knative, or without what was listed anyway.
const OTHER_FORM: [&str; 7] = [
    "compute:effective-firewalls",
    "compute:regional-effective-firewalls",
    "compute:peering-routes",
    "functions:function",
    "run:job",
    "run:service",
    "run:worker-pool",
];

type Records = BTreeMap<(String, String, String), Value>;

fn records(snapshot: &Value) -> Records {
    let text = |record: &Value, name: &str| record[name].as_str().expect("text").to_owned();
    let records = snapshot["records"].as_array().expect("a list").iter();
    records.map(|it| ((text(it, "kind"), text(it, "id"), text(it, "scope")), it["body"].clone())).collect()
}

fn collected(fake: &Fake) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("snapshot.json");
    let output = Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(["collect", "gcp:projects/shop-prod", "-o"])
        .arg(&file)
        .env_clear()
        .envs(fake.environment())
        .output()
        .expect("the program starts");
    let text = std::fs::read_to_string(&file);
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(&text.unwrap_or_else(|error| panic!("{error}: {said}"))).expect("JSON")
}

#[test]
fn a_scan_of_the_fake_gives_the_snapshot_of_the_scenario() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let table: Value = serde_json::from_str(include_str!("../corpus/google.json")).expect("JSON");
    let mut problems = Vec::new();
    let mut fake: Option<Fake> = None;
    let mut compared = 0;
    for (name, entry) in table.as_object().expect("a table") {
        let text = std::fs::read_to_string(corpus.join(name).join("snapshot.json")).expect("the snapshot");
        let snapshot: Value = serde_json::from_str(&text).expect("JSON");
        // What was not read is shown by faults, elsewhere.
        if entry["vector"].as_array().is_none_or(Vec::is_empty)
            || snapshot["gaps"].as_array().is_none_or(|it| !it.is_empty())
        {
            continue;
        }
        let estate = scenario_of(name);
        match &fake {
            Some(fake) => fake.state(&estate),
            None => fake = Some(Fake::start(&estate)),
        }
        let document = collected(fake.as_ref().expect("a fake"));
        assert_eq!(document["gaps"], serde_json::json!([]), "{name}");
        let (got, want) = (records(&document), records(&snapshot));
        for (key, body) in &want {
            match got.get(key) {
                None if LEFT_OUT.contains(&key.0.as_str()) => {}
                None => problems.push(format!("{name}: the scan lacks {key:?}")),
                Some(found) if found != body && !OTHER_FORM.contains(&key.0.as_str()) => {
                    problems.push(format!("{name}: {key:?}: {found} is not {body}"));
                }
                Some(_) => compared += 1,
            }
        }
        let more = got.keys().filter(|key| !want.contains_key(*key) && !LEFT_OUT.contains(&key.0.as_str()));
        problems.extend(more.map(|key| format!("{name}: the scan has {key:?} too")));
    }
    assert!(compared > 500, "{compared} records were compared");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
