//! Templates: what is read, what is known, and what is not.

use std::collections::BTreeMap;

use super::*;
use crate::code::{Reference, Shape, Why};

mod functions;
mod reading;
mod robust;
mod sam;

/// A template that says what is behind `Value` as the property `P` of a resource `X`.
fn holder(value: &str) -> String {
    format!(
        concat!(
            "Parameters:\n  Name: {{Type: String, Default: shop}}\n  Open: {{Type: String}}\n",
            "  Count: {{Type: Number, Default: 3}}\n  Names: {{Type: CommaDelimitedList, Default: 'a, b,c'}}\n",
            "  Secret: {{Type: String, NoEcho: true, Default: hush}}\n",
            "  Stored: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /net/id}}\n",
            "Mappings:\n  Zones:\n    eu: {{Name: frankfurt, 'No': 1}}\n    '012345678901': {{Name: ours}}\n",
            "Conditions:\n  Yes: !Equals [!Ref Name, shop]\n  No: !Not [{{Condition: Yes}}]\n",
            "  Maybe: !Equals [!Ref Open, x]\n  Both: !And [{{Condition: Maybe}}, {{Condition: No}}]\n",
            "  Either: !Or [{{Condition: Maybe}}, !Condition Yes]\n  Round: !Not [!Condition Round]\n",
            "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {{CidrBlock: 10.0.0.0/16}}\n",
            "  Named:\n    Type: AWS::Lambda::Function\n    Properties: {{FunctionName: !Sub '${{Name}}-api'}}\n",
            "  X:\n    Type: AWS::Test::X\n    Properties:\n      P: {}\n",
        ),
        value
    )
}

fn evaluate(text: &str, options: &TemplateOptions) -> Evaluated {
    template("t.yaml", text, options).expect("a template")
}

/// What the property `P` of `X` comes to, and the gaps of the template.
fn property(value: &str) -> (Node, Vec<CodeGap>) {
    let all = evaluate(&holder(value), &TemplateOptions::default());
    let body = &all.resources.iter().find(|resource| &*resource.address == "X").expect("X").body;
    (body.get("P").cloned().unwrap_or_else(|| Value::text("(absent)").into()), all.gaps)
}

fn json(value: &str) -> serde_json::Value {
    let (node, gaps) = property(value);
    assert!(gaps.is_empty(), "{value}: {gaps:?}");
    node.json().unwrap_or_else(|| panic!("{value}: {node:?}"))
}

fn unknown(value: &str) -> Arc<crate::code::Unknown> {
    let (node, _) = property(value);
    node.first_unknown().unwrap_or_else(|| panic!("{value}: {node:?}"))
}

#[test]
fn a_resource_is_there_is_not_or_nobody_knows() {
    let all = evaluate(
        &holder("1").replace(
            "  X:\n",
            concat!(
                "  There: {Type: A::B::C, Condition: Either}\n  NotThere: {Type: A::B::C, Condition: Both}\n",
                "  Perhaps: {Type: A::B::C, Condition: Maybe}\n  X:\n"
            ),
        ),
        &TemplateOptions::default(),
    );
    let found: BTreeMap<&str, bool> =
        all.resources.iter().map(|resource| (&*resource.address, resource.symbolic)).collect();
    assert_eq!(found.get("There"), Some(&false));
    assert_eq!(found.get("NotThere"), None);
    assert_eq!(found.get("Perhaps"), Some(&true));
    // If it is there, its condition is true.
    let all = evaluate(
        &holder("!If [Maybe, 1, 2]").replace("  X:\n    Type", "  X:\n    Condition: Maybe\n    Type"),
        &TemplateOptions::default(),
    );
    let x = all.resources.iter().find(|one| &*one.address == "X").expect("X");
    assert!(x.symbolic && x.body.get("P").and_then(Node::json) == Some(serde_json::json!(1)));
}

#[test]
fn parameters_are_given_by_default_or_not_known() {
    let options = TemplateOptions {
        parameters: BTreeMap::from([("Open".to_owned(), "x".to_owned()), ("Name".into(), "blog".into())]),
        ..TemplateOptions::default()
    };
    let all = evaluate(&holder("[!Ref Open, !Ref Name, !If [Maybe, 1, 2], !Ref Named]"), &options);
    let x = all.resources.iter().find(|resource| &*resource.address == "X").expect("X");
    let values = x.body.get("P").and_then(Node::json);
    assert_eq!(values, Some(serde_json::json!(["x", "blog", 1, "blog-api"])));
    assert_eq!((unknown("!Ref Open").why, &*unknown("!Ref Open").what), (Why::NoValue, "parameter Open"));
    assert_eq!(unknown("!Ref Stored").why, Why::DataSource);
    let (secret, _) = property("!Sub 'x-${Secret}'");
    assert!(secret.sensitive && secret.text().is_some_and(|text| &**text == "x-hush"));
}

