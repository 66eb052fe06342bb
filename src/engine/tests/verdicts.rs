//! Verdicts, their gaps, their elements and their messages.

use serde_json::json;

use super::{elements, evaluate, gaps, requiring, rule, verdict, workload};
use crate::{
    engine::{UNREAD, Verdict},
    evidence::GapReason,
    facts::{Document, Facts, List, Node},
};

#[test]
fn a_verdict_that_depends_on_a_fact_that_was_not_read_names_it() {
    let facts = json!({ "network": { "attached": true, "dual_stack": { "unknown": "ec2:DescribeSubnets denied" } } });
    assert_eq!(verdict("workload.network.attached || workload.network.dual_stack", &facts), Verdict::Pass);
    let both = verdict("workload.network.dual_stack && workload.network.zone_count > 1", &facts);
    assert_eq!(gaps(&both), ["ec2:DescribeSubnets denied", "workload.network.zone_count"]);
    let deep = verdict(
        "workload.egress.paths.all(p, p.exit.addresses.all(a, a.reserved))",
        &json!({
            "egress": { "paths": [{ "exit": { "addresses": [{}] } }, { "exit": {} }] }
        }),
    );
    assert_eq!(
        gaps(&deep),
        ["workload.egress.paths[].exit.addresses", "workload.egress.paths[].exit.addresses[].reserved"]
    );
}

#[test]
fn a_fact_of_another_form_than_the_vocabulary_gives_it_was_not_read() {
    for (require, facts) in [
        ("workload.network.attached", json!({ "network": { "attached": 1 } })),
        ("workload.network.zone_count == 1", json!({ "network": { "zone_count": "1" } })),
        ("workload.network.zone_count == 1", json!({ "network": { "zone_count": null } })),
        ("workload.name != 'a'", json!({ "name": true })),
        ("workload.kind != 'lambda-function'", json!({ "kind": "a-new-kind" })),
        ("workload.egress.paths.all(p, p.open)", json!({ "egress": { "paths": { "open": false } } })),
        ("workload.egress.paths.all(p, p.open)", json!({ "egress": { "paths": [true] } })),
        ("workload.network.attached", json!({ "network": [] })),
        ("workload.network.attached", json!([])),
    ] {
        let Verdict::NotEvaluated { gaps } = verdict(require, &facts) else { panic!("{require} was evaluated") };
        assert!(gaps.iter().all(|gap| gap.why == GapReason::Malformed), "{require}: {gaps:?}");
    }
}

#[test]
fn null_is_a_known_value() {
    let absent = json!({ "runtime": null, "network": { "vpc": null } });
    assert_eq!(verdict("workload.runtime == null && workload.network.vpc == null", &absent), Verdict::Pass);
    assert_eq!(verdict("null != workload.runtime", &absent).as_str(), "fail");
    assert_eq!(verdict("workload.network.vpc == 'vpc-1'", &absent).as_str(), "fail");
    assert_eq!(verdict("'vpc-1' != workload.network.vpc", &absent), Verdict::Pass);
    assert_eq!(verdict("workload.network.vpc in ['vpc-1']", &absent).as_str(), "fail");
    assert_eq!(verdict("workload.runtime != null", &json!({ "runtime": {} })), Verdict::Pass);
    assert_eq!(verdict("null == workload.runtime", &json!({ "runtime": {} })).as_str(), "fail");
}

#[test]
fn a_list_that_may_go_on_decides_only_what_its_rest_cannot_change() {
    let list = |known: serde_json::Value| {
        let mut items = known.as_array().cloned().unwrap_or_default();
        items.push(json!({ "unknown": "more" }));
        json!({ "egress": { "paths": items }, "network": { "attached": true, "dual_stack": false } })
    };
    let (open, shut, none) = (list(json!([{ "open": true }])), list(json!([{ "open": false }])), list(json!([])));
    assert_eq!(verdict("workload.egress.paths.exists(p, p.open)", &open), Verdict::Pass);
    assert_eq!(gaps(&verdict("workload.egress.paths.exists(p, p.open)", &shut)), ["more"]);
    assert_eq!(verdict("workload.egress.paths.all(p, p.open)", &shut).as_str(), "fail");
    assert_eq!(gaps(&verdict("workload.egress.paths.all(p, p.open)", &open)), ["more"]);
    // What holds of every element, or of none, still says nothing about whether there is one.
    assert_eq!(gaps(&verdict("workload.egress.paths.exists(p, p.open || workload.network.attached)", &none)), ["more"]);
    assert_eq!(gaps(&verdict("workload.egress.paths.all(p, p.open && workload.network.dual_stack)", &none)), ["more"]);
    assert_eq!(verdict("workload.egress.paths.all(p, p.open || workload.network.attached)", &none), Verdict::Pass);
    let never = verdict("workload.egress.paths.exists(p, p.open && workload.network.dual_stack)", &none);
    assert_eq!(never.as_str(), "fail");
    assert_eq!(gaps(&verdict("size(workload.egress.paths) > 0", &open)), ["more"]);
    assert_eq!(gaps(&verdict("workload.egress.paths.size() == 0", &none)), ["more"]);
    assert_eq!(verdict("size(workload.egress.paths) == 0", &json!({ "egress": { "paths": [] } })), Verdict::Pass);
}

