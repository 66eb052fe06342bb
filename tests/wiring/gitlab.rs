//! The example for GitLab, whose lines a shell runs beside a `curl` that knows one file.

use std::{fs, path::Path, process::Command};

use crate::{
    files::{bash, path, script, yaml},
    tools::told,
};

/// Runs the job of merge requests, and says how it ended; the archive has this digest, where there is one.
fn merge_request(folder: &Path, digest: Option<&str>) -> (bool, String) {
    let example = yaml("docs/ci/gitlab.yml");
    let lines = |job: &str, of: &str| example[job][of].as_array().expect("lines").clone();
    let lines = [lines(".egress-audit", "before_script"), lines("egress of the code", "script")].concat();
    let lines: Vec<_> = lines.iter().map(|line| line.as_str().expect("a line")).collect();
    let mut shell = Command::new("sh");
    shell.args(["-ec", &lines.join("\n")]).current_dir(folder).env_clear();
    shell.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folder.join("bin").display()));
    shell.env("VERSION", example["variables"]["VERSION"].as_str().expect("text"));
    shell.env("SHA256", digest.unwrap_or(example["variables"]["SHA256"].as_str().expect("text")));
    told(&shell.output().expect("sh"))
}

#[test]
fn gitlab_runs_what_has_the_digest_that_was_pinned_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["bin", "infra"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let program = env!("CARGO_BIN_EXE_egress-audit");
    let pack = format!(".ci/pack '{program}' x86_64-unknown-linux-musl '{}'", folder.path().display());
    let archive = bash(&path(""), &pack);
    let curl = format!("#!/bin/sh\nwhile [ \"$1\" != --output ]; do shift; done\ncp '{}' \"$2\"\n", archive.trim());
    script(&folder.path().join("bin/curl"), &curl);
    let function =
        "resource \"google_cloud_run_v2_service\" \"a\" {\n  name = \"a\"\n  location = \"europe-west1\"\n}\n";
    fs::write(folder.path().join("infra/main.tf"), function).expect("a file");
    for digest in [None, Some(""), Some("0".repeat(64).as_str())] {
        let (fine, said) = merge_request(folder.path(), digest);
        assert!(!fine && !said.contains("workload"), "{digest:?}: {said}");
    }
    let digest = bash(folder.path(), &format!("sha256sum '{}' | cut -d ' ' -f 1", archive.trim()));
    let (_, said) = merge_request(folder.path(), Some(digest.trim()));
    assert!(said.contains("1 workload"), "{said}");
    for report in ["gl-code-quality-report.json", "egress-junit.xml", "egress.html"] {
        assert!(folder.path().join(report).is_file(), "{report}: {said}");
    }
}
