//! What a rule file and a file of cases may say, and what they are told otherwise.

use super::{RuleCases, RuleError, RuleSet};

const RULE: &str = "\
id: a-rule
title: A rule
severity: low
since: 0.1.0
subject: workload
require: workload.network.attached
message: '{workload.name} is not attached'
description: d
why: w
remediation: {text: t}
";

fn changed(from: &str, to: &str) -> RuleError {
    let text = RULE.replace(from, to);
    assert_ne!(text, RULE);
    match RuleSet::parse(&[("egress/a-rule.yaml", &text)]) {
        Ok(_) => panic!("this was not refused:\n{text}"),
        Err(error) => error,
    }
}

#[track_caller]
fn says(error: &RuleError, place: (u32, u32), problem: &str) {
    assert!(error.problem().contains(problem), "{error}");
    assert_eq!(error.place(), Some(place), "{error}");
    assert!(!error.problem().ends_with('.'), "{error}");
    assert!(error.problem().starts_with(|c: char| !c.is_uppercase()), "{error}");
}

#[test]
fn a_rule_with_the_least_is_taken() {
    let set = RuleSet::parse(&[("egress/a-rule.yaml", RULE)]).unwrap();
    let rule = set.get("a-rule").unwrap();
    assert_eq!(rule.family.as_deref(), Some("egress"));
    assert_eq!(rule.status.as_str(), "stable");
    assert_eq!(rule.reads().into_iter().collect::<Vec<_>>(), ["workload.name", "workload.network.attached"]);
    assert!(RuleSet::parse(&[("a-rule.yaml", RULE)]).unwrap().rules()[0].family.is_none());
}

#[test]
fn a_word_that_is_not_in_the_form_is_refused_where_it_stands() {
    says(&changed("message:", "mesage:"), (7, 1), "unknown field `mesage`");
    says(&changed("severity: low", "severity: meduim"), (3, 11), "unknown variant `meduim`");
    says(&changed("since: 0.1.0", "since: 0.1.0\nsince: 0.2.0"), (5, 1), "duplicate");
    says(&changed("{text: t}", "{text: t, gclod: x}"), (10, 24), "unknown field `gclod`");
    says(&changed("why: w\n", ""), (9, 1), "missing field `why`");
    says(&changed("why: w", "why: [w"), (9, 6), "expected string scalar");
    says(&changed("subject: workload", "subject: worklod"), (5, 10), "no rule can be about a `worklod`");
    assert_eq!(changed("subject: workload", "subject: worklod").hint(), Some("did you mean `workload`?"));
    says(&changed("why: w", "why: ' '"), (9, 6), "`why` says nothing");
    says(&changed("why: w", "why: w\nreferences: ['http://example.org']"), (10, 14), "https");
}

#[test]
fn an_id_is_the_name_of_its_file_in_kebab_case() {
    says(
        &changed("id: a-rule", "id: another-rule"),
        (1, 5),
        "the id is `another-rule`, but the file is called `a-rule`",
    );
    for id in ["A-rule", "a_rule", "a--rule", "-a", "a-", "a rule", "'é'"] {
        says(&changed("id: a-rule", &format!("id: {id}")), (1, 5), "kebab-case");
    }
}

#[test]
fn an_id_is_given_once_and_is_nobody_elses_alias() {
    let other = RULE.replace("a-rule", "b-rule").replace("since", "aliases: [a-rule]\nsince");
    let error = RuleSet::parse(&[("a-rule.yaml", RULE), ("x/a-rule.yaml", RULE)]).unwrap_err();
    assert_eq!(error.to_string(), "x/a-rule.yaml: the id `a-rule` is taken by a-rule.yaml");
    let mut set = RuleSet::parse(&[("a-rule.yaml", RULE)]).unwrap();
    let error = set.extend(&[("b-rule.yaml", &other)]).unwrap_err();
    assert_eq!(error.problem(), "the alias `a-rule` is the id of another rule");
    assert_eq!(set.rules().len(), 1, "a set that was refused leaves the first as it was");
    let twice = RULE.replace("since", "aliases: [x, x]\nsince");
    assert!(RuleSet::parse(&[("a-rule.yaml", &twice)]).is_err());
    let shared = RULE.replace("since", "aliases: [X.1]\nsince");
    let both = [("a-rule.yaml", shared.clone()), ("b-rule.yaml", shared.replace("id: a", "id: b"))];
    assert_eq!(RuleSet::parse(&both).unwrap().find("X.1").len(), 2);
}

