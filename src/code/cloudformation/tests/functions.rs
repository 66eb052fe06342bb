//! Every function, in both spellings.

use super::*;

#[test]
fn each_function_is_the_same_in_both_spellings() {
    let cases = [
        ("!Ref Name", "{Ref: Name}", serde_json::json!("shop")),
        ("!Ref Count", "{Ref: Count}", serde_json::json!(3)),
        ("!Ref Names", "{Ref: Names}", serde_json::json!(["a", "b", "c"])),
        ("!Ref Named", "{Ref: Named}", serde_json::json!("shop-api")),
        ("!GetAtt Vpc.CidrBlock", "{'Fn::GetAtt': [Vpc, CidrBlock]}", serde_json::json!("10.0.0.0/16")),
        ("!Sub '${Name}-${!Name}-$x'", "{'Fn::Sub': '${Name}-${!Name}-$x'}", serde_json::json!("shop-${Name}-$x")),
        ("!Sub ['${a}${Name}', {a: 1}]", "{'Fn::Sub': ['${a}${Name}', {a: 1}]}", serde_json::json!("1shop")),
        ("!Sub '${Vpc.CidrBlock}'", "{'Fn::Sub': '${Vpc.CidrBlock}'}", serde_json::json!("10.0.0.0/16")),
        ("!Join ['-', [a, !Ref Count]]", "{'Fn::Join': ['-', [a, {Ref: Count}]]}", serde_json::json!("a-3")),
        ("!Split ['|', 'a||b']", "{'Fn::Split': ['|', 'a||b']}", serde_json::json!(["a", "", "b"])),
        ("!Select [1, !Ref Names]", "{'Fn::Select': ['1', {Ref: Names}]}", serde_json::json!("b")),
        ("!FindInMap [Zones, eu, Name]", "{'Fn::FindInMap': [Zones, eu, Name]}", serde_json::json!("frankfurt")),
        (
            "!FindInMap [Zones, '012345678901', Name]",
            "{'Fn::FindInMap': [Zones, 012345678901, Name]}",
            serde_json::json!("ours"),
        ),
        (
            "!FindInMap [Zones, us, Name, {DefaultValue: none}]",
            "{'Fn::FindInMap': [Zones, us, Name, {DefaultValue: none}]}",
            serde_json::json!("none"),
        ),
        ("!If [Yes, 1, 2]", "{'Fn::If': [Yes, 1, 2]}", serde_json::json!(1)),
        ("!If [Both, 1, 2]", "{'Fn::If': [Both, 1, 2]}", serde_json::json!(2)),
        ("!If [Maybe, 2, 2]", "{'Fn::If': [Maybe, 2, 2]}", serde_json::json!(2)),
        (
            "[1, !If [No, 1, !Ref AWS::NoValue]]",
            "[1, {'Fn::If': [No, 1, {Ref: AWS::NoValue}]}]",
            serde_json::json!([1]),
        ),
        ("!Base64 ab", "{'Fn::Base64': ab}", serde_json::json!("YWI=")),
        (
            "!Cidr [10.0.0.0/16, 2, 8]",
            "{'Fn::Cidr': [{'Fn::GetAtt': Vpc.CidrBlock}, 2, '8']}",
            serde_json::json!(["10.0.0.0/24", "10.0.1.0/24"]),
        ),
        ("!Length [1, !Ref Open]", "{'Fn::Length': [1, {Ref: Open}]}", serde_json::json!(2)),
        (
            "!ToJsonString {a: [!Ref Name]}",
            "{'Fn::ToJsonString': {a: [{Ref: Name}]}}",
            serde_json::json!("{\"a\":[\"shop\"]}"),
        ),
        ("!And [!Condition Yes, true]", "{'Fn::And': [{Condition: Yes}, true]}", serde_json::json!(true)),
        ("!Or [!Condition No, false]", "{'Fn::Or': [{Condition: No}, false]}", serde_json::json!(false)),
        ("!Not [!Equals [a, b]]", "{'Fn::Not': [{'Fn::Equals': [a, b]}]}", serde_json::json!(true)),
    ];
    for (short, long, expected) in cases {
        assert_eq!(json(short), expected, "{short}");
        assert_eq!(json(long), expected, "{long}");
    }
    assert_eq!(json("!Ref AWS::NoValue"), serde_json::json!("(absent)"));
}

