//! Distributions of `CloudFront`: what they stand before, and whom they let in. Comments are left out.

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, ConnectionMode, CustomHeaders, CustomOriginConfig,
    DefaultCacheBehavior, DistributionSummary, EventType, FunctionAssociation, FunctionAssociations, GeoRestriction,
    GeoRestrictionType, LambdaFunctionAssociation, LambdaFunctionAssociations, Method, Origin, OriginCustomHeader,
    OriginGroup, OriginGroupMember, OriginGroupMembers, OriginGroups, OriginProtocolPolicy, Origins, Restrictions,
    S3OriginConfig, TrustedKeyGroups, TrustedSigners, ViewerMtlsConfig, ViewerMtlsMode, ViewerProtocolPolicy,
    VpcOriginConfig,
};

use super::{bodies, words};

bodies! {
    DistributionSummary {
        id => "Id",
        arn => "ARN",
        status => "Status",
        domain_name => "DomainName",
        aliases => "Aliases",
        origins => "Origins",
        origin_groups => "OriginGroups",
        default_cache_behavior => "DefaultCacheBehavior",
        cache_behaviors => "CacheBehaviors",
        enabled => "Enabled",
        staging => "Staging",
        restrictions => "Restrictions",
        web_acl_id => "WebACLId",
        connection_mode => "ConnectionMode",
        viewer_mtls_config => "ViewerMtlsConfig",
    }
    Aliases { quantity => "Quantity", items => "Items" }
    Origins { quantity => "Quantity", items => "Items" }
    Origin {
        id => "Id",
        domain_name => "DomainName",
        origin_path => "OriginPath",
        custom_headers => "CustomHeaders",
        s3_origin_config => "S3OriginConfig",
        custom_origin_config => "CustomOriginConfig",
        vpc_origin_config => "VpcOriginConfig",
        origin_access_control_id => "OriginAccessControlId",
    }
    CustomHeaders { quantity => "Quantity", items => "Items" }
    // The value is what proves to an origin that a request came this way.
    OriginCustomHeader { header_name => "HeaderName" }
    S3OriginConfig { origin_access_identity => "OriginAccessIdentity" }
    CustomOriginConfig { origin_protocol_policy => "OriginProtocolPolicy" }
    VpcOriginConfig { vpc_origin_id => "VpcOriginId", owner_account_id => "OwnerAccountId" }
    OriginGroups { quantity => "Quantity", items => "Items" }
    OriginGroup { id => "Id", members => "Members" }
    OriginGroupMembers { quantity => "Quantity", items => "Items" }
    OriginGroupMember { origin_id => "OriginId" }
    DefaultCacheBehavior {
        target_origin_id => "TargetOriginId",
        trusted_signers => "TrustedSigners",
        trusted_key_groups => "TrustedKeyGroups",
        viewer_protocol_policy => "ViewerProtocolPolicy",
        allowed_methods => "AllowedMethods",
        lambda_function_associations => "LambdaFunctionAssociations",
        function_associations => "FunctionAssociations",
        cache_policy_id => "CachePolicyId",
        origin_request_policy_id => "OriginRequestPolicyId",
    }
    CacheBehaviors { quantity => "Quantity", items => "Items" }
    CacheBehavior {
        path_pattern => "PathPattern",
        target_origin_id => "TargetOriginId",
        trusted_signers => "TrustedSigners",
        trusted_key_groups => "TrustedKeyGroups",
        viewer_protocol_policy => "ViewerProtocolPolicy",
        allowed_methods => "AllowedMethods",
        lambda_function_associations => "LambdaFunctionAssociations",
        function_associations => "FunctionAssociations",
        cache_policy_id => "CachePolicyId",
        origin_request_policy_id => "OriginRequestPolicyId",
    }
    TrustedSigners { enabled => "Enabled", quantity => "Quantity", items => "Items" }
    TrustedKeyGroups { enabled => "Enabled", quantity => "Quantity", items => "Items" }
    AllowedMethods { quantity => "Quantity", items => "Items" }
    LambdaFunctionAssociations { quantity => "Quantity", items => "Items" }
    LambdaFunctionAssociation {
        lambda_function_arn => "LambdaFunctionARN",
        event_type => "EventType",
        include_body => "IncludeBody",
    }
    FunctionAssociations { quantity => "Quantity", items => "Items" }
    FunctionAssociation { function_arn => "FunctionARN", event_type => "EventType" }
    Restrictions { geo_restriction => "GeoRestriction" }
    GeoRestriction { restriction_type => "RestrictionType", quantity => "Quantity", items => "Items" }
    ViewerMtlsConfig { mode => "Mode" }
}

words! {
    ConnectionMode, EventType, GeoRestrictionType, Method, OriginProtocolPolicy, ViewerMtlsMode, ViewerProtocolPolicy,
}
