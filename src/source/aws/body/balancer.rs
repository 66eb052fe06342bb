//! Load balancers, and how they lead to functions.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, AuthenticateCognitoActionConditionalBehaviorEnum, AuthenticateCognitoActionConfig,
    AuthenticateOidcActionConditionalBehaviorEnum, AuthenticateOidcActionConfig, AvailabilityZone, ForwardActionConfig,
    HostHeaderConditionConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig, IpAddressType,
    JwtValidationActionConfig, Listener, LoadBalancer, LoadBalancerAddress, LoadBalancerSchemeEnum, LoadBalancerState,
    LoadBalancerStateEnum, LoadBalancerTypeEnum, MutualAuthenticationAttributes, PathPatternConditionConfig,
    ProtocolEnum, QueryStringConditionConfig, QueryStringKeyValuePair, Rule, RuleCondition, SourceIpConditionConfig,
    TargetDescription, TargetGroup, TargetGroupTuple, TargetHealth, TargetHealthDescription, TargetHealthReasonEnum,
    TargetHealthStateEnum, TargetTypeEnum,
};

use super::{bodies, words};

bodies! {
    LoadBalancer {
        load_balancer_arn => "LoadBalancerArn",
        load_balancer_name => "LoadBalancerName",
        dns_name => "DNSName",
        scheme => "Scheme",
        r#type => "Type",
        state => "State",
        vpc_id => "VpcId",
        availability_zones => "AvailabilityZones",
        security_groups => "SecurityGroups",
        ip_address_type => "IpAddressType",
        created_time => "CreatedTime",
    }
    LoadBalancerState { code => "Code" }
    AvailabilityZone {
        zone_name => "ZoneName",
        subnet_id => "SubnetId",
        load_balancer_addresses => "LoadBalancerAddresses",
    }
    LoadBalancerAddress {
        ip_address => "IpAddress",
        allocation_id => "AllocationId",
        private_ipv4_address => "PrivateIPv4Address",
        ipv6_address => "IPv6Address",
    }
    TargetGroup {
        target_group_arn => "TargetGroupArn",
        target_group_name => "TargetGroupName",
        target_type => "TargetType",
        load_balancer_arns => "LoadBalancerArns",
    }
    TargetHealthDescription { target => "Target", target_health => "TargetHealth" }
    TargetDescription { id => "Id", port => "Port", availability_zone => "AvailabilityZone" }
    TargetHealth { state => "State", reason => "Reason" }
    Listener {
        listener_arn => "ListenerArn",
        load_balancer_arn => "LoadBalancerArn",
        port => "Port",
        protocol => "Protocol",
        default_actions => "DefaultActions",
        mutual_authentication => "MutualAuthentication",
    }
    MutualAuthenticationAttributes { mode => "Mode", trust_store_arn => "TrustStoreArn" }
    Rule {
        rule_arn => "RuleArn",
        priority => "Priority",
        conditions => "Conditions",
        actions => "Actions",
        is_default => "IsDefault",
    }
    RuleCondition {
        field => "Field",
        values => "Values",
        regex_values => "RegexValues",
        host_header_config => "HostHeaderConfig",
        path_pattern_config => "PathPatternConfig",
        http_header_config => "HttpHeaderConfig",
        query_string_config => "QueryStringConfig",
        http_request_method_config => "HttpRequestMethodConfig",
        source_ip_config => "SourceIpConfig",
    }
    HostHeaderConditionConfig { values => "Values", regex_values => "RegexValues" }
    PathPatternConditionConfig { values => "Values", regex_values => "RegexValues" }
    // A header's or a parameter's value may be a secret that is shared with whoever stands in front: the name is kept.
    HttpHeaderConditionConfig { http_header_name => "HttpHeaderName" }
    QueryStringConditionConfig { values => "Values" }
    QueryStringKeyValuePair { key => "Key" }
    HttpRequestMethodConditionConfig { values => "Values" }
    SourceIpConditionConfig { values => "Values" }
    // How callers authenticate is in the type, and who else is let through in its configuration; no more of that is kept.
    Action {
        r#type => "Type",
        order => "Order",
        target_group_arn => "TargetGroupArn",
        forward_config => "ForwardConfig",
        authenticate_oidc_config => "AuthenticateOidcConfig",
        authenticate_cognito_config => "AuthenticateCognitoConfig",
        jwt_validation_config => "JwtValidationConfig",
    }
    AuthenticateOidcActionConfig { issuer => "Issuer", on_unauthenticated_request => "OnUnauthenticatedRequest" }
    AuthenticateCognitoActionConfig {
        user_pool_arn => "UserPoolArn",
        on_unauthenticated_request => "OnUnauthenticatedRequest",
    }
    JwtValidationActionConfig { issuer => "Issuer", jwks_endpoint => "JwksEndpoint" }
    ForwardActionConfig { target_groups => "TargetGroups" }
    TargetGroupTuple { target_group_arn => "TargetGroupArn", weight => "Weight" }
}

words! {
    ActionTypeEnum, AuthenticateCognitoActionConditionalBehaviorEnum, AuthenticateOidcActionConditionalBehaviorEnum, IpAddressType, LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum, ProtocolEnum,
    TargetHealthReasonEnum, TargetHealthStateEnum, TargetTypeEnum,
}
