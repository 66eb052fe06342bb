//! Distributions of `CloudFront` before function URLs: as code they break the rules that they break live.

use egress_audit::code::Evaluated;

use crate::{
    live::findings,
    stacked, stacks,
    verdicts::{failed, open, shown, text, written},
};

const TERRAFORM: &str = r#"
variable "x" {}
resource "aws_lambda_function_url" "orders" {
  function_name      = aws_lambda_function.orders.function_name
  authorization_type = "AWS_IAM"
}
resource "aws_cloudfront_origin_access_control" "orders" {
  name                              = "orders"
  origin_access_control_origin_type = "lambda"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}
resource "aws_cloudfront_distribution" "orders" {
  enabled = true
  origin {
    origin_id                = "o1"
    domain_name              = trimsuffix(trimprefix(aws_lambda_function_url.orders.function_url, "https://"), "/")
    origin_access_control_id = aws_cloudfront_origin_access_control.orders.id
  }
  default_cache_behavior {
    target_origin_id       = "o1"
    viewer_protocol_policy = "https-only"
    trusted_key_groups     = []
  }
}
resource "aws_lambda_permission" "url" {
  action        = "lambda:InvokeFunctionUrl"
  function_name = aws_lambda_function.orders.function_name
  principal     = "cloudfront.amazonaws.com"
  source_arn    = aws_cloudfront_distribution.orders.arn
}
resource "aws_lambda_permission" "call" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.orders.function_name
  principal     = "cloudfront.amazonaws.com"
  source_arn    = aws_cloudfront_distribution.orders.arn
}
"#;

const TEMPLATE: &str = "  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: AWS_IAM}
  Control:
    Type: AWS::CloudFront::OriginAccessControl
    Properties: {OriginAccessControlConfig: {Name: orders, OriginAccessControlOriginType: lambda, SigningBehavior: always, SigningProtocol: sigv4}}
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: o1
            DomainName: !Select [2, !Split ['/', !GetAtt Url.FunctionUrl]]
            OriginAccessControlId: !GetAtt Control.Id
        DefaultCacheBehavior: {TargetOriginId: o1, ViewerProtocolPolicy: https-only, TrustedKeyGroups: []}
  ByUrl:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunctionUrl', FunctionName: !Ref Function, Principal: cloudfront.amazonaws.com, SourceArn: !Sub 'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Cdn}'}
  ByCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !Ref Function, Principal: cloudfront.amazonaws.com, SourceArn: !Sub 'arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Cdn}'}
";

/// What is changed in a text.
type Edits<'a> = &'a [(&'a str, &'a str)];

fn both(terraform: Edits<'_>, stack: Edits<'_>) -> [Evaluated; 2] {
    let changed = |of: &str, edits: Edits<'_>| {
        edits.iter().fold(of.to_owned(), |of, (from, to)| {
            assert!(of.contains(from), "{from}");
            of.replace(from, to)
        })
    };
    [
        written(&(text("aws/sound/main.tf") + &changed(TERRAFORM, terraform))),
        stacks::of(&(stacked::text("cloudformation/sound.yaml") + &changed(TEMPLATE, stack))),
    ]
}

pub(crate) fn fixtures() -> [Evaluated; 2] {
    both(&[], &[])
}

#[test]
fn a_distribution_as_code_breaks_the_rules_that_it_breaks_live() {
    let cases: [(&str, Edits<'_>, Edits<'_>); 4] = [
        ("distribution-that-signs", &[], &[]),
        (
            "distribution-that-does-not-sign",
            &[("origin_access_control_id = aws_cloudfront_origin_access_control.orders.id", "")],
            &[("            OriginAccessControlId: !GetAtt Control.Id\n", "")],
        ),
        (
            "distribution-that-asks-its-viewers",
            &[("trusted_key_groups     = []", "trusted_key_groups = [\"k\"]")],
            &[("TrustedKeyGroups: []", "TrustedKeyGroups: [k]")],
        ),
        (
            "distribution-that-signs",
            &[(
                "trimsuffix(trimprefix(aws_lambda_function_url.orders.function_url, \"https://\"), \"/\")",
                "\"${aws_lambda_function_url.orders.url_id}.lambda-url.us-west-2.on.aws\"",
            )],
            &[("TrustedKeyGroups: []", "TrustedKeyGroups: !Ref AWS::NoValue")],
        ),
    ];
    for (scenario, terraform, stack) in cases {
        for code in both(terraform, stack) {
            let live = (findings(scenario, "fail"), findings(scenario, "not-evaluated"));
            assert_eq!((failed(&code), open(&code)), live, "{scenario} {:#?}", shown(&code));
        }
    }
}

#[test]
fn a_distribution_of_which_nobody_knows_what_decides_is_never_a_pass() {
    let cases: [Edits<'_>; 4] = [
        &[("trusted_key_groups     = []", "trusted_key_groups = var.x")],
        &[(
            "origin_access_control_id = aws_cloudfront_origin_access_control.orders.id",
            "origin_access_control_id = var.x",
        )],
        &[("enabled = true", "enabled = var.x")],
        &[("trimsuffix(trimprefix(aws_lambda_function_url.orders.function_url, \"https://\"), \"/\")", "var.x")],
    ];
    for edits in cases {
        let [code, _] = both(edits, &[]);
        assert!(open(&code).contains("anonymous-invocation"), "{edits:?} {:#?}", shown(&code));
    }
}
