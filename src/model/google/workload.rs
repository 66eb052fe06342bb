//! Functions, services, jobs and worker pools, and what each of their revisions runs as.

use std::collections::BTreeMap;

use crate::{evidence::Known, model::Credential, snapshot::ScopeId};

/// Where a resource lives, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The project's id.
    pub project: String,
    /// The region, or `global`.
    pub region: String,
}

impl Place {
    /// The scope that a list of it is read in.
    pub fn scope(&self) -> ScopeId {
        ScopeId::gcp(&self.project, &self.region)
    }
}

/// What kinds of Cloud Run resources there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// A service.
    Service,
    /// A job.
    Job,
    /// A worker pool.
    WorkerPool,
}

/// A Cloud Run service, job or worker pool.
#[derive(Debug, Clone)]
pub struct RunResource {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// What it is.
    pub kind: RunKind,
    /// Where it is.
    pub place: Place,
    /// The regions it runs in; several for a multi-region service.
    pub regions: Vec<String>,
    /// Its labels.
    pub labels: Known<BTreeMap<String, String>>,
    /// Which traffic the platform lets in; services only.
    pub ingress: Known<Ingress>,
    /// Whether the `run.app` addresses are off.
    pub default_url_disabled: bool,
    /// Whether the check of `run.routes.invoke` is off.
    pub invoker_check_disabled: bool,
    /// Whether Identity-Aware Proxy guards it.
    pub identity_aware_proxy: bool,
    /// Its addresses.
    pub urls: Vec<String>,
    /// Where its traffic goes; empty for a job.
    pub targets: Vec<Target>,
    /// What the next revision, or the next execution, runs as.
    pub template: Unit,
    /// The short name of the revision that was made last, and so of the template; none where the API does not say.
    pub created: Option<String>,
    /// The short name of the latest revision that is ready; none where there is none yet.
    pub latest: Option<String>,
    /// Whether it is ready; none where the API does not say.
    pub ready: Option<bool>,
}

/// A domain of the customer's that leads to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainMapping {
    /// The domain.
    pub domain: String,
    /// Where it is.
    pub place: Place,
    /// The service's short name.
    pub service: String,
}

/// A share of a service's traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The revision's short name; none for the latest one that is ready.
    pub revision: Option<String>,
    /// Whether it follows the latest revision.
    pub latest: bool,
    /// The share, in percent.
    pub percent: i64,
    /// The tag by which it has an address of its own.
    pub tag: Option<String>,
}

/// What a revision, a job's execution or a function of the first generation runs as.
#[derive(Debug, Clone)]
pub struct Unit {
    /// How it is attached to a VPC.
    pub attachment: Known<VpcAttachment>,
    /// Which of its traffic goes there.
    pub mode: Known<Mode>,
    /// The service account it runs as; none for the platform's default one.
    pub service_account: Known<Option<String>>,
    /// The customer's key, as named.
    pub key: Known<Option<String>>,
    /// How long its instances go on after the key was revoked; none where they go on until they end by themselves.
    pub shutdown_after: Option<String>,
    /// How many instances of it there may be at once; none where it names no limit.
    pub max_instances: Known<Option<u32>>,
    /// Whether its traffic goes through a service mesh.
    pub mesh: bool,
    /// Whether its environment names a proxy.
    pub proxy: bool,
    /// The environment variables whose value looked like a credential.
    pub credentials: Known<Vec<Credential>>,
}

/// How something is attached to a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VpcAttachment {
    /// Not at all.
    None,
    /// By a connector, under its canonical name.
    Connector(String),
    /// By an interface of its own, in a subnet.
    Direct {
        /// The network's canonical name; none where only the subnet is named.
        network: Option<String>,
        /// The subnet's canonical name; none where only the network is named.
        subnetwork: Option<String>,
        /// The network tags.
        tags: Vec<String>,
    },
}

/// Which traffic goes into the VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Only what is bound for private ranges.
    PrivateRanges,
    /// All of it.
    All,
}

/// Which requests the platform lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ingress {
    /// All.
    All,
    /// Those from inside.
    Internal,
    /// Those from inside, and through a load balancer.
    InternalAndLoadBalancer,
    /// None.
    None,
}

/// Which generation a function is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// The first: a thing of its own.
    First,
    /// The second: a face before a Cloud Run service.
    Second,
}

/// A function.
#[derive(Debug, Clone)]
pub struct CloudFunction {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// Where it is.
    pub place: Place,
    /// Its generation.
    pub generation: Generation,
    /// Its state, as the API names it.
    pub state: String,
    /// The canonical name of the service behind it; second generation only.
    pub service: Option<String>,
    /// What the functions API says that it runs as.
    pub unit: Unit,
    /// Which requests it lets in.
    pub ingress: Known<Ingress>,
    /// The runtime.
    pub runtime: Known<Option<String>>,
    /// The event that triggers it; none for one that is called by http.
    pub trigger: Option<Trigger>,
    /// Whether plain http is accepted without redirection; first generation only.
    pub plain_http: Known<bool>,
    /// The image repository it names.
    pub repository: Option<String>,
    /// Its addresses.
    pub urls: Vec<String>,
    /// Its labels.
    pub labels: Known<BTreeMap<String, String>>,
    /// Whether it is on its way from the first generation to Cloud Run.
    pub upgrading: bool,
}

/// The event that triggers a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The account that delivers it; none for the platform's default one.
    pub service_account: Option<String>,
}
