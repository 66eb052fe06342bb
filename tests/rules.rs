//! The rules that come with the tool: every case of every rule, and what every rule file owes its readers.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test compares files, and ends where they are not in order"
)]

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use egress_audit::{
    decode::decode,
    engine::{Evaluation, Verdict, evaluate, run_cases},
    evidence::{Gap, GapReason},
    facts::{Document, Facts, List, Map, Node, facts, vocabulary::SUBJECTS},
    graph::resolve,
    knowledge::{controls_as_of, frameworks},
    rule::{Expectation, Expression, RuleSet, documentation},
    snapshot,
};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

fn rules() -> RuleSet {
    RuleSet::embedded().unwrap_or_else(|error| panic!("{error}\nhint: {}", error.hint().unwrap_or("none")))
}

#[test]
fn every_case_of_every_rule_leads_to_its_verdict() {
    let rules = rules();
    let cases = rules.embedded_cases().unwrap_or_else(|error| panic!("{error}\nhint: {:?}", error.hint()));
    let mut problems = Vec::new();
    for cases in &cases {
        let rule = rules.get(&cases.rule).expect("cases are checked against the rules");
        for outcome in run_cases(rule, cases) {
            if let Some(problem) = outcome.problem {
                problems.push(format!("{}: {}: {problem}", cases.file, outcome.name));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Every way to take one fact away: to leave it unread, or to end a list early.
fn one_less(node: &Node) -> Vec<Node> {
    let gap = || Gap::new("taken away", GapReason::Denied);
    let mut ways = vec![Node::Unknown(gap())];
    match node {
        Node::Map(map) => {
            for (name, inner) in map {
                for less in one_less(inner) {
                    let mut map = map.clone();
                    map.insert(name.clone(), less);
                    ways.push(Node::Map(map));
                }
            }
        }
        Node::List(list) => {
            for (index, inner) in list.items.iter().enumerate() {
                let items = list.items[..index].to_vec();
                ways.push(Node::List(List { items, incomplete: Some(gap()) }));
                for less in one_less(inner) {
                    let mut list = list.clone();
                    list.items[index] = less;
                    ways.push(Node::List(list));
                }
            }
            ways.push(Node::List(List { items: list.items.clone(), incomplete: Some(gap()) }));
        }
        _ => {}
    }
    ways
}

/// What the rules say about a document that they were shown no other beside.
fn alone(rules: &RuleSet, document: &Document) -> Vec<Evaluation> {
    evaluate(rules, &Facts { documents: vec![document.clone()] })
}

/// What each rule says about a document as a whole: one failure outweighs what could not be seen.
fn words<'r>(rules: &'r RuleSet, evaluations: &[Evaluation]) -> BTreeMap<&'r str, &'static str> {
    let mut words = BTreeMap::new();
    let weight =
        |word: &str| ["not-applicable", "pass", "not-evaluated", "fail"].iter().position(|known| *known == word);
    for one in evaluations {
        let word = words.entry(rules.rules()[one.rule].id.as_str()).or_insert("not-applicable");
        if weight(one.verdict.as_str()) > weight(word) {
            *word = one.verdict.as_str();
        }
    }
    words
}

/// Takes each fact of the document away, one at a time, and says how many ways there were.
fn take_away_each(rules: &RuleSet, document: &Document, about: &str) -> usize {
    let whole = words(rules, &alone(rules, document));
    let ways = one_less(&document.facts);
    for less in &ways {
        let part = words(rules, &alone(rules, &Document { subject: document.subject, facts: less.clone() }));
        assert_eq!(part.len(), whole.len());
        for (rule, word) in &whole {
            let kept = part[rule] == *word || part[rule] == "not-evaluated";
            assert!(kept, "{about}: {rule}: {word} became {} for {}", part[rule], less.to_json());
        }
    }
    ways.len()
}

#[test]
fn a_fact_less_never_turns_a_verdict_of_a_case_into_another() {
    let rules = rules();
    let mut tried = 0;
    for cases in rules.embedded_cases().expect("the cases are in order") {
        let subject = rules.get(&cases.rule).expect("cases are checked against the rules").subject.name;
        for case in &cases.cases {
            let mut rules = rules.clone();
            for (name, value) in &case.params {
                rules.set_param(&cases.rule, name, value.clone()).expect("cases are checked against the rules");
            }
            let document = Document { subject, facts: case.facts.clone() };
            tried += take_away_each(&rules, &document, &case.name);
        }
    }
    assert!(tried > 1000, "only {tried} ways were tried");
}

fn scenarios() -> Vec<(PathBuf, Facts)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(corpus).expect("the corpus is there").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let snapshot = snapshot::read_file(&folder.join("snapshot.json")).expect("a snapshot");
        (folder, facts(&resolve(&decode(&snapshot))))
    };
    folders.into_iter().map(read).collect()
}

#[test]
fn a_fact_less_never_turns_a_verdict_of_a_scenario_into_another() {
    let rules = rules();
    let mut seen = BTreeSet::new();
    for (folder, facts) in scenarios() {
        for document in &facts.documents {
            if seen.insert(document.facts.to_json().to_string()) {
                take_away_each(&rules, document, &folder.to_string_lossy());
            }
        }
    }
}

/// Every way to say one fact otherwise, in the form that it has.
fn one_other(node: &Node) -> Vec<Node> {
    match node {
        Node::Unknown(_) => vec![Node::Unknown(Gap::new("another gap", GapReason::Throttled)), Node::Null],
        Node::Null => vec![Node::text("other"), Node::Bool(true), Node::Map(Map::new())],
        Node::Bool(value) => vec![Node::Bool(!value), Node::Null],
        Node::Int(value) => vec![Node::Int(value + 1), Node::Int(-1), Node::Null],
        Node::Text(text) => vec![Node::text(format!("{text}s")), Node::Null],
        Node::Map(map) => {
            let field = |(name, inner): (&Cow<'static, str>, &Node)| {
                let put = |other| {
                    Node::Map(map.iter().map(|(k, v)| (k.clone(), v.clone())).chain([(name.clone(), other)]).collect())
                };
                one_other(inner).into_iter().map(put).collect::<Vec<_>>()
            };
            map.iter().flat_map(field).chain([Node::Null]).collect()
        }
        Node::List(list) => {
            let with = |items| Node::List(List { items, incomplete: list.incomplete.clone() });
            let twice = with(list.items.iter().chain(&list.items).cloned().collect());
            let item = |(index, inner): (usize, &Node)| {
                let put = |other| {
                    let mut items = list.items.clone();
                    items[index] = other;
                    with(items)
                };
                one_other(inner).into_iter().map(put).collect::<Vec<_>>()
            };
            list.items.iter().enumerate().flat_map(item).chain([with(Vec::new()), twice]).collect()
        }
    }
}

#[test]
fn what_is_judged_beside_almost_equal_things_is_judged_as_if_it_were_alone() {
    let rules = rules();
    let (mut seen, mut tried) = (BTreeSet::new(), 0);
    for (folder, facts) in scenarios() {
        for document in facts.documents {
            // One of each shape is enough: the facts of one scenario are much like those of another.
            let shape = (document.subject, document.text("cloud").to_owned(), document.text("kind").to_owned());
            if !seen.insert(shape) {
                continue;
            }
            let other = |facts| Document { subject: document.subject, facts };
            let ways = one_less(&document.facts).into_iter().chain(one_other(&document.facts)).map(other);
            let documents: Vec<Document> = ways.chain([document.clone(), document.clone()]).collect();
            let mut beside: Vec<Vec<Evaluation>> = vec![Vec::new(); documents.len()];
            let facts = Facts { documents };
            for one in evaluate(&rules, &facts) {
                beside[one.document].push(Evaluation { document: 0, ..one });
            }
            for (document, beside) in facts.documents.iter().zip(&beside) {
                assert_eq!(alone(&rules, document), *beside, "{}: {}", folder.display(), document.facts.to_json());
            }
            tried += beside.len();
        }
    }
    assert!(tried > 1000, "only {tried} ways were tried");
}

/// Refresh with `SNAPSHOTS=overwrite cargo test --test rules`, and read the difference before you commit it.
#[test]
fn every_rule_says_of_every_scenario_what_was_committed() {
    let rules = rules();
    for (folder, facts) in scenarios() {
        let (mut lines, mut passed, mut beside) = (String::new(), 0, 0);
        for one in evaluate(&rules, &facts) {
            let said = match &one.verdict {
                Verdict::Pass => {
                    passed += 1;
                    continue;
                }
                Verdict::NotApplicable => {
                    beside += 1;
                    continue;
                }
                Verdict::Fail { message } => message.clone(),
                Verdict::NotEvaluated { gaps } => gaps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            };
            let (rule, word) = (&rules.rules()[one.rule].id, one.verdict.as_str());
            let about = facts.documents[one.document].text("name");
            let element = one.element.map_or(String::new(), |element| format!(" [{}]", element.id));
            writeln!(lines, "{word} {rule}: {about}{element}: {said}").expect("a text takes more");
        }
        writeln!(lines, "{passed} pass, {beside} not applicable").expect("a text takes more");
        Assert::new().action_env(DEFAULT_ACTION_ENV).eq(lines, Data::read_from(&folder.join("verdicts.txt"), None));
    }
}

#[test]
fn every_rule_has_a_case_of_each_verdict_it_can_give() {
    let rules = rules();
    let all = rules.embedded_cases().expect("the cases are in order");
    for rule in rules.rules() {
        let cases: Vec<_> = all.iter().filter(|cases| cases.rule == rule.id).flat_map(|cases| &cases.cases).collect();
        let has = |wanted: fn(&Expectation) -> bool| cases.iter().any(|case| wanted(&case.expect));
        assert!(has(|e| matches!(e, Expectation::Pass)), "{}: no case passes", rule.id);
        assert!(has(|e| matches!(e, Expectation::Fail(_))), "{}: no case fails", rule.id);
        assert!(has(|e| matches!(e, Expectation::Fail(Some(_)))), "{}: no case shows the message", rule.id);
        assert!(has(|e| matches!(e, Expectation::NotEvaluated(Some(_)))), "{}: no case names a gap", rule.id);
        let may_not_apply = rule.when.is_some() || rule.for_each.is_some();
        let shown = has(|e| matches!(e, Expectation::NotApplicable));
        assert_eq!(shown, may_not_apply, "{}: a case is not applicable exactly where the rule can say so", rule.id);
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "{}: two cases share a name", rule.id);
    }
}

