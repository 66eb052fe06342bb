//! What Lambda runs besides event functions, and who may call it: web functions at their endpoints, MicroVMs at theirs.

use super::invoke::{Answer, Entrance, Invoke};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, FunctionUrl, Microvm, UrlAuthentication, WebEndpoint, WebFunction},
    snapshot::ScopeId,
};

/// One of them, at one configuration.
pub(super) struct Running<'a> {
    /// Its full name; that of a web function holds the revision only where several serve, since each deployment makes one.
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
    /// What kind of workload it is.
    pub(super) kind: &'static str,
    /// How it is configured.
    pub(super) at: &'a Configuration,
    /// Who may call it.
    pub(super) invoke: Invoke,
}

/// Everything that runs.
pub(super) fn running(aws: &Aws) -> impl Iterator<Item = (&ScopeId, Running<'_>)> {
    let web = aws.web_functions.iter().flat_map(|(scope, it)| web_function(it).map(move |found| (scope, found)));
    web.chain(aws.microvms.iter().filter_map(|(scope, it)| Some((scope, microvm(it)?))))
}

fn web_function(function: &WebFunction) -> impl Iterator<Item = Running<'_>> {
    let invoke = at_endpoints(function);
    let several = function.revisions.len() > 1;
    let named = move |name: &str, at: &Configuration| {
        if several { format!("{name}:{}", at.version) } else { name.to_owned() }
    };
    function.revisions.iter().map(move |at| Running {
        id: named(&function.arn, at),
        name: named(&function.name, at),
        kind: "lambda-web-function",
        at,
        invoke: invoke.clone(),
    })
}

fn microvm(vm: &Microvm) -> Option<Running<'_>> {
    let what = format!("who may get a token for MicroVM {}", vm.id);
    let gap = Gap::new(what, GapReason::Unsupported);
    // Its endpoint asks for a token, which principals of the account are given: nobody comes in without, and no policy
    // hangs on it.
    let invoke = Invoke { services_gap: Some(gap), ..Invoke::nobody() };
    let at = vm.at.as_ref()?;
    Some(Running { id: vm.id.clone(), name: vm.id.clone(), kind: "lambda-microvm", at, invoke })
}

/// Who may call a web function: everyone where it is left to the application whom it lets in. What IAM says of those who
/// sign is not documented well enough to be judged.
fn at_endpoints(function: &WebFunction) -> Invoke {
    let mut invoke = Invoke::nobody();
    let gap = Gap::new(format!("whom IAM lets call web function {}", function.name), GapReason::Unsupported);
    match &function.endpoints {
        Known::Known(endpoints) => {
            let open = endpoints.iter().filter(|endpoint| !endpoint.failed);
            for endpoint in open.clone() {
                enter(&mut invoke.anonymous, endpoint, &gap);
                invoke.doors.push(entrance(endpoint));
            }
            let first = open.clone().find(|it| it.authentication == UrlAuthentication::None).or(open.clone().next());
            invoke.url = Known::Known(first.map(url));
        }
        Known::Unknown(unread) => {
            invoke.url = Known::Unknown(unread.clone());
            invoke.anonymous.is = Known::Unknown(unread.clone());
        }
    }
    for answer in [&mut invoke.any_principal, &mut invoke.management] {
        answer.is = Known::Unknown(gap.clone());
    }
    invoke.services_gap = Some(gap.clone());
    invoke.dead_gap = Some(gap);
    invoke
}

fn enter(anonymous: &mut Answer, endpoint: &WebEndpoint, gap: &Gap) {
    let is = match &endpoint.authentication {
        UrlAuthentication::None => Known::Known(true),
        UrlAuthentication::Iam | UrlAuthentication::Other(_) => Known::Unknown(gap.clone()),
    };
    anonymous.or(is, || format!("endpoint {} leaves it to the application whom it lets in", endpoint.name));
}

fn entrance(endpoint: &WebEndpoint) -> Entrance {
    Entrance {
        kind: "web-function-endpoint",
        id: endpoint.name.clone(),
        addresses: vec![address(endpoint)],
        route: String::new(),
        reachable: Known::Known(true),
        authentication: match &endpoint.authentication {
            UrlAuthentication::None => "the application asks, if anyone does".into(),
            UrlAuthentication::Iam => "requests are signed".into(),
            UrlAuthentication::Other(other) => other.clone(),
        },
        may_call: Known::Known(true),
    }
}

fn address(endpoint: &WebEndpoint) -> String {
    format!("https://{}/", endpoint.domain)
}

fn url(endpoint: &WebEndpoint) -> FunctionUrl {
    FunctionUrl {
        qualifier: None,
        url: address(endpoint),
        authentication: endpoint.authentication.clone(),
        open_cors: Known::Known(false),
    }
}
