//! Cloud Asset Inventory: everything below a project, a folder or an organisation in few calls, as old as it says.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::{
    super::assets::{AssetType, Assets, policy_lag_hours},
    endpoints::Api,
    estate::of_body,
    failure::Failure,
    http::{Http, Request},
    ledger::GLOBAL,
    pages::{Listing, Paging, list},
    reader::{Project, Reader},
};
use crate::{
    evidence::GapReason,
    snapshot::{
        ScopeId,
        kinds::{Kind, google},
    },
};

/// How many assets stand on a page.
const PAGE: u32 = 1000;
/// How many types the service may refuse before nothing is asked of it any more.
const REFUSED_TYPES: usize = 8;
/// How many folders are looked into.
const MAX_FOLDERS: usize = 10_000;

/// What is taken from the inventory, unless all is to be fresh.
const AT_ONCE: [Kind; 6] = [
    google::SERVICE_POLICY,
    google::JOB_POLICY,
    google::FUNCTION_POLICY,
    google::PROJECT_POLICY,
    google::FOLDER_POLICY,
    google::ORGANIZATION_POLICY,
];

/// What the inventory told.
pub(super) enum Told {
    /// Everything; or everything up to where it failed.
    All {
        /// What it told.
        assets: Box<Assets>,
        /// The time from which on everything is known.
        as_of: Timestamp,
        /// Why the lists of it may lack something.
        failure: Option<Failure>,
    },
    /// Nothing, and why.
    Nothing(Failure),
}

/// Asks the inventory for everything below a node.
pub(super) async fn read(http: &Http, node: &str, fresh: bool, now: Timestamp) -> Told {
    let asked: Vec<&AssetType> = AssetType::all().iter().filter(|of| of.asked).collect();
    let governed: Vec<&AssetType> = asked.iter().copied().filter(|of| of.policy().is_some()).collect();
    let (resources, policies) =
        tokio::join!(content(http, node, "RESOURCE", asked), content(http, node, "IAM_POLICY", governed));
    let (resources, told) = resources;
    if let Some(failure) = resources.failure.clone().filter(|_| resources.items.is_empty()) {
        return Told::Nothing(failure);
    }
    let read_time = resources.read_time.as_deref().and_then(|time| time.parse().ok()).unwrap_or(now);
    let lag = told.iter().map(|of| of.lag_hours).chain([policy_lag_hours()]).max().unwrap_or(0);
    let mut assets = Assets::default();
    let mut failure = resources.failure;
    for (_, item) in resources.items.into_iter().chain(policies.0.items) {
        if let Err(fault) = assets.add(item) {
            failure = failure.or(Some(Failure::malformed(fault)));
        }
    }
    assets.finish();
    // Not even a project holds itself: that is not an answer about what is there.
    let named = assets.projects();
    if named.is_empty() || node.strip_prefix("projects/").is_some_and(|home| named.iter().all(|it| it.id != home)) {
        return Told::Nothing(Failure::malformed(
            "the inventory does not name the project that it was asked about, or none",
        ));
    }
    if failure.is_none() {
        let whole = |kind: Kind| {
            let mut of = AssetType::all().iter().filter(|of| of.asked && !of.optional && of.kind() == Some(kind));
            of.all(|of| told.iter().any(|told| told.name == of.name))
        };
        let lists = google::WORKLOADS.into_iter().chain([google::DOMAIN_MAPPING]).chain(google::NETWORKS);
        let kinds = lists.chain(google::DETAILS);
        kinds.filter(|kind| whole(*kind)).for_each(|kind| assets.complete(kind));
        // Policies of firewalls come from above: only who stands at the top sees them all.
        if node.starts_with("organizations/") && whole(google::FIREWALL_POLICY) {
            assets.complete(google::FIREWALL_POLICY);
        }
    }
    for kind in AssetType::all().iter().filter_map(AssetType::policy) {
        let whole = policies.0.failure.is_none() && policies.1.iter().any(|of| of.policy() == Some(kind));
        if whole && failure.is_none() { assets.complete(kind) } else { assets.incomplete(kind) }
    }
    if fresh {
        for kind in AT_ONCE {
            assets.stale(kind);
        }
    }
    let as_of = read_time.checked_sub(i64::from(lag).hours()).unwrap_or(read_time);
    Told::All { assets: Box::new(assets), as_of, failure }
}

