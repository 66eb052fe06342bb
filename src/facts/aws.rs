//! The facts that only AWS has.

use super::resources::identity as own;
use super::{List, Node};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::{
        Door, DoorRoute, LayerShare, LayerUse, Role, SelfGranting, Target, Whose, Workload,
        invoke::{Dead, Invoker},
    },
    model::{Authorization, UntrustedCode},
};

/// Who may invoke a workload, name by name, as far as resource policies tell.
pub(super) fn invokers(workload: &Workload) -> [(&'static str, Node); 7] {
    let invoke = &workload.invoke;
    let services = invoke.services.iter().map(|grant| {
        let id = format!("{} {} {}", grant.service, grant.sid, grant.arn);
        let bound = grant.bound != Ok(false);
        row(
            &id,
            &grant.service,
            "service",
            "lambda:InvokeFunction",
            &grant.arn,
            None,
            Known::Known(false),
            true,
            bound,
            Known::Known(true),
        )
    });
    let listed = invoke.invokers.iter().map(|it| invoker(workload, it));
    let incomplete = invoke.services_gap.clone();
    let side = workload.aws.as_deref();
    let granting = side.map_or_else(Vec::new, |side| side.self_granting.iter().map(granting).collect());
    let granting_gap = workload.identities_gap().cloned();
    [
        ("check_disabled", false.into()),
        ("invokers", Node::List(List { items: listed.chain(services).collect(), incomplete })),
        (
            "dead_grants",
            Node::List(List { items: invoke.dead.iter().map(dead).collect(), incomplete: invoke.dead_gap.clone() }),
        ),
        ("self_granting", Node::List(List { items: granting, incomplete: granting_gap })),
        ("trigger_delivers", Node::Null),
        ("trigger_account", Node::Null),
        ("denied_by", "".into()),
    ]
}

fn invoker(workload: &Workload, it: &Invoker) -> Node {
    let organization = it.principal.split('/').next().filter(|_| it.kind == "organization");
    let whose = Whose { account: it.account.as_deref(), organization, domain: None };
    let foreign = workload.intent.is_foreign(&workload.scope.account, whose);
    let id = format!("{} {} {}", it.principal, it.sid, it.on);
    let account = it.account.as_deref();
    row(&id, &it.principal, it.kind, it.action, &it.on, account, foreign, false, it.conditional, it.holds.clone())
}

#[expect(clippy::too_many_arguments, reason = "they are the fields of one row")]
fn row(
    id: &str,
    principal: &str,
    kind: &'static str,
    action: &str,
    on: &str,
    account: Option<&str>,
    foreign: Known<bool>,
    platform: bool,
    conditional: bool,
    holds: Known<bool>,
) -> Node {
    Node::map([
        ("id", id.into()),
        ("principal", principal.into()),
        ("kind", kind.into()),
        ("role", action.into()),
        ("level", "resource".into()),
        ("on", on.into()),
        ("project", Node::optional_text(account)),
        ("foreign", foreign.into()),
        ("platform", platform.into()),
        ("conditional", conditional.into()),
        ("holds", holds.into()),
    ])
}

fn dead(grant: &Dead) -> Node {
    Node::map([
        ("id", format!("{} {} {}", grant.principal, grant.sid, grant.on).into()),
        ("principal", grant.principal.as_str().into()),
        ("role", format!("{} (statement {})", grant.action, grant.sid).into()),
        ("because", grant.because.into()),
    ])
}

fn granting(it: &SelfGranting) -> Node {
    Node::map([
        ("id", format!("{} {}", it.principal, it.action).into()),
        ("principal", it.principal.as_str().into()),
        ("role", format!("{} by the policy {}", it.action, it.by).into()),
        ("on", "its account".into()),
        ("holds", it.holds.clone().into()),
    ])
}

/// What a workload runs as.
pub(super) fn identity(role: &Role) -> Node {
    let account = match &role.arn {
        Known::Known(None) => return Node::Null,
        Known::Known(Some(arn)) => arn.as_str().into(),
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
    };
    let by = match &role.administrator.is {
        Known::Known(_) => role.administrator.by.iter().cloned().collect::<Vec<_>>().join(", ").into(),
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
    };
    Node::map([
        ("account", account),
        ("default", false.into()),
        ("privileged", role.administrator.is.clone().into()),
        ("privileged_by", by),
        ("shared_with", super::resources::names(role.shared_with(), role.shared_gap.as_ref())),
    ])
}

/// What is done with code that nobody trusted signed.
pub(super) fn unsigned_code(workload: &Workload) -> Node {
    match &workload.code_signing {
        None => Node::Null,
        Some(Known::Unknown(gap)) => Node::Unknown(gap.clone()),
        Some(Known::Known(None)) => "deployed".into(),
        Some(Known::Known(Some(UntrustedCode::Warned))) => "warned-about".into(),
        Some(Known::Known(Some(UntrustedCode::Refused))) => "refused".into(),
    }
}

/// The layers that a function is made of.
pub(super) fn layers(workload: &Workload) -> Node {
    let one = |layer: &LayerUse| {
        let whose = Whose { account: layer.account.as_deref(), ..Whose::default() };
        Node::map([
            ("id", layer.arn.as_str().into()),
            ("account", Node::optional_text(layer.account.as_deref())),
            ("foreign", workload.intent.is_foreign(&workload.scope.account, whose).into()),
        ])
    };
    match workload.aws.as_ref().map(|own| &own.layers) {
        None => Node::list(std::iter::empty()),
        Some(Known::Known(layers)) => Node::list(layers.iter().map(one)),
        Some(Known::Unknown(gap)) => Node::Unknown(gap.clone()),
    }
}

/// A layer.
pub(super) fn layer(layer: &LayerShare) -> Node {
    let versions = layer
        .versions
        .iter()
        .map(|(arn, public)| Node::map([("id", arn.as_str().into()), ("public", public.clone().into())]));
    let versions = Node::List(List { items: versions.collect(), incomplete: layer.incomplete.clone() });
    Node::map(own(&layer.id, &layer.name, &layer.scope).into_iter().chain([("versions", versions)]))
}

/// A door before functions.
pub(super) fn door(door: &Door) -> Node {
    let routes = door.routes.iter().map(route).collect();
    let beside = |domain: &String| (!domain.is_empty()).then(|| domain.clone());
    Node::map(own(&door.id, &door.name, &door.scope).into_iter().chain([
        ("kind", door.kind.as_str().into()),
        ("external", door.reachable.clone().into()),
        ("addresses", Node::texts(door.addresses.iter().map(String::as_str))),
        ("security_policy", Node::Null),
        ("identity_aware_proxy", false.into()),
        ("mask", Node::Null),
        ("workloads", Node::list([])),
        ("private", door.private.clone().into()),
        ("any_endpoint", door.any_endpoint.clone().into()),
        ("bypassed_domain", door.default_beside.as_ref().map(|it| Node::optional_text(beside(it))).into()),
        ("open_cors", door.open_cors.clone().into()),
        ("routes", Node::List(List { items: routes, incomplete: door.routes_gap.clone() })),
    ]))
}

fn route(route: &DoorRoute) -> Node {
    let (target, unread) = match &route.target {
        Target::Function(Known::Known(arn)) => (called(arn).into(), None),
        Target::Function(Known::Unknown(gap)) => (Node::Unknown(gap.clone()), Some(gap)),
        Target::Host(host) => (host.as_str().into(), None),
    };
    let authentication = match &route.authorization {
        Authorization::None => "none".into(),
        Authorization::Iam => "iam".into(),
        Authorization::Authoriser(_) => "authoriser".into(),
        Authorization::Other(other) => {
            Node::Unknown(Gap::new(format!("what the authorisation {other} asks"), GapReason::Unsupported))
        }
    };
    // What it leads to may be no function at all where a variable hides it.
    let open = match unread {
        Some(gap) => Known::Unknown(gap.clone()).and(route.admits_everyone.clone()),
        None => route.admits_everyone.clone(),
    };
    Node::map([
        ("id", route.key.as_str().into()),
        ("leads_to", target),
        ("authentication", authentication),
        ("api_key", route.api_key.into()),
        ("open", open.into()),
    ])
}

/// What people call a function: its name, with a qualifier where it has one.
fn called(arn: &str) -> &str {
    arn.split_once(":function:").map_or(arn, |(_, name)| name)
}
