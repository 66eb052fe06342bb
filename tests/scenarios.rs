//! Every scenario of `tests/corpus`: what the walk makes of it and what every rule says, as committed golden files; and
//! the central property, that nothing passes which was not read.
//!
//! `SNAPSHOTS=overwrite cargo test --test scenarios` writes the files anew; read the difference before you commit it.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests read fixtures, and fail"
)]

#[path = "support/subsets.rs"]
mod subsets;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    mem::discriminant,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Mutex,
};

use egress_audit::{
    decode::decode,
    engine::Verdict,
    evidence::{GapReason, Known},
    facts::{Document, Facts, Node, facts, vocabulary},
    graph::{
        Lock,
        egress::{Destination, Family, Passage, Path as Way, Traffic, Transport},
        resolve, toward,
    },
    report::{Finding, Keep, report},
    rule::{Rule, RuleSet},
    snapshot::{self, ReadGap, ReadState, Snapshot},
};
use ipnet::IpNet;
use rayon::prelude::*;
use serde_json::{Value, json};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

fn scenarios() -> Vec<(String, Snapshot, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, snapshot::read_file(&path.join("snapshot.json")).expect("a snapshot"), path)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() > 50, "the corpus is whole");
    found
}

fn golden(path: &Path, actual: &Value) {
    let text = serde_json::to_string_pretty(actual).expect("JSON") + "\n";
    Assert::new().action_env(DEFAULT_ACTION_ENV).eq(text, Data::read_from(path, None));
}

fn facts_of(snapshot: &Snapshot) -> Facts {
    facts(&resolve(&decode(snapshot)))
}

#[test]
fn the_facts_of_every_scenario_are_as_committed() {
    for (_, snapshot, folder) in scenarios() {
        let facts = facts_of(&snapshot);
        let documents = facts.documents.iter().map(|it| json!({ it.subject: it.facts.to_json() })).collect();
        golden(&folder.join("facts.json"), &Value::Array(documents));
    }
}

#[test]
fn what_every_rule_finds_in_every_scenario_is_as_committed() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    for (name, snapshot, folder) in scenarios() {
        let graph = resolve(&decode(&snapshot));
        let report = report(vec![name], &snapshot, &graph, &rules, None, None, Keep::Everything);
        let line = |finding: &Finding| {
            let mut entry = json!({
                "rule": finding.rule, "verdict": finding.verdict.as_str(), "subject": finding.subject.name,
            });
            if let Some(element) = &finding.element {
                entry["element"] = json!(element);
            }
            if !finding.message.is_empty() {
                entry["message"] = json!(finding.message);
            }
            if !finding.gaps.is_empty() {
                entry["gaps"] = finding.gaps.iter().map(ToString::to_string).collect();
            }
            entry
        };
        let found = json!({
            "complete": report.complete(),
            "summary": report.summary,
            "findings": report.findings.iter().map(line).collect::<Vec<_>>(),
        });
        golden(&folder.join("findings.json"), &found);
    }
}

#[test]
fn what_is_found_in_one_cloud_is_the_same_when_another_one_is_read_with_it() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let found = |snapshot: &Snapshot| {
        let graph = resolve(&decode(snapshot));
        let report = report(Vec::new(), snapshot, &graph, &rules, None, None, Keep::Everything);
        let line = |it: &Finding| (it.rule.clone(), it.subject.name.clone(), it.verdict.as_str(), it.message.clone());
        let mut lines: Vec<_> = report.findings.iter().map(line).collect();
        lines.sort();
        (lines, report.complete())
    };
    let (google, aws): (Vec<_>, Vec<_>) = scenarios().into_iter().partition(|(name, ..)| name.starts_with("gcp-"));
    for ((_, mut both, _), (name, other, _)) in aws.into_iter().zip(google.into_iter().cycle()) {
        let ((mut apart, whole), (more, whole_too)) = (found(&both), found(&other));
        apart.extend(more);
        apart.sort();
        both.extend(other);
        both.sort();
        assert_eq!(found(&both), (apart, whole && whole_too), "with {name}");
    }
}

