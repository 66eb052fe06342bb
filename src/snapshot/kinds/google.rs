//! The kinds of record of Google Cloud.
//!
//! A record's id is the full resource name in the form of Cloud Asset Inventory
//! (`//run.googleapis.com/projects/P/locations/R/services/S`), with the project as the API wrote it: an id, or a number.
//! Its scope is the project and its own region (`gcp:P:us-central1`, or `gcp:P:global`). A list is of a whole project:
//! its coverage line, and a gap of the whole list, have the region `global`; a gap with another region and no resource
//! says that the list lacks that region alone. Folders and organisations stand where the project stands
//! (`gcp:folders/1:global`). Bodies are what the REST API answers, of whichever version; `decode` tells by their form.

use super::{Cloud, Kind, Reading};

const fn list(name: &'static str, call: &'static str) -> Kind {
    Kind { cloud: Cloud::Gcp, name, call, reading: Reading::List }
}

const fn each(name: &'static str, call: &'static str) -> Kind {
    Kind { cloud: Cloud::Gcp, name, call, reading: Reading::PerResource }
}

/// A Cloud Run service, in the form of v2 or of Knative (v1).
pub const SERVICE: Kind = list("run:service", "run.services.list");
/// A revision that serves and is not the latest one; id: `//run.googleapis.com/projects/P/locations/R/revisions/REV`.
pub const REVISION: Kind = each("run:revision", "run.revisions.get");
/// A Cloud Run job, in the form of v2 or of Knative.
pub const JOB: Kind = list("run:job", "run.jobs.list");
/// A Cloud Run worker pool, in the form of v2 or of Knative.
pub const WORKER_POOL: Kind = list("run:worker-pool", "run.workerpools.list");
/// A domain of the customer's that leads to a Cloud Run service, in the form of Knative.
pub const DOMAIN_MAPPING: Kind = list("run:domain-mapping", "run.domainmappings.list");
/// A function of either generation, in the form of v2, or of v1 for the first generation.
pub const FUNCTION: Kind = list("functions:function", "cloudfunctions.functions.list");
/// A Serverless VPC Access connector.
pub const CONNECTOR: Kind = list("vpcaccess:connector", "vpcaccess.connectors.list");

/// A VPC network.
pub const NETWORK: Kind = list("compute:network", "compute.networks.list");
/// A subnet.
pub const SUBNETWORK: Kind = list("compute:subnetwork", "compute.subnetworks.list");
/// A route: static, of a subnet or of a peering; what BGP teaches is in [`ROUTER_STATUS`].
pub const ROUTE: Kind = list("compute:route", "compute.routes.list");
/// A Cloud Router, with its NATs.
pub const ROUTER: Kind = list("compute:router", "compute.routers.list");
/// An address, regional or global.
pub const ADDRESS: Kind = list("compute:address", "compute.addresses.list");
/// A VPC firewall rule.
pub const FIREWALL: Kind = list("compute:firewall", "compute.firewalls.list");
/// A firewall policy of any level, with its rules and associations, as the asset inventory lists it.
pub const FIREWALL_POLICY: Kind = list("compute:firewall-policy", "compute.firewallPolicies.list");
/// `networks.getEffectiveFirewalls`; id: the network.
pub const EFFECTIVE_FIREWALLS: Kind = each("compute:effective-firewalls", "compute.networks.getEffectiveFirewalls");
/// `regionNetworkFirewallPolicies.getEffectiveFirewalls` of a network in the record's region; id: the network.
pub const REGIONAL_EFFECTIVE_FIREWALLS: Kind =
    each("compute:regional-effective-firewalls", "compute.networks.getRegionEffectiveFirewalls");
/// `routers.getRouterStatus`; id: the router.
pub const ROUTER_STATUS: Kind = each("compute:router-status", "compute.routers.getRouterStatus");
/// `routers.getNatIpInfo`, all pages in one; id: the router.
pub const NAT_IP_INFO: Kind = each("compute:nat-ip-info", "compute.routers.getNatIpInfo");
/// `networks.listPeeringRoutes`, incoming, all pages in one; id: the network, `#`, the peering; scope: the region.
pub const PEERING_ROUTES: Kind = each("compute:peering-routes", "compute.networks.listPeeringRoutes");
/// A policy-based route.
pub const POLICY_BASED_ROUTE: Kind =
    list("networkconnectivity:policy-based-route", "networkconnectivity.policyBasedRoutes.list");

/// A forwarding rule, regional or global.
pub const FORWARDING_RULE: Kind = list("compute:forwarding-rule", "compute.forwardingRules.list");
/// A target HTTP proxy, regional or global.
pub const TARGET_HTTP_PROXY: Kind = list("compute:target-http-proxy", "compute.targetHttpProxies.list");
/// A target HTTPS proxy, regional or global.
pub const TARGET_HTTPS_PROXY: Kind = list("compute:target-https-proxy", "compute.targetHttpsProxies.list");
/// A URL map, regional or global.
pub const URL_MAP: Kind = list("compute:url-map", "compute.urlMaps.list");
/// A backend service, regional or global.
pub const BACKEND_SERVICE: Kind = list("compute:backend-service", "compute.backendServices.list");
/// A network endpoint group.
pub const ENDPOINT_GROUP: Kind = list("compute:network-endpoint-group", "compute.networkEndpointGroups.list");

