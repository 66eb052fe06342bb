//! The facts that only Google Cloud has.

use super::{
    List, Node,
    resources::{identity as own, names},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::{
        Whose, Workload,
        google::{
            AccountUse, ConnectorUse, DeadGrant, DoorUse, Grant, Identity, Impersonator, Invoker, PoolUse, ProjectUse,
            Side, Tagged,
        },
    },
    knowledge::is_platform_account,
    model::google::Ingress as Setting,
    snapshot::{
        ScopeId,
        unknown::{holds_placeholder, same},
    },
};

/// A list of texts, or the gap where it should be.
pub(super) fn texts(list: &Known<Vec<String>>) -> Node {
    match list {
        Known::Known(list) => Node::texts(list.iter().map(String::as_str)),
        Known::Unknown(gap) => Node::List(List { items: Vec::new(), incomplete: Some(gap.clone()) }),
    }
}

/// How a request can come in to a workload.
pub(super) fn ingress(side: &Side) -> Node {
    let ingress = &side.ingress;
    let setting = ingress.setting.clone().map(|setting| match setting {
        Setting::All => "all",
        Setting::Internal => "internal",
        Setting::InternalAndLoadBalancer => "internal-and-load-balancer",
        Setting::None => "none",
    });
    let words = |known: &Known<bool>, words: &str| match known {
        Known::Known(_) => words.into(),
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
    };
    // Past a guarded load balancer: the default address works, and everyone may call.
    let direct = ingress.setting.clone().map(|setting| setting == Setting::All && ingress.default_url);
    let bypass = ingress.guarded_front.clone().and(direct).and(side.invokers.anonymous.is.clone());
    Node::map([
        ("setting", setting.into()),
        ("by_events", ingress.by_events.into()),
        ("default_url", ingress.default_url.into()),
        ("reachable", ingress.reachable.clone().into()),
        ("reachable_by", words(&ingress.reachable, &ingress.reachable_by)),
        ("plain_http", ingress.plain_http.clone().into()),
        ("identity_aware_proxy", ingress.identity_aware_proxy.into()),
        ("guarded_front", ingress.guarded_front.clone().into()),
        ("guarded_by", words(&ingress.guarded_front, &ingress.guarded_by)),
        ("bypasses_front", bypass.into()),
    ])
}

/// The revisions that a tag keeps callable.
pub(super) fn tagged(side: Option<&Side>) -> Node {
    let words = |tagged: &Vec<Tagged>| tagged.iter().map(|it| format!("{} by tag {}", it.revision, it.tag)).collect();
    side.map_or_else(|| Node::list([]), |side| texts(&side.ingress.tagged.as_ref().map(words)))
}

/// What a workload runs as.
pub(super) fn identity(identity: &Identity) -> Node {
    let by = match &identity.privileged {
        Known::Known(_) => identity.privileged_by.as_str().into(),
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
    };
    Node::map([
        ("account", identity.account.clone().into()),
        ("default", identity.is_default.clone().into()),
        ("privileged", identity.privileged.clone().into()),
        ("privileged_by", by),
        ("shared_with", Node::list([])),
    ])
}

