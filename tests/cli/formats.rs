//! The formats that other programs read: each is read here by a reader that is not ours.

use std::{fs, process::Command};

use serde_json::{Value, json};

use crate::{
    program::{egress_audit, folder, printed, said, scenario},
    venv,
};

/// Readers of the formats, and the pins that they need.
const READER: &str = include_str!("formats.py");
const PINS: [&str; 1] = ["py-ocsf-models==0.10.0"];

/// What the readers make of a report in every format: the numbers of findings by verdict.
fn read(source: &str, more: &[&str]) -> Value {
    let folder = folder();
    let formats = ["json", "junit", "csv", "gitlab", "ocsf", "github", "markdown"];
    let mut arguments = vec!["report".to_owned(), source.to_owned()];
    arguments.extend(more.iter().map(|it| (*it).to_owned()));
    arguments.extend(formats.iter().flat_map(|format| ["--write".to_owned(), format!("{format}=out.{format}")]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = egress_audit(folder.path(), &arguments);
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{}", said(&output));
    fs::write(folder.path().join("formats.py"), READER).expect("a file");
    let python = venv::python("formats-venv", &PINS);
    let output = Command::new(python).arg("formats.py").current_dir(folder.path()).output().expect("python");
    assert!(output.status.success(), "{source}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn every_format_has_every_finding_and_a_reader_that_is_not_ours_reads_it() {
    for source in ["demo".to_owned(), scenario("sound"), scenario("denied-nat-gateways")] {
        let found = read(&source, &[]);
        let json = &found["json"];
        for format in ["junit", "csv", "gitlab", "ocsf", "github"] {
            assert_eq!(&found[format], json, "{source} as {format}");
        }
        let failed = json["fail"].as_u64() > Some(0);
        assert!(!failed || found["requirements"].as_u64() > Some(0), "{source}: no control is named");
    }
}

#[test]
fn a_lake_and_a_merge_request_hear_what_became_of_each_finding() {
    let public = scenario("public-url");
    let since = |old: &str, new: &str| read(&scenario(new), &["--baseline", old])["activities"].clone();
    assert_eq!(since(&scenario("sound"), "public-url"), json!({"Create": 1}));
    assert_eq!(since(&public, "public-url"), json!({"Update": 1}));
    assert_eq!(since(&public, "sound"), json!({"Close": 1}));
    let unseen = since(&public, "denied-functions");
    assert_eq!((&unseen["Update"], &unseen["Close"]), (&json!(1), &Value::Null));
    // What is asked again and not answered is the same finding.
    let open = since(&public, "denied-policy");
    assert_eq!((&open["Update"], &open["Close"]), (&json!(1), &Value::Null));
}

#[test]
fn a_hostile_name_is_text_in_every_format() {
    let folder = folder();
    let sound = fs::read_to_string(scenario("function-in-public-subnet")).expect("a file");
    // Function names have few characters; those of other things do not, and a snapshot may hold anything.
    let name = "=cmd|' /C calc'!A0<script>alert(1)</script>|`x`\u{202e}\u{1b}[31m::error::@octocat]]>&";
    let hostile = sound.replace("\"orders\"", &serde_json::to_string(name).expect("JSON"));
    fs::write(folder.path().join("hostile.json"), hostile).expect("a file");
    let found = read(folder.path().join("hostile.json").to_str().expect("a path"), &[]);
    assert_eq!(found["json"], found["csv"]);
    assert_eq!(found["csv_formulas"], 0);
    let run = |format: &str| printed(&egress_audit(folder.path(), &["report", "hostile.json", "--format", format]));
    let markdown = run("markdown");
    assert!(
        !markdown.contains("<script>") && !markdown.contains(" @octocat") && !markdown.contains('\u{1b}'),
        "{markdown}"
    );
    for line in run("github").lines() {
        assert!(["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command)), "{line}");
    }
}

#[test]
fn markdown_fits_into_a_comment_however_much_there_is_to_say() {
    let folder = folder();
    let text = printed(&egress_audit(folder.path(), &["report", "demo", "--format", "markdown"]));
    assert!(text.starts_with("## egress-audit: ") && text.contains("```mermaid\nflowchart LR\n"), "{text}");
    let mut snapshot: Value =
        serde_json::from_str(&fs::read_to_string(scenario("function-in-public-subnet")).expect("a file"))
            .expect("JSON");
    let records = snapshot["records"].as_array().expect("records").clone();
    let function = records.iter().find(|record| record["kind"] == "lambda:function").expect("a function").to_string();
    let many = (0..2000).map(|nth| {
        let text = function.replace("orders", &format!("orders-{nth}"));
        serde_json::from_str::<Value>(&text).expect("JSON")
    });
    snapshot["records"].as_array_mut().expect("records").extend(many);
    fs::write(folder.path().join("many.json"), snapshot.to_string()).expect("a file");
    let text = printed(&egress_audit(folder.path(), &["report", "many.json", "--format", "markdown"]));
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains(" more findings are not shown here."), "{}", text.len());
}

#[test]
fn a_picture_is_drawn_of_every_workload_in_every_form() {
    let folder = folder();
    let report = printed(&egress_audit(folder.path(), &["ips", "demo", "--format", "json"]));
    let all: Value = serde_json::from_str(&report).expect("JSON");
    for workload in all.as_array().expect("a list").iter().filter_map(|it| it["workload"].as_str()) {
        for (form, start, end) in
            [("svg", "<svg ", "</svg>\n"), ("mermaid", "flowchart LR\n", "\n"), ("dot", "digraph egress {\n", "}\n")]
        {
            let text = printed(&egress_audit(folder.path(), &["trace", workload, "demo", "--picture", form]));
            assert!(text.starts_with(start) && text.ends_with(end), "{workload} as {form}: {text}");
        }
    }
    let broken = printed(&egress_audit(folder.path(), &["trace", "report-job", "demo", "--picture", "svg"]));
    assert!(broken.contains("class=\"e broken\"") && broken.contains("no Cloud NAT serves europe-west1"), "{broken}");
}
