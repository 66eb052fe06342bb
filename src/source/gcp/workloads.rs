//! Functions, and what runs on Cloud Run.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::{
    super::names,
    calls::each,
    endpoints::Api,
    failure::Failure,
    http::Request,
    pages::{Listing, Paging, list},
    reader::{Placed, Project, Reader},
    workload::Workload,
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{Kind, google},
};

/// A list of Cloud Run: its kind, its collection in v1 and v2, and the path of all regions at once.
struct Family {
    kind: Kind,
    collection: &'static str,
    key: &'static str,
    all: fn(&str) -> String,
}

const FAMILIES: [Family; 3] = [
    Family {
        kind: google::SERVICE,
        collection: "services",
        key: "services",
        all: |project| format!("v1/projects/{project}/locations/-/services"),
    },
    Family {
        kind: google::JOB,
        collection: "jobs",
        key: "jobs",
        all: |project| format!("apis/run.googleapis.com/v1/namespaces/{project}/jobs"),
    },
    Family {
        kind: google::WORKER_POOL,
        collection: "workerPools",
        key: "workerPools",
        all: |project| format!("apis/run.googleapis.com/v1/namespaces/{project}/workerpools"),
    },
];

/// Lists everything of a project that runs.
pub(super) async fn read(reader: &Arc<Reader>, project: &Project) {
    for kind in google::WORKLOADS {
        reader.ledger.begin(kind, &project.id);
    }
    let [services, jobs, pools] = &FAMILIES;
    reader.ledger.begin(google::DOMAIN_MAPPING, &project.id);
    tokio::join!(
        functions(reader, project),
        family(reader, project, services),
        family(reader, project, jobs),
        family(reader, project, pools),
        domains(reader, project)
    );
}

async fn domains(reader: &Reader, project: &Project) {
    let kind = google::DOMAIN_MAPPING;
    let path = format!("apis/domains.cloudrun.com/v1/namespaces/{}/domainmappings", project.id);
    let request = Request::get(Api::Run, kind.call, path);
    let listing = list(&reader.http, request, "items", Paging::Knative).await;
    let place = |_: &str, item: &Value| {
        let metadata = item.get("metadata").ok_or_else(|| Failure::malformed("a domain mapping without metadata"))?;
        knative("domainmappings", project, metadata)
    };
    reader.keep(kind, project, Api::Run, listing, place).await;
}

async fn functions(reader: &Reader, project: &Project) {
    let path = format!("v2/projects/{}/locations/-/functions", project.id);
    let request = Request::get(Api::Functions, google::FUNCTION.call, path);
    let place = |_: &str, item: &Value| named("//cloudfunctions.googleapis.com/", "functions", project, item);
    reader.list(google::FUNCTION, project, request, "functions", Paging::Standard(1000), place).await;
}

async fn family(reader: &Reader, project: &Project, family: &Family) {
    let request = Request::get(Api::Run, family.kind.call, (family.all)(&project.id));
    let listing = list(&reader.http, request, "items", Paging::Knative).await;
    let place = |_: &str, item: &Value| match item.get("metadata") {
        Some(metadata) => knative(family.collection, project, metadata),
        None => named("//run.googleapis.com/", family.collection, project, item),
    };
    // The list of all regions at once is of the older API: where that fails by itself, the newer one is asked.
    match &listing.failure {
        Some(failure) if !failure.is_final() && failure.why != GapReason::Throttled => {
            let listing = region_by_region(reader, project, family).await.unwrap_or(listing);
            reader.keep(family.kind, project, Api::Run, listing, place).await;
        }
        _ => reader.keep(family.kind, project, Api::Run, listing, place).await,
    }
}

/// The same list by the newer API; none where that does not know its regions.
async fn region_by_region(reader: &Reader, project: &Project, family: &Family) -> Option<Listing> {
    let path = format!("v1/projects/{}/locations", project.id);
    let request = Request::get(Api::Run, "run.locations.list", path);
    let regions = list(&reader.http, request, "locations", Paging::Standard(0)).await;
    if regions.failure.is_some() || regions.items.is_empty() {
        return None;
    }
    let mut all = Listing { unreachable: regions.unreachable, ..Listing::default() };
    for (_, region) in regions.items {
        let region = region.get("locationId").and_then(Value::as_str)?;
        let path = format!("v2/projects/{}/locations/{region}/{}", project.id, family.collection);
        let request = Request::get(Api::Run, family.kind.call, path);
        let listing = list(&reader.http, request, family.key, Paging::Standard(0)).await;
        all.items.extend(listing.items);
        all.unreachable.extend(listing.unreachable);
        match listing.failure {
            Some(failure) if failure.is_final() => return Some(Listing { failure: Some(failure), ..all }),
            Some(_) => all.unreachable.push(region.to_owned()),
            None => {}
        }
    }
    Some(all)
}