#[test]
fn what_the_deployment_says_is_unknown_until_it_is_given() {
    let text = holder("!Sub 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:t.${AWS::URLSuffix}'");
    let options = TemplateOptions {
        region: Some("cn-north-1".into()),
        account: Some("012345678901".into()),
        ..TemplateOptions::default()
    };
    let all = evaluate(&text, &options);
    let x = all.resources.iter().find(|resource| &*resource.address == "X").expect("X");
    let arn = x.body.get("P").and_then(Node::text).map(ToString::to_string);
    assert_eq!(arn.as_deref(), Some("arn:aws-cn:sns:cn-north-1:012345678901:t.amazonaws.com.cn"));
    assert_eq!(&*unknown("!Ref AWS::Region").what, "AWS::Region");
}

#[test]
fn a_nested_stack_is_followed_and_its_resources_are_linked() {
    let library = BTreeMap::from([
        (
            "stacks/main.yaml".to_owned(),
            concat!(
                "Resources:\n  Network:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n",
                "      TemplateURL: ./net/vpc.yaml\n      Parameters: {Range: 10.1.0.0/16}\n",
                "  Far:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n",
                "      TemplateURL: https://example.com/x.yaml\n",
                "  Subnet:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !GetAtt Network.Outputs.Vpc\n",
                "      Other: !GetAtt Far.Outputs.X\n",
            )
            .to_owned(),
        ),
        (
            "stacks/net/vpc.yaml".to_owned(),
            concat!(
                "Parameters: {Range: {Type: String}}\nResources:\n  Vpc:\n    Type: AWS::EC2::VPC\n",
                "    Properties: {CidrBlock: !Ref Range}\nOutputs:\n  Vpc: {Value: !Ref Vpc}\n",
            )
            .to_owned(),
        ),
    ]);
    let all = templates(&library, &TemplateOptions::default());
    let addresses: Vec<&str> = all.resources.iter().map(|resource| &*resource.address).collect();
    assert_eq!(addresses, ["Far", "Network", "Network.Vpc", "Subnet"]);
    assert!(all.resources.iter().all(|resource| &*resource.root == "stacks/main.yaml"));
    let vpc = all.resources[2].body.get("CidrBlock").and_then(Node::text);
    assert_eq!(vpc.map(|text| &**text), Some("10.1.0.0/16"));
    let subnet = &all.resources[3].body;
    let is = subnet.get("VpcId").and_then(|node| node.is.clone()).expect("a link");
    assert_eq!((&*is.address, &*is.path), ("Network.Vpc", "Ref"));
    assert_eq!(subnet.get("Other").and_then(Node::unknown).map(|unknown| unknown.why), Some(Why::Module));
    let [gap] = &all.gaps[..] else { panic!("{:?}", all.gaps) };
    assert_eq!((gap.gap.why, gap.place.as_ref().map(|place| place.line)), (GapReason::UnresolvedModule, Some(7)));
}

#[test]
fn stacks_that_nest_each_other_end() {
    let nests = |other: &str| {
        format!(
            "Resources:\n  Next:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {other}\n"
        )
    };
    let library = BTreeMap::from([("a.yaml".to_owned(), nests("b.yaml")), ("b.yaml".to_owned(), nests("a.yaml"))]);
    let all = template_of(&library, "a.yaml", &TemplateOptions::default()).expect("a template");
    assert!(all.gaps.iter().any(|gap| gap.gap.why == GapReason::Limit));
}

#[test]
fn a_folder_of_templates_skips_other_files_and_says_which_cannot_be_read() {
    let library = BTreeMap::from([
        ("a.yaml".to_owned(), "Resources:\n  A: {Type: AWS::SNS::Topic}\n".to_owned()),
        ("helm/values.yaml".to_owned(), "resources:\n  limits: {cpu: 1}\n".to_owned()),
        ("package.json".to_owned(), "{\"name\": \"x\"}".to_owned()),
        (
            "cut.yaml".to_owned(),
            "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: 'x".to_owned(),
        ),
    ]);
    let all = templates(&library, &TemplateOptions::default());
    assert_eq!(all.resources.len(), 1);
    let [gap] = &all.gaps[..] else { panic!("{:?}", all.gaps) };
    let place = gap.place.as_ref().expect("a place");
    assert_eq!((&*place.file, place.line), ("cut.yaml", 4));
}

#[test]
fn what_others_make_of_a_template_is_a_gap() {
    let all = evaluate(
        concat!(
            "Transform: [AWS::LanguageExtensions, MyMacro]\nResources:\n  M: {Type: My::Own::Thing::MODULE}\n",
            "  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      Fn::Transform: {Name: AWS::Include}\n",
            "      TopicName: x\n",
        ),
        &TemplateOptions::default(),
    );
    let reasons: Vec<GapReason> = all.gaps.iter().map(|gap| gap.gap.why).collect();
    assert_eq!(reasons, [GapReason::Unsupported, GapReason::Unsupported, GapReason::UnresolvedModule]);
    assert!(all.gaps.iter().all(|gap| gap.place.is_some()));
}

