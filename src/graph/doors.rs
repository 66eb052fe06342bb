//! The doors before Lambda functions: stages of APIs, listeners of load balancers, distributions. Each says who gets through
//! it; whether it then may call the function is for the function's own policy.

mod api;
mod balancer;
mod edge;

use std::collections::BTreeMap;

use crate::{
    evidence::{Gap, Known},
    model::{Authorization, Aws},
    snapshot::ScopeId,
};

/// What kind of door it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoorKind {
    /// A stage of a REST API.
    RestApi,
    /// A stage of an HTTP API.
    HttpApi,
    /// A stage of a `WebSocket` API.
    WebSocketApi,
    /// A listener of a load balancer.
    LoadBalancer,
    /// A distribution of `CloudFront`.
    Distribution,
    /// A function URL.
    FunctionUrl,
}

impl DoorKind {
    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestApi => "rest-api",
            Self::HttpApi => "http-api",
            Self::WebSocketApi => "websocket-api",
            Self::LoadBalancer => "load-balancer",
            Self::Distribution => "cloudfront",
            Self::FunctionUrl => "function-url",
        }
    }
}

/// A door that leads to functions.
#[derive(Debug, Clone)]
pub struct Door {
    /// Its ARN.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What kind it is.
    pub kind: DoorKind,
    /// Where it is.
    pub scope: ScopeId,
    /// The addresses at which requests come in.
    pub addresses: Vec<String>,
    /// Whether the internet reaches it by an address that asks for no certificate.
    pub reachable: Known<bool>,
    /// Whether it can be reached inside VPC endpoints alone.
    pub private: Known<bool>,
    /// Whether any VPC endpoint, also of a stranger, gets past the policy of a private API.
    pub any_endpoint: Known<bool>,
    /// The domain whose guard the default address goes around; empty where there is none.
    pub default_beside: Known<String>,
    /// Whether a browser may call it from every origin.
    pub open_cors: Known<bool>,
    /// What leads to functions.
    pub routes: Vec<DoorRoute>,
    /// Why there may be more.
    pub routes_gap: Option<Gap>,
}

/// A route of a door that leads to a function.
#[derive(Debug, Clone)]
pub struct DoorRoute {
    /// `GET /orders`, or what a rule fits.
    pub key: String,
    /// What it leads to.
    pub target: Target,
    /// How callers are asked who they are.
    pub authorization: Authorization,
    /// Whether callers must send an API key.
    pub api_key: bool,
    /// Whether everyone gets past it, once at the door.
    pub admits_everyone: Known<bool>,
    /// Whether every AWS account gets past it with a signed request, once at the door.
    pub admits_any_account: Known<bool>,
    /// How the door calls the function.
    pub calls: Calls,
}

/// What a route leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A function, by its ARN with a qualifier where it has one.
    Function(Known<String>),
    /// Whatever answers at this host, such as a function URL.
    Host(String),
}

/// How a door calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calls {
    /// By a role of its owner; the function's policy is not asked for a role of the same account.
    Role(String),
    /// As a service, on behalf of one of these resources: which, is not known.
    Service {
        /// The service principal.
        service: &'static str,
        /// The ARNs that it may come with: one list for every way, of which one is enough.
        sources: Vec<Vec<String>>,
    },
    /// By the function URL, which it signs its requests for on behalf of this resource.
    SignedUrl(String),
    /// By the function URL, as anyone does.
    PlainUrl,
}

/// Every door of an estate.
#[derive(Debug)]
pub struct Doors {
    /// The doors, in the order of their ids.
    pub list: Vec<Door>,
    /// The routes that lead to an ARN or to a host: which door, and which of its routes.
    leading: BTreeMap<String, Vec<(usize, usize)>>,
    /// Why an account may have doors to functions that nobody knows they lead to: by APIs, and by load balancers.
    hidden: BTreeMap<String, [Option<Gap>; 2]>,
    /// The event sources of an ARN.
    event_sources: BTreeMap<String, Vec<String>>,
}

