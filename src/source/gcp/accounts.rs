//! Service accounts: those that workloads run as, those that may invoke them, and who may become one of them.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::{
    super::names,
    calls::each,
    endpoints::Api,
    failure::Failure,
    http::Request,
    identity::above,
    ledger::GLOBAL,
    pages::Paging,
    reader::Reader,
    roles::{may_impersonate, may_invoke},
    workload::Workload,
};
use crate::{
    knowledge::is_platform_account,
    snapshot::{ScopeId, kinds::google},
};

/// The policies that say who may invoke something.
const INVOCATION: [&str; 6] = [
    google::SERVICE_POLICY.name,
    google::JOB_POLICY.name,
    google::FUNCTION_POLICY.name,
    google::PROJECT_POLICY.name,
    google::FOLDER_POLICY.name,
    google::ORGANIZATION_POLICY.name,
];

/// The policies that say who may become a service account.
const IMPERSONATION: [&str; 4] = [
    google::SERVICE_ACCOUNT_POLICY.name,
    google::PROJECT_POLICY.name,
    google::FOLDER_POLICY.name,
    google::ORGANIZATION_POLICY.name,
];
/// The longest chain of accounts that is followed.
const LONGEST: usize = 8;

/// Reads the accounts, their policies and their keys, and then the pools of identities that may become one.
pub(super) async fn read(reader: &Arc<Reader>) {
    let mut emails = runtime(reader);
    emails.extend(members(reader, &INVOCATION, may_invoke));
    let mut done = BTreeSet::new();
    // Who may become an invoker may be an account itself, which others may become.
    for _ in 0..LONGEST {
        let new: Vec<String> = emails.difference(&done).cloned().collect();
        if new.is_empty() {
            break;
        }
        done.extend(new.iter().cloned());
        each_account(reader, new.clone()).await;
        let homes = new.iter().filter_map(|email| names::project_of_account(email));
        above(reader, homes.map(|project| reader.account(&project)).collect()).await;
        emails.extend(members(reader, &IMPERSONATION, may_impersonate));
    }
    let pools: BTreeSet<String> = reader.ledger.bindings().iter().filter_map(|(_, _, member)| pool(member)).collect();
    each(pools.into_iter().collect(), |pool| {
        let reader = Arc::clone(reader);
        async move {
            let kind = google::POOL_PROVIDERS;
            let id = format!("//iam.googleapis.com/{pool}");
            let request = Request::get(Api::Iam, kind.call, format!("v1/{pool}/providers"));
            let scope = ScopeId::gcp(reader.account(names::project(&pool).unwrap_or_default()), GLOBAL);
            let key = "workloadIdentityPoolProviders";
            reader.detail_list(kind, &scope, &id, request, key, Paging::Standard(100)).await;
        }
    })
    .await;
}

/// Reads the accounts that workloads run as, which are known before any policy is.
pub(super) async fn running(reader: &Arc<Reader>) {
    each_account(reader, runtime(reader).into_iter().collect()).await;
}

async fn each_account(reader: &Arc<Reader>, emails: Vec<String>) {
    each(emails, |email| {
        let reader = Arc::clone(reader);
        async move { account(&reader, &email).await }
    })
    .await;
}

/// The accounts that workloads run as.
fn runtime(reader: &Reader) -> BTreeSet<String> {
    let all = reader.ledger.workloads().into_iter();
    let accounts = all.filter_map(|workload| workload.account.clone().or_else(|| default_account(reader, &workload)));
    accounts.map(|email| email.to_ascii_lowercase()).collect()
}

/// The account that a workload runs as where it names none.
fn default_account(reader: &Reader, workload: &Workload) -> Option<String> {
    let project = &workload.scope.account;
    if workload.is_first_generation {
        return Some(format!("{project}@appspot.gserviceaccount.com"));
    }
    Some(format!("{}-compute@developer.gserviceaccount.com", reader.number(project)?))
}

/// The accounts that policies of these kinds give such a role.
fn members(reader: &Reader, kinds: &[&str], may: fn(&Reader, &str) -> bool) -> BTreeSet<String> {
    let of_account = |member: &str| member.strip_prefix("serviceAccount:").map(str::to_ascii_lowercase);
    let all = reader.ledger.bindings().into_iter().filter(|(kind, ..)| kinds.contains(kind));
    let emails = all.filter_map(|(_, role, member)| Some((role, of_account(&member)?)));
    // `P.svc.id.goog[ns/ksa]` is an identity of a cluster, not an account.
    let emails = emails.filter(|(_, email)| !email.contains(".svc.id.goog[") && !is_platform_account(email));
    emails.filter(|(role, _)| may(reader, role)).map(|(_, email)| email).collect()
}

async fn account(reader: &Reader, email: &str) {
    let kind = google::SERVICE_ACCOUNT;
    let project = names::project_of_account(email).map(|project| reader.account(&project));
    // With `-` for its project, an account that is not there is refused like one that may not be seen.
    let project = project.unwrap_or_else(|| "-".into());
    let scope = ScopeId::gcp(&project, GLOBAL);
    if !email.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte)) {
        reader.ledger.gap(kind, &scope, Some(email), &Failure::malformed("this is not the address of an account"));
        return;
    }
    let path = format!("v1/projects/{project}/serviceAccounts/{email}");
    let request = Request::get(Api::Iam, kind.call, path.clone());
    if reader.detail_or_none(kind, &scope, email, request).await == Some(Value::Null) {
        return;
    }
    let kind = google::SERVICE_ACCOUNT_POLICY;
    let mut request = Request::get(Api::Iam, kind.call, format!("{path}:getIamPolicy"));
    request.body = Some(Value::Object(serde_json::Map::new()));
    let policy = reader.detail(kind, &scope, email, request.with("options.requestedPolicyVersion", "3"));
    let kind = google::SERVICE_ACCOUNT_KEYS;
    let request = Request::get(Api::Iam, kind.call, format!("{path}/keys")).with("keyTypes", "USER_MANAGED");
    let keys = reader.detail_list(kind, &scope, email, request, "keys", Paging::Standard(0));
    tokio::join!(policy, keys);
}

/// The workload identity pool that a member comes from, by its relative name; not the pool of clusters.
fn pool(member: &str) -> Option<String> {
    let rest = member.strip_prefix("principal://").or_else(|| member.strip_prefix("principalSet://"))?;
    let rest = rest.strip_prefix("iam.googleapis.com/")?;
    match rest.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "locations", "global", "workloadIdentityPools", pool, ..]
            if !pool.ends_with(".svc.id.goog") && !pool.is_empty() =>
        {
            Some(format!("projects/{project}/locations/global/workloadIdentityPools/{pool}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_tells_its_pool() {
        let name = "projects/1/locations/global/workloadIdentityPools/github";
        for member in [
            format!("principalSet://iam.googleapis.com/{name}/*"),
            format!("principal://iam.googleapis.com/{name}/subject/s"),
        ] {
            assert_eq!(pool(&member).as_deref(), Some(name));
        }
        let cluster =
            "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog/subject/x";
        assert_eq!(pool(cluster), None);
        assert_eq!(pool("allUsers"), None);
    }
}
