//! The fourth architecture as templates, of CloudFormation and of SAM: in order, and broken in each way in which it is
//! broken as Terraform.

use std::{collections::BTreeSet, fs, path::Path};

use egress_audit::{code::Evaluated, report::Outcome};

use crate::{
    stacks,
    verdicts::{failed, graph, judged, open, shown},
};

/// The templates that are in order.
const SOUND: [&str; 2] = ["cloudformation/sound.yaml", "sam/inputs/sound.yaml"];

/// What is changed in a text.
type Edits<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn sound() -> [(&'static str, Evaluated); 2] {
    SOUND.map(|file| (file, stacks::of(&text(file))))
}

pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)).expect("a template")
}

fn changed(file: &str, edits: Edits<'_>) -> Evaluated {
    let main = edits.iter().fold(text(file), |main, (from, to)| {
        assert!(main.contains(from), "{file}: {from}");
        main.replace(from, to)
    });
    stacks::of(&main)
}

#[test]
fn the_fourth_architecture_in_order_has_no_finding_and_no_open_question() {
    for (file, code) in sound() {
        let (verdicts, complete) = judged(&code);
        assert!(complete, "{file} {:#?}", shown(&code));
        assert!(
            verdicts.values().all(|it| matches!(it, Outcome::Pass | Outcome::NotApplicable)),
            "{:#?}",
            shown(&code)
        );
        assert!(verdicts.values().filter(|it| **it == Outcome::Pass).count() > 20);
        let graph = graph(&code);
        let workload = graph.workloads.first().expect("a function");
        assert_eq!(workload.egress.verdict.as_str(), "static");
    }
}

/// A function URL that asks nobody, with what opens it.
const OPEN_URL: &str = "  Open:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !Ref Function, AuthType: NONE}
  OpenUrl:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunctionUrl', FunctionName: !Ref Function, Principal: '*', FunctionUrlAuthType: NONE}
  OpenCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Function, Principal: '*', InvokedViaFunctionUrl: true}
  Gateway:
";
/// A grant to everyone, beside those that are there.
const EVERYONE: &str = "  Everyone:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Function, Principal: '*'}
  Gateway:
";
/// A grant to a service, whoever it acts for.
const SERVICE: &str = "  Service:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Function, Principal: s3.amazonaws.com}
  Gateway:
";

/// The edits of both templates, those of each, and the rules that fail then.
type Broken<'a> = (Edits<'a>, [Edits<'a>; 2], &'a [&'a str]);

#[test]
fn what_is_broken_of_the_fourth_architecture_breaks_its_rules_and_no_others() {
    let none: [Edits<'_>; 2] = [&[], &[]];
    let cases: [Broken<'_>; 14] = [
        (
            &[("SubnetIds: [!Ref PrivateA, !Ref PrivateB]", "SubnetIds: [!Ref PublicA, !Ref PublicB]")],
            none,
            &["public-subnet-function"],
        ),
        (
            &[
                ("NatGatewayId: !Ref NatA", "GatewayId: !Ref Gateway"),
                ("NatGatewayId: !Ref NatB", "GatewayId: !Ref Gateway"),
            ],
            none,
            &["public-subnet-function"],
        ),
        (
            &[
                ("AddressA.AllocationId, SubnetId: !Ref PublicA", "AddressA.AllocationId, SubnetId: !Ref PrivateA"),
                ("AddressB.AllocationId, SubnetId: !Ref PublicB", "AddressB.AllocationId, SubnetId: !Ref PrivateB"),
            ],
            none,
            &["broken-egress-path"],
        ),
        (&[("NatGatewayId: !Ref NatB", "NatGatewayId: !Ref NatA")], none, &["cross-zone-nat", "single-zone-nat"]),
        (&[("CidrIp: 0.0.0.0/0", "CidrIp: 10.0.0.0/8")], none, &["broken-egress-path"]),
        (&[("EnableKeyRotation: true", "EnableKeyRotation: false")], none, &["unrotated-key"]),
        (&[("EnableKeyRotation: true", "EnableKeyRotation: true\n      Enabled: false")], none, &["unusable-key"]),
        (
            &[],
            [
                &[("AuthorizationType: AWS_IAM", "AuthorizationType: NONE")],
                &[("Auth: {DefaultAuthorizer: AWS_IAM}", "Auth: {}")],
            ],
            &["anonymous-invocation", "unauthenticated-api-route"],
        ),
        (&[("  Gateway:\n", EVERYONE)], none, &["any-principal-invocation"]),
        (&[("  Gateway:\n", SERVICE)], none, &["service-invoker-without-source"]),
        (&[("  Gateway:\n", OPEN_URL)], none, &["anonymous-invocation"]),
        (&[("LOG_LEVEL: info", "AWS_KEY: AKIAIOSFODNN7EXAMPLE")], none, &["secret-in-environment"]),
        (
            &[],
            [
                &[("service-role/AWSLambdaVPCAccessExecutionRole", "AdministratorAccess")],
                &[("Policies: [AWSLambdaVPCAccessExecutionRole]", "Policies: [AdministratorAccess]")],
            ],
            &["privileged-runtime-identity"],
        ),
        (&[("nodejs22.x", "nodejs16.x")], none, &["deprecated-runtime"]),
    ];
    let mut wrong = Vec::new();
    for (both, own, rules) in cases {
        let expected: BTreeSet<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        for (file, own) in SOUND.iter().zip(own) {
            let edits = [both, own].concat();
            let code = changed(file, &edits);
            if (failed(&code), open(&code)) != (expected.clone(), BTreeSet::new()) {
                wrong.push(format!("{file} {edits:?}: {:#?}", shown(&code)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_address_is_used_by_whatever_takes_it_and_unused_by_nothing() {
    let spare = "  Spare: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}\n  Gateway:\n";
    let with = |more: &str| {
        let from = "  Gateway:\n";
        changed(SOUND[0], &[(from, &format!("{more}{spare}"))])
    };
    let rule = "unused-nat-address".to_owned();
    assert_eq!(failed(&with("")), BTreeSet::from([rule.clone()]));
    for taker in [
        "  It: {Type: AWS::EC2::EIPAssociation, Properties: {AllocationId: !GetAtt Spare.AllocationId, InstanceId: i-1}}\n",
        "  It: {Type: AWS::EC2::EIPAssociation, Properties: {EIP: !Ref Spare, InstanceId: i-1}}\n",
        "  It: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, SubnetMappings: [{SubnetId: !Ref PublicA, AllocationId: !GetAtt Spare.AllocationId}]}}\n",
    ] {
        let code = with(taker);
        assert!(failed(&code).is_empty() && open(&code).is_empty(), "{taker} {:#?}", shown(&code));
    }
    let code =
        with("  It: {Type: AWS::EC2::EIPAssociation, Properties: {AllocationId: !ImportValue x, InstanceId: i-1}}\n");
    assert!(failed(&code).is_empty() && open(&code).contains(&rule), "{:#?}", shown(&code));
}