#[test]
fn every_rule_tells_its_reader_what_why_and_how() {
    for rule in rules().rules() {
        let id = &rule.id;
        assert!(rule.family.is_some(), "{id} is in a family");
        assert!(rule.title.len() < 90 && !rule.title.ends_with('.'), "{id}: the title is short and no sentence");
        for prose in [&rule.description, &rule.why, &rule.remediation.text] {
            assert!(prose.len() > 40 && prose.trim_end().ends_with('.'), "{id}: prose is in whole sentences: {prose}");
        }
        let remedy = &rule.remediation;
        // What is wrong in the policy file is repaired there.
        if rule.subject.name != "waiver" {
            assert!(
                remedy.aws.is_some() || remedy.gcloud.is_some(),
                "{id}: there is a remedy for a cloud's command line"
            );
            assert!(rule.remediation.terraform.is_some(), "{id}: there is a remedy in Terraform");
        }
        assert!(!rule.references.is_empty(), "{id}: there is somewhere to read more");
        assert!(!rule.tags.is_empty(), "{id}: there are words to find it by");
        assert_eq!(rule.since, "0.1.0", "{id}");
    }
}

#[test]
fn the_controls_of_the_rules_are_those_of_the_table_and_no_others() {
    let rules = rules();
    let mut named: BTreeSet<(&str, &str)> = BTreeSet::new();
    for rule in rules.rules() {
        for (framework, controls) in &rule.compliance {
            assert!(!controls.is_empty(), "{}: {framework} without controls", rule.id);
            named.extend(controls.iter().map(|control| (framework.as_str(), control.as_str())));
            let single: BTreeSet<_> = controls.iter().collect();
            assert_eq!(single.len(), controls.len(), "{}: {framework} names a control twice", rule.id);
        }
    }
    let listed: BTreeSet<(&str, &str)> = frameworks()
        .iter()
        .flat_map(|(key, framework)| framework.controls.keys().map(move |control| (key.as_str(), control.as_str())))
        .collect();
    let unknown: Vec<_> = named.difference(&listed).collect();
    let unused: Vec<_> = listed.difference(&named).collect();
    assert!(unknown.is_empty(), "src/knowledge/controls.yaml does not have {unknown:?}");
    assert!(unused.is_empty(), "no rule speaks to {unused:?}");
}

