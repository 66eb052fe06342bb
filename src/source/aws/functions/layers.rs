//! The account's own layers and who may use them, and what functions read from by themselves.
//!
//! The policy of a layer of another account cannot be asked for.

use std::sync::Arc;

use aws_sdk_lambda::types::{EventSourceMappingConfiguration, LayerVersionsListItem, LayersListItem};
use serde_json::{Value, json};

use super::{Lambda, is_absent};
use crate::{
    evidence::GapReason,
    snapshot::kinds::doors::{EVENT_SOURCE_MAPPING, LAYER, LAYER_POLICY, LAYER_VERSIONS},
    source::aws::{
        body::Body,
        calls::{IN_FLIGHT, each},
        failure::Failure,
        pages::Page,
        reader::{named, said},
    },
};

/// A layer, and what calls name it by.
struct Layer {
    arn: String,
    name: String,
}

impl Layer {
    fn of(layer: LayersListItem) -> Option<Self> {
        let arn = layer.layer_arn.and_then(said)?;
        let name = layer.layer_name.and_then(said).unwrap_or_else(|| arn.clone());
        Some(Self { arn, name })
    }
}

impl Lambda {
    /// Reads every layer, with its versions and their policies.
    pub(in super::super) async fn layers(self: Arc<Self>) {
        let listing = self
            .reader
            .list_of_ours(
                LAYER,
                |token| self.client.list_layers().max_items(50).set_marker(token).send(),
                |output| Page { items: output.layers, next: output.next_marker },
                |layer: &LayersListItem| self.reader.here(layer.layer_arn()),
            )
            .await;
        let layers: Vec<Layer> = listing.items.into_iter().filter_map(Layer::of).collect();
        self.reader.calls.expect(layers.len());
        let read = |layer: Layer| {
            let lambda = Arc::clone(&self);
            async move { lambda.layer(&layer).await }
        };
        each(layers, IN_FLIGHT, read).await;
        self.reader.end(&[LAYER_VERSIONS, LAYER_POLICY], listing.failure.as_ref());
    }

    async fn layer(&self, layer: &Layer) {
        let arn = layer.arn.as_str();
        let versions = match self.versions(layer).await {
            Ok(versions) => versions,
            Err(failure) => {
                for kind in [LAYER_VERSIONS, LAYER_POLICY] {
                    self.reader.ledger.gap(kind, Some(arn), &failure);
                }
                return;
            }
        };
        self.reader.ledger.record(LAYER_VERSIONS, arn, json!({ "LayerVersions": versions.json() }));
        self.reader.calls.expect(versions.len());
        for version in versions {
            let policy = self.layer_policy(layer, version.version).await;
            self.reader.enter(LAYER_POLICY, &format!("{arn}:{}", version.version), policy);
        }
    }

    async fn versions(&self, layer: &Layer) -> Result<Vec<LayerVersionsListItem>, Failure> {
        let versions = self.reader.all(
            LAYER_VERSIONS,
            |token| self.client.list_layer_versions().layer_name(&layer.name).max_items(50).set_marker(token).send(),
            |output| Page { items: output.layer_versions, next: output.next_marker },
        );
        let mut versions = versions.await?;
        if versions.is_empty() {
            return Err(Failure::new(GapReason::GoneDuringScan, "the layer has no version any more"));
        }
        for version in &versions {
            let arn = named(version.layer_version_arn.clone())?;
            if arn != format!("{}:{}", layer.arn, version.version) {
                return Err(Failure::new(GapReason::WrongIdentity, "the answer speaks of another layer"));
            }
        }
        // When pages shift, a version may come twice.
        versions.sort_by_key(|version| version.version);
        versions.dedup_by_key(|version| version.version);
        Ok(versions)
    }

    /// The policy of a version; `null` where it has none.
    async fn layer_policy(&self, layer: &Layer, version: i64) -> Result<Value, Failure> {
        let call = self.client.get_layer_version_policy().layer_name(&layer.name).version_number(version).send();
        match self.reader.make(LAYER_POLICY, call).await {
            Ok(output) => match output.policy {
                Some(policy) => {
                    self.reader.is_policy_of_here(&policy)?;
                    Ok(json!({ "Policy": policy, "RevisionId": output.revision_id }))
                }
                None => Err(Failure::malformed("the answer lacks the policy")),
            },
            Err(failure) if is_absent(&failure) => Ok(Value::Null),
            Err(failure) => Err(failure),
        }
    }

    /// Reads all event source mappings of the account at once.
    pub(in super::super) async fn event_sources(&self) {
        // What a mapping reads from may be of another account, what it calls is not.
        let name = |mapping: &EventSourceMappingConfiguration| {
            mapping.function_arn().map_or(Ok(()), |arn| self.reader.is_here(arn))?;
            named(mapping.uuid.clone())
        };
        let listing = self.reader.list_of_ours(
            EVENT_SOURCE_MAPPING,
            |token| self.client.list_event_source_mappings().max_items(100).set_marker(token).send(),
            |output| Page { items: output.event_source_mappings, next: output.next_marker },
            name,
        );
        listing.await;
    }
}
