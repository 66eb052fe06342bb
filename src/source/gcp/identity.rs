//! Who may do what: policies from the organisation down to the workload, the roles they name, denials.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use super::{
    super::names,
    calls::each,
    endpoints::Api,
    failure::Failure,
    http::Request,
    ledger::GLOBAL,
    network::Places,
    pages::{Paging, list},
    reader::{Project, Reader},
    roles::is_known_role,
};
use crate::snapshot::{
    ScopeId,
    kinds::{Kind, google},
};

/// Without it, bindings with conditions come back without them.
const VERSION: (&str, &str) = ("options.requestedPolicyVersion", "3");

/// A node of the hierarchy: `projects/P`, `folders/F`, `organizations/O`.
type Node = String;

/// Reads the policies of these projects and of all above them: those of the workloads themselves are read by [`of_workloads`].
pub(super) async fn read(reader: &Arc<Reader>, projects: &[Project]) {
    let own: BTreeSet<Node> = projects.iter().map(|project| format!("projects/{}", project.id)).collect();
    let above = each(projects.to_vec(), |project| {
        let reader = Arc::clone(reader);
        async move { ancestry(&reader, &project).await }
    });
    let above: BTreeSet<Node> = above.await.into_iter().flatten().collect();
    let places = Places::of(reader);
    let chain: Vec<Node> = own.into_iter().chain(above).collect();
    let policies = each(chain.clone(), |node| {
        let reader = Arc::clone(reader);
        async move { node_policy(&reader, &node).await }
    });
    let hosts = self::above(reader, places.projects.clone());
    let denials = each(chain.clone(), |node| {
        let reader = Arc::clone(reader);
        async move { deny_policies(&reader, &node).await }
    });
    tokio::join!(policies, denials, hosts, of_subnets(reader, &places));
}

/// Reads the policies of these projects and of everything above them: of those whose networks, keys or accounts count.
pub(super) async fn above(reader: &Arc<Reader>, projects: BTreeSet<String>) {
    let nodes = each(projects.iter().cloned().collect(), |id| {
        let reader = Arc::clone(reader);
        async move { ancestry(&reader, &Project { id, number: None }).await }
    });
    let nodes: BTreeSet<Node> = nodes.await.into_iter().flatten().collect();
    let all = projects.iter().map(|project| format!("projects/{project}")).chain(nodes).collect();
    each(all, |node| {
        let reader = Arc::clone(reader);
        async move { node_policy(&reader, &node).await }
    })
    .await;
}

/// What stands above a project.
async fn ancestry(reader: &Reader, project: &Project) -> Vec<Node> {
    let kind = google::ANCESTRY;
    let id = format!("//cloudresourcemanager.googleapis.com/projects/{}", project.id);
    let path = format!("v1/projects/{}:getAncestry", project.id);
    let request = Request::post(Api::ResourceManager, kind.call, path, json!({}));
    let body = reader.detail(kind, &ScopeId::gcp(&project.id, GLOBAL), &id, request).await;
    let list = body.as_ref().and_then(|body| body.get("ancestor")).and_then(Value::as_array).into_iter().flatten();
    let node = |item: &Value| {
        let id = item.pointer("/resourceId/id").and_then(Value::as_str)?;
        match item.pointer("/resourceId/type").and_then(Value::as_str)? {
            "folder" => Some(format!("folders/{id}")),
            "organization" => Some(format!("organizations/{id}")),
            _ => None,
        }
    };
    list.filter_map(node).collect()
}

/// The account that stands for a node in scopes.
pub(super) fn account_of(node: &str) -> &str {
    node.strip_prefix("projects/").unwrap_or(node)
}

/// Reads the allow policy of a project, a folder or an organisation.
pub(super) async fn node_policy(reader: &Reader, node: &str) -> Option<Value> {
    let kind = match node.split('/').next() {
        Some("folders") => google::FOLDER_POLICY,
        Some("organizations") => google::ORGANIZATION_POLICY,
        _ => google::PROJECT_POLICY,
    };
    let id = format!("//cloudresourcemanager.googleapis.com/{node}");
    let body = json!({"options": {"requestedPolicyVersion": 3}});
    let request = Request::post(Api::ResourceManager, kind.call, format!("v3/{node}:getIamPolicy"), body);
    reader.detail(kind, &ScopeId::gcp(account_of(node), GLOBAL), &id, request).await
}

