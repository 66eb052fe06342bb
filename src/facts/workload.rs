//! The facts about a workload.

use super::{List, Node, aws, egress::egress, google, resources::identity};
use crate::{
    evidence::Known,
    evidence::{Gap, GapReason},
    graph::{Network, Runtime, Workload, invoke::Answer},
    model::{FunctionUrl, UrlAuthentication},
};

pub(super) fn workload(workload: &Workload) -> Node {
    Node::map(identity(&workload.id, &workload.name, &workload.scope).into_iter().chain([
        ("kind", workload.kind.into()),
        ("version", workload.version.as_str().into()),
        (
            "runtime",
            match &workload.runtime {
                Known::Known(known) => known.as_ref().map_or(Node::Null, runtime),
                Known::Unknown(gap) => Node::Unknown(gap.clone()),
            },
        ),
        ("network", network(&workload.network)),
        ("egress", egress(workload)),
        ("invoke", invoke(workload)),
        ("keys", keys(workload)),
        ("environment", environment(workload)),
        ("inactive", Node::optional_text(workload.google.as_ref().and_then(|side| side.inactive.as_deref()))),
        ("ingress", workload.google.as_ref().map_or(Node::Null, |side| google::ingress(side))),
        ("tagged_revisions", google::tagged(workload.google.as_deref())),
        ("identity", identity_of(workload)),
        ("layers", aws::layers(workload)),
        ("unsigned_code", aws::unsigned_code(workload)),
        ("repository_under_key", workload.google.as_ref().and_then(|side| side.repository_under_key.clone()).into()),
        (
            "intent",
            Node::map([
                ("egress", workload.intent.egress.clone().map(Node::optional_text).into()),
                ("static_egress", workload.intent.static_egress.clone().into()),
                ("public", workload.intent.public.clone().into()),
                ("customer_key", workload.intent.customer_key.clone().into()),
                ("trusted_declared", workload.intent.trusted.as_ref().map(Option::is_some).into()),
            ]),
        ),
    ]))
}

fn identity_of(workload: &Workload) -> Node {
    let by_role = || workload.aws.as_ref().map_or(Node::Null, |own| aws::identity(own));
    workload.google.as_ref().map_or_else(by_role, |side| google::identity(&side.identity))
}

fn runtime(runtime: &Runtime) -> Node {
    let unlisted = || Node::Unknown(Gap::new(format!("the runtime {}", runtime.id), GapReason::Unsupported));
    let on = runtime.listed.map(|listed| listed.deprecated_on);
    Node::map([
        ("id", runtime.id.as_str().into()),
        ("listed", on.is_some().into()),
        ("deprecated", on.map_or_else(unlisted, |on| on.is_some_and(|on| on <= runtime.today).into())),
        ("deprecated_on", on.map_or_else(unlisted, |on| Node::optional_text(on.map(|on| on.to_string())))),
    ])
}

fn network(network: &Network) -> Node {
    let place = |place: &crate::graph::Place| {
        Node::map([
            ("id", place.id.as_str().into()),
            ("zone", place.zone.clone().into()),
            ("public", place.public.clone().into()),
        ])
    };
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let attached = network.attached == Known::Known(true);
    let subnets = match (&network.zone_count, network.places.is_empty() && attached) {
        // The network of a capacity provider: nothing of it was read.
        (Known::Unknown(gap), true) => Node::List(List { items: Vec::new(), incomplete: Some(gap.clone()) }),
        _ => Node::list(network.places.iter().map(place)),
    };
    Node::map([
        ("attached", network.attached.clone().into()),
        ("plane", network.plane.clone().into()),
        ("sends_all", network.sends_all.clone().into()),
        ("vpc", network.vpc.clone().into()),
        ("subnets", subnets),
        ("zone_count", network.zone_count.clone().map(count).into()),
        ("default_security_group", network.default_security_group.clone().into()),
        ("dual_stack", network.dual_stack.into()),
    ])
}

fn invoke(workload: &Workload) -> Node {
    let invoke = &workload.invoke;
    let words = |answer: &Answer| match &answer.is {
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
        Known::Known(_) => answer.because.join("; ").into(),
    };
    let grants = invoke.services.iter().map(|grant| {
        Node::map([
            ("id", format!("{} {} {}", grant.arn, grant.sid, grant.service).into()),
            ("service", grant.service.as_str().into()),
            ("source_bound", Known::from(grant.bound.clone()).into()),
            ("statement", grant.sid.as_str().into()),
        ])
    });
    Node::map(
        [
            (
                "url",
                match &invoke.url {
                    Known::Known(found) => found.as_ref().map_or(Node::Null, url),
                    Known::Unknown(gap) => Node::Unknown(gap.clone()),
                },
            ),
            ("anonymous", invoke.anonymous.is.clone().into()),
            ("anonymous_by", words(&invoke.anonymous)),
            ("latent_anonymous", invoke.latent.is.clone().into()),
            ("latent_because", words(&invoke.latent)),
            ("any_principal", invoke.any_principal.is.clone().into()),
            ("any_principal_by", words(&invoke.any_principal)),
            ("wider_alias", invoke.wider.is.clone().into()),
            ("wider_alias_by", words(&invoke.wider)),
            ("managed_by_any_principal", invoke.management.is.clone().into()),
            ("management_grants", words(&invoke.management)),
            ("services", Node::List(List { items: grants.collect(), incomplete: invoke.services_gap.clone() })),
        ]
        .into_iter()
        .chain(google::invokers(workload)),
    )
}

fn url(url: &FunctionUrl) -> Node {
    Node::map([
        (
            "authentication",
            match &url.authentication {
                UrlAuthentication::None => "none".into(),
                UrlAuthentication::Iam => "iam".into(),
                UrlAuthentication::Other(other) => {
                    Node::Unknown(Gap::new(format!("what the authentication {other} asks"), GapReason::Unsupported))
                }
            },
        ),
        ("open_cors", url.open_cors.clone().into()),
    ])
}

fn keys(workload: &Workload) -> Node {
    let keys = workload.keys.iter().map(|key| {
        Node::map([
            ("id", key.name.as_str().into()),
            ("name", key.name.rsplit(['/', ':']).next().unwrap_or(&key.name).into()),
            ("purpose", key.purpose.into()),
            ("usable", key.usable.clone().into()),
            ("state", key.state.clone().into()),
            ("until", key.until.clone().into()),
            ("effect", key.effect.as_str().into()),
            ("in_region", key.in_region.clone().into()),
            ("missing_grants", google::texts(&key.missing_grants)),
        ])
    });
    Node::List(List { items: keys.collect(), incomplete: workload.keys_gap.clone() })
}

fn environment(workload: &Workload) -> Node {
    let credentials = match &workload.credentials {
        Known::Unknown(gap) => Node::List(List { items: Vec::new(), incomplete: Some(gap.clone()) }),
        Known::Known(found) => Node::list(found.iter().map(|credential| {
            Node::map([("id", credential.name.as_str().into()), ("looks_like", credential.looks_like.as_str().into())])
        })),
    };
    Node::map([("credentials", credentials)])
}
