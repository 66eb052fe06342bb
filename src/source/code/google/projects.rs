//! Projects, service accounts with their keys, identity pools, and encryption keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{add, names};
use crate::{
    code::Mode,
    evidence::{Gap, GapReason, Origin},
    snapshot::{ScopeId, kinds::google as kinds, unknown::marker},
    source::{
        code::{
            draft::Draft,
            item::{Field, Item},
            table::Made,
        },
        names::last,
    },
};

/// A service account.
pub(super) const ACCOUNT: &str = "google_service_account";
/// An encryption key.
const KEY: &str = "google_kms_crypto_key";
/// A pool of identities.
const POOL: &str = "google_iam_workload_identity_pool";

/// Whether a type is turned into records here, beside those of the table.
pub(super) fn follows(kind: &str) -> bool {
    matches!(
        kind,
        "google_service_account_key"
            | "google_iam_workload_identity_pool_provider"
            | "google_kms_crypto_key_version"
            | "google_compute_network_peering"
            | "google_compute_router_peer"
            | "google_project_service_identity"
    )
}

fn made(body: Json) -> Made {
    let body = match body {
        Json::Object(body) => body,
        _ => Map::new(),
    };
    Made { body, ..Made::default() }
}

fn flag(item: Item<'_>, name: &str) -> Json {
    item.flag(name, false).map_or_else(|gap| marker(&gap), Json::Bool)
}

