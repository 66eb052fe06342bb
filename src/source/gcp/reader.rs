//! What every part of a collection does: ask, hold the answer against what was asked, and keep it or say why not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value, json};

use super::{
    super::{
        assets::Assets,
        journal::{Journal, Written},
        names,
    },
    endpoints::Api,
    failure::Failure,
    http::{Http, Request},
    ledger::{GLOBAL, Ledger},
    pages::{Listing, Paging, list},
};
use crate::{
    evidence::GapReason,
    snapshot::{
        Record, ScopeId,
        kinds::{Kind, google},
    },
};

/// What may stand in an allow policy.
const POLICY_FIELDS: [&str; 5] = ["auditConfigs", "bindings", "etag", "kind", "version"];

/// What may stand among the firewalls that are in effect.
const FIREWALL_FIELDS: [&str; 4] = ["firewallPolicys", "firewalls", "kind", "organizationFirewalls"];

/// A project that is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Project {
    /// Its id, or its number where nobody told the id.
    pub(super) id: String,
    /// Its number, where somebody told it.
    pub(super) number: Option<String>,
}

impl Project {
    /// Whether a name means this project.
    pub(super) fn is(&self, name: &str) -> bool {
        self.id == name || self.number.as_deref() == Some(name)
    }
}

/// A collection under way.
pub(super) struct Reader {
    /// Sends what is asked.
    pub(super) http: Http,
    /// Keeps what is answered.
    pub(super) ledger: Ledger,
    /// What the asset inventory told already.
    pub(super) assets: Assets,
    /// The regions whose workloads are read; empty for all of them.
    regions: Vec<String>,
    /// Ids of projects by their numbers.
    ids: Mutex<BTreeMap<String, String>>,
    asked: Mutex<BTreeSet<String>>,
    journal: Option<Arc<Journal>>,
    /// Whether APIs are off in projects, as far as somebody asked.
    off: tokio::sync::Mutex<BTreeMap<(Api, String), bool>>,
}

/// How a resource of a list is called, and where it stands; or why it cannot be kept.
pub(super) type Placed = Result<(String, String), Failure>;

impl Reader {
    /// Nothing is read yet, but what the asset inventory told.
    pub(super) fn new(http: Http, assets: Assets) -> Self {
        let ids = assets.projects().into_iter().filter_map(|project| Some((project.number?, project.id))).collect();
        Self {
            http,
            ledger: Ledger::default(),
            assets,
            regions: Vec::new(),
            ids: Mutex::new(ids),
            asked: Mutex::default(),
            journal: None,
            off: tokio::sync::Mutex::default(),
        }
    }

    /// The same, for the workloads of these regions alone; the networks they use are read wherever they are.
    pub(super) fn in_regions(self, regions: &[String]) -> Self {
        Self { regions: regions.to_vec(), ..self }
    }

    /// The same, with a journal beside the books.
    pub(super) fn beside(self, journal: Option<Arc<Journal>>) -> Self {
        Self { journal, ..self }
    }

    /// What an earlier run read of one resource.
    fn resumed(&self, kind: Kind, scope: &ScopeId, id: &str) -> Option<Value> {
        let record = self.journal.as_ref()?.taken(scope, &unit(kind, id))?.records.first()?;
        serde_json::from_str(record.body.get()).ok().inspect(|_| self.http.calls.spared())
    }

    /// Writes down what was read of one resource.
    fn write_down(&self, kind: Kind, scope: &ScopeId, id: &str, body: &Value) {
        let Some(journal) = &self.journal else { return };
        if let Ok(record) = Record::new(kind.name, id, scope.clone(), body.clone()) {
            journal.keep(scope, &unit(kind, id), &Written { records: vec![&record], names: &[] });
        }
    }

    /// Whether something of a region is wanted.
    pub(super) fn wants(&self, kind: Kind, region: &str) -> bool {
        self.regions.is_empty() || !google::WORKLOADS.contains(&kind) || self.regions.iter().any(|own| own == region)
    }

    /// The id of a project, if somebody told it; else what it was called.
    pub(super) fn account(&self, project: &str) -> String {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.get(project).cloned().unwrap_or_else(|| project.to_owned())
    }

    /// The number of a project, if somebody told it.
    pub(super) fn number(&self, project: &str) -> Option<String> {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().find(|(_, id)| *id == project).map(|(number, _)| number.clone())
    }

    /// A relative name with the project's id, where somebody told it.
    pub(super) fn own(&self, name: &str) -> String {
        names::project(name)
            .map_or_else(|| name.to_owned(), |project| names::with_project(name, &self.account(project)))
    }

    /// Remembers a project.
    pub(super) fn learn(&self, project: &Project) {
        if let Some(number) = &project.number {
            self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(number.clone(), project.id.clone());
        }
    }