/// The place of a resource that bears its whole name.
pub(super) fn named(host: &str, collection: &str, project: &Project, item: &Value) -> Placed {
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
    let (Some(of), Some(_)) = (names::project(name), names::part(name, collection)) else {
        return Err(Failure::malformed(format!("one of the {collection} has no name of the promised form")));
    };
    if !project.is(of) {
        return Err(Failure::new(GapReason::WrongIdentity, "the list holds a resource of another project"));
    }
    Ok((format!("{host}{}", names::with_project(name, &project.id)), names::region(name).to_owned()))
}

/// The place of a resource in the form of Knative, whose namespace is the number of its project.
fn knative(collection: &str, project: &Project, metadata: &Value) -> Placed {
    let text = |place: &str| metadata.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(name), Some(region)) = (text("/name"), text("/labels/cloud.googleapis.com~1location")) else {
        return Err(Failure::malformed(format!("one of the {collection} has no name or no location")));
    };
    if text("/namespace").is_some_and(|namespace| project.number.is_some() && !project.is(namespace)) {
        return Err(Failure::new(GapReason::WrongIdentity, "the list holds a resource of another project"));
    }
    let id = format!("//run.googleapis.com/projects/{}/locations/{region}/{collection}/{name}", project.id);
    Ok((id, region.to_owned()))
}

/// The services behind functions, where the list of services lacks them.
pub(super) async fn services_of_functions(reader: &Arc<Reader>) {
    let workloads = reader.ledger.workloads();
    let services = workloads.iter().filter(|workload| workload.kind == google::SERVICE);
    let there: BTreeSet<&str> = services.map(|service| service.id.as_str()).collect();
    let functions = workloads.iter().filter(|workload| workload.kind == google::FUNCTION);
    let missing = functions.filter_map(|function| {
        let name = names::relative(function.service.as_deref()?)?;
        let name = names::with_project(name, &reader.account(names::project(name)?));
        let id = format!("//run.googleapis.com/{name}");
        (names::part(&name, "services").is_some() && !there.contains(id.as_str())).then_some((id, name))
    });
    let missing: Vec<_> = missing.collect();
    each(missing, |(id, name)| {
        let reader = Arc::clone(reader);
        async move {
            let request = Request::get(Api::Run, "run.services.get", format!("v2/{name}"));
            let scope = reader.scope(&name);
            match reader.http.ask(&request).await {
                Ok(body) if body.get("name").and_then(Value::as_str).map(names::last) == Some(names::last(&name)) => {
                    reader.ledger.record(google::SERVICE, &scope, &id, Value::Object(body));
                }
                Ok(_) => {
                    let failure = Failure::new(GapReason::WrongIdentity, "the answer speaks of another service");
                    reader.ledger.gap(google::SERVICE, &scope, Some(&id), &failure);
                }
                // The list is right: the function points to a service that is gone.
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => reader.ledger.gap(google::SERVICE, &scope, Some(&id), &failure),
            }
        }
    })
    .await;
}

/// The revisions that serve and are not the latest of their service or worker pool.
pub(super) async fn revisions(reader: &Arc<Reader>) {
    let workloads = reader.ledger.workloads().into_iter();
    let pinned = |of: Arc<Workload>| of.pinned.clone().into_iter().map(move |revision| (Arc::clone(&of), revision));
    let wanted = workloads.flat_map(pinned).collect();
    each(wanted, |(of, name)| {
        let reader = Arc::clone(reader);
        async move { revision(&reader, &of, &name).await }
    })
    .await;
}

async fn revision(reader: &Reader, of: &Workload, name: &str) {
    let collection = if of.kind == google::WORKER_POOL { "workerPools" } else { "services" };
    let (account, region) = (&of.scope.account, &of.scope.region);
    let parent = names::last(&of.id);
    let id = format!("//run.googleapis.com/projects/{account}/locations/{region}/revisions/{name}");
    let newer = format!("v2/projects/{account}/locations/{region}/{collection}/{parent}/revisions/{name}");
    let older = format!("v1/projects/{account}/locations/{region}/revisions/{name}");
    let request = |path: String| Request::get(Api::Run, google::REVISION.call, path);
    if reader.assets.get(google::REVISION, &id).is_none() {
        match reader.http.ask(&request(newer)).await {
            Ok(body) if body.get("name").and_then(Value::as_str).map(names::last) == Some(name) => {
                reader.ledger.record(google::REVISION, &of.scope, &id, Value::Object(body));
                return;
            }
            Err(failure) if !failure.is_not_found() => {
                reader.ledger.gap(google::REVISION, &of.scope, Some(&id), &failure);
                return;
            }
            _ => {}
        }
    }
    reader.detail(google::REVISION, &of.scope, &id, request(older)).await;
}