#[test]
fn for_each_takes_one_name_and_one_list_of_facts() {
    let each = |each: &str| changed("require:", &format!("for_each: {each}\nrequire:"));
    says(&each("{p: workload.egress.pths}"), (6, 31), "`workload.egress` has no field `pths`");
    says(&each("{}"), (6, 11), "one name and one list");
    says(&each("{a: workload.keys, b: workload.keys}"), (6, 11), "one name and one list");
    says(&each("{workload: workload.keys}"), (6, 22), "cannot be used for an element");
    says(&each("{params: workload.keys}"), (6, 20), "cannot be used for an element");
    says(&each("{function: workload.keys}"), (6, 22), "cannot be used for an element");
    says(&each("{p: workload.network}"), (6, 15), "takes a list");
    says(&each("{p: workload.egress.changed_addresses}"), (6, 15), "may be null");
    says(&each("{p: nat.workloads}"), (6, 15), "nothing is called `nat` here");
}

#[test]
fn a_message_is_checked_like_a_condition() {
    let message = |text: &str| changed("'{workload.name} is not attached'", text);
    says(&message("'{workload.nmae}'"), (7, 21), "no field `nmae`");
    says(&message("'it is {workload.name'"), (7, 17), "never closed");
    says(&message("'it is workload.name}'"), (7, 30), "closes nothing");
    says(&message("'{}'"), (7, 12), "");
    says(&message("'{workload}'"), (7, 12), "cannot be shown");
    says(&message("'{workload.egress.paths}'"), (7, 12), "cannot be shown");
    says(&message("'{workload.runtime.id}'"), (7, 12), "may be null");
    let guarded = RULE
        .replace("workload.network.attached", "workload.runtime == null")
        .replace("{workload.name}", "{workload.runtime.id}");
    assert!(RuleSet::parse(&[("a-rule.yaml", &guarded)]).is_ok(), "it fails only where the runtime is not null");
}

#[test]
fn hostile_files_are_refused() {
    let refused = |text: String| RuleSet::parse(&[("a-rule.yaml", text)]).unwrap_err();
    assert!(refused(String::new()).problem().len() > 3);
    assert!(refused("a".repeat((1 << 20) + 1)).problem().contains("longer than 1 MiB"));
    assert!(refused("[".repeat(100_000)).problem().len() > 3);
    assert!(refused(format!("{}1{}", "{a: ".repeat(50_000), "}".repeat(50_000))).problem().len() > 3);
    assert!(refused("\u{0}\u{1b}[2J".to_owned()).problem().len() > 3);
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
    });
    assert!(refused(bomb).problem().len() > 3);
    let escape = changed("require: workload.network.attached", "require: \"workload\\u001b[2J\"");
    assert!(!escape.to_string().contains('\u{1b}'), "{escape}");
}

#[test]
fn a_case_speaks_of_facts_that_exist() {
    let rules = RuleSet::parse(&[("a-rule.yaml", RULE)]).unwrap();
    let parse = |facts: &str, expect: &str| {
        let text = format!("rule: a-rule\ncases:\n  - name: one\n    facts: {facts}\n    expect: {expect}\n");
        RuleCases::parse("a-rule.test.yaml", &text, &rules)
    };
    assert!(parse("{workload: {network: {attached: true}}}", "pass").is_ok());
    assert!(parse("{workload: {network: {unknown: denied}}}", "{not-evaluated: [denied]}").is_ok());
    for (facts, expect, problem) in [
        ("{workload: {netwrk: {}}}", "pass", "case `one`: `workload` has no field `netwrk`"),
        ("{workload: {network: {attached: yes please}}}", "pass", "`workload.network.attached` is not of the form"),
        ("{workload: {network: {attached: null}}}", "pass", "`workload.network.attached` is not of the form"),
        ("{workload: {kind: lamda}}", "pass", "`workload.kind` is never `lamda`"),
        ("{workload: {version: 7}}", "pass", "`workload.version` is text, and `7` is not"),
        ("{workload: {egress: {paths: [{to: internt}]}}}", "pass", "`workload.egress.paths[].to` is never `internt`"),
        ("{nat: {}}", "pass", "the facts are of `nat`, but the rule is about `workload`"),
        ("{workload: {}, params: {days: 3}}", "pass", "has no parameter `days`"),
        ("{workload: {}}", "passes", "not a verdict to expect"),
        ("{workload: {}}", "{fail: message, pass: x}", "not a verdict to expect"),
    ] {
        let error = parse(facts, expect).unwrap_err();
        assert!(error.problem().contains(problem), "{error}");
        assert_eq!(error.place().map(|place| place.0), Some(3), "{error}");
    }
    let other = RuleCases::parse("x.test.yaml", "rule: b-rule\ncases: []\n", &rules).unwrap_err();
    says(&other, (1, 7), "there is no rule `b-rule`");
}
