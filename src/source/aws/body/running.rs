//! Web functions, MicroVMs and network connectors.

use aws_sdk_lambdacore::{
    operation::get_network_connector::GetNetworkConnectorOutput,
    types::{
        ComputeResourceType, NetworkConnectorConfiguration, NetworkConnectorState, NetworkConnectorStateReasonCode,
        NetworkConnectorVpcEgressConfiguration, NetworkProtocol,
    },
};
use aws_sdk_lambdamicrovms::{
    operation::get_microvm::GetMicrovmOutput,
    types::{MicrovmItem, MicrovmState},
};
use aws_sdk_lambdaweb::{
    operation::get_web_function_revision::GetWebFunctionRevisionOutput,
    types::{
        AuthType, AutoDeploymentMode, BuildConfig, EndpointState, EndpointType, FunctionEndpointSummary, FunctionState,
        FunctionSummary, RevisionState, RevisionWeight, RuntimeConfig, ServiceConfig,
    },
};

use serde_json::{Value, json};

use super::{Body, bodies, words};

bodies! {
    FunctionSummary { function_name => "functionName", function_arn => "functionArn", state => "state" }
    FunctionEndpointSummary {
        endpoint_arn => "endpointArn",
        endpoint_name => "endpointName",
        endpoint_type => "endpointType",
        domain_name => "domainName",
        auth_type => "authType",
        auto_deployment_mode => "autoDeploymentMode",
        revision_weights => "revisionWeights",
        regions => "regions",
        state => "state",
    }
    RevisionWeight { revision_id => "revisionId", weight => "weight" }
    GetWebFunctionRevisionOutput {
        function_arn => "functionArn",
        revision_arn => "revisionArn",
        revision_id => "revisionId",
        kms_key_arn => "kmsKeyArn",
        build_config => "buildConfig",
        service_config => "serviceConfig",
        state => "state",
    }
    BuildConfig { runtime_config => "runtimeConfig" }
    RuntimeConfig { runtime => "runtime" }
    ServiceConfig {
        execution_role_arn => "executionRoleArn",
        egress_network_connector_arn => "egressNetworkConnectorArn",
        environment_variables => "environmentVariables",
    }
    MicrovmItem { microvm_id => "microvmId", state => "state", image_arn => "imageArn", image_version => "imageVersion" }
    GetMicrovmOutput {
        microvm_id => "microvmId",
        state => "state",
        image_arn => "imageArn",
        image_version => "imageVersion",
        execution_role_arn => "executionRoleArn",
        ingress_network_connectors => "ingressNetworkConnectors",
        egress_network_connectors => "egressNetworkConnectors",
    }
    GetNetworkConnectorOutput {
        arn => "Arn",
        name => "Name",
        id => "Id",
        version_arn => "VersionArn",
        version => "Version",
        configuration => "Configuration",
        operator_role => "OperatorRole",
        state => "State",
        state_reason_code => "StateReasonCode",
    }
    NetworkConnectorVpcEgressConfiguration {
        subnet_ids => "SubnetIds",
        security_group_ids => "SecurityGroupIds",
        network_protocol => "NetworkProtocol",
        associated_compute_resource_types => "AssociatedComputeResourceTypes",
    }
}

impl Body for NetworkConnectorConfiguration {
    fn json(&self) -> Option<Value> {
        let egress = self.as_vpc_egress_configuration().ok()?;
        Some(json!({ "VpcEgressConfiguration": egress.json() }))
    }
}

words! {
    AuthType, AutoDeploymentMode, ComputeResourceType, EndpointState, EndpointType, FunctionState, MicrovmState,
    NetworkConnectorState, NetworkConnectorStateReasonCode, NetworkProtocol, RevisionState,
}