#[test]
fn loops_are_written_out() {
    let all = evaluate(
        concat!(
            "Transform: AWS::LanguageExtensions\nParameters: {Names: {Type: CommaDelimitedList, Default: 'a,b-1'}}\n",
            "Resources:\n  Fn::ForEach::Topics:\n    - Name\n    - !Ref Names\n    - Topic&{Name}:\n",
            "        Type: AWS::SNS::Topic\n        Properties: {TopicName: !Sub 'x-${Name}', D: !Ref Name}\n",
            "  Fn::ForEach::Unknown:\n    - Zone\n    - !GetAZs ''\n    - T${Zone}: {Type: AWS::SNS::Topic}\n",
        ),
        &TemplateOptions::default(),
    );
    let found: Vec<(&str, String)> = all
        .resources
        .iter()
        .map(|resource| {
            (&*resource.address, format!("{:?}{:?}", resource.body.get("TopicName"), resource.body.get("D")))
        })
        .collect();
    let expected =
        [("Topica", "Some(\"x-a\")Some(\"a\")".to_owned()), ("Topicb1", "Some(\"x-b-1\")Some(\"b-1\")".to_owned())];
    assert_eq!(found, expected);
    assert_eq!(all.gaps.len(), 1, "{:?}", all.gaps);
}

#[test]
fn files_of_values_are_read_in_each_of_their_forms() {
    let expected = BTreeMap::from([("A".to_owned(), "012".to_owned()), ("B".to_owned(), "2".to_owned())]);
    for text in [
        r#"[{"ParameterKey": "A", "ParameterValue": "012"}, {"ParameterKey": "B", "ParameterValue": 2}]"#,
        r#"["A=012", "B=2"]"#,
        r#"{"Parameters": {"A": "012", "B": "2"}}"#,
    ] {
        assert_eq!(parameters_file("p.json", text).expect("values"), expected, "{text}");
    }
    let error = parameters_file("p.json", "[\n {\"ParameterKey\": \"A\"}]").expect_err("no value").to_string();
    assert!(error.contains("p.json") && error.contains("line 2"), "{error}");
}

#[test]
fn an_application_beside_the_template_is_followed_and_what_sam_has_names_for_is_renamed() {
    let head = "Transform: AWS::Serverless-2016-10-31\nResources:\n";
    let library = BTreeMap::from([
        (
            "main.yaml".to_owned(),
            format!(
                "{head}{}",
                concat!(
                    "  App: {Type: AWS::Serverless::Application, Properties: {Location: ./app.yaml, Parameters: {P: q}}}\n",
                    "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      AutoPublishAlias: live\n",
                    "      InlineCode: x\n      Events: {A: {Type: Api, Properties: {Path: /, Method: get}}}\n",
                    "Outputs:\n  Alias: {Value: !Sub '${F.Alias} ${!F.Alias} ${F.Version.Version} ${ServerlessRestApi.Stage}'}\n",
                )
            ),
        ),
        (
            "app.yaml".to_owned(),
            format!("{head}  T: {{Type: AWS::Serverless::SimpleTable, Properties: {{TableName: !Ref P}}}}\n")
                .replace("Resources:", "Parameters: {P: {Type: String}}\nResources:"),
        ),
    ]);
    let all = templates(&library, &TemplateOptions::default());
    assert!(all.gaps.is_empty(), "{:?}", all.gaps);
    let table = all.resources.iter().find(|one| &*one.address == "App.T").expect("the table of the application");
    assert_eq!(table.body.get("TableName").and_then(Node::text).map(|text| &**text), Some("q"));
    let alias = all.outputs.get(&("main.yaml".to_owned(), "Alias".to_owned())).and_then(Node::unknown).expect("a text");
    let mentions: Vec<String> = alias.mentions.iter().map(|one| one.address.to_string()).collect();
    // The name of the stage is known.
    assert_eq!(mentions.len(), 2, "{mentions:?}");
    assert!(mentions.iter().all(|address| all.resources.iter().any(|one| *one.address == **address)), "{mentions:?}");
}

#[test]
fn a_template_of_two_thousand_functions_is_evaluated_at_once() {
    let function = |n: usize| {
        format!(
            concat!(
                "  F{0}:\n    Type: AWS::Serverless::Function\n    Properties:\n      InlineCode: x\n",
                "      AutoPublishAlias: live\n      Policies: [AmazonS3ReadOnlyAccess, {{SQSPollerPolicy: {{QueueName: q}}}}]\n",
                "      Events: {{A: {{Type: Api, Properties: {{Path: /{0}, Method: get}}}}}}\n"
            ),
            n
        )
    };
    let text: String = (0..2_000).map(function).collect::<Vec<_>>().concat();
    let text = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{text}");
    let start = std::time::Instant::now();
    let all = evaluate(&text, &TemplateOptions::default());
    assert!(all.gaps.is_empty(), "{:?}", all.gaps.first());
    assert_eq!(all.resources.len(), 2_000 * 5 + 3);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