/// Maps what needs several resources for one record.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    let of = |kind: &'static str| items.iter().copied().filter(move |item| &*item.resource.kind == kind);
    for item in of(ACCOUNT) {
        let email = names::email(item);
        let scope = ScopeId::gcp(names::project(item), ScopeId::GLOBAL);
        super::declare(item, &scope, draft);
        let keys: Vec<(Item<'_>, Json)> =
            of("google_service_account_key").filter_map(|key| Some((key, held(key, item, &email)?))).collect();
        let origins = each("/keys", &keys);
        let hidden = draft.hidden(&item.resource.root).map(|gap| marker(&gap));
        let keys: Vec<Json> = keys.into_iter().map(|(_, key)| key).chain(hidden).collect();
        draft.add(kinds::SERVICE_ACCOUNT, &email, scope.clone(), json!({ "disabled": flag(item, "disabled") }), item);
        if let Some(entry) = draft.add(kinds::SERVICE_ACCOUNT_KEYS, &email, scope, json!({ "keys": keys }), item) {
            entry.origins = origins;
        }
    }
    for item in of(POOL) {
        let id = names::id(item);
        let providers: Vec<(Item<'_>, Json)> =
            of("google_iam_workload_identity_pool_provider").filter_map(|it| Some((it, provider(it, item)?))).collect();
        let origins = each("/workloadIdentityPoolProviders", &providers);
        let hidden = draft.hidden(&item.resource.root).map(|gap| marker(&gap));
        let providers: Vec<Json> = providers.into_iter().map(|(_, provider)| provider).chain(hidden).collect();
        let body = Made { origins, ..made(json!({ "workloadIdentityPoolProviders": providers })) };
        add(item, kinds::POOL_PROVIDERS, &id, body, draft);
    }
    for item in of(KEY) {
        key(item, of("google_kms_crypto_key_version"), draft);
    }
}

/// Where the elements of a list stand: each is of a resource of its own.
fn each(list: &str, elements: &[(Item<'_>, Json)]) -> BTreeMap<String, Origin> {
    let places = elements.iter().enumerate();
    places.filter_map(|(index, (item, _))| Some((format!("{list}/{index}"), item.place("")?))).collect()
}

/// A key of a service account, where it is of this one or may be.
fn held(key: Item<'_>, account: Item<'_>, email: &str) -> Option<Json> {
    if key.resource.root != account.resource.root {
        return None;
    }
    let is_own = match key.field("service_account_id") {
        Field::Given(node) => match key.target(node, &[ACCOUNT]) {
            Some(target) => Ok(target.resource.address == account.resource.address),
            None => key.text_of(node).map(|text| last(&text) == email),
        },
        Field::Hidden(unknown) => Err(unknown.gap()),
        Field::Absent => Ok(false),
    };
    match is_own {
        Ok(false) => None,
        Err(gap) => Some(marker(&gap)),
        Ok(true) if key.resource.symbolic => {
            let what = format!("how many of {} there are", key.resource.address);
            Some(marker(&Gap::new(what, GapReason::UnknownValue)))
        }
        Ok(true) => {
            let name = match key.computed("name") {
                Field::Given(node) => key.text_of(node).unwrap_or_else(|_| key.own_word()),
                Field::Absent | Field::Hidden(_) => key.own_word(),
            };
            let since = key.text("valid_after").ok().flatten();
            Some(json!({ "name": name, "keyType": "USER_MANAGED", "validAfterTime": since }))
        }
    }
}

/// A provider of a pool, where it is of this one or may be.
fn provider(provider: Item<'_>, pool: Item<'_>) -> Option<Json> {
    if provider.resource.root != pool.resource.root {
        return None;
    }
    match provider.field("workload_identity_pool_id") {
        Field::Given(node) => match provider.target(node, &[POOL]) {
            Some(target) if target.resource.address != pool.resource.address => return None,
            Some(_) => {}
            None => match provider.text_of(node) {
                Ok(text) if last(&text) != last(&names::id(pool)) => return None,
                Ok(_) => {}
                Err(gap) => return Some(marker(&gap)),
            },
        },
        Field::Hidden(unknown) => return Some(marker(&unknown.gap())),
        Field::Absent => return None,
    }
    let mut body = Map::new();
    let name = match provider.text("workload_identity_pool_provider_id") {
        Ok(Some(name)) => name,
        Ok(None) | Err(_) => provider.own_word(),
    };
    body.insert("name".into(), format!("{}/providers/{name}", names::id(pool)).into());
    body.insert("disabled".into(), flag(provider, "disabled"));
    for (to, from) in [("attributeCondition", "attribute_condition")] {
        match provider.field(from) {
            Field::Given(node) => drop(body.insert(to.into(), provider.json(node))),
            Field::Hidden(unknown) => drop(body.insert(to.into(), marker(&unknown.gap()))),
            Field::Absent => {}
        }
    }
    for (to, block, inner, from) in [
        ("oidc", "oidc", "issuerUri", "oidc.issuer_uri"),
        ("aws", "aws", "accountId", "aws.account_id"),
        ("saml", "saml", "", ""),
        ("x509", "x509", "", ""),
    ] {
        let Some(first) = provider.blocks(block).into_iter().next() else { continue };
        let value = match (first.unknown(), provider.field(from)) {
            (Some(unknown), _) => marker(&unknown.gap()),
            (None, Field::Given(node)) => json!({ inner: provider.json(node) }),
            (None, _) => json!({}),
        };
        body.insert(to.into(), value);
    }
    Some(body.into())
}

/// The versions of a key: the first one is made with it.
fn key<'a>(item: Item<'a>, versions: impl Iterator<Item = Item<'a>>, draft: &mut Draft<'_>) {
    let id = names::id(item);
    let mut all: Vec<Json> = Vec::new();
    let encrypts = item.text("purpose").map(|purpose| purpose.is_none_or(|purpose| purpose == "ENCRYPT_DECRYPT"));
    let primary = match (item.computed("primary"), item.flag("skip_initial_version_creation", false), encrypts) {
        (Field::Given(node), ..) if node.is_known() && !item.blocks("primary").is_empty() => {
            let part = |name: &str| item.text(&format!("primary.{name}")).ok().flatten();
            Some(
                json!({ "name": part("name").unwrap_or_else(|| format!("{id}/cryptoKeyVersions/1")), "state": part("state") }),
            )
        }
        (_, Ok(false), Ok(true)) => Some(json!({ "name": format!("{id}/cryptoKeyVersions/1"), "state": "ENABLED" })),
        (_, Err(gap), _) | (_, _, Err(gap)) => Some(marker(&gap)),
        (_, Ok(true), _) | (_, _, Ok(false)) => None,
    };
    all.extend(primary.clone());
    for version in versions {
        let own = match version.field("crypto_key") {
            Field::Given(node) => match version.target(node, &[KEY]) {
                Some(target) => target.resource.address == item.resource.address,
                None => version.text_of(node).is_ok_and(|text| id.ends_with(&text)),
            },
            Field::Absent | Field::Hidden(_) => false,
        };
        if own {
            let state = match version.computed("state") {
                Field::Given(node) => version.json(node),
                Field::Hidden(unknown) => marker(&unknown.gap()),
                Field::Absent => json!("ENABLED"),
            };
            let name = match version.computed("name") {
                Field::Given(node) => version.text_of(node).ok(),
                Field::Absent | Field::Hidden(_) => None,
            };
            let name = name.unwrap_or_else(|| format!("{id}/cryptoKeyVersions/{}", version.own_word()));
            all.push(json!({ "name": name, "state": state }));
        }
    }
    if let Some(entry) = draft.entry(kinds::KEY, &id)
        && let (Json::Object(body), Some(primary)) = (&mut entry.body, primary)
    {
        body.insert("primary".into(), primary);
    }
    add(item, kinds::KEY_VERSIONS, &id, made(json!({ "cryptoKeyVersions": all })), draft);
}

/// The agents that `google_project_service_identity` makes, by their services.
pub(super) fn agent(item: Item<'_>) -> Option<String> {
    let service = item.text("service").ok().flatten()?;
    let number = names::number(&names::project(item));
    let domain = match service.as_str() {
        "cloudfunctions.googleapis.com" => "gcf-admin-robot".to_owned(),
        "run.googleapis.com" => "serverless-robot-prod".to_owned(),
        "artifactregistry.googleapis.com" => "gcp-sa-artifactregistry".to_owned(),
        other => format!("gcp-sa-{}", other.strip_suffix(".googleapis.com")?),
    };
    Some(format!("service-{number}@{domain}.iam.gserviceaccount.com"))
}

/// Every project that something is declared in: its number, and what stands above it, as far as the code says.
pub(super) fn finish<'a>(all: impl Iterator<Item = Item<'a>>, draft: &mut Draft<'_>) {
    let mut numbers: BTreeMap<String, String> = BTreeMap::new();
    let mut parents: BTreeMap<String, (Item<'_>, Json)> = BTreeMap::new();
    for item in all.filter(|item| &*item.resource.kind == "google_project") {
        let project = names::project(item);
        numbers.extend(names::known_number(item).map(|number| (project.clone(), number)));
        if item.resource.mode == Mode::Managed {
            parents.insert(project, (item, above(item)));
        }
    }
    // Policies of folders and organisations may be above any project of which the code does not say where it stands.
    let placed: BTreeSet<String> = parents.values().filter_map(|(_, parent)| node(parent)).collect();
    let mut lost: BTreeMap<String, Gap> = BTreeMap::new();
    for (id, root) in draft.above() {
        let path = id.trim_start_matches(NODES).to_owned();
        if !placed.contains(&path) {
            let gap = Gap::new(format!("which projects are below {path}"), GapReason::UnknownValue);
            lost.entry(root).or_insert(gap);
        }
    }
    for path in &placed {
        let id = format!("{NODES}{path}");
        let scope = ScopeId::gcp(path, ScopeId::GLOBAL);
        draft.note(kinds::DENY_POLICIES, &id, scope.clone(), json!({ "policies": [] }));
        draft.list(scope, &[kinds::FIREWALL_POLICY]);
    }
    for (scope, roots) in draft.declared() {
        let project = scope.account.clone();
        if project.contains('/') {
            continue;
        }
        let id = format!("//cloudresourcemanager.googleapis.com/projects/{project}");
        let number = numbers.get(&project).cloned().unwrap_or_else(|| names::number(&project));
        let itself = json!({ "resourceId": { "type": "project", "id": project } });
        let ancestors = match parents.get(&project) {
            Some((_, Json::Null)) | None => {
                let above = roots.iter().find_map(|root| lost.get(root)).map(marker);
                std::iter::once(itself).chain(above).collect()
            }
            Some((_, parent)) => vec![itself, parent.clone()],
        };
        let stated = json!({ "name": format!("projects/{number}"), "projectId": project });
        for (kind, body) in [
            (kinds::PROJECT, stated),
            (kinds::ANCESTRY, json!({ "ancestor": ancestors })),
            (kinds::DENY_POLICIES, json!({ "policies": [] })),
        ] {
            // Of the project as a whole, whichever resource made it known.
            draft.note(kind, &id, scope.clone(), body);
        }
    }
}

/// The path of a folder or an organisation.
fn node(parent: &Json) -> Option<String> {
    let part = |name: &str| parent.pointer(&format!("/resourceId/{name}")).and_then(Json::as_str);
    Some(format!("{}s/{}", part("type")?, part("id")?))
}

/// The folders and organisations that projects of the code are made in.
pub(super) fn nodes<'a>(items: &[Item<'a>]) -> Vec<(String, Item<'a>)> {
    let projects = items.iter().filter(|item| &*item.resource.kind == "google_project");
    projects.filter_map(|item| Some((node(&above(*item))?, *item))).collect()
}

/// Where projects, folders and organisations stand.
pub(super) const NODES: &str = "//cloudresourcemanager.googleapis.com/";

/// The folder or the organisation that a project is made in, where the code names one.
fn above(item: Item<'_>) -> Json {
    for (attribute, kind) in [("folder_id", "folder"), ("org_id", "organization")] {
        match item.computed(attribute) {
            Field::Given(node) => {
                return json!({ "resourceId": { "type": kind, "id": last(&item.pattern_of(node)) } });
            }
            Field::Hidden(unknown) => return marker(&unknown.gap()),
            Field::Absent => {}
        }
    }
    Json::Null
}
