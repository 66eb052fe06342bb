//! Stages of APIs. What callers reach is what is deployed, not what can be edited.

use std::collections::BTreeMap;

use super::{Calls, Door, DoorKind, DoorRoute, Target};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::policy::{Endpoint, lets_any_account, lets_everyone},
    knowledge::partition,
    model::{Api, ApiProtocol, ApiRoute, Authorization, Aws, Deployment, Domain, Stage},
    snapshot::ScopeId,
};

const INVOKE: &str = "execute-api:Invoke";

/// What a method that takes any verb can be called with.
const VERBS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// The route by which a `WebSocket` connection is made: who is asked there is asked for all of it.
const CONNECT: &str = "$connect";

/// Domains by where they are.
type Domains<'a> = BTreeMap<&'a ScopeId, Vec<&'a Domain>>;

/// Every stage that leads, or may lead, to a function.
pub(super) fn doors(aws: &Aws) -> Vec<Door> {
    let apis = aws.rest_apis.iter().chain(aws.http_apis.iter());
    let mut domains = Domains::new();
    for (scope, domain) in aws.rest_domains.iter().chain(aws.http_domains.iter()) {
        domains.entry(scope).or_default().push(domain);
    }
    let mut found = Vec::new();
    for (scope, api) in apis {
        match &api.stages {
            Known::Known(stages) => {
                found.extend(stages.iter().filter_map(|stage| door(aws, &domains, scope, api, stage)));
            }
            Known::Unknown(gap) => {
                let stage = Stage { name: "*".into(), deployed: Known::Unknown(gap.clone()) };
                found.extend(door(aws, &domains, scope, api, &stage));
            }
        }
    }
    found
}

/// The door that a stage is; none where it leads to no function.
fn door(aws: &Aws, domains: &Domains<'_>, scope: &ScopeId, api: &Api, stage: &Stage) -> Option<Door> {
    let at = At { scope, api, stage };
    let (routes, routes_gap) = match &stage.deployed {
        Known::Known(deployed) => {
            let leading = deployed.routes.iter().filter(|route| route.integration.is_some());
            let routes: Vec<DoorRoute> = leading.filter_map(|route| at.route(deployed, route)).collect();
            (routes, None)
        }
        Known::Unknown(gap) => (Vec::new(), Some(gap.clone())),
    };
    if routes.is_empty() && routes_gap.is_none() {
        return None;
    }
    let ways = Ways::of(aws, domains, &at);
    let any_endpoint = match &stage.deployed {
        Known::Known(deployed) => at.any_endpoint(deployed),
        Known::Unknown(gap) => Known::Unknown(gap.clone()),
    };
    Some(Door {
        id: at.id(),
        name: format!("{} ({})", api.name, stage.name),
        kind: match api.protocol {
            ApiProtocol::Rest => DoorKind::RestApi,
            ApiProtocol::Http => DoorKind::HttpApi,
            ApiProtocol::WebSocket => DoorKind::WebSocketApi,
        },
        scope: scope.clone(),
        addresses: ways.addresses,
        reachable: ways.open.and(api.private.clone().negate()),
        any_endpoint: any_endpoint.and(api.private.clone()),
        private: api.private.clone(),
        default_beside: ways.guarded,
        open_cors: Known::Known(false),
        routes,
        routes_gap,
    })
}

/// A stage, and where it is.
struct At<'a> {
    scope: &'a ScopeId,
    api: &'a Api,
    stage: &'a Stage,
}

