//! Names of Google Cloud's resources in code: ids, projects, regions, and what attributes will be.

use super::TABLE;
use crate::{
    code::{Mode, Node, Value},
    snapshot::{
        ScopeId,
        unknown::{holds_placeholder, placeholder},
    },
    source::{
        code::{
            book::within,
            item::{Field, Item},
        },
        names::{last, part},
    },
};

/// The full resource name of a resource, with placeholders where parts of it are not known.
pub(super) fn id(item: Item<'_>) -> String {
    match TABLE.types.get(&*item.resource.kind) {
        Some(of) => fill(item, &of.id),
        None => item.own_word(),
    }
}

/// The form of an id with its parts filled in. `{^key_ring}` is the id of the resource that an attribute leads to.
pub(super) fn fill(item: Item<'_>, form: &str) -> String {
    let mut text = String::new();
    let mut rest = form;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        match name.strip_prefix('^') {
            Some(attribute) => text.push_str(&parent(item, attribute)),
            None => text.push_str(&piece(item, name)),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A part of a name.
fn piece(item: Item<'_>, name: &str) -> String {
    match name {
        "project" => project(item),
        "region" => region(item),
        "email" => email(item),
        "location" => match item.computed("location") {
            Field::Absent => region(item),
            Field::Given(node) => item.pattern_of(node),
            Field::Hidden(unknown) => placeholder(&unknown.what),
        },
        _ => match item.computed(name) {
            // A resource whose name is not known has its address for one: it is another than all others.
            Field::Given(node) => match item.text_of(node) {
                Ok(text) => last(&text).to_owned(),
                Err(_) => item.own_word(),
            },
            Field::Absent | Field::Hidden(_) => item.own_word(),
        },
    }
}

/// The id of what an attribute leads to: by address, else as it is written.
fn parent(item: Item<'_>, attribute: &str) -> String {
    let kinds: Vec<&str> = TABLE.types.keys().map(String::as_str).collect();
    match item.computed(attribute) {
        Field::Given(node) => {
            if let Some(target) = item.target(node, &kinds) {
                id(target)
            } else {
                let text = item.pattern_of(node);
                let host = hosts(&text);
                text.strip_prefix("projects/").map_or_else(|| text.clone(), |rest| format!("{host}projects/{rest}"))
            }
        }
        Field::Absent | Field::Hidden(_) => {
            placeholder(&within(&item.resource.root, &format!("{}.{attribute}", item.resource.address)))
        }
    }
}

/// The host in front of a relative name, by what it is of.
pub(super) fn hosts(name: &str) -> &'static str {
    let of = |word: &str| part(name, word).is_some();
    if of("keyRings") {
        "//cloudkms.googleapis.com/"
    } else if of("services") || of("jobs") || of("workerPools") {
        "//run.googleapis.com/"
    } else if of("functions") {
        "//cloudfunctions.googleapis.com/"
    } else if of("connectors") {
        "//vpcaccess.googleapis.com/"
    } else if of("repositories") {
        "//artifactregistry.googleapis.com/"
    } else {
        "//compute.googleapis.com/"
    }
}

/// The project of a resource: its own attribute, else its provider's.
pub(super) fn project(item: Item<'_>) -> String {
    let attribute = if &*item.resource.kind == "google_project" { "project_id" } else { "project" };
    match item.computed(attribute) {
        Field::Given(node) => project_of(item, node),
        Field::Hidden(unknown) => placeholder(&unknown.what),
        Field::Absent if attribute == "project_id" && item.resource.mode == Mode::Managed => item.own_word(),
        Field::Absent => provider(item, "project"),
    }
}

/// The id of the project that a value names: by its id, its name, or as an attribute of the project.
pub(super) fn project_of(item: Item<'_>, node: &Node) -> String {
    match item.target(node, &["google_project"]) {
        Some(target) => project(target),
        None => last(&item.pattern_of(node)).to_owned(),
    }
}

/// The region of a resource: its own attribute, its zone's, else its provider's.
pub(super) fn region(item: Item<'_>) -> String {
    if let Field::Given(node) = item.computed("region") {
        return last(&item.pattern_of(node)).to_owned();
    }
    match item.computed("zone") {
        Field::Given(node) => match item.text_of(node) {
            Ok(zone) => zone.rsplit_once('-').map_or(zone.clone(), |(region, _)| last(region).to_owned()),
            Err(gap) => placeholder(&format!("the region of {}", gap.what)),
        },
        Field::Absent | Field::Hidden(_) => provider(item, "region"),
    }
}

/// What the provider of a resource is set to; a placeholder where the code does not say.
fn provider(item: Item<'_>, setting: &str) -> String {
    let provider = &item.resource.provider;
    let given =
        provider.settings.as_ref().and_then(|settings| settings.get(setting)).filter(|node| node.value != Value::Null);
    match given {
        Some(node) => match item.target(node, &["google_project"]) {
            Some(target) if setting == "project" => project(target),
            _ => item.pattern_of(node),
        },
        // Who runs the code says it.
        None => placeholder(&within(
            &item.resource.root,
            &format!("provider.{}{}.{setting}", provider.name, alias(&provider.alias)),
        )),
    }
}

fn alias(alias: &str) -> String {
    if alias.is_empty() { String::new() } else { format!(".{alias}") }
}

/// The scope of an id: its project, or folder or organisation, and its region.
pub(super) fn scope_of(id: &str) -> ScopeId {
    let path = id.trim_start_matches("//cloudresourcemanager.googleapis.com/");
    if path.starts_with("folders/") || path.starts_with("organizations/") {
        return ScopeId::gcp(path, ScopeId::GLOBAL);
    }
    let region = crate::source::names::region(id);
    ScopeId::gcp(part(id, "projects").unwrap_or("-"), region)
}

/// The number of a project, which nobody knows before it is there.
pub(super) fn number(project: &str) -> String {
    if !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit()) {
        return project.to_owned();
    }
    placeholder(&format!("number of {}", project.trim_matches(['(', ')'])))
}

