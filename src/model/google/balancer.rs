//! Load balancers, from the address down to the serverless backend.

use super::Place;

/// The address of a load balancer.
#[derive(Debug, Clone)]
pub struct ForwardingRule {
    /// The canonical name.
    pub name: String,
    /// Whether it is reached from the internet.
    pub external: bool,
    /// The address it listens on.
    pub ip: Option<String>,
    /// Its ports, as written.
    pub ports: String,
    /// The canonical name of its target proxy or backend service.
    pub target: Option<String>,
}

/// What ends a connection and asks a URL map.
#[derive(Debug, Clone)]
pub struct TargetProxy {
    /// The canonical name.
    pub name: String,
    /// The canonical name of its URL map.
    pub url_map: Option<String>,
}

/// What sends requests to backend services, by host and path.
#[derive(Debug, Clone)]
pub struct UrlMap {
    /// The canonical name.
    pub name: String,
    /// The canonical names of every backend service that it may send requests to.
    pub services: Vec<String>,
}

/// A backend service.
#[derive(Debug, Clone)]
pub struct BackendService {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// Where it is.
    pub place: Place,
    /// Whether it is made for load balancers that the internet reaches.
    pub external: bool,
    /// Its backends.
    pub backends: Vec<Backend>,
    /// The security policy of Cloud Armor that guards it.
    pub security_policy: Option<String>,
    /// Whether Identity-Aware Proxy guards it.
    pub identity_aware_proxy: bool,
}

/// A backend of a backend service: the canonical name of its group.
pub type Backend = String;

/// A network endpoint group.
#[derive(Debug, Clone)]
pub struct EndpointGroup {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// Where it is.
    pub place: Place,
    /// What it leads to; none where it is no serverless group.
    pub serverless: Option<ServerlessTarget>,
}

/// What a serverless group leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerlessTarget {
    /// A Cloud Run service of its project and region, by its short name.
    Service(String),
    /// A function of its project and region, by its short name.
    Function(String),
    /// Whatever fits a mask, such as `<service>.example.com`.
    Mask(String),
    /// Something else.
    Other,
}
