//! Inputs without measure: nested beyond all depth, in every language that is read.

use crate::{
    case::{Case, hold},
    good::{code_with, plan_with, rule, rule_with, snapshot_with, template_with},
};

/// How deep: at the limit of most readers, one more, where others overflow, and beyond all measure.
const DEPTHS: [usize; 5] = [65, 128, 1_000, 100_000, 1_000_000];

fn deep(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// Code beside a resource, so that there is something in scope.
fn code(text: &str) -> String {
    format!("resource \"aws_vpc\" \"a\" {{\n  cidr_block = \"10.0.0.0/16\"\n}}\n{text}\n")
}

/// A folder with one file of code.
fn folder(name: impl Into<String>, file: &str, text: String) -> Case {
    Case::new(name, file, text, &["collect", ".", "-o", "out"])
}

fn yaml(text: &str) -> String {
    format!("AWSTemplateFormatVersion: '2010-09-09'\nResources: {{}}\nMetadata:\n  X: {text}\n")
}

/// A value of one form, so many levels deep: written when it is needed, so that the tests take little memory themselves.
type Form = (&'static str, fn(usize) -> String);

/// Every form in every depth, in every place.
fn all<'a>(
    depths: &'a [usize],
    forms: &'a [Form],
    places: &'a [fn(String, &str) -> Case],
) -> impl Iterator<Item = Case> + 'a {
    depths.iter().flat_map(move |&depth| {
        forms.iter().flat_map(move |(form, of)| {
            places.iter().enumerate().map(move |(nth, place)| place(format!("{depth} {form}, place {nth}"), &of(depth)))
        })
    })
}

#[test]
fn json_that_nests_too_deep_is_refused_in_every_document() {
    const WORDS: &str = "nested deeper than 64 levels";
    let forms: [Form; 3] = [
        ("lists", |depth| deep("[", "", "]", depth)),
        ("objects", |depth| deep("{\"a\":", "0", "}", depth)),
        ("an open end", |depth| "[".repeat(depth)),
    ];
    let places: [fn(String, &str) -> Case; 6] = [
        |name, value| Case::source(name, "a.json", snapshot_with(value)).says(WORDS),
        |name, value| Case::source(name, "a.json", plan_with(value)).says(WORDS),
        // What is larger than a template may be is not looked into.
        |name, value| {
            let words = if value.len() > 4 << 20 { "larger than 4 MiB" } else { WORDS };
            Case::source(name, "a.json", template_with(value)).says(words)
        },
        |name, value| folder(name, "a.tf.json", code_with(value)).ends(&[3]),
        |name, value| {
            let arguments = ["collect", "t.json", "--parameters", "p.json", "-o", "out"];
            Case::new(name, "p.json", value, &arguments).with("t.json", template_with("0"))
        },
        |name, value| {
            let arguments = ["collect", ".", "--var-file", "v.tfvars.json", "-o", "out"];
            Case::new(name, "v.tfvars.json", format!("{{\"x\":{value}}}"), &arguments)
                .with("a.tf", code(""))
                .ends(&[2, 3])
        },
    ];
    hold("deep JSON", all(&DEPTHS, &forms, &places));
}

#[test]
fn yaml_that_nests_too_deep_is_refused_in_every_document() {
    let forms: [Form; 5] = [
        ("lists in brackets", |depth| deep("[", "", "]", depth)),
        ("maps in braces", |depth| deep("{a: ", "0", "}", depth)),
        ("an open end", |depth| "[".repeat(depth)),
        ("lists by indent", |depth| indented_by("-", depth)),
        ("maps by indent", |depth| indented_by("a:", depth)),
    ];
    let places: [fn(String, &str) -> Case; 3] = [
        |name, value| Case::source(name, "a.yaml", yaml(value)),
        |name, value| {
            let text = format!("rules: {value}\n");
            Case::new(name, "p.yaml", text, &["report", "demo", "--policy", "p.yaml"]).says("p.yaml")
        },
        |name, value| {
            Case::new(name, "rules/x/a-case.yaml", rule(value), &["rules", "test", "rules"]).says("a-case.yaml")
        },
    ];
    hold("deep YAML", all(&DEPTHS, &forms, &places));
}

fn indented_by(open: &str, depth: usize) -> String {
    let levels = (0..depth.min(1_000)).map(|at| format!("\n{}{open}", " ".repeat(at + 4)));
    format!("{} 0", levels.collect::<String>())
}

#[test]
fn code_that_nests_too_deep_is_a_gap() {
    let forms: [Form; 13] = [
        ("lists", |depth| x(&deep("[", "", "]", depth))),
        ("objects", |depth| x(&deep("{ a = ", "0", " }", depth))),
        ("parentheses", |depth| x(&deep("(", "1", ")", depth))),
        ("calls", |depth| x(&deep("abs(", "1", ")", depth))),
        ("blocks", |depth| deep("a {\n", "", "}\n", depth)),
        ("choices", |depth| x(&deep("true ? ", "1", " : 0", depth))),
        ("negations", |depth| x(&format!("{}true", "!".repeat(depth)))),
        ("minuses", |depth| x(&format!("{}1", "-".repeat(depth)))),
        ("templates", |depth| x(&deep("\"${", "1", "}\"", depth))),
        ("an open end", |depth| format!("locals {{\n  x = {}", "[".repeat(depth))),
        ("steps", |depth| x(&format!("local.y{}", ".a".repeat(depth)))),
        ("indexes", |depth| x(&format!("local.y{}", "[0]".repeat(depth)))),
        ("loops", |depth| x(&deep("[for a in ", "[]", " : a]", depth))),
    ];
    hold(
        "deep code",
        all(
            &[65, 128, 1_000, 50_000, 1_000_000],
            &forms,
            &[|name, text| folder(name, "a.tf", code(text)).ends(&[0, 3])],
        ),
    );
}

/// A local with this value.
fn x(value: &str) -> String {
    format!("locals {{\n  x = {value}\n}}")
}

#[test]
fn an_expression_that_nests_or_goes_on_too_long_is_refused_in_a_rule() {
    let forms: [Form; 9] = [
        ("parentheses", |depth| deep("(", "true", ")", depth)),
        ("lists", |depth| format!("size({}) > 0", deep("[", "", "]", depth))),
        ("negations", |depth| format!("{}(1)", "!".repeat(depth * 2))),
        ("choices", |depth| deep("true ? ", "true", " : false", depth)),
        ("terms", |depth| format!("{}true", "true && ".repeat(depth * 5))),
        ("sums", |depth| format!("{}1 > 0", "1+".repeat(depth * 20))),
        ("steps", |depth| format!("nat{} == 1", ".a".repeat(depth * 20))),
        ("loops", |depth| deep("[1].all(x, ", "true", ")", depth)),
        ("strings", |depth| format!("\"{}\" == \"\"", "a".repeat(depth * 40))),
    ];
    let place: fn(String, &str) -> Case = |name, text| {
        Case::new(name, "rules/x/a-case.yaml", rule_with(text), &["rules", "test", "rules"]).says("a-case.yaml:")
    };
    hold("long expressions", all(&[130, 1_000, 5_000, 20_000], &forms, &[place]));
}