#[test]
fn every_element_has_a_verdict_and_so_has_what_the_list_may_hold_besides() {
    let rules =
        rule("for_each: {path: workload.egress.paths}\nrequire: path.open\nmessage: '{path.id} is shut'").unwrap();
    let paths = json!({ "egress": { "paths": [
        { "id": "a", "open": true }, { "open": false }, { "id": "c" }, { "unknown": "lost" }, { "unknown": "more" }
    ] } });
    let all = evaluate(&rules, &workload(&paths));
    assert_eq!(
        elements(&all),
        [
            (Some("a"), "pass"),
            (Some("1"), "fail"),
            (Some("c"), "not-evaluated"),
            (Some("3"), "not-evaluated"),
            (Some(UNREAD), "not-evaluated"),
        ]
    );
    assert_eq!(all[1].verdict, Verdict::Fail { message: "(unknown) is shut".to_owned() });
    assert_eq!(gaps(&all[3].verdict), ["lost"]);
    assert_eq!(all[4].element.as_ref().and_then(|element| element.index), None);
    assert_eq!(
        elements(&evaluate(&rules, &workload(&json!({ "egress": { "paths": [] } })))),
        [(None, "not-applicable")]
    );
    assert_eq!(elements(&evaluate(&rules, &workload(&json!({})))), [(None, "not-evaluated")]);
}

#[test]
fn an_unread_list_does_not_matter_where_the_rule_does_not_apply_to_any_element() {
    let rules = rule(
        "for_each: {path: workload.egress.paths}\nwhen: path.open && workload.network.attached\n\
         require: workload.network.dual_stack\nmessage: no",
    )
    .unwrap();
    let unread = json!({ "network": { "attached": false } });
    assert_eq!(elements(&evaluate(&rules, &workload(&unread))), [(None, "not-applicable")]);
    // Even a requirement that fails whatever the element is does not fail for an element that may not exist.
    let applies = json!({ "network": { "attached": true, "dual_stack": false } });
    assert_eq!(elements(&evaluate(&rules, &workload(&applies))), [(None, "not-evaluated")]);
    let more =
        json!({ "network": { "attached": true, "dual_stack": true }, "egress": { "paths": [{ "unknown": "more" }] } });
    assert_eq!(elements(&evaluate(&rules, &workload(&more))), [(Some(UNREAD), "not-evaluated")]);
}

#[test]
fn a_rule_that_applies_to_something_unknown_is_not_evaluated() {
    let rules = rule("when: workload.network.dual_stack\nrequire: workload.network.attached\nmessage: no").unwrap();
    let verdict = |facts| evaluate(&rules, &workload(&facts)).remove(0).verdict;
    assert_eq!(gaps(&verdict(json!({ "network": { "attached": true } }))), ["workload.network.dual_stack"]);
    assert_eq!(verdict(json!({ "network": { "dual_stack": false } })), Verdict::NotApplicable);
    assert_eq!(verdict(json!({ "network": { "dual_stack": true, "attached": true } })), Verdict::Pass);
}

#[test]
fn a_message_shows_what_it_knows() {
    let rules = rule(
        "require: workload.network.attached\nmessage: >-\n  {workload.name} {{{workload.version}}} {workload.network.vpc} \
         {workload.egress.changed_addresses} {workload.network.zone_count} {workload.network.dual_stack}",
    )
    .unwrap();
    let message = |facts| match evaluate(&rules, &workload(&facts)).remove(0).verdict {
        Verdict::Fail { message } => message,
        other => panic!("{other:?}"),
    };
    let known = json!({
        "name": "f", "version": "7", "egress": { "changed_addresses": ["192.0.2.1", "192.0.2.2"] },
        "network": { "attached": false, "vpc": null, "zone_count": 2, "dual_stack": true },
    });
    assert_eq!(message(known), "f {7} none 192.0.2.1, 192.0.2.2 2 yes");
    let unknown = json!({
        "network": { "attached": false }, "egress": { "changed_addresses": ["192.0.2.1", { "unknown": "more" }] },
    });
    assert_eq!(message(unknown), "(unknown) {(unknown)} (unknown) 192.0.2.1, (unknown) (unknown) (unknown)");
    let empty = json!({ "network": { "attached": false }, "egress": { "changed_addresses": [] } });
    assert_eq!(message(empty), "(unknown) {(unknown)} (unknown) none (unknown) (unknown)");
}

