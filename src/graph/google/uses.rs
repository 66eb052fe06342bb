//! What workloads of Google Cloud share: NATs, addresses, keys, connectors, doors, accounts, pools, and the projects.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    access::{Access, Chain, Level, Resource, policy},
    accounts::{Accounts, Impersonator},
    firewall, fronts, identity, keys,
    place::{Lost, last, project_of, stand},
};
use crate::{
    evidence::{Gap, Known},
    graph::{AddressUse, KeyUse, NatUse, Workload, uses::Through},
    knowledge::{Agent, is_platform_account, is_public_issuer},
    model::{
        Inventory, Rotation, Table,
        google::{AddressClass, Connector, Google, Ranges, ServerlessTarget, UserKey, VpcAttachment},
    },
    snapshot::{
        Cloud, ScopeId,
        unknown::{holds_placeholder, same},
    },
};

/// A connector, and who leaves through it.
#[derive(Debug)]
pub struct ConnectorUse {
    /// The full resource name.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// Its state.
    pub state: String,
    /// Whether it passes traffic in that state.
    pub ready: bool,
    /// Whether it stands in a network of another project.
    pub shared: Known<bool>,
    /// Why firewalls cut it off from the platform; none where they do not.
    pub cut_off: Known<Option<String>>,
    /// The grants that service agents lack, in words.
    pub missing_grants: Known<Vec<String>>,
    /// The workloads that name it.
    pub workloads: Vec<String>,
    /// Why there may be others.
    pub incomplete: Option<Gap>,
    /// Those of them that are in another region.
    pub elsewhere: Vec<String>,
}

/// A load balancer's backend service before workloads.
#[derive(Debug)]
pub struct DoorUse {
    /// The full resource name, with the endpoint group where it has several.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// Whether the internet reaches it.
    pub external: Known<bool>,
    /// The addresses it is reached at.
    pub addresses: Vec<String>,
    /// The security policy that guards it.
    pub security_policy: Option<String>,
    /// Whether Identity-Aware Proxy guards it.
    pub identity_aware_proxy: bool,
    /// The mask by which it exposes every service that fits.
    pub mask: Option<String>,
    /// The workloads behind it.
    pub workloads: Vec<String>,
}

/// A service account that may invoke workloads.
#[derive(Debug)]
pub struct AccountUse {
    /// Its address.
    pub id: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// Whether it is off.
    pub disabled: Known<bool>,
    /// Its keys that somebody holds.
    pub keys: Known<Vec<UserKey>>,
    /// Those who can become it, apart from the workloads it is made for.
    pub impersonators: Vec<Impersonator>,
    /// Why there may be others.
    pub impersonators_gap: Option<Gap>,
    /// The workloads it may invoke.
    pub workloads: Vec<String>,
}

/// A workload identity pool by which workloads are invoked.
#[derive(Debug)]
pub struct PoolUse {
    /// Its canonical name.
    pub id: String,
    /// Where it lives.
    pub scope: ScopeId,
    /// Its providers that take tokens which anyone can have, without a condition.
    pub open_providers: Known<Vec<String>>,
    /// The workloads that its identities may invoke.
    pub workloads: Vec<String>,
}

/// A project with workloads.
#[derive(Debug)]
pub struct ProjectUse {
    /// Its id.
    pub id: String,
    /// What the agent of Cloud Functions holds there and does not need.
    pub over_granted: Known<Vec<String>>,
}

/// Everything that workloads share.
#[derive(Debug, Default)]
pub(in crate::graph) struct Found {
    pub(in crate::graph) nats: Vec<NatUse>,
    pub(in crate::graph) addresses: Vec<AddressUse>,
    pub(in crate::graph) keys: Vec<KeyUse>,
    pub(in crate::graph) connectors: Vec<ConnectorUse>,
    pub(in crate::graph) doors: Vec<DoorUse>,
    pub(in crate::graph) accounts: Vec<AccountUse>,
    pub(in crate::graph) pools: Vec<PoolUse>,
    pub(in crate::graph) projects: Vec<ProjectUse>,
}