impl At<'_> {
    fn id(&self) -> String {
        let (partition, kind) = (partition(&self.scope.region), if self.is_rest() { "restapis" } else { "apis" });
        let (region, id) = (&self.scope.region, &self.api.id);
        format!("arn:{partition}:apigateway:{region}::/{kind}/{id}/stages/{}", self.stage.name)
    }

    fn is_rest(&self) -> bool {
        self.api.protocol == ApiProtocol::Rest
    }

    /// What a call of this verb and path is named in policies.
    fn call(&self, tail: &str) -> String {
        let (region, account) = (&self.scope.region, &self.scope.account);
        format!("arn:{}:execute-api:{region}:{account}:{}/{}/{tail}", partition(region), self.api.id, self.stage.name)
    }

    fn route(&self, deployed: &Deployment, route: &ApiRoute) -> Option<DoorRoute> {
        let integration = route.integration.as_ref()?;
        let asked = match self.api.protocol {
            // Without a route of its own a connection is made without questions.
            ApiProtocol::WebSocket => deployed.routes.iter().find(|other| other.key == CONNECT),
            ApiProtocol::Rest | ApiProtocol::Http => Some(route),
        };
        let authorization = asked.map_or(Authorization::None, |asked| asked.authorization.clone());
        let api_key = asked.is_some_and(|asked| asked.api_key);
        let calls = Tails::of(&route.key);
        let policies = self.policies(deployed);
        let admits = |ask: &dyn Fn(&str, &str) -> Known<bool>, without: bool| {
            let each = policies.iter().map(|policy| match policy {
                None => Known::Known(without),
                Some(text) => {
                    let arns = calls.exact.iter().map(|tail| self.call(tail));
                    arns.map(|arn| ask(text, &arn)).fold(Known::Known(false), Known::or)
                }
            });
            self.agreed(each)
        };
        let everyone = |text: &str, arn: &str| lets_everyone(text, INVOKE, arn, Endpoint::Internet);
        let any_account = |text: &str, arn: &str| lets_any_account(text, INVOKE, arn);
        let by_caller = integration.role.as_deref().is_some_and(|role| role.contains('*'));
        let admits_everyone = match &authorization {
            Authorization::None if api_key => Known::Known(false),
            Authorization::None => admits(&everyone, true),
            Authorization::Iam | Authorization::Authoriser(_) => Known::Known(false),
            Authorization::Other(other) => {
                let what = format!("whom the authorisation {other} of {} lets in", self.id());
                Known::Unknown(Gap::new(what, GapReason::Unsupported))
            }
        };
        let admits_any_account = match &authorization {
            // Without a policy a signed request of another account is turned away, as it always is by HTTP APIs.
            Authorization::Iam if self.is_rest() && !by_caller => admits(&any_account, false),
            _ => Known::Known(false),
        };
        Some(DoorRoute {
            key: route.key.clone(),
            target: Target::Function(integration.function.clone()),
            authorization,
            api_key,
            admits_everyone,
            admits_any_account,
            calls: match &integration.role {
                Some(role) => Calls::Role(role.clone()),
                None => Calls::Service {
                    service: "apigateway.amazonaws.com",
                    sources: calls.sources.iter().map(|way| way.iter().map(|tail| self.call(tail)).collect()).collect(),
                },
            },
        })
    }

    /// The policy that guards it. Whether an export always shows it is not documented: where it shows none and one can be
    /// edited, both are possible.
    fn policies(&self, deployed: &Deployment) -> Vec<Option<String>> {
        let full = |text: &String| {
            text.replace(
                "\"execute-api:/",
                &format!("\"{}", self.call("").split('/').next().map_or_else(String::new, |api| format!("{api}/"))),
            )
        };
        match (&deployed.policy, &self.api.policy) {
            (Some(shown), _) => vec![Some(full(shown))],
            (None, None) => vec![None],
            (None, Some(edited)) => vec![None, Some(full(edited))],
        }
    }

    /// The answer that all agree on.
    fn agreed(&self, mut answers: impl Iterator<Item = Known<bool>>) -> Known<bool> {
        let first = answers.next().unwrap_or(Known::Known(false));
        for other in answers {
            if matches!((&first, &other), (Known::Known(one), Known::Known(two)) if one != two) {
                let what = format!("whether the policy of the API {} is deployed on {}", self.api.id, self.stage.name);
                return Known::Unknown(Gap::new(what, GapReason::Unsupported));
            }
            if let Known::Unknown(_) = other {
                return other;
            }
        }
        first
    }

    /// Whether a stranger's VPC endpoint gets past the policy, on any route.
    fn any_endpoint(&self, deployed: &Deployment) -> Known<bool> {
        let each = self.policies(deployed).into_iter().map(|policy| match policy {
            // A private API without a policy lets nobody in.
            None => Known::Known(false),
            Some(text) => {
                let tails = deployed.routes.iter().flat_map(|route| Tails::of(&route.key).exact);
                let arns = tails.map(|tail| self.call(&tail));
                arns.map(|arn| lets_everyone(&text, INVOKE, &arn, Endpoint::Stranger))
                    .fold(Known::Known(false), Known::or)
            }
        });
        self.agreed(each)
    }
}

