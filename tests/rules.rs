//! The rules that come with the tool: every case of every rule, and what every rule file owes its readers.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test compares files, and ends where they are not in order"
)]

use std::{collections::BTreeSet, fs, path::Path};

use egress_audit::{
    engine::{evaluate, run_cases},
    evidence::{Gap, GapReason},
    facts::{Document, Facts, List, Node, vocabulary::SUBJECTS},
    rule::{Expectation, RuleSet, documentation},
};

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

#[test]
fn a_fact_less_never_turns_a_verdict_of_a_rule_into_another() {
    let rules = rules();
    let mut tried = 0;
    for cases in rules.embedded_cases().expect("the cases are in order") {
        let index = rules.rules().iter().position(|rule| rule.id == cases.rule).expect("a rule of the set");
        let subject = rules.rules()[index].subject.name;
        for case in &cases.cases {
            let mut rules = rules.clone();
            for (name, value) in &case.params {
                rules.set_param(&cases.rule, name, value.clone()).expect("cases are checked against the rules");
            }
            let word = |facts: Node| {
                let facts = Facts { documents: vec![Document { subject, facts }] };
                let all = evaluate(&rules, &facts);
                let has = |word: &str| all.iter().any(|one| one.rule == index && one.verdict.as_str() == word);
                ["fail", "not-evaluated", "pass"].into_iter().find(|word| has(word)).unwrap_or("not-applicable")
            };
            let whole = word(case.facts.clone());
            for less in one_less(&case.facts) {
                let part = word(less.clone());
                let kept = part == whole || part == "not-evaluated";
                assert!(kept, "{}: {}: {whole} became {part} for {}", cases.rule, case.name, less.to_json());
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "only {tried} ways were tried");
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
        assert!(rule.remediation.aws.is_some(), "{id}: there is a remedy for the AWS command line");
        assert!(rule.remediation.terraform.is_some(), "{id}: there is a remedy in Terraform");
        assert!(!rule.references.is_empty(), "{id}: there is somewhere to read more");
        assert!(!rule.tags.is_empty(), "{id}: there are words to find it by");
        assert_eq!(rule.since, "0.1.0", "{id}");
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
