//! Inputs that are well formed and make no sense: rules, expressions, policies, plans, templates.

use crate::{
    case::{Case, hold},
    good::{fixture, rule, rule_with},
};

const RULE: &str = "rules/x/a-case.yaml";
const TEST: [&str; 3] = ["rules", "test", "rules"];

#[test]
fn an_expression_that_makes_no_sense_is_refused_where_it_stands() {
    let expressions = [
        "nat.",
        "nat..name",
        ".nat",
        "nat.nothing",
        "nothing",
        "nat.name.nothing",
        "nat",
        "nat.name",
        "nat.automatic && nat.name",
        "nat.automatic == 1",
        "nat.name > 1",
        "nat.name + 1",
        "1 + 1 == 2",
        "nat.name - 'a' == 'b'",
        "1 / 0 == 1",
        "1 % 0 == 1",
        "-nat.automatic",
        "!nat.name",
        "nat.automatic ? 1 : true",
        "nat.automatic ?",
        "size()",
        "size(1)",
        "size(nat.name, 1)",
        "nat.name.startsWith()",
        "nat.name.startsWith(1)",
        "nat.name.nofunction()",
        "nofunction(nat)",
        "nat.workloads.all(a, a.nothing)",
        "nat.workloads.all()",
        "nat.workloads.all(nat, true)",
        "nat.workloads.map(a, a)",
        "nat.workloads[0]",
        "nat.workloads[-1] == ''",
        "nat['name'] == ''",
        "{'a': 1}",
        "[1, 'a'] == []",
        "timestamp('x')",
        "duration('x')",
        "string(1)",
        "int('x')",
        "double(1)",
        "type(nat)",
        "dyn(nat)",
        "has(nat)",
        "has(nat.nothing)",
        "`nat`.automatic",
        "nat.automatic // x",
        "\"",
        "'",
        "b'\\xff' == b''",
        "r'\\' == ''",
        "'''a",
        "\\u0041",
        "nat.automatic\u{0}",
        "nat.automatic;true",
        "nat.automatic = true",
        "nat.automatic & true",
        "true",
        "false",
        "null",
        "1.5 > 1",
        "18446744073709551616 > 1",
        "0xffffffffffffffffff > 1",
        "1e999 > 1.0",
        "nat.name.matches('(')",
        "nat.name.matches(1)",
        "🦀",
        "ñat.automatic",
        "in",
        "1 in nat",
    ];
    hold(
        "expressions without sense",
        expressions.iter().map(|source| {
            let quoted = serde_json::to_string(source).expect("JSON");
            Case::new(*source, RULE, rule(&quoted), &TEST).says("a-case.yaml:")
        }),
    );
    hold(
        "expressions without sense, beside one with",
        expressions.iter().map(|source| Case::new(*source, RULE, rule_with(source), &TEST).ends(&[2, 4])),
    );
}

