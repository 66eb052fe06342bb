//! What the source makes of layers, API Gateway, load balancers, `CloudFront` and IAM.

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::doors::{
            DISTRIBUTION, EVENT_SOURCE_MAPPING, GROUP, HTTP_API, HTTP_EXPORT, HTTP_STAGES, LAYER, LAYER_POLICY,
            LISTENER_RULES, LISTENERS, MANAGED_POLICY, REST_API, REST_DOMAIN, REST_EXPORT, REST_MAPPINGS, REST_STAGES,
            ROLE, TARGET_GROUP, TARGET_HEALTH, USER,
        },
    },
};
use serde_json::json;

use crate::{
    calls::CHAINS,
    estate::{
        self,
        doors::{LAYER as LAYER_ARN, distribution},
    },
    fault::with_token,
    run::{Run, collect, environment},
    stub::{Reply, Request, Stub},
};

/// The estate, with another answer to one call.
fn with(operation: &'static str, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Stub {
    Stub::start(
        move |request, _| if request.operation == operation { answer(request) } else { estate::answer(request) },
    )
}

#[test]
fn doors_have_the_form_that_the_command_line_prints() {
    let outcome = collect(&Stub::start(|request, _| estate::answer(request)).endpoint());
    assert_eq!(
        outcome.body(REST_API, "r1"),
        json!({
            "id": "r1", "name": "rest", "createdDate": "1970-01-01T00:00:00Z", "policy": "{}",
            "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": true,
        })
    );
    let uri = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/\
               arn:aws:lambda:us-west-2:123456789012:function:${stageVariables.function}/invocations";
    assert_eq!(
        outcome.body(REST_EXPORT, "r1/prod"),
        json!({
            "openapi": "3.0.1",
            "paths": {"/": {"get": {
                "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri},
            }}},
        })
    );
    assert_eq!(
        outcome.body(REST_MAPPINGS, "r.example.com"),
        json!({"items": [{"basePath": "(none)", "restApiId": "r1", "stage": "prod"}]})
    );
    assert_eq!(outcome.body(HTTP_API, "h1")["ProtocolType"], "HTTP");
    assert_eq!(
        outcome.body(EVENT_SOURCE_MAPPING, "e-1")["SelfManagedEventSource"],
        json!({"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b.example.com:9092"]}})
    );
    assert_eq!(outcome.body(LAYER_POLICY, &format!("{LAYER_ARN}:1"))["Policy"], "{\"Statement\":[]}");
    assert_eq!(outcome.body(LAYER_POLICY, &format!("{LAYER_ARN}:2")), json!(null));
    assert_eq!(outcome.state(TARGET_GROUP), (ReadState::Read, 1), "one leads to addresses");
    assert_eq!(outcome.state(LISTENERS), (ReadState::Read, 1), "of the balancer before the function");
}

