//! What the subset takes, what it refuses, and with which words.

use crate::rule::{RuleError, RuleSet};

fn rule_with(when: &str, require: &str) -> String {
    format!(
        "id: a-rule\ntitle: A rule\nseverity: low\nsince: 0.1.0\nsubject: workload\n\
         params:\n  days: {{default: 3, meaning: some days}}\n\
         when: >-\n  {when}\nrequire: >-\n  {require}\nmessage: no\ndescription: d\nwhy: w\nremediation: {{text: t}}\n"
    )
}

fn load(require: &str) -> Result<RuleSet, RuleError> {
    RuleSet::parse(&[("a-rule.yaml", rule_with("true", require))])
}

fn refused(require: &str) -> RuleError {
    match load(require) {
        Ok(_) => panic!("`{require}` was not refused"),
        Err(error) => error,
    }
}

#[track_caller]
fn refuses(require: &str, problem: &str) {
    let error = refused(require);
    assert!(error.problem().contains(problem), "`{require}`: {error}");
}

#[track_caller]
fn takes(require: &str) {
    if let Err(error) = load(require) {
        panic!("`{require}`: {error}\n{:?}", error.hint());
    }
}

#[test]
fn the_subset_is_taken() {
    takes("workload.network.attached && !workload.network.dual_stack || workload.name == 'a'");
    takes("workload.network.zone_count >= params.days");
    takes("workload.egress.paths.exists(p, p.to == 'internet') ? workload.network.attached : true");
    takes("workload.egress.paths.all(p, p.exit.addresses.exists(a, a.reserved) || p.family in ['ipv6'])");
    takes("size(workload.network.subnets) > 0 && workload.network.subnets.size() != -1");
    takes("workload.name.startsWith('a') && workload.name.endsWith('b') && workload.name.contains('c')");
    takes("workload.name.matches('^a+$')");
    takes("workload.runtime != null && !workload.runtime.deprecated");
    takes("workload.runtime == null || !workload.runtime.deprecated");
    takes("!(workload.runtime == null) && workload.runtime.id in ['a', 'b']");
    takes("workload.intent.egress == 'static' && workload.intent.egress.startsWith('s')");
    takes("workload.egress.paths.all(p, p.stop == 'no-route')");
}

#[test]
fn what_would_hide_a_gap_is_refused() {
    refuses("has(workload.runtime)", "`has` is false for a fact that could not be read");
    refuses("size(workload.egress.paths.filter(p, p.open)) > 0", "only `exists` and `all` hold");
    refuses("workload.egress.paths.exists_one(p, p.open)", "only `exists` and `all` hold");
    refuses("workload.egress.paths.map(p, p.open) == null", "only `exists` and `all` hold");
    refuses("workload.?runtime != null", "unsupported");
    refuses("workload.egress.paths[0].open", "elements have no number");
    refuses("[1, 2].exists(i, i == 1)", "walk over a list of facts");
    refuses("'a' in workload.egress.changed_addresses", "`in` takes a list of literals");
    refuses(
        "workload.egress.changed_addresses != null && workload.egress.changed_addresses.all(a, a == 'x')",
        "not of plain values",
    );
}

#[test]
fn what_is_not_in_the_language_is_refused() {
    refuses("workload.network.zone_count + 1 == 2", "arithmetic");
    refuses("workload.network.zone_count / 1 == 2", "arithmetic");
    refuses("-workload.network.zone_count == 2", "arithmetic");
    refuses("{'a': 1} == null", "maps");
    refuses("workload.network.zone_count == 1.5", "whole numbers");
    refuses("timestamp('x') == null", "there is no function `timestamp`");
    refuses("optional.of(workload.name) == 'a'", "there is no function `of`");
    refuses("workload.`name` == 'a'", "backticks");
    refuses("workload.name == workload.name.matches(workload.region)", "must be a literal");
    refuses("workload.name.matches('(')", "unclosed group");
    refuses(&format!("workload.name.matches('{}')", "a".repeat(513)), "512 characters at most");
    refuses("workload.name.matches('(a{1000}){1000}')", "size limit");
    refuses("workload.network.attached &&", "");
    refuses("workload.network.attached == ", "");
}

