//! What the source makes of odd but legal answers, and what it refuses before it asks anything.

use std::{process::Command, thread, time::Duration};

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::{
            ALIASES, BLOCK_PUBLIC_ACCESS_EXCLUSION, FUNCTION, FUNCTION_DETAIL, KEY, KEY_ROTATION, NAT_GATEWAY, POLICY,
            PREFIX_LIST_ENTRIES, ROUTE_TABLE, URL_CONFIGS, VERSION, VPC,
        },
    },
};
use serde_json::json;

use crate::{
    estate::{self, ARN, KEY as KEY_ARN, SECRETS},
    fault::with_token,
    run::{Outcome, Run, collect, environment},
    stub::{Reply, Stub},
};

fn healthy() -> Stub {
    Stub::start(|request, _| estate::answer(request))
}

fn run(stub: &Stub, arguments: &[&str]) -> Run {
    Run::new(&environment(&stub.endpoint()), arguments).set("AWS_MAX_ATTEMPTS", "1")
}

#[test]
fn records_have_the_form_that_the_command_line_prints() {
    let outcome = collect(&healthy().endpoint());
    let nat = outcome.body(NAT_GATEWAY, "nat-1");
    assert_eq!(
        nat,
        json!({
            "NatGatewayId": "nat-1", "SubnetId": "subnet-2", "State": "available", "AvailabilityMode": "zonal",
            "NatGatewayAddresses": [
                {"AllocationId": "eipalloc-1", "PublicIp": "203.0.113.7", "IsPrimary": true, "Status": "succeeded"}
            ],
        })
    );
    assert_eq!(
        outcome.body(ROUTE_TABLE, "rtb-1")["Routes"][0],
        json!({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"})
    );
    let function = outcome.body(FUNCTION, ARN);
    assert_eq!(function["Runtime"], "nodejs99.x");
    assert_eq!(
        function["Environment"],
        json!({"Variables": {"STAGE": null, "TOKEN": {"looks_like": "aws-access-key-id"}}})
    );
    assert_eq!(outcome.body(VERSION, &format!("{ARN}:1"))["Version"], "1");
    assert_eq!(
        outcome.body(ALIASES, ARN)["Aliases"][0]["RoutingConfig"],
        json!({"AdditionalVersionWeights": {"2": 0.25}})
    );
    assert_eq!(outcome.body(POLICY, ARN)["Policy"], "{\"Statement\":[]}");
    for absent in ["1", "live"] {
        assert_eq!(outcome.body(POLICY, &format!("{ARN}:{absent}")), json!(null));
    }
    assert_eq!(outcome.body(KEY, KEY_ARN)["KeyMetadata"]["CreationDate"], "1970-01-01T00:00:00Z");
    assert_eq!(outcome.state(PREFIX_LIST_ENTRIES), (ReadState::Read, 2), "only the lists that are named");
    let scopes = &outcome.snapshot().scopes;
    let ids: Vec<String> = scopes.iter().map(|scope| scope.id.to_string()).collect();
    assert_eq!(ids, ["aws:123456789012:global", "aws:123456789012:us-west-2"]);
    for scope in scopes {
        assert_eq!(scope.principal.as_deref(), Some("arn:aws:iam::123456789012:user/test"));
        assert!(scope.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://127.0.0.1:")));
    }
}

#[test]
fn the_same_account_gives_the_same_records_whatever_came_first() {
    let stub = healthy();
    let records = |outcome: &Outcome| {
        let records = &outcome.snapshot().records;
        records
            .iter()
            .map(|record| (record.kind.clone(), record.id.clone(), record.body.to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(records(&collect(&stub.endpoint())), records(&collect(&stub.endpoint())));
}

#[test]
fn pages_are_read_to_the_end_past_empty_ones_and_doubles() {
    let stub = Stub::start(|request, _| match (request.operation.as_str(), request.token()) {
        ("ListFunctions", None) => {
            let page = json!({"Functions": [estate::function("f", "$LATEST"), estate::function("f", "1")]});
            Reply::ok(with_token(request, &page.to_string(), "2"))
        }
        ("ListFunctions", Some("2")) => Reply::ok(with_token(request, &json!({"Functions": []}).to_string(), "3")),
        ("ListFunctions", _) => {
            let page = json!({"Functions": [estate::function("f", "1"), estate::function("f", "2")]});
            Reply::ok(page.to_string())
        }
        ("DescribeVpcs", None) => {
            let page = estate::xml("DescribeVpcs", "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>");
            Reply::ok(with_token(request, &page, "2"))
        }
        ("DescribeVpcs", _) => {
            let items = "<item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item>";
            Reply::ok(estate::xml("DescribeVpcs", &format!("<vpcSet>{items}</vpcSet>")))
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!(outcome.state(FUNCTION), (ReadState::Read, 1));
    assert_eq!(outcome.state(VERSION), (ReadState::Read, 2));
    assert_eq!(outcome.state(VPC), (ReadState::Read, 2));
    assert_eq!(outcome.state(POLICY), (ReadState::Read, 4));
    assert_eq!(stub.count("GetFunction"), 1);
}

#[test]
fn a_function_of_another_account_is_a_gap() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListFunctions" => {
            let mut other = estate::function("g", "$LATEST");
            other["FunctionArn"] = "arn:aws:lambda:us-west-2:999999999999:function:g:$LATEST".into();
            Reply::ok(json!({"Functions": [estate::function("f", "$LATEST"), other]}).to_string())
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.state(FUNCTION), (ReadState::Partial, 1));
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::WrongIdentity && gap.resource.is_none()));
    assert_eq!(stub.count("GetFunction"), 1);
}

#[test]
fn where_nothing_is_blocked_there_is_nothing_to_exclude() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "DescribeVpcBlockPublicAccessOptions" => {
            let mode = "<internetGatewayBlockMode>off</internetGatewayBlockMode>";
            let options = format!("<vpcBlockPublicAccessOptions>{mode}</vpcBlockPublicAccessOptions>");
            Reply::ok(estate::xml(&request.operation, &options))
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.state(BLOCK_PUBLIC_ACCESS_EXCLUSION), (ReadState::Read, 0));
    assert_eq!(stub.count("DescribeVpcBlockPublicAccessExclusions"), 0);
}

#[test]
fn a_key_that_cannot_rotate_is_no_gap_and_an_alias_leads_to_its_key() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListFunctions" => {
            let mut function = estate::function("f", "$LATEST");
            function["KMSKeyArn"] = "arn:aws:kms:us-west-2:123456789012:alias/a".into();
            Reply::ok(json!({"Functions": [function]}).to_string())
        }
        "GetFunction" => {
            let mut function = estate::function("f", "$LATEST");
            function["KMSKeyArn"] = "arn:aws:kms:us-west-2:123456789012:alias/a".into();
            Reply::ok(json!({"Configuration": function, "Code": {}}).to_string())
        }
        // Of web functions there are none, which would name the key by itself.
        "ListWebFunctions" => Reply::ok(r#"{"functions": []}"#),
        "GetKeyRotationStatus" if request.names("key/k") => {
            Reply::error(request, 400, "UnsupportedOperationException", "no")
        }
        "GetKeyRotationStatus" | "GetKeyPolicy" if request.names("alias/a") => {
            Reply::error(request, 400, "InvalidArnException", "no alias here")
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!(outcome.body(KEY_ROTATION, "arn:aws:kms:us-west-2:123456789012:alias/a"), json!(null));
    assert_eq!(stub.count("DescribeKey"), 1);
}

#[test]
fn a_key_that_is_not_the_one_that_was_asked_for_is_not_taken_for_it() {
    for (what, other) in [
        ("DescribeKey", "arn:aws:kms:us-west-2:999999999999:key/k"),
        ("DescribeKey", "arn:aws:kms:us-west-2:123456789012:key/other"),
        ("GetKeyRotationStatus", "arn:aws:kms:us-west-2:123456789012:key/other"),
    ] {
        let stub = Stub::start(move |request, _| match (request.operation == what, estate::answer(request)) {
            (true, Reply::Text { body, .. }) => Reply::ok(body.replace(KEY_ARN, other)),
            (_, reply) => reply,
        });
        let outcome = collect(&stub.endpoint());
        let gaps = &outcome.snapshot().gaps;
        assert!(!gaps.is_empty(), "{what} {other}");
        assert!(gaps.iter().all(|gap| gap.why == GapReason::WrongIdentity && gap.resource.as_deref() == Some(KEY_ARN)));
    }
}

#[test]
fn tags_that_the_caller_may_not_see_are_not_taken_for_none() {
    let stub = |tags: serde_json::Value| {
        Stub::start(move |request, _| match (request.operation.as_str(), estate::answer(request)) {
            ("GetFunction", Reply::Text { body, .. }) => {
                let mut body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                body.as_object_mut().expect("an object").extend(tags.as_object().expect("an object").clone());
                Reply::ok(body.to_string())
            }
            (_, reply) => reply,
        })
    };
    let detail = |tags| collect(&stub(tags).endpoint()).body(FUNCTION_DETAIL, ARN);
    let error = json!({"ErrorCode": "AccessDeniedException", "Message": "no"});
    assert_eq!(detail(json!({ "TagsError": error }))["TagsError"], json!({"ErrorCode": "AccessDeniedException"}));
    let tags = json!({"egress-audit-egress": "none", "secret": SECRETS[0], "x-egress-audit-y": "z"});
    let kept = detail(json!({ "Tags": tags }));
    assert_eq!((&kept["Tags"], &kept["TagsError"]), (&json!({"egress-audit-egress": "none"}), &json!(null)));
}

#[test]
fn an_endpoint_that_lists_no_urls_is_asked_for_each() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListFunctionUrlConfigs" => Reply::Text { status: 404, headers: Vec::new(), body: "<html>no</html>".into() },
        "GetFunctionUrlConfig" if request.names("Qualifier=live") => {
            let url = json!({"FunctionUrl": "https://u/", "FunctionArn": format!("{ARN}:live"), "AuthType": "AWS_IAM",
                "CreationTime": "t", "LastModifiedTime": "t"});
            Reply::ok(url.to_string())
        }
        "GetFunctionUrlConfig" => {
            Reply::error(request, 404, "ResourceNotFoundException", "The resource you requested does not exist.")
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    let urls = &outcome.body(URL_CONFIGS, ARN)["FunctionUrlConfigs"];
    assert_eq!(urls.as_array().map(Vec::len), Some(1));
    assert_eq!(urls[0]["AuthType"], "AWS_IAM");
}

#[test]
fn regions_that_are_not_enabled_are_left_out_and_the_others_fail_alone() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListFunctions" if request.region == "eu-west-1" => Reply::error(request, 403, "AccessDeniedException", "scp"),
        _ => estate::answer(request),
    });
    let outcome = run(&stub, &["--all-regions"]).go();
    let regions: Vec<&str> = outcome.snapshot().scopes.iter().map(|scope| scope.id.region.as_str()).collect();
    assert_eq!(regions, ["eu-west-1", "global", "us-west-2"]);
    assert!(!outcome.snapshot().gaps.is_empty());
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.scope.region == "eu-west-1"));
}

