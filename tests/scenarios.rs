//! Every scenario of `tests/corpus`: what the walk makes of it, as committed golden files.
//!
//! `SNAPSHOTS=overwrite cargo test --test scenarios` writes them anew; read the difference before you commit it.
#![expect(clippy::disallowed_methods, reason = "tests read their fixtures")]

use std::{fs, path::PathBuf};

use egress_audit::{decode::decode, facts::facts, graph::resolve, snapshot};
use serde_json::{Value, json};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

fn scenarios() -> Vec<(String, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    assert!(found.len() > 50, "the corpus is whole");
    found
}

fn golden(path: &std::path::Path, actual: &Value) {
    let text = serde_json::to_string_pretty(actual).expect("JSON") + "\n";
    Assert::new().action_env(DEFAULT_ACTION_ENV).eq(text, Data::read_from(path, None));
}

#[test]
fn the_facts_of_every_scenario_are_as_committed() {
    for (_, folder) in scenarios() {
        let snapshot = snapshot::read_file(&folder.join("snapshot.json")).expect("a snapshot");
        let facts = facts(&resolve(&decode(&snapshot)));
        let documents: Vec<Value> =
            facts.documents.iter().map(|document| json!({ document.subject: document.facts.to_json() })).collect();
        golden(&folder.join("facts.json"), &Value::Array(documents));
    }
}
