//! Lambda functions, their aliases and their URLs.

use aws_sdk_lambda::{
    operation::get_function_url_config::GetFunctionUrlConfigOutput,
    types::{
        AliasConfiguration, AliasRoutingConfiguration, Architecture, CapacityProvider, CapacityProviderConfig,
        CapacityProviderState, CapacityProviderVpcConfig, CodeSigningConfig, CodeSigningPolicies, CodeSigningPolicy,
        Cors, DurableConfig, EnvironmentError, EnvironmentResponse, FileSystemConfig, FunctionCodeLocation,
        FunctionConfiguration, FunctionUrlAuthType, FunctionUrlConfig, InvokeMode,
        LambdaManagedInstancesCapacityProviderConfig, LastUpdateStatus, LastUpdateStatusReasonCode, Layer, PackageType,
        Runtime, RuntimeVersionConfig, RuntimeVersionError, SnapStartApplyOn, SnapStartOptimizationStatus,
        SnapStartResponse, State, StateReasonCode, TagsError, VpcConfigResponse,
    },
};

use super::{bodies, words};

bodies! {
    CapacityProvider {
        capacity_provider_arn => "CapacityProviderArn",
        state => "State",
        vpc_config => "VpcConfig",
    }
    CapacityProviderVpcConfig { subnet_ids => "SubnetIds", security_group_ids => "SecurityGroupIds" }
    CodeSigningConfig { code_signing_config_arn => "CodeSigningConfigArn", code_signing_policies => "CodeSigningPolicies" }
    CodeSigningPolicies { untrusted_artifact_on_deployment => "UntrustedArtifactOnDeployment" }
    FunctionConfiguration {
        function_name => "FunctionName",
        function_arn => "FunctionArn",
        version => "Version",
        runtime => "Runtime",
        role => "Role",
        handler => "Handler",
        package_type => "PackageType",
        architectures => "Architectures",
        vpc_config => "VpcConfig",
        environment => "Environment",
        kms_key_arn => "KMSKeyArn",
        layers => "Layers",
        state => "State",
        state_reason_code => "StateReasonCode",
        last_update_status => "LastUpdateStatus",
        last_update_status_reason_code => "LastUpdateStatusReasonCode",
        last_modified => "LastModified",
        revision_id => "RevisionId",
        master_arn => "MasterArn",
        snap_start => "SnapStart",
        runtime_version_config => "RuntimeVersionConfig",
        file_system_configs => "FileSystemConfigs",
        capacity_provider_config => "CapacityProviderConfig",
        durable_config => "DurableConfig",
        signing_profile_version_arn => "SigningProfileVersionArn",
        signing_job_arn => "SigningJobArn",
    }
    VpcConfigResponse {
        subnet_ids => "SubnetIds",
        security_group_ids => "SecurityGroupIds",
        vpc_id => "VpcId",
        ipv6_allowed_for_dual_stack => "Ipv6AllowedForDualStack",
    }
    EnvironmentResponse { variables => "Variables", error => "Error" }
    EnvironmentError { error_code => "ErrorCode" }
    Layer {
        arn => "Arn",
        signing_profile_version_arn => "SigningProfileVersionArn",
        signing_job_arn => "SigningJobArn",
    }
    SnapStartResponse { apply_on => "ApplyOn", optimization_status => "OptimizationStatus" }
    RuntimeVersionConfig { runtime_version_arn => "RuntimeVersionArn", error => "Error" }
    RuntimeVersionError { error_code => "ErrorCode" }
    FileSystemConfig { arn => "Arn", local_mount_path => "LocalMountPath" }
    CapacityProviderConfig {
        lambda_managed_instances_capacity_provider_config => "LambdaManagedInstancesCapacityProviderConfig",
    }
    LambdaManagedInstancesCapacityProviderConfig {
        capacity_provider_arn => "CapacityProviderArn",
        per_execution_environment_max_concurrency => "PerExecutionEnvironmentMaxConcurrency",
    }
    DurableConfig { kms_key_arn => "KMSKeyArn", retention_period_in_days => "RetentionPeriodInDays" }
    // `Location` is a presigned address of the code: it opens it to whoever holds it, and is never kept.
    FunctionCodeLocation {
        repository_type => "RepositoryType",
        image_uri => "ImageUri",
        resolved_image_uri => "ResolvedImageUri",
        source_kms_key_arn => "SourceKMSKeyArn",
    }
    TagsError { error_code => "ErrorCode" }
    AliasConfiguration {
        alias_arn => "AliasArn",
        name => "Name",
        function_version => "FunctionVersion",
        routing_config => "RoutingConfig",
        revision_id => "RevisionId",
    }
    AliasRoutingConfiguration { additional_version_weights => "AdditionalVersionWeights" }
    FunctionUrlConfig {
        function_url => "FunctionUrl",
        function_arn => "FunctionArn",
        auth_type => "AuthType",
        invoke_mode => "InvokeMode",
        cors => "Cors",
        creation_time => "CreationTime",
        last_modified_time => "LastModifiedTime",
    }
    GetFunctionUrlConfigOutput {
        function_url => "FunctionUrl",
        function_arn => "FunctionArn",
        auth_type => "AuthType",
        invoke_mode => "InvokeMode",
        cors => "Cors",
        creation_time => "CreationTime",
        last_modified_time => "LastModifiedTime",
    }
    Cors {
        allow_credentials => "AllowCredentials",
        allow_headers => "AllowHeaders",
        allow_methods => "AllowMethods",
        allow_origins => "AllowOrigins",
        expose_headers => "ExposeHeaders",
        max_age => "MaxAge",
    }
}

words! {
    Architecture, CapacityProviderState, CodeSigningPolicy, FunctionUrlAuthType, InvokeMode, LastUpdateStatus, LastUpdateStatusReasonCode, PackageType, Runtime,
    SnapStartApplyOn, SnapStartOptimizationStatus, State, StateReasonCode,
}
