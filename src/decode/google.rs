//! Google Cloud: one file for each family of resources.

mod balancer;
mod firewall;
mod functions;
mod identity;
mod keys;
mod knative;
mod names;
mod network;
mod routers;
mod routes;
mod run;
mod unit;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use self::names::Names;
use super::index::Index;
use crate::{
    model::{
        Table,
        google::{Google, Place, Policies},
    },
    snapshot::{
        Record,
        kinds::{Kind, google as kinds},
        unknown::Fault,
    },
};

/// What a record is read by: its own name, and those of others as it writes them.
struct Context<'a> {
    names: &'a Names,
    record: &'a Record,
    /// The canonical name.
    name: String,
}

impl Context<'_> {
    /// Where the record's resource is, by its name, else by its scope.
    fn place(&self) -> Place {
        let parts: Vec<&str> = self.name.split('/').collect();
        let after = |word: &str| parts.iter().position(|part| *part == word).and_then(|at| parts.get(at + 1));
        let zone = after("zones").map(|zone| zone.rsplit_once('-').map_or(*zone, |(region, _)| region));
        let region = after("regions").or_else(|| after("locations")).copied().or(zone);
        Place {
            project: after("projects").map_or_else(|| self.record.scope.account.clone(), ToString::to_string),
            region: region.unwrap_or(self.record.scope.region.as_str()).to_owned(),
        }
    }

    /// The last part of the name.
    fn short(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The canonical form of a name that the record writes.
    fn canonical(&self, name: &str) -> String {
        self.names.canonical(name)
    }

    /// The canonical form of a name that may be short: then it is of this project, in this collection.
    fn within(&self, name: &str, collection: &str) -> String {
        if name.contains('/') {
            self.canonical(name)
        } else {
            format!("projects/{}/{collection}/{name}", self.place().project)
        }
    }
}

/// The tables of a snapshot.
struct Reader<'a> {
    index: &'a Index<'a>,
    names: &'a Names,
}

