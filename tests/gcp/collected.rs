//! A scan of the fake gives the snapshot that the scenario says: the collector, the fake and the corpus are three
//! descriptions of the same thing, made by different hands.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::Mutex,
};

use serde_json::Value;

use crate::fake::{Fake, checked, scenario_of};

/// What a scan writes in another form than the scenario, which has the newest one: Cloud Run is listed in Knative, and
/// functions in v2.
const OTHER_FORM: [&str; 4] = ["functions:function", "run:job", "run:service", "run:worker-pool"];

/// How many scans run at once.
const AT_ONCE: usize = 4;

type Records = BTreeMap<(String, String, String), Value>;

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_default().to_owned()
}

fn list<'a>(snapshot: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    snapshot[name].as_array().expect("a list").iter()
}

fn records(snapshot: &Value) -> Records {
    let all = list(snapshot, "records");
    all.map(|it| ((text(it, "kind"), text(it, "id"), text(it, "scope")), it["body"].clone())).collect()
}

/// Lines of the coverage, and gaps without their words.
fn lines(snapshot: &Value) -> BTreeSet<String> {
    let coverage = list(snapshot, "coverage").map(|it| {
        let (scope, kind, call) = (text(it, "scope"), text(it, "kind"), text(it, "call"));
        format!("{scope} {kind} {call} {} {}", it["state"], it["count"])
    });
    let gaps = list(snapshot, "gaps").map(|it| {
        let (scope, kind, call) = (text(it, "scope"), text(it, "kind"), text(it, "call"));
        format!("gap {scope} {kind} {call} {} {}", text(it, "resource"), text(it, "why"))
    });
    coverage.chain(gaps).collect()
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

/// What a scan of a scenario has other than its snapshot.
fn differences(name: &str, got: &Value, want: &Value, compared: &mut usize) -> Vec<String> {
    let mut problems = Vec::new();
    let (found, wanted) = (records(got), records(want));
    for (key, body) in &wanted {
        match found.get(key) {
            None => problems.push(format!("{name}: the scan lacks {key:?}")),
            Some(found) if found != body && !OTHER_FORM.contains(&key.0.as_str()) => {
                problems.push(format!("{name}: {key:?}: {found} is not {body}"));
            }
            Some(_) => *compared += 1,
        }
    }
    let more = found.keys().filter(|key| !wanted.contains_key(*key));
    problems.extend(more.map(|key| format!("{name}: the scan has {key:?} too")));
    let (found, wanted) = (lines(got), lines(want));
    problems.extend(wanted.difference(&found).map(|line| format!("{name}: the scan lacks the line {line}")));
    problems.extend(found.difference(&wanted).map(|line| format!("{name}: the scan has the line {line} too")));
    problems
}

#[test]
fn a_scan_of_the_fake_gives_the_snapshot_of_the_scenario() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let table: Value = serde_json::from_str(include_str!("../corpus/google.json")).expect("JSON");
    // What was not read is shown by faults, elsewhere.
    let scanned = table.as_object().expect("a table").iter().filter(|(_, entry)| entry["scanned"] == true);
    let mut names: Vec<&String> = scanned.map(|(name, _)| name).collect();
    names.reverse();
    assert!(names.len() > 140, "{} scenarios are what a scan gives", names.len());
    let states: Value = serde_json::from_str(&checked("../corpus/google.py", &["--states"])).expect("JSON");
    let (left, results) = (Mutex::new(names), Mutex::new((0, Vec::new())));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let fake = Fake::start(&scenario_of("gcp-sound-static-egress"));
                while let Some(name) = { left.lock().expect("no thread failed").pop() } {
                    fake.state(&states[name]);
                    let got = collected(&fake);
                    let text = std::fs::read_to_string(corpus.join(name).join("snapshot.json")).expect("the snapshot");
                    let want: Value = serde_json::from_str(&text).expect("JSON");
                    let mut results = results.lock().expect("no thread failed");
                    let found = differences(name, &got, &want, &mut results.0);
                    results.1.extend(found);
                }
            });
        }
    });
    let (compared, mut problems) = results.into_inner().expect("no thread failed");
    problems.sort();
    assert!(compared > 3_500, "{compared} records were compared");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn where_the_api_of_policy_based_routes_is_off_they_are_not_asked_for() {
    for (name, asked) in [("gcp-sound-static-egress", Some(1)), ("gcp-network-connectivity-api-disabled", None)] {
        let fake = Fake::start(&scenario_of(name));
        let snapshot = collected(&fake);
        let line = list(&snapshot, "coverage").find(|it| it["kind"] == "networkconnectivity:policy-based-route");
        assert_eq!(line.expect("a line")["state"], "read", "{name}");
        let calls = fake.stats().calls;
        let routes = "networkconnectivity.projects.locations.global.policyBasedRoutes.list@v1";
        assert_eq!((name, calls.get(routes).copied()), (name, asked));
        assert_eq!(calls.get("serviceusage.services.list@v1"), Some(&1), "{name}");
    }
}