#[test]
fn a_fact_that_is_not_in_the_vocabulary_is_refused_with_a_suggestion() {
    let error = refused("workload.egres.paths.all(p, p.open)");
    assert_eq!(error.problem(), "`workload` has no field `egres`");
    assert_eq!(error.hint(), Some("did you mean `egress`?"));
    let error = refused("workload.network.attached && worklod.network.attached");
    assert_eq!(error.problem(), "nothing is called `worklod` here");
    assert_eq!(error.hint(), Some("did you mean `workload`?"));
    let error = refused("workload.network.zone_count > params.dais");
    assert_eq!(error.hint(), Some("did you mean `days`?"));
    refuses("workload.name.length == 1", "`workload.name` is text, which has no fields");
}

#[test]
fn a_word_that_a_fact_never_has_is_refused() {
    let error = refused("workload.egress.paths.all(p, p.to == 'internt')");
    assert_eq!(error.problem(), "`p.to` is never `internt`: it is one of `internet`, `nowhere`");
    assert_eq!(error.hint(), Some("did you mean `internet`?"));
    refuses("workload.egress.paths.all(p, p.to in ['internet', 'x'])", "never `x`");
    refuses("'x' == workload.kind", "never `x`");
}

#[test]
fn different_types_are_not_compared() {
    refuses("workload.name == 1", "text is compared with a whole number");
    refuses("workload.name == true", "text is compared with yes or no");
    refuses("workload.name in [1]", "text is compared with a whole number");
    refuses("workload.name < 'b'", "only whole numbers have an order");
    refuses("workload.name != null", "`workload.name` is never null");
    refuses("workload.network == workload.network", "only be compared with null");
    refuses("workload.name", "this is not a condition");
    refuses("workload.name && true", "a condition is yes or no");
    refuses("size(workload.network) > 1", "counts a list or a text");
    refuses("workload.network.zone_count.startsWith('1')", "works on text");
    refuses("null == null", "null is compared with null");
    refuses("true", "reads no fact");
}

#[test]
fn a_fact_that_may_be_null_is_read_under_a_guard_only() {
    let error = refused("!workload.runtime.deprecated");
    assert!(error.problem().contains("`workload.runtime` may be null"), "{error}");
    assert_eq!(error.hint(), Some("write `workload.runtime != null && …` before it, here or in `when`"));
    refuses("workload.runtime.deprecated && workload.runtime != null", "may be null");
    refuses("workload.runtime != null || workload.runtime.deprecated", "may be null");
    refuses("workload.runtime == null && workload.runtime.deprecated", "may be null");
    refuses("workload.intent.egress.startsWith('s')", "may be null");
    refuses("size(workload.egress.changed_addresses) == 0", "may be null");
    takes("workload.runtime == null ? workload.network.attached : workload.runtime.deprecated");
    takes("workload.network.attached || (workload.runtime != null && workload.runtime.deprecated)");
    let guarded = rule_with("workload.runtime != null && workload.network.attached", "!workload.runtime.deprecated");
    assert!(RuleSet::parse(&[("a-rule.yaml", guarded)]).is_ok());
}

#[test]
fn a_condition_over_a_list_speaks_of_its_element() {
    refuses("workload.egress.paths.exists(p, true)", "says nothing about `p`");
    refuses("workload.egress.paths.all(p, workload.network.attached)", "says nothing about `p`");
    refuses("workload.egress.paths.all(workload, workload.open)", "is taken");
    refuses("workload.egress.paths.all(p, p.exit.addresses.all(p, p.reserved))", "is taken");
    refuses("workload.egress.paths.all(p, p.exit)", "a condition is yes or no");
}

