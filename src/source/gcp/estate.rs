//! Reads a project, or everything below a folder or an organisation.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::{
    super::{CollectError, Options, assets::Assets, spec::GoogleScope},
    accounts, auth,
    calls::{Calls, each},
    endpoints::{Api, Endpoints},
    failure::Failure,
    hosts::Hosts,
    http::{Http, Request},
    identity, inventory, keys,
    ledger::GLOBAL,
    network::{self, Places},
    reader::{Project, Reader},
    workloads,
};
use crate::{
    evidence::GapReason,
    snapshot::{
        Cloud, Part, Scope, ScopeId, Shard, Snapshot,
        kinds::google::{self, PROJECT},
    },
    source::runner::Event,
};

/// Reads what the source names.
pub(super) async fn read(
    scope: GoogleScope,
    options: Options,
    ears: UnboundedSender<Event>,
) -> Result<Snapshot, CollectError> {
    let hosts = Hosts::new(&options.allow_endpoints);
    let endpoints = Endpoints::load(&hosts)?;
    let credentials = auth::find(&hosts).await?;
    let calls = Calls::new(&endpoints, ears);
    let http = Http::new(credentials, endpoints, calls)?;
    let (reader, mut estate) = match &scope {
        GoogleScope::Project(name) => {
            let (home, body) = project(&http, name).await?;
            if options.assets {
                let told = inventory::read(&http, &format!("projects/{}", home.id), options.fresh, options.now).await;
                start(http, told, &scope.to_string(), Some(home), options.fresh).await?
            } else {
                let reader = Reader::new(http, Assets::default());
                if let Some(body) = body {
                    reader.told(PROJECT, &ScopeId::gcp(&home.id, GLOBAL), &project_id(&home.id), body);
                }
                (reader, Estate { live: vec![home], ..Estate::default() })
            }
        }
        GoogleScope::Folder(_) | GoogleScope::Organization(_) => {
            let told = inventory::read(&http, &scope.to_string(), options.fresh, options.now).await;
            start(http, told, &scope.to_string(), None, options.fresh).await?
        }
    };
    let below = matches!(scope, GoogleScope::Folder(_) | GoogleScope::Organization(_));
    let shard = options.part.clone().filter(|_| below).map(|part| estate.share(part));
    let reader = Arc::new(reader.in_regions(&options.regions).beside(options.journal.clone()));
    let account = match &scope {
        GoogleScope::Project(name) => estate.id_of(name),
        _ => scope.to_string(),
    };
    estate.read(&reader, &account).await;
    let mut snapshot = Snapshot::empty(options.now);
    let balance = reader.ledger.close();
    snapshot.scopes.push(Scope {
        id: ScopeId::gcp(account, GLOBAL),
        principal: None,
        endpoint: reader.http.endpoints.shown(),
        calls: Some(reader.http.calls.count()),
        as_of: estate.as_of,
    });
    snapshot.records = balance.records;
    snapshot.gaps = balance.gaps;
    snapshot.coverage = balance.coverage;
    snapshot.shard = shard;
    snapshot.sort();
    Ok(snapshot)
}

/// What is read.
#[derive(Debug, Default)]
pub(super) struct Estate {
    /// Projects that are read call by call.
    pub(super) live: Vec<Project>,
    /// Projects that the asset inventory told of.
    pub(super) told: Vec<Project>,
    /// Whether what the inventory tells late is read again.
    pub(super) fresh: bool,
    /// Why the lists of the inventory may lack something.
    pub(super) failure: Option<Failure>,
    /// The time from which on everything is known.
    pub(super) as_of: Option<jiff::Timestamp>,
    /// Whether others read other projects of the same folder or organisation.
    pub(super) shared: bool,
    /// Folders that could not be looked into.
    pub(super) gaps: Vec<(String, Failure)>,
}

/// Starts from what the asset inventory told; from a list of projects, where it told nothing.
async fn start(
    http: Http,
    told: inventory::Told,
    node: &str,
    home: Option<Project>,
    fresh: bool,
) -> Result<(Reader, Estate), CollectError> {
    match told {
        inventory::Told::All { assets, as_of, failure } => {
            let projects = assets.projects().into_iter().map(|it| Project { id: it.id, number: it.number }).collect();
            let estate = Estate { told: projects, fresh, as_of: Some(as_of), failure, ..Estate::default() };
            Ok((Reader::new(http, *assets), estate))
        }
        inventory::Told::Nothing(failure) => {
            if matches!(
                failure.why,
                GapReason::Unauthenticated | GapReason::Network | GapReason::Tls | GapReason::Timeout
            ) {
                return Err(refused("cloudasset.assets.listResource", &failure));
            }
            tracing::warn!(why = %failure.why, "the asset inventory cannot be read: the projects are read one by one");
            let mut estate = Estate::default();
            if let Some(home) = home {
                estate.live.push(home);
            } else {
                (estate.live, estate.gaps) = inventory::projects_below(&http, node).await;
            }
            // Where nothing failed there is nothing, and that is an answer.
            if estate.live.is_empty() && !estate.gaps.is_empty() {
                return Err(refused("cloudasset.assets.listResource", &failure));
            }
            Ok((Reader::new(http, Assets::default()), estate))
        }
    }
}

impl Estate {
    /// The id of a project that the user named by its id or its number.
    fn id_of(&self, name: &str) -> String {
        let mut all = self.live.iter().chain(&self.told);
        all.find(|project| project.is(name)).map_or_else(|| name.to_owned(), |project| project.id.clone())
    }

