//! What expressions come to, held against Terraform's own console; and what may never happen.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;

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
    assert_eq!(unknown, ["timeadd(\"2017-11-22T00:00:00Z\", \"10m\")"]);
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

/// Expressions with unknowns in them, of all kinds of operators and functions.
const WITH_UNKNOWNS: [&str; 46] = [
    "tolist([1, u.a])[0]",
    "concat(tolist([true]), tolist([u.a]))",
    "u.a && false",
    "u.a == u.b",
    "u.a || true",
    "[u.a, 1][1]",
    "length([u.a, u.b])",
    "length(u.a)",
    "contains([1, u.a, \"x\"], \"x\")",
    "contains([1, 2], u.a)",
    "\"pre-${u.a}-post\"",
    "startswith(\"pre-${u.a}\", \"pre\")",
    "merge({ a = u.a }, { b = 1 }).b",
    "merge({ a = 1 }, u.a)",
    "concat([u.a], [1])",
    "flatten([[u.a], [1]])",
    "keys({ x = u.a })",
    "{ for k, v in { x = u.a } : k => 1 }",
    "[for x in [1, u.a] : 1]",
    "[for x in [1, u.a] : x if x == 1]",
    "coalesce(u.a, \"x\")",
    "coalesce(\"x\", u.a)",
    "coalesce(1, u.a)",
    "try(u.a.missing, \"fallback\")",
    "try({ a = 1 }.b, u.a)",
    "can(u.a.b)",
    "u.a ? 1 : 1",
    "u.a ? 1 : 2",
    "u.a ? [] : [1]",
    "true ? 1 : u.a",
    "toset([u.a, \"x\"])",
    "length(toset([u.a, \"x\"]))",
    "distinct([u.a, u.b, \"x\"])",
    "jsondecode(jsonencode({ a = u.a, b = [1] })).b",
    "lookup({ a = u.a, b = 2 }, \"b\", u.b)",
    "element([1, u.a], 0)",
    "one([u.a])",
    "sort([u.a, \"b\"])[0]",
    "format(\"%s-%s\", u.a, 1)",
    "formatlist(\"%s\", u.a)",
    "join(\",\", [u.a, \"b\"])",
    "alltrue([u.a, false])",
    "anytrue([u.a, false])",
    "u.a == null",
    "u.a[*]",
    "compact([u.a, \"\"])",
];

fn concrete() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::null()),
        any::<bool>().prop_map(|yes| Value::Bool(yes).into()),
        (-3_i64..4).prop_map(|number| Value::Number(number.into()).into()),
        "|x|true|b".prop_map(|text| Value::text(text).into()),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|items| Value::tuple(items).into()),
            proptest::collection::btree_map("[ab]".prop_map(Arc::from), inner, 0..3)
                .prop_map(|entries| Value::object(entries).into()),
        ]
    })
}

/// Whether a value with unknowns in it could be this concrete one: every part that is known is the same.
fn could_be(open: &Node, concrete: &Node) -> bool {
    match (&open.value, &concrete.value) {
        (Value::Unknown(_), _) => true,
        (Value::List(open), Value::List(concrete)) if open.kind() == super::ListKind::Set => {
            concrete.len() <= open.len()
        }
        (Value::List(open), Value::List(concrete)) => {
            open.len() == concrete.len() && open.iter().zip(concrete.iter()).all(|(open, real)| could_be(open, real))
        }
        (Value::Map(open), Value::Map(concrete)) => {
            open.keys().eq(concrete.keys())
                && open.values().zip(concrete.values()).all(|(open, real)| could_be(open, real))
        }
        (open, concrete) => open == concrete,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3000 }))]

    #[test]
    fn an_unknown_is_honest_no_value_of_it_changes_what_was_known(
        which in 0..WITH_UNKNOWNS.len(), other in 0..WITH_UNKNOWNS.len(), a in concrete(), b in concrete(),
    ) {
        let (first, second) = (WITH_UNKNOWNS[which], WITH_UNKNOWNS[other]);
        for expression in [first.to_owned(), format!("[{first}, {second}]"), format!("({first}) == ({second})")] {
            let open = value(&expression);
            let real = value_with(&expression, [("a", a.clone()), ("b", b.clone())].into());
            // Where the code is in error with these values, Terraform refuses it, and there is nothing to be wrong about.
            if super::functions::is_invalid(&real) {
                continue;
            }
            prop_assert!(could_be(&open, &real), "{expression} with {a:?} and {b:?}: {open:?} is {real:?}");
        }
    }

    #[test]
    fn no_row_of_tokens_makes_the_evaluator_panic(
        tokens in proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..24),
    ) {
        let text = tokens.join(" ");
        let _ = value(&text);
        let file: Arc<str> = "soup.tf".into();
        let files: BTreeMap<String, String> =
            [("soup.tf".into(), format!("locals {{\n  a = {text}\n}}\noutput \"a\" {{\n  value = local.a\n}}\n"))].into();
        let _ = super::folder(&files, &super::Options::default());
        let _ = super::syntax::parse(&file, &text);
    }
}