#[test]
fn a_rule_that_is_no_rule_is_refused() {
    let sound = rule("\"!nat.automatic\"");
    let changes = [
        ("id: a-case", "id: A-Case"),
        ("id: a-case", "id: other"),
        ("id: a-case", "id: "),
        ("id: a-case", "id: [a]"),
        ("id: a-case", "id: ../a-case"),
        ("id: a-case", "idd: a-case"),
        ("title: A case", "title: ''"),
        ("title: A case\n", ""),
        ("severity: high", "severity: HIGH"),
        ("severity: high", "severity: worst"),
        ("severity: high", "severity: 1"),
        ("severity: high\n", ""),
        ("since: 0.1.0", "since: [0]"),
        ("tags: [egress]", "tags: egress"),
        ("tags: [egress]", "tags: [[egress]]"),
        ("tags: [egress]", "tags: {a: b}"),
        ("subject: nat", "subject: nothing"),
        ("subject: nat", "subject: "),
        ("subject: nat\n", ""),
        ("message: \"{nat.name}\"", "message: \"{nat.nothing}\""),
        ("message: \"{nat.name}\"", "message: \"{nat.name\""),
        ("message: \"{nat.name}\"", "message: ' '"),
        ("message: \"{nat.name}\"", "message: \"{}\""),
        ("description: What it is\n", ""),
        ("why: Because", "why: ''"),
        ("remediation: {text: Do it}", "remediation: Do it"),
        ("remediation: {text: Do it}", "remediation: {other: x}"),
        ("why: Because", "why: Because\nwhy: Because"),
        ("why: Because", "why: Because\nextra: 1"),
        ("why: Because", "why: Because\nreferences: [http://x.example]"),
        ("why: Because", "why: Because\nreferences: [javascript:alert(1)]"),
        ("why: Because", "why: Because\nfor_each: {a: nat.name}"),
        ("why: Because", "why: Because\nfor_each: {a: nat.nothing}"),
        ("why: Because", "why: Because\nfor_each: {}"),
        ("why: Because", "why: Because\nparams: {in: {default: 1, meaning: x}}"),
        ("why: Because", "why: Because\nparams: {a: {default: [1], meaning: x}}"),
        ("why: Because", "why: Because\nwhen: nat.name"),
        ("why: Because", "why: Because\naliases: [ephemeral-egress-address, ephemeral-egress-address]"),
        ("why: Because", "why: !!binary aGk="),
    ];
    hold(
        "rules that are none",
        changes.into_iter().map(|(old, new)| {
            assert!(sound.contains(old), "{old}");
            let codes: &[i32] =
                if new.contains("aliases") || new.contains("binary") || new.contains("since") { &[2, 4] } else { &[2] };
            Case::new(format!("{old} as {new}"), RULE, sound.replacen(old, new, 1), &TEST).ends(if codes.len() == 1 {
                &[2]
            } else {
                &[2, 4]
            })
        }),
    );
    hold(
        "texts that are no rule",
        [
            "",
            "a",
            "[]",
            "{}",
            "null",
            "--- a\n--- b\n",
            "\t",
            "id: a-case\n\tx: 1",
            "%YAML 9.9\n---\nid: a",
            "&a *a",
            "? ? ?",
            "id: !x a-case",
        ]
        .map(|text| Case::new(text, RULE, text, &TEST).says("a-case.yaml")),
    );
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    let waiver = |field: &str| {
        format!(
            "waivers:\n- rule: ephemeral-egress-address\n  workload: orders\n  reason: r\n  owner: o\n  until: 2027-01-31\n{field}"
        )
    };
    let without = |field: &str| {
        waiver("")
            .lines()
            .filter(|line| !line.contains(field))
            .map(|line| format!("{line}\n"))
            .collect::<Vec<_>>()
            .concat()
            .replace("  workload", if field == "rule" { "- workload" } else { "  workload" })
    };
    let until = |day: &str| waiver("").replace("2027-01-31", day);
    let texts = vec![
        "a".to_owned(),
        "[]".into(),
        "rules: []".into(),
        "rules: {nothing: {}}".into(),
        "rules: {ephemeral-egress-address: 1}".into(),
        "rules: {ephemeral-egress-address: {severity: worst}}".into(),
        "rules: {ephemeral-egress-address: {enabled: maybe}}".into(),
        "rules: {ephemeral-egress-address: {params: {nothing: 1}}}".into(),
        "rules: {ephemeral-egress-address: {}, ephemeral-egress-address: {}}".into(),
        "ruless: {}".into(),
        "trusted: {accounts: [1]}".into(),
        "trusted: {accounts: ['12345678901']}".into(),
        "trusted: {accounts: [123456789012345678901]}".into(),
        "trusted: {organizations: ['']}".into(),
        "trusted: {organizations: [x]}".into(),
        "trusted: {domains: [x]}".into(),
        "trusted: {domains: ['*.example.com']}".into(),
        "trusted: {nothing: []}".into(),
        "intent: {}".into(),
        "intent: [{}]".into(),
        "intent: [{workload: ''}]".into(),
        "intent: [{workload: a, egress: sometimes}]".into(),
        "intent: [{workload: a, public: 1}]".into(),
        "intent: [{workload: a, key: mine}]".into(),
        "intent: [{workload: a, nothing: 1}]".into(),
        without("rule"),
        without("workload"),
        without("reason"),
        without("owner"),
        without("until"),
        until("2999-01-01"),
        until("2027-02-30"),
        until("31.01.2027"),
        until("tomorrow"),
        until("9999999-01-01"),
        until("''"),
        until("2027-01-31T00:00:00Z x"),
        waiver("  extra: 1\n"),
        waiver("").replace("reason: r", "reason: ' '"),
        waiver("").replace("owner: o", "owner: ''"),
        waiver("").replace("ephemeral-egress-address", "nothing"),
        waiver("").replace("ephemeral-egress-address", "'*'"),
        waiver("").replace("workload: orders", "workload: [orders]"),
        "waivers: {a: b}".into(),
        "waivers: [[]]".into(),
    ];
    assert!(texts.len() >= 30);
    hold(
        "policies without sense",
        texts.into_iter().map(|text| {
            Case::new(text.clone(), "p.yaml", text, &["report", "demo", "--policy", "p.yaml"]).says("p.yaml")
        }),
    );
}