    /// The scope of a resource by its name.
    pub(super) fn scope(&self, name: &str) -> ScopeId {
        ScopeId::gcp(self.account(names::project(name).unwrap_or_default()), names::region(name))
    }

    /// Whether this is the first time that somebody wants this.
    pub(super) fn first(&self, what: impl Into<String>) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(what.into())
    }

    /// Reads a list of a project and keeps it.
    pub(super) async fn list(
        &self,
        kind: Kind,
        project: &Project,
        request: Request,
        key: &'static str,
        paging: Paging,
        place: impl Fn(&str, &Value) -> Placed,
    ) {
        let api = request.api;
        let listing = list(&self.http, request, key, paging).await;
        self.keep(kind, project, api, listing, place).await;
    }

    /// Keeps a list as far as it was read.
    pub(super) async fn keep(
        &self,
        kind: Kind,
        project: &Project,
        api: Api,
        listing: Listing,
        place: impl Fn(&str, &Value) -> Placed,
    ) {
        let everywhere = ScopeId::gcp(&project.id, GLOBAL);
        for (under, item) in listing.items {
            match place(&under, &item) {
                Ok((_, region)) if !self.wants(kind, &region) => {}
                Ok((id, region)) => self.ledger.record(kind, &ScopeId::gcp(&project.id, region), &id, item),
                Err(failure) => self.ledger.gap(kind, &everywhere, None, &failure),
            }
        }
        for region in listing.unreachable.into_iter().filter(|region| region.is_empty() || self.wants(kind, region)) {
            let scope = if region.is_empty() { everywhere.clone() } else { ScopeId::gcp(&project.id, region) };
            let failure = Failure::new(GapReason::Partial, "the service could not reach it");
            self.ledger.gap(kind, &scope, None, &failure);
        }
        if let Some(failure) = listing.failure
            && !(failure.disabled && self.is_off(api, &project.id).await)
        {
            self.ledger.gap(kind, &everywhere, None, &failure);
        }
        self.ledger.ended(kind, &project.id);
    }

    /// Whether an API is not among those that a project has on. Few projects have some of them on: for these, one list
    /// of what is on spares the call that would fail. A list of nothing is no answer, since it is itself an API.
    pub(super) async fn is_not_on(&self, api: Api, project: &str) -> bool {
        let request =
            Request::get(Api::ServiceUsage, "serviceusage.services.list", format!("v1/projects/{project}/services"))
                .with("filter", "state:ENABLED");
        let listing = list(&self.http, request, "services", Paging::Standard(200)).await;
        let mut names = listing.items.iter().filter_map(|(_, item)| item.get("name").and_then(Value::as_str));
        listing.failure.is_none() && !listing.items.is_empty() && !names.any(|name| names::last(name) == api.service())
    }

    /// Whether an API is off in a project, by the service that knows: what is off has nothing.
    async fn is_off(&self, api: Api, project: &str) -> bool {
        // Many lists of one API fail at once: the first asks, the others wait for its answer.
        let mut off = self.off.lock().await;
        if let Some(known) = off.get(&(api, project.to_owned())) {
            return *known;
        }
        let path = format!("v1/projects/{project}/services/{}", api.service());
        let request = Request::get(Api::ServiceUsage, "serviceusage.services.get", path);
        let answer = self.http.ask(&request).await;
        let is_off = answer.is_ok_and(|answer| answer.get("state").and_then(Value::as_str) == Some("DISABLED"));
        off.insert((api, project.to_owned()), is_off);
        is_off
    }

    /// Keeps what was read of one resource before there were books.
    pub(super) fn told(&self, kind: Kind, scope: &ScopeId, id: &str, body: Value) {
        if self.first(format!("{} {} {id}", kind.name, scope.region)) {
            self.ledger.record(kind, scope, id, body);
        }
    }

    /// Reads one resource and keeps it; where the asset inventory told it, from there.
    pub(super) async fn detail(&self, kind: Kind, scope: &ScopeId, id: &str, request: Request) -> Option<Value> {
        self.detail_or(kind, scope, id, request, None).await
    }

    /// The same, where "not found" says that there is none.
    pub(super) async fn detail_or_none(
        &self,
        kind: Kind,
        scope: &ScopeId,
        id: &str,
        request: Request,
    ) -> Option<Value> {
        self.detail_or(kind, scope, id, request, Some(Value::Null)).await
    }

    async fn detail_or(
        &self,
        kind: Kind,
        scope: &ScopeId,
        id: &str,
        request: Request,
        absent: Option<Value>,
    ) -> Option<Value> {
        if !self.first(format!("{} {} {id}", kind.name, scope.region)) {
            return self.ledger.body(kind, id);
        }
        let had = self.assets.get(kind, id).or_else(|| self.resumed(kind, scope, id));
        let answer = if let Some(body) = had {
            Ok(body)
        } else {
            let answer = self.http.ask(&request).await.and_then(|answer| fits(kind, id, answer));
            let answer = match (answer, absent) {
                (Err(failure), Some(absent)) if failure.is_not_found() => Ok(absent),
                (answer, _) => answer,
            };
            if let Ok(body) = &answer {
                self.write_down(kind, scope, id, body);
            }
            answer
        };
        match answer {
            Ok(body) => {
                self.ledger.record(kind, scope, id, body.clone());
                Some(body)
            }
            Err(failure) => {
                self.ledger.gap(kind, scope, Some(id), &failure);
                None
            }
        }
    }

    /// Reads a list that belongs to one resource, all pages in one record.
    pub(super) async fn detail_list(
        &self,
        kind: Kind,
        scope: &ScopeId,
        id: &str,
        request: Request,
        key: &'static str,
        paging: Paging,
    ) -> Option<Value> {
        if !self.first(format!("{} {} {id}", kind.name, scope.region)) {
            return self.ledger.body(kind, id);
        }
        if let Some(body) = self.assets.get(kind, id) {
            self.ledger.record(kind, scope, id, body.clone());
            return Some(body);
        }
        let listing = list(&self.http, request, key, paging).await;
        let partial = || Failure::new(GapReason::Partial, "the service answered for a part only");
        if let Some(failure) = listing.failure.or_else(|| (!listing.unreachable.is_empty()).then(partial)) {
            // A part of it must not look like all.
            self.ledger.gap(kind, scope, Some(id), &failure);
            return None;
        }
        // A list that changes while it is read can show an item on two pages.
        let mut items = Vec::with_capacity(listing.items.len());
        for (_, item) in listing.items {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        let body = json!({ key: items });
        self.ledger.record(kind, scope, id, body.clone());
        Some(body)
    }
}

