//! The facts about what workloads share: NAT gateways, addresses, keys.

use super::{List, Node};
use crate::{
    evidence::{Gap, Known},
    graph::{AddressUse, KeyUse, NatUse},
    model::Rotation,
    snapshot::ScopeId,
};

/// What every subject says of itself first.
pub(super) fn identity(id: &str, name: &str, scope: &ScopeId) -> [(&'static str, Node); 5] {
    [
        ("id", id.into()),
        ("name", name.into()),
        ("cloud", scope.cloud.to_string().into()),
        ("account", scope.account.as_str().into()),
        ("region", scope.region.as_str().into()),
    ]
}

pub(super) fn names<'n>(names: impl IntoIterator<Item = &'n str>, incomplete: Option<&Gap>) -> Node {
    let items = names.into_iter().map(Into::into).collect();
    Node::List(List { items, incomplete: incomplete.cloned() })
}

pub(super) fn nat(nat: &NatUse) -> Node {
    Node::map(identity(&nat.id, &nat.name, &nat.scope).into_iter().chain([
        ("state", nat.state.as_str().into()),
        ("automatic", nat.automatic.clone().into()),
        ("workloads", names(nat.workloads.iter().map(String::as_str), nat.incomplete.as_ref())),
        ("logging", nat.logging.clone().into()),
        ("draining", Node::texts(nat.draining.iter().map(String::as_str))),
        ("missing_addresses", nat.missing_addresses.clone().into()),
        ("ports_needed", nat.ports.as_ref().map_or(Node::Null, |ports| ports.needed.clone().into())),
        ("ports_available", nat.ports.as_ref().and_then(|ports| ports.available).into()),
        ("skipped_by", names(nat.skipped_by.iter().map(String::as_str), nat.incomplete.as_ref())),
    ]))
}

pub(super) fn address(address: &AddressUse) -> Node {
    Node::map(
        identity(&address.id, &address.name, &address.scope)
            .into_iter()
            .chain([("ip", address.ip.clone().into()), ("used", address.used.clone().into())]),
    )
}

pub(super) fn key(key: &KeyUse) -> Node {
    let manager = |customer: bool| if customer { "customer" } else { "provider" };
    let rotation = |of: fn(Rotation) -> Node| -> Node {
        match key.rotation.clone() {
            Known::Known(rotation) => of(rotation),
            Known::Unknown(gap) => Node::Unknown(gap),
        }
    };
    Node::map(identity(&key.id, &key.name, &key.scope).into_iter().chain([
        ("manager", key.customer_managed.clone().map(manager).into()),
        ("state", key.state.clone().into()),
        ("usable", key.usable.clone().into()),
        ("rotatable", rotation(|rotation| (rotation != Rotation::NotApplicable).into())),
        ("rotated", rotation(|rotation| matches!(rotation, Rotation::On(_)).into())),
        (
            "rotation_days",
            rotation(|rotation| match rotation {
                Rotation::On(Some(days)) => i64::from(days).into(),
                // The provider rotates yearly where it names no period.
                Rotation::On(None) => 365.into(),
                Rotation::Off | Rotation::NotApplicable => Node::Null,
            }),
        ),
        ("destroyed_on", key.destroyed_on.clone().map(Node::optional_text).into()),
        ("public", key.public.clone().into()),
        ("workloads", names(key.workloads.iter().map(String::as_str), key.incomplete.as_ref())),
    ]))
}
