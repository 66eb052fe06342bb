//! What expressions come to, held against Terraform's own console; and what may never happen.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Node, Value, Why,
    expression::{Fault, Meter, Names, Scope, evaluate},
    syntax::{Step, parse_expression},
};

/// A module without anything in it but what is unknown: `u.a`, `u.b`.
struct Nothing {
    unknowns: BTreeMap<&'static str, Node>,
}

impl Names for Nothing {
    fn resolve(&self, name: &str, steps: &[Step], _: &Meter) -> (Node, usize) {
        match steps.first() {
            Some(Step::Attribute(attribute)) if name == "u" => {
                let unknown = || Value::unknown(Why::NoValue, format!("u.{attribute}")).into();
                (self.unknowns.get(&**attribute).cloned().unwrap_or_else(unknown), 1)
            }
            _ => (Fault::invalid(format!("`{name}` is not declared")).node(), 0),
        }
    }

    fn file(&self, path: &str) -> Result<Arc<str>, Fault> {
        Err(Fault::Other(Why::File, path.into()))
    }

    fn has_file(&self, _: &str) -> Result<bool, Fault> {
        Ok(false)
    }

    fn files(&self, _: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
}

fn value_with(text: &str, unknowns: BTreeMap<&'static str, Node>) -> Node {
    match parse_expression(&"test".into(), text) {
        Ok(expr) => {
            let (names, meter) = (Nothing { unknowns }, Meter::default());
            evaluate(&expr, Scope { names: &names, frame: None, meter: &meter })
        }
        Err(gap) => Value::unknown(Why::Invalid, gap.gap.to_string()).into(),
    }
}

fn value(text: &str) -> Node {
    value_with(text, BTreeMap::new())
}

/// Where we differ from Terraform on purpose, or for want of better.
const DIFFERENT: [&str; 3] = [
    // The parser refuses a name that is written twice: a gap, not a value.
    "{a = 1, a = 2}",
    // YAML 1.1 has a no that reads `n`; as the name of an entry, nobody means it.
    "yamldecode(\"hello: world\\nn: [1, 2.5, null, yes]\\n\")",
    // Terraform wants a name there, not a text.
    "templatestring(\"a\", {})",
];

#[test]
fn expressions_come_to_what_the_console_of_terraform_says() {
    let corpus: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/terraform/console.json")).expect("JSON");
    let cases = corpus["cases"].as_array().expect("cases");
    let mut wrong = Vec::new();
    let mut unknown = Vec::new();
    for case in cases {
        let expression = case["expression"].as_str().expect("a text");
        let node = value(expression);
        if DIFFERENT.contains(&expression) {
            continue;
        }
        match (node.first_unknown(), case.get("is")) {
            (Some(gap), None) if gap.why == Why::Invalid => {}
            (Some(gap), _) if gap.why != Why::Invalid => unknown.push(expression),
            (None, Some(is)) if node.json().as_ref().is_some_and(|json| equal(json, is)) => {}
            (_, is) => wrong.push(format!("{expression}\n    is {is:?}, and not {node:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(unknown, ["timeadd(\"2017-11-22T00:00:00Z\", \"10m\")", "1 / 3"]);
}

/// Whether two trees are equal, whole numbers being equal however they are written.
fn equal(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    match (left, right) {
        (serde_json::Value::Number(left), serde_json::Value::Number(right)) => left.as_f64() == right.as_f64(),
        (serde_json::Value::Array(left), serde_json::Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (serde_json::Value::Object(left), serde_json::Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}