/// Nothing was read and nothing was written, and the user is told what would help.
fn refused(outcome: &Outcome, says: &[&str]) {
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.snapshot.is_none());
    for words in says {
        assert!(outcome.errors.contains(words), "`{words}` is not in: {}", outcome.errors);
    }
    assert!(!outcome.errors.contains("panicked"), "{}", outcome.errors);
}

#[test]
fn endpoints_elsewhere_are_refused_before_anything_is_sent() {
    let stub = healthy();
    for (name, endpoint, says) in [
        ("AWS_ENDPOINT_URL", "https://example.com", "--allow-endpoint example.com"),
        ("AWS_ENDPOINT_URL_EC2", "https://ec2.example.com:8443", "--allow-endpoint ec2.example.com"),
        ("AWS_ENDPOINT_URL_KMS", "http://example.com", "plain http"),
        ("AWS_ENDPOINT_URL_STS", "http://169.254.169.254", "plain http"),
        ("AWS_ENDPOINT_URL_LAMBDA", "https://amazonaws.com.example.com", "--allow-endpoint amazonaws.com.example.com"),
        ("AWS_ENDPOINT_URL_LAMBDA", "example.com", "not an address"),
    ] {
        refused(&run(&stub, &["--region", "us-west-2"]).set(name, endpoint).go(), &[says]);
    }
    let run = run(&stub, &["--region", "us-west-2"]).without("AWS_ENDPOINT_URL");
    let profile = run.file("config", "[default]\nendpoint_url = https://example.com\n");
    refused(&run.set("AWS_CONFIG_FILE", &profile).go(), &["--allow-endpoint example.com"]);
    assert_eq!(stub.count("GetCallerIdentity"), 0);
}

