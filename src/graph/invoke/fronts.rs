//! The doors that lead to a function, and whether who comes through them gets in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    super::{
        doors::{Calls, Door, DoorRoute, Doors},
        policy::{Caller, Entry, Placed, Request, Statements, Step, Truth, Value, account_of, is_account},
    },
    INVOKE, Invoke, View,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::fronts,
    model::{Authorization, FunctionUrl, UrlAuthentication},
};

const API_GATEWAY: &str = "apigateway.amazonaws.com";
const LOAD_BALANCING: &str = "elasticloadbalancing.amazonaws.com";
const CLOUDFRONT: &str = "cloudfront.amazonaws.com";

/// A way in to a function.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// What kind of door it is.
    pub kind: &'static str,
    /// Its full name.
    pub id: String,
    /// The addresses at which it is reached.
    pub addresses: Vec<String>,
    /// The route that leads to the function; empty where all do.
    pub route: String,
    /// Whether the internet reaches it.
    pub reachable: Known<bool>,
    /// How callers are asked who they are, in words.
    pub authentication: String,
    /// Whether it may call the function.
    pub may_call: Known<bool>,
}

impl View<'_> {
    /// Adds the doors that lead to one name of the function, and everyone whom they let in.
    pub(super) fn enter(&self, found: &mut Invoke, statements: &Statements<'_>, url: &Known<Option<&FunctionUrl>>) {
        let own = match url {
            Known::Known(Some(own)) => Some(*own),
            Known::Known(None) | Known::Unknown(_) => None,
        };
        found.doors.extend(own.map(Entrance::by_url));
        let host = own.map(|own| host(&own.url));
        for (door, route) in self.around.doors.to(statements.arn, host) {
            let may_call = self.may_call(statements, door, route, own);
            let past = door.reachable.clone().and(may_call.clone());
            found.anonymous.or(past.clone().and(route.admits_everyone.clone()), || {
                format!("{} asks nobody who they are, and may call it", said(door, route))
            });
            found.any_principal.or(past.and(route.admits_any_account.clone()), || {
                format!("{} lets every account with a signed request in, and may call it", said(door, route))
            });
            found.doors.push(Entrance::by_door(door, route, may_call));
        }
        for gap in self.unseen(statements, url) {
            found.anonymous.or(Known::Unknown(gap.clone()), String::new);
            found.any_principal.or(Known::Unknown(gap), String::new);
        }
    }

    /// Whether a door may call the function.
    fn may_call(
        &self,
        statements: &Statements<'_>,
        door: &Door,
        route: &DoorRoute,
        url: Option<&FunctionUrl>,
    ) -> Known<bool> {
        let ask = &|request: &Request| statements.known(statements.ask(request).truth);
        let asks = url.map(|url| &url.authentication);
        let open = || ask(&Request::over_url(Caller::Anonymous, "NONE"));
        match &route.calls {
            // The credentials of whoever calls: nobody gets in by those of the door.
            Calls::Role(role) if role.contains('*') => Known::Known(false),
            Calls::Role(role) => {
                let own = self.around.identities.may(role, INVOKE, statements.arn).is;
                let account = account_of(role);
                let caller = Caller::Aws { account: account.map(str::to_owned), name: Some(role.clone()) };
                let request = Request::new(caller, vec![Step::api(INVOKE)]);
                if account == Some(self.scope.account.as_str()) {
                    own.and(statements.known(statements.denies(&request)).negate())
                } else {
                    own.and(ask(&request))
                }
            }
            Calls::Service { service, sources } => {
                let each = sources.iter().map(|forms| {
                    let forms: Vec<Value> = forms.iter().map(Value::is).collect();
                    names(service, statements.arn).map(move |name| {
                        let caller = Caller::Service(Some(name));
                        ask(&on_behalf(caller, Value::OneOf(forms.clone()), door, vec![Step::api(INVOKE)]))
                    })
                });
                each.flatten().fold(Known::Known(false), Known::or)
            }
            Calls::SignedUrl(arn) if asks == Some(&UrlAuthentication::Iam) => {
                let each = names(CLOUDFRONT, statements.arn).map(|name| {
                    let steps = Request::over_url(Caller::Anonymous, "AWS_IAM").steps;
                    let request = on_behalf(Caller::Service(Some(name)), Value::is(arn), door, steps);
                    ask(&Request { by_url: true, ..request })
                });
                each.fold(Known::Known(false), Known::or)
            }
            Calls::SignedUrl(_) | Calls::PlainUrl if asks == Some(&UrlAuthentication::None) => open(),
            Calls::SignedUrl(_) | Calls::PlainUrl => Known::Known(false),
        }
    }

    /// What may lead to the function and was not seen.
    fn unseen(&self, statements: &Statements<'_>, url: &Known<Option<&FunctionUrl>>) -> Vec<Gap> {
        let around = self.around;
        // API Gateway may call by a role, whatever the policy says; the others need a grant.
        let mut gaps: Vec<Gap> = around.doors.api_gap(around.aws, self.scope).into_iter().collect();
        let meant = meant(statements);
        for (service, label) in fronts() {
            for name in names(service, statements.arn) {
                let by_api = Request::new(Caller::Service(Some(name)), vec![Step::api(INVOKE)]);
                let by_url =
                    Request { caller: by_api.caller.clone(), ..Request::over_url(Caller::Anonymous, "AWS_IAM") };
                let let_in = |statements: &Statements<'_>| {
                    let asked = |request| statements.ask(request).truth != Truth::No;
                    asked(&by_api) || (service == CLOUDFRONT && asked(&by_url))
                };
                if !let_in(statements) {
                    continue;
                }
                match service {
                    LOAD_BALANCING => gaps.extend(around.doors.balancer_gap(around.aws, self.scope)),
                    CLOUDFRONT => {
                        gaps.extend(Doors::distribution_gap(around.aws, self.scope));
                        // Whether a distribution leads to it shows in the host of the URL.
                        gaps.extend(url.as_ref().into_result().err());
                    }
                    _ => {}
                }
                if !let_in(&meant) {
                    continue;
                }
                if ![API_GATEWAY, LOAD_BALANCING, CLOUDFRONT].contains(&service) {
                    gaps.push(Gap::new(format!("who may come in through {label}"), GapReason::Unsupported));
                    continue;
                }
                if meant.ask(&by_api.clone().for_a_stranger()).truth != Truth::No {
                    let what = format!("who may come in through {label} of other accounts");
                    gaps.push(Gap::new(what, GapReason::NotRead));
                }
                gaps.extend(self.elsewhere(&meant, &by_api, label));
            }
        }
        gaps
    }

    /// The accounts and regions that conditions on the source name, and that were not read.
    fn elsewhere(&self, statements: &Statements<'_>, request: &Request, label: &str) -> Vec<Gap> {
        let mut places = BTreeSet::new();
        for test in statements.list.iter().flat_map(|placed| &placed.statement.tests) {
            if !matches!(test.key.as_str(), "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner") {
                continue;
            }
            for value in &test.values {
                let text = value.text.as_str();
                let account = if is_account(text) { Some(text) } else { account_of(text) };
                let region = text.split(':').nth(3).filter(|region| !region.is_empty() && !region.contains(['*', '?']));
                places.extend(account.map(|account| (account.to_owned(), region.map(str::to_owned))));
            }
        }
        let mut gaps = Vec::new();
        for (account, region) in places {
            let here = account == self.scope.account;
            let scope = self.scope.of(&account).within(region.as_deref().unwrap_or(&self.scope.region));
            let read = self.around.doors.api_gap(self.around.aws, &scope).is_none();
            if (here && scope.region == self.scope.region) || read {
                continue;
            }
            let given = [
                ("aws:sourceaccount", Value::is(&account)),
                ("aws:sourceowner", Value::is(&account)),
                ("aws:sourcearn", Value::Unknown),
            ];
            let given = given.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<BTreeMap<_, _>>();
            if statements.ask(&Request { given, ..request.clone() }).truth != Truth::No {
                let what = format!("who may come in through {label} of {account} in {}", scope.region);
                gaps.push(Gap::new(what, GapReason::NotRead));
            }
        }
        gaps
    }

    /// Adds the mappings that read event sources for one name of the function.
    pub(super) fn event_sources(&self, found: &mut Invoke, arn: &str) {
        found.event_sources.extend_from_slice(self.around.doors.event_sources(arn));
    }
}

