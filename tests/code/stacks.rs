//! What the rules say of templates: the same as of the Terraform that makes the same, and never a pass for what nobody
//! knows before the deployment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use egress_audit::{
    code::{Evaluated, TemplateOptions, template, templates},
    report::Outcome,
};

use crate::verdicts::{failed, judged, open, shown, text, written};

/// Parts of a text, and what stands in their place.
type Changes<'a> = &'a [(&'a str, &'a str)];

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation").join(name);
    fs::read_to_string(path).expect("a template")
}

pub(crate) fn of(text: &str) -> Evaluated {
    template("template.yaml", text, &TemplateOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn changed(text: &str, changes: Changes<'_>) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn set(rules: &[&str]) -> BTreeSet<String> {
    rules.iter().map(ToString::to_string).collect()
}

/// What the second zone needs of its own.
const SECOND: &str = "  PublicB:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, AvailabilityZone: eu-west-1b, CidrBlock: 10.20.3.0/24}
  PublicAssociationB:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {RouteTableId: !Ref PublicTable, SubnetId: !Ref PublicB}
  AddressB:
    Type: AWS::EC2::EIP
  NatB:
    Type: AWS::EC2::NatGateway
    Properties: {AllocationId: !GetAtt AddressB.AllocationId, SubnetId: !Ref PublicB}
  PrivateTableB:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Vpc}
  PrivateRouteB:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref PrivateTableB, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref NatB}
Outputs:
";

/// A function URL that asks nobody, and the two grants that open it.
const OPEN_URL: &str = "  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}
  Open:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunctionUrl', FunctionName: !Ref Function, Principal: '*', FunctionUrlAuthType: NONE}
  Too:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Function, Principal: '*', InvokedViaFunctionUrl: 'true'}
Outputs:
";

/// The policy of the API.
const POLICY: &str = "      Policy:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${Partner}:root'}, Action: 'execute-api:Invoke', Resource: '*'}
";

const INCLUDED: &str = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://templates/key.yaml}}";
const TO_NAT_B: &str = "RouteTableId: !Ref PrivateTableB, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId";
const ELSEWHERE: &str = "RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 10.99.0.0/16, NatGatewayId";
const ELSEWHERE_B: &str = "RouteTableId: !Ref PrivateTableB, DestinationCidrBlock: 10.99.0.0/16, NatGatewayId";
/// Where the calls that the function takes come from.
const SOURCE: &str = "Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Stage}/POST/orders'
";
const TO_NAT: &str = "RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId";

/// The architecture with everything in order: a NAT gateway in each of two zones.
pub(crate) fn sound() -> String {
    changed(
        &file("private.yaml"),
        &[
            ("!Select [0, !GetAZs '']", "eu-west-1a"),
            ("!Select [1, !GetAZs '']", "eu-west-1b"),
            ("Outputs:\n", SECOND),
            ("!Ref PrivateTable, SubnetId: !Ref PrivateB", "!Ref PrivateTableB, SubnetId: !Ref PrivateB"),
            ("Partner: {Type: String,", "Partner: {Type: String, Default: '222222222222',"),
            ("          SECRET: '{{resolve:secretsmanager:orders:SecretString:token}}'\n", ""),
            ("!ImportValue orders-table", "orders"),
        ],
    )
}

pub(crate) fn seed() -> Evaluated {
    of(&file("seed4.yaml"))
}

#[test]
fn a_template_that_is_in_order_has_no_finding_and_no_open_question() {
    let code = of(&sound());
    let (verdicts, complete) = judged(&code);
    assert!(complete && failed(&code).is_empty() && open(&code).is_empty(), "{:#?}", shown(&code));
    assert!(verdicts.len() > 40, "{verdicts:#?}");
}

