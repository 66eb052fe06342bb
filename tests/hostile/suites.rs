//! What others wrote to try readers of JSON, YAML and CEL, in every place where this program reads those languages.

use std::{fs, path::PathBuf, process::Command, sync::LazyLock};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    case::{Case, hold},
    good::{code_with, plan_with, rule_with, snapshot_with, template_with},
    npm,
};

/// The packages, pinned by version and hash, and what reads them.
const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("suites/package.json")),
    ("package-lock.json", include_str!("suites/package-lock.json")),
    ("write.mjs", include_str!("suites/write.mjs")),
];

#[derive(Deserialize)]
struct Suites {
    json: Vec<Json>,
    yaml: Vec<Yaml>,
    cel: Vec<String>,
}

#[derive(Deserialize)]
struct Json {
    name: String,
    input: String,
}

#[derive(Deserialize)]
struct Yaml {
    name: String,
    text: String,
    fails: bool,
}

static SUITES: LazyLock<Suites> = LazyLock::new(|| {
    let digest = FILES.iter().fold(Sha256::new(), |hash, (_, text)| hash.chain_update(text)).finalize();
    let name = digest.iter().take(4).fold(String::from("suites-"), |name, byte| format!("{name}{byte:02x}"));
    let home: PathBuf = npm::whole(&name, |half| {
        for (name, text) in FILES {
            fs::write(half.join(name), text).map_err(|error| error.to_string())?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(half);
        npm::run(&mut npm, "the suites of `tests/hostile/suites/package-lock.json`")
    })
    .unwrap_or_else(|why| panic!("{why}"));
    let output = Command::new("node").arg("write.mjs").current_dir(home).output().expect("this needs node");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
});

/// What JSON allows, and readers take in different ways: the same key twice. It is refused wherever it stands.
const AMBIGUOUS: [&str; 5] = [
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "object_same_key_different_values.json",
    "object_same_key_same_value.json",
    "object_same_key_unclear_values.json",
];

/// The suite within a document: refused where its authors say so, and read where they do.
fn json(
    file: &'static str,
    refused: &'static [i32],
    read: &'static [i32],
    either: &'static [i32],
    within: fn(&str) -> String,
) {
    assert_eq!(SUITES.json.len(), 340, "the suite is whole");
    hold(
        &format!("the suite of JSON in {file}"),
        SUITES.json.iter().map(|Json { name, input }| {
            let case = Case::source(name, file, within(input));
            let case = if file.ends_with(".tf.json") { in_folder(case) } else { case };
            match name.as_bytes() {
                _ if AMBIGUOUS.contains(&name.as_str()) => case.ends(refused),
                [b'n', b'_', ..] => case.ends(refused),
                [b'y', b'_', ..] => case.ends(read),
                _ => case.ends(either),
            }
        }),
    );
}

/// The folder is the source, and not a file of it.
fn in_folder(mut case: Case) -> Case {
    case.arguments[1] = ".".into();
    case
}

#[test]
fn the_suite_of_json_is_read_in_a_snapshot_as_its_authors_say() {
    json("a.json", &[2], &[0], &[0, 2], snapshot_with);
}

#[test]
fn the_suite_of_json_is_read_in_a_plan_as_its_authors_say() {
    json("a.json", &[2], &[0], &[0, 2], plan_with);
}

#[test]
fn the_suite_of_json_is_read_in_a_template_as_its_authors_say() {
    json("a.json", &[2], &[0], &[0, 2], template_with);
}

#[test]
fn the_suite_of_json_is_read_in_code_as_its_authors_say() {
    json("a.tf.json", &[3], &[0], &[0, 3], code_with);
}

#[test]
fn the_suite_of_yaml_is_answered_by_the_reader_of_templates() {
    assert_eq!(SUITES.yaml.len(), 402, "the suite is whole");
    // No brace stands first, which would make it JSON. A second document makes every case a template by its looks, and one that is refused.
    hold(
        "the suite of YAML in a template",
        SUITES.yaml.iter().map(|Yaml { name, text, fails }| {
            let whole = format!("# YAML\n{text}\n...\n---\nAWSTemplateFormatVersion: '2010-09-09'\nResources: {{}}\n");
            let case = Case::source(name, "a.yaml", whole);
            // Where the first one is empty there is but one.
            let empty = !fails
                && text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with(['#', '%', '.']));
            if empty { case.ends(&[0]) } else { case.says("cannot be read as a CloudFormation template: line ") }
        }),
    );
}

#[test]
fn the_suite_of_yaml_is_answered_where_code_decodes_it() {
    let code = "resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.0/16\"\n  tags = { x = jsonencode(yamldecode(file(\"a.txt\"))) }\n}\n";
    hold(
        "the suite of YAML in `yamldecode`",
        SUITES.yaml.iter().map(|Yaml { name, text, .. }| {
            in_folder(Case::source(name, "a.txt", text.as_str()).with("main.tf", code)).ends(&[0])
        }),
    );
}

#[test]
fn what_cel_can_parse_is_taken_or_refused_in_a_rule() {
    assert_eq!(SUITES.cel.len(), 194, "the suite is whole");
    hold(
        "the suite of CEL in a rule",
        SUITES.cel.iter().enumerate().map(|(nth, source)| {
            let rule = rule_with(source);
            Case::new(format!("{nth}: {source}"), "rules/x/a-case.yaml", rule, &["rules", "test", "rules"])
                .ends(&[2, 4])
        }),
    );
}