/// What the workloads of Google Cloud share.
pub(in crate::graph) fn uses(inventory: &Inventory, workloads: &[Workload]) -> Found {
    let google = &inventory.google;
    let access = Access::new(google, inventory.taken_at);
    let own: Vec<&Workload> = workloads.iter().filter(|workload| workload.scope.cloud == Cloud::Gcp).collect();
    let mut connectors: BTreeMap<&str, Vec<&Connector>> = BTreeMap::new();
    for (_, connector) in google.connectors.iter() {
        connectors.entry(last(&connector.name)).or_default().push(connector);
    }
    let through = Through::new(own.iter().copied());
    let all = Shared { google, access, through, connectors, workloads: own, unread: unread(google) };
    let (accounts, pools) = all.callers();
    Found {
        nats: all.nats(),
        addresses: all.addresses(),
        keys: all.keys(),
        connectors: all.connectors(),
        doors: all.doors(),
        accounts,
        pools,
        projects: all.projects(),
    }
}

/// Why there may be further workloads.
fn unread(google: &Google) -> Option<Gap> {
    let runs = [&google.services, &google.jobs, &google.worker_pools].into_iter().find_map(Table::gap);
    google.functions.gap().or(runs)
}

/// Everything that the uses are told from.
pub(super) struct Shared<'a> {
    pub(super) google: &'a Google,
    access: Access<'a>,
    pub(super) workloads: Vec<&'a Workload>,
    /// Who leaves through each hop, by its kind and its id.
    pub(super) through: Through<'a>,
    /// Connectors by their short names, by which hops name them.
    pub(super) connectors: BTreeMap<&'a str, Vec<&'a Connector>>,
    /// Why there may be further workloads.
    pub(super) unread: Option<Gap>,
}

/// Those of one account, of workloads in their order, which is that of accounts.
fn of_account<'w, 'a>(workloads: &'w [&'a Workload], account: &str) -> &'w [&'a Workload] {
    let from = workloads.partition_point(|it| it.scope.account.as_str() < account);
    let (_, rest) = workloads.split_at(from);
    rest.split_at(rest.partition_point(|it| it.scope.account == account)).0
}

impl<'a> Shared<'a> {
    fn addresses(&self) -> Vec<AddressUse> {
        let kept = self.google.addresses.iter().filter(|(_, address)| address.class == AddressClass::External);
        let addresses = kept.map(|(_, address)| AddressUse {
            id: address.full_name.clone(),
            name: last(&address.name).to_owned(),
            scope: address.place.scope(),
            ip: address.ip.clone(),
            used: address.used.clone(),
        });
        addresses.collect()
    }

    fn keys(&self) -> Vec<KeyUse> {
        let mut named: BTreeMap<&str, Vec<&Workload>> = BTreeMap::new();
        for workload in &self.workloads {
            for need in &workload.keys {
                named.entry(&need.name).or_default().push(workload);
            }
        }
        let gap = self.workloads.iter().find_map(|workload| workload.keys_gap.clone());
        let keys = named.into_iter().map(|(id, users)| {
            let name = id.trim_start_matches("//cloudkms.googleapis.com/");
            let found = keys::find(&self.access, name);
            KeyUse {
                id: id.to_owned(),
                name: last(name).to_owned(),
                scope: ScopeId::gcp(project_of(name), found.location()),
                customer_managed: Known::Known(true),
                state: found.state(),
                usable: found.usable(),
                rotation: found.key.clone().map(|key| match key {
                    Some(key) if !key.rotatable => Rotation::NotApplicable,
                    Some(key) if key.rotation_days.is_some() => Rotation::On(key.rotation_days),
                    Some(_) | None => Rotation::Off,
                }),
                destroyed_on: found.destroyed_on(),
                public: Some(keys::is_public(&self.access, name)),
                workloads: users.iter().map(|workload| workload.name.clone()).collect(),
                incomplete: self.unread.clone().or_else(|| gap.clone()),
            }
        });
        keys.collect()
    }

    fn connectors(&self) -> Vec<ConnectorUse> {
        self.google.connectors.iter().map(|(_, connector)| self.connector(connector)).collect()
    }

