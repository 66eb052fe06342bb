//! The files of the repository that the tests read.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A path from the root of the repository.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A file of the repository.
pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A file of YAML.
pub(crate) fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Writes a program.
pub(crate) fn script(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }
}

/// Runs a script in a folder; it has to succeed.
pub(crate) fn bash(folder: &Path, script: &str) -> String {
    let ran = Command::new("bash").args(["-euo", "pipefail", "-c", script]).current_dir(folder).output().expect("bash");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{script}: {said}");
    String::from_utf8(ran.stdout).expect("text")
}

/// The workflows of the repository, and the examples of workflows.
pub(crate) const WORKFLOWS: [&str; 7] = [
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
    ".github/workflows/fuzz.yml",
    ".github/workflows/supply-chain.yml",
    "docs/ci/github-aws.yml",
    "docs/ci/github-google-cloud.yml",
    "docs/ci/github-pull-request.yml",
];

/// The steps of a workflow, or of an action.
pub(crate) fn steps(name: &str) -> Vec<Value> {
    let file = yaml(name);
    let jobs = file["jobs"].as_object().into_iter().flatten().map(|(_, job)| job);
    let of = |job: &Value| job["steps"].as_array().cloned().unwrap_or_default();
    jobs.flat_map(of).chain(of(&file["runs"])).collect()
}
