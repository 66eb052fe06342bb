//! Collections from moto: real protocols, and the fourth architecture, sound and broken.

use std::time::Instant;

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::{
            self, ALIASES, FUNCTION, FUNCTION_DETAIL, KEY, NAT_GATEWAY, POLICY, ROUTE_TABLE, SUBNET, URL_CONFIGS,
            VERSION,
            doors::{
                DISTRIBUTION, EVENT_SOURCE_MAPPING, HTTP_INTEGRATIONS, HTTP_MAPPINGS, HTTP_ROUTES, HTTP_STAGES, LAYER,
                LAYER_POLICY, LAYER_VERSIONS, LISTENER_RULES, LISTENERS, LOAD_BALANCER, MANAGED_POLICY, REST_EXPORT,
                REST_MAPPINGS, REST_STAGES, ROLE, TARGET_HEALTH, USER,
            },
        },
    },
};
use serde_json::{Value, json};

use crate::{
    moto::Moto,
    run::{Outcome, Run},
};

const FORMS: [&str; 8] = [
    "public-subnet",
    "nat-in-private-subnet",
    "blackhole",
    "second-subnet-without-nat",
    "public-url",
    "disabled-key",
    "secret",
    "alias",
];

fn collect(moto: &Moto) -> Outcome {
    Run::new(&moto.environment(), &["--region", "us-west-2"]).set("AWS_MAX_ATTEMPTS", "2").go()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[test]
fn the_fourth_architecture_is_read_whole() {
    let moto = Moto::start();
    let ids = moto.topology(&FORMS);
    let outcome = collect(&moto);
    assert_eq!(outcome.snapshot().gaps, []);
    for kind in kinds::AWS.into_iter().chain(kinds::AWS_GLOBAL) {
        assert_eq!(outcome.state(kind).0, ReadState::Read, "{}", kind.name);
    }
    assert_eq!(outcome.state(FUNCTION).1, 1 + FORMS.len() as u64);

    let sound = outcome.body(FUNCTION, text(&ids["functions"]["sound"]));
    assert_eq!(sound["VpcConfig"]["SubnetIds"], ids["private_subnets"]);
    let secret = outcome.body(FUNCTION, text(&ids["functions"]["secret"]));
    assert_eq!(
        secret["Environment"]["Variables"],
        json!({"API_TOKEN": {"looks_like": "aws-access-key-id"}, "STAGE": null})
    );
    let detail = outcome.body(FUNCTION_DETAIL, text(&ids["functions"]["sound"]));
    assert_eq!(detail["Code"]["SourceKMSKeyArn"], ids["key"]);
    assert_eq!(outcome.body(KEY, text(&ids["key"]))["KeyMetadata"]["KeyState"], "Enabled");
    assert_eq!(outcome.body(KEY, text(&ids["disabled_key"]))["KeyMetadata"]["KeyState"], "Disabled");

    let nat = outcome.body(NAT_GATEWAY, text(&ids["nat"]));
    assert_eq!(nat["NatGatewayAddresses"][0]["PublicIp"], ids["address"]);
    assert_eq!(nat["NatGatewayAddresses"][0]["AllocationId"], ids["allocation"]);
    let main = outcome.body(ROUTE_TABLE, text(&ids["main_table"]));
    assert!(main["Routes"].as_array().expect("routes").iter().any(|route| {
        route["DestinationCidrBlock"] == "0.0.0.0/0"
            && route["NatGatewayId"] == ids["nat"]
            && route["State"] == "active"
    }));
    let tables = outcome.records(ROUTE_TABLE.name);
    assert!(tables.iter().any(|(_, body)| body.contains(text(&ids["deleted_nat"])) && body.contains("blackhole")));
    let zone = outcome.body(SUBNET, text(&ids["private_subnets"][0]));
    assert_eq!(zone["AvailabilityZone"], "us-west-2a");

    let url = outcome.body(URL_CONFIGS, text(&ids["functions"]["public-url"]));
    assert_eq!(url["FunctionUrlConfigs"][0]["AuthType"], "NONE");
    let policy = outcome.body(POLICY, text(&ids["functions"]["public-url"]));
    let policy: Value = serde_json::from_str(text(&policy["Policy"])).expect("a policy");
    assert_eq!(policy["Statement"][1]["Condition"], json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}));

    let alias = text(&ids["functions"]["alias"]);
    assert_eq!(outcome.body(ALIASES, alias)["Aliases"][0]["Name"], "live");
    assert_eq!(outcome.body(VERSION, &format!("{alias}:1"))["Version"], "1");
    assert!(outcome.body(POLICY, &format!("{alias}:live"))["Policy"].is_string());
    assert_eq!(outcome.body(POLICY, alias), json!(null));
    assert_eq!(outcome.body(POLICY, &format!("{alias}:1")), json!(null));
}