#[test]
fn parameters_are_read_and_can_be_set() {
    let mut rules = rule(
        "params: {least: {default: 2, meaning: zones}}\nrequire: workload.network.zone_count >= params.least\n\
         message: 'fewer than {params.least}'",
    )
    .unwrap();
    let facts = workload(&json!({ "network": { "zone_count": 2 } }));
    assert_eq!(evaluate(&rules, &facts)[0].verdict, Verdict::Pass);
    rules.set_param("a-rule", "least", crate::rule::Scalar::Int(3)).unwrap();
    assert_eq!(evaluate(&rules, &facts)[0].verdict, Verdict::Fail { message: "fewer than 3".to_owned() });
    let wrong = rules.set_param("a-rule", "least", crate::rule::Scalar::Bool(true)).unwrap_err();
    assert_eq!(wrong.problem(), "parameter `least` of rule `a-rule` is a whole number, not yes or no");
    assert!(rules.set_param("a-rule", "most", crate::rule::Scalar::Int(3)).is_err());
    assert_eq!(
        rules.set_param("a-rile", "least", crate::rule::Scalar::Int(3)).unwrap_err().hint(),
        Some("did you mean `a-rule`?")
    );
}

#[test]
fn too_many_steps_are_a_fault_of_the_rule_and_not_a_verdict() {
    let path = Node::from_json(&json!({ "open": true }));
    let list = List { items: vec![path; 400], incomplete: None };
    let egress = Node::map([("paths", Node::List(list))]);
    let facts = Facts { documents: vec![Document { subject: "workload", facts: Node::map([("egress", egress)]) }] };
    for require in [
        "workload.egress.paths.all(p, workload.egress.paths.all(q, p.open || q.open))",
        "!workload.egress.paths.all(p, workload.egress.paths.all(q, p.open || q.open))",
        "workload.egress.paths.exists(p, workload.egress.paths.exists(q, !p.open && !q.open))",
    ] {
        let Verdict::NotEvaluated { gaps } = evaluate(&requiring(require), &facts).remove(0).verdict else {
            panic!("{require} was evaluated")
        };
        assert_eq!(gaps[0].why, GapReason::RuleError);
        assert_eq!(gaps[0].detail.as_deref(), Some("it walked over more than 100000 elements"));
    }
}

#[test]
fn the_deepest_expression_runs_in_the_room_of_an_ordinary_thread() {
    let walk = |inner: &str, i: usize| format!("workload.egress.paths.all(p{i}, p{i}.open || {inner})");
    let deep = (0..9).fold("workload.network.attached".to_owned(), |inner, i| walk(&inner, i));
    let facts = json!({ "egress": { "paths": [{ "open": false }] }, "network": { "attached": true } });
    assert_eq!(verdict(&deep, &facts), Verdict::Pass);
}

#[test]
fn patterns_match_the_whole_or_a_part() {
    let facts = json!({ "name": "orders-prod" });
    assert_eq!(verdict("workload.name.matches('^orders-(prod|test)$')", &facts), Verdict::Pass);
    assert_eq!(verdict("workload.name.matches('^prod$')", &facts).as_str(), "fail");
    assert_eq!(gaps(&verdict("workload.name.matches('a')", &json!({}))), ["workload.name"]);
    assert_eq!(verdict("workload.name.startsWith('orders') && workload.name.endsWith('prod')", &facts), Verdict::Pass);
    assert_eq!(verdict("workload.name.contains('s-p') && size(workload.name) == 11", &facts), Verdict::Pass);
}

#[test]
fn evaluations_come_in_the_order_of_rules_and_documents() {
    let text = |id: &str| {
        format!(
            "id: {id}\ntitle: t\nseverity: low\nsince: 0.1.0\nsubject: workload\nrequire: workload.network.attached\n\
             message: m\ndescription: d\nwhy: w\nremediation: {{text: t}}\n"
        )
    };
    let rules = crate::rule::RuleSet::parse(&[("b.yaml", text("b")), ("a.yaml", text("a"))]).unwrap();
    let about = |subject, attached: bool| Document {
        subject,
        facts: Node::from_json(&json!({ "network": { "attached": attached } })),
    };
    let documents = (0..50).map(|n| about(if n % 10 == 3 { "nat" } else { "workload" }, n % 2 == 0)).collect();
    let facts = Facts { documents };
    let all = evaluate(&rules, &facts);
    let order: Vec<_> = all.iter().map(|evaluation| (evaluation.rule, evaluation.document)).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(order, sorted);
    assert_eq!(all.len(), 90);
    assert_eq!(all, evaluate(&rules, &facts));
}
