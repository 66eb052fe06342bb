//! Policies: code writes them member by member, role by role, or whole; a record has all of one resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{functions, names, projects};
use crate::{
    code::{Node, Shape, Value},
    evidence::{Gap, GapReason, Known, Origin},
    snapshot::{
        ScopeId,
        kinds::{Kind, google as kinds},
        unknown::{first_gap, holds_placeholder, marker, same},
    },
    source::{
        code::{
            draft::Draft,
            item::{Field, Item, blocks, field},
        },
        names::last,
    },
};

/// A family of types that write policies: `NAME_iam_member`, `…_binding` and `…_policy`.
struct Family {
    name: &'static str,
    /// The attribute that names the resource.
    on: &'static str,
    /// The types of resources that it may be.
    targets: &'static [&'static str],
    kind: Kind,
    /// The form of the id, for one that is no resource of the code.
    form: &'static str,
}

const SERVICES: &[&str] = &["google_cloud_run_v2_service", "google_cloud_run_service", functions::SECOND];
const FORM_SERVICE: &str = "//run.googleapis.com/projects/{project}/locations/{location}/services/";
const FAMILIES: [Family; 13] = [
    Family {
        name: "google_cloud_run_v2_service",
        on: "name",
        targets: SERVICES,
        kind: kinds::SERVICE_POLICY,
        form: FORM_SERVICE,
    },
    Family {
        name: "google_cloud_run_service",
        on: "service",
        targets: SERVICES,
        kind: kinds::SERVICE_POLICY,
        form: FORM_SERVICE,
    },
    Family {
        name: "google_cloud_run_v2_job",
        on: "name",
        targets: &["google_cloud_run_v2_job"],
        kind: kinds::JOB_POLICY,
        form: "//run.googleapis.com/projects/{project}/locations/{location}/jobs/",
    },
    Family {
        name: functions::FIRST,
        on: "cloud_function",
        targets: &[functions::FIRST],
        kind: kinds::FUNCTION_POLICY,
        form: "//cloudfunctions.googleapis.com/projects/{project}/locations/{region}/functions/",
    },
    Family {
        name: functions::SECOND,
        on: "cloud_function",
        targets: &[functions::SECOND],
        kind: kinds::FUNCTION_POLICY,
        form: "//cloudfunctions.googleapis.com/projects/{project}/locations/{location}/functions/",
    },
    Family {
        name: "google_project",
        on: "project",
        targets: &["google_project"],
        kind: kinds::PROJECT_POLICY,
        form: "//cloudresourcemanager.googleapis.com/projects/",
    },
    Family {
        name: "google_folder",
        on: "folder",
        targets: &[],
        kind: kinds::FOLDER_POLICY,
        form: "//cloudresourcemanager.googleapis.com/folders/",
    },
    Family {
        name: "google_organization",
        on: "org_id",
        targets: &[],
        kind: kinds::ORGANIZATION_POLICY,
        form: "//cloudresourcemanager.googleapis.com/organizations/",
    },
    Family {
        name: projects::ACCOUNT,
        on: "service_account_id",
        targets: &[projects::ACCOUNT],
        kind: kinds::SERVICE_ACCOUNT_POLICY,
        form: "",
    },
    Family {
        name: "google_kms_crypto_key",
        on: "crypto_key_id",
        targets: &["google_kms_crypto_key"],
        kind: kinds::KEY_POLICY,
        form: "//cloudkms.googleapis.com/",
    },
    Family {
        name: "google_kms_key_ring",
        on: "key_ring_id",
        targets: &["google_kms_key_ring"],
        kind: kinds::KEY_RING_POLICY,
        form: "//cloudkms.googleapis.com/",
    },
    Family {
        name: "google_compute_subnetwork",
        on: "subnetwork",
        targets: &["google_compute_subnetwork"],
        kind: kinds::SUBNETWORK_POLICY,
        form: "//compute.googleapis.com/projects/{project}/regions/{region}/subnetworks/",
    },
    Family {
        name: "google_iap_web_cloud_run_service",
        on: "cloud_run_service_name",
        targets: SERVICES,
        kind: kinds::IAP_POLICY,
        form: FORM_SERVICE,
    },
];

/// A binding, and where it stands.
type Placed = (Json, Option<Origin>);

