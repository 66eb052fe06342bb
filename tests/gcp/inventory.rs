//! Folders and organisations by the asset inventory.

use std::collections::BTreeMap;

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::google::{self, NETWORKS, WORKLOADS},
    },
};
use serde_json::{Value, json};

use crate::{
    run::{Outcome, Run, collect},
    stub::{Reply, Request, Stub},
    world::{self, ACCOUNT, KEY, NETWORK, ROUTER, SERVICE, serve},
};

const ASSETS: &str = "GET cloudasset/v1/organizations/1/assets";

fn asset(kind: &str, name: &str, data: Value) -> Value {
    json!({"assetType": kind, "name": name, "resource": {"version": "v1", "data": data},
        "ancestors": ["projects/12", "folders/3", "organizations/1"]})
}

fn policy(kind: &str, name: &str, bindings: Value) -> Value {
    json!({"assetType": kind, "name": name, "iamPolicy": {"bindings": bindings}, "ancestors": ["projects/12"]})
}

/// The answer of a live call, as the inventory tells the same thing.
fn live(method: &str, path: &str) -> Value {
    let (path, query) = (path.into(), Vec::new());
    let request = Request { method: method.into(), path, query, headers: BTreeMap::new(), body: String::new() };
    match world::answer(&request) {
        Reply::Text { body, .. } => serde_json::from_str(&body).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

/// The same small project.
fn assets() -> Vec<Value> {
    let p = "projects/p";
    let key = live("GET", "cloudkms/v1/projects/p/locations/us-central1/keyRings/k/cryptoKeys/a");
    let routers = live("GET", "compute/compute/v1/projects/p/aggregated/routers");
    let networks = live("GET", "compute/compute/v1/projects/p/global/networks");
    let connectors = live("GET", "vpcaccess/v1/projects/p/locations/-/connectors");
    let functions = live("GET", "cloudfunctions/v2/projects/p/locations/-/functions");
    let project = json!({"projectId": "p", "projectNumber": "12", "lifecycleState": "ACTIVE", "parent": {"type": "folder", "id": "3"}});
    let account = |id: &str, email: &str| {
        let data = json!({"email": email, "projectId": "p", "name": format!("{p}/serviceAccounts/{email}")});
        asset("iam.googleapis.com/ServiceAccount", &format!("//iam.googleapis.com/{p}/serviceAccounts/{id}"), data)
    };
    let grants = live("POST", "cloudresourcemanager/v3/projects/p:getIamPolicy")["bindings"].clone();
    let federation = live("POST", "iam/v1/projects/-/serviceAccounts/x:getIamPolicy")["bindings"].clone();
    let mut all = vec![
        asset(
            "cloudresourcemanager.googleapis.com/Project",
            "//cloudresourcemanager.googleapis.com/projects/12",
            project,
        ),
        asset(
            "cloudresourcemanager.googleapis.com/Folder",
            "//cloudresourcemanager.googleapis.com/folders/3",
            json!({"name": "folders/3"}),
        ),
        asset(
            "cloudresourcemanager.googleapis.com/Organization",
            "//cloudresourcemanager.googleapis.com/organizations/1",
            json!({"name": "x"}),
        ),
        asset("run.googleapis.com/Service", SERVICE, world::service()),
        asset("cloudfunctions.googleapis.com/Function", world::FUNCTION, functions["functions"][0].clone()),
        asset(
            "vpcaccess.googleapis.com/Connector",
            "//vpcaccess.googleapis.com/projects/p/locations/us-central1/connectors/c",
            connectors["connectors"][0].clone(),
        ),
        asset("compute.googleapis.com/Network", NETWORK, networks["items"][0].clone()),
        asset("compute.googleapis.com/Router", ROUTER, routers["items"]["regions/us-central1"]["routers"][0].clone()),
        asset("cloudkms.googleapis.com/CryptoKey", KEY, key),
        asset(
            "cloudkms.googleapis.com/CryptoKeyVersion",
            &format!("{KEY}/cryptoKeyVersions/1"),
            json!({"state": "ENABLED"}),
        ),
        asset("cloudkms.googleapis.com/KeyRing", KEY.split("/cryptoKeys").next().expect("a ring"), json!({})),
        asset(
            "iam.googleapis.com/Role",
            "//iam.googleapis.com/projects/p/roles/caller",
            json!({"name": "projects/p/roles/caller", "includedPermissions": ["run.routes.invoke"]}),
        ),
        account("1", ACCOUNT),
        account("2", "ed@p.iam.gserviceaccount.com"),
        account("3", "p@appspot.gserviceaccount.com"),
        policy(
            "cloudresourcemanager.googleapis.com/Project",
            "//cloudresourcemanager.googleapis.com/projects/12",
            grants,
        ),
    ];
    for id in ["1", "2", "3"] {
        let name = format!("//iam.googleapis.com/{p}/serviceAccounts/{id}");
        all.push(policy("iam.googleapis.com/ServiceAccount", &name, federation.clone()));
    }
    all
}

/// The inventory's answer to a request: what was asked for, page by page.
fn inventory(all: &[Value], request: &Request) -> Reply {
    let types: Vec<&str> =
        request.query.iter().filter(|(name, _)| name == "assetTypes").map(|(_, value)| value.as_str()).collect();
    let content = if request.parameter("contentType") == Some("RESOURCE") { "resource" } else { "iamPolicy" };
    let of =
        |asset: &&Value| asset.get(content).is_some() && types.contains(&asset["assetType"].as_str().unwrap_or(""));
    let found: Vec<&Value> = all.iter().filter(of).collect();
    let size: usize = request.parameter("pageSize").and_then(|size| size.parse().ok()).unwrap_or(100);
    let from: usize = request.parameter("pageToken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let page: Vec<&&Value> = found.iter().skip(from).take(size).collect();
    let next = if from + size < found.len() { (from + size).to_string() } else { String::new() };
    Reply::ok(json!({"readTime": "2026-11-20T10:00:00Z", "assets": page, "nextPageToken": next}))
}

fn organisation(instead: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Stub {
    let all = assets();
    serve(move |request, nth| {
        instead(request, nth).or_else(|| request.path.starts_with("cloudasset/").then(|| inventory(&all, request)))
    })
}

fn scan(stub: &Stub) -> Outcome {
    Run::new("gcp:organizations/1", &stub.endpoint()).go()
}

/// The records of an outcome that a project scan must give too: each as its kind, id and scope.
fn ids(outcome: &Outcome) -> Vec<String> {
    // An organisation tells of firewalls by its policies, and lists all projects that a scan of one would meet.
    let but = [google::EFFECTIVE_FIREWALLS.name, google::REGIONAL_EFFECTIVE_FIREWALLS.name];
    let records = outcome.snapshot().records.iter().filter(|record| !but.contains(&&*record.kind));
    records.map(|record| format!("{} {} {}", record.kind, record.id, record.scope)).collect()
}

#[test]
fn an_organisation_and_its_project_give_the_same_records() {
    let stub = organisation(|_, _| None);
    let outcome = scan(&stub);
    assert_eq!(outcome.gaps(), [], "{}", outcome.errors);
    assert_eq!(ids(&outcome), ids(&collect(&stub.endpoint())));
    for kind in WORKLOADS.into_iter().chain(NETWORKS).chain([google::FIREWALL_POLICY]) {
        assert_eq!(outcome.state(kind).map(|(state, _)| state), Some(ReadState::Read), "{}", kind.name);
    }
    let scope = &outcome.snapshot().scopes[0];
    assert_eq!(scope.id.to_string(), "gcp:organizations/1:global");
    // Service accounts may be told a week late.
    assert_eq!(scope.as_of, Some("2026-11-13T10:00:00Z".parse().expect("a time")));
}

#[test]
fn a_project_is_read_by_the_inventory_where_that_is_wished() {
    let stub = organisation(|_, _| None);
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).arguments(&["--assets"]).go();
    assert_eq!(outcome.gaps(), [], "{}", outcome.errors);
    // Policies of firewalls stand above the project: what they come to is asked of the network.
    assert_eq!(outcome.ids(google::EFFECTIVE_FIREWALLS), [NETWORK]);
    assert_eq!(stub.count("GET run/v1/projects/p/locations/-/services"), 0);
}

#[test]
fn what_the_inventory_tells_late_is_read_again_where_that_is_wished() {
    let stub = organisation(|_, _| None);
    let outcome = Run::new("gcp:organizations/1", &stub.endpoint()).arguments(&["--fresh"]).go();
    assert_eq!(outcome.gaps(), []);
    for call in [
        "GET run/v1/projects/p/locations/-/services",
        "GET cloudfunctions/v2/projects/p/locations/-/functions",
        "GET run/v2/projects/p/locations/us-central1/services/s:getIamPolicy",
        "POST cloudresourcemanager/v3/projects/p:getIamPolicy",
    ] {
        assert_eq!(stub.count(call), 1, "{call}");
    }
}

#[test]
fn a_type_that_the_inventory_does_not_know_is_left_out_and_said() {
    let stub = organisation(|request, _| {
        let unknown = "run.googleapis.com/WorkerPool";
        let asked = request.query.iter().any(|(_, value)| value == unknown);
        asked.then(|| Reply::error(400, "", &format!("asset type {unknown} is not supported.")))
    });
    let outcome = scan(&stub);
    outcome.only_gap(google::WORKER_POOL, GapReason::Unsupported);
    assert_eq!(outcome.state(google::JOB), Some((ReadState::Read, 0)));
}

#[test]
fn a_type_that_may_not_exist_leaves_no_gap_where_it_does_not() {
    let stub = organisation(|request, _| {
        let unknown = "compute.googleapis.com/RegionUrlMap";
        let asked = request.query.iter().any(|(_, value)| value == unknown);
        asked.then(|| Reply::error(400, "", &format!("asset type {unknown} is not supported.")))
    });
    assert_eq!(scan(&stub).gaps(), []);
}

#[test]
fn pages_that_end_too_early_leave_every_list_open() {
    let stub = organisation(|request, _| {
        let resources = request.is(ASSETS) && request.parameter("contentType") == Some("RESOURCE");
        resources.then(|| match request.parameter("pageToken") {
            None => Reply::ok(json!({"readTime": "2026-11-20T10:00:00Z", "assets": assets(), "nextPageToken": "x"})),
            Some(_) => Reply::error(500, "", "oh"),
        })
    });
    let outcome = scan(&stub);
    for kind in WORKLOADS.into_iter().chain(NETWORKS) {
        assert_ne!(outcome.state(kind).map(|(state, _)| state), Some(ReadState::Read), "{}", kind.name);
    }
}

#[test]
fn where_the_inventory_is_closed_the_projects_are_read_one_by_one() {
    let stub = serve(|request, _| {
        let projects = "GET cloudresourcemanager/v3/projects";
        let folders = "GET cloudresourcemanager/v3/folders";
        if request.path.starts_with("cloudasset/") {
            return Some(Reply::error(403, "", "no"));
        }
        match request.parameter("parent") {
            Some("organizations/1") if request.is(folders) => {
                Some(Reply::ok(json!({"folders": [{"name": "folders/3"}]})))
            }
            Some("folders/3") if request.is(projects) => {
                Some(Reply::ok(json!({"projects": [{"name": "projects/12", "projectId": "p", "state": "ACTIVE"}]})))
            }
            Some(_) => Some(Reply::ok(json!({}))),
            None => None,
        }
    });
    let outcome = scan(&stub);
    assert!(outcome.errors.contains("one by one"), "{}", outcome.errors);
    assert_eq!(outcome.gaps(), []);
    assert_eq!(outcome.ids(google::SERVICE), [SERVICE]);
}

#[test]
fn four_hundred_projects_take_few_calls() {
    let mut all = assets();
    for number in 1000..1400 {
        let project = format!("p{number}");
        let above = json!([format!("projects/{number}"), "organizations/1"]);
        let mut add = |kind: &str, name: String, data: Value| {
            all.push(json!({"assetType": kind, "name": name, "resource": {"data": data}, "ancestors": above}));
        };
        let name = format!("//cloudresourcemanager.googleapis.com/projects/{number}");
        let data = json!({"projectId": project, "projectNumber": number.to_string(), "lifecycleState": "ACTIVE"});
        add("cloudresourcemanager.googleapis.com/Project", name, data);
        let email = format!("{number}-compute@developer.gserviceaccount.com");
        let name = format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{number}");
        add("iam.googleapis.com/ServiceAccount", name, json!({"email": email, "projectId": project}));
        for index in 0..58 {
            let name = format!("//run.googleapis.com/projects/{project}/locations/us-central1/services/s{index}");
            add("run.googleapis.com/Service", name, json!({"name": "x"}));
        }
    }
    assert!(all.len() > 24_000);
    let stub = serve(move |request, _| request.path.starts_with("cloudasset/").then(|| inventory(&all, request)));
    let outcome = scan(&stub);
    assert_eq!(outcome.gaps(), []);
    assert_eq!(outcome.ids(google::SERVICE).len(), 400 * 58 + 1);
    let calls = outcome.snapshot().scopes[0].calls.expect("counted");
    assert!(calls <= 150, "{calls} calls");
}

#[test]
fn an_inventory_that_names_no_project_is_not_believed() {
    let stub = serve(|request, _| {
        if request.path.starts_with("cloudasset/") {
            return Some(Reply::ok(json!({"readTime": "2026-11-20T10:00:00Z"})));
        }
        let projects = request.is("GET cloudresourcemanager/v3/projects");
        let below = request.parameter("parent").is_some();
        let found = json!({"projects": [{"name": "projects/12", "projectId": "p", "state": "ACTIVE"}]});
        below.then(|| Reply::ok(if projects { found } else { json!({}) }))
    });
    let outcome = scan(&stub);
    assert_eq!(outcome.ids(google::SERVICE), [SERVICE]);
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).arguments(&["--assets"]).go();
    assert_eq!(outcome.ids(google::SERVICE), [SERVICE]);
}