/// Reads the deny policies of a node, with their rules, which the list leaves out.
async fn deny_policies(reader: &Reader, node: &str) {
    let kind = google::DENY_POLICIES;
    let id = format!("//cloudresourcemanager.googleapis.com/{node}");
    let scope = ScopeId::gcp(account_of(node), GLOBAL);
    if let Some(body) = reader.assets.get(kind, &id) {
        reader.ledger.record(kind, &scope, &id, body);
        return;
    }
    let point = format!("cloudresourcemanager.googleapis.com%2F{}", node.replace('/', "%2F"));
    let request = Request::get(Api::Iam, kind.call, format!("v2/policies/{point}/denypolicies"));
    let listing = list(&reader.http, request, "policies", Paging::Standard(0)).await;
    let mut policies = Vec::new();
    let mut failure = listing.failure;
    for (_, item) in listing.items {
        let Some(name) = item.get("name").and_then(Value::as_str).filter(|_| failure.is_none()) else { break };
        let request = Request::get(Api::Iam, "iam.denypolicies.get", format!("v2/{name}"));
        match reader.http.ask(&request).await {
            Ok(policy) => policies.push(Value::Object(policy)),
            Err(failed) => failure = Some(failed),
        }
    }
    match failure {
        None => reader.ledger.record(kind, &scope, &id, json!({ "policies": policies })),
        Some(failure) => reader.ledger.gap(kind, &scope, Some(&id), &failure),
    }
}

/// Reads the policies of the workloads themselves.
pub(super) async fn of_workloads(reader: &Arc<Reader>) {
    let mut asked: Vec<(Kind, ScopeId, String, Request)> = Vec::new();
    for workload in reader.ledger.workloads() {
        let (kind, api) = match workload.kind {
            google::SERVICE => (google::SERVICE_POLICY, Api::Run),
            google::JOB => (google::JOB_POLICY, Api::Run),
            // The first generation is invoked by its own policy; what stands on the second does nothing, and is shown as that.
            google::FUNCTION => (google::FUNCTION_POLICY, Api::Functions),
            _ => continue,
        };
        let name = names::relative(&workload.id).unwrap_or_default();
        let request = Request::get(api, kind.call, format!("v2/{name}:getIamPolicy")).with(VERSION.0, VERSION.1);
        asked.push((kind, workload.scope.clone(), workload.id.clone(), request));
        if workload.has_iap {
            let kind = google::IAP_POLICY;
            let (account, region) = (&workload.scope.account, &workload.scope.region);
            let project = reader.number(account).unwrap_or_else(|| account.clone());
            let service = names::last(&workload.id);
            let path = format!("v1/projects/{project}/iap_web/cloud_run-{region}/services/{service}:getIamPolicy");
            let body = json!({"options": {"requestedPolicyVersion": 3}});
            let request = Request::post(Api::Iap, kind.call, path, body);
            asked.push((kind, workload.scope.clone(), workload.id.clone(), request));
        }
    }
    each(asked, |(kind, scope, id, request)| {
        let reader = Arc::clone(reader);
        async move { reader.detail(kind, &scope, &id, request).await }
    })
    .await;
}

/// Reads the policies of subnets that lie in another project than the workload.
async fn of_subnets(reader: &Arc<Reader>, places: &Places) {
    let foreign = places.subnets.iter().filter(|(subnet, user)| names::project(subnet) != Some(user));
    let foreign: BTreeSet<String> = foreign.map(|(subnet, _)| subnet.clone()).collect();
    each(foreign.into_iter().collect(), |name| {
        let reader = Arc::clone(reader);
        async move {
            let kind = google::SUBNETWORK_POLICY;
            let request = Request::get(Api::Compute, kind.call, format!("{name}/getIamPolicy"))
                .with("optionsRequestedPolicyVersion", "3");
            reader.detail(kind, &reader.scope(&name), &format!("//compute.googleapis.com/{name}"), request).await
        }
    })
    .await;
}

/// Reads the roles that policies name and no table holds.
pub(super) async fn roles(reader: &Arc<Reader>, home: &str) {
    let named: BTreeSet<String> = reader.ledger.bindings().into_iter().map(|(_, role, _)| role).collect();
    each(named.into_iter().filter(|role| !is_known_role(role)).collect(), |role| {
        let (reader, home) = (Arc::clone(reader), home.to_owned());
        async move {
            let account = match role.split('/').collect::<Vec<_>>().as_slice() {
                ["projects", project, "roles", _] => reader.account(project),
                ["organizations", organization, "roles", _] => format!("organizations/{organization}"),
                ["roles", _] => home,
                _ => {
                    let failure = Failure::malformed("this is not the name of a role");
                    reader.ledger.gap(google::ROLE, &ScopeId::gcp(home, GLOBAL), Some(&role), &failure);
                    return;
                }
            };
            let request = Request::get(Api::Iam, google::ROLE.call, format!("v1/{role}"));
            reader.detail_or_none(google::ROLE, &ScopeId::gcp(account, GLOBAL), &role, request).await;
        }
    })
    .await;
}