/// The name of the unit that one resource is.
fn unit(kind: Kind, id: &str) -> String {
    format!("{} {id}", kind.name)
}

/// The answer, if it speaks of what was asked.
fn fits(kind: Kind, id: &str, answer: Map<String, Value>) -> Result<Value, Failure> {
    let wrong = || Failure::new(GapReason::WrongIdentity, "the answer speaks of another resource than the one asked");
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let fine = match kind.name {
        name if name.ends_with("policy") => {
            if !answer.keys().all(|key| POLICY_FIELDS.contains(&key.as_str())) {
                return Err(Failure::malformed("the answer is not a policy"));
            }
            true
        }
        "iam:service-account" => text("email").is_some_and(|email| email.eq_ignore_ascii_case(id)),
        "run:revision" => {
            let knative = answer.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str);
            text("name").or(knative).map(names::last) == Some(names::last(id))
        }
        "iam:role" | "kms:key" | "artifactregistry:repository" => {
            text("name").map(names::last) == Some(names::last(id))
        }
        "resourcemanager:project" => {
            let asked = names::last(id);
            text("projectId") == Some(asked) || text("name").map(names::last) == Some(asked)
        }
        "resourcemanager:ancestry" => {
            let first = answer.get("ancestor").and_then(|list| list.pointer("/0/resourceId/id"));
            first.and_then(Value::as_str) == Some(names::last(id))
        }
        // A network without rules answers with nothing: so what is there has to be of the answer's own.
        "compute:effective-firewalls" | "compute:regional-effective-firewalls" => {
            if !answer.keys().all(|key| FIREWALL_FIELDS.contains(&key.as_str())) {
                return Err(Failure::malformed("the answer is not that of firewalls in effect"));
            }
            true
        }
        "compute:router-status" | "compute:nat-ip-info" => {
            if !answer.contains_key("result") {
                return Err(Failure::malformed("the answer lacks the `result` that the API promises"));
            }
            true
        }
        _ => true,
    };
    if fine { Ok(Value::Object(answer)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_must_speak_of_what_was_asked() {
        let answer = |body: Value| body.as_object().cloned().expect("an object");
        let key = "//cloudkms.googleapis.com/projects/p/locations/r/keyRings/k/cryptoKeys/a";
        assert!(fits(google::KEY, key, answer(json!({"name": "x/cryptoKeys/a"}))).is_ok());
        assert!(fits(google::KEY, key, answer(json!({"name": "x/cryptoKeys/b"}))).is_err());
        assert!(fits(google::KEY, key, answer(json!({}))).is_err());
        assert!(fits(google::KEY_POLICY, key, answer(json!({}))).is_ok());
        assert!(fits(google::KEY_POLICY, key, answer(json!({"hello": 1}))).is_err());
        assert!(fits(google::ROUTER_STATUS, "//r", answer(json!({}))).is_err());
        assert!(fits(google::EFFECTIVE_FIREWALLS, "//n", answer(json!({}))).is_ok());
        assert!(fits(google::EFFECTIVE_FIREWALLS, "//n", answer(json!({"login": "octocat", "items": null}))).is_err());
    }
}