#[test]
fn hostile_sources_are_refused_and_do_not_end_the_process() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{}workload.network.attached{}", open.repeat(n), close.repeat(n));
    for (source, problem) in [
        (deep("(", ")", 100_000), "longer than 4096 bytes"),
        (deep("(", ")", 2000), "brackets"),
        (deep("(", ")", 33), "brackets"),
        (deep("[", "]", 1900), "brackets"),
        (deep("{", "}", 1900), "brackets"),
        ("(".repeat(4000), "brackets"),
        (format!("workload.network.zone_count == 1{}", "+1".repeat(2000)), ""),
        (format!("workload.network.attached{}", " && workload.network.attached".repeat(140)), ""),
        (format!("workload{}", ".network".repeat(500)), "levels deep"),
        (format!("true{}", " == true".repeat(500)), "levels deep"),
        (format!("{}workload.network.attached", "true?true:".repeat(400)), ""),
        (format!("{}workload.network.attached", "!-".repeat(2000)), ""),
        (format!("workload.name{}", ".startsWith('a')".repeat(250)), ""),
        (format!("'{}", "a".repeat(4000)), ""),
        ("\u{0}".repeat(4000), ""),
        ("\\".repeat(4000), ""),
        (format!("workload.name in [{}]", "'a',".repeat(1000)), "parts"),
        (format!("size({}) == 1", "size(".repeat(800)), "brackets"),
    ] {
        let text = rule_with("true", &source);
        let error = RuleSet::parse(&[("a-rule.yaml", text)]).map(|_| ()).unwrap_err();
        assert!(error.problem().contains(problem), "{}…: {error}", source.chars().take(40).collect::<String>());
    }
}

#[test]
fn an_expression_at_the_limits_is_taken() {
    takes(&format!("{}workload.network.attached{}", "(".repeat(32), ")".repeat(32)));
    takes(&vec!["workload.network.attached"; 100].join(" && "));
    takes(&format!("workload.name in [{}'a']", "'a', ".repeat(400)));
}

#[test]
fn an_error_shows_the_line_and_the_column_of_the_fault() {
    let error = refused("workload.network.attached\n  && workload.name == 'ä'\n  && workload.egres.open");
    assert_eq!(
        error.to_string(),
        "a-rule.yaml:13:15: `workload` has no field `egres`\n    |\n 13 |   && workload.egres.open\n    |               ^"
    );
    let quoted = rule_with("true", "true").replace("require: >-\n  true", "require: \"workload.network.zones > 1\"");
    let error = RuleSet::parse(&[("a-rule.yaml", quoted)]).unwrap_err();
    assert_eq!(error.place(), Some((10, 28)), "{error}");
    let plain = rule_with("true", "true").replace("require: >-\n  true", "require: workload.network.zones > 1");
    let error = RuleSet::parse(&[("a-rule.yaml", plain)]).unwrap_err();
    assert_eq!(error.place(), Some((10, 27)), "{error}");
    let error = refused("workload.network.attached && (workload.name == )");
    assert_eq!(error.place().map(|place| place.0), Some(11), "{error}");
}

#[test]
fn what_cannot_be_parsed_is_said_in_plain_words() {
    for (source, column, problem) in [
        ("workload.network.attached &&", 30, "the expression ends too early"),
        ("workload.network.attached == ", 30, "the expression ends too early"),
        ("workload.network.attached) || true", 28, "`)` is not expected here"),
        ("workload.network.attached and workload.network.dual_stack", 29, "`and` is not expected here"),
        ("workload.name = 'a'", 17, "`=` cannot be read"),
        ("workload.name == 'a", 20, "`'a` cannot be read"),
        ("function == 1", 3, "`function` cannot be a name: the language keeps it for itself"),
        ("workload.egress.paths.exists(p.x, true)", 33, "argument must be a simple name"),
    ] {
        let error = refused(source);
        assert_eq!(error.problem(), problem);
        assert_eq!(error.place(), Some((11, column)), "{error}");
    }
    assert_eq!(refused("  ").problem(), "this says nothing");
    assert_eq!(refused("workload.name = 'a'").hint(), Some("`==` compares"));
    let and = refused("workload.network.attached and workload.network.dual_stack");
    assert_eq!(and.hint(), Some("`&&` is the word for and"));
}

#[test]
fn what_an_expression_reads_is_named_by_the_vocabulary() {
    let set = load("workload.egress.paths.all(p, p.exit.addresses.exists(a, a.reserved)) && params.days > 1").unwrap();
    let reads: Vec<_> = set.rules()[0].reads().into_iter().collect();
    assert_eq!(
        reads,
        [
            "params.days",
            "workload.egress.paths",
            "workload.egress.paths[].exit.addresses",
            "workload.egress.paths[].exit.addresses[].reserved",
        ]
    );
}

#[test]
fn the_language_has_no_matches_of_its_own() {
    let mut context = cel::Context::with_env(std::sync::Arc::clone(&super::LANGUAGE));
    let ours = |text: std::sync::Arc<String>| text.is_empty();
    assert_eq!(context.add_function("matches", ours), Ok(()));
}