impl Reader<'_> {
    /// A list.
    fn list<W: DeserializeOwned, T: Send, E: Into<Fault>>(
        &self,
        kind: Kind,
        convert: impl Fn(&Context<'_>, W) -> Result<T, E> + Sync,
    ) -> Table<T> {
        self.index.keyed(kind, |id, _| self.names.canonical(id), |record, wire| convert(&self.context(record), wire))
    }

    /// Answers about one resource each; a body of `null` says that there is none.
    fn each<W: DeserializeOwned, T: Send, E: Into<Fault>>(
        &self,
        kind: Kind,
        convert: impl Fn(&Context<'_>, W) -> Result<T, E> + Sync,
    ) -> Table<Option<T>> {
        self.list(kind, |context, wire: Option<W>| wire.map(|wire| convert(context, wire)).transpose())
    }

    /// The same, where one resource has an answer in each region: the key ends in `#region`.
    fn each_by_region<W: DeserializeOwned, T: Send, E: Into<Fault>>(
        &self,
        kind: Kind,
        convert: impl Fn(&Context<'_>, W) -> Result<T, E> + Sync,
    ) -> Table<Option<T>> {
        self.index.keyed(
            kind,
            |id, scope| format!("{}#{}", self.names.canonical(id), scope.region),
            |record, wire: Option<W>| wire.map(|wire| convert(&self.context(record), wire)).transpose(),
        )
    }

    fn context<'r>(&'r self, record: &'r Record) -> Context<'r> {
        Context { names: self.names, record, name: self.names.canonical(&record.id) }
    }
}

/// What a snapshot tells of Google Cloud.
pub(super) fn decode(index: &Index<'_>) -> Google {
    let names = Names::of(index);
    let reader = Reader { index, names: &names };
    let policy = |kind| reader.each(kind, identity::policy);
    Google {
        services: reader.list(kinds::SERVICE, |context, body: Box<RawValue>| run::service(context, &body)),
        revisions: reader.each(kinds::REVISION, |context, body: Box<RawValue>| run::revision(context, &body)),
        jobs: reader.list(kinds::JOB, |context, body: Box<RawValue>| run::job(context, &body)),
        worker_pools: reader.list(kinds::WORKER_POOL, |context, body: Box<RawValue>| run::worker_pool(context, &body)),
        domain_mappings: reader.list(kinds::DOMAIN_MAPPING, run::domain_mapping).grouped(|it| vec![&it.service]),
        functions: reader.list(kinds::FUNCTION, |context, body: Box<RawValue>| functions::function(context, &body)),
        connectors: reader.list(kinds::CONNECTOR, network::connector),
        networks: reader.list(kinds::NETWORK, network::network),
        subnetworks: reader.list(kinds::SUBNETWORK, network::subnetwork),
        routes: reader.list(kinds::ROUTE, routes::route).grouped(|it| vec![&it.network]),
        policy_routes: reader.list(kinds::POLICY_BASED_ROUTE, routes::policy_route).grouped(|it| vec![&it.network]),
        routers: reader.list(kinds::ROUTER, routers::router).grouped(|it| vec![&it.network, &it.place.project]),
        router_status: reader.each(kinds::ROUTER_STATUS, routers::router_status),
        nat_ips: reader.each(kinds::NAT_IP_INFO, routers::nat_ips),
        peering_routes: reader.each_by_region(kinds::PEERING_ROUTES, routes::peering_routes),
        addresses: reader.list(kinds::ADDRESS, network::address),
        firewalls: reader.list(kinds::FIREWALL, firewall::rule).grouped(|it| vec![&it.network]),
        firewall_policies: reader
            .list(kinds::FIREWALL_POLICY, firewall::policy)
            .grouped(|it| it.attached.iter().map(String::as_str).collect()),
        effective_firewalls: reader.each(kinds::EFFECTIVE_FIREWALLS, firewall::effective),
        regional_firewalls: reader.each_by_region(kinds::REGIONAL_EFFECTIVE_FIREWALLS, firewall::effective),
        forwarding_rules: reader
            .list(kinds::FORWARDING_RULE, balancer::forwarding_rule)
            .grouped(|it| it.target.iter().map(String::as_str).collect()),
        http_proxies: reader
            .list(kinds::TARGET_HTTP_PROXY, balancer::proxy)
            .grouped(|it| it.url_map.iter().map(String::as_str).collect()),
        https_proxies: reader
            .list(kinds::TARGET_HTTPS_PROXY, balancer::proxy)
            .grouped(|it| it.url_map.iter().map(String::as_str).collect()),
        url_maps: reader
            .list(kinds::URL_MAP, balancer::url_map)
            .grouped(|it| it.services.iter().map(String::as_str).collect()),
        backend_services: reader
            .list(kinds::BACKEND_SERVICE, balancer::backend_service)
            .grouped(|it| it.backends.iter().map(String::as_str).collect()),
        endpoint_groups: reader
            .list(kinds::ENDPOINT_GROUP, balancer::endpoint_group)
            .grouped(|it| vec![&it.place.project]),
        projects: reader.each(kinds::PROJECT, identity::project),
        ancestries: reader.each(kinds::ANCESTRY, identity::ancestry),
        policies: Policies {
            projects: policy(kinds::PROJECT_POLICY),
            folders: policy(kinds::FOLDER_POLICY),
            organizations: policy(kinds::ORGANIZATION_POLICY),
            services: policy(kinds::SERVICE_POLICY),
            jobs: policy(kinds::JOB_POLICY),
            functions: policy(kinds::FUNCTION_POLICY),
            proxies: policy(kinds::IAP_POLICY),
            subnetworks: policy(kinds::SUBNETWORK_POLICY),
            service_accounts: policy(kinds::SERVICE_ACCOUNT_POLICY),
            keys: policy(kinds::KEY_POLICY),
            key_rings: policy(kinds::KEY_RING_POLICY),
        },
        deny_rules: reader.each(kinds::DENY_POLICIES, identity::deny_rules),
        roles: reader.each(kinds::ROLE, identity::role),
        service_accounts: reader.each(kinds::SERVICE_ACCOUNT, identity::service_account),
        user_keys: reader.each(kinds::SERVICE_ACCOUNT_KEYS, identity::user_keys),
        providers: reader.each(kinds::POOL_PROVIDERS, identity::providers),
        keys: reader.each(kinds::KEY, keys::key),
        key_versions: reader.each(kinds::KEY_VERSIONS, keys::versions),
        repositories: reader.each(kinds::REPOSITORY, keys::repository),
    }
}