    fn connector(&self, connector: &Connector) -> ConnectorUse {
        let short = last(&connector.name);
        let alone = self.connectors.get(short).is_some_and(|all| all.len() == 1);
        let named = self.through.of("connector", short);
        let users = if alone { named } else { of_account(named, &connector.place.project) };
        let host = match &connector.ranges {
            Ranges::Range { network, .. } => project_of(network).to_owned(),
            Ranges::Subnet { subnetwork } => project_of(subnetwork).to_owned(),
        };
        let attachment = VpcAttachment::Connector(connector.name.clone());
        let standing = stand(self.google, &connector.place, &connector.place.region, &attachment, &mut Vec::new());
        let own = same(&host, &connector.place.project);
        let cut_off = match (&standing, own == Known::Known(true)) {
            (Ok(standing), false) => firewall::cut_off(self.google, standing),
            (Err(Lost::Unread(gap)), false) => Known::Unknown(gap.clone()),
            // One that does not run is not cut off: it is not there.
            (_, true) | (Err(Lost::Stopped(..)), false) => Known::Known(None),
        };
        ConnectorUse {
            id: connector.full_name.clone(),
            name: last(&connector.name).to_owned(),
            scope: connector.place.scope(),
            state: connector.state.clone(),
            ready: !matches!(connector.state.as_str(), "ERROR" | "DELETING"),
            shared: own.negate(),
            cut_off,
            missing_grants: self.connector_grants(connector, &host, users),
            elsewhere: users
                .iter()
                .filter(|workload| same(&workload.scope.region, &connector.place.region) == Known::Known(false))
                .map(|workload| workload.name.clone())
                .collect(),
            workloads: users.iter().map(|workload| workload.name.clone()).collect(),
            incomplete: self.unread.clone(),
        }
    }

    /// What service agents lack for a connector that crosses projects.
    fn connector_grants(&self, connector: &Connector, host: &str, users: &[&Workload]) -> Known<Vec<String>> {
        let mut missing = Vec::new();
        let own = &connector.place.project;
        let shared = match same(host, own) {
            Known::Known(same) => !same,
            Known::Unknown(gap) => return Known::Unknown(gap),
        };
        if shared {
            // The connector is made by the agents of its own project, in a subnet of the host.
            let mut levels = Vec::new();
            if let Ranges::Subnet { subnetwork } = &connector.ranges {
                let scope = ScopeId::gcp(host, &connector.place.region);
                let subnet = policy(&self.google.policies.subnetworks, &scope, subnetwork);
                levels.push((Level::Resource, subnetwork.clone(), subnet));
            }
            let chain = self.access.chain(levels, host);
            for agent in [Agent::Connectors, Agent::Apis] {
                match self.holds(&chain, own, agent, "compute.subnetworks.use") {
                    Known::Known(true) => {}
                    Known::Known(false) => {
                        missing.push(format!("{} lacks roles/compute.networkUser on {host}", self.account(own, agent)));
                    }
                    Known::Unknown(gap) => return Known::Unknown(gap),
                }
            }
        }
        let mut strangers = Vec::new();
        for workload in users {
            match same(&workload.scope.account, own) {
                Known::Known(true) => {}
                Known::Known(false) => strangers.push(workload),
                Known::Unknown(gap) => return Known::Unknown(gap),
            }
        }
        let foreign: BTreeSet<(&str, Agent)> = strangers
            .into_iter()
            .map(|workload| {
                let agent = if workload.kind.starts_with("cloud-function") { Agent::Functions } else { Agent::Run };
                (workload.scope.account.as_str(), agent)
            })
            .collect();
        for (project, agent) in foreign {
            let chain = self.access.chain(Vec::new(), own);
            match self.holds(&chain, project, agent, "vpcaccess.connectors.use") {
                Known::Known(true) => {}
                Known::Known(false) => {
                    missing.push(format!("{} lacks roles/vpcaccess.user on {own}", self.account(project, agent)));
                }
                Known::Unknown(gap) => return Known::Unknown(gap),
            }
        }
        Known::Known(missing)
    }

    fn holds(&self, chain: &Chain<'a>, project: &str, agent: Agent, permission: &str) -> Known<bool> {
        let number = match self.access.number(project) {
            Known::Known(number) => number,
            Known::Unknown(gap) => return Known::Unknown(gap),
        };
        let resource =
            Resource { name: project, service: "compute.googleapis.com", kind: "compute.googleapis.com/Subnetwork" };
        self.access.grants(chain, &[permission], resource).account(&agent.account(number))
    }

    fn account(&self, project: &str, agent: Agent) -> String {
        match self.access.number(project) {
            Known::Known(number) => agent.account(number),
            Known::Unknown(_) => format!("the agent of {project}"),
        }
    }

