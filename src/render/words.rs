//! What a workload's egress and its callers are called in one line.

use std::collections::BTreeSet;

use crate::{
    evidence::Known,
    graph::{
        Workload,
        egress::{Family, Path, Verdict},
        google::Side,
    },
    knowledge::is_platform_account,
    report::SubjectRef,
    snapshot::Cloud,
};

/// From where a workload reaches the internet.
pub(super) fn egress(workload: &Workload) -> String {
    let addresses = workload.egress.addresses(Family::V4);
    let shown = match addresses.len() {
        0..=4 => addresses.into_iter().collect::<Vec<_>>().join(", "),
        more => format!("{more} addresses"),
    };
    let from = if shown.is_empty() { "addresses that were not read".to_owned() } else { shown.clone() };
    let text = match workload.egress.verdict {
        Verdict::Static => format!("leaves from {from} (static)"),
        Verdict::StaticMutable => format!("leaves from {from} (more may come)"),
        Verdict::Unstable => format!("leaves from {from} (taken automatically)"),
        Verdict::Ephemeral if shown.is_empty() => "leaves from the platform's shared pool".into(),
        Verdict::Ephemeral => format!("leaves from {from} (lent, may change)"),
        Verdict::None => return "does not reach the internet".into(),
        Verdict::Restricted => format!("leaves from {from} (static), to some destinations only"),
        Verdict::Mixed if shown.is_empty() => "leaves differently by path".into(),
        Verdict::Mixed => format!("leaves from {from}, and not on every path"),
        Verdict::Centralised if shown.is_empty() => "leaves through another network".into(),
        Verdict::Centralised => format!("leaves from {from} (static), through another network"),
        Verdict::Unknown => return "egress not evaluated".into(),
    };
    match (workload.egress.paths.iter().any(Path::is_degraded), workload.egress.gaps().is_empty()) {
        (true, _) => format!("{text}, and loses connections"),
        (false, true) => text,
        (false, false) => format!("{text}, as far as was read"),
    }
}

/// The part of a name that people say: its last one.
pub(super) fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// What people call a hop.
pub(super) fn hop(kind: &str) -> &str {
    match kind {
        "nat-gateway" => "NAT gateway",
        "internet-gateway" | "egress-only-internet-gateway" => "gateway",
        "transit-gateway" => "transit",
        "peering-connection" => "peering",
        other => other,
    }
}

/// What people call a door, by its full name.
pub(super) fn door(id: &str) -> &'static str {
    match id.split(':').nth(2) {
        _ if id.starts_with("https:") => "function URL",
        Some("apigateway") => "API stage",
        Some("cloudfront") => "distribution",
        _ => "load balancer",
    }
}

/// What people call a kind of workload.
pub(super) fn kind(workload: &Workload) -> &'static str {
    match workload.kind {
        "cloud-function-gen1" => "function (gen1)",
        "cloud-function" => "function (gen2)",
        "run-service" => "Cloud Run service",
        "run-job" => "Cloud Run job",
        "run-worker-pool" => "Cloud Run worker pool",
        _ => "Lambda",
    }
}

/// What people call what a finding is about.
pub(super) fn subject(subject: &SubjectRef, workload: Option<&Workload>) -> String {
    match (subject.kind.as_str(), workload) {
        ("workload", Some(workload)) => kind(workload).to_owned(),
        ("nat", _) => "NAT gateway".into(),
        ("service_account", _) => "service account".into(),
        ("door", _) => door(&subject.id).into(),
        ("pool", _) => "workload identity pool".into(),
        (other, _) => other.to_owned(),
    }
}

/// Who may call a workload of Google Cloud, name by name.
fn invokers(side: &Side) -> String {
    let invokers = &side.invokers;
    if invokers.permission.is_none() && invokers.gap.is_none() {
        return "not callable from outside".into();
    }
    let own = invokers.list.iter().filter(|it| it.grant.holds == Known::Known(true));
    let own = own.filter(|it| !it.grant.principal.account().is_some_and(is_platform_account));
    let names: BTreeSet<&str> = own.map(|it| it.grant.principal.text.as_str()).collect();
    let callers = match names.len() {
        0 if invokers.gap.is_some() => return "callers not evaluated".into(),
        0 => "callable by nobody".to_owned(),
        1 => format!("callable by {}", names.into_iter().collect::<String>()),
        more => format!("callable by {more} principals"),
    };
    if invokers.gap.is_some() { format!("{callers}, as far as was read") } else { callers }
}

/// Who may call a workload, by its doors and its policies.
pub(super) fn callers(workload: &Workload) -> String {
    let invoke = &workload.invoke;
    if invoke.anonymous.is == Known::Known(true) {
        return "open to anyone on the internet".into();
    }
    if invoke.any_principal.is == Known::Known(true) {
        return match workload.scope.cloud {
            Cloud::Aws => "callable by any AWS account".into(),
            Cloud::Gcp => "callable by anyone with a Google account".into(),
        };
    }
    let unknown =
        [&invoke.anonymous.is, &invoke.any_principal.is].into_iter().any(|it| matches!(it, Known::Unknown(_)));
    if unknown {
        return "callers not evaluated".into();
    }
    if let Some(side) = &workload.google {
        return invokers(side);
    }
    let named = invoke.invokers.iter().map(|invoker| match invoker.kind {
        "addresses" => "everyone at some addresses",
        _ => invoker.principal.as_str(),
    });
    let callers: BTreeSet<_> = invoke.services.iter().map(|grant| grant.service.as_str()).chain(named).collect();
    match callers.len() {
        0 => "not public".into(),
        1..=3 => format!("callable by {}", callers.into_iter().collect::<Vec<_>>().join(", ")),
        more => format!("callable by {more} principals"),
    }
}
