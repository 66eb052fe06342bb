//! What stands before Lambda functions: API Gateway, load balancers, `CloudFront`.

use std::collections::BTreeMap;

use crate::evidence::Known;

/// An API of API Gateway, of whichever kind.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its id, as in its address.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub protocol: ApiProtocol,
    /// Whether it can be reached inside VPC endpoints alone.
    pub private: Known<bool>,
    /// Whether the address that API Gateway gives it works.
    pub default_endpoint: bool,
    /// Its resource policy as it can be edited; REST alone has one.
    pub policy: Option<String>,
    /// Its stages, each with what is deployed on it.
    pub stages: Known<Vec<Stage>>,
}

/// What an API speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiProtocol {
    /// REST: version 1 of API Gateway.
    Rest,
    /// HTTP: version 2.
    Http,
    /// `WebSocket`: version 2.
    WebSocket,
}

/// A stage of an API.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name; `$default` is at the root of the address.
    pub name: String,
    /// What callers reach on it.
    pub deployed: Known<Deployment>,
}

/// What is deployed on a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its routes.
    pub routes: Vec<ApiRoute>,
    /// Its resource policy, where the export shows one.
    pub policy: Option<String>,
}

/// A route, or a method of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRoute {
    /// `GET /orders`, `ANY /{proxy+}`, `$default`, `$connect`.
    pub key: String,
    /// How callers are asked who they are.
    pub authorization: Authorization,
    /// Whether callers must send an API key.
    pub api_key: bool,
    /// What it leads to; none where it leads to no function.
    pub integration: Option<Integration>,
}

/// How callers of a route are asked who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// Not at all.
    None,
    /// By a request that is signed with AWS credentials.
    Iam,
    /// By an authoriser of that kind: `cognito`, `jwt`, `lambda`.
    Authoriser(&'static str),
    /// In a way this version does not know.
    Other(String),
}

/// What a route leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The ARN of the function, with a qualifier where it has one; unknown where a variable of the stage hides it.
    pub function: Known<String>,
    /// The role that API Gateway calls it by; none where the function's own policy has to let API Gateway in.
    pub role: Option<String>,
}

/// A domain of API Gateway that leads to APIs.
#[derive(Debug, Clone)]
pub struct Domain {
    /// The domain.
    pub name: String,
    /// Whether callers must show a certificate.
    pub mutual_tls: bool,
    /// Whether it can be reached inside VPC endpoints alone.
    pub private: bool,
    /// What it leads to, under which paths.
    pub mappings: Known<Vec<Mapping>>,
}

/// What a path of a domain leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The API.
    pub api: String,
    /// The stage; none for all of them, each under its name.
    pub stage: Option<String>,
}

/// A load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether it has addresses of the internet.
    pub internet_facing: bool,
    /// Whether it is one for HTTP, which alone leads to functions.
    pub application: bool,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its listeners, asked for only where a group of functions names it.
    pub listeners: Known<Vec<Listener>>,
}

/// A listener of a load balancer.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// Its rules in the order in which they are tried, the default one last.
    pub rules: Known<Vec<ListenerRule>>,
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerRule {
    /// Its ARN.
    pub arn: String,
    /// Its number, or `default`.
    pub priority: String,
    /// Whether it fits every request.
    pub catches_all: bool,
    /// What requests it fits, in words.
    pub fits: String,
    /// The networks that callers must come from, where it asks.
    pub sources: Option<Vec<String>>,
    /// How callers are asked who they are before they are let on.
    pub authorization: Authorization,
    /// The target groups that it forwards to.
    pub targets: Vec<String>,
}

/// A target group of functions.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// The load balancers that use it.
    pub load_balancers: Vec<String>,
    /// The functions, with a qualifier where one is named.
    pub functions: Known<Vec<String>>,
}

/// A distribution of `CloudFront`.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Its ARN.
    pub arn: String,
    /// Its address.
    pub domain: String,
    /// Whether it serves.
    pub enabled: bool,
    /// Its origins.
    pub origins: Vec<Origin>,
}

/// An origin of a distribution.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The host that requests go to.
    pub host: String,
    /// Whether the distribution signs its requests to it.
    pub signed: bool,
    /// Whether viewers need a signed address or cookie for all that leads to it.
    pub viewers_signed: bool,
}

/// A mapping that reads an event source and invokes a function with what it finds.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// The ARN of the function, with a qualifier where it has one.
    pub function: String,
    /// What is read: an ARN, or a name where it has none.
    pub source: String,
    /// Whether it reads at present.
    pub enabled: bool,
}

/// A layer of this account.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The ARN without a version.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its versions, each with its policy; known to be none where nobody else may use it.
    pub versions: Known<BTreeMap<String, Known<Option<String>>>>,
}
