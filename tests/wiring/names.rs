//! Names and versions that stand in several files are the same in all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::files::{WORKFLOWS, bash, path, steps, text, yaml};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn release_targets() -> BTreeSet<String> {
    let release = yaml(".github/workflows/release.yml");
    let matrix = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().expect("a matrix").clone();
    matrix.iter().map(|of| of["target"].as_str().expect("a target").to_owned()).collect()
}

/// What stands behind a name in the manifest, without quotes.
fn manifest(key: &str) -> String {
    let text = text("Cargo.toml");
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).expect("a line");
    line.trim_matches('"').to_owned()
}

#[test]
fn the_action_and_binstall_ask_for_the_archives_that_a_release_has() {
    let install = text(".ci/action/install");
    let asked: BTreeSet<_> = install
        .lines()
        .filter_map(|line| line.split_once(") target=")?.1.strip_suffix(" ;;").map(str::to_owned))
        .collect();
    assert_eq!(asked, release_targets());
    assert_eq!(asked.len(), 5);
    // The same name in the words of each.
    let packed = text(".ci/pack").contains("name=egress-audit-$version-$target\n");
    assert!(packed && install.contains("name=egress-audit-$VERSION-$target\narchive=$name.tar.gz\n"));
    let filled = |key: &str| {
        let variables = [("repo", manifest("repository")), ("version", "1.2.3".into()), ("name", manifest("name"))];
        let more = [("target", "TARGET".into()), ("bin", "egress-audit".into()), ("binary-ext", ".exe".into())];
        variables
            .iter()
            .chain(&more)
            .fold(manifest(key), |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    let stem = "egress-audit-1.2.3-TARGET";
    let releases = "https://github.com/egress-audit/egress-audit/releases/download/v1.2.3";
    assert_eq!(filled("pkg-url"), format!("{releases}/{stem}.tar.gz"));
    assert_eq!(filled("bin-dir"), format!("{stem}/egress-audit.exe"));
    assert_eq!(manifest("pkg-fmt"), "tgz");
    let gitlab = text("docs/ci/gitlab.yml");
    assert!(gitlab.contains("name=egress-audit-$VERSION-x86_64-unknown-linux-musl"));
    assert!(gitlab.contains("/egress-audit/egress-audit/releases/download/v$VERSION/$name.tar.gz"));
}

#[test]
fn the_image_holds_what_the_release_unpacks_for_each_platform() {
    let release = text(".github/workflows/release.yml");
    assert!(release.contains("for pair in x86_64:amd64 aarch64:arm64; do"));
    assert!(release.contains("platforms: linux/amd64,linux/arm64"));
    assert!(release.contains("mkdir -p \"image/${pair#*:}\""));
    let dockerfile = text("Dockerfile");
    assert!(dockerfile.contains("COPY --chmod=0555 image/${TARGETARCH}/egress-audit "));
    assert!(text(".dockerignore").ends_with("*\n!image/*/egress-audit\n"));
    // It is of nobody's moving tag, and of nobody with rights.
    let base = dockerfile.lines().find_map(|line| line.strip_prefix("FROM ")).expect("a base");
    let digest = base.split_once(":nonroot@sha256:").expect("a digest").1;
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{base}");
    assert!(dockerfile.contains("\nUSER 65532:65532\n") && !dockerfile.contains("\nRUN "));
}

#[test]
fn the_version_is_the_same_wherever_it_is_written() {
    assert_eq!(yaml("action.yml")["inputs"]["version"]["default"], VERSION);
    assert_eq!(yaml("docs/ci/gitlab.yml")["variables"]["VERSION"], VERSION);
    let readme = text("README.md");
    let own = "egress-audit/egress-audit@";
    let named: Vec<_> = WORKFLOWS
        .iter()
        .map(|name| text(name))
        .chain([readme])
        .flat_map(|text| {
            let named = text.split(own).skip(1).filter_map(|rest| rest.split_whitespace().next().map(str::to_owned));
            named.collect::<Vec<_>>()
        })
        .collect();
    assert!(named.len() >= 4 && named.iter().all(|version| *version == format!("v{VERSION}")), "{named:?}");
    let toolchain = format!("rustup toolchain install {} ", manifest("rust-version"));
    for name in &WORKFLOWS[..2] {
        let file = text(name);
        assert_eq!(file.matches("rustup toolchain install ").count(), file.matches(&toolchain).count(), "{name}");
    }
}

/// Every action that is used, and how it is pinned.
fn used() -> BTreeMap<String, BTreeSet<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in WORKFLOWS.iter().chain(&["action.yml"]) {
        for line in text(name).lines() {
            let Some((action, pin)) = line.split_once("uses: ").and_then(|(_, uses)| uses.split_once('@')) else {
                continue;
            };
            used.entry(action.to_owned()).or_default().insert(pin.to_owned());
        }
    }
    used
}

#[test]
fn an_action_is_pinned_to_one_commit_everywhere() {
    let used = used();
    assert!(used.len() > 8, "{used:?}");
    for (action, pins) in used {
        assert_eq!(pins.len(), 1, "{action}: {pins:?}");
        let pin = pins.first().expect("one");
        let (commit, tag) = pin.split_once(" # v").unwrap_or((pin, ""));
        let hashed = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(action == "egress-audit/egress-audit" || (hashed && !tag.is_empty()), "{action}@{pin}");
    }
}

#[test]
fn the_examples_give_the_action_inputs_that_it_has() {
    let action = yaml("action.yml");
    let mut given = 0;
    for name in WORKFLOWS {
        for step in steps(name) {
            if !step["uses"].as_str().unwrap_or_default().starts_with("egress-audit/egress-audit@") {
                continue;
            }
            for (input, value) in step["with"].as_object().expect("inputs") {
                assert!(action["inputs"][input].is_object(), "{name}: there is no input {input}");
                assert!(value.is_string(), "{name}: {input} is text");
                given += 1;
            }
        }
    }
    assert!(given > 8);
}

#[test]
fn every_job_has_no_more_rights_than_it_names() {
    for name in WORKFLOWS {
        let workflow = yaml(name);
        assert_eq!(workflow["permissions"], Value::Object(serde_json::Map::new()), "{name}");
        for (job, of) in workflow["jobs"].as_object().expect("jobs") {
            assert!(of["permissions"].is_object(), "{name}: {job} says what it may");
        }
        for step in steps(name) {
            if step["uses"].as_str().unwrap_or_default().starts_with("actions/checkout@") {
                assert_eq!(step["with"]["persist-credentials"], false, "{name}");
            }
        }
    }
}

#[test]
fn the_notes_of_a_release_are_its_section_of_the_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(".ci")).expect("a folder");
    fs::copy(path(".ci/notes"), folder.path().join(".ci/notes")).expect("a copy");
    let changes = "# Changes\n\n## [Unreleased]\n\n- later\n\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- one\n\n## [1.0.0]\n\n- first\n";
    fs::write(folder.path().join("CHANGELOG.md"), changes).expect("a file");
    assert_eq!(bash(folder.path(), ".ci/notes 1.1.0").trim(), "### Added\n\n- one");
    assert_eq!(bash(folder.path(), ".ci/notes 1.0.0").trim(), "- first");
    assert!(bash(folder.path(), "! .ci/notes 1.0 2>&1 && ! .ci/notes 9.9.9 2>&1").contains("no section of 9.9.9"));
}
