//! Assets of Cloud Asset Inventory, and the records that they are: of a scan, and of an export in a file.

mod export;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names;
use crate::snapshot::{
    ScopeId,
    kinds::{Kind, google},
};

pub(super) use export::{looks_like_one, read};
pub(super) use types::{AssetType, policy_lag_hours};

/// The node of the hierarchy where resources of the asset inventory stand.
const NODES: &str = "//cloudresourcemanager.googleapis.com/";

/// A project that the inventory told of.
#[cfg(feature = "gcp")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AssetProject {
    /// Its id, or its number where nothing tells the id.
    pub(super) id: String,
    /// Its number.
    pub(super) number: Option<String>,
}

/// A record that assets give.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Where it stands.
    pub(super) scope: ScopeId,
    body: Body,
}

/// A body as text: an inventory of a whole organisation is large, and several times larger in memory as a tree.
#[derive(Debug, Clone)]
enum Body {
    One(String),
    /// Several assets under one key of one record.
    Many(&'static str, Vec<String>),
}

impl Told {
    /// Its body.
    pub(super) fn body(&self) -> Value {
        let parsed = |text: &String| serde_json::from_str(text).unwrap_or(Value::Null);
        match &self.body {
            Body::One(text) => parsed(text),
            Body::Many(key, items) => json!({ *key: items.iter().map(parsed).collect::<Vec<_>>() }),
        }
    }
}

/// What the inventory told.
#[derive(Debug, Default)]
pub(super) struct Assets {
    told: BTreeMap<(&'static str, String), Told>,
    /// Resources that have a policy of this kind, if only an empty one.
    subjects: BTreeSet<(&'static str, String)>,
    /// Ids of projects by their numbers.
    ids: BTreeMap<String, String>,
    /// Addresses of service accounts by their unique ids.
    emails: BTreeMap<String, String>,
    /// Policies of resources whose names are not known yet.
    policies: Vec<(Kind, String, Value)>,
    /// Kinds that were told to the end.
    complete: BTreeSet<&'static str>,
    /// Kinds that are not taken from here.
    stale: BTreeSet<&'static str>,
    /// The types that assets were seen of.
    seen: BTreeSet<String>,
    resources: bool,
    with_policies: bool,
}

/// A field that is written in either of two ways.
fn field<'a>(asset: &'a Map<String, Value>, camel: &str, snake: &str) -> Option<&'a Value> {
    asset.get(camel).or_else(|| asset.get(snake)).filter(|value| !value.is_null())
}

fn text<'a>(value: &'a Value, place: &str) -> Option<&'a str> {
    value.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty())
}

