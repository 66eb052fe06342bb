//! SAM: what is not followed is a gap, and loops are written out before.

use super::*;

/// A template of SAM with these lines as the properties of a function.
fn with(properties: &str) -> Evaluated {
    let text = format!(
        concat!(
            "Transform: AWS::Serverless-2016-10-31\nParameters: {{P: {{Type: String}}}}\nResources:\n",
            "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      InlineCode: x\n{}"
        ),
        properties
    );
    evaluate(&text, &TemplateOptions::default())
}

#[test]
fn what_is_not_followed_of_sam_is_a_gap_on_its_line() {
    for (line, properties) in [
        (8, "      Invented: 1\n"),
        (8, "      AutoPublishAlias: !Ref P\n"),
        (8, "      Policies: [{Invented: {}}]\n"),
        (8, "      FunctionUrlConfig: !If [C, {AuthType: NONE}, {AuthType: AWS_IAM}]\n"),
        (8, "      Events: !Ref P\n"),
        (9, "      Events:\n        A: {Type: Invented}\n"),
        (9, "      Events:\n        A: {Type: S3, Properties: {Bucket: elsewhere, Events: x}}\n"),
        (9, "      Events:\n        A: {Type: Api, Properties: {Path: /, Method: get, Auth: {Authorizer: !Ref P}}}\n"),
        (9, "      Events:\n        A: {Type: Api, Properties: {Path: /, Method: get, Auth: {Invented: 1}}}\n"),
        (9, "      Events:\n        A: {Type: HttpApi, Properties: {Path: /, Method: get, ApiId: !ImportValue x}}\n"),
        (8, "  W:\n    Type: AWS::Serverless::WebSocketApi\n    Properties: {Routes: {}}\n"),
        (
            10,
            "  A:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: x, Auth: {DefaultAuthorizer: !Ref P}}\n",
        ),
        (10, "  A:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: x, Invented: y}\n"),
        (8, "  C:\n    Type: AWS::Serverless::Connector\n    Properties: {Permissions: [Read]}\n"),
    ] {
        let all = with(properties);
        let lines: Vec<u32> = all.gaps.iter().filter_map(|gap| gap.place.as_ref()).map(|place| place.line).collect();
        assert!(lines.contains(&line), "{properties}: {:?}", all.gaps);
        // The function itself is there all the same.
        assert!(all.resources.iter().any(|one| &*one.kind == "AWS::Lambda::Function"), "{properties}");
    }
    assert!(with("").gaps.is_empty());
}

#[test]
fn a_door_that_hangs_on_what_nobody_knows_is_not_known() {
    let all = with("      FunctionUrlConfig: !If [C, {AuthType: NONE}, {AuthType: AWS_IAM}]\n");
    let url = all.resources.iter().find(|one| &*one.kind == "AWS::Lambda::Url").expect("a URL");
    assert!(url.body.get("AuthType").and_then(Node::unknown).is_some());
    let all = with("      Policies: [{Invented: {}}]\n");
    let role = all.resources.iter().find(|one| &*one.address == "FRole").expect("a role");
    assert!(role.body.get("Policies").and_then(Node::first_unknown).is_some());
}

#[test]
fn loops_are_written_out_before_sam_is() {
    let all = evaluate(
        concat!(
            "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\nResources:\n  Fn::ForEach::Functions:\n",
            "    - Name\n    - [A, B]\n    - F${Name}:\n        Type: AWS::Serverless::Function\n",
            "        Properties: {InlineCode: x, FunctionName: !Ref Name, FunctionUrlConfig: {AuthType: NONE}}\n",
        ),
        &TemplateOptions::default(),
    );
    assert!(all.gaps.is_empty(), "{:?}", all.gaps);
    let urls = all.resources.iter().filter(|one| &*one.kind == "AWS::Lambda::Url").count();
    let open = all.resources.iter().filter(|one| &*one.kind == "AWS::Lambda::Permission").count();
    assert_eq!((urls, open), (2, 4));
    // What is made stands where it is made for.
    assert!(all.resources.iter().all(|one| one.place.as_ref().is_some_and(|place| place.line == 6)));
}
