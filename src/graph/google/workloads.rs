//! Functions, services, jobs and worker pools of Google Cloud as workloads.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};

use super::{
    Side,
    access::Access,
    accounts::Accounts,
    identity, ingress, invokers, keys,
    place::{last, stand},
    serving::{self, Serving},
    walk::Walker,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::{
        Intent, Invoke, Network, Runtime, Workload,
        egress::{Egress, Traffic},
        keys::KeyNeed,
    },
    knowledge::{Agent, google_runtime},
    model::{
        Credential, Inventory, Table,
        google::{CloudFunction, Generation, Mode, Place, RunKind, RunResource, VpcAttachment},
    },
    snapshot::ScopeId,
};

/// Something that serves: a function with what is behind it, or a Cloud Run resource by itself.
pub(in crate::graph) struct Thing<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'static str,
    place: &'a Place,
    labels: &'a Known<BTreeMap<String, String>>,
    function: Option<&'a CloudFunction>,
    run: Option<Known<&'a RunResource>>,
    serving: Known<Serving<'a>>,
}

impl<'a> Thing<'a> {
    pub(in crate::graph) fn id(&self) -> &'a str {
        self.id
    }

    pub(in crate::graph) fn name(&self) -> &'a str {
        self.name
    }

    pub(in crate::graph) fn scope(&self) -> ScopeId {
        self.place.scope()
    }

    fn service(&self) -> Option<&'a RunResource> {
        match &self.run {
            Some(Known::Known(run)) => Some(run),
            _ => None,
        }
    }

    fn generation(&self) -> Generation {
        self.function.map_or(Generation::Second, |function| function.generation)
    }
}

/// What was found out before of the networks and accounts that workloads have in common.
pub(in crate::graph) struct Resolver<'a> {
    inventory: &'a Inventory,
    access: &'a Access<'a>,
    today: Date,
    accounts: Accounts,
    walker: Walker<'a>,
}

impl<'a> Resolver<'a> {
    pub(in crate::graph) fn new(inventory: &'a Inventory, access: &'a Access<'a>) -> Self {
        let today = inventory.taken_at.to_zoned(TimeZone::UTC).date();
        Self { inventory, access, today, accounts: Accounts::default(), walker: Walker::new(&inventory.google) }
    }

    pub(in crate::graph) fn workload(&mut self, thing: &Thing<'a>) -> Workload {
        let Self { inventory, access, today, accounts, walker } = self;
        let google = &inventory.google;
        let ingress_of = ingress::Subject { place: thing.place, service: thing.service(), function: thing.function };
        let ingress = ingress::of(google, &ingress_of);
        let invokers_of = invokers::Subject { function: thing.function, run: thing.run.clone() };
        let invokers = invokers::of(access, accounts, &invokers_of, &ingress);
        let (keys, keys_gap) = keys_of(access, thing);
        let network = network(inventory, thing);
        Workload {
            id: thing.id.to_owned(),
            name: thing.name.to_owned(),
            kind: thing.kind,
            scope: thing.scope(),
            version: version(thing),
            runtime: thing.function.map_or(Known::Known(None), |function| function.runtime.clone()).map(|id| {
                let id = id?;
                Some(Runtime { listed: google_runtime(&id), id, today: *today })
            }),
            egress: walker.egress(&thing.serving),
            changed: None,
            code_signing: None,
            intent: Intent::of(thing.labels.as_ref(), &network),
            network,
            invoke: Invoke {
                anonymous: invokers.anonymous.clone(),
                latent: invokers.latent.clone(),
                any_principal: invokers.any_account.clone(),
                ..Invoke::nobody()
            },
            keys,
            keys_gap,
            credentials: credentials(thing),
            aws: None,
            google: Some(Box::new(Side {
                identity: identity::of(access, thing.place, account(thing), thing.generation()),
                repository_under_key: repository(access, thing),
                inactive: inactive(thing),
                max_instances: max_instances(thing),
                service: thing.service().map(|service| last(&service.name).to_owned()),
                ingress,
                invokers,
            })),
        }
    }
}

/// Where the traffic of one of them goes; none where there is no such workload.
pub(in crate::graph) fn toward(inventory: &Inventory, id: &str, traffic: Traffic) -> Option<Egress> {
    let thing = things(inventory).into_iter().find(|thing| thing.id == id)?;
    Some(Walker::following(&inventory.google, traffic).egress(&thing.serving))
}