/// A request that a service makes for a resource of a door's account.
fn on_behalf(caller: Caller, source: Value, door: &Door, steps: Vec<Step>) -> Request {
    let account = || Value::is(&door.scope.account);
    let given = [("aws:sourcearn", source), ("aws:sourceaccount", account()), ("aws:sourceowner", account())];
    let given = given.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
    Request { given, ..Request::new(caller, steps) }
}

/// The statements that may be meant for services: not those by which every account or everyone may call it already, which is
/// a finding of its own.
fn meant<'a>(statements: &Statements<'a>) -> Statements<'a> {
    let stranger = Caller::Aws { account: None, name: None };
    let over = |caller: &Caller, step| Request { by_url: true, ..Request::new(caller.clone(), vec![step]) };
    let ways = [
        Request::new(stranger.clone(), vec![Step::api(INVOKE)]),
        over(&stranger, Step::url("AWS_IAM")),
        over(&stranger, Step::by_url("AWS_IAM")),
        over(&Caller::Anonymous, Step::url("NONE")),
        over(&Caller::Anonymous, Step::by_url("NONE")),
    ];
    let open = |(index, placed): &(usize, &Placed<'_>)| {
        let principals = &placed.statement.principals;
        let everyone = principals.but || principals.entries.contains(&Entry::Everyone);
        placed.statement.allow
            && everyone
            && ways
                .iter()
                .map(|way| statements.ask(&way.clone().only(*index)))
                .any(|it| it.truth != Truth::No || it.narrow)
    };
    let list = statements.list.iter().enumerate().filter(|it| !open(it));
    let list = list.map(|(_, placed)| Placed { arn: placed.arn, statement: Arc::clone(&placed.statement) }).collect();
    Statements { arn: statements.arn, list }
}