#[test]
fn a_server_that_cannot_prove_who_it_is_and_one_that_is_not_there_are_told_apart() {
    let stub = healthy();
    let run = run(&stub, &["--region", "us-west-2"]);
    let run = run.set("AWS_ENDPOINT_URL_EC2", &stub.endpoint().replace("http:", "https:"));
    let outcome = run.set("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9").go();
    assert_eq!(outcome.line(FUNCTION).state, ReadState::Read);
    for gap in &outcome.snapshot().gaps {
        let why = if gap.call.starts_with("kms:") { GapReason::Network } else { GapReason::Tls };
        assert_eq!(gap.why, why, "{gap:?}");
    }
    assert_eq!(outcome.line(VPC).state, ReadState::Unread);
    assert_eq!(outcome.line(KEY).state, ReadState::Unread);
}

#[test]
fn settings_that_make_no_sense_are_refused_and_not_a_panic() {
    let stub = healthy();
    refused(&run(&stub, &["--region", "us-west-2"]).set("AWS_MAX_ATTEMPTS", "0").go(), &["AWS_MAX_ATTEMPTS"]);
    refused(&run(&stub, &["--region", "us-west-2"]).set("AWS_RETRY_MODE", "hasty").go(), &["AWS_RETRY_MODE"]);
    refused(&run(&stub, &["--region", "us-west-2.example.com"]).go(), &["not the name of a region"]);
    refused(&run(&stub, &[]).go(), &["no region is configured", "--region"]);
    assert_eq!(stub.count("GetCallerIdentity"), 0);

    // Those of the profile are not used, and cannot do harm.
    let run = run(&stub, &["--region", "us-west-2"]);
    let profile = run.file("config", "[default]\nmax_attempts = 0\nretry_mode = hasty\n");
    let outcome = run.set("AWS_CONFIG_FILE", &profile).go();
    assert_eq!(outcome.snapshot().gaps, []);
}