/// The family of a type, and how it writes: `member`, `binding` or `policy`.
fn family(kind: &str) -> Option<(&'static Family, &str)> {
    let (name, way) = kind.rsplit_once("_iam_")?;
    let family = FAMILIES.iter().find(|family| family.name == name)?;
    matches!(way, "member" | "binding" | "policy").then_some((family, way))
}

/// Whether a type writes policies that are followed.
pub(super) fn follows(kind: &str) -> bool {
    family(kind).is_some()
        || kind.rsplit_once("_iam_").is_some_and(|(name, _)| name == "google_cloud_run_v2_worker_pool")
}

/// The policies of everything that the code manages, with what it grants.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    let mut policies: BTreeMap<(&'static str, String), Vec<Placed>> = BTreeMap::new();
    let mut roots: BTreeMap<(&'static str, String), (Kind, ScopeId, String)> = BTreeMap::new();
    for item in items {
        for family in &FAMILIES {
            if family.targets.contains(&&*item.resource.kind) {
                let id = id_on(*item, family);
                let scope = scope(&id, Some(*item));
                let root = item.resource.root.to_string();
                roots.entry((family.kind.name, id)).or_insert((family.kind, scope, root));
            }
        }
    }
    // What the code manages is told apart by address, whatever nobody knows of its name; projects are not, since what
    // is no resource of the code may be one of them.
    let managed: BTreeSet<(&'static str, String)> =
        roots.keys().filter(|(kind, _)| *kind != kinds::PROJECT_POLICY.name).cloned().collect();
    let is_managed = |kind: &'static str, id: &String| managed.contains(&(kind, id.clone()));
    for (path, item) in projects::nodes(items) {
        let kind = if path.starts_with("folders/") { kinds::FOLDER_POLICY } else { kinds::ORGANIZATION_POLICY };
        let id = format!("{}{path}", projects::NODES);
        let scope = ScopeId::gcp(path, ScopeId::GLOBAL);
        roots.entry((kind.name, id)).or_insert((kind, scope, item.resource.root.to_string()));
    }
    for (scope, declared_by) in draft.declared() {
        if !scope.account.contains('/') {
            let id = format!("//cloudresourcemanager.googleapis.com/projects/{}", scope.account);
            let root = declared_by.into_iter().next().unwrap_or_default();
            roots.entry((kinds::PROJECT_POLICY.name, id)).or_insert((kinds::PROJECT_POLICY, scope, root));
        }
    }
    for item in items {
        let Some((family, way)) = family(&item.resource.kind) else { continue };
        let id = target(*item, family);
        let key = (family.kind.name, id.clone());
        let root = item.resource.root.to_string();
        roots.entry(key.clone()).or_insert_with(|| (family.kind, scope(&id, None), root));
        let place = item.place(match way {
            "member" => "member",
            "binding" => "members",
            _ => "policy_data",
        });
        let own = bindings(*item, way).into_iter().map(|binding| (binding, place.clone()));
        policies.entry(key).or_default().extend(own);
    }
    // What may be granted on: of a kind, what is not managed alone or not, and what has a name that nobody knows or not.
    let mut others: BTreeMap<(&'static str, bool, bool), Vec<&String>> = BTreeMap::new();
    for (name, at) in policies.keys() {
        for (apart, open) in [(false, false), (false, true), (true, false), (true, true)] {
            if !(apart && is_managed(name, at)) && (!open || holds_placeholder(at)) {
                others.entry((name, apart, open)).or_default().push(at);
            }
        }
    }
    for (key @ (name, id), (kind, scope, root)) in &roots {
        let mut all: Vec<Placed> = policies.get(key).into_iter().flatten().cloned().collect();
        // What is granted on something whose name is not known may be granted here.
        let beside = others.get(&(*name, is_managed(name, id), !holds_placeholder(id)));
        for at in beside.into_iter().flatten().filter(|at| **at != id) {
            if let Known::Unknown(gap) = same(at, id) {
                all.push((marker(&gap), None));
            }
        }
        all.extend(draft.hidden(root).map(|gap| (marker(&gap), None)));
        if matches!(*kind, kinds::FOLDER_POLICY | kinds::ORGANIZATION_POLICY) {
            draft.note_above(id, root);
        }
        let (all, places): (Vec<Json>, Vec<Option<Origin>>) = all.into_iter().unzip();
        let entry = draft.note(*kind, id, scope.clone(), json!({ "bindings": all }));
        let places = places.into_iter().enumerate();
        entry.origins.extend(places.filter_map(|(index, place)| Some((format!("/bindings/{index}"), place?))));
    }
}

fn scope(id: &str, item: Option<Item<'_>>) -> ScopeId {
    match (id.contains('@') && !id.starts_with("//"), item) {
        (true, Some(item)) => ScopeId::gcp(names::project(item), ScopeId::GLOBAL),
        (true, None) => {
            let project = id.split_once('@').and_then(|(_, domain)| domain.strip_suffix(".iam.gserviceaccount.com"));
            ScopeId::gcp(project.unwrap_or("-"), ScopeId::GLOBAL)
        }
        (false, _) => names::scope_of(id),
    }
}

/// The id under which the policy of a resource stands.
fn id_on(item: Item<'_>, family: &Family) -> String {
    let behind = &*item.resource.kind == functions::SECOND && family.form == FORM_SERVICE;
    if behind { functions::service(item) } else { names::id(item) }
}

/// The id of what is granted on.
fn target(item: Item<'_>, family: &Family) -> String {
    let node = match item.computed(family.on) {
        Field::Given(node) => node,
        Field::Absent if family.on == "project" => return format!("{}{}", family.form, names::project(item)),
        Field::Absent | Field::Hidden(_) => return format!("{}{}", names::fill(item, family.form), item.own_word()),
    };
    if let Some(target) = item.target(node, family.targets) {
        return id_on(target, family);
    }
    let text = item.pattern_of(node);
    match family.kind {
        kinds::SERVICE_ACCOUNT_POLICY => last(&text).to_owned(),
        kinds::KEY_POLICY | kinds::KEY_RING_POLICY => format!("{}{}", family.form, key_path(item, &text)),
        _ if text.starts_with("projects/") && family.kind != kinds::PROJECT_POLICY => {
            let host = family.form.find("projects/").and_then(|at| family.form.get(..at)).unwrap_or_default();
            format!("{host}{text}")
        }
        _ => format!("{}{}", names::fill(item, family.form), last(&text)),
    }
}

/// The path of a key or a key ring, which may be written short: `project/location/ring/key`.
fn key_path(item: Item<'_>, text: &str) -> String {
    let parts: Vec<&str> = text.split('/').collect();
    let own = names::project(item);
    match &*parts {
        [project, location, ring, key] if *project != "projects" => {
            format!("projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}")
        }
        [project, location, ring]
            if *project != "projects" && &*item.resource.kind != "google_kms_crypto_key_iam_member" =>
        {
            format!("projects/{project}/locations/{location}/keyRings/{ring}")
        }
        [location, ring, key] if *location != "projects" => {
            format!("projects/{own}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}")
        }
        [location, ring] => format!("projects/{own}/locations/{location}/keyRings/{ring}"),
        _ => text.to_owned(),
    }
}

/// What a resource grants, as bindings; what is not known of it is a marker among them.
fn bindings(item: Item<'_>, way: &str) -> Vec<Json> {
    if item.resource.symbolic {
        let what = format!("how many of {} there are", item.resource.address);
        return vec![marker(&Gap::new(what, GapReason::UnknownValue))];
    }
    if way == "policy" {
        return match item.field("policy_data") {
            Field::Given(node) => whole(item, node),
            Field::Hidden(unknown) => vec![marker(&unknown.gap())],
            Field::Absent => Vec::new(),
        };
    }
    let members = match item.field(if way == "member" { "member" } else { "members" }) {
        Field::Given(node) => members(item, node),
        Field::Hidden(unknown) => vec![Err(unknown.gap())],
        Field::Absent => Vec::new(),
    };
    binding(item, &item.resource.body, members)
}

/// The bindings of a policy that is written as a whole.
fn whole(item: Item<'_>, node: &Node) -> Vec<Json> {
    let each = |binding: &Node| {
        let found = match field(binding, "members") {
            Field::Given(node) => members(item, node),
            Field::Hidden(unknown) => vec![Err(unknown.gap())],
            Field::Absent => Vec::new(),
        };
        self::binding(item, binding, found)
    };
    match (&node.value, node.unknown().and_then(|unknown| unknown.shape.as_ref())) {
        (Value::Text(text), _) => match serde_json::from_str::<Json>(text) {
            Ok(policy) => policy.get("bindings").and_then(Json::as_array).cloned().unwrap_or_default(),
            Err(error) => vec![marker(
                &Gap::new(format!("{}.policy_data", item.resource.address), GapReason::Malformed)
                    .with_detail(error.to_string()),
            )],
        },
        (_, Some(Shape::Json(tree))) => match field(tree, "bindings") {
            Field::Given(node) => blocks(node).into_iter().flat_map(each).collect(),
            Field::Hidden(unknown) => vec![marker(&unknown.gap())],
            Field::Absent => Vec::new(),
        },
        (Value::Unknown(unknown), _) => vec![marker(&unknown.gap())],
        _ => Vec::new(),
    }
}

/// A binding of known members, and a marker for each that is not.
fn binding(item: Item<'_>, block: &Node, members: Vec<Result<String, Gap>>) -> Vec<Json> {
    let part = |path: &str| match field(block, path) {
        Field::Given(node) => Some(item.json(node)),
        Field::Hidden(unknown) => Some(marker(&unknown.gap())),
        Field::Absent => None,
    };
    let (known, unknown): (Vec<_>, Vec<_>) = members.into_iter().partition(Result::is_ok);
    let known: Vec<String> = known.into_iter().flatten().collect();
    let mut all: Vec<Json> = unknown.into_iter().filter_map(Result::err).map(|gap| marker(&gap)).collect();
    let role = match field(block, "role") {
        Field::Given(node) => {
            match item.target(node, &["google_project_iam_custom_role", "google_organization_iam_custom_role"]) {
                Some(target) => Some(Json::String(names::id(target))),
                None => Some(item.json(node)),
            }
        }
        Field::Hidden(unknown) => Some(marker(&unknown.gap())),
        Field::Absent => None,
    };
    let mut body = Map::new();
    body.insert("role".into(), role.unwrap_or_default());
    body.insert("members".into(), known.into());
    if let Field::Given(node) = field(block, "condition") {
        let open = blocks(node);
        if let Some(hidden) = open.iter().find_map(|node| node.unknown()) {
            body.insert("condition".into(), marker(&hidden.gap()));
        } else if !open.is_empty() {
            body.insert("condition".into(), json!({ "expression": part("condition.expression") }));
        }
    }
    let body = Json::Object(body);
    match first_gap(&body) {
        Some(gap) => all.push(marker(&gap)),
        None => all.push(body),
    }
    all
}

/// The members of a value; those of whom not even the kind is known are gaps.
fn members(item: Item<'_>, node: &Node) -> Vec<Result<String, Gap>> {
    match &node.value {
        Value::List(list) => list.iter().flat_map(|node| members(item, node)).collect(),
        Value::Unknown(unknown) => {
            // What a plan knows of a member is that it hangs on an account.
            match item.targets(node, &[projects::ACCOUNT, "google_project_service_identity"]) {
                Ok(found) if node.is.is_none() && unknown.shape.is_none() => {
                    let all = found.into_iter().filter_map(Result::ok);
                    all.map(|account| {
                        let email = match &*account.resource.kind {
                            projects::ACCOUNT => Some(names::email(account)),
                            _ => projects::agent(account),
                        };
                        email.map(|email| format!("serviceAccount:{email}")).ok_or_else(|| unknown.gap())
                    })
                    .collect()
                }
                _ => vec![member(item, node)],
            }
        }
        Value::Null => Vec::new(),
        _ => vec![member(item, node)],
    }
}

/// Kinds of members that are known by what they begin with, and are never everyone.
const KINDS: [&str; 7] = ["user:", "serviceAccount:", "group:", "domain:", "principal:", "principalSet:", "deleted:"];

fn member(item: Item<'_>, node: &Node) -> Result<String, Gap> {
    let gap = match item.text_of(node) {
        Ok(text) => return Ok(text),
        Err(gap) => gap,
    };
    let text = item.pattern_of(node);
    if KINDS.iter().any(|kind| text.starts_with(kind)) { Ok(text) } else { Err(gap) }
}
