//! What the fake itself promises to the tests that stand on it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fake::{Fake, checked, estate_of, export_of, organisation_of, scenario_of};

const SERVICES: &str = "/run/v2/projects/shop-prod/locations/us-central1/services";

fn json_of(fake: &Fake, path: &str) -> Value {
    let (head, body) = fake.get(path);
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {head}"))
}

#[test]
fn what_no_document_declares_is_refused_and_remembered() {
    let fake = Fake::of("cross-project").lenient();
    let refused = json_of(&fake, &format!("{SERVICES}?pagesize=10"));
    assert_eq!(refused["error"]["code"], 400);
    let said = refused["error"]["message"].as_str().expect("text");
    assert!(said.starts_with("Invalid JSON payload received. Unknown name \"pagesize\": Cannot bind query"), "{said}");
    let (head, _) =
        fake.request("POST", "/cloudresourcemanager/v3/projects/shop-prod:getIamPolicy", r#"{"version":3}"#);
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    let (head, _) = fake.get("/run/v9/nothing");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    let stats = fake.stats();
    assert_eq!((stats.undeclared.len(), stats.unknown.len(), stats.invalid.len()), (2, 1, 0), "{stats:#?}");
    assert_eq!(stats.calls["run.projects.locations.services.list@v2"], 1);
    assert_eq!(stats.requests.len(), 3);
}

#[test]
#[should_panic(expected = "not declared")]
fn a_test_fails_whose_requests_no_document_declares() {
    let fake = Fake::of("cross-project");
    let _ = fake.get(&format!("{SERVICES}?pagesize=10"));
}

#[test]
#[should_panic(expected = "the fake's own answer is not valid")]
fn a_test_fails_whose_estate_google_could_not_have() {
    let mut estate = estate_of("cross-project");
    estate["resources"]["run/projects/shop-prod/locations/us-central1/services/private-api"]["ingres"] = json!("typo");
    let fake = Fake::start(&estate);
    let _ = fake.get(SERVICES);
}

#[test]
fn pages_end_and_their_tokens_belong_to_their_lists() {
    let fake = Fake::paged(&estate_of("variety"), 1);
    let first = json_of(&fake, SERVICES);
    let token = first["nextPageToken"].as_str().expect("a second page");
    let second = json_of(&fake, &format!("{SERVICES}?pageToken={token}"));
    assert_ne!(first["services"], second["services"]);
    assert_eq!(second["nextPageToken"], Value::Null);
    let elsewhere = json_of(&fake, &format!("/run/v2/projects/shop-prod/locations/us-central1/jobs?pageToken={token}"));
    assert_eq!(elsewhere["error"]["code"], 400);
}

#[test]
fn every_kind_of_fault_is_on_call() {
    let fake = Fake::of("cross-project");
    fake.faults(&json!([
        {"match": "services.list", "times": 1, "status": 429, "headers": {"Retry-After": "1"}},
        {"match": "services.list", "times": 1, "body": "truncated"},
        {"match": "services.list", "times": 1, "body": "html"},
        {"match": "services.list", "times": 1, "body": "empty"},
        {"match": "services.list", "times": 2, "token_loop": true},
        {"match": "services.list", "times": 1, "status": 503},
        {"match": "functions.list", "unreachable": "europe-west1"},
    ]));
    let (head, body) = fake.get(SERVICES);
    assert!(head.starts_with("HTTP/1.1 429") && head.contains("Retry-After: 1"), "{head}");
    assert!(body.contains("RESOURCE_EXHAUSTED"), "{body}");
    let (head, body) = fake.get(SERVICES);
    assert!(head.starts_with("HTTP/1.1 200") && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    let (head, body) = fake.get(SERVICES);
    assert!(head.contains("text/html") && body.starts_with("<!DOCTYPE"), "{head}");
    assert_eq!(fake.get(SERVICES).1, "{}");
    for _ in 0..2 {
        assert_eq!(json_of(&fake, SERVICES)["nextPageToken"], "the-same-again");
    }
    assert_eq!(json_of(&fake, SERVICES)["error"]["status"], "UNAVAILABLE");
    assert!(json_of(&fake, SERVICES)["services"].is_array(), "the faults are used up");
    for _ in 0..2 {
        let functions = json_of(&fake, "/cloudfunctions/v2/projects/shop-prod/locations/-/functions");
        assert_eq!(functions["unreachable"], json!(["projects/shop-prod/locations/europe-west1"]));
    }
}

#[test]
fn an_api_that_is_off_says_so_and_service_usage_agrees_or_not() {
    let mut estate = scenario_of("gcp-functions-api-disabled");
    let list = "/serviceusage/v1/projects/shop-prod/services?filter=state:ENABLED";
    for confirmed in [true, false] {
        if !confirmed {
            estate["projects"]["shop-prod"]["unconfirmed"] = json!(["cloudfunctions"]);
        }
        let fake = Fake::start(&estate);
        let refused = json_of(&fake, "/cloudfunctions/v2/projects/shop-prod/locations/-/functions");
        assert_eq!(refused["error"]["details"][0]["reason"], "SERVICE_DISABLED");
        assert_eq!(json_of(&fake, list).to_string().contains("cloudfunctions.googleapis.com"), !confirmed);
        // A project that nobody knows is denied, not missing.
        assert_eq!(json_of(&fake, "/run/v2/projects/nobodys/locations/us-central1/services")["error"]["code"], 403);
    }
}

#[test]
fn conditions_are_for_those_who_ask_for_version_three() {
    let fake = Fake::of("variety");
    let policy = format!("{SERVICES}/shop:getIamPolicy");
    let plain = json_of(&fake, &policy);
    assert!(plain["bindings"][1]["role"].as_str().expect("text").contains("_withcond_"), "{plain}");
    assert_eq!(plain["bindings"][1]["condition"], Value::Null);
    let whole = json_of(&fake, &format!("{policy}?options.requestedPolicyVersion=3"));
    assert_eq!(whole["bindings"][1]["condition"]["title"], "until");
}

#[test]
fn deny_policies_are_listed_without_their_rules() {
    let fake = Fake::of("variety");
    let attachment = "/iam/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F618033988749/denypolicies";
    let listed = json_of(&fake, attachment);
    assert_eq!(listed["policies"][0]["rules"], Value::Null);
    let name = listed["policies"][0]["name"].as_str().expect("a name");
    let whole = json_of(&fake, &format!("/iam/v2/{name}"));
    assert_eq!(whole["rules"][0]["denyRule"]["deniedPermissions"], json!(["run.googleapis.com/routes.invoke"]));
}

#[test]
fn a_federated_identity_gets_its_tokens() {
    let fake = Fake::of("cross-project");
    assert_eq!(fake.get("/__subject").1, "subject-token");
    assert_eq!(json_of(&fake, "/__subject?field=value"), json!({"value": "subject-token"}));
    let exchange = json!({"grantType": "urn:ietf:params:oauth:grant-type:token-exchange", "audience": "//iam.googleapis.com/x",
        "subjectToken": "subject-token", "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt"});
    let (_, token) = fake.request("POST", "/sts/v1/token", &exchange.to_string());
    assert!(token.contains("ya29.federated-token"), "{token}");
    let account =
        "/iamcredentials/v1/projects/-/serviceAccounts/reader@shop-prod.iam.gserviceaccount.com:generateAccessToken";
    let (_, token) = fake.request("POST", account, r#"{"scope":["https://www.googleapis.com/auth/cloud-platform"]}"#);
    assert!(token.contains("ya29.impersonated-token"), "{token}");
}

#[test]
fn an_export_has_a_line_for_each_asset_in_snake_case() {
    let estate = estate_of("variety");
    let lines = export_of(&estate, "organizations/100200300400", "RESOURCE");
    let assets: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let router = assets.iter().find(|it| it["asset_type"] == "compute.googleapis.com/Router").expect("a router");
    assert_eq!(router["resource"]["data"]["nats"][0]["natIpAllocateOption"], "MANUAL_ONLY", "the data keeps its names");
    assert!(router["resource"]["discovery_name"] == "Router" && router["update_time"].is_string(), "{router}");
    let policies = export_of(&estate, "organizations/100200300400", "IAM_POLICY");
    assert!(policies.lines().all(|line| line.contains("\"iam_policy\"")));
}

#[test]
fn an_organisation_of_400_projects_is_read_in_fifty_pages() {
    let fake = Fake::start(&organisation_of(400));
    let start = std::time::Instant::now();
    let (mut assets, mut pages) = (0, 0);
    for content in ["RESOURCE", "IAM_POLICY"] {
        let mut token = String::new();
        loop {
            let path = format!("/cloudasset/v1/organizations/100200300400/assets?contentType={content}&pageSize=1000");
            let page = json_of(&fake, &format!("{path}&pageToken={token}"));
            assets += page["assets"].as_array().expect("assets").len();
            pages += 1;
            match page["nextPageToken"].as_str() {
                Some(next) => next.clone_into(&mut token),
                None => break,
            }
        }
    }
    eprintln!("{assets} assets in {pages} pages, {:?}", start.elapsed());
    assert!((24_000..40_000).contains(&assets) && pages < 50, "{assets} assets in {pages} pages");
}

#[test]
fn the_estate_of_every_trap_is_served_without_a_fault() {
    let table: Value = serde_json::from_str(include_str!("../corpus/google.json")).expect("JSON");
    let vectors = table.as_object().expect("a table").iter().filter(|(_, it)| it["vector"] != json!([]));
    let names: Vec<&String> = vectors.map(|(name, _)| name).collect();
    let fake = Fake::start(&scenario_of(names[0]));
    for name in names {
        fake.state(&scenario_of(name));
        for path in [
            "/run/v1/projects/shop-prod/locations/-/services",
            "/run/v1/projects/shop-prod/locations/-/revisions",
            "/run/apis/run.googleapis.com/v1/namespaces/shop-prod/jobs",
            "/run/apis/run.googleapis.com/v1/namespaces/shop-prod/workerpools",
            "/run/v2/projects/shop-prod/locations/us-central1/services",
            "/cloudfunctions/v2/projects/shop-prod/locations/-/functions",
            "/cloudfunctions/v1/projects/shop-prod/locations/-/functions",
            "/compute/compute/v1/projects/shop-prod/aggregated/routers",
            "/compute/compute/v1/projects/shop-prod/aggregated/networkEndpointGroups",
            "/compute/compute/v1/projects/shop-prod/global/routes",
            "/networkconnectivity/v1/projects/shop-prod/locations/global/policyBasedRoutes",
            "/cloudasset/v1/organizations/100200300400/assets?contentType=RESOURCE&pageSize=1000",
        ] {
            let _ = fake.get(path);
        }
        // Knative's word `all` for all traffic is no word of v2: that scenario is of the old form alone.
        let own = fake.take_stats().invalid;
        assert!(own.is_empty() || name == "gcp-knative-form-with-all", "{name}: {own:#?}");
    }
}

#[test]
fn every_known_trap_has_a_scenario_and_every_body_is_of_googles_form() {
    let table: Value = serde_json::from_str(include_str!("../corpus/google.json")).expect("JSON");
    let vectors = table.as_object().expect("a table").values().flat_map(|it| it["vector"].as_array().expect("a list"));
    let shown: BTreeSet<u64> = vectors.map(|it| it.as_u64().expect("a number")).collect();
    assert_eq!(shown, (1..=40).collect());
    checked("../corpus/google.py", &["--check"]);
}

#[test]
fn the_embedded_demo_is_what_its_script_writes() {
    checked("demo.py", &["--check"]);
}
