//! What is done with random bytes, and what has to hold of it. The fuzzer calls one of these for ever, and the tests call
//! each with everything in `seeds`, so that what was found once is looked for in every run.

mod faults;

use std::{collections::BTreeMap, sync::LazyLock};

use egress_audit::{
    code::{self, Options, TemplateOptions},
    decode::decode,
    graph::resolve,
    policy::Policy,
    render::{Format, PictureFormat, View, picture, render, trace_text},
    report::{Keep, report},
    rule::RuleSet,
    snapshot::{Body, Snapshot, check_json, read, write},
    source::declared,
};
use jiff::Timestamp;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::embedded().expect("the rules that come with the program"));

/// A text, where the bytes are one: no reader takes anything else.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What any source may come to is judged without a crash, and written and read it is the same.
fn judged(snapshot: &Snapshot) {
    let _ = resolve(&decode(snapshot));
    let mut out = Vec::new();
    write(snapshot, &mut out).expect("memory takes it");
    let text = String::from_utf8(out).expect("what is written is text");
    let again = read("again", &text).unwrap_or_else(|error| panic!("what is written is read: {error}\n{text}"));
    assert_eq!(again.records.len(), snapshot.records.len());
}

/// A snapshot.
pub(crate) fn snapshot(bytes: &[u8]) {
    if let Some(Ok(snapshot)) = text(bytes).map(|text| read("a.json", text)) {
        judged(&snapshot);
    }
}

/// A plan, or a state.
pub(crate) fn plan(bytes: &[u8]) {
    if let Some(Ok(evaluated)) = text(bytes).map(|text| code::document("a.json", text)) {
        judged(&declared(&evaluated, Timestamp::UNIX_EPOCH));
    }
}

/// Terraform, in its own language and in JSON.
pub(crate) fn code(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    // A second file stands behind a line of its own.
    let (main, json) = text.split_once("\n----\n").unwrap_or((text, "{}"));
    let files = BTreeMap::from([("main.tf".to_owned(), main.to_owned()), ("more.tf.json".to_owned(), json.to_owned())]);
    judged(&declared(&code::folder(&files, &Options::default()), Timestamp::UNIX_EPOCH));
}

/// A template.
pub(crate) fn template(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(evaluated) = code::template("a.yaml", text, &TemplateOptions::default()) {
        judged(&declared(&evaluated, Timestamp::UNIX_EPOCH));
    }
}

/// A rule as a file, and the same text as its condition.
pub(crate) fn rule(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let quoted = serde_json::to_string(text).expect("text");
    let around = format!(
        "id: a\ntitle: A\nseverity: low\nsince: 0.1.0\ntags: [egress]\nsubject: workload\nrequire: {quoted}\n\
         message: m\ndescription: d\nwhy: w\nremediation: {{text: r}}\n"
    );
    for text in [text, &around] {
        if let Ok(rules) = RuleSet::parse(&[("egress/a.yaml", text)]) {
            let _ = report(Vec::new(), &DEMO, &resolve(&decode(&DEMO)), &rules, None, None, Keep::Everything);
        }
    }
}

/// A policy file.
pub(crate) fn policy(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let today = jiff::civil::date(2026, 11, 22);
    if let Ok(policy) = Policy::parse("egress-audit.yaml", text, &RULES, today) {
        let mut rules = RULES.clone();
        let _ = policy.configure(&mut rules);
        let mut graph = resolve(&decode(&DEMO));
        policy.declare(&mut graph);
        let _ = report(Vec::new(), &DEMO, &graph, &rules, Some(&policy), None, Keep::Everything);
    }
}

/// Which answers of an estate were not got: nothing passes by that.
pub(crate) fn faults(bytes: &[u8]) {
    faults::hold(bytes);
}

/// A snapshot with every kind of thing in it, to be changed.
static DEMO: LazyLock<Snapshot> = LazyLock::new(|| {
    read("seed", include_str!("../tests/corpus/sound/snapshot.json")).expect("a scenario of the tests")
});

/// What the rules say of a snapshot, each of each subject, without the words: statements without a name go by their number.
fn verdicts(snapshot: &Snapshot) -> Vec<String> {
    let graph = resolve(&decode(snapshot));
    let report = report(Vec::new(), snapshot, &graph, &RULES, None, None, Keep::Everything);
    let text = render(&report, Format::Csv, View { width: 120, color: false, all: true }).expect("a table");
    let verdict = |row: &str| row.split("\",\"").take(9).collect::<Vec<_>>().join(" ");
    let mut rows: Vec<String> = text.lines().map(verdict).collect();
    rows.sort();
    rows.dedup();
    rows
}

/// The policy of a function: whatever stands in it, order and repetition of its statements change no verdict.
pub(crate) fn permissions(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let with = |policy: &str| {
        let body = serde_json::json!({ "Policy": policy });
        let mut snapshot = DEMO.clone();
        for record in snapshot.records.iter_mut().filter(|record| record.kind == "lambda:policy") {
            record.body = Body::of(&body).expect("JSON");
        }
        verdicts(&snapshot)
    };
    let told = with(text);
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(text) else { return };
    // A text in which a key stands twice is another one once it is written again.
    if check_json(text).is_err() {
        return;
    }
    if let Some(serde_json::Value::Array(statements)) = document.get_mut("Statement") {
        statements.reverse();
        assert_eq!(told, with(&document.to_string()), "statements in another order");
    }
}

/// A name in everything that is written of it: nothing in it moves a terminal.
pub(crate) fn renderers(bytes: &[u8]) {
    let Some(name) = text(bytes) else { return };
    let quoted = serde_json::to_string(name).expect("text");
    let named = include_str!("../tests/corpus/sound/snapshot.json").replace("orders", &quoted[1..quoted.len() - 1]);
    let Ok(snapshot) = read("a.json", &named) else { return };
    let graph = resolve(&decode(&snapshot));
    let report = report(Vec::new(), &snapshot, &graph, &RULES, None, None, Keep::Everything);
    let view = View { width: 120, color: false, all: true };
    let mut texts: Vec<String> =
        Format::ALL.into_iter().map(|format| render(&report, format, view).expect("a text")).collect();
    for workload in &graph.workloads {
        texts.extend(
            [PictureFormat::Svg, PictureFormat::Mermaid, PictureFormat::Dot].map(|form| picture(workload, form)),
        );
        texts.push(trace_text(workload, None, view));
    }
    for text in texts {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name:?} in {text}");
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}']), "{name:?} in {text}");
    }
}