#[test]
fn what_leads_to_a_function_is_read_whole() {
    let moto = Moto::start();
    let ids = moto.topology(&["doors"]);
    let outcome = collect(&moto);
    assert_eq!(outcome.snapshot().gaps, []);
    let (function, doors) = (text(&ids["functions"]["doors"]), &ids["doors"]);

    let (rest, http) = (text(&doors["rest_api"]), text(&doors["http_api"]));
    let variables = &outcome.body(REST_STAGES, rest)["item"][0]["variables"];
    assert_eq!(*variables, json!({"key": {"looks_like": "aws-access-key-id"}, "to": "doors"}));
    let export = outcome.body(REST_EXPORT, &format!("{rest}/prod"));
    let integration = &export["paths"]["/"]["get"]["x-amazon-apigateway-integration"];
    assert_eq!(integration["type"], "aws_proxy");
    assert!(text(&integration["uri"]).contains(function), "{integration}");
    assert_eq!(outcome.body(REST_MAPPINGS, "rest.example.com")["items"][0]["restApiId"], rest);
    assert_eq!(outcome.body(HTTP_STAGES, http)["Items"][0]["AutoDeploy"], true);
    assert_eq!(outcome.body(HTTP_ROUTES, http)["Items"][0]["RouteKey"], "$default");
    assert_eq!(outcome.body(HTTP_INTEGRATIONS, http)["Items"][0]["IntegrationUri"], function);
    assert_eq!(outcome.body(HTTP_MAPPINGS, "http.example.com")["Items"][0]["ApiId"], http);

    let (balancer, targets) = (text(&doors["balancer"]), text(&doors["targets"]));
    assert_eq!(outcome.body(LOAD_BALANCER, balancer)["Type"], "application");
    assert_eq!(outcome.body(TARGET_HEALTH, targets)["TargetHealthDescriptions"][0]["Target"]["Id"], function);
    assert_eq!(outcome.body(LISTENERS, balancer)["Listeners"][0]["DefaultActions"][0]["TargetGroupArn"], targets);
    let rule = &outcome.body(LISTENER_RULES, text(&doors["listener"]))["Rules"][0];
    assert_eq!(rule["Conditions"], json!([{"Field": "path-pattern", "Values": ["/x"]}]));

    let layer = text(&doors["layer"]);
    assert_eq!(outcome.state(LAYER), (ReadState::Read, 1));
    assert_eq!(outcome.body(LAYER_VERSIONS, layer)["LayerVersions"].as_array().map(Vec::len), Some(2));
    assert!(text(&outcome.body(LAYER_POLICY, &format!("{layer}:1"))["Policy"]).contains("lambda:GetLayerVersion"));
    assert_eq!(outcome.body(LAYER_POLICY, &format!("{layer}:2")), json!(null));
    assert_eq!(outcome.body(EVENT_SOURCE_MAPPING, text(&doors["mapping"]))["FunctionArn"], function);

    let distribution = outcome.body(DISTRIBUTION, text(&doors["distribution"]));
    assert_eq!(distribution["Enabled"], true);
    let headers = &distribution["Origins"]["Items"][0]["CustomHeaders"]["Items"];
    assert_eq!(*headers, json!([{"HeaderName": "X-Origin"}]));

    let user = outcome.body(USER, "arn:aws:iam::123456789012:user/caller");
    assert_eq!(user["AttachedManagedPolicies"][0]["PolicyArn"], doors["policy"]);
    let trust = outcome.body(ROLE, text(&ids["role"]));
    let trust: Value = serde_json::from_str(text(&trust["AssumeRolePolicyDocument"])).expect("a policy");
    assert_eq!(trust["Statement"][0]["Action"], "sts:AssumeRole");
    let policies = outcome.records(MANAGED_POLICY.name);
    assert_eq!(policies.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [text(&doors["policy"])]);
    assert!(policies[0].1.contains("lambda:InvokeFunction"), "{policies:?}");
}

#[test]
fn a_denied_call_is_a_gap_and_the_rest_is_read() {
    let moto = Moto::start();
    moto.topology(&[]);
    moto.deny("DescribeNatGateways");
    moto.deny("GetPolicy");
    moto.deny("ListDistributions");
    moto.deny("DescribeLoadBalancers");
    let outcome = collect(&moto);
    for (kind, resources) in [(NAT_GATEWAY, 0), (POLICY, 1), (DISTRIBUTION, 0), (LOAD_BALANCER, 0)] {
        assert_eq!(outcome.state(kind), (ReadState::Unread, 0), "{}", kind.name);
        let gaps: Vec<_> = outcome.snapshot().gaps.iter().filter(|gap| gap.kind == kind.name).collect();
        assert_eq!(gaps.len(), 1);
        assert_eq!((gaps[0].why, gaps[0].resource.iter().count()), (GapReason::Denied, resources));
        assert!(gaps[0].detail.as_deref().is_some_and(|said| said.contains("not authorized")));
    }
    assert_eq!(outcome.snapshot().gaps.len(), 4);
}

/// The calls that a collection needs at least, of `functions` functions with one key, no versions and no aliases:
/// one for the identity; a page of functions, and one each of web functions and MicroVMs; the sixteen lists and the one setting of EC2 (no exclusions, no prefix list
/// is named); the ten lists of layers, event sources, APIs, domains, balancers, target groups, distributions and identities;
/// one `GetResourcePolicy`, which moto does not know; for each function `GetFunction`, `ListAliases`, `GetPolicy`, `GetFunctionCodeSigningConfig` and, since moto
/// does not list URLs, `GetFunctionUrlConfig`; three for the key.
fn needed(functions: u64) -> u64 {
    1 + 1 + 2 + 17 + 10 + 1 + 5 * functions + 3
}

#[test]
fn a_thousand_functions_take_no_more_calls_than_they_need() {
    let moto = Moto::start();
    moto.topology(&["--extra", "999"]);
    moto.counts();
    let start = Instant::now();
    let outcome = collect(&moto);
    let took = start.elapsed();
    let counts = moto.counts();
    assert_eq!(outcome.snapshot().gaps, []);
    for kind in [FUNCTION, FUNCTION_DETAIL, ALIASES, URL_CONFIGS, POLICY] {
        assert_eq!(outcome.state(kind), (ReadState::Read, 1000), "{}", kind.name);
    }
    let (made, needed) = (counts.values().sum::<u64>(), needed(1000));
    println!("{made} requests, {needed} needed, in {took:.1?}: {counts:?}");
    assert!(made >= needed && made * 100 <= needed * 105, "{made} requests where {needed} are needed: {counts:?}");
}