/// The names of a service: in China it has two.
fn names(service: &str, arn: &str) -> impl Iterator<Item = String> + use<> {
    let china = arn.starts_with("arn:aws-cn:").then(|| format!("{service}.cn"));
    std::iter::once(service.to_owned()).chain(china)
}

/// The host of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn said(door: &Door, route: &DoorRoute) -> String {
    format!("{} of {} {}", route.key, words(door.kind.as_str()), door.name)
}

/// What people call a kind of door.
fn words(kind: &str) -> &str {
    match kind {
        "rest-api" => "the REST API",
        "http-api" => "the HTTP API",
        "websocket-api" => "the WebSocket API",
        "load-balancer" => "the load balancer",
        _ => "the distribution",
    }
}

impl Entrance {
    fn by_url(url: &FunctionUrl) -> Self {
        Self {
            kind: "function-url",
            id: url.url.clone(),
            addresses: vec![url.url.clone()],
            route: String::new(),
            reachable: Known::Known(true),
            authentication: match &url.authentication {
                UrlAuthentication::None => "nobody is asked".into(),
                UrlAuthentication::Iam => "requests are signed".into(),
                UrlAuthentication::Other(other) => other.clone(),
            },
            may_call: Known::Known(true),
        }
    }

    fn by_door(door: &Door, route: &DoorRoute, may_call: Known<bool>) -> Self {
        let asked = match &route.authorization {
            Authorization::None if route.api_key => "an API key is asked for".to_owned(),
            Authorization::None if route.admits_everyone == Known::Known(false) => "its policy is asked".into(),
            Authorization::None => "nobody is asked".into(),
            Authorization::Iam => "requests are signed".into(),
            Authorization::Authoriser(kind) => format!("{kind} authoriser asks"),
            Authorization::Other(other) => other.clone(),
        };
        Self {
            kind: door.kind.as_str(),
            id: door.id.clone(),
            addresses: door.addresses.clone(),
            route: route.key.clone(),
            reachable: door.reachable.clone(),
            authentication: asked,
            may_call,
        }
    }
}