    fn doors(&self) -> Vec<DoorUse> {
        let projects: BTreeSet<&str> = self.workloads.iter().map(|workload| workload.scope.account.as_str()).collect();
        let fronts = projects.into_iter().flat_map(|project| fronts::of(self.google, project).0);
        let mut of: BTreeMap<&str, Vec<&Workload>> = BTreeMap::new();
        for workload in &self.workloads {
            of.entry(&workload.scope.account).or_default().push(workload);
        }
        // A workload in a project of another name, where both are known, is behind no front of this one.
        let near = |project: &str| match of.get(project) {
            Some(own) if !holds_placeholder(project) && !of.keys().any(|it| holds_placeholder(it)) => own.clone(),
            Some(_) | None => self.workloads.clone(),
        };
        let doors = fronts.map(|front| {
            let near = near(&front.group.place.project);
            let behind = near.iter().filter(|workload| {
                let place = crate::model::google::Place {
                    project: workload.scope.account.clone(),
                    region: workload.scope.region.clone(),
                };
                let function = workload.kind.starts_with("cloud-function").then_some(workload.name.as_str());
                let side = workload.google.as_ref();
                let service = side.and_then(|side| side.service.as_deref());
                fronts::leads_to(front.group, &place, service, function) == Known::Known(true)
            });
            DoorUse {
                id: format!("{}#{}", front.backend.full_name, last(&front.group.name)),
                name: last(&front.backend.name).to_owned(),
                scope: ScopeId::gcp(&front.backend.place.project, &front.group.place.region),
                security_policy: front.backend.security_policy.as_deref().map(last).map(str::to_owned),
                identity_aware_proxy: front.backend.identity_aware_proxy,
                mask: match &front.group.serverless {
                    Some(ServerlessTarget::Mask(mask)) => Some(mask.clone()),
                    _ => None,
                },
                workloads: behind.map(|workload| workload.name.clone()).collect(),
                external: front.external,
                addresses: front.addresses,
            }
        });
        doors.collect()
    }

    /// The service accounts and pools that may invoke.
    fn callers(&self) -> (Vec<AccountUse>, Vec<PoolUse>) {
        let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut pools: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for workload in &self.workloads {
            let Some(side) = &workload.google else { continue };
            for invoker in &side.invokers.list {
                let principals = std::iter::once(&invoker.grant.principal)
                    .chain(invoker.impersonators.iter().map(|it| &it.principal));
                for principal in principals {
                    if let Some(pool) = principal.pool() {
                        pools.entry(pool.to_owned()).or_default().insert(workload.name.clone());
                    }
                }
                if let Some(email) = invoker.grant.principal.account().filter(|email| !is_platform_account(email)) {
                    accounts.entry(email.to_owned()).or_default().insert(workload.name.clone());
                }
            }
        }
        let mut known = Accounts::default();
        let accounts = accounts.into_iter().map(|(email, workloads)| {
            let account = known.of(&self.access, &email);
            let project = super::principal::project_of_account(&email).unwrap_or("-");
            let impersonators = account.impersonators.into_iter().filter(|it| !it.is_workload_identity());
            AccountUse {
                scope: ScopeId::gcp(self.access.project(project), ScopeId::GLOBAL),
                id: email,
                disabled: account.disabled,
                keys: account.keys,
                impersonators: impersonators.collect(),
                impersonators_gap: account.gap,
                workloads: workloads.into_iter().collect(),
            }
        });
        let accounts = accounts.collect();
        let pools = pools.into_iter().map(|(pool, workloads)| self.pool(&pool, workloads)).collect();
        (accounts, pools)
    }

    fn pool(&self, pool: &str, workloads: BTreeSet<String>) -> PoolUse {
        // Members write the project's number, and records may have its id.
        let project = self.access.project(project_of(pool)).to_owned();
        let name = pool.replacen(project_of(pool), &project, 1);
        let scope = ScopeId::gcp(&project, ScopeId::GLOBAL);
        let providers = match self.google.providers.get(&scope, &name) {
            Known::Known(Some(Some(providers))) => Known::Known(providers.as_slice()),
            Known::Known(_) => Known::Known(&[] as &[_]),
            Known::Unknown(gap) => Known::Unknown(gap),
        };
        PoolUse {
            id: name,
            scope,
            open_providers: providers.map(|providers| {
                let open = providers.iter().filter(|provider| {
                    !provider.disabled && provider.condition.is_none() && is_public_issuer(&provider.issuer)
                });
                open.map(|provider| format!("{} ({})", last(&provider.name), provider.issuer)).collect()
            }),
            workloads: workloads.into_iter().collect(),
        }
    }

    fn projects(&self) -> Vec<ProjectUse> {
        let with_functions: BTreeSet<&str> = self
            .workloads
            .iter()
            .filter(|workload| workload.kind.starts_with("cloud-function"))
            .map(|workload| workload.scope.account.as_str())
            .collect();
        let projects = with_functions.into_iter().map(|project| ProjectUse {
            id: project.to_owned(),
            over_granted: identity::over_granted(&self.access, project),
        });
        projects.collect()
    }
}
