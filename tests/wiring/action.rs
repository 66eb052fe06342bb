//! The action as a runner runs it, with a release that is a folder.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    files::{bash, path, script},
    runner::{Job, Runner},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_egress-audit");
const TARGET: &str = "x86_64-unknown-linux-musl";

/// The built program, packed as a release is.
fn built(_: &Path, release: &Path) {
    bash(&path(""), &format!(".ci/pack '{PROGRAM}' {TARGET} '{}'", release.display()));
}

/// A program that writes down what it was called with, and what it was asked to write.
fn recorder(folder: &Path, release: &Path) {
    let stem = format!("egress-audit-{}-{TARGET}", env!("CARGO_PKG_VERSION"));
    fs::create_dir(folder.join(&stem)).expect("a folder");
    script(
        &folder.join(&stem).join("egress-audit"),
        r#"#!/usr/bin/env bash
printf '%s\0' "$@" > "$STUB/arguments"
for argument; do
  case $argument in --write=*) printf 'written\n' > "${argument#--write=*=}" ;; esac
done
echo '::error::from a name'
exit "$(cat "$STUB/code" 2> /dev/null || echo 0)"
"#,
    );
    bash(folder, &format!("tar -czf '{}/{stem}.tar.gz' {stem}", release.display()));
}

fn arguments(runner: &Runner) -> Vec<String> {
    let text = fs::read_to_string(runner.at("stub/arguments")).expect("the program ran");
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn names(job: &Job) -> Vec<&str> {
    job.steps.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn findings_are_uploaded_and_summed_up_before_they_fail_the_job() {
    let runner = Runner::new(built).with("source", "demo").with("args", "--no-policy\n").with("category", "demo");
    let job = runner.run();
    assert_eq!(names(&job), ["Install egress-audit", "Report", "Upload to code scanning", "Verdict"], "{}", job.log);
    assert_eq!(job.steps.iter().filter(|(_, succeeded)| !succeeded).count(), 1, "{}", job.log);
    assert!(!job.steps[3].1, "the last step alone fails");
    assert_eq!(job.output("exit-code"), "1");
    assert!(job.log.contains("20 workloads"), "the log has the table: {}", job.log);
    assert!(runner.summary().contains("anonymous-invocation"), "the summary has the findings");
    assert_eq!(job.uploads[0]["category"], "demo");
    assert_eq!(job.uploads[0]["sarif_file"], job.output("sarif"));
    let sarif: Value = serde_json::from_str(&fs::read_to_string(job.output("sarif")).expect("a file")).expect("JSON");
    assert!(sarif["runs"][0]["results"].as_array().is_some_and(|results| results.len() > 20));
    let calls = fs::read_to_string(runner.at("stub/calls")).expect("calls");
    assert!(calls.contains(&format!("release download v{} --repo", env!("CARGO_PKG_VERSION"))), "{calls}");
    assert!(calls.contains("--signer-workflow egress-audit/egress-audit/.github/workflows/release.yml"), "{calls}");
}

#[test]
fn an_archive_holds_the_program_its_manual_completions_and_licences() {
    let runner = Runner::new(built);
    let stem = format!("egress-audit-{}-{TARGET}", env!("CARGO_PKG_VERSION"));
    let list = bash(&runner.at("stub/release"), &format!("tar -tzf {stem}.tar.gz"));
    let list: Vec<_> = list.lines().filter(|line| !line.ends_with('/')).collect();
    let expected = [
        "egress-audit",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "CHANGELOG.md",
        "man/man1/egress-audit.1",
        "man/man1/egress-audit-report.1",
        "completions/egress-audit.bash",
        "completions/egress-audit.fish",
        "completions/_egress-audit",
        "completions/_egress-audit.ps1",
    ];
    for name in expected {
        assert!(list.contains(&format!("{stem}/{name}").as_str()), "{name}: {list:?}");
    }
}

#[test]
fn a_clean_run_succeeds_and_uploads_only_where_it_may() {
    let job = Runner::new(recorder).run();
    assert!(job.succeeded() && job.uploads.len() == 1, "{}", job.log);
    let runner = Runner::new(recorder).with("upload", "false").with("summary", "false");
    let job = runner.run();
    assert!(job.succeeded() && job.uploads.is_empty(), "{}", job.log);
    assert_eq!(runner.summary(), "");
}

#[test]
fn every_exit_code_but_zero_fails_the_job_after_the_upload() {
    for code in ["1", "2", "3", "4", "130"] {
        let runner = Runner::new(recorder);
        fs::write(runner.at("stub/code"), code).expect("a file");
        let job = runner.run();
        assert_eq!(job.output("exit-code"), code);
        assert_eq!(job.steps[2..], [("Upload to code scanning".into(), true), ("Verdict".into(), false)], "{code}");
    }
}

/// Something that somebody did to a release, or that a user wants of it.
type Tampering = fn(Runner) -> Runner;

#[test]
fn an_archive_that_is_not_the_one_listed_is_never_unpacked() {
    let tamperings: [(&str, Tampering); 5] = [
        ("SHA256SUMS", |runner| {
            let list = fs::read_to_string(runner.at("stub/release/SHA256SUMS")).expect("a list");
            fs::write(runner.at("stub/release/SHA256SUMS"), list.replace(|c: char| c.is_ascii_digit(), "0"))
                .expect("a file");
            runner
        }),
        ("SHA256SUMS", |runner| {
            fs::write(runner.at("stub/release/SHA256SUMS"), "").expect("a file");
            runner
        }),
        ("sha256 says", |runner| runner.with("sha256", &"0".repeat(64))),
        ("64 digits", |runner| runner.with("sha256", "$(touch pwned)")),
        ("provenance", |runner| {
            fs::remove_file(runner.at("stub/provenance")).expect("a file");
            runner
        }),
    ];
    for (why, tamper) in tamperings {
        let runner = tamper(Runner::new(recorder));
        let job = runner.run();
        assert_eq!(names(&job), ["Install egress-audit"], "{why}: {}", job.log);
        assert!(!job.succeeded() && job.log.contains(why), "{why}: {}", job.log);
        assert!(!runner.at("stub/arguments").exists(), "{why}: nothing ran");
        let unpacked = fs::read_dir(runner.at("temp/egress-audit")).into_iter().flatten().flatten();
        assert!(unpacked.map(|entry| entry.path()).all(|path| path.is_file()), "{why}: nothing was unpacked");
    }
}

#[test]
fn the_digest_that_a_user_pins_is_the_archives_own() {
    let runner = Runner::new(recorder);
    let list = fs::read_to_string(runner.at("stub/release/SHA256SUMS")).expect("a list");
    let digest = list.split(' ').next().expect("a digest").to_owned();
    let runner = runner.with("sha256", &digest);
    assert!(runner.run().succeeded());
}

#[test]
fn hostile_inputs_are_arguments_and_nothing_else() {
    let texts =
        ["$(touch pwned)", "`touch pwned`", "; touch pwned #", "'; touch pwned; '", "\" && touch pwned \"", "--x"];
    for text in texts {
        let runner = Runner::new(recorder)
            .with("source", text)
            .with("args", text)
            .with("fail-on", text)
            .with("format", text)
            .with("baseline", text)
            .with("category", text)
            .with("summary", text);
        let job = runner.run();
        assert!(job.succeeded(), "{text}: {}", job.log);
        let found = arguments(&runner);
        assert_eq!(found[..3], ["report".into(), format!("--format={text}"), format!("--fail-on={text}")]);
        assert_eq!(found[5..], [format!("--baseline={text}"), text.into(), "--".into(), text.into()]);
        let left: Vec<_> = fs::read_dir(runner.at("work")).expect("a folder").collect();
        assert!(left.is_empty(), "{text}: {left:?}");
    }
    // What is no version is told apart before anything is fetched.
    for version in ["$(touch pwned)", "1.0.0\n", "1.0.0; touch pwned", "../1.0.0", "v1.0.0", "1.0.0\nprogram=/bin/true"]
    {
        let runner = Runner::new(recorder).with("version", version);
        let job = runner.run();
        assert!(!job.succeeded() && !runner.at("stub/calls").exists(), "{version}: {}", job.log);
    }
}

#[test]
fn lines_of_an_input_are_arguments_of_their_own_and_sources_are_never_options() {
    let runner = Runner::new(recorder)
        .with("source", "infra\n\n--write=sarif=/etc/passwd\r\n a b ")
        .with("args", "--region=us-west-2\n--rules=my rules\n");
    assert!(runner.run().succeeded());
    let found = arguments(&runner);
    let expected = ["--region=us-west-2", "--rules=my rules", "--", "infra", "--write=sarif=/etc/passwd", " a b "];
    assert_eq!(found[5..], expected);
}

#[test]
fn the_runner_takes_no_commands_from_names_in_a_table() {
    let job = Runner::new(recorder).run();
    let lines: Vec<_> = job.log.lines().collect();
    let at = |wanted: &str| lines.iter().position(|line| line.starts_with(wanted)).expect("a line");
    let token = lines[at("::stop-commands::")].trim_start_matches("::stop-commands::");
    assert_eq!(token.len(), 32);
    assert!(at("::stop-commands::") < at("::error::from a name"), "{}", job.log);
    assert!(at("::error::from a name") < at(&format!("::{token}::")), "{}", job.log);
    // Annotations are commands, and meant.
    assert!(!Runner::new(recorder).with("format", "github").run().log.contains("stop-commands"));
}
