//! Packages are held to the advisories of one commit, by a `cargo` that only fetches what cargo-deny would.

use std::{path::Path, process::Command};

use crate::files::{bash, path, script};

/// What stands in for cargo-deny: it clones what it takes for `RustSec`'s own, and prints what it was given.
const CARGO: &str = r#"#!/usr/bin/env bash
set -euo pipefail
test "$*" = "deny --locked check advisories"
git clone --quiet --branch main https://github.com/RustSec/advisory-db "$ADVISORIES"
cat "$ADVISORIES"/crates/*/*.md
"#;

/// A repository in which one advisory came after another, and the commit of the first.
fn repository(folder: &Path) -> String {
    let own = "git -c user.name=test -c user.email=test@localhost";
    let made = format!(
        "git init --quiet --initial-branch main . && git config uploadpack.allowAnySHA1InWant true
        mkdir -p crates/one crates/two && echo 'known on that day' > crates/one/RUSTSEC-2026-0001.md
        git add . && {own} commit --quiet -m one && git rev-parse HEAD
        echo 'known since' > crates/two/RUSTSEC-2026-0002.md && git add . && {own} commit --quiet -m two"
    );
    bash(folder, &made).trim().to_owned()
}

#[test]
fn packages_are_held_to_what_was_known_on_the_pinned_day_and_to_nothing_that_came_since() {
    let (source, program) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let commit = repository(source.path());
    script(&program.path().join("cargo"), CARGO);
    let programs = format!("{}:{}", program.path().display(), std::env::var("PATH").expect("a PATH"));
    let asked = |commit: &str| {
        let mut command = Command::new(path(".ci/advisories"));
        command.arg(source.path()).arg(commit).env("PATH", &programs).output().expect("bash")
    };
    let ran = asked(&commit);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "known on that day\n", "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success());
    assert!(!asked(&"0".repeat(40)).status.success(), "a commit that nobody has");
}
