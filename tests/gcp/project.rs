//! A project that answers everything.

use egress_audit::snapshot::{
    ReadState,
    kinds::google::{self, NETWORKS, WORKLOADS},
};

use crate::{
    run::{Run, collect},
    world::{ACCOUNT, FUNCTION, KEY, NETWORK, ROUTER, SERVICE, serve},
};

#[test]
fn a_project_is_read_whole_and_twice_the_same() {
    let stub = serve(|_, _| None);
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.gaps(), [], "{}", outcome.errors);
    assert_eq!(outcome.code, Some(0));
    for kind in WORKLOADS.into_iter().chain(NETWORKS) {
        assert_eq!(outcome.state(kind).map(|(state, _)| state), Some(ReadState::Read), "{}", kind.name);
    }
    for (kind, id) in [
        (google::SERVICE, SERVICE),
        (google::SERVICE_POLICY, SERVICE),
        (google::FUNCTION, FUNCTION),
        (google::FUNCTION_POLICY, FUNCTION),
        (google::CONNECTOR, "//vpcaccess.googleapis.com/projects/p/locations/us-central1/connectors/c"),
        (google::NETWORK, NETWORK),
        (google::EFFECTIVE_FIREWALLS, NETWORK),
        (google::REGIONAL_EFFECTIVE_FIREWALLS, NETWORK),
        (google::ROUTER, ROUTER),
        (google::ROUTER_STATUS, ROUTER),
        (google::NAT_IP_INFO, ROUTER),
        (google::PROJECT, "//cloudresourcemanager.googleapis.com/projects/p"),
        (google::ANCESTRY, "//cloudresourcemanager.googleapis.com/projects/p"),
        (google::PROJECT_POLICY, "//cloudresourcemanager.googleapis.com/projects/p"),
        (google::FOLDER_POLICY, "//cloudresourcemanager.googleapis.com/folders/3"),
        (google::ORGANIZATION_POLICY, "//cloudresourcemanager.googleapis.com/organizations/1"),
        (google::DENY_POLICIES, "//cloudresourcemanager.googleapis.com/folders/3"),
        (google::ROLE, "projects/p/roles/caller"),
        (google::SERVICE_ACCOUNT, ACCOUNT),
        (google::SERVICE_ACCOUNT, "p@appspot.gserviceaccount.com"),
        (google::SERVICE_ACCOUNT_POLICY, "caller@q.iam.gserviceaccount.com"),
        (google::SERVICE_ACCOUNT_KEYS, "ed@p.iam.gserviceaccount.com"),
        (google::POOL_PROVIDERS, "//iam.googleapis.com/projects/12/locations/global/workloadIdentityPools/github"),
        (google::KEY, KEY),
        (google::KEY_VERSIONS, KEY),
        (google::KEY_POLICY, KEY),
    ] {
        outcome.body(kind, id);
    }
    assert_eq!(outcome.ids(google::PEERING_ROUTES), [format!("{NETWORK}#hub")]);
    // Google's own agents are nobody's to look up.
    assert!(!outcome.ids(google::SERVICE_ACCOUNT).iter().any(|email| email.contains("cloudservices")));
    assert!(!outcome.bytes.contains("canary") && outcome.bytes.contains("SECRET"));
    assert!(!outcome.bytes.contains("the-token"));
    assert_eq!(stub.count("GET cloudresourcemanager/v3/projects/p"), 1);
    let calls = outcome.snapshot().scopes[0].calls;
    assert_eq!(calls, Some(stub.seen().len() as u64));
    let body = |snapshot: &str| snapshot.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let again = collect(&stub.endpoint());
    assert_eq!(body(&outcome.bytes), body(&again.bytes));
}

#[test]
fn a_number_names_the_same_project() {
    let stub = serve(|_, _| None);
    let outcome = Run::new("gcp:projects/12", &stub.endpoint()).go();
    assert_eq!(outcome.snapshot().scopes[0].id.to_string(), "gcp:p:global");
    assert_eq!(outcome.ids(google::SERVICE), [SERVICE]);
}

#[test]
fn every_request_bears_the_token_and_the_project_that_pays() {
    let stub = serve(|_, _| None);
    Run::new("gcp:projects/p", &stub.endpoint()).set("GOOGLE_CLOUD_QUOTA_PROJECT", "payer").go();
    for request in stub.seen() {
        assert_eq!(request.headers.get("authorization").map(String::as_str), Some("Bearer the-token"));
        assert_eq!(request.headers.get("x-goog-user-project").map(String::as_str), Some("payer"));
        let policy = request.path.ends_with("etIamPolicy");
        let version = request.query.iter().any(|(name, value)| name.ends_with("equestedPolicyVersion") && value == "3");
        assert!(!policy || version || request.body.contains("\"requestedPolicyVersion\":3"), "{request:?}");
    }
}