#[test]
fn what_may_be_secret_of_a_door_is_known_by_its_name_only() {
    let outcome = collect(&Stub::start(|request, _| estate::answer(request)).endpoint());
    let token = json!({"looks_like": "aws-access-key-id"});
    assert_eq!(outcome.body(REST_STAGES, "r1")["item"][0]["variables"], json!({"function": "f", "TOKEN": token}));
    assert_eq!(outcome.body(HTTP_STAGES, "h1")["Items"][1]["StageVariables"], json!({"f": "f", "key": token}));
    assert_eq!(
        outcome.body(EVENT_SOURCE_MAPPING, "e-1")["SourceAccessConfigurations"],
        json!([{"Type": "BASIC_AUTH"}])
    );
    let (_, rules) = outcome.records(LISTENER_RULES.name).remove(0);
    assert!(rules.contains(r#""HttpHeaderConfig":{"HttpHeaderName":"X-Origin"}"#), "{rules}");
    let (_, listeners) = outcome.records(LISTENERS.name).remove(0);
    assert!(listeners.contains(r#"{"Issuer":"https://i/","OnUnauthenticatedRequest":"allow"}"#), "{listeners}");
    let distribution = outcome.body(DISTRIBUTION, "arn:aws:cloudfront::123456789012:distribution/E1");
    assert_eq!(
        distribution["Origins"]["Items"][0]["CustomHeaders"],
        json!({"Quantity": 1, "Items": [{"HeaderName": "X-Origin"}]})
    );
}

#[test]
fn identities_have_policies_as_text_and_only_those_that_somebody_has() {
    let outcome = collect(&Stub::start(|request, _| estate::answer(request)).endpoint());
    let document = r#"{"Version": "2012-10-17","Statement":[]}"#;
    let arn = |rest: &str| format!("arn:aws:iam::123456789012:{rest}");
    assert_eq!(outcome.body(USER, &arn("user/u")), json!({"Arn": arn("user/u"), "UserName": "u"}));
    assert_eq!(outcome.body(ROLE, &arn("role/r"))["AssumeRolePolicyDocument"], document);
    assert_eq!(
        outcome.body(GROUP, &arn("group/g"))["GroupPolicyList"],
        json!([{"PolicyName": "p", "PolicyDocument": document}])
    );
    assert_eq!(outcome.state(MANAGED_POLICY), (ReadState::Read, 1));
    assert_eq!(
        outcome.body(MANAGED_POLICY, &arn("policy/used"))["PolicyVersionList"],
        json!([{"VersionId": "v2", "IsDefaultVersion": true, "Document": document}])
    );
}

#[test]
fn every_paged_list_is_read_to_its_end() {
    for (call, ..) in CHAINS.into_iter().flatten().filter(|(_, paged, _)| *paged) {
        let stub = with(call, |request| match (request.token(), estate::answer(request)) {
            (None, Reply::Text { body, .. }) => Reply::ok(with_token(request, &body, "more")),
            (_, reply) => reply,
        });
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.snapshot().gaps, [], "{call}");
        assert_eq!(stub.count(call) % 2, 0, "{call}: {} pages", stub.count(call));
    }
}

#[test]
fn what_is_of_no_region_is_read_once_however_many_regions_there_are() {
    let stub = Stub::start(|request, _| estate::answer(request));
    let run = Run::new(&environment(&stub.endpoint()), &["--all-regions"]).set("AWS_MAX_ATTEMPTS", "1");
    let outcome = run.go();
    assert_eq!((stub.count("ListDistributions"), stub.count("GetAccountAuthorizationDetails")), (1, 1));
    assert_eq!(stub.count("GetRestApis"), 2);
    for kind in [DISTRIBUTION, USER, ROLE, GROUP, MANAGED_POLICY] {
        assert_eq!(outcome.line(kind).scope.region, "global");
        assert_eq!(outcome.state(kind), (ReadState::Read, 1), "{}", kind.name);
    }
}

#[test]
fn an_api_that_deploys_by_itself_or_speaks_websocket_is_not_exported() {
    let stub = with("GetApis", |_| {
        let api = |id: &str, protocol: &str| json!({"apiId": id, "protocolType": protocol});
        Reply::ok(json!({"items": [api("h1", "HTTP"), api("w1", "WEBSOCKET")]}).to_string())
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    let exports = outcome.records(HTTP_EXPORT.name);
    assert_eq!(exports.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["h1/held"]);
    assert_eq!(outcome.state(HTTP_STAGES), (ReadState::Read, 2));
}

#[test]
fn a_list_of_rest_apis_that_says_nothing_is_empty_and_one_that_says_something_else_is_not() {
    for operation in ["GetRestApis", "GetStages", "GetDomainNames", "GetBasePathMappings"] {
        let outcome = collect(&with(operation, |_| Reply::ok("{}")).endpoint());
        assert_eq!(outcome.snapshot().gaps, [], "{operation}");
        for other in [r#"{"item": null}"#, r#"{"items": []}"#, "[]"] {
            let outcome = collect(&with(operation, move |_| Reply::ok(other)).endpoint());
            let gaps = &outcome.snapshot().gaps;
            assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.why == GapReason::Malformed), "{operation} {other}");
        }
    }
}

#[test]
fn a_private_domain_goes_by_its_arn_and_is_asked_for_by_its_id() {
    let arn = "arn:aws:apigateway:us-west-2:123456789012:/domainnames/p.example.com+abc";
    let stub = Stub::start(move |request, _| match request.operation.as_str() {
        "GetDomainNames" => {
            let domain = json!({
                "domainName": "p.example.com", "domainNameId": "abc", "domainNameArn": arn,
                "endpointConfiguration": {"types": ["PRIVATE"]},
            });
            Reply::ok(json!({ "item": [domain] }).to_string())
        }
        "GetBasePathMappings" if !request.names("domainNameId=abc") => {
            Reply::error(request, 404, "NotFoundException", "Invalid domain name identifier specified")
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!(outcome.body(REST_DOMAIN, arn)["domainName"], "p.example.com");
    assert_eq!(outcome.body(REST_MAPPINGS, arn)["items"][0]["stage"], "prod");
}

#[test]
fn where_no_target_group_leads_to_a_function_nothing_more_is_asked() {
    let stub = with("DescribeTargetGroups", |request| {
        let group = "<member><TargetGroupArn>g</TargetGroupArn><TargetType>instance</TargetType></member>";
        Reply::ok(estate::document(request, &format!("<TargetGroups>{group}</TargetGroups>")))
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    for kind in [TARGET_GROUP, TARGET_HEALTH, LISTENERS, LISTENER_RULES] {
        assert_eq!(outcome.state(kind), (ReadState::Read, 0), "{}", kind.name);
    }
    for call in ["DescribeTargetHealth", "DescribeListeners", "DescribeRules"] {
        assert_eq!(stub.count(call), 0, "{call}");
    }
}

#[test]
fn what_goes_while_it_is_read_is_a_gap_of_its_own() {
    for (call, code, kind) in [
        ("GetExport", "NotFoundException", REST_EXPORT),
        ("GetBasePathMappings", "NotFoundException", REST_MAPPINGS),
        ("ExportApi", "NotFoundException", HTTP_EXPORT),
        ("DescribeTargetHealth", "TargetGroupNotFound", TARGET_HEALTH),
        ("DescribeRules", "ListenerNotFound", LISTENER_RULES),
    ] {
        let outcome = collect(&with(call, move |request| Reply::error(request, 404, code, "gone")).endpoint());
        let gaps = &outcome.snapshot().gaps;
        assert_eq!(gaps.len(), 1, "{call}: {gaps:?}");
        assert_eq!((gaps[0].why, gaps[0].kind.as_str()), (GapReason::GoneDuringScan, kind.name), "{call}");
        assert!(gaps[0].resource.is_some(), "{call}");
    }
    let layer = |request: &Request| {
        let said = format!("Layer version {LAYER_ARN}:1 does not exist.");
        Reply::error(request, 404, "ResourceNotFoundException", &said)
    };
    let outcome = collect(&with("GetLayerVersionPolicy", layer).endpoint());
    assert_eq!(outcome.state(LAYER_POLICY), (ReadState::Unread, 0));
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::GoneDuringScan));
}

#[test]
fn what_is_of_another_account_is_a_gap() {
    let foreign = |text: &str| text.replace("123456789012", "999999999999");
    for (call, kind) in
        [("ListLayers", LAYER_POLICY), ("ListDistributions", DISTRIBUTION), ("GetAccountAuthorizationDetails", USER)]
    {
        let stub = with(call, move |request| match estate::answer(request) {
            Reply::Text { body, .. } => Reply::ok(foreign(&body)),
            other => other,
        });
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.state(kind), (ReadState::Unread, 0), "{call}");
        assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::WrongIdentity), "{call}");
    }
    assert_eq!(collect(&with("ListLayers", |_| Reply::ok(r#"{"Layers": []}"#)).endpoint()).state(LAYER).1, 0);
}

#[test]
fn one_layer_of_another_account_leaves_the_layers_open_and_is_itself_left_out() {
    let stub = with("ListLayers", |request| match estate::answer(request) {
        Reply::Text { body, .. } => {
            let mut body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            let other = body["Layers"][0].to_string().replace("123456789012", "999999999999");
            let layers = body["Layers"].as_array_mut().expect("a list");
            layers.push(serde_json::from_str(&other).expect("JSON"));
            Reply::ok(body.to_string())
        }
        reply => reply,
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.state(LAYER), (ReadState::Partial, 1));
    let gaps = &outcome.snapshot().gaps;
    assert!(gaps.iter().all(|gap| gap.why == GapReason::WrongIdentity && gap.resource.is_none()), "{gaps:?}");
}

#[test]
fn a_list_of_distributions_that_contradicts_itself_is_not_believed() {
    let one = distribution("E1");
    for (fine, inside) in [
        (true, "<IsTruncated>false</IsTruncated><Quantity>0</Quantity>".to_owned()),
        (false, "<IsTruncated>false</IsTruncated><Quantity>1</Quantity>".to_owned()),
        (false, "<IsTruncated>false</IsTruncated>".to_owned()),
        (false, format!("<IsTruncated>true</IsTruncated><Quantity>1</Quantity><Items>{one}</Items>")),
        (false, format!("<IsTruncated>false</IsTruncated><Quantity>2</Quantity><Items>{one}</Items>")),
        (false, {
            let silent = one.replace("<Enabled>true</Enabled>", "");
            format!("<IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items>{silent}</Items>")
        }),
    ] {
        let text = inside.clone();
        let stub = with("ListDistributions", move |request| Reply::ok(estate::document(request, &text)));
        let outcome = collect(&stub.endpoint());
        let state = if fine { ReadState::Read } else { ReadState::Unread };
        assert_eq!(outcome.state(DISTRIBUTION), (state, 0), "{inside}");
    }
}
