//! One small project, as the APIs tell of it: a service that leaves through a connector and an automatic NAT.

use serde_json::{Value, json};

use crate::stub::{Reply, Request, Stub};

pub(crate) const SERVICE: &str = "//run.googleapis.com/projects/p/locations/us-central1/services/s";
pub(crate) const FUNCTION: &str = "//cloudfunctions.googleapis.com/projects/p/locations/us-central1/functions/old";
pub(crate) const NETWORK: &str = "//compute.googleapis.com/projects/p/global/networks/net";
pub(crate) const ROUTER: &str = "//compute.googleapis.com/projects/p/regions/us-central1/routers/r";
pub(crate) const KEY: &str = "//cloudkms.googleapis.com/projects/p/locations/us-central1/keyRings/k/cryptoKeys/a";
pub(crate) const ACCOUNT: &str = "run@p.iam.gserviceaccount.com";

/// Serves the project, but for what a test answers in another way.
pub(crate) fn serve(instead: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Stub {
    Stub::start(move |request, nth| instead(request, nth).unwrap_or_else(|| answer(request)))
}

/// The service, in the form of Knative.
pub(crate) fn service() -> Value {
    json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {"name": "s", "namespace": "12", "labels": {"cloud.googleapis.com/location": "us-central1"}},
        "spec": {"template": {"metadata": {"annotations": {
            "run.googleapis.com/vpc-access-connector": "c",
            "run.googleapis.com/vpc-access-egress": "all-traffic",
            "run.googleapis.com/encryption-key": "projects/p/locations/us-central1/keyRings/k/cryptoKeys/a"}},
            "spec": {"serviceAccountName": ACCOUNT,
                "containers": [{"image": "i", "env": [{"name": "SECRET", "value": "canary"}]}]}}},
        "status": {"latestReadyRevisionName": "s-2", "latestCreatedRevisionName": "s-2",
            "traffic": [{"revisionName": "s-2", "percent": 100, "latestRevision": true}]}})
}

/// What the APIs say.
pub(crate) fn answer(request: &Request) -> Reply {
    let (api, path) = request.path.split_once('/').unwrap_or((&request.path, ""));
    let body = match (api, path) {
        ("cloudresourcemanager", "v3/projects/p" | "v3/projects/12") => {
            json!({"name": "projects/12", "projectId": "p", "state": "ACTIVE", "parent": "folders/3"})
        }
        ("cloudresourcemanager", "v1/projects/p:getAncestry") => json!({"ancestor": [
            {"resourceId": {"type": "project", "id": "p"}},
            {"resourceId": {"type": "folder", "id": "3"}},
            {"resourceId": {"type": "organization", "id": "1"}}]}),
        // What stands above another project, of an account or a host.
        ("cloudresourcemanager", path) if path.ends_with(":getAncestry") => {
            let project = path.trim_start_matches("v1/projects/").trim_end_matches(":getAncestry");
            json!({"ancestor": [{"resourceId": {"type": "project", "id": project}},
                {"resourceId": {"type": "organization", "id": "1"}}]})
        }
        ("cloudresourcemanager", "v3/projects/p:getIamPolicy") => json!({"version": 3, "bindings": [
            {"role": "roles/editor", "members": ["serviceAccount:ed@p.iam.gserviceaccount.com",
                "serviceAccount:12@cloudservices.gserviceaccount.com"]},
            {"role": "projects/p/roles/caller", "members": ["serviceAccount:caller@q.iam.gserviceaccount.com"]}]}),
        ("iam", "v1/projects/p/roles/caller") => {
            json!({"name": "projects/p/roles/caller", "includedPermissions": ["run.routes.invoke"]})
        }
        ("cloudresourcemanager", path) if path.ends_with(":getIamPolicy") => json!({}),
        ("cloudfunctions", "v2/projects/p/locations/-/functions") => json!({"functions": [{
            "name": "projects/p/locations/us-central1/functions/old", "environment": "GEN_1", "state": "ACTIVE"}]}),
        ("run", "v1/projects/p/locations/-/services") => {
            json!({"kind": "ServiceList", "metadata": {}, "items": [service()]})
        }
        (
            "run",
            "apis/run.googleapis.com/v1/namespaces/p/jobs" | "apis/run.googleapis.com/v1/namespaces/p/workerpools",
        ) => {
            json!({"kind": "List", "metadata": {}})
        }
        ("vpcaccess", "v1/projects/p/locations/-/connectors") => json!({"connectors": [{
            "name": "projects/p/locations/us-central1/connectors/c", "network": "net",
            "ipCidrRange": "10.8.0.0/28", "state": "READY"}]}),
        ("compute", path) => compute(path.trim_start_matches("compute/v1/")),
        ("iam", path) if path.contains("/serviceAccounts/") => account(path),
        ("cloudkms", path) if path.ends_with("/cryptoKeyVersions") => {
            json!({"cryptoKeyVersions": [{"state": "ENABLED"}]})
        }
        ("cloudkms", path) if !path.ends_with(":getIamPolicy") => {
            json!({"name": path.trim_start_matches("v1/"), "primary": {"state": "ENABLED"}})
        }
        ("iam" | "networkconnectivity" | "run" | "cloudfunctions" | "cloudkms", _) => json!({}),
        _ => return Reply::error(404, "notFound", "there is no such thing here"),
    };
    Reply::ok(body)
}

fn compute(path: &str) -> Value {
    match path {
        "projects/p/aggregated/routers" => json!({"kind": "x", "items": {
            "regions/us-central1": {"routers": [{"name": "r",
                "network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/net",
                "nats": [{"name": "nat", "natIpAllocateOption": "AUTO_ONLY"}]}]},
            "regions/us-east1": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}}),
        "projects/p/global/networks" => json!({"items": [{"name": "net", "peerings": [
            {"name": "hub", "importCustomRoutes": true}, {"name": "plain"}]}]}),
        path if path.ends_with("getRouterStatus") => json!({"result": {"natStatus": []}}),
        path if path.ends_with("getNatIpInfo") => json!({"result": [{"natName": "nat"}]}),
        _ => json!({}),
    }
}

fn account(path: &str) -> Value {
    let email = path.rsplit('/').next().unwrap_or_default();
    match email {
        "keys" => json!({"keys": []}),
        email if email.ends_with(":getIamPolicy") => json!({"bindings": [{
            "role": "roles/iam.workloadIdentityUser",
            "members": ["principalSet://iam.googleapis.com/projects/12/locations/global/workloadIdentityPools/github/*"]}]}),
        email => json!({"email": email, "name": path}),
    }
}
