//! The central property, for code: with any value unknown, or any resource gone, nothing passes that did not.

use std::{collections::BTreeMap, sync::Arc};

use egress_audit::{
    code::{Evaluated, Node, Resource, Shape, Unknown, Value, Why, document},
    report::Outcome,
};
use rayon::prelude::*;

use crate::verdicts::{Verdicts, seed, sound, text, verdicts, written};
use crate::{distributions, hub, stacked, stacks, users};

/// The same tree with one of its leaves unknown: the n-th; none where there is no such leaf.
fn without_leaf(node: &Node, left: &mut usize, in_part: bool) -> Option<Node> {
    let hidden = || {
        let mut unknown = Unknown::new(Why::NoValue, "var.x");
        // Of a text the first half may be known still.
        if let Value::Text(text) = &node.value
            && in_part
        {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            let rest = Node::from(Unknown::new(Why::NoValue, "var.y"));
            unknown.shape = Some(Shape::Text([Value::text(half).into(), rest].into()));
        }
        Node { value: Value::Unknown(Arc::new(unknown)), is: None, ..node.clone() }
    };
    if *left == 0 {
        return Some(hidden());
    }
    *left -= 1;
    match &node.value {
        Value::List(list) => {
            let mut items = list.to_vec();
            for item in &mut items {
                if let Some(changed) = without_leaf(item, left, in_part) {
                    *item = changed;
                    return Some(Node { value: Value::list(items, list.kind()), ..node.clone() });
                }
            }
            None
        }
        Value::Map(map) => {
            let mut entries: BTreeMap<Arc<str>, Node> = (***map).clone();
            for entry in entries.values_mut() {
                if let Some(changed) = without_leaf(entry, left, in_part) {
                    *entry = changed;
                    return Some(Node { value: Value::map(entries, map.kind().clone()), ..node.clone() });
                }
            }
            None
        }
        _ => None,
    }
}

/// The plan of a seed.
fn plan(number: usize) -> Evaluated {
    document("plan.json", &text(&format!("seeds/seed{number}/plan.json"))).expect("a plan")
}

/// Code that values and resources are taken away from.
fn fixtures() -> Vec<(&'static str, Evaluated)> {
    let wide = text("google/wide/main.tf");
    let placed = wide.replace("variable \"project_id\" {}", "variable \"project_id\" { default = \"shop\" }");
    let [(_, stack), (_, sam)] = stacked::sound();
    let [(_, hub), (_, hub_of_stack)] = hub::sound();
    let [cdn, cdn_of_stack] = distributions::fixtures();
    vec![
        ("distribution", cdn),
        ("distribution of a stack", cdn_of_stack),
        ("users", users::fixture()),
        ("hub", hub),
        ("hub of a stack", hub_of_stack),
        ("stack in order", stack),
        ("sam", sam),
        ("sound", written(&sound())),
        ("wide", written(&wide)),
        ("placed", written(&placed)),
        ("aws", written(&text("aws/sound/main.tf"))),
        ("aws wide", written(&text("aws/wide/main.tf"))),
        ("4", seed(4)),
        ("stack", stacks::of(&stacks::sound())),
        ("stack 4", stacks::seed()),
        ("1", seed(1)),
        ("2", seed(2)),
        ("3", seed(3)),
        ("plan 1", plan(1)),
        ("plan 2", plan(2)),
        ("plan 3", plan(3)),
    ]
}

/// Every way to know one value less.
pub(crate) fn with_one_unknown(code: &Evaluated, in_part: bool) -> Vec<(String, Evaluated)> {
    let mut all = Vec::new();
    for (index, resource) in code.resources.iter().enumerate() {
        // The body itself is there: the first step is below it.
        for leaf in 1.. {
            let mut left = leaf;
            let Some(body) = without_leaf(&resource.body, &mut left, in_part) else { break };
            let mut changed = code.clone();
            changed.resources.splice(index..=index, [Resource { body, ..resource.clone() }]);
            all.push((format!("{} {leaf}", resource.address), changed));
        }
    }
    all
}

/// What may become of a verdict where less is known: it stays, or it is not evaluated; a subject may be gone with it.
pub(crate) fn sharpened(before: &Verdicts, after: &Verdicts) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((rule, subject, element), verdict) in after {
        let here = |outcome: Outcome| {
            let mut own = before.iter().filter(|((r, s, _), _)| r == rule && s == subject);
            own.any(|(_, it)| *it == outcome)
        };
        // An element that has another name now is another one.
        let renamed = element
            .as_ref()
            .is_some_and(|it| ["(var.x)", "(var.y)", "(google_", "(aws_"].iter().any(|word| it.contains(word)));
        let known = before.keys().any(|(_, other, _)| other == subject) && !renamed;
        let was = before.get(&(rule.clone(), subject.clone(), element.clone()));
        let fine = match verdict {
            Outcome::NotEvaluated => true,
            Outcome::NotApplicable => !known || was == Some(verdict) || was.is_none(),
            // A verdict about something that has another name now is one about another thing.
            Outcome::Pass => !known || was == Some(verdict) || (was.is_none() && !here(Outcome::Fail)),
            Outcome::Fail | Outcome::Waived => !known || was == Some(verdict) || (was.is_none() && here(Outcome::Fail)),
        };
        if !fine {
            wrong.push(format!("{rule} {subject} {element:?}: {was:?} became {verdict:?}"));
        }
    }
    wrong
}

#[test]
fn nothing_passes_that_nobody_knows_value_by_value() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    let cases = fixtures();
    for (name, code) in cases {
        let before = verdicts(&code);
        let all: Vec<_> = [false, true].into_iter().flat_map(|in_part| with_one_unknown(&code, in_part)).collect();
        tried += all.len();
        let found = all.par_iter().flat_map_iter(|(at, changed)| {
            let after = verdicts(changed);
            sharpened(&before, &after).into_iter().map(move |it| format!("{name} {at}: {it}"))
        });
        wrong.extend(found.collect::<Vec<_>>());
    }
    println!("{tried} values were taken away");
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 1000, "{tried}");
}

#[test]
fn without_one_of_its_resources_code_passes_nothing_new() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (name, code) in fixtures() {
        let before = verdicts(&code);
        for index in 0..code.resources.len() {
            let mut changed = code.clone();
            let gone = changed.resources.remove(index);
            tried += 1;
            for ((rule, subject, element), verdict) in verdicts(&changed) {
                let was = before.get(&(rule.clone(), subject.clone(), element.clone()));
                // What nothing refers to is gone, and what it broke is whole: a grant, a key in a file, a NAT that is
                // skipped, the service that skips it.
                let cause = gone.kind.contains("_iam_")
                    || matches!(&*gone.kind, "aws_lambda_permission" | "aws_lambda_function_url")
                    || matches!(&*gone.kind, "AWS::Lambda::Permission" | "AWS::Lambda::Url")
                    || (rule == "idle-nat" && gone.kind.starts_with("google_cloud_run_"))
                    || matches!(&*gone.kind, "google_service_account_key" | "google_compute_router_nat");
                let turned = verdict == Outcome::Pass && was.is_some_and(|was| *was == Outcome::Fail);
                if turned && !cause {
                    wrong.push(format!("{name} without {}: {rule} {subject} {element:?}", gone.address));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 90, "{tried}");
}