/// Everything that serves.
pub(in crate::graph) fn things(inventory: &Inventory) -> Vec<Thing<'_>> {
    let google = &inventory.google;
    let mut things = Vec::new();
    let mut faced = BTreeSet::new();
    for (_, function) in google.functions.iter() {
        let second = function.generation == Generation::Second;
        faced.extend(function.service.as_deref());
        things.push(Thing {
            id: &function.full_name,
            name: last(&function.name),
            kind: if second { "cloud-function" } else { "cloud-function-gen1" },
            place: &function.place,
            labels: &function.labels,
            function: Some(function),
            run: second.then(|| serving::service_of(google, function)),
            serving: serving::of_function(google, function),
        });
    }
    let tables = [&google.services, &google.jobs, &google.worker_pools];
    for (_, resource) in tables.into_iter().flat_map(Table::iter) {
        if faced.contains(resource.name.as_str()) {
            continue;
        }
        things.push(Thing {
            id: &resource.full_name,
            name: last(&resource.name),
            kind: match resource.kind {
                RunKind::Service => "run-service",
                RunKind::Job => "run-job",
                RunKind::WorkerPool => "run-worker-pool",
            },
            place: &resource.place,
            labels: &resource.labels,
            function: None,
            run: Some(Known::Known(resource)),
            serving: Known::Known(serving::of_resource(google, resource)),
        });
    }
    things
}

fn version(thing: &Thing<'_>) -> String {
    let Known::Known(serving) = &thing.serving else { return "-".into() };
    let names: Vec<_> = serving.shares.iter().filter_map(|share| share.revision).collect();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

/// Where the first of its revisions that is in a network stands, and which traffic goes there.
fn network(inventory: &Inventory, thing: &Thing<'_>) -> Network {
    let unknown = |gap: &Gap| Network {
        attached: Known::Unknown(gap.clone()),
        plane: Known::Unknown(gap.clone()),
        sends_all: Known::Unknown(gap.clone()),
        vpc: Known::Unknown(gap.clone()),
        places: Vec::new(),
        zone_count: Known::Known(0),
        default_security_group: Known::Known(false),
        dual_stack: false,
    };
    let serving = match &thing.serving {
        Known::Known(serving) => serving,
        Known::Unknown(gap) => return unknown(gap),
    };
    let mut sends_all = Known::Known(false);
    let mut first = None;
    let mut gap = None;
    for share in &serving.shares {
        match &share.unit {
            Known::Unknown(unread) => {
                sends_all = sends_all.or(Known::Unknown(unread.clone()));
                gap = gap.or(Some(unread));
            }
            Known::Known(unit) => match &unit.attachment {
                Known::Known(VpcAttachment::None) => {}
                Known::Known(attachment) => {
                    sends_all = sends_all.or(unit.mode.clone().map(|mode| mode == Mode::All));
                    first = first.or(Some(attachment));
                }
                Known::Unknown(unread) => {
                    sends_all = sends_all.or(Known::Unknown(unread.clone()));
                    gap = gap.or(Some(unread));
                }
            },
        }
    }
    let Some(attachment) = first else {
        return match gap {
            Some(gap) => unknown(gap),
            None => Network {
                attached: Known::Known(false),
                plane: Known::Known("none"),
                sends_all,
                vpc: Known::Known(None),
                ..unknown(&nowhere())
            },
        };
    };
    let region = serving.regions.first().copied().unwrap_or(&serving.place.region);
    let standing = stand(&inventory.google, serving.place, region, attachment, &mut Vec::new());
    let vpc = match (&standing, attachment) {
        (Ok(standing), _) => Known::Known(Some(standing.network.name.clone())),
        (Err(_), VpcAttachment::Direct { network: Some(network), .. }) => Known::Known(Some(network.clone())),
        (Err(super::place::Lost::Unread(gap)), _) => Known::Unknown(gap.clone()),
        (Err(super::place::Lost::Stopped(..)), _) => Known::Known(None),
    };
    Network {
        attached: Known::Known(true),
        plane: Known::Known(if matches!(attachment, VpcAttachment::Connector(_)) { "connector" } else { "direct" }),
        sends_all,
        vpc,
        dual_stack: standing.is_ok_and(|it| it.subnet.is_some_and(|subnet| subnet.external_ipv6.is_some())),
        ..unknown(&nowhere())
    }
}

fn nowhere() -> Gap {
    Gap::new("a network", GapReason::NotRead)
}

/// The account that it names; unknown where revisions that serve name different ones, or were not read.
fn account<'a>(thing: &Thing<'a>) -> Known<Option<&'a str>> {
    let serving = match &thing.serving {
        Known::Known(serving) => serving,
        Known::Unknown(gap) => return Known::Unknown(gap.clone()),
    };
    let mut all = serving.shares.iter().map(|share| match &share.unit {
        Known::Known(unit) => unit.service_account.as_ref().map(Option::as_deref),
        Known::Unknown(gap) => Known::Unknown(gap.clone()),
    });
    let first = all.next().unwrap_or(Known::Known(None));
    match all.find(|other| *other != first) {
        None => first,
        Some(Known::Unknown(gap)) => Known::Unknown(gap),
        Some(Known::Known(_)) => {
            let what = format!("which of several accounts {} runs as", thing.name);
            Known::Unknown(Gap::new(what, GapReason::Unsupported))
        }
    }
}

