//! As much of a runner of GitHub Actions as the action needs: its steps run by bash, one after the other, with the
//! expressions that it uses, beside a `gh` that knows one release and no network.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::files::{bash, path, script, yaml};

/// What stands in for GitHub's command line: it copies files of a folder, and vouches for archives where the folder says so.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
printf '%s\n' "$*" >> "$STUB/calls"
case "$1 $2" in
  "release download")
    shift 3
    while (($#)); do
      case $1 in
        --pattern) cp "$STUB/release/$2" . ;;
        --repo) ;;
        *) exit 64 ;;
      esac
      shift 2
    done ;;
  "attestation verify") test -f "$3" && test -f "$STUB/provenance" ;;
  *) exit 64 ;;
esac
"#;

/// A runner with a folder of its own, and a release to download.
pub(crate) struct Runner {
    folder: TempDir,
    inputs: BTreeMap<String, String>,
}

/// What happened in a job.
pub(crate) struct Job {
    /// The steps that ran, with whether they succeeded.
    pub(crate) steps: Vec<(String, bool)>,
    /// What they printed.
    pub(crate) log: String,
    /// The arguments of the steps that are actions of others.
    pub(crate) uploads: Vec<BTreeMap<String, String>>,
    outputs: BTreeMap<String, String>,
}

impl Job {
    pub(crate) fn succeeded(&self) -> bool {
        self.steps.iter().all(|(_, succeeded)| *succeeded)
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

impl Runner {
    /// A runner, and a release whose archive is made by this from a folder to work in and one for the archive.
    pub(crate) fn new(pack: impl FnOnce(&Path, &Path)) -> Self {
        let runner = Self { folder: tempfile::tempdir().expect("a folder"), inputs: BTreeMap::new() };
        for folder in ["stub/bin", "stub/release", "temp", "work"] {
            fs::create_dir_all(runner.at(folder)).expect("a folder");
        }
        script(&runner.at("stub/bin/gh"), GH);
        fs::write(runner.at("stub/provenance"), "").expect("a file");
        let release = runner.at("stub/release");
        pack(&runner.at("stub"), &release);
        bash(&release, "sha256sum -- * > SHA256SUMS");
        runner
    }

    /// A path in the runner's folder.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives an input to the action.
    pub(crate) fn with(mut self, input: &str, value: &str) -> Self {
        self.inputs.insert(input.into(), value.into());
        self
    }

    /// The summary of the job.
    pub(crate) fn summary(&self) -> String {
        fs::read_to_string(self.at("temp/summary")).unwrap_or_default()
    }

    /// Runs the steps of the action.
    pub(crate) fn run(&self) -> Job {
        let action = yaml("action.yml");
        let mut context = BTreeMap::from([("github.token".to_owned(), "a-token".to_owned())]);
        for (name, input) in action["inputs"].as_object().expect("inputs") {
            let default = input["default"].as_str().expect("every default is text");
            let value = self.inputs.get(name).cloned().unwrap_or_else(|| filled(default, &context));
            context.insert(format!("inputs.{name}"), value);
        }
        for name in self.inputs.keys() {
            assert!(context.contains_key(&format!("inputs.{name}")), "the action has no input {name}");
        }
        let mut job = Job { steps: Vec::new(), log: String::new(), uploads: Vec::new(), outputs: BTreeMap::new() };
        for step in action["runs"]["steps"].as_array().expect("steps") {
            let condition = step["if"].as_str().unwrap_or("success()");
            if holds(condition, &context, job.succeeded()) {
                self.step(step, &mut context, &mut job);
            }
        }
        for (name, output) in action["outputs"].as_object().expect("outputs") {
            job.outputs.insert(name.clone(), filled(output["value"].as_str().expect("a value"), &context));
        }
        job
    }

    fn step(&self, step: &Value, context: &mut BTreeMap<String, String>, job: &mut Job) {
        let name = step["name"].as_str().expect("every step has a name").to_owned();
        let map = |value: &Value| -> BTreeMap<String, String> {
            let pairs = value.as_object().into_iter().flatten();
            pairs.map(|(name, value)| (name.clone(), filled(value.as_str().expect("text"), context))).collect()
        };
        let Some(run) = step["run"].as_str() else {
            job.uploads.push(map(&step["with"]));
            job.steps.push((name, true));
            return;
        };
        assert_eq!(step["shell"], "bash");
        let output = self.at("temp/output");
        fs::write(&output, "").expect("a file");
        let mut shell = Command::new("bash");
        // As the runner starts it.
        shell
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", run])
            .current_dir(self.at("work"))
            .env_clear();
        shell.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.at("stub/bin").display()));
        shell.env("STUB", self.at("stub")).env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        shell.env("RUNNER_TEMP", self.at("temp")).env("GITHUB_OUTPUT", &output);
        shell.env("GITHUB_STEP_SUMMARY", self.at("temp/summary")).env("GITHUB_ACTION_PATH", path(""));
        let ran = shell.envs(map(&step["env"])).output().expect("bash");
        job.log.push_str(&String::from_utf8_lossy(&ran.stdout));
        job.log.push_str(&String::from_utf8_lossy(&ran.stderr));
        job.steps.push((name, ran.status.success()));
        if let Some(id) = step["id"].as_str() {
            for line in fs::read_to_string(&output).expect("a file").lines() {
                let (name, value) = line.split_once('=').expect("NAME=VALUE");
                context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
    }
}

/// A value whose expressions, if it is one, are replaced. What is not there is empty.
fn filled(value: &str, context: &BTreeMap<String, String>) -> String {
    match value.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) {
        Some(name) => context.get(name).cloned().unwrap_or_default(),
        None => value.to_owned(),
    }
}

/// Whether a condition holds: comparisons with texts, all of which have to.
fn holds(condition: &str, context: &BTreeMap<String, String>, succeeded: bool) -> bool {
    let value = |name: &str| context.get(name).cloned().unwrap_or_default();
    let always = condition.contains("always()");
    (always || succeeded)
        && condition.split(" && ").all(|term| match term {
            "always()" | "success()" => true,
            _ => match (term.split_once(" == "), term.split_once(" != ")) {
                (Some((name, text)), _) => format!("'{}'", value(name)) == text,
                (_, Some((name, text))) => format!("'{}'", value(name)) != text,
                _ => panic!("this runner does not know `{term}`"),
            },
        })
}
