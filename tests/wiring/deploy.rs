//! The manifests of `deploy`: what their platforms accept, and what this program does.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::venv;

const PINS: [&str; 5] = [
    "kubernetes-validate==1.37.0",
    "google-api-python-client==2.202.0",
    "jsonschema==4.26.0",
    "boto3==1.44.5",
    "PyYAML==6.0.3",
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn checked(folder: &Path) -> Result<String, String> {
    let python = venv::python("deploy-venv", &PINS);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wiring/deploy.py");
    let output = Command::new(python).arg(script).arg(folder).output().expect("python");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
}

#[test]
fn the_platforms_accept_the_manifests_and_would_not_accept_others() {
    assert_eq!(checked(&folder()), Ok("4".into()));
    for (file, from, to) in [
        ("kubernetes.yaml", "completionMode", "completionMod"),
        ("cloud-run-job.yaml", "taskCount: 8", "taskCount: many"),
        ("aws-batch-definition.json", "\"attempts\": 3", "\"attempts\": \"3\""),
    ] {
        let seeded = tempfile::TempDir::new().expect("a folder");
        for entry in fs::read_dir(folder()).expect("the manifests") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("text");
            let text = if name == file { text.replace(from, to) } else { text };
            fs::write(seeded.path().join(name), text).expect("written");
        }
        assert!(checked(seeded.path()).is_err(), "{file}");
    }
}

#[test]
fn the_program_takes_what_the_manifests_tell_it() {
    let read = |name: &str| fs::read_to_string(folder().join(name)).expect("text");
    let list = |text: &str| -> Vec<String> {
        let line = text.lines().find_map(|line| line.trim().strip_prefix("args: [")).expect("arguments");
        let words = line.trim_end_matches(']').split(", ");
        words.map(|word| word.trim_matches('"').to_owned()).collect()
    };
    let batch: Value = serde_json::from_str(&read("aws-batch-definition.json")).expect("JSON");
    let command = batch["containerProperties"]["command"].as_array().expect("a list").iter();
    let commands = [
        list(&read("kubernetes.yaml")),
        list(&read("cloud-run-job.yaml")),
        command.map(|word| word.as_str().expect("a word").to_owned()).collect(),
    ];
    for command in commands {
        let all = std::iter::once("egress-audit".to_owned()).chain(command.iter().cloned());
        let parsed = <egress_audit::cli::Cli as clap::Parser>::try_parse_from(all);
        assert!(parsed.is_ok(), "{command:?}: {}", parsed.expect_err("refused"));
    }
    // The number is the same wherever it stands.
    let kubernetes = read("kubernetes.yaml");
    for words in ["completions: 8", "parallelism: 8", "maxFailedIndexes: 8", "auto/8"] {
        assert!(kubernetes.contains(words), "{words}");
    }
}
