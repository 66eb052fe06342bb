//! Distributions of `CloudFront`, event source mappings and layers.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{super::index::Index, required};
use crate::{
    model::{Distribution, EventSource, Layer, Origin},
    snapshot::{Record, kinds::doors},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DistributionWire {
    #[serde(rename = "ARN")]
    arn: String,
    domain_name: String,
    enabled: bool,
    origins: ItemsWire<OriginWire>,
    origin_groups: Option<ItemsWire<OriginGroupWire>>,
    default_cache_behavior: BehaviorWire,
    cache_behaviors: Option<ItemsWire<BehaviorWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ItemsWire<T> {
    items: Option<Vec<T>>,
}

impl<T> ItemsWire<T> {
    fn list(self) -> Vec<T> {
        self.items.unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OriginWire {
    id: String,
    domain_name: String,
    origin_access_control_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OriginGroupWire {
    id: String,
    members: ItemsWire<MemberWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MemberWire {
    origin_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BehaviorWire {
    target_origin_id: String,
    trusted_signers: Option<TrustedWire>,
    trusted_key_groups: Option<TrustedWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrustedWire {
    enabled: Option<bool>,
}

/// A distribution. An origin that no behaviour leads to is left out.
pub(super) fn distribution(_: &Record, wire: DistributionWire) -> Result<Distribution, String> {
    let behaviors: Vec<BehaviorWire> = std::iter::once(wire.default_cache_behavior)
        .chain(wire.cache_behaviors.map(ItemsWire::list).unwrap_or_default())
        .collect();
    let groups: Vec<(String, Vec<String>)> = wire
        .origin_groups
        .map(ItemsWire::list)
        .unwrap_or_default()
        .into_iter()
        .map(|group| (group.id, group.members.list().into_iter().map(|member| member.origin_id).collect()))
        .collect();
    let leads = |behavior: &&BehaviorWire, origin: &str| {
        let target = &behavior.target_origin_id;
        target == origin || groups.iter().any(|(id, members)| id == target && members.iter().any(|it| it == origin))
    };
    let origins = wire.origins.list().into_iter().filter_map(|origin| {
        let leading: Vec<&BehaviorWire> = behaviors.iter().filter(|behavior| leads(behavior, &origin.id)).collect();
        (!leading.is_empty()).then(|| Origin {
            viewers_signed: leading.iter().all(|behavior| behavior.asks_viewers()),
            signed: origin.origin_access_control_id.is_some_and(|id| !id.is_empty()),
            host: origin.domain_name,
        })
    });
    Ok(Distribution { origins: origins.collect(), arn: wire.arn, domain: wire.domain_name, enabled: wire.enabled })
}

impl BehaviorWire {
    fn asks_viewers(&self) -> bool {
        let on = |trusted: &Option<TrustedWire>| trusted.as_ref().is_some_and(|it| it.enabled == Some(true));
        on(&self.trusted_signers) || on(&self.trusted_key_groups)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventSourceWire {
    function_arn: String,
    event_source_arn: Option<String>,
    state: Option<String>,
}

/// An event source mapping.
pub(super) fn event_source(record: &Record, wire: EventSourceWire) -> Result<EventSource, String> {
    Ok(EventSource {
        function: wire.function_arn,
        source: wire.event_source_arn.unwrap_or_else(|| format!("a self-managed source ({})", record.id)),
        enabled: !wire.state.as_deref().is_some_and(|state| state.starts_with("Disabl")),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LayerWire {
    layer_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionsWire {
    layer_versions: Vec<VersionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionWire {
    layer_version_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyWire {
    policy: String,
}

/// A layer, with the policy of each version.
pub(super) fn layer(index: &Index<'_>, record: &Record, wire: LayerWire) -> Result<Layer, String> {
    let versions = index.document::<VersionsWire>(doors::LAYER_VERSIONS, &record.scope, &record.id);
    let versions = required(versions, doors::LAYER_VERSIONS, &record.id).map(|wire| {
        let policy = |arn: &str| {
            let document = index.document::<PolicyWire>(doors::LAYER_POLICY, &record.scope, arn);
            document.map(|wire| wire.map(|wire| wire.policy))
        };
        let versions = wire.layer_versions.into_iter().map(|version| {
            let policy = policy(&version.layer_version_arn);
            (version.layer_version_arn, policy)
        });
        versions.collect::<BTreeMap<_, _>>()
    });
    Ok(Layer { arn: record.id.clone(), name: wire.layer_name, versions })
}