/// An address of each class of destinations of a path, and whether the path is a class of several.
fn samples(path: &Way) -> Vec<IpAddr> {
    let all = if path.family == Family::V4 { "93.184.216.34" } else { "2001:4860::7" };
    match path.destinations.as_slice() {
        [] => vec![all.parse().expect("an address")],
        nets => [nets.first(), nets.last()].into_iter().flatten().map(IpNet::addr).collect(),
    }
}

#[test]
fn one_destination_goes_where_the_class_that_it_is_in_goes() {
    let mut compared = 0;
    for (name, snapshot, _) in scenarios() {
        let inventory = decode(&snapshot);
        for workload in &resolve(&inventory).workloads {
            for path in workload.egress.paths.iter() {
                for ip in samples(path) {
                    let to = Destination { ip, port: 443, transport: Transport::Tcp };
                    let only = toward(&inventory, workload, Traffic::To(to)).expect("paths");
                    // Two routes of one rank share a class, and both take the destination.
                    let takes = |it: &&Way| it.from == path.from && it.family == path.family;
                    let found: Vec<_> = only.paths.iter().filter(takes).collect();
                    let exit = |path: &Way| path.exit().and_then(|exit| exit.id.clone());
                    let alike = |it: &&&Way| discriminant(&it.end) == discriminant(&path.end) && exit(it) == exit(path);
                    let same: Vec<_> = found.iter().filter(alike).collect();
                    assert!(!same.is_empty(), "{name}, {} to {to}: {:?}, and {:?}", path.id, path.end, found);
                    // What passes whole passes here; what is shut is shut. What passes in part may be either.
                    match (path.arrives(), &path.passage) {
                        (_, Known::Known(Passage::Limited(_) | Passage::Degraded(..))) | (Known::Unknown(_), _) => {}
                        (arrives, _) => {
                            assert!(same.iter().any(|it| it.arrives() == arrives), "{name}, {} to {to}", path.id);
                        }
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 300, "{compared} are few");
}

#[test]
fn the_sound_scenario_has_no_finding_and_no_open_question() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let (_, snapshot, _) = scenarios().into_iter().find(|(name, ..)| name == "sound").expect("it is there");
    let graph = resolve(&decode(&snapshot));
    let report = report(vec!["sound".into()], &snapshot, &graph, &rules, None, None, Keep::Everything);
    assert!(report.findings.is_empty() && report.complete(), "{:#?}", report.findings);
}

/// Whether a fact has the form that the vocabulary promises.
fn conforms(at: &str, node: &Node, kind: vocabulary::Type, problems: &mut BTreeSet<String>) {
    use vocabulary::Type;
    match (node, kind) {
        (Node::Unknown(_), _)
        | (Node::Bool(_), Type::Bool)
        | (Node::Int(_), Type::Int)
        | (Node::Text(_), Type::Text)
        | (Node::Null, Type::Nullable(_)) => {}
        (Node::Text(word), Type::Enum(words)) if words.contains(&&**word) => {}
        (Node::List(list), Type::List(item)) => {
            list.items.iter().for_each(|node| conforms(&format!("{at}[]"), node, *item, problems));
        }
        (Node::Map(map), Type::Object(fields)) => {
            for field in fields {
                match map.get(field.name) {
                    Some(node) => conforms(&format!("{at}.{}", field.name), node, field.kind, problems),
                    None => _ = problems.insert(format!("{at}.{} is missing", field.name)),
                }
            }
            let extra = map.keys().filter(|key| vocabulary::field(fields, key).is_none());
            problems.extend(extra.map(|key| format!("{at}.{key} is not in the vocabulary")));
        }
        (node, Type::Nullable(inner)) => conforms(at, node, *inner, problems),
        (node, kind) => _ = problems.insert(format!("{at} is {node:?}, not {kind:?}")),
    }
}

#[test]
fn every_fact_has_the_form_that_the_vocabulary_promises() {
    let mut problems = BTreeSet::new();
    for (_, snapshot, _) in scenarios() {
        for document in facts_of(&snapshot).documents {
            let subject = vocabulary::subject(document.subject).expect("a subject");
            conforms(subject.name, &document.facts, vocabulary::Type::Object(subject.fields), &mut problems);
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

type Key = (String, String, Option<String>);

fn verdicts(rules: &RuleSet, snapshot: &Snapshot) -> BTreeMap<Key, Verdict> {
    judged(rules, &facts_of(snapshot))
}

fn judged(rules: &RuleSet, facts: &Facts) -> BTreeMap<Key, Verdict> {
    let evaluations = egress_audit::engine::evaluate(rules, facts);
    let key = |it: &egress_audit::engine::Evaluation| {
        let document = &facts.documents[it.document];
        (rules.rules()[it.rule].id.clone(), document.text("id").to_owned(), it.element.as_ref().map(|it| it.id.clone()))
    };
    evaluations.iter().map(|it| (key(it), it.verdict.clone())).collect()
}

/// The snapshot of somebody who could not read these records.
fn knocked_out(snapshot: &Snapshot, unread: &dyn Fn(&snapshot::Record) -> bool, whole_kind: Option<&str>) -> Snapshot {
    let mut knocked = snapshot.clone();
    let gone: Vec<_> = snapshot.records.iter().filter(|record| unread(record)).collect();
    knocked.records.retain(|record| !unread(record));
    for line in &mut knocked.coverage {
        if whole_kind == Some(&*line.kind) {
            line.state = ReadState::Unread;
            line.count = 0;
        } else if gone.iter().any(|record| record.kind == line.kind && record.scope == line.scope) {
            line.state = ReadState::Partial;
        }
    }
    let gap = |kind: &str, scope: &snapshot::ScopeId, resource: Option<String>| ReadGap {
        scope: scope.clone(),
        kind: kind.into(),
        call: "the call".into(),
        resource,
        why: GapReason::Denied,
        detail: None,
    };
    match whole_kind {
        Some(kind) => knocked.gaps.extend(snapshot.scopes.iter().map(|scope| gap(kind, &scope.id, None))),
        None => knocked.gaps.extend(gone.iter().map(|it| gap(&it.kind, &it.scope, Some(it.id.clone())))),
    }
    knocked
}

/// A verdict may stay, or become not-evaluated. Nothing else.
fn check(what: &str, before: &BTreeMap<Key, Verdict>, after: &BTreeMap<Key, Verdict>) -> Vec<String> {
    let open: BTreeSet<(&String, &String)> = after
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::NotEvaluated { .. }))
        .map(|((rule, subject, _), _)| (rule, subject))
        .collect();
    let subjects: BTreeSet<&String> = after.keys().map(|(_, subject, _)| subject).collect();
    let mut problems = Vec::new();
    for (key, was) in before {
        let (rule, subject, _) = key;
        match after.get(key) {
            Some(Verdict::NotEvaluated { .. }) => {}
            Some(is) if is.as_str() == was.as_str() => {}
            Some(is) => problems.push(format!("{what}: {key:?} was {}, is {}", was.as_str(), is.as_str())),
            // The subject itself was not read: the coverage says so.
            None if !subjects.contains(subject) => {}
            None if open.contains(&(rule, subject)) || *was == Verdict::NotApplicable => {}
            None => problems.push(format!("{what}: {key:?} was {}, is gone without a word", was.as_str())),
        }
    }
    problems
}

#[test]
fn nothing_passes_that_was_not_read_record_by_record() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let problems: Vec<String> = scenarios()
        .par_iter()
        .flat_map_iter(|(name, snapshot, _)| {
            let before = verdicts(&rules, snapshot);
            let mut problems = Vec::new();
            for record in &snapshot.records {
                let same = |it: &snapshot::Record| it.kind == record.kind && it.id == record.id;
                let after = verdicts(&rules, &knocked_out(snapshot, &same, None));
                problems.extend(check(&format!("{name} without {} {}", record.kind, record.id), &before, &after));
            }
            problems
        })
        .collect();
    none(&problems);
}

fn none(problems: &[String]) {
    let some = problems[..problems.len().min(20)].join("\n");
    assert!(problems.is_empty(), "{} problems, such as\n{some}", problems.len());
}

/// The calls that a fact hangs on, by the cloud.
type Needs = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Everything that a value holds, by its path in the vocabulary.
fn flat(path: &str, value: &Value, into: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(fields) if !fields.contains_key("unknown") => {
            for (name, value) in fields {
                flat(&format!("{path}.{name}"), value, into);
            }
        }
        Value::Array(items) => {
            into.entry(path.to_owned()).or_default().push(items.len().to_string());
            for item in items {
                flat(&format!("{path}[]"), item, into);
            }
        }
        value => into.entry(path.to_owned()).or_default().push(value.to_string()),
    }
}

/// The facts of a snapshot: by subject, and then by path.
fn by_path(facts: &Facts) -> BTreeMap<(&'static str, String), BTreeMap<String, Vec<String>>> {
    let one = |document: &Document| {
        let mut paths = BTreeMap::new();
        flat(document.subject, &document.facts.to_json(), &mut paths);
        for values in paths.values_mut() {
            values.sort();
        }
        ((document.subject, document.text("id").to_owned()), paths)
    };
    facts.documents.iter().map(one).collect()
}

/// The paths that are of another value once something is not read. Where a whole object is not known, nothing of it is.
fn changed(before: &Facts, after: &Facts) -> BTreeSet<String> {
    let (before, after) = (by_path(before), by_path(after));
    let mut changed = BTreeSet::new();
    for (subject, paths) in &before {
        let now = after.get(subject);
        let other = |path: &String, was: &Vec<String>| now.and_then(|now| now.get(path)) != Some(was);
        changed.extend(paths.iter().filter(|(path, was)| other(path, was)).map(|(path, _)| path.clone()));
    }
    changed
}

#[test]
fn nothing_passes_of_which_a_whole_kind_was_not_read_and_what_each_rule_needs_is_as_committed() {
    let rules = RuleSet::embedded().expect("the rules are sound");
    let needs: Mutex<Needs> = Mutex::default();
    let problems: Vec<String> = scenarios()
        .par_iter()
        .flat_map_iter(|(name, snapshot, _)| {
            // Against what partners were told before.
            let (lock, _) = Lock::renewed(&Lock::empty(), &resolve(&decode(snapshot)), true);
            let facts_of = |snapshot: &Snapshot| {
                let mut graph = resolve(&decode(snapshot));
                graph.compare(&lock);
                facts(&graph)
            };
            let before = facts_of(snapshot);
            let was = judged(&rules, &before);
            let mut problems = Vec::new();
            let kinds: BTreeMap<_, _> = snapshot.coverage.iter().map(|it| (&*it.kind, it)).collect();
            for (kind, line) in kinds {
                let after = facts_of(&knocked_out(snapshot, &|it| it.kind == kind, Some(kind)));
                problems.extend(check(&format!("{name} without any {kind}"), &was, &judged(&rules, &after)));
                let changed = changed(&before, &after);
                let mut needs = needs.lock().expect("a lock");
                for path in changed {
                    let of = needs.entry(path).or_default().entry(line.scope.cloud.to_string()).or_default();
                    of.insert(line.call.to_string());
                }
            }
            problems
        })
        .collect();
    none(&problems);
    let needs = needs.into_inner().expect("a lock");
    let of_rule = |rule: &Rule| rule.reads().iter().any(|path| needs.contains_key(*path));
    let without: Vec<_> = rules.rules().iter().filter(|rule| !of_rule(rule) && rule.subject.name != "waiver").collect();
    assert!(without.is_empty(), "{without:?}");
    // Facts that hang on the same calls stand together.
    let mut groups: BTreeMap<&BTreeMap<String, BTreeSet<String>>, Vec<&String>> = BTreeMap::new();
    for (path, calls) in &needs {
        groups.entry(calls).or_default().push(path);
    }
    let groups: Vec<_> = groups.into_iter().map(|(calls, facts)| json!({"facts": facts, "calls": calls})).collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in scenarios().iter().flat_map(|(_, snapshot, _)| snapshot.coverage.clone()) {
        all.entry(line.scope.cloud.to_string()).or_default().insert(line.call.into_owned());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/knowledge/needs.json");
    golden(&path, &json!({"all": all, "needs": groups}));
}
