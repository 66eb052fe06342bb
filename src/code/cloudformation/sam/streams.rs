//! Events that Lambda fetches itself: queues and streams, by a mapping and what it needs of the role.

use super::{
    Sam, Tree,
    events::Event,
    policies::{Grants, managed_policy},
    publish::destination_policy,
};

/// Kinds of events, the property that names the source, and the managed policy that the role gets.
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
        if let Some(policy) = policy {
            grants.managed_of_events.push(managed_policy(policy, pen));
        }
        grants.of_events.extend(role_policy(event, kind));
        if let Some(registry) = event.get("SchemaRegistryConfig") {
            self.unfollowed(
                &event.source.id,
                &format!("Events {} SchemaRegistryConfig", event.entry.name),
                &registry.place,
            );
        }
        let group = event.get("ConsumerGroupId").map(|id| pen.map([("ConsumerGroupId", id.clone())]));
        match (kind, group) {
            ("MSK", Some(group)) => mapping.set("AmazonManagedKafkaEventSourceConfig", group),
            ("SelfManagedKafka", Some(group)) => mapping.set("SelfManagedKafkaEventSourceConfig", group),
            _ => {}
        }
        if kind == "DocumentDB" {
            let names = ["DatabaseName", "CollectionName", "FullDocument"];
            let config = names.iter().filter_map(|name| Some((*name, event.get(name)?.clone())));
            mapping.set("DocumentDBEventSourceConfig", pen.map(config));
        }
        self.add(&event.id, "AWS::Lambda::EventSourceMapping", mapping, event.source);
    }
}

/// What Lambda needs of the role to be in the network of a source.
const NETWORK: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

/// The statements that SAM writes into the role for a source: to read its secret, to find it, and to reach it.
fn role_policy(event: &Event<'_>, kind: &str) -> Option<Tree> {
    let pen = event.pen();
    let allow = |actions: &[&str], resource: Tree| {
        let actions = pen.list(actions.iter().map(|action| pen.text(*action)));
        pen.map([("Action", actions), ("Effect", pen.text("Allow")), ("Resource", resource)])
    };
    let of_account = |what: &str| pen.sub(format!("arn:${{AWS::Partition}}:{what}"));
    let access = event.get("SourceAccessConfigurations").map(Tree::items).unwrap_or_default();
    let is = |config: &Tree, wanted: &[&str]| {
        config.get("Type").and_then(Tree::as_text).is_some_and(|kind| wanted.contains(&&**kind))
    };
    let secrets = |wanted: &[&str]| {
        let found = access.iter().filter(|config| is(config, wanted)).filter_map(|config| config.get("URI"));
        found.map(|uri| allow(&["secretsmanager:GetSecretValue"], uri.clone())).collect::<Vec<Tree>>()
    };
    let (name, mut statements) = match kind {
        "MSK" => ("MSKExecutionRolePolicy", secrets(&["CLIENT_CERTIFICATE_TLS_AUTH"])),
        "MQ" => {
            let mut all = secrets(&["BASIC_AUTH"]);
            all.extend(event.get("Broker").map(|broker| allow(&["mq:DescribeBroker"], broker.clone())));
            let own = event.get("DynamicPolicyName").and_then(Tree::truth) == Some(true);
            if own { ("", all) } else { ("SamAutoGeneratedAMQPolicy", all) }
        }
        "DocumentDB" => {
            let mut all = secrets(&["BASIC_AUTH"]);
            let parameters = of_account("rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*");
            let groups = of_account("rds:${AWS::Region}:${AWS::AccountId}:subgrp:*");
            all.push(allow(&["rds:DescribeDBClusterParameters"], parameters));
            all.push(allow(&["rds:DescribeDBSubnetGroups"], groups));
            all.extend(event.get("Cluster").map(|cluster| allow(&["rds:DescribeDBClusters"], cluster.clone())));
            all.push(allow(&NETWORK, pen.text("*")));
            ("SamAutoGeneratedDocumentDBPolicy", all)
        }
        "SelfManagedKafka" => {
            let network = ["VPC_SUBNET", "VPC_SECURITY_GROUP"];
            let mechanisms =
                ["SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH", "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"];
            let mut all = secrets(&mechanisms);
            // For the certificate, SAM writes the statement of the other secret once more.
            if access.iter().any(|config| is(config, &["SERVER_ROOT_CA_CERTIFICATE"])) {
                all.extend(all.first().cloned());
            }
            if access.iter().any(|config| is(config, &network)) {
                all.push(allow(&NETWORK, pen.text("*")));
            }
            ("SelfManagedKafkaExecutionRolePolicy", all)
        }
        _ => return None,
    };
    if let Some(key) = event.get("SecretsManagerKmsKeyId").and_then(Tree::as_text).filter(|_| kind != "MSK") {
        let key = of_account(&format!("kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{key}"));
        statements.push(allow(&["kms:Decrypt"], key));
    }
    if statements.is_empty() {
        return None;
    }
    let name = if name.is_empty() { format!("{}AMQPolicy", event.id) } else { name.to_owned() };
    let mut document = pen.map([("Statement", pen.list(statements))]);
    if kind == "SelfManagedKafka" {
        document.set("Version", pen.text("2012-10-17"));
    }
    Some(pen.map([("PolicyName", pen.text(name)), ("PolicyDocument", document)]))
}