#[test]
fn every_control_is_named_as_its_framework_names_it_and_says_why() {
    assert!(controls_as_of().year() >= 2026);
    for (key, framework) in frameworks() {
        let ids = regex::Regex::new(&framework.ids).expect("a regular expression");
        assert!(framework.ids.starts_with('^') && framework.ids.ends_with('$'), "{key}: the whole id is looked at");
        assert!(framework.url.starts_with("https://"), "{key}");
        for text in [&framework.name, &framework.version, &framework.publisher] {
            assert!(!text.trim().is_empty(), "{key}");
        }
        for (id, control) in &framework.controls {
            assert!(ids.is_match(id), "{key}: {id}");
            assert!(control.title.is_some() != control.about.is_some(), "{key} {id}: its words or ours");
            // A title is a fact; more than that is the framework's text.
            assert!(!control.says().is_empty() && control.says().split_whitespace().count() <= 16, "{key} {id}");
            let words = control.title.iter().flat_map(|title| title.split_whitespace()).count();
            assert!(words <= 12, "{key} {id}: a title of {words} words");
            assert!(control.why.ends_with('.') && control.why.len() > 20, "{key} {id}: why is a sentence");
            assert!(!control.says().contains('|'), "{key} {id}: it stands in a table");
        }
    }
}