const TOKENS: [&str; 64] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "${",
    "\"",
    "\"a\"",
    "\"${",
    "}\"",
    "%{ if",
    "%{ for x in",
    "%{ endif }",
    "<<EOT\n",
    "\nEOT\n",
    "for",
    "in",
    "if",
    ":",
    "=>",
    "...",
    "?",
    "==",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    ",",
    ".",
    "[*]",
    ".*",
    "=",
    "null",
    "true",
    "1",
    "0",
    "-1",
    "1e400",
    "9999999999999999999999",
    "u.a",
    "local.a",
    "var.x",
    "each.key",
    "path.module",
    "x",
    "range(",
    "element(",
    "format(\"%\",",
    "cidrsubnet(\"10.0.0.0/8\",",
    "substr(\"é\",",
    "merge(",
    "try(",
    "can(",
    "jsondecode(",
    "regex(\"(\",",
    "setproduct(",
    "templatefile(",
    "\n",
    "#",
];

/// One line for each number.
fn lines(numbers: std::ops::Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

#[test]
fn what_would_never_end_ends() {
    let laughs = lines(1..60, |n| format!("  l{n} = [local.l{}, local.l{}]\n", n - 1, n - 1));
    let texts = lines(1..60, |n| format!("  t{n} = \"${{local.t{}}}${{local.t{}}}\"\n", n - 1, n - 1));
    let chain = lines(1..5000, |n| format!("  c{n} = local.c{} + 1\n", n - 1));
    let files: BTreeMap<String, String> = [
        ("main.tf".into(), format!("locals {{\n  l0 = 1\n  t0 = \"ab\"\n  c0 = 0\n{laughs}{texts}{chain}  x = local.y\n  y = local.x\n}}\n")),
        (
            "more.tf".into(),
            "output \"l\" { value = jsonencode(local.l59) }\noutput \"t\" { value = local.t59 }\n\
             output \"c\" { value = local.c4999 }\noutput \"x\" { value = local.x }\n\
             output \"zzz\" { value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a * b * c]]] }\n\
             resource \"a\" \"many\" { count = 1000000000 }\n\
             resource \"a\" \"self\" { x = a.self.y }\n\
             module \"me\" { source = \"./\" }\n"
                .into(),
        ),
    ]
    .into();
    let all = super::folder(&files, &super::Options::default());
    let why = |name: &str| all.outputs[&(String::new(), name.to_owned())].unknown().map(|unknown| unknown.why);
    assert_eq!(["l", "t"].map(why), [Some(Why::Limit); 2]);
    let big = all.outputs[&(String::new(), "zzz".to_owned())].first_unknown();
    assert_eq!(big.map(|unknown| unknown.why), Some(Why::Limit));
    assert_eq!((why("c"), why("x")), (Some(Why::Limit), Some(Why::Loop)));
    let many = all.resources.iter().find(|resource| &*resource.address == "a.many[*]").expect("one for all");
    assert!(many.symbolic);
    assert!(all.gaps.iter().any(|gap| gap.gap.why == crate::evidence::GapReason::Limit), "{:?}", all.gaps);
}

/// How many resources come of such code, and whether any were too many.
fn resources(files: [(&str, String); 2]) -> (usize, bool) {
    let files: BTreeMap<String, String> = files.map(|(name, text)| (name.to_owned(), text)).into();
    let all = super::folder(&files, &super::Options::default());
    let limited = all.gaps.iter().any(|gap| gap.gap.why == crate::evidence::GapReason::Limit);
    (all.resources.len(), limited)
}

#[test]
fn all_that_somebody_wrote_is_evaluated_however_much_it_is() {
    let block = |n: usize| format!("resource \"aws_eip\" \"a{n}\" {{\n}}\n");
    assert_eq!(resources([("a.tf", lines(0..20_000, block)), ("b.tf", lines(20_000..40_000, block))]), (40_000, false));
    // Each call has its arguments, and what they say takes room.
    let call = |n: usize| format!("module \"a{n}\" {{\n  source = \"./m\"\n  # {}\n}}\n", "x".repeat(250));
    let own = lines(0..6, block);
    assert_eq!(resources([("a.tf", lines(0..7_000, call)), ("m/a.tf", own)]), (42_000, false));
    let entry = |n: usize| {
        format!(
            "    f{n} = {{ memory = 128, handler = \"app.handler\", runtime = \"nodejs22.x\", description = \"what it does for whom\" }}\n"
        )
    };
    let each = format!("module \"a\" {{\n  source   = \"./m\"\n  for_each = {{\n{}  }}\n}}\n", lines(0..1_000, entry));
    assert_eq!(resources([("a.tf", each), ("m/a.tf", lines(0..12, block))]), (12_000, false));
}

#[test]
fn what_a_few_lines_multiply_ends_and_is_said_to_be_too_much() {
    let many = |count: usize| format!("module \"a\" {{\n  count  = {count}\n  source = \"./m\"\n}}\n");
    let own = lines(0..200, |n| format!("resource \"aws_eip\" \"a{n}\" {{\n}}\n"));
    assert_eq!(resources([("a.tf", many(35)), ("m/a.tf", own.clone())]), (7_000, false));
    let (made, limited) = resources([("a.tf", many(9_000)), ("m/a.tf", own)]);
    assert!(limited && made < 15_000, "{made}");
}