/// Who may invoke a workload, name by name.
pub(super) fn invokers(workload: &Workload) -> [(&'static str, Node); 7] {
    let Some(side) = &workload.google else { return super::aws::invokers(workload) };
    let found = &side.invokers;
    let list = |items: Vec<Node>, gap: &Option<Gap>| Node::List(List { items, incomplete: gap.clone() });
    [
        ("check_disabled", found.check_disabled.into()),
        ("invokers", list(found.list.iter().map(|it| invoker(workload, it)).collect(), &found.gap)),
        ("dead_grants", list(found.dead.iter().map(dead).collect(), &found.dead_gap)),
        ("self_granting", list(found.self_granting.iter().map(granting).collect(), &found.self_granting_gap)),
        ("trigger_delivers", found.trigger.as_ref().map(|trigger| trigger.delivers.clone()).into()),
        ("trigger_account", found.trigger.as_ref().map(|trigger| trigger.account.clone()).into()),
        ("denied_by", found.denied_by.join(", ").into()),
    ]
}

fn grant_id(grant: &Grant) -> String {
    format!("{} {} {}", grant.principal.text, grant.role, grant.on)
}

fn invoker(workload: &Workload, invoker: &Invoker) -> Node {
    let grant = &invoker.grant;
    let principal = &grant.principal;
    let whose = Whose {
        account: invoker.project.as_deref(),
        organization: principal.organization(),
        domain: principal.domain(),
    };
    let foreign = workload.intent.is_foreign(&workload.scope.account, whose);
    let platform = grant.principal.text.strip_prefix("serviceAccount:").is_some_and(is_platform_account);
    // Whose it is cannot be told by a name that is known in part.
    let hidden = || Gap::new(format!("whose {} is", grant.principal.text), GapReason::UnknownValue);
    let nameless = invoker.project.is_none() && holds_placeholder(&grant.principal.text);
    let own = invoker.project.as_deref().map(|project| same(project, &workload.scope.account));
    let project = match own {
        None if nameless => Node::Unknown(hidden()),
        Some(Known::Unknown(gap)) => Node::Unknown(gap),
        Some(Known::Known(_)) | None => Node::optional_text(invoker.project.as_deref()),
    };
    let foreign = if nameless { Known::Unknown(hidden()) } else { foreign };
    let platform = if nameless { Node::Unknown(hidden()) } else { platform.into() };
    Node::map([
        ("id", grant_id(grant).into()),
        ("principal", grant.principal.text.as_str().into()),
        ("kind", grant.principal.kind.as_str().into()),
        ("role", grant.role.as_str().into()),
        ("level", grant.level.as_str().into()),
        ("on", grant.on.as_str().into()),
        ("project", project),
        ("foreign", foreign.into()),
        ("platform", platform),
        ("conditional", grant.condition.is_some().into()),
        ("holds", grant.holds.clone().into()),
    ])
}

fn dead(grant: &DeadGrant) -> Node {
    Node::map([
        ("id", format!("{} {}", grant.principal, grant.role).into()),
        ("principal", grant.principal.as_str().into()),
        ("role", grant.role.as_str().into()),
        ("because", grant.because.as_str().into()),
    ])
}

fn granting(grant: &Grant) -> Node {
    Node::map([
        ("id", grant_id(grant).into()),
        ("principal", grant.principal.text.as_str().into()),
        ("role", grant.role.as_str().into()),
        ("on", grant.on.as_str().into()),
        ("holds", grant.holds.clone().into()),
    ])
}

/// A connector.
pub(super) fn connector(connector: &ConnectorUse) -> Node {
    Node::map(own(&connector.id, &connector.name, &connector.scope).into_iter().chain([
        ("state", connector.state.as_str().into()),
        ("ready", connector.ready.into()),
        ("shared", connector.shared.clone().into()),
        ("cut_off", connector.cut_off.clone().map(|why| why.is_some()).into()),
        ("cut_off_because", connector.cut_off.clone().map(Option::unwrap_or_default).into()),
        ("missing_grants", texts(&connector.missing_grants)),
        ("workloads", names(connector.workloads.iter().map(String::as_str), connector.incomplete.as_ref())),
        ("elsewhere", names(connector.elsewhere.iter().map(String::as_str), connector.incomplete.as_ref())),
    ]))
}

/// A load balancer's backend service.
pub(super) fn door(door: &DoorUse) -> Node {
    Node::map(own(&door.id, &door.name, &door.scope).into_iter().chain([
        ("external", door.external.clone().into()),
        ("addresses", Node::texts(door.addresses.iter().map(String::as_str))),
        ("security_policy", Node::optional_text(door.security_policy.as_deref())),
        ("identity_aware_proxy", door.identity_aware_proxy.into()),
        ("mask", Node::optional_text(door.mask.as_deref())),
        ("workloads", Node::texts(door.workloads.iter().map(String::as_str))),
        ("kind", "backend-service".into()),
        ("private", door.external.clone().negate().into()),
        ("any_endpoint", false.into()),
        ("bypassed_domain", Node::Null),
        ("open_cors", false.into()),
        ("routes", Node::list([])),
    ]))
}

/// A service account that may invoke.
pub(super) fn account(account: &AccountUse) -> Node {
    let keys = match &account.keys {
        Known::Unknown(gap) => Node::List(List { items: Vec::new(), incomplete: Some(gap.clone()) }),
        Known::Known(keys) => Node::list(keys.iter().map(|key| {
            Node::map([
                ("id", key.id.as_str().into()),
                ("created", Node::optional_text(key.created.as_deref())),
                ("enabled", (!key.disabled).into()),
            ])
        })),
    };
    let impersonators = account.impersonators.iter().map(impersonator).collect();
    Node::map(own(&account.id, &account.id, &account.scope).into_iter().chain([
        ("disabled", account.disabled.clone().into()),
        ("keys", keys),
        ("impersonators", Node::List(List { items: impersonators, incomplete: account.impersonators_gap.clone() })),
        ("workloads", Node::texts(account.workloads.iter().map(String::as_str))),
    ]))
}

fn impersonator(impersonator: &Impersonator) -> Node {
    Node::map([
        ("id", format!("{} {} {}", impersonator.principal.text, impersonator.role, impersonator.on).into()),
        ("principal", impersonator.principal.text.as_str().into()),
        ("kind", impersonator.principal.kind.as_str().into()),
        ("role", impersonator.role.as_str().into()),
        ("level", impersonator.level.as_str().into()),
        ("on", impersonator.on.as_str().into()),
        ("through", impersonator.through.join(" → ").into()),
        ("holds", impersonator.holds.clone().into()),
    ])
}

/// A workload identity pool.
pub(super) fn pool(pool: &PoolUse) -> Node {
    let name = pool.id.rsplit('/').next().unwrap_or(&pool.id);
    Node::map(own(&pool.id, name, &pool.scope).into_iter().chain([
        ("open_providers", texts(&pool.open_providers)),
        ("workloads", Node::texts(pool.workloads.iter().map(String::as_str))),
    ]))
}

/// A project.
pub(super) fn project(project: &ProjectUse) -> Node {
    let scope = ScopeId::gcp(&project.id, ScopeId::GLOBAL);
    let id = format!("//cloudresourcemanager.googleapis.com/projects/{}", project.id);
    Node::map(own(&id, &project.id, &scope).into_iter().chain([("over_granted_agent", texts(&project.over_granted))]))
}