/// The number of a project as the code has it, where a project or a data source of it is in the code and tells.
pub(super) fn known_number(item: Item<'_>) -> Option<String> {
    item.text("number").ok().flatten().filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The address of a service account.
pub(super) fn email(item: Item<'_>) -> String {
    match item.computed("email") {
        Field::Given(node) if node.text().is_some() => item.pattern_of(node),
        _ => {
            let project = project(item);
            // A project of the old kind bears its domain in front, and behind in addresses.
            let domain = match project.split_once(':') {
                Some((domain, name)) => format!("{name}.{domain}"),
                None => project,
            };
            format!("{}@{domain}.iam.gserviceaccount.com", piece(item, "account_id"))
        }
    }
}

/// What an attribute of a resource will be.
pub(in crate::source::code) fn attribute(item: Item<'_>, path: &str) -> Option<String> {
    let kind = &*item.resource.kind;
    // A data source is what its arguments say; one whose name is not known may be anything.
    let of_data = item.resource.mode == Mode::Data;
    let named = |text: String| (!of_data || !text.contains(&item.own_word())).then_some(text);
    match (kind, path) {
        ("google_service_account", "email") => named(email(item)),
        ("google_service_account", "member") => named(format!("serviceAccount:{}", email(item))),
        ("google_service_account", "name" | "id") => {
            named(format!("projects/{}/serviceAccounts/{}", project(item), email(item)))
        }
        ("google_project_service_identity", "email") => super::projects::agent(item),
        ("google_project_service_identity", "member") => {
            Some(format!("serviceAccount:{}", super::projects::agent(item)?))
        }
        ("google_project" | "google_client_config", "project_id") | (_, "project") => Some(project(item)),
        ("google_project", "id" | "name") if path == "id" => Some(format!("projects/{}", project(item))),
        ("google_project", "number") => Some(known_number(item).unwrap_or_else(|| number(&project(item)))),
        ("google_compute_default_service_account", "email") => {
            Some(format!("{}-compute@developer.gserviceaccount.com", number(&project(item))))
        }
        ("google_app_engine_default_service_account", "email") => {
            Some(format!("{}@appspot.gserviceaccount.com", project(item)))
        }
        ("google_iam_workload_identity_pool", "name") => {
            let path = id(item);
            let project = project(item);
            let path = path.split_once("//iam.googleapis.com/").map_or(path.clone(), |(_, path)| path.to_owned());
            named(path.replacen(&format!("projects/{project}/"), &format!("projects/{}/", number(&project)), 1))
        }
        (_, "region") => Some(region(item)),
        (_, "location") => Some(piece(item, "location")),
        ("google_project_iam_custom_role" | "google_organization_iam_custom_role", "id" | "name")
        | (_, "id" | "self_link") => {
            let id = id(item);
            let path = id.strip_prefix("//").and_then(|id| id.split_once('/')).map_or(id.as_str(), |(_, path)| path);
            TABLE.types.get(kind)?;
            named(path.to_owned())
        }
        (_, "name") => {
            TABLE.types.get(kind)?;
            named(last(&id(item)).to_owned())
        }
        _ => None,
    }
}

/// Whether a name is whole.
pub(super) fn is_known(name: &str) -> bool {
    !holds_placeholder(name)
}