/// A project, in the form of Resource Manager v3: its id, its number, its parent; id: the name that referred to it.
pub const PROJECT: Kind = each("resourcemanager:project", "resourcemanager.projects.get");
/// `projects.getAncestry` of Resource Manager v1: the project and everything above it; id: the project.
pub const ANCESTRY: Kind = each("resourcemanager:ancestry", "resourcemanager.projects.get");
/// The allow policy of a project.
pub const PROJECT_POLICY: Kind = each("resourcemanager:project-policy", "resourcemanager.projects.getIamPolicy");
/// The allow policy of a folder.
pub const FOLDER_POLICY: Kind = each("resourcemanager:folder-policy", "resourcemanager.folders.getIamPolicy");
/// The allow policy of an organisation.
pub const ORGANIZATION_POLICY: Kind =
    each("resourcemanager:organization-policy", "resourcemanager.organizations.getIamPolicy");
/// The allow policy of a Cloud Run service; id: the service.
pub const SERVICE_POLICY: Kind = each("run:service-policy", "run.services.getIamPolicy");
/// The allow policy of a Cloud Run job; id: the job.
pub const JOB_POLICY: Kind = each("run:job-policy", "run.jobs.getIamPolicy");
/// The allow policy of a function; id: the function.
pub const FUNCTION_POLICY: Kind = each("functions:policy", "cloudfunctions.functions.getIamPolicy");
/// The policy of Identity-Aware Proxy for a Cloud Run service that has it on; id: the service.
pub const IAP_POLICY: Kind = each("iap:policy", "iap.webServices.getIamPolicy");
/// The allow policy of a subnet of another project that a workload or connector is in; id: the subnet.
pub const SUBNETWORK_POLICY: Kind = each("compute:subnetwork-policy", "compute.subnetworks.getIamPolicy");
/// Deny policies with their rules, `{"policies": […]}`; id: the project, folder or organisation.
pub const DENY_POLICIES: Kind = each("iam:deny-policies", "iam.denypolicies.list");
/// A role that a policy names and the table of roles does not hold; id: `roles/R`, `projects/P/roles/R` or
/// `organizations/O/roles/R`. `null`: there is none.
pub const ROLE: Kind = each("iam:role", "iam.roles.get");
/// A service account that may invoke a workload, or that one runs as; id: its e-mail address. `null`: there is none.
pub const SERVICE_ACCOUNT: Kind = each("iam:service-account", "iam.serviceAccounts.get");
/// The allow policy of such a service account; id: its e-mail address.
pub const SERVICE_ACCOUNT_POLICY: Kind = each("iam:service-account-policy", "iam.serviceAccounts.getIamPolicy");
/// The user-managed keys of such a service account, `{"keys": […]}`; id: its e-mail address.
pub const SERVICE_ACCOUNT_KEYS: Kind = each("iam:service-account-keys", "iam.serviceAccountKeys.list");
/// The providers of a workload identity pool that a policy names, all pages in one; id: the pool.
pub const POOL_PROVIDERS: Kind = each("iam:workload-identity-pool-providers", "iam.workloadIdentityPoolProviders.list");

/// A key that a workload names; id: `//cloudkms.googleapis.com/projects/…/cryptoKeys/K`. `null`: there is none.
pub const KEY: Kind = each("kms:key", "cloudkms.cryptoKeys.get");
/// The versions of such a key, all pages in one; id: the key.
pub const KEY_VERSIONS: Kind = each("kms:key-versions", "cloudkms.cryptoKeyVersions.list");
/// The allow policy of such a key; id: the key.
pub const KEY_POLICY: Kind = each("kms:key-policy", "cloudkms.cryptoKeys.getIamPolicy");
/// The allow policy of its key ring; id: the key ring.
pub const KEY_RING_POLICY: Kind = each("kms:key-ring-policy", "cloudkms.keyRings.getIamPolicy");
/// The image repository that a workload with a key names; id: `//artifactregistry.googleapis.com/…`.
pub const REPOSITORY: Kind = each("artifactregistry:repository", "artifactregistry.repositories.get");

/// What is listed in a project for its workloads.
pub const WORKLOADS: [Kind; 4] = [SERVICE, JOB, WORKER_POOL, FUNCTION];

/// What is listed in every project whose network a workload uses, its own among them.
pub const NETWORKS: [Kind; 14] = [
    CONNECTOR,
    NETWORK,
    SUBNETWORK,
    ROUTE,
    ROUTER,
    ADDRESS,
    FIREWALL,
    POLICY_BASED_ROUTE,
    FORWARDING_RULE,
    TARGET_HTTP_PROXY,
    TARGET_HTTPS_PROXY,
    URL_MAP,
    BACKEND_SERVICE,
    ENDPOINT_GROUP,
];

/// What is asked for one resource at a time.
pub const DETAILS: [Kind; 27] = [
    REVISION,
    EFFECTIVE_FIREWALLS,
    REGIONAL_EFFECTIVE_FIREWALLS,
    ROUTER_STATUS,
    NAT_IP_INFO,
    PEERING_ROUTES,
    PROJECT,
    ANCESTRY,
    PROJECT_POLICY,
    FOLDER_POLICY,
    ORGANIZATION_POLICY,
    SERVICE_POLICY,
    JOB_POLICY,
    FUNCTION_POLICY,
    IAP_POLICY,
    SUBNETWORK_POLICY,
    DENY_POLICIES,
    ROLE,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_POLICY,
    SERVICE_ACCOUNT_KEYS,
    POOL_PROVIDERS,
    KEY,
    KEY_VERSIONS,
    KEY_POLICY,
    KEY_RING_POLICY,
    REPOSITORY,
];