#[test]
fn a_plan_that_no_terraform_writes_is_refused_or_leaves_gaps() {
    let whole: serde_json::Value = serde_json::from_str(&fixture("terraform/folders/network/plan.json")).expect("JSON");
    let ways = [
        "/format_version",
        "/terraform_version",
        "/planned_values",
        "/planned_values/root_module",
        "/planned_values/root_module/resources",
        "/planned_values/root_module/resources/0/type",
        "/planned_values/root_module/resources/0/values",
        "/resource_changes",
        "/resource_changes/0",
        "/resource_changes/0/change",
        "/resource_changes/0/change/after",
        "/resource_changes/0/change/after_unknown",
        "/resource_changes/0/change/actions",
        "/resource_changes/0/address",
        "/configuration",
        "/configuration/root_module",
    ];
    let others = ["null", "true", "\"9.9\"", "[]", "{}", "[[[]]]"];
    hold(
        "plans without sense",
        ways.into_iter()
            .flat_map(|way| others.map(|other| (way, other)))
            .filter(|(way, _)| whole.pointer(way).is_some())
            .map(|(way, other)| {
                let mut all = whole.clone();
                *all.pointer_mut(way).expect("it is there") = serde_json::from_str(other).expect("JSON");
                // What tells that it is a plan stands first, as Terraform writes it.
                let object = all.as_object_mut().expect("an object");
                let heads = ["format_version", "terraform_version"]
                    .map(|name| (name, object.remove(name).expect("it is there")));
                let heads: String =
                    heads.iter().map(|(name, value)| format!("\"{name}\":{value},")).collect::<Vec<_>>().concat();
                let case =
                    Case::source(format!("{way} is {other}"), "a.json", format!("{{{heads}{}", &all.to_string()[1..]));
                if (way, other) == ("/format_version", "\"9.9\"") {
                    case.says("of format 9.9")
                } else {
                    case.ends(&[0, 2, 3])
                }
            }),
    );
    let heads = [
        "{\"format_version\":\"2.0\",\"terraform_version\":\"1.9.0\"}",
        "{\"format_version\":\"\",\"terraform_version\":\"1.9.0\"}",
        "{\"format_version\":\"-1\",\"terraform_version\":\"1.9.0\"}",
        "{\"version\":3,\"lineage\":\"x\",\"resources\":[]}",
        "{\"version\":5,\"lineage\":\"x\",\"resources\":[]}",
        "{\"version\":\"4\",\"lineage\":\"x\",\"resources\":[]}",
        "{\"version\":4.0,\"lineage\":\"x\",\"resources\":[]}",
        "{\"version\":-4,\"lineage\":\"x\",\"resources\":[]}",
    ];
    hold("forms that are not known", heads.map(|text| Case::source(text, "a.json", text)));
}

/// The functions of templates, each with arguments that fit and that do not.
const INTRINSICS: [(&str, &[&str]); 15] = [
    ("Ref", &["Vpc", "Nothing", "AWS::Region", "AWS::Nothing", "''", "[]"]),
    ("GetAtt", &["Vpc.CidrBlock", "Vpc.Nothing", "Nothing.Arn", "[Vpc, CidrBlock]", "[Vpc]", "[]", "{}"]),
    ("Sub", &["'${Vpc}'", "'${Nothing}'", "'${'", "'${!Literal}'", "['${a}', {a: b}]", "['${a}']", "[]", "{}"]),
    ("Join", &["['-', [a, b]]", "['-', a]", "[]", "a", "['-', [{}]]"]),
    ("Select", &["[0, [a]]", "[1, [a]]", "[-1, [a]]", "[x, [a]]", "[]"]),
    ("Split", &["[',', 'a,b']", "['', 'a']", "[]"]),
    ("If", &["[Maybe, a, b]", "[Nothing, a, b]", "[Maybe, a]", "[]"]),
    ("FindInMap", &["[Map, a, b]", "[Map, x, b]", "[Nothing, a, b]", "[]"]),
    ("ImportValue", &["name", "[]", "{}"]),
    ("Base64", &["text", "[]"]),
    ("Cidr", &["['10.0.0.0/16', 2, 8]", "['10.0.0.0/16', 0, 8]", "['x', 2, 8]", "[]"]),
    ("GetAZs", &["''", "us-west-2", "[]"]),
    ("Transform", &["{Name: AWS::Include}", "{}", "[]"]),
    ("Length", &["[a, b]", "a"]),
    ("ToJsonString", &["{a: b}", "a"]),
];

#[test]
fn a_function_of_templates_is_answered_in_both_spellings_with_whatever_arguments() {
    let template = |value: &str| {
        format!(
            "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::LanguageExtensions\nParameters:\n  P: {{Type: String}}\nMappings:\n  Map: {{a: {{b: c}}}}\n\
             Conditions:\n  Maybe: !Equals [!Ref P, a]\nResources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {{CidrBlock: 10.0.0.0/16}}\n\
             \x20 Subnet:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !Ref Vpc\n      CidrBlock: {value}\n"
        )
    };
    hold(
        "functions of templates",
        INTRINSICS
            .into_iter()
            .flat_map(|(name, arguments)| {
                arguments.iter().flat_map(move |argument| {
                    let whole = if name == "Ref" { name.to_owned() } else { format!("Fn::{name}") };
                    [format!("!{name} {argument}"), format!("{{'{whole}': {argument}}}")]
                })
            })
            .map(|value| Case::source(value.clone(), "a.yaml", template(&value)).ends(&[0, 3])),
    );
}
