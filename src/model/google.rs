//! The part of the estate that is in Google Cloud.
//!
//! Everything is found by its canonical name: the path of its resource name, with project numbers turned into project
//! ids (`projects/p/locations/us-central1/services/s`, `projects/p/global/networks/n`).

mod balancer;
mod firewall;
mod identity;
mod key;
mod network;
mod workload;

use crate::model::Table;

pub use balancer::{Backend, BackendService, EndpointGroup, ForwardingRule, ServerlessTarget, TargetProxy, UrlMap};
pub use firewall::{Action, EffectiveFirewalls, FirewallPolicy, FirewallRule, Layer, LayerKind, Traffic};
pub use identity::{Binding, DenyRule, Policy, Project, Provider, Providers, Role, ServiceAccount, UserKey, UserKeys};
pub use key::{CryptoKey, KeyVersion, Repository};
pub use network::{
    AddressClass, AllocateOption, Connector, Coverage, NatIps, NatRule, NatStatus, NetworkNat, NextHop, Peering,
    PolicyRoute, PolicyRouteHop, Ranges, ReservedAddress, Router, RouterStatus, Subnetwork, Via, VpcNetwork, VpcRoute,
};
pub use workload::{
    CloudFunction, DomainMapping, Generation, Ingress, Mode, Place, RunKind, RunResource, Target, Trigger, Unit,
    VpcAttachment,
};

/// What was read of Google Cloud.
#[derive(Debug)]
pub struct Google {
    /// Cloud Run services.
    pub services: Table<RunResource>,
    /// Revisions that serve and are not the latest.
    pub revisions: Table<Option<Unit>>,
    /// Cloud Run jobs.
    pub jobs: Table<RunResource>,
    /// Cloud Run worker pools.
    pub worker_pools: Table<RunResource>,
    /// Domains that lead to services.
    pub domain_mappings: Table<DomainMapping>,
    /// Functions of both generations.
    pub functions: Table<CloudFunction>,
    /// Serverless VPC Access connectors.
    pub connectors: Table<Connector>,
    /// VPC networks.
    pub networks: Table<VpcNetwork>,
    /// Subnets.
    pub subnetworks: Table<Subnetwork>,
    /// Routes.
    pub routes: Table<VpcRoute>,
    /// Policy-based routes.
    pub policy_routes: Table<PolicyRoute>,
    /// Cloud Routers.
    pub routers: Table<Router>,
    /// What routers do at the moment.
    pub router_status: Table<Option<RouterStatus>>,
    /// The addresses that NATs have at the moment.
    pub nat_ips: Table<Option<NatIps>>,
    /// The routes that peerings bring.
    pub peering_routes: Table<Option<Vec<VpcRoute>>>,
    /// Addresses.
    pub addresses: Table<ReservedAddress>,
    /// VPC firewall rules.
    pub firewalls: Table<FirewallRule>,
    /// Firewall policies, as the asset inventory lists them.
    pub firewall_policies: Table<FirewallPolicy>,
    /// The policies in force in a network.
    pub effective_firewalls: Table<Option<EffectiveFirewalls>>,
    /// The regional policies in force in a network, by `network#region`.
    pub regional_firewalls: Table<Option<EffectiveFirewalls>>,
    /// Forwarding rules.
    pub forwarding_rules: Table<ForwardingRule>,
    /// Target proxies for http.
    pub http_proxies: Table<TargetProxy>,
    /// Target proxies for https.
    pub https_proxies: Table<TargetProxy>,
    /// URL maps.
    pub url_maps: Table<UrlMap>,
    /// Backend services.
    pub backend_services: Table<BackendService>,
    /// Network endpoint groups.
    pub endpoint_groups: Table<EndpointGroup>,
    /// Projects that were looked up.
    pub projects: Table<Option<Project>>,
    /// A project and everything above it, nearest first: `projects/p`, `folders/1`, `organizations/2`.
    pub ancestries: Table<Option<Vec<String>>>,
    /// Allow policies of projects, folders, organisations, services, jobs, functions, subnets, keys and key rings; by the
    /// canonical name.
    pub policies: Policies,
    /// Deny policies, by project, folder or organisation.
    pub deny_rules: Table<Option<Vec<DenyRule>>>,
    /// Roles that were looked up.
    pub roles: Table<Option<Role>>,
    /// Service accounts, by e-mail address.
    pub service_accounts: Table<Option<ServiceAccount>>,
    /// User-managed keys of service accounts, by e-mail address.
    pub user_keys: Table<Option<UserKeys>>,
    /// Providers of workload identity pools.
    pub providers: Table<Option<Providers>>,
    /// Encryption keys.
    pub keys: Table<Option<CryptoKey>>,
    /// Versions of encryption keys.
    pub key_versions: Table<Option<Vec<KeyVersion>>>,
    /// Image repositories.
    pub repositories: Table<Option<Repository>>,
}

/// Allow policies by what they hang on.
#[derive(Debug)]
pub struct Policies {
    /// Of projects.
    pub projects: Table<Option<Policy>>,
    /// Of folders.
    pub folders: Table<Option<Policy>>,
    /// Of organisations.
    pub organizations: Table<Option<Policy>>,
    /// Of Cloud Run services.
    pub services: Table<Option<Policy>>,
    /// Of Cloud Run jobs.
    pub jobs: Table<Option<Policy>>,
    /// Of functions.
    pub functions: Table<Option<Policy>>,
    /// Of Identity-Aware Proxy, by service.
    pub proxies: Table<Option<Policy>>,
    /// Of subnets.
    pub subnetworks: Table<Option<Policy>>,
    /// Of service accounts, by e-mail address.
    pub service_accounts: Table<Option<Policy>>,
    /// Of keys.
    pub keys: Table<Option<Policy>>,
    /// Of key rings.
    pub key_rings: Table<Option<Policy>>,
}