fn credentials(thing: &Thing<'_>) -> Known<Vec<Credential>> {
    let mut all: Vec<Credential> = Vec::new();
    let mut open = None;
    let mut take = |credentials: &Known<Vec<Credential>>| match credentials {
        Known::Known(list) => all.extend(list.iter().cloned()),
        Known::Unknown(gap) => {
            open.get_or_insert_with(|| gap.clone());
        }
    };
    if let Some(function) = thing.function {
        take(&function.unit.credentials);
    }
    match &thing.serving {
        Known::Unknown(gap) => return Known::Unknown(gap.clone()),
        Known::Known(serving) => {
            for share in &serving.shares {
                match &share.unit {
                    Known::Known(unit) => take(&unit.credentials),
                    Known::Unknown(gap) => return Known::Unknown(gap.clone()),
                }
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup();
    match open {
        Some(gap) if all.is_empty() => Known::Unknown(gap),
        _ => Known::Known(all),
    }
}

/// The keys that it names, with the agents that need them.
fn keys_of(access: &Access<'_>, thing: &Thing<'_>) -> (Vec<KeyNeed>, Option<Gap>) {
    let mut named: BTreeMap<String, Option<&str>> = BTreeMap::new();
    let mut gap = None;
    if let Some(function) = thing.function {
        match &function.unit.key {
            Known::Known(key) => named.extend(key.clone().map(|key| (key, None))),
            Known::Unknown(unread) => gap = Some(unread.clone()),
        }
    }
    match &thing.serving {
        Known::Unknown(unread) => gap = Some(unread.clone()),
        Known::Known(serving) => {
            for share in &serving.shares {
                match &share.unit {
                    Known::Known(unit) => match &unit.key {
                        Known::Known(key) => {
                            named.extend(key.clone().map(|key| (key, unit.shutdown_after.as_deref())));
                        }
                        Known::Unknown(unread) => gap = Some(unread.clone()),
                    },
                    Known::Unknown(unread) => gap = Some(unread.clone()),
                }
            }
        }
    }
    let agents: Vec<Agent> = match thing.function {
        Some(function) => {
            let mut agents = vec![Agent::Functions, Agent::Registry, Agent::Storage];
            if function.generation == Generation::Second {
                agents.push(Agent::Run);
                agents.extend(function.trigger.as_ref().map(|_| Agent::Events));
            }
            agents
        }
        None => vec![Agent::Run],
    };
    let needs = named.iter().map(|(name, after)| keys::need(access, name, thing.place, &agents, *after));
    (needs.collect(), gap)
}

/// Whether the image repository of a function is under the function's own key; none where it has no key or names none.
fn repository(access: &Access<'_>, thing: &Thing<'_>) -> Option<Known<bool>> {
    let function = thing.function?;
    let repository = function.repository.as_ref()?;
    match &function.unit.key {
        Known::Known(key) => Some(keys::is_over(access, key.as_ref()?, repository)),
        Known::Unknown(gap) => Some(Known::Unknown(gap.clone())),
    }
}

/// How many instances of it there may be at once, as far as every revision that serves names a limit.
fn max_instances(thing: &Thing<'_>) -> Known<Option<u32>> {
    let Known::Known(serving) = &thing.serving else { return Known::Known(None) };
    let mut sum = Some(0_u32);
    for share in &serving.shares {
        let Known::Known(unit) = &share.unit else { return Known::Known(None) };
        let of_function = || thing.function.map_or(Known::Known(None), |function| function.unit.max_instances.clone());
        let limit = match &unit.max_instances {
            Known::Known(None) => of_function(),
            own => own.clone(),
        };
        match limit {
            Known::Known(limit) => sum = sum.zip(limit).map(|(sum, limit)| sum.saturating_add(limit)),
            Known::Unknown(gap) => return Known::Unknown(gap),
        }
    }
    Known::Known(sum)
}

/// Why it does not run at present; none where it does, or where the API does not say.
fn inactive(thing: &Thing<'_>) -> Option<String> {
    let state = thing.function.map(|function| function.state.as_str()).filter(|state| *state != "ACTIVE");
    let ready = thing.service().and_then(|service| service.ready);
    match (state, ready) {
        (Some(state), _) => Some(format!("the function is in state {state}")),
        (None, Some(false)) => Some("its latest revision is not ready".into()),
        (None, Some(true) | None) => None,
    }
}