/// The ends of the names that calls of a route have.
struct Tails {
    /// As the API's own policy sees them: one of each verb.
    exact: Vec<String>,
    /// As the function's policy sees them. How a variable part of a path is written there is not documented: one list of
    /// possible forms for each verb.
    sources: Vec<Vec<String>>,
}

impl Tails {
    fn of(key: &str) -> Self {
        let Some((verb, path)) = key.split_once(' ') else {
            return Self { exact: vec![key.to_owned()], sources: vec![vec![key.to_owned()]] };
        };
        let path = path.trim_start_matches('/');
        let verbs = if verb == "ANY" { VERBS.to_vec() } else { vec![verb] };
        let filled = |with: &str| {
            let part = |part: &str| if part.starts_with('{') { with.to_owned() } else { part.to_owned() };
            path.split('/').map(part).collect::<Vec<_>>().join("/")
        };
        let forms = |verb: &&str| {
            let mut forms =
                vec![format!("{verb}/{path}"), format!("{verb}/{}", filled("*")), format!("{verb}/{}", filled("x"))];
            forms.dedup();
            forms
        };
        Self {
            exact: verbs.iter().map(|verb| format!("{verb}/{}", filled("x"))).collect(),
            sources: verbs.iter().map(forms).collect(),
        }
    }
}

/// The addresses that lead to a stage.
struct Ways {
    addresses: Vec<String>,
    /// Whether one of them asks for no certificate.
    open: Known<bool>,
    /// The domain that asks for one, while the default address does not; empty where there is none.
    guarded: Known<String>,
}

impl Ways {
    fn of(aws: &Aws, domains: &Domains<'_>, at: &At<'_>) -> Self {
        let At { scope, api, stage } = at;
        let mut addresses = Vec::new();
        if api.default_endpoint {
            let scheme = if api.protocol == ApiProtocol::WebSocket { "wss" } else { "https" };
            let suffix = match partition(&scope.region) {
                "aws-cn" => "amazonaws.com.cn",
                "aws-eusc" => "amazonaws.eu",
                _ => "amazonaws.com",
            };
            let path = if stage.name == "$default" { String::new() } else { format!("/{}", stage.name) };
            addresses.push(format!("{scheme}://{}.execute-api.{}.{suffix}{path}", api.id, scope.region));
        }
        let mut unread = aws.rest_domains.incomplete(scope).or_else(|| aws.http_domains.incomplete(scope));
        let (mut by_domain, mut guarded) = (false, Vec::new());
        for domain in domains.get(*scope).into_iter().flatten().filter(|domain| !domain.private) {
            match leads(domain, api, stage) {
                Known::Known(false) => {}
                Known::Unknown(gap) => unread = unread.or(Some(gap)),
                Known::Known(true) if domain.mutual_tls => guarded.push(domain.name.clone()),
                Known::Known(true) => {
                    by_domain = true;
                    addresses.push(domain.name.clone());
                }
            }
        }
        let beside = guarded.first().filter(|_| api.default_endpoint).cloned().unwrap_or_default();
        // Where every way asks for a certificate, these are the ways.
        if addresses.is_empty() {
            addresses = guarded;
        }
        addresses.dedup();
        Self {
            open: match &unread {
                _ if api.default_endpoint || by_domain => Known::Known(true),
                Some(gap) => Known::Unknown(gap.clone()),
                None => Known::Known(false),
            },
            guarded: match unread {
                Some(gap) if beside.is_empty() && api.default_endpoint => Known::Unknown(gap),
                _ => Known::Known(beside),
            },
            addresses,
        }
    }
}

/// Whether a domain leads to a stage.
fn leads(domain: &Domain, api: &Api, stage: &Stage) -> Known<bool> {
    domain.mappings.as_ref().map(|mappings| {
        let to =
            |own: &Option<String>| own.is_none() || stage.name == "*" || own.as_deref() == Some(stage.name.as_str());
        mappings.iter().any(|mapping| mapping.api == api.id && to(&mapping.stage))
    })
}