/// All assets of these types with one content, and the types that the service knew.
async fn content<'a>(
    http: &Http,
    node: &str,
    content: &'static str,
    mut types: Vec<&'a AssetType>,
) -> (Listing, Vec<&'a AssetType>) {
    let call = if content == "RESOURCE" { "cloudasset.assets.listResource" } else { "cloudasset.assets.listIamPolicy" };
    for _ in 0..=REFUSED_TYPES {
        let mut request = Request::get(Api::Asset, call, format!("v1/{node}/assets")).with("contentType", content);
        for of in &types {
            request = request.with("assetTypes", &of.name);
        }
        let listing = list(http, request, "assets", Paging::Standard(PAGE)).await;
        // One type that the service does not know makes it refuse the whole call; it names the type.
        let refused = listing.failure.as_ref().filter(|failure| failure.status == Some(400)).and_then(|failure| {
            let said = failure.detail.as_deref()?;
            let names =
                |of: &&AssetType| said.match_indices(&of.name).any(|(at, name)| ends_there(said, at + name.len()));
            types.iter().position(names)
        });
        match refused {
            Some(index) => drop(types.remove(index)),
            None => return (listing, types),
        }
    }
    let failure = Failure::new(GapReason::Unsupported, "the service does not know many types of assets");
    (Listing { failure: Some(failure), ..Listing::default() }, types)
}

/// Whether a name ends there, and is not the beginning of a longer one.
fn ends_there(said: &str, at: usize) -> bool {
    said.get(at..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_ascii_alphanumeric())
}

/// Keeps what the inventory told of these projects. Gives those whose workloads are to be listed again.
pub(super) fn keep(reader: &Arc<Reader>, told: &[Project], failure: Option<&Failure>, fresh: bool) -> Vec<Project> {
    let assets = &reader.assets;
    let known: BTreeSet<&str> = told.iter().map(|project| project.id.as_str()).collect();
    let busy: BTreeSet<&str> = google::WORKLOADS
        .into_iter()
        .flat_map(|kind| assets.all(kind))
        .map(|(_, told)| told.scope.account.as_str())
        .collect();
    let again: Vec<Project> =
        told.iter().filter(|project| fresh && busy.contains(project.id.as_str())).cloned().collect();
    let firewalls = Some(google::FIREWALL_POLICY).filter(|_| assets.holds_firewall_policies());
    let lists = google::WORKLOADS.into_iter().chain([google::DOMAIN_MAPPING]).chain(google::NETWORKS);
    for kind in lists.chain(firewalls) {
        let live = |account: &str| google::WORKLOADS.contains(&kind) && again.iter().any(|it| it.id == account);
        for project in told.iter().filter(|project| !live(&project.id)) {
            reader.ledger.begin(kind, &project.id);
            if !assets.is_complete(kind) {
                let unknown = Failure::new(GapReason::Unsupported, "the asset inventory does not know this type");
                let scope = ScopeId::gcp(&project.id, GLOBAL);
                reader.ledger.gap(kind, &scope, None, failure.unwrap_or(&unknown));
            }
            reader.ledger.ended(kind, &project.id);
        }
        for (id, told) in assets.all(kind) {
            let account = told.scope.account.as_str();
            // Policies of folders and of the organisation stand above all projects.
            if account.contains('/') {
                reader.ledger.ended(kind, account);
            } else if !known.contains(account) || live(account) || !reader.wants(kind, &told.scope.region) {
                continue;
            }
            reader.ledger.record(kind, &told.scope, id, told.body());
        }
    }
    // Where no policy is attached above a project, that was read too.
    if let Some(kind) = firewalls {
        for node in assets.nodes() {
            reader.ledger.ended(kind, &node);
        }
    }
    for (id, told) in assets.all(google::PROJECT).filter(|(_, told)| known.contains(told.scope.account.as_str())) {
        reader.ledger.record(google::PROJECT, &told.scope, id, told.body());
    }
    again
}

/// The projects below a folder or an organisation, folder by folder, and the nodes that could not be looked into.
pub(super) async fn projects_below(http: &Http, node: &str) -> (Vec<Project>, Vec<(String, Failure)>) {
    let (mut projects, mut failures) = (Vec::new(), Vec::new());
    let mut nodes = vec![node.to_owned()];
    let mut seen: BTreeSet<String> = nodes.iter().cloned().collect();
    while let Some(node) = nodes.pop() {
        let below = |collection: &'static str, call| {
            Request::get(Api::ResourceManager, call, format!("v3/{collection}")).with("parent", &node)
        };
        let (own, folders) = tokio::join!(
            list(http, below("projects", "resourcemanager.projects.list"), "projects", Paging::Standard(300)),
            list(http, below("folders", "resourcemanager.folders.list"), "folders", Paging::Standard(300))
        );
        failures.extend([own.failure, folders.failure].into_iter().flatten().map(|failure| (node.clone(), failure)));
        let active = |item: &Value| item.get("state").and_then(Value::as_str).is_none_or(|state| state == "ACTIVE");
        projects.extend(own.items.iter().filter(|(_, item)| active(item)).filter_map(|(_, item)| of_body(item)));
        for (_, folder) in folders.items.iter().filter(|(_, item)| active(item)) {
            let name = folder.get("name").and_then(Value::as_str).filter(|name| name.starts_with("folders/"));
            if seen.len() >= MAX_FOLDERS {
                failures.push((node.clone(), Failure::new(GapReason::Limit, "there are too many folders")));
                break;
            }
            nodes.extend(name.filter(|name| seen.insert((*name).to_owned())).map(str::to_owned));
        }
    }
    projects.sort();
    projects.dedup();
    (projects, failures)
}