#[test]
fn what_is_broken_in_a_template_breaks_its_rules_and_no_others() {
    let cases: [(Changes<'_>, &[&str]); 13] = [
        // The NAT gateway of a zone in the subnet that it serves, and no way to it at all: the other zone has one still.
        (&[("SubnetId: !Ref Public\n", "SubnetId: !Ref PrivateA\n")], &["single-zone-nat", "uneven-egress"]),
        (&[(TO_NAT, ELSEWHERE)], &["single-zone-nat", "uneven-egress"]),
        (&[(TO_NAT, ELSEWHERE), (TO_NAT_B, ELSEWHERE_B)], &["broken-egress-path"]),
        (&[("EnableKeyRotation: true", "EnableKeyRotation: true\n      Enabled: 'no'")], &["unusable-key"]),
        (&[("EnableKeyRotation: true", "EnableKeyRotation: 'false'")], &["unrotated-key"]),
        (&[(SOURCE, "Principal: '*'\n")], &["any-principal-invocation"]),
        (
            &[("AuthorizationType: AWS_IAM", "AuthorizationType: NONE"), (POLICY, "")],
            &["anonymous-invocation", "unauthenticated-api-route"],
        ),
        (&[("Outputs:\n", OPEN_URL)], &["anonymous-invocation"]),
        (&[("0.0.0.0/0, GatewayId: !Ref Gateway", "0.0.0.0/0, NatGatewayId: !Ref Nat")], &["broken-egress-path"]),
        (
            &[
                ("      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]\n", ""),
                ("      Runtime", "      Tags: [{Key: egress-audit-egress, Value: restricted}]\n      Runtime"),
            ],
            &["unrestricted-egress"],
        ),
        (
            &[("FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0", "FromPort: 5432, ToPort: 5432, CidrIp: 10.20.0.0/16")],
            &["broken-egress-path"],
        ),
        (&[("python3.13", "python3.7")], &["deprecated-runtime"]),
        (&[("eu-west-1b", "eu-west-1a")], &["single-zone-function"]),
    ];
    let mut wrong = Vec::new();
    for (changes, rules) in cases {
        let code = of(&changed(&sound(), changes));
        if failed(&code) != set(rules) || !open(&code).is_empty() {
            wrong.push(format!("{changes:?}\n  {:?}, open {:?}", failed(&code), open(&code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_template_fails_what_the_terraform_of_the_same_architecture_fails() {
    let (terraform, stack) = (text("seeds/seed4/main.tf"), file("seed4.yaml"));
    let edits: [(Changes<'_>, Changes<'_>); 8] = [
        (&[], &[]),
        (&[("is_enabled  = false", "is_enabled  = true")], &[("Enabled: false", "Enabled: true")]),
        (&[("is_enabled  = false", "enable_key_rotation = true")], &[("Enabled: false", "EnableKeyRotation: true")]),
        (
            &[("authorization = \"NONE\"", "authorization = \"AWS_IAM\"")],
            &[("AuthorizationType: NONE", "AuthorizationType: AWS_IAM")],
        ),
        (
            &[("authorization_type = \"NONE\"", "authorization_type = \"AWS_IAM\"")],
            &[("AuthType: NONE", "AuthType: AWS_IAM")],
        ),
        (
            &[("principal     = \"*\"", "principal     = \"222222222222\"")],
            &[("Principal: '*'", "Principal: '222222222222'")],
        ),
        (
            &[(
                "aws_eip.nat.id\n  subnet_id     = aws_subnet.public.id",
                "aws_eip.nat.id\n  subnet_id     = aws_subnet.private.id",
            )],
            &[("SubnetId: !Ref Public}\n  PrivateTable", "SubnetId: !Ref Private}\n  PrivateTable")],
        ),
        (
            &[("nat_gateway_id = aws_nat_gateway.nat.id", "gateway_id = aws_internet_gateway.igw.id")],
            &[("NatGatewayId: !Ref Nat", "GatewayId: !Ref Gateway")],
        ),
    ];
    for (of_terraform, of_stack) in edits {
        let (left, right) = (written(&changed(&terraform, of_terraform)), of(&changed(&stack, of_stack)));
        assert_eq!(failed(&left), failed(&right), "{of_stack:?}\n{:#?}\n{:#?}", shown(&left), shown(&right));
        assert_eq!(open(&left), open(&right), "{of_stack:?}\n{:#?}\n{:#?}", shown(&left), shown(&right));
    }
}

const SAM: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      OpenApiVersion: 3.0.1
      AUTH
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: s3://code/hello.zip
      URL
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /, Method: get}}
";

#[test]
fn a_template_of_sam_is_judged_by_what_it_stands_for() {
    let signed = "      Auth: {DefaultAuthorizer: AWS_IAM}\n";
    let cases: [(&str, &str, &[&str]); 4] = [
        ("", "", &["anonymous-invocation", "unauthenticated-api-route"]),
        (signed, "", &[]),
        (signed, "      FunctionUrlConfig: {AuthType: NONE}\n", &["anonymous-invocation"]),
        (signed, "      FunctionUrlConfig: {AuthType: AWS_IAM}\n", &[]),
    ];
    for (auth, url, rules) in cases {
        let code = of(&changed(SAM, &[("      AUTH\n", auth), ("      URL\n", url)]));
        assert_eq!(failed(&code), set(rules), "{auth}{url}{:#?}", shown(&code));
        assert!(open(&code).is_empty(), "{auth}{url}{:#?}", shown(&code));
    }
}

#[test]
fn what_only_the_deployment_knows_is_not_evaluated_and_never_a_pass() {
    let parameter = "Parameters:\n  Given: {Type: String}\n";
    let cases: [(Changes<'_>, &[&str]); 9] = [
        (&[("AuthorizationType: AWS_IAM", "AuthorizationType: !Ref Given")], &["anonymous-invocation"]),
        (&[("EnableKeyRotation: true", "EnableKeyRotation: !Ref Given")], &["unrotated-key"]),
        (&[("EnableKeyRotation: true", "Enabled: !Ref Given")], &["unusable-key"]),
        // What an include brings stands beside what is written.
        (&[("EnableKeyRotation: true", INCLUDED)], &["unrotated-key", "unusable-key"]),
        (&[("KmsKeyArn: !GetAtt Key.Arn", "KmsKeyArn: !Ref Given")], &["unusable-key"]),
        (&[("Principal: apigateway.amazonaws.com\n", "Principal: !Ref Given\n")], &["anonymous-invocation"]),
        (&[("Principal: apigateway.amazonaws.com\n", "Principal: !Sub '${Given}'\n")], &["anonymous-invocation"]),
        (
            &[(TO_NAT, "RouteTableId: !Ref PrivateTable, DestinationCidrBlock: !Ref Given, NatGatewayId")],
            &["broken-egress-path"],
        ),
        (&[("          - !Ref PrivateA\n", "          - !Ref Given\n")], &["broken-egress-path"]),
    ];
    let mut wrong = Vec::new();
    for (changes, rules) in cases {
        let code = of(&changed(&changed(&sound(), changes), &[("Parameters:\n", parameter)]));
        if !set(rules).is_subset(&open(&code)) {
            wrong.push(format!("{changes:?}\n  open {:?}, failed {:?}", open(&code), failed(&code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_deployment_is_told_names_the_scope() {
    let options = TemplateOptions {
        account: Some("111111111111".into()),
        region: Some("eu-west-1".into()),
        ..TemplateOptions::default()
    };
    let code = template("template.yaml", &sound(), &options).expect("a template");
    let own = "arn:aws:lambda:eu-west-1:111111111111:function:orders-prod";
    assert!(judged(&code).0.keys().any(|(_, subject, _)| subject.contains(own)));
}

#[test]
fn each_template_of_a_folder_is_judged_and_one_that_cannot_be_read_lets_nothing_pass_for_it() {
    let files = |other: &str| {
        BTreeMap::from([
            ("a.yaml".to_owned(), sound()),
            ("b/seed4.yaml".to_owned(), file("seed4.yaml")),
            ("c.yaml".to_owned(), other.to_owned()),
        ])
    };
    let whole = templates(&files("name: no template"), &TemplateOptions::default());
    assert_eq!(failed(&whole), failed(&seed()));
    let broken = "Resources:\n  X:\n    Type: AWS::EC2::VPC\n    Properties: {";
    let cut = templates(&files(broken), &TemplateOptions::default());
    assert!(!judged(&cut).1);
    // What was found stays where nothing can undo it, and nothing passes instead.
    assert!(failed(&cut).is_superset(&set(&["any-principal-invocation", "unusable-key"])), "{:#?}", shown(&cut));
    let (before, after) = (judged(&whole).0, judged(&cut).0);
    let turned = |(key, verdict): &(_, _)| *verdict == &Outcome::Pass && before.get(*key) != Some(&Outcome::Pass);
    assert_eq!(after.iter().filter(turned).count(), 0, "{:#?}", shown(&cut));
}

#[test]
fn what_a_template_that_is_cut_off_may_add_to_another_one_is_open_and_all_else_is_judged() {
    let whole = BTreeMap::from([("a.yaml".to_owned(), crate::stacked::text("cloudformation/sound.yaml"))]);
    let mut cut = whole.clone();
    cut.insert("b.yaml".into(), "Resources:\n  X:\n    Type: AWS::EC2::VPC\n    Properties: {".into());
    let [whole, cut] = [whole, cut].map(|files| templates(&files, &TemplateOptions::default()));
    assert!(judged(&whole).1 && failed(&cut).is_empty());
    // Permissions, routes, policies, and who else has the role or a domain: another stack may have those.
    let hang_on_it = [
        "anonymous-invocation",
        "any-principal-invocation",
        "broken-egress-path",
        "default-endpoint-beside-domain",
        "self-granting-principal",
        "shared-execution-role",
        "uneven-egress",
    ];
    assert_eq!(open(&cut), set(&hang_on_it), "{:#?}", shown(&cut));
    let (before, after) = (judged(&whole).0, judged(&cut).0);
    let changed = after.iter().filter(|(key, verdict)| before.get(*key) != Some(*verdict));
    assert!(changed.into_iter().all(|(_, verdict)| *verdict == Outcome::NotEvaluated), "{:#?}", shown(&cut));
    assert!(after.values().filter(|it| **it == Outcome::Pass).count() >= 20);
}
