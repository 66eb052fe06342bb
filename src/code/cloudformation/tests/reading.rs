//! Reading: places, types of scalars, and what is refused.

use super::*;

fn refused(text: &str) -> (u32, u32, String) {
    match template("t.yaml", text, &TemplateOptions::default()) {
        Err(CodeError::Template { place, message, .. }) => (place.line, place.column, message),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn lines_and_columns_are_those_of_the_file_in_yaml_and_in_json() {
    let yaml = "Resources:\n  É:\n    Type: AWS::SNS::Topic\n    Properties:\n      \"TöpicName\": !Sub x\n";
    let json =
        "{\"Resources\": {\n  \"É\": {\"Type\": \"AWS::SNS::Topic\", \"Properties\": {\n   \"TöpicName\": \"x\"}}}}";
    for (text, resource, name) in [(yaml, (2, 3), (5, 25)), (json, (2, 3), (3, 17))] {
        let all = evaluate(text, &TemplateOptions::default());
        let [one] = &all.resources[..] else { panic!("{all:?}") };
        let at = |place: Option<&Place>| place.map(|place| (place.line, place.column));
        assert_eq!(at(one.place.as_ref()), Some(resource), "{text}");
        let node = one.body.get("TöpicName").expect("a name");
        // A tag is not part of the span of its value, or is; the line is right in any case.
        let found = at(node.place.as_ref()).expect("a place");
        assert_eq!(found.0, name.0, "{text}");
        assert!(found.1.abs_diff(name.1) <= 5, "{text}: {found:?}");
    }
}

#[test]
fn scalars_stay_what_they_are() {
    assert_eq!(
        json("[yes, no, on, 22:22, 012345678901, 2012-10-17, 1.10, 0777]"),
        serde_json::json!(["yes", "no", "on", "22:22", "012345678901", "2012-10-17", "1.10", "0777"])
    );
    assert_eq!(
        json("[true, 5, 'true', '5', 123456789012]"),
        serde_json::json!([true, 5, "true", "5", 123_456_789_012_u64])
    );
    let (node, _) = property("on");
    assert_eq!(truth(&node), Some(true));
}

#[test]
fn anchors_and_merges_are_followed() {
    assert_eq!(
        json("{a: &x {b: 1, c: 2}, d: {<<: *x, c: 3}, e: *x}"),
        serde_json::json!({
            "a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}, "e": {"b": 1, "c": 2}
        })
    );
}

#[test]
fn what_readers_would_disagree_on_is_refused_with_its_place() {
    assert_eq!(refused("Resources:\n  A: {Type: x}\n  A: {Type: y}\n").0, 3);
    assert_eq!(refused("{\"Resources\": {},\n \"Resources\": {}}").0, 2);
    assert_eq!(refused("Resources: {}\n---\nResources: {}\n").0, 2);
    assert_eq!(refused("Resources: &a [*a]\n").0, 1);
    assert_eq!(refused("Parameters: {}\n").0, 1);
    assert_eq!(refused("").0, 1);
    assert_eq!(refused("Parameters: {}\nResources:\n").0, 2);
    assert_eq!(refused("Parameters: {}\nResources: [1]\n").0, 2);
    assert_eq!(refused("Resources:\n  A:\n    Type: \"AWS::SNS").0, 3);
    assert_eq!(refused("{\"Resources\": {\n\"A\": {\"Type\": ").0, 2);
}

#[test]
fn bombs_are_refused_and_do_not_go_off() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in ('b'..='i').zip('a'..) {
        let inner = vec![format!("*{before}"); 9].join(", ");
        bomb = format!("{bomb}{name}: &{name} [{inner}]\n");
    }
    assert!(refused(&bomb).2.contains("values"));
    assert!(refused(&format!("Resources: {}{}", "[".repeat(10_000), "]".repeat(10_000))).0 == 1);
    let deep = (0..500).map(|depth| " ".repeat(depth) + "a:").collect::<Vec<_>>().join("\n");
    assert!(refused(&deep).0 > 1);
    let merge = |n: i32| format!("k{n}: &k{n} {{<<: [*k{0}, *k{0}], a{n}: [*k{0}, *k{0}]}}", n - 1);
    let merges = (1..60).map(merge).collect::<Vec<_>>().join("\n");
    refused(&format!("k0: &k0 {{a: 1}}\n{merges}"));
}

#[test]
fn a_file_that_is_cut_off_after_a_name_is_a_gap_with_its_line() {
    let all = evaluate(
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName:",
        &TemplateOptions::default(),
    );
    let [gap] = &all.gaps[..] else { panic!("{all:?}") };
    assert_eq!((gap.gap.why, gap.place.as_ref().map(|place| place.line)), (GapReason::Malformed, Some(5)));
}

#[test]
fn templates_are_told_from_other_yaml() {
    assert!(looks_like_template("AWSTemplateFormatVersion: '2010-09-09'\n"));
    assert!(looks_like_template("\"AWSTemplateFormatVersion\" : '2010-09-09'\n"));
    assert!(looks_like_template("Transform: AWS::Serverless-2016-10-31\nResources:\n"));
    assert!(looks_like_template("{\"Resources\": {\"A\": {\"Type\": \"AWS::SNS::Topic\"}}}"));
    assert!(!looks_like_template("resources:\n  Resources:\n    A: {Type: AWS::SNS::Topic}\n"));
    assert!(!looks_like_template("openapi: 3.0.0\npaths: {}\n"));
    assert!(!looks_like_template("{\"name\": \"x\"}"));
}

#[test]
fn comments_allow_as_in_other_code() {
    let all = evaluate(
        concat!(
            "Resources:\n  # egress-audit: allow public-door until 2027-01-31 because partners call it\n  A:\n",
            "    Type: AWS::SNS::Topic # egress-audit: allow rule-a because so\n    Properties:\n",
            "      TopicName: '# egress-audit: allow rule-b because no comment'\n      Text: |\n",
            "        # egress-audit: allow rule-c because no comment\n        x\n      # egress-audit: alow x\n      Last: 1\n",
        ),
        &TemplateOptions::default(),
    );
    let found: Vec<(Option<u32>, bool)> = all
        .waivers
        .iter()
        .map(|waiver| (waiver.covers.as_ref().map(|place| place.line), waiver.allowed.is_ok()))
        .collect();
    assert_eq!(found, [(Some(3), true), (Some(4), true), (Some(11), false)], "{:?}", all.waivers);
}