impl Doors {
    /// The doors of everything that was read.
    pub(super) fn of(aws: &Aws) -> Self {
        let mut list = api::doors(aws);
        list.extend(balancer::doors(aws));
        list.extend(edge::doors(aws));
        list.sort_by(|a, b| a.id.cmp(&b.id));
        let (mut leading, mut hidden) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, [Option<Gap>; 2]>::new());
        for (at, door) in list.iter().enumerate() {
            for (index, route) in door.routes.iter().enumerate() {
                let (Target::Function(Known::Known(name)) | Target::Host(name)) = &route.target else { continue };
                leading.entry(name.clone()).or_default().push((at, index));
            }
            let gap = match door.kind {
                DoorKind::RestApi | DoorKind::HttpApi | DoorKind::WebSocketApi => 0,
                DoorKind::LoadBalancer => 1,
                DoorKind::Distribution | DoorKind::FunctionUrl => continue,
            };
            if let Some(slot) = hidden.entry(door.scope.account.clone()).or_default().get_mut(gap)
                && slot.is_none()
            {
                *slot = door.gap();
            }
        }
        let mut event_sources = BTreeMap::<_, Vec<_>>::new();
        for (_, source) in aws.event_sources.iter().filter(|(_, source)| source.enabled) {
            event_sources.entry(source.function.clone()).or_default().push(source.source.clone());
        }
        Self { list, leading, hidden, event_sources }
    }

    /// Why there may be other APIs that lead to the functions of a scope: in its region, and in what else was read of its
    /// account.
    pub(super) fn api_gap(&self, aws: &Aws, scope: &ScopeId) -> Option<Gap> {
        let lists = [
            aws.rest_apis.incomplete(scope).or_else(|| aws.rest_apis.gap_in_account(&scope.account)),
            aws.http_apis.incomplete(scope).or_else(|| aws.http_apis.gap_in_account(&scope.account)),
        ];
        lists.into_iter().flatten().next().or_else(|| self.hidden(scope)[0].clone())
    }

    /// Why there may be other load balancers that do, which are always of the same region.
    pub(super) fn balancer_gap(&self, aws: &Aws, scope: &ScopeId) -> Option<Gap> {
        let lists = [aws.load_balancers.incomplete(scope), aws.target_groups.incomplete(scope)];
        lists.into_iter().flatten().next().or_else(|| self.hidden(scope)[1].clone())
    }

    /// Why there may be other distributions that do.
    pub(super) fn distribution_gap(aws: &Aws, scope: &ScopeId) -> Option<Gap> {
        let whole = scope.everywhere();
        aws.distributions.incomplete(&whole)
    }

    fn hidden(&self, scope: &ScopeId) -> &[Option<Gap>; 2] {
        self.hidden.get(&scope.account).unwrap_or(&[None, None])
    }

    /// The routes that lead to a function, by its exact ARN, or to the host of its URL.
    pub(super) fn to(&self, arn: &str, host: Option<&str>) -> impl Iterator<Item = (&Door, &DoorRoute)> {
        let by_arn = self.leading.get(arn).into_iter().flatten();
        let by_host = host.and_then(|host| self.leading.get(host)).into_iter().flatten();
        let mut all: Vec<&(usize, usize)> = by_arn.chain(by_host).collect();
        all.sort();
        all.into_iter().filter_map(|(door, route)| {
            let door = self.list.get(*door)?;
            Some((door, door.routes.get(*route)?))
        })
    }

    /// What the mappings of event sources read for a function.
    pub(super) fn event_sources(&self, arn: &str) -> &[String] {
        self.event_sources.get(arn).map_or(&[], Vec::as_slice)
    }
}

impl Door {
    /// Why it may let somebody in to a function that nobody knows it leads to.
    fn gap(&self) -> Option<Gap> {
        if self.reachable == Known::Known(false) {
            return None;
        }
        let hidden = self.routes.iter().filter(|route| route.admits_somebody()).find_map(|route| match &route.target {
            Target::Function(Known::Unknown(gap)) => Some(gap.clone()),
            _ => None,
        });
        self.routes_gap.clone().or(hidden)
    }
}

impl DoorRoute {
    /// Whether it may let somebody past whom nobody named.
    fn admits_somebody(&self) -> bool {
        let closed = Known::Known(false);
        self.admits_everyone != closed || self.admits_any_account != closed
    }
}
