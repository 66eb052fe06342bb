//! An organisation that several machines read, each a part of its accounts: together what one machine reads.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use super::healthy;
use crate::{members::SECOND, run::environment};

const SHARDS: usize = 3;

fn program(folder: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
    command.args(arguments).current_dir(folder).env_clear().envs(environment(endpoint));
    command.output().expect("it runs")
}

/// The report of a source, without the line of its name and the times that snapshots are stamped with.
fn report(folder: &Path, endpoint: &str, source: &str) -> (Option<i32>, serde_json::Value) {
    let output = program(folder, endpoint, &["report", source, "--format", "json", "--all"]);
    let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for stamp in ["sources", "taken_at", "generated_at"] {
        report.as_object_mut().expect("an object").remove(stamp);
    }
    (output.status.code(), report)
}

#[test]
fn parts_of_an_organisation_are_the_whole_of_it_again_and_one_that_is_missing_is_a_gap() {
    let stub = healthy();
    let (endpoint, made) = (stub.endpoint(), tempfile::tempdir().expect("a folder"));
    let (folder, collect) = (made.path(), ["collect", "aws:org/Audit", "--region", "us-west-2", "-o"]);
    let whole = program(folder, &endpoint, &[&collect[..], &["whole.json"]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stderr));
    let entered = stub.count("AssumeRole");
    fs::create_dir(folder.join("run")).expect("a folder");
    for shard in 1..=SHARDS {
        let part = format!("{shard}/{SHARDS}");
        let output =
            program(folder, &endpoint, &[&collect[..], &["run", "--shard", &part, "--run", "nightly"]].concat());
        assert_eq!(output.status.code(), Some(0), "{part}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(stub.count("AssumeRole"), 2 * entered, "each account is entered by one of them");
    let (code, expected) = report(folder, &endpoint, "whole.json");
    let (of_parts, found) = report(folder, &endpoint, "run");
    assert_eq!(of_parts, code);
    for part in ["evaluations", "coverage", "summary", "complete"] {
        assert_eq!(found[part], expected[part], "{part}");
    }

    // The shard that holds an account is lost: what is of that account is not evaluated, and the rest is as it was.
    let files = fs::read_dir(folder.join("run")).expect("a folder").map(|file| file.expect("a file").path());
    let holds = |path: &std::path::PathBuf| fs::read_to_string(path).expect("text").contains(&format!("aws:{SECOND}:"));
    let lost = files.into_iter().find(holds).expect("somebody reads it");
    fs::remove_file(lost).expect("removed");
    let (code, found) = report(folder, &endpoint, "run");
    assert!(matches!(code, Some(1 | 3)), "{code:?}");
    assert_eq!(found["complete"], false);
    assert!(found.to_string().contains(SECOND), "nobody says whose account is missing");
}
