//! Names that mean harm, in everything that is written of them: a terminal is not moved, a log gives no command, a
//! spreadsheet computes nothing, a page runs nothing, and every document is still one of its form.

use std::{fs, path::Path, sync::LazyLock};

use serde_json::Value;

use crate::{
    case::{Ran, run, tame},
    good::snapshot,
};

/// What an attacker writes; each alone, and behind and before what is harmless.
const NAMES: [&str; 60] = [
    "::error::x",
    "::set-output name=a::b",
    "::add-mask::a",
    "::stop-commands::a",
    "::group::x",
    "##[error]x",
    "##[command]x",
    "\n::error::x",
    "\r::error::x",
    "\r\n::error::x",
    "%0A::error::x",
    "\u{b}::error::x",
    "\u{85}::error::x",
    "\u{2028}::error::x",
    " ::error::x",
    "\t::error::x",
    "\u{feff}::error::x",
    "\u{a0}::error::x",
    "\u{200b}::error::x",
    "\u{1b}[2J",
    "\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;https://x.example\u{1b}\\link",
    "\u{9b}31m",
    "\u{9d}0;t\u{9c}",
    "\u{8}\u{8}\u{8}",
    "a\rb",
    "a\tb",
    "\u{7f}",
    "\u{0}",
    "\u{7}",
    "\u{202e}gnp.exe",
    "\u{2066}a\u{2069}",
    "\u{200f}a",
    "\u{61c}a",
    "a\u{ad}b",
    "\u{e0041}\u{e0042}",
    "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}",
    "\u{fe0f}\u{fe0e}",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "\"=1+1",
    ";=1+1",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "]]><a/>",
    "&lt;script&gt;",
    "[x](javascript:alert(1))",
    "|a|b|\n|---|---|",
    "```\n# x",
    "@octocat #1 GH-1",
    "../../../etc/passwd",
];

/// What is given names in the scenario: a function, and the NAT gateway that it leaves through.
const SCENARIO: &str = "sound";
const NAMED: [&str; 2] = ["orders", "nat-a"];

const FORMATS: [&str; 9] = ["json", "sarif", "markdown", "html", "csv", "junit", "github", "gitlab", "ocsf"];

static SARIF: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&crate::good::fixture("data/sarif-2.1.0.schema.json")).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
});

fn told(folder: &Path, arguments: &[&str]) -> Ran {
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    run(folder, &arguments)
}

/// What is wrong with the output of a name; empty where all is well.
fn wrong(name: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let quoted = serde_json::to_string(name).expect("JSON");
    let inner = &quoted[1..quoted.len() - 1];
    let text = NAMED.iter().fold(snapshot(SCENARIO), |text, old| text.replace(old, inner));
    fs::write(folder.path().join("a.json"), text).expect("a file");
    let mut problems = Vec::new();
    let mut look = |what: &str, problem: Result<(), String>| {
        if let Err(why) = problem {
            problems.push(format!("{name:?} as {what}: {why}"));
        }
    };
    let mut arguments = vec!["report".to_owned(), "a.json".into(), "--no-policy".into(), "--all".into()];
    arguments.extend(FORMATS.iter().flat_map(|format| ["--write".into(), format!("{format}=out.{format}")]));
    let ran = run(folder.path(), &arguments);
    look("a table", tame(&ran.printed).and(tame(&ran.said)));
    if !matches!(ran.code, Some(0 | 1 | 3 | 4)) {
        look("a report", Err(format!("it ends with {:?}: {}", ran.code, ran.said)));
        return problems;
    }
    for format in FORMATS {
        let text = fs::read_to_string(folder.path().join(format!("out.{format}"))).expect("text");
        look(format, document(format, &text));
    }
    let workload = |ran: &Ran| -> Option<String> {
        let all: Value = serde_json::from_str(&ran.printed).ok()?;
        Some(all[0]["workload"].as_str()?.to_owned())
    };
    let ips = told(folder.path(), &["ips", "a.json", "--format", "json"]);
    look("addresses in JSON", tame(&ips.printed).and(tame(&ips.said)));
    let invokers = told(folder.path(), &["invokers", "a.json"]);
    look("callers", tame(&invokers.printed).and(tame(&invokers.said)));
    if let Some(id) = workload(&ips).filter(|id| !id.contains('\0') && !id.starts_with('-')) {
        for form in [&[][..], &["--picture", "svg"], &["--picture", "mermaid"], &["--picture", "dot"]] {
            let arguments = [&["trace", id.as_str(), "a.json"], form].concat();
            let ran = told(folder.path(), &arguments);
            look(&format!("a trace {form:?}"), tame(&ran.printed).and(tame(&ran.said)));
            if !matches!(ran.code, Some(0 | 3)) {
                look("a trace", Err(format!("it ends with {:?}: {}", ran.code, ran.said)));
            }
            if form.last() == Some(&"svg") {
                look("a picture", markup(&ran.printed));
            }
        }
    }
    problems
}