#[test]
fn what_is_about_one_cloud_is_said_by_rules_that_can_fail_there() {
    let rules = rules();
    for rule in rules.rules() {
        let when = rule.when.as_ref().map(Expression::source).unwrap_or_default();
        for key in rule.compliance.keys() {
            let other = match frameworks().get(key).and_then(|it| it.cloud).map(|it| it.to_string()).as_deref() {
                Some("aws") => "gcp",
                Some("gcp") => "aws",
                _ => continue,
            };
            assert!(!when.contains(&format!("cloud == \"{other}\"")), "{}: {key}", rule.id);
        }
    }
}

#[test]
fn a_rule_is_found_by_its_own_id_and_by_the_ids_of_other_tools() {
    let rules = rules();
    assert!(rules.rules().len() >= 20);
    assert_eq!(rules.find("unused-nat-address").len(), 1);
    assert_eq!(rules.find("CKV2_AWS_19").first().map(|rule| rule.id.as_str()), Some("unused-nat-address"));
    assert_eq!(rules.find("Lambda.1").len(), 2);
    assert!(rules.find("no-such-rule").is_empty());
}

#[test]
fn every_rule_reads_facts_of_the_vocabulary_only() {
    for rule in rules().rules() {
        let reads = rule.reads();
        assert!(!reads.is_empty(), "{}", rule.id);
        for path in reads {
            let root = path.split(['.', '[']).next().unwrap_or_default();
            let known = SUBJECTS.iter().any(|subject| subject.name == root) || root == "params";
            assert!(known, "{}: {path}", rule.id);
        }
    }
}

#[test]
fn the_generated_pages_are_fresh() {
    let rules = rules();
    let pages = [
        ("rules/facts.md", documentation::facts_markdown()),
        ("rules/rule.schema.json", documentation::schema_json()),
        ("rules/README.md", documentation::rules_markdown(&rules)),
        ("docs/egress-audit.schema.json", egress_audit::policy::schema_json(&rules)),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, wanted) in pages {
        let path = root.join(page);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &wanted).expect("the page can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == wanted, "{page} is stale: refresh it with `UPDATE=1 cargo test --test rules`");
    }
}

#[test]
fn every_rule_file_is_of_the_form_that_editors_check() {
    let schema: serde_json::Value = serde_json::from_str(&documentation::schema_json()).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for rule in rules().rules() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(&rule.file);
        let text = fs::read_to_string(path).expect("the rule is a file");
        let value: serde_json::Value = serde_saphyr::from_str(&text).expect("the rule is YAML");
        let problems: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", rule.file);
    }
    let odd = serde_json::json!({ "id": "a-rule", "mesage": "a typo" });
    assert!(!validator.is_valid(&odd));
}

#[test]
fn the_policy_file_is_of_the_form_that_editors_check() {
    let schema = serde_json::from_str(&egress_audit::policy::schema_json(&rules())).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let (_, example) = readme.split_once("```yaml\n# egress-audit.yaml\n").expect("the README shows one");
    let (example, _) = example.split_once("```").expect("it ends");
    let value = serde_saphyr::from_str(example).expect("YAML");
    let problems: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    for wrong in ["{wavers: []}", "{intent: [{egress: none}]}", "{rules: {uneven-egress: {severity: dire}}}"] {
        assert!(!validator.is_valid(&serde_saphyr::from_str(wrong).expect("YAML")), "{wrong}");
    }
}