#[test]
fn what_cannot_be_resolved_is_unknown_with_its_reason_in_both_spellings() {
    let cases = [
        ("!Ref Open", "{Ref: Open}", Why::NoValue, "parameter Open"),
        ("!Ref Vpc", "{Ref: Vpc}", Why::AfterApply, "Vpc.Ref"),
        ("!GetAtt Named.Arn", "{'Fn::GetAtt': [Named, Arn]}", Why::AfterApply, "Named.Arn"),
        ("!Sub 'x${Open}'", "{'Fn::Sub': 'x${Open}'}", Why::NoValue, "parameter Open"),
        ("!Join ['', [a, !Ref Open]]", "{'Fn::Join': ['', [a, {Ref: Open}]]}", Why::NoValue, "parameter Open"),
        ("!Split [',', !Ref Open]", "{'Fn::Split': [',', {Ref: Open}]}", Why::NoValue, "parameter Open"),
        ("!Select [0, !GetAZs '']", "{'Fn::Select': [0, {'Fn::GetAZs': ''}]}", Why::DataSource, ""),
        ("!GetAZs eu-west-1", "{'Fn::GetAZs': eu-west-1}", Why::DataSource, "the availability zones of eu-west-1"),
        ("!If [Maybe, 1, 2]", "{'Fn::If': [Maybe, 1, 2]}", Why::NoValue, "parameter Open"),
        ("!If [Round, 1, 2]", "{'Fn::If': [Round, 1, 2]}", Why::Loop, "condition Round"),
        ("!FindInMap [Zones, !Ref Open, Name]", "{'Fn::FindInMap': [Zones, {Ref: Open}, Name]}", Why::NoValue, ""),
        ("!ImportValue net", "{'Fn::ImportValue': net}", Why::DataSource, "the export `net` of another stack"),
        ("!Base64 {Ref: Open}", "{'Fn::Base64': {Ref: Open}}", Why::NoValue, ""),
        ("!Cidr [!Ref Open, 1]", "{'Fn::Cidr': [{Ref: Open}, 1]}", Why::NoValue, ""),
        ("!Length {Ref: Open}", "{'Fn::Length': {Ref: Open}}", Why::NoValue, ""),
        ("!ToJsonString {a: !Ref Open}", "{'Fn::ToJsonString': {a: {Ref: Open}}}", Why::NoValue, ""),
        ("!Transform {Name: AWS::Include}", "{'Fn::Transform': {Name: AWS::Include}}", Why::Unsupported, ""),
        ("!Equals [!Ref Open, 1]", "{'Fn::Equals': [{Ref: Open}, 1]}", Why::NoValue, ""),
        ("!Invented x", "{'Fn::Invented': x}", Why::Unsupported, "the function `Fn::Invented`"),
        ("!Ref Nobody", "{Ref: Nobody}", Why::Invalid, ""),
        ("!Sub '${Nobody.Arn}'", "{'Fn::Sub': '${Nobody.Arn}'}", Why::Invalid, ""),
        ("!Select [9, !Ref Names]", "{'Fn::Select': [9, {Ref: Names}]}", Why::Invalid, ""),
        ("!FindInMap [Zones, us, Name]", "{'Fn::FindInMap': [Zones, us, Name]}", Why::Invalid, ""),
        ("!Cidr [10.0.0.0/24, 9, 6]", "{'Fn::Cidr': [10.0.0.0/24, 9, 6]}", Why::Invalid, ""),
        ("'{{resolve:ssm:/a:1}}'", "!Sub '{{resolve:ssm:/a:1}}'", Why::DataSource, "the dynamic reference `ssm:/a:1`"),
    ];
    for (short, long, why, what) in cases {
        for written in [short, long] {
            let found = unknown(written);
            assert_eq!(found.why, why, "{written}: {found:?}");
            assert!(what.is_empty() || *found.what == *what, "{written}: {found:?}");
            let (node, gaps) = property(written);
            let line = node.place.as_ref().map(|place| place.line);
            assert_eq!(line, Some(holder(written).lines().count().try_into().expect("few")), "{written}");
            let is_ours = matches!(why, Why::Invalid | Why::Unsupported);
            assert_eq!(gaps.iter().any(|gap| gap.place.is_some()), is_ours, "{written}: {gaps:?}");
        }
    }
}

#[test]
fn a_reference_says_which_attribute_it_is_and_a_text_which_it_mentions() {
    for (written, path) in [("!Ref Vpc", "Ref"), ("!GetAtt Vpc.DefaultSecurityGroup", "DefaultSecurityGroup")] {
        let (node, _) = property(written);
        let is = node.is.expect("a link");
        assert_eq!((&*is.address, &*is.path), ("Vpc", path));
    }
    // Known and linked at once.
    let (node, _) = property("!Ref Named");
    assert!(node.text().is_some() && node.is.is_some_and(|is| &*is.address == "Named"));
    let found = unknown("!Sub 'arn:x:${Vpc}/${Named.Arn}'");
    let mentions: Vec<String> = found.mentions.iter().map(Reference::to_string).collect();
    assert_eq!(mentions, ["Named.Arn", "Vpc.Ref"]);
    let Some(Shape::Text(pieces)) = &found.shape else { panic!("{found:?}") };
    assert_eq!(pieces.len(), 4);
    assert_eq!(pieces[0].text().map(|text| &**text), Some("arn:x:"));
    // Which side is taken, nobody knows; it hangs on both.
    assert_eq!(unknown("!If [Maybe, !Ref Vpc, !GetAtt Named.Arn]").mentions.len(), 2);
}

#[test]
fn what_a_function_of_somebody_answers_nobody_knows() {
    let text = holder("[!GetAtt Own.Arn, !GetAtt Vpc.CidrBlock.Extra]")
        .replace("  X:\n", "  Own: {Type: Custom::Own, Properties: {ServiceToken: x, Arn: given}}\n  X:\n");
    let all = evaluate(&text, &TemplateOptions::default());
    let x = all.resources.iter().find(|one| &*one.address == "X").expect("X");
    let Some(Value::List(items)) = x.body.get("P").map(|node| &node.value) else { panic!("{x:?}") };
    assert!(items.iter().all(|item| item.unknown().is_some() && item.is.is_some()), "{items:?}");
}

#[test]
fn a_secret_of_a_store_is_sensitive_and_hides_its_text() {
    let (node, _) = property("'user:{{resolve:secretsmanager:db:SecretString:password}}'");
    assert!(node.is_sensitive() && node.unknown().is_some());
    let (node, _) = property("!Sub '{{resolve:secretsmanager:${Vpc}}}'");
    assert!(node.is_sensitive() && node.unknown().is_some_and(|unknown| unknown.mentions.len() == 1));
}
