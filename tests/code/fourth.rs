//! The fourth architecture as Terraform: in order, broken in each way, and with what nobody knows.

use std::collections::BTreeSet;

use egress_audit::{code::Evaluated, report::Outcome};

use crate::verdicts::{Case, failed, graph, judged, open, text, written};

fn aws(changes: &[(&str, &str)]) -> Evaluated {
    let mut main = text("aws/sound/main.tf");
    for (from, to) in changes {
        assert!(main.contains(from), "{from}");
        main = main.replace(from, to);
    }
    written(&main)
}

#[test]
fn the_fourth_architecture_in_order_has_no_finding_and_no_open_question() {
    let (verdicts, complete) = judged(&aws(&[]));
    assert!(complete, "{verdicts:#?}");
    assert!(verdicts.values().all(|it| matches!(it, Outcome::Pass | Outcome::NotApplicable)), "{verdicts:#?}");
    assert!(verdicts.values().filter(|it| **it == Outcome::Pass).count() > 20);
    let graph = graph(&aws(&[]));
    let workload = graph.workloads.first().expect("a function");
    assert_eq!(workload.egress.verdict.as_str(), "static");
}

#[test]
fn what_is_broken_of_the_fourth_architecture_breaks_its_rules_and_no_others() {
    let private = "subnet_ids         = values(aws_subnet.private)[*].id";
    let permission = "principal     = \"apigateway.amazonaws.com\"\n  source_arn    = \"${aws_api_gateway_rest_api.orders.execution_arn}/*/*\"";
    let url = "resource \"aws_lambda_permission\" \"api\" {";
    let open_url = "resource \"aws_lambda_function_url\" \"open\" {\n  function_name = \"orders\"\n  authorization_type = \"NONE\"\n}\n";
    let grants = concat!(
        "resource \"aws_lambda_permission\" \"url\" {\n  action = \"lambda:InvokeFunctionUrl\"\n  function_name = \"orders\"\n",
        "  principal = \"*\"\n  function_url_auth_type = \"NONE\"\n}\n",
        "resource \"aws_lambda_permission\" \"call\" {\n  action = \"lambda:InvokeFunction\"\n  function_name = \"orders\"\n",
        "  principal = \"*\"\n  invoked_via_function_url = true\n}\n",
    );
    let opened = format!("{open_url}{grants}{url}");
    let cases: [Case<'_>; 14] = [
        (&[(private, "subnet_ids = values(aws_subnet.public)[*].id")], &["public-subnet-function"]),
        (
            &[(
                "nat_gateway_id         = aws_nat_gateway.main[each.key].id",
                "gateway_id = aws_internet_gateway.main.id",
            )],
            &["public-subnet-function"],
        ),
        (
            &[(
                "subnet_id     = aws_subnet.public[each.key].id\n}\nresource \"aws_route_table\" \"private\"",
                "subnet_id     = aws_subnet.private[each.key].id\n}\nresource \"aws_route_table\" \"private\"",
            )],
            &["broken-egress-path"],
        ),
        (
            &[(
                "nat_gateway_id         = aws_nat_gateway.main[each.key].id",
                "nat_gateway_id = aws_nat_gateway.main[\"a\"].id",
            )],
            &["cross-zone-nat", "single-zone-nat"],
        ),
        (&[("cidr_ipv4         = \"0.0.0.0/0\"", "cidr_ipv4 = \"10.0.0.0/8\"")], &["broken-egress-path"]),
        (&[("enable_key_rotation = true", "enable_key_rotation = false")], &["unrotated-key"]),
        (&[("enable_key_rotation = true", "enable_key_rotation = true\n  is_enabled = false")], &["unusable-key"]),
        (
            &[("authorization = \"AWS_IAM\"", "authorization = \"NONE\"")],
            &["anonymous-invocation", "unauthenticated-api-route"],
        ),
        (&[(permission, "principal = \"*\"")], &["any-principal-invocation"]),
        (&[(permission, "principal = \"s3.amazonaws.com\"")], &["service-invoker-without-source"]),
        (&[(url, &opened)], &["anonymous-invocation"]),
        (&[("LOG_LEVEL = \"info\"", "AWS_KEY = \"AKIAIOSFODNN7EXAMPLE\"")], &["secret-in-environment"]),
        (&[("service-role/AWSLambdaVPCAccessExecutionRole", "AdministratorAccess")], &["privileged-runtime-identity"]),
        (&[("nodejs22.x", "nodejs16.x")], &["deprecated-runtime"]),
    ];
    let mut wrong = Vec::new();
    for (changes, rules) in cases {
        let expected: BTreeSet<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        let code = aws(changes);
        let found = (failed(&code), open(&code));
        if found != (expected, BTreeSet::new()) {
            wrong.push(format!("{changes:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_known_of_the_fourth_architecture_passes_no_rule_that_hangs_on_it() {
    let unknown = "variable \"who\" {}\n";
    let main = text("aws/sound/main.tf") + unknown;
    for (from, to, rules) in [
        (
            "principal     = \"apigateway.amazonaws.com\"",
            "principal = var.who",
            &["anonymous-invocation", "any-principal-invocation"][..],
        ),
        ("authorization = \"AWS_IAM\"", "authorization = var.who", &["anonymous-invocation"]),
        (
            "nat_gateway_id         = aws_nat_gateway.main[each.key].id",
            "nat_gateway_id = var.who",
            &["broken-egress-path"],
        ),
        ("kms_key_arn   = aws_kms_key.orders.arn", "kms_key_arn = var.who", &["unusable-key"]),
    ] {
        assert!(main.contains(from), "{from}");
        let code = written(&main.replace(from, to));
        let open = open(&code);
        assert!(rules.iter().all(|rule| open.contains(*rule)), "{to}: {open:?}");
    }
}
