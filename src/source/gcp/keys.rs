//! The keys that workloads name, and the image repositories that must have the same one.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::{super::names, calls::each, endpoints::Api, http::Request, identity::above, pages::Paging, reader::Reader};
use crate::snapshot::kinds::google;

/// Reads them.
pub(super) async fn read(reader: &Arc<Reader>) {
    let workloads = reader.ledger.workloads();
    let keys: BTreeSet<String> = workloads
        .iter()
        .flat_map(|workload| &workload.keys)
        .filter_map(|key| key_name(key))
        .map(|key| reader.own(&key))
        .collect();
    let with_key = workloads.iter().filter(|workload| !workload.keys.is_empty());
    let repositories: BTreeSet<String> =
        with_key.filter_map(|it| repository_name(it.repository.as_deref()?)).map(|it| reader.own(&it)).collect();
    let rings: BTreeSet<String> =
        keys.iter().filter_map(|key| Some(key.split_once("/cryptoKeys/")?.0.into())).collect();
    let of_keys = each(keys.iter().cloned().collect(), |name| {
        let reader = Arc::clone(reader);
        async move { key(&reader, &name).await }
    });
    let of_rings = each(rings.into_iter().collect(), |name| {
        let reader = Arc::clone(reader);
        async move {
            let kind = google::KEY_RING_POLICY;
            let request = Request::get(Api::Kms, kind.call, format!("v1/{name}:getIamPolicy"))
                .with("options.requestedPolicyVersion", "3");
            reader.detail(kind, &reader.scope(&name), &format!("//cloudkms.googleapis.com/{name}"), request).await
        }
    });
    let projects: BTreeSet<String> =
        keys.iter().filter_map(|key| names::project(key)).map(|it| reader.account(it)).collect();
    let of_projects = above(reader, projects);
    let of_repositories = each(repositories.into_iter().collect(), |name| {
        let reader = Arc::clone(reader);
        async move {
            let kind = google::REPOSITORY;
            let request = Request::get(Api::ArtifactRegistry, kind.call, format!("v1/{name}"));
            reader
                .detail(kind, &reader.scope(&name), &format!("//artifactregistry.googleapis.com/{name}"), request)
                .await
        }
    });
    tokio::join!(of_keys, of_rings, of_projects, of_repositories);
}

async fn key(reader: &Reader, name: &str) {
    let (scope, id) = (reader.scope(name), format!("//cloudkms.googleapis.com/{name}"));
    let request = Request::get(Api::Kms, google::KEY.call, format!("v1/{name}"));
    if reader.detail_or_none(google::KEY, &scope, &id, request).await == Some(Value::Null) {
        return;
    }
    let kind = google::KEY_VERSIONS;
    let request = Request::get(Api::Kms, kind.call, format!("v1/{name}/cryptoKeyVersions"));
    let versions = reader.detail_list(kind, &scope, &id, request, "cryptoKeyVersions", Paging::Standard(1000));
    let kind = google::KEY_POLICY;
    let request = Request::get(Api::Kms, kind.call, format!("v1/{name}:getIamPolicy"))
        .with("options.requestedPolicyVersion", "3");
    let policy = reader.detail(kind, &scope, &id, request);
    tokio::join!(versions, policy);
}

/// The name of a key, without a version.
fn key_name(written: &str) -> Option<String> {
    match names::relative(written)?.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "locations", region, "keyRings", ring, "cryptoKeys", key, ..] => {
            Some(format!("projects/{project}/locations/{region}/keyRings/{ring}/cryptoKeys/{key}"))
        }
        _ => None,
    }
}

/// The name of a repository; the API takes both `projects/…` and the name of the registry's host.
fn repository_name(written: &str) -> Option<String> {
    if names::part(written, "repositories").is_some() {
        return names::relative(written).map(str::to_owned);
    }
    let (host, rest) = written.split_once('/')?;
    let region = host.strip_suffix("-docker.pkg.dev")?;
    let (project, repository) = rest.split_once('/')?;
    let repository = repository.split('/').next()?;
    Some(format!("projects/{project}/locations/{region}/repositories/{repository}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_repositories_are_named_in_one_way() {
        let key = "projects/p/locations/r/keyRings/k/cryptoKeys/a";
        assert_eq!(key_name(key).as_deref(), Some(key));
        assert_eq!(key_name(&format!("{key}/cryptoKeyVersions/1")).as_deref(), Some(key));
        assert_eq!(key_name("a"), None);
        let repository = "projects/p/locations/us-central1/repositories/x";
        assert_eq!(repository_name(repository).as_deref(), Some(repository));
        assert_eq!(repository_name("us-central1-docker.pkg.dev/p/x").as_deref(), Some(repository));
    }
}