/// What holds of a document of each form.
fn document(format: &str, text: &str) -> Result<(), String> {
    let tamed = text.lines().map(|line| {
        line.strip_prefix("::").map_or(line, |rest| {
            // The commands of this format are its own.
            if format == "github" && ["error ", "warning ", "notice "].iter().any(|start| rest.starts_with(start)) {
                rest
            } else {
                line
            }
        })
    });
    // A page has the tabs and a table the carriage returns of its form.
    tame(&tamed.collect::<Vec<_>>().join("\n"))?;
    match format {
        "json" | "gitlab" => drop(serde_json::from_str::<Value>(text).map_err(|error| error.to_string())?),
        "ocsf" => {
            text.lines()
                .try_for_each(|line| serde_json::from_str::<Value>(line).map(drop))
                .map_err(|error| error.to_string())?;
        }
        "sarif" => {
            let log: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let errors: Vec<String> = SARIF.iter_errors(&log).map(|error| error.to_string()).collect();
            if !errors.is_empty() {
                return Err(errors.join("; "));
            }
            uris(&log)?;
        }
        "html" | "junit" => markup(text)?,
        "csv" => cells(text)?,
        "markdown" => {
            let unescaped = text.replace("\\<", "").replace("\\[", "").replace("\\]", "");
            for bad in ["<script", "<img", "<svg/", "](javascript", " @octocat"] {
                if unescaped.contains(bad) {
                    return Err(format!("it has `{bad}`"));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// No name makes a tag or an attribute: what the page itself runs, it brings.
fn markup(text: &str) -> Result<(), String> {
    for bad in ["<script>alert", "<img src=x", "onerror=alert(1)>", "' onmouseover='", "<svg/onload"] {
        if text.contains(bad) {
            return Err(format!("it has `{bad}`"));
        }
    }
    Ok(())
}

/// No cell is a formula.
fn cells(text: &str) -> Result<(), String> {
    let mut rows = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    for row in rows.records() {
        let row = row.map_err(|error| error.to_string())?;
        let starts = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
        if let Some(cell) = row.iter().find(|cell| cell.starts_with(starts)) {
            return Err(format!("a cell is a formula: {cell}"));
        }
    }
    Ok(())
}

/// No place climbs out of the repository.
fn uris(value: &Value) -> Result<(), String> {
    match value {
        Value::Object(object) => {
            if let Some(uri) = object.get("artifactLocation").and_then(|at| at["uri"].as_str())
                && (uri.starts_with('/') || uri.split('/').any(|part| part == "..") || uri.contains([' ', '<', '"']))
            {
                return Err(format!("a place is `{uri}`"));
            }
            object.values().try_for_each(uris)
        }
        Value::Array(list) => list.iter().try_for_each(uris),
        _ => Ok(()),
    }
}

fn all(names: impl Iterator<Item = String>) {
    let problems: Vec<String> = names.flat_map(|name| wrong(&name)).collect();
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_hostile_name_is_text_in_every_output() {
    all(NAMES.iter().map(|name| (*name).to_owned()));
}

#[test]
fn a_hostile_part_of_a_name_is_text_in_every_output() {
    all(NAMES.iter().map(|name| format!("orders{name}orders")));
}
