//! The facts that only AWS has.

use super::{List, Node};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::{
        Workload,
        invoke::{Dead, Invoker},
    },
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
            false,
            true,
            bound,
            Known::Known(true),
        )
    });
    let listed = invoke.invokers.iter().map(|it| invoker(workload, it));
    let incomplete = invoke.services_gap.clone().or_else(|| Some(workload.identity_policies()));
    let self_granting = Gap::new("those who can change the policy of the function", GapReason::Unsupported);
    [
        ("check_disabled", false.into()),
        ("invokers", Node::List(List { items: listed.chain(services).collect(), incomplete })),
        (
            "dead_grants",
            Node::List(List { items: invoke.dead.iter().map(dead).collect(), incomplete: invoke.dead_gap.clone() }),
        ),
        ("self_granting", Node::List(List { items: Vec::new(), incomplete: Some(self_granting) })),
        ("trigger_delivers", Node::Null),
        ("trigger_account", Node::Null),
        ("denied_by", "".into()),
    ]
}

fn invoker(workload: &Workload, it: &Invoker) -> Node {
    let trusted = |account: &String| workload.intent.trusted.as_ref().is_some_and(|list| list.contains(account));
    let foreign = it.account.as_ref().is_some_and(|account| *account != workload.scope.account && !trusted(account));
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
    foreign: bool,
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