    /// Leaves the projects of other shards to them, and says which there are in all.
    fn share(&mut self, part: Part) -> Shard {
        let all = self.live.iter().chain(&self.told).map(|project| (Cloud::Gcp, project.id.clone()));
        let shard = Shard::new(part, all);
        for projects in [&mut self.live, &mut self.told] {
            projects.retain(|project| shard.part.owns(Cloud::Gcp, &project.id));
        }
        self.shared = true;
        shard
    }

    async fn read(&self, reader: &Arc<Reader>, home: &str) {
        for (node, failure) in &self.gaps {
            reader.ledger.gap(PROJECT, &ScopeId::gcp(identity::account_of(node), GLOBAL), Some(node), failure);
        }
        for project in self.live.iter().chain(&self.told) {
            reader.learn(project);
        }
        each(self.live.clone(), |project| {
            let reader = Arc::clone(reader);
            async move {
                describe(&reader, &project.id).await;
                tokio::join!(workloads::read(&reader, &project), network::read(&reader, &project, true));
            }
        })
        .await;
        let again = inventory::keep(reader, &self.told, self.failure.as_ref(), self.fresh);
        each(again, |project| {
            let reader = Arc::clone(reader);
            async move { workloads::read(&reader, &project).await }
        })
        .await;
        workloads::services_of_functions(reader).await;
        workloads::revisions(reader).await;
        let used: BTreeSet<String> = with_workloads(reader).collect();
        // A project that is named itself is looked at also where nothing runs in it.
        let named = self.told.len() == 1 && !self.shared;
        let told = self.told.iter().filter(|project| used.contains(&project.id) || named);
        let projects: Vec<Project> = self.live.iter().chain(told).cloned().collect();
        let surroundings = async {
            self.other_networks(reader).await;
            tokio::join!(network::details(reader), identity::read(reader, &projects));
        };
        // A policy for each workload takes longest: nothing that waits for none of them waits.
        tokio::join!(identity::of_workloads(reader), surroundings, accounts::running(reader));
        identity::roles(reader, home).await;
        accounts::read(reader).await;
        keys::read(reader).await;
        identity::roles(reader, home).await;
    }

    /// Reads the networks of other projects that traffic enters: of hosts of shared networks, and of connectors.
    async fn other_networks(&self, reader: &Arc<Reader>) {
        loop {
            let named = Places::of(reader).projects.into_iter();
            let new: Vec<String> = named.filter(|project| !reader.ledger.has_line(google::NETWORK, project)).collect();
            if new.is_empty() {
                return;
            }
            each(new, |name| {
                let reader = Arc::clone(reader);
                async move {
                    let found = describe(&reader, &name).await;
                    let project = found.unwrap_or(Project { id: name, number: None });
                    reader.learn(&project);
                    if !reader.ledger.has_line(google::NETWORK, &project.id) {
                        network::read(&reader, &project, false).await;
                    }
                }
            })
            .await;
        }
    }
}

/// The projects in which something runs.
fn with_workloads(reader: &Reader) -> impl Iterator<Item = String> {
    let all = reader.ledger.workloads().into_iter().filter(|workload| workload.kind != google::REVISION);
    all.map(|workload| workload.scope.account.clone())
}

/// The full name of a project.
fn project_id(name: &str) -> String {
    format!("//cloudresourcemanager.googleapis.com/projects/{name}")
}

/// Reads what a project is.
async fn describe(reader: &Reader, name: &str) -> Option<Project> {
    let id = project_id(name);
    let request = Request::get(Api::ResourceManager, PROJECT.call, format!("v3/projects/{name}"));
    let body = reader.detail(PROJECT, &ScopeId::gcp(reader.account(name), GLOBAL), &id, request).await?;
    of_body(&body)
}

/// The project that a body of Resource Manager speaks of.
pub(super) fn of_body(body: &Value) -> Option<Project> {
    let id = body.get("projectId").and_then(Value::as_str)?.to_owned();
    let number = body.get("name").and_then(Value::as_str).and_then(|name| name.strip_prefix("projects/"));
    Some(Project { id, number: number.map(Into::into) })
}

/// The project that the user named, by its id or its number, and what it is, where that may be read.
async fn project(http: &Http, name: &str) -> Result<(Project, Option<Value>), CollectError> {
    let request = Request::get(Api::ResourceManager, PROJECT.call, format!("v3/projects/{name}"));
    let failure = match http.ask(&request).await {
        Ok(answer) => {
            let body = Value::Object(answer);
            match of_body(&body) {
                Some(project) if project.is(name) => return Ok((project, Some(body))),
                _ => Failure::new(GapReason::WrongIdentity, "the answer speaks of another project than the one asked"),
            }
        }
        Err(failure) => failure,
    };
    match failure.why {
        // Whoever may not read the project itself may still read what is in it.
        GapReason::Denied | GapReason::ApiDisabledUnverified | GapReason::ServerError | GapReason::Throttled => {
            Ok((Project { id: name.to_owned(), number: None }, None))
        }
        _ => Err(refused(PROJECT.call, &failure)),
    }
}

/// Nothing could be read at all.
fn refused(call: &str, failure: &Failure) -> CollectError {
    let detail = failure.detail.as_deref().map_or(String::new(), |detail| format!(": {detail}"));
    let hint = match failure.why {
        GapReason::Unauthenticated => {
            "no credentials that work were found: sign in with `gcloud auth application-default login`"
        }
        GapReason::Network | GapReason::Tls | GapReason::Timeout => "is the endpoint reachable from here?",
        GapReason::GoneDuringScan => "there is no such project, or it is not yours to see",
        _ => "`gcloud projects describe` shows whether the credentials work",
    };
    CollectError::Config { message: format!("{call} failed ({}){detail}", failure.why), hint: Some(hint.into()) }
}
