//! SAM: the doors and the callers that a deployed stack has are those that its template is judged by.

use std::collections::BTreeSet;

use egress_audit::code::Evaluated;

use crate::{
    stacks,
    verdicts::{failed, graph, open, shown},
};

/// A function of SAM with some of its properties, beside other resources and globals.
fn function(properties: &str, others: &str, globals: &str) -> Evaluated {
    stacks::of(&format!(
        "Transform: AWS::Serverless-2016-10-31
{globals}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: one
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: s3://code/one.zip
{properties}
{others}
"
    ))
}

/// An event, in lines of its own.
fn event(kind: &str, properties: &str) -> String {
    format!("      Events:\n        Get: {{Type: {kind}, Properties: {{Path: /, Method: get{properties}}}}}\n")
}

fn rules(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

const ANYONE: &[&str] = &["anonymous-invocation", "unauthenticated-api-route"];
const SIGNED: &str =
    "  Api:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: live, Auth: {DefaultAuthorizer: AWS_IAM}}\n";
const POOL: &str = "  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: {DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_x'}}}
";
const JWT: &str = "  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers: {Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: 'https://i', audience: [x]}}}
";

#[test]
fn events_ask_their_callers_what_the_api_asks_by_default_unless_they_say_otherwise() {
    let of_api = ", RestApiId: !Ref Api";
    let of_http = ", ApiId: !Ref Api";
    let cases: [(&str, String, &str, &str, &[&str]); 12] = [
        ("Api", String::new(), "", "", ANYONE),
        ("Api", ", Auth: {Authorizer: AWS_IAM}".into(), "", "", &[]),
        ("Api", of_api.into(), SIGNED, "", &[]),
        ("Api", format!("{of_api}, Auth: {{Authorizer: NONE}}"), SIGNED, "", ANYONE),
        ("Api", of_api.into(), POOL, "", &[]),
        ("Api", format!("{of_api}, Auth: {{Authorizer: NONE}}"), POOL, "", ANYONE),
        ("Api", String::new(), "", "Globals: {Api: {Auth: {DefaultAuthorizer: AWS_IAM}}}", &[]),
        // A key counts calls, and tells nobody apart.
        ("Api", ", Auth: {ApiKeyRequired: true}".into(), "", "", &["api-key-as-authentication"]),
        ("HttpApi", String::new(), "", "", ANYONE),
        ("HttpApi", of_http.into(), JWT, "", &[]),
        ("HttpApi", format!("{of_http}, Auth: {{Authorizer: NONE}}"), JWT, "", ANYONE),
        (
            "HttpApi",
            ", Auth: {Authorizer: AWS_IAM}".into(),
            "",
            "Globals: {HttpApi: {Auth: {EnableIamAuthorizer: true}}}",
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (kind, properties, others, globals, expected) in cases {
        let code = function(&event(kind, &properties), others, globals);
        if (failed(&code), open(&code)) != (rules(expected), BTreeSet::new()) {
            wrong.push(format!("{kind}{properties} {others}{globals} {:#?}", shown(&code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_url_of_sam_is_open_where_it_asks_nobody_and_its_grants_come_with_it() {
    let cases: [(&str, &str, &[&str]); 5] = [
        ("      FunctionUrlConfig: {AuthType: NONE}\n", "", &["anonymous-invocation"]),
        ("      FunctionUrlConfig: {AuthType: AWS_IAM}\n", "", &[]),
        ("", "Globals: {Function: {FunctionUrlConfig: {AuthType: NONE}}}", &["anonymous-invocation"]),
        (
            "      AutoPublishAlias: live\n      FunctionUrlConfig: {AuthType: NONE}\n",
            "",
            &["anonymous-invocation", "wider-alias-policy"],
        ),
        ("      AutoPublishAlias: live\n      FunctionUrlConfig: {AuthType: AWS_IAM}\n", "", &[]),
    ];
    for (properties, globals, expected) in cases {
        let code = function(properties, "", globals);
        assert_eq!(
            (failed(&code), open(&code)),
            (rules(expected), BTreeSet::new()),
            "{properties}{globals}{:#?}",
            shown(&code)
        );
    }
    // By a parameter SAM grants nothing, whatever its value is; what is latent in the URL nobody knows.
    let unknown = function("      FunctionUrlConfig: {AuthType: !Ref Who}\n", "", "Parameters: {Who: {Type: String}}");
    assert!(failed(&unknown).is_empty() && open(&unknown).contains("url-grant-opens-api"), "{:#?}", shown(&unknown));
}

#[test]
fn policies_of_sam_are_those_of_the_role_that_it_makes() {
    let cases: [(&str, &[&str]); 5] = [
        ("      Policies: [AWSLambdaBasicExecutionRole]\n", &[]),
        ("      Policies: AdministratorAccess\n", &["privileged-runtime-identity"]),
        ("      Policies: ['arn:aws:iam::aws:policy/AdministratorAccess']\n", &["privileged-runtime-identity"]),
        (
            "      Policies: [{Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}]\n",
            &["privileged-runtime-identity"],
        ),
        ("      Policies: [{S3ReadPolicy: {BucketName: orders}}]\n", &[]),
    ];
    for (properties, expected) in cases {
        let code = function(properties, "", "");
        assert_eq!((failed(&code), open(&code)), (rules(expected), BTreeSet::new()), "{properties}{:#?}", shown(&code));
    }
}

#[test]
fn globals_give_a_function_its_network_and_its_key() {
    let others = "  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: false}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !GetAZs '']}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [1, !GetAZs '']}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref Vpc}}
";
    let globals = "Globals:
  Function:
    KmsKeyArn: !GetAtt Key.Arn
    VpcConfig: {SubnetIds: [!Ref A, !Ref B], SecurityGroupIds: [!Ref Group]}
";
    let code = function("", others, globals);
    assert_eq!(failed(&code), rules(&["broken-egress-path", "unrotated-key"]), "{:#?}", shown(&code));
    let graph = graph(&code);
    let workload = graph.workloads.first().expect("a function");
    assert_eq!(workload.egress.verdict.as_str(), "none");
    let without = function("", others, "");
    assert_eq!(failed(&without), BTreeSet::new(), "{:#?}", shown(&without));
}

#[test]
fn what_sam_itself_would_refuse_or_fetch_from_elsewhere_is_never_a_pass() {
    let document = "  Api:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: live, DefinitionUri: s3://code/api.yaml}\n";
    let code = function(&event("Api", ", RestApiId: !Ref Api"), document, "");
    assert!(open(&code).contains("anonymous-invocation"), "{:#?}", shown(&code));
    let parameter = "Parameters: {Who: {Type: String}}\n";
    for (kind, properties, others, globals) in [
        ("Api", "", "", "Globals: {Api: {Auth: {DefaultAuthorizer: !Ref Who}}}"),
        ("Api", ", Auth: {Authorizer: !Ref Who}", "", ""),
        ("Api", ", RestApiId: !Ref Api, Auth: {Authorizer: !Ref Who}", SIGNED, ""),
        ("HttpApi", "", "", "Globals: {HttpApi: {Auth: {DefaultAuthorizer: !Ref Who}}}"),
        ("HttpApi", ", ApiId: !Ref Api, Auth: {Authorizer: !Ref Who}", JWT, ""),
    ] {
        let code = function(&event(kind, properties), others, &format!("{parameter}{globals}"));
        let all = shown(&code);
        assert!(failed(&code).is_empty(), "{kind}{properties}{globals} {all:#?}");
        assert!(open(&code).contains("anonymous-invocation"), "{kind}{properties}{globals} {all:#?}");
    }
    // A parameter that has a value is that value, as it is for SAM.
    let given =
        "Parameters: {Who: {Type: String, Default: AWS_IAM}}\nGlobals: {Api: {Auth: {DefaultAuthorizer: !Ref Who}}}";
    let code = function(&event("Api", ""), "", given);
    assert!(failed(&code).is_empty() && open(&code).is_empty(), "{:#?}", shown(&code));
}
