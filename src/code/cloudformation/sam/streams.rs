//! Events that Lambda fetches itself: queues and streams, by a mapping and what it needs of the role.

use super::{
    Sam, Tree,
    events::Event,
    policies::{Grants, managed_policy},
    publish::destination_policy,
};

/// Kinds of events, the property that names the source, and the managed policy that the role gets. Without one, SAM
/// writes statements of its own.
pub(super) const STREAMS: [(&str, &str, Option<&str>); 7] = [
    ("Kinesis", "Stream", Some("AWSLambdaKinesisExecutionRole")),
    ("DynamoDB", "Stream", Some("AWSLambdaDynamoDBExecutionRole")),
    ("SQS", "Queue", Some("AWSLambdaSQSQueueExecutionRole")),
    ("MSK", "Stream", Some("AWSLambdaMSKExecutionRole")),
    ("MQ", "Broker", None),
    ("DocumentDB", "Cluster", None),
    ("SelfManagedKafka", "", None),
];

/// Properties that mean the same to Lambda.
const SAME: [&str; 23] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
    "DestinationConfig",
    "AmazonManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
];

impl Sam<'_, '_> {
    pub(super) fn stream(&mut self, event: &Event<'_>, kind: &str, grants: &mut Grants) {
        let Some((_, named_by, policy)) = STREAMS.iter().find(|(name, ..)| *name == kind) else { return };
        let pen = event.pen();
        let mut mapping = pen.map([("FunctionName", event.target.name.clone())]);
        if let Some(source) = event.get(named_by) {
            mapping.set("EventSourceArn", source.clone());
        }
        for name in SAME {
            if let Some(value) = event.get(name) {
                mapping.set(name, value.clone());
            }
        }
        if let Some(servers) = event.get("KafkaBootstrapServers") {
            let endpoints = pen.map([("KafkaBootstrapServers", servers.clone())]);
            mapping.set("SelfManagedEventSource", pen.map([("Endpoints", endpoints)]));
        }
        let failed = event.properties.at(&["DestinationConfig", "OnFailure"]);
        if let Some((failed, kind)) = failed.and_then(|failed| Some((failed, failed.get("Type")?.as_text()?))) {
            if let Some(destination) = failed.get("Destination") {
                grants.of_events.extend(destination_policy(kind, &event.id, destination, pen));
            }
            mapping
                .change("DestinationConfig", |config| config.change("OnFailure", |failed| drop(failed.take("Type"))));
        }
        match policy {
            Some(policy) => grants.allow(managed_policy(policy, pen)),
            None if event.source.get("Role").is_none() => {
                // The role gets more than is written out here.
                self.unfollowed(&event.source.id, &format!("Events {} (its role)", event.entry.name), &event.entry.at);
            }
            None => {}
        }
        let more = ["SchemaRegistryConfig", "SecretsManagerKmsKeyId"];
        if more.iter().any(|name| event.get(name).is_some()) || kind == "MSK" && has_secret(event) {
            self.unfollowed(&event.source.id, &format!("Events {}", event.entry.name), &event.entry.at);
        }
        self.add(&event.id, "AWS::Lambda::EventSourceMapping", mapping, event.source);
    }
}

/// Whether a stream is read with a secret, which the role may then read.
fn has_secret(event: &Event<'_>) -> bool {
    event.get("SourceAccessConfigurations").map(Tree::items).is_some_and(|all| !all.is_empty())
}