#[test]
fn without_credentials_that_work_nothing_is_read() {
    let stub = healthy();
    let run_without = run(&stub, &["--region", "us-west-2"]).without("AWS_ACCESS_KEY_ID");
    refused(&run_without.go(), &["sts:GetCallerIdentity", "unauthenticated", "hint: "]);
    let expired = Stub::start(|request, _| Reply::error(request, 403, "ExpiredToken", "the token has expired"));
    refused(&run(&expired, &["--region", "us-west-2"]).go(), &["unauthenticated", "the token has expired"]);
    let empty = Stub::start(|_, _| Reply::ok("{}"));
    refused(&run(&empty, &["--region", "us-west-2"]).go(), &["malformed"]);
}

#[test]
fn an_interrupt_ends_the_run_at_once_and_leaves_no_file() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "DescribeVpcs" => Reply::Silence,
        _ => estate::answer(request),
    });
    let outcome = run(&stub, &["--region", "us-west-2"]).go_with(|process| {
        for _ in 0..500 {
            if stub.count("DescribeVpcs") > 0 {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let kill = Command::new("kill").args(["-INT", &process.to_string()]).status().expect("kill exists");
        assert!(kill.success());
    });
    assert_eq!(outcome.code, Some(130), "{}", outcome.errors);
    assert!(outcome.snapshot.is_none());
}
