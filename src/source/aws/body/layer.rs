//! Layers, and what functions read from by themselves. Descriptions are left out.

use aws_sdk_lambda::types::{
    AmazonManagedKafkaEventSourceConfig, DestinationConfig, DocumentDbEventSourceConfig, EndPointType,
    EventSourceMappingConfiguration, EventSourcePosition, FilterCriteriaError, FullDocument, FunctionResponseType,
    LayerVersionsListItem, LayersListItem, OnFailure, OnSuccess, ProvisionedPollerConfig, ScalingConfig,
    SelfManagedEventSource, SelfManagedKafkaEventSourceConfig, SourceAccessConfiguration, SourceAccessType,
};
use serde_json::{Map, Value};

use super::{Body, bodies, words};

bodies! {
    LayersListItem {
        layer_name => "LayerName",
        layer_arn => "LayerArn",
        latest_matching_version => "LatestMatchingVersion",
    }
    LayerVersionsListItem {
        layer_version_arn => "LayerVersionArn",
        version => "Version",
        created_date => "CreatedDate",
        compatible_architectures => "CompatibleArchitectures",
        compatible_runtimes => "CompatibleRuntimes",
    }
    // The patterns of `FilterCriteria` are left out: AWS lets its users encrypt them.
    EventSourceMappingConfiguration {
        uuid => "UUID",
        event_source_mapping_arn => "EventSourceMappingArn",
        function_arn => "FunctionArn",
        event_source_arn => "EventSourceArn",
        state => "State",
        last_modified => "LastModified",
        kms_key_arn => "KMSKeyArn",
        starting_position => "StartingPosition",
        starting_position_timestamp => "StartingPositionTimestamp",
        batch_size => "BatchSize",
        maximum_batching_window_in_seconds => "MaximumBatchingWindowInSeconds",
        maximum_record_age_in_seconds => "MaximumRecordAgeInSeconds",
        maximum_retry_attempts => "MaximumRetryAttempts",
        bisect_batch_on_function_error => "BisectBatchOnFunctionError",
        parallelization_factor => "ParallelizationFactor",
        tumbling_window_in_seconds => "TumblingWindowInSeconds",
        function_response_types => "FunctionResponseTypes",
        scaling_config => "ScalingConfig",
        provisioned_poller_config => "ProvisionedPollerConfig",
        filter_criteria_error => "FilterCriteriaError",
        destination_config => "DestinationConfig",
        topics => "Topics",
        queues => "Queues",
        source_access_configurations => "SourceAccessConfigurations",
        self_managed_event_source => "SelfManagedEventSource",
        amazon_managed_kafka_event_source_config => "AmazonManagedKafkaEventSourceConfig",
        self_managed_kafka_event_source_config => "SelfManagedKafkaEventSourceConfig",
        document_db_event_source_config => "DocumentDBEventSourceConfig",
    }
    ScalingConfig { maximum_concurrency => "MaximumConcurrency" }
    ProvisionedPollerConfig { minimum_pollers => "MinimumPollers", maximum_pollers => "MaximumPollers" }
    FilterCriteriaError { error_code => "ErrorCode" }
    DestinationConfig { on_success => "OnSuccess", on_failure => "OnFailure" }
    OnSuccess { destination => "Destination" }
    OnFailure { destination => "Destination" }
    // Not where the secret is kept.
    SourceAccessConfiguration { r#type => "Type" }
    AmazonManagedKafkaEventSourceConfig { consumer_group_id => "ConsumerGroupId" }
    SelfManagedKafkaEventSourceConfig { consumer_group_id => "ConsumerGroupId" }
    DocumentDbEventSourceConfig {
        database_name => "DatabaseName",
        collection_name => "CollectionName",
        full_document => "FullDocument",
    }
}

impl Body for SelfManagedEventSource {
    fn json(&self) -> Option<Value> {
        let of = |(kind, hosts): (&EndPointType, &Vec<String>)| Some((kind.as_str().to_owned(), hosts.json()?));
        let endpoints: Map<String, Value> = self.endpoints()?.iter().filter_map(of).collect();
        Some(Value::Object([("Endpoints".to_owned(), Value::Object(endpoints))].into_iter().collect()))
    }
}

words! { EventSourcePosition, FullDocument, FunctionResponseType, SourceAccessType }