impl Assets {
    /// Takes an asset in.
    ///
    /// # Errors
    /// Why it is not one.
    pub(super) fn add(&mut self, asset: Value) -> Result<(), String> {
        let Value::Object(mut asset) = asset else { return Err("this is not an object".into()) };
        let name_of = |asset: &Map<String, Value>| asset.get("name").and_then(Value::as_str).map(str::to_owned);
        let kind = field(&asset, "assetType", "asset_type").and_then(Value::as_str).map(str::to_owned);
        let (Some(kind), Some(name)) = (kind, name_of(&asset)) else {
            return Err("this is not an asset: it has no name or no type".into());
        };
        let ancestors: Vec<String> = asset
            .get("ancestors")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(|it| it.as_str().map(Into::into)).collect())
            .unwrap_or_default();
        if let (Some(number), Some(project)) =
            (ancestors.first().and_then(|node| node.strip_prefix("projects/")), names::project(&name))
            && !names::is_number(project)
        {
            self.ids.insert(number.to_owned(), project.to_owned());
        }
        let policy = asset.remove("iamPolicy").or_else(|| asset.remove("iam_policy")).filter(|it| !it.is_null());
        let data = asset.get_mut("resource").and_then(|resource| resource.get_mut("data")).map(Value::take);
        self.resources |= data.is_some();
        self.with_policies |= policy.is_some();
        self.seen.insert(kind.clone());
        let Some(of) = AssetType::named(&kind) else { return Ok(()) };
        if let Some(data) = data.filter(|data| !data.is_null()) {
            self.resource(of, &name, &ancestors, data);
        }
        if let (Some(kind), Some(policy)) = (of.policy(), policy) {
            self.policies.push((kind, name, policy));
        }
        Ok(())
    }

    fn resource(&mut self, of: &AssetType, name: &str, ancestors: &[String], data: Value) {
        let mut subject = name.to_owned();
        match of.name.as_str() {
            "cloudresourcemanager.googleapis.com/Project" => {
                if let Some(id) = text(&data, "/projectId").map(str::to_owned) {
                    subject = format!("{NODES}projects/{id}");
                    self.project(&id, &subject, ancestors, &data);
                }
            }
            "iam.googleapis.com/ServiceAccount" => {
                let Some(email) = text(&data, "/email").map(str::to_ascii_lowercase) else { return };
                self.emails.insert(names::last(name).to_owned(), email.clone());
                subject.clone_from(&email);
                let project = text(&data, "/projectId").or_else(|| names::project(name)).unwrap_or("-");
                self.keep(google::SERVICE_ACCOUNT, email, ScopeId::gcp(project, "global"), data);
            }
            "iam.googleapis.com/ServiceAccountKey" => {
                if text(&data, "/keyType").is_none_or(|of| of == "USER_MANAGED") {
                    let key = text(&data, "/name").unwrap_or(name).to_owned();
                    let account = names::part(&key, "serviceAccounts").unwrap_or_default();
                    let account = self.emails.get(account).map_or(account, String::as_str).to_ascii_lowercase();
                    self.group(google::SERVICE_ACCOUNT_KEYS, account, &key, "keys", data);
                }
                return;
            }
            "cloudkms.googleapis.com/CryptoKeyVersion" => {
                let key = name.split_once("/cryptoKeyVersions/").map_or(name, |(key, _)| key).to_owned();
                self.group(google::KEY_VERSIONS, key, name, "cryptoKeyVersions", data);
                return;
            }
            "iam.googleapis.com/WorkloadIdentityPoolProvider" => {
                let pool = name.split_once("/providers/").map_or(name, |(pool, _)| pool).to_owned();
                self.group(google::POOL_PROVIDERS, pool, name, "workloadIdentityPoolProviders", data);
                return;
            }
            "iam.googleapis.com/PolicyV2" => {
                let point = text(&data, "/name").unwrap_or(name).replace("%2F", "/").replace("%2f", "/");
                let node = point.split_once("cloudresourcemanager.googleapis.com/").map(|(_, rest)| rest);
                let node = node.and_then(|rest| rest.split_once("/denypolicies/")).map(|(node, _)| node.to_owned());
                if let Some(node) = node {
                    self.group(google::DENY_POLICIES, format!("{NODES}{node}"), &node, "policies", data);
                }
                return;
            }
            "iam.googleapis.com/Role" => {
                let role = text(&data, "/name").unwrap_or_default().to_owned();
                let account = match role.split('/').collect::<Vec<_>>().as_slice() {
                    ["organizations", organization, ..] => format!("organizations/{organization}"),
                    ["projects", project, ..] => (*project).to_owned(),
                    _ => return,
                };
                self.keep(google::ROLE, role, ScopeId::gcp(account, "global"), data);
            }
            "cloudfunctions.googleapis.com/CloudFunction"
                if self.told.contains_key(&(google::FUNCTION.name, name.to_owned())) => {}
            "cloudfunctions.googleapis.com/Function" => {
                // The newer form of the same function wins, whichever came first.
                self.told.remove(&(google::FUNCTION.name, name.to_owned()));
                self.plain(of, name, ancestors, data);
            }
            _ => self.plain(of, name, ancestors, data),
        }
        if let Some(policy) = of.policy() {
            self.subjects.insert((policy.name, subject));
        }
    }

    /// A resource whose record is itself.
    fn plain(&mut self, of: &AssetType, name: &str, ancestors: &[String], data: Value) {
        let Some(kind) = of.kind() else { return };
        let above = ancestors.first().map(|node| node.strip_prefix("projects/").unwrap_or(node));
        let account = names::project(name).or(above).unwrap_or("-").to_owned();
        // The revision of the newer API stands below its service.
        let id = match (kind == google::REVISION, names::part(name, "services")) {
            (true, Some(service)) => name.replacen(&format!("services/{service}/"), "", 1),
            _ => name.to_owned(),
        };
        self.keep(kind, id, ScopeId::gcp(account, names::region(name)), data);
    }

    fn project(&mut self, id: &str, name: &str, ancestors: &[String], data: &Value) {
        let number = text(data, "/projectNumber").or_else(|| ancestors.first()?.strip_prefix("projects/"));
        let number = number.map(str::to_owned).or_else(|| data.get("projectNumber")?.as_u64().map(|it| it.to_string()));
        let state = text(data, "/state").or_else(|| text(data, "/lifecycleState")).unwrap_or("ACTIVE");
        let parent = text(data, "/parent")
            .map(str::to_owned)
            .or_else(|| Some(format!("{}s/{}", text(data, "/parent/type")?, text(data, "/parent/id")?)));
        let mut body = json!({"projectId": id, "state": state});
        if let (Some(number), Some(body)) = (&number, body.as_object_mut()) {
            self.ids.insert(number.clone(), id.to_owned());
            body.insert("name".into(), json!(format!("projects/{number}")));
            body.insert("parent".into(), json!(parent));
        }
        let scope = ScopeId::gcp(id, "global");
        self.keep(google::PROJECT, name.to_owned(), scope.clone(), body);
        if !ancestors.is_empty() {
            let above = ancestors.iter().skip(1).filter_map(|node| node.split_once("s/"));
            let chain = [("project", id)].into_iter().chain(above);
            let chain: Vec<_> = chain.map(|(of, id)| json!({"resourceId": {"type": of, "id": id}})).collect();
            self.keep(google::ANCESTRY, name.to_owned(), scope, json!({ "ancestor": chain }));
        }
    }

    fn keep(&mut self, kind: Kind, id: String, scope: ScopeId, body: Value) {
        self.told.entry((kind.name, id)).or_insert_with(|| Told { scope, body: Body::One(body.to_string()) });
    }

    /// Adds an item to the record that holds all of them.
    fn group(&mut self, kind: Kind, id: String, name: &str, key: &'static str, item: Value) {
        let account = names::project(name).unwrap_or(name);
        let scope = ScopeId::gcp(account, names::region(name));
        let told =
            self.told.entry((kind.name, id)).or_insert_with(|| Told { scope, body: Body::Many(key, Vec::new()) });
        if let Body::Many(_, items) = &mut told.body {
            items.push(item.to_string());
        }
    }

    /// Brings names together that assets write in different ways: projects by number, accounts by their unique id.
    pub(super) fn finish(&mut self) {
        for (kind, name, policy) in std::mem::take(&mut self.policies) {
            let project = names::project(&name).map(|project| self.id_of(project));
            let id = match kind.name {
                "iam:service-account-policy" => match self.emails.get(names::last(&name)) {
                    Some(email) => email.clone(),
                    None => continue,
                },
                _ => project.as_ref().map_or_else(|| name.clone(), |project| names::with_project(&name, project)),
            };
            let above = name.strip_prefix(NODES).filter(|node| !node.starts_with("projects/"));
            let account = above.map(str::to_owned).or(project).unwrap_or_else(|| "-".into());
            self.keep(kind, id, ScopeId::gcp(account, names::region(&name)), policy);
        }
        let told = std::mem::take(&mut self.told);
        for ((kind, id), mut told) in told {
            let account = self.id_of(&told.scope.account);
            let named = account.strip_prefix("projects/").map(|number| self.id_of(number));
            told.scope = told.scope.of(&named.unwrap_or(account));
            // A pool is named by the number of its project, in members too.
            let id = match names::project(&id).filter(|_| kind != google::POOL_PROVIDERS.name) {
                Some(project) if id.starts_with("//") => names::with_project(&id, &self.id_of(project)),
                _ => self.email_of(kind, id),
            };
            self.told.entry((kind, id)).or_insert(told);
        }
        self.subjects = std::mem::take(&mut self.subjects)
            .into_iter()
            .map(|(kind, id)| match names::project(&id).filter(|_| id.starts_with("//")) {
                Some(project) => (kind, names::with_project(&id, &self.id_of(project))),
                None => (kind, id),
            })
            .collect();
    }

    /// Keys may name their account by its unique id, and be told before it.
    fn email_of(&self, kind: &str, id: String) -> String {
        match self.emails.get(&id).filter(|_| kind == google::SERVICE_ACCOUNT_KEYS.name) {
            Some(email) => email.clone(),
            None => id,
        }
    }

    fn id_of(&self, project: &str) -> String {
        self.ids.get(project).cloned().unwrap_or_else(|| project.to_owned())
    }

    /// Says that all of a kind was told.
    pub(super) fn complete(&mut self, kind: Kind) {
        self.complete.insert(kind.name);
    }

    /// Says that some of a kind may not have been told: what is not there is asked for.
    #[cfg(feature = "gcp")]
    pub(super) fn incomplete(&mut self, kind: Kind) {
        self.complete.remove(kind.name);
    }

    /// Says that a kind is read live.
    #[cfg(feature = "gcp")]
    pub(super) fn stale(&mut self, kind: Kind) {
        self.stale.insert(kind.name);
    }

    /// What was told of a resource, where that is known: an empty policy too, of what is there and has none.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<Value> {
        if self.stale.contains(kind.name) {
            return None;
        }
        if let Some(told) = self.told.get(&(kind.name, id.to_owned())) {
            return Some(told.body());
        }
        let is_there = |kind: Kind| self.subjects.contains(&(kind.name, id.to_owned()));
        let nodes = [google::PROJECT_POLICY, google::FOLDER_POLICY, google::ORGANIZATION_POLICY];
        let empty = match kind.name {
            "iam:deny-policies" if nodes.into_iter().any(is_there) => json!({"policies": []}),
            "iam:service-account-keys" if is_there(google::SERVICE_ACCOUNT_POLICY) => json!({"keys": []}),
            _ if is_there(kind) => json!({}),
            _ => return None,
        };
        self.complete.contains(kind.name).then_some(empty)
    }

    /// Everything that was told of a kind.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = (&str, &Told)> {
        let of_kind =
            self.told.range((kind.name, String::new())..).take_while(move |((name, _), _)| *name == kind.name);
        of_kind.map(|((_, id), told)| (id.as_str(), told))
    }

    /// Whether all of a kind was told.
    pub(super) fn is_complete(&self, kind: Kind) -> bool {
        self.complete.contains(kind.name)
    }

    /// Whether every firewall policy that may apply was told: those of organisations apply to all below.
    #[cfg(feature = "gcp")]
    pub(super) fn holds_firewall_policies(&self) -> bool {
        self.is_complete(google::FIREWALL_POLICY)
    }

    /// The folders and organisations above the projects that were told of.
    #[cfg(feature = "gcp")]
    pub(super) fn nodes(&self) -> BTreeSet<String> {
        let chains = self.all(google::ANCESTRY).map(|(_, told)| told.body());
        let chains = chains.filter_map(|body| body.get("ancestor").and_then(Value::as_array).cloned());
        let node = |of: &Value| match (text(of, "/resourceId/type")?, text(of, "/resourceId/id")?) {
            ("project", _) => None,
            (kind, id) => Some(format!("{kind}s/{id}")),
        };
        chains.flatten().filter_map(|of| node(&of)).collect()
    }

    /// The projects that were told of.
    #[cfg(feature = "gcp")]
    pub(super) fn projects(&self) -> Vec<AssetProject> {
        let numbers: BTreeMap<&str, &String> = self.ids.iter().map(|(number, id)| (id.as_str(), number)).collect();
        let number = |id: &str| numbers.get(id).map(|number| (*number).clone());
        let active = |told: &Told| text(&told.body(), "/state").is_none_or(|state| state == "ACTIVE");
        let named = self.all(google::PROJECT).filter(|(_, told)| active(told));
        let named: Vec<_> = named.map(|(_, told)| told.scope.account.clone()).collect();
        named.into_iter().map(|id| AssetProject { number: number(&id), id }).collect()
    }
}

#[cfg(test)]
mod tests;
