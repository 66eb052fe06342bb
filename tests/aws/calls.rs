//! Every call of a collection, and what is not whole without it.

use egress_audit::snapshot::kinds::{
    self, ADDRESS, ALIASES, BLOCK_PUBLIC_ACCESS, BLOCK_PUBLIC_ACCESS_EXCLUSION, CAPACITY_PROVIDER, CODE_SIGNING,
    CODE_SIGNING_CONFIG, EGRESS_ONLY_GATEWAY, FUNCTION, FUNCTION_DETAIL, INTERNET_GATEWAY, KEY, KEY_POLICY,
    KEY_ROTATION, Kind, MICROVM, MICROVM_DETAIL, NAT_GATEWAY, NETWORK_ACL, NETWORK_CONNECTOR, NETWORK_INTERFACE,
    POLICY, PREFIX_LIST, PREFIX_LIST_ENTRIES, ROUTE_TABLE, SECURITY_GROUP, SUBNET, TRANSIT_GATEWAY,
    TRANSIT_GATEWAY_ATTACHMENT, TRANSIT_GATEWAY_ROUTE_TABLE, TRANSIT_GATEWAY_ROUTES, TRANSIT_GATEWAY_VPC_ATTACHMENT,
    URL_CONFIGS, VERSION, VPC, VPC_ENDPOINT, WEB_ENDPOINTS, WEB_FUNCTION, WEB_REVISION,
    doors::{
        DISTRIBUTION, EVENT_SOURCE_MAPPING, GROUP, HTTP_API, HTTP_DOMAIN, HTTP_EXPORT, HTTP_INTEGRATIONS,
        HTTP_MAPPINGS, HTTP_ROUTES, HTTP_STAGES, LAYER, LAYER_POLICY, LAYER_VERSIONS, LISTENER_RULES, LISTENERS,
        LOAD_BALANCER, MANAGED_POLICY, REST_API, REST_DOMAIN, REST_EXPORT, REST_MAPPINGS, REST_STAGES, ROLE,
        TARGET_GROUP, TARGET_HEALTH, USER,
    },
};

/// A call, whether it is paged, and the kinds that are not whole without it: none without `GetResourcePolicy`, since
/// `GetPolicy` is asked in its place. Those of API Gateway's second version that bear the name of one of the first are told
/// apart by `V2`.
pub(crate) type Call = (&'static str, bool, &'static [Kind]);

/// Every call, in chains: no call of one depends on any of another.
pub(crate) const CHAINS: [&[Call]; 4] = [
    &[
        (
            "ListFunctions",
            true,
            &[
                FUNCTION,
                VERSION,
                FUNCTION_DETAIL,
                ALIASES,
                URL_CONFIGS,
                POLICY,
                CODE_SIGNING,
                CODE_SIGNING_CONFIG,
                CAPACITY_PROVIDER,
                KEY,
                KEY_ROTATION,
                KEY_POLICY,
            ],
        ),
        ("GetFunction", false, &[FUNCTION_DETAIL]),
        ("ListAliases", true, &[ALIASES]),
        ("ListFunctionUrlConfigs", true, &[URL_CONFIGS]),
        ("GetPolicy", false, &[POLICY]),
        ("GetFunctionCodeSigningConfig", false, &[CODE_SIGNING, CODE_SIGNING_CONFIG]),
        ("GetCodeSigningConfig", false, &[CODE_SIGNING_CONFIG]),
        ("GetCapacityProvider", false, &[CAPACITY_PROVIDER]),
        ("ListWebFunctions", true, &[WEB_FUNCTION, WEB_ENDPOINTS, WEB_REVISION]),
        ("ListWebFunctionEndpoints", true, &[WEB_ENDPOINTS, WEB_REVISION]),
        ("GetWebFunctionRevision", false, &[WEB_REVISION]),
        ("ListMicrovms", true, &[MICROVM, MICROVM_DETAIL]),
        ("GetMicrovm", false, &[MICROVM_DETAIL]),
        ("GetNetworkConnector", false, &[NETWORK_CONNECTOR]),
        ("DescribeKey", false, &[KEY]),
        ("GetKeyRotationStatus", false, &[KEY_ROTATION]),
        ("GetKeyPolicy", false, &[KEY_POLICY]),
        ("GetResourcePolicy", false, &[]),
    ],
    &[
        ("DescribeVpcs", true, &[VPC]),
        ("DescribeSubnets", true, &[SUBNET]),
        ("DescribeRouteTables", true, &[ROUTE_TABLE, PREFIX_LIST_ENTRIES]),
        ("DescribeNatGateways", true, &[NAT_GATEWAY]),
        ("DescribeAddresses", false, &[ADDRESS]),
        ("DescribeInternetGateways", true, &[INTERNET_GATEWAY]),
        ("DescribeEgressOnlyInternetGateways", true, &[EGRESS_ONLY_GATEWAY]),
        ("DescribeSecurityGroups", true, &[SECURITY_GROUP, PREFIX_LIST_ENTRIES]),
        ("DescribeNetworkAcls", true, &[NETWORK_ACL]),
        ("DescribeNetworkInterfaces", true, &[NETWORK_INTERFACE]),
        ("DescribeVpcEndpoints", true, &[VPC_ENDPOINT]),
        ("DescribeManagedPrefixLists", true, &[PREFIX_LIST]),
        ("GetManagedPrefixListEntries", true, &[PREFIX_LIST_ENTRIES]),
        ("DescribeVpcBlockPublicAccessOptions", false, &[BLOCK_PUBLIC_ACCESS, BLOCK_PUBLIC_ACCESS_EXCLUSION]),
        ("DescribeVpcBlockPublicAccessExclusions", true, &[BLOCK_PUBLIC_ACCESS_EXCLUSION]),
        ("DescribeTransitGateways", true, &[TRANSIT_GATEWAY]),
        ("DescribeTransitGatewayAttachments", true, &[TRANSIT_GATEWAY_ATTACHMENT]),
        ("DescribeTransitGatewayVpcAttachments", true, &[TRANSIT_GATEWAY_VPC_ATTACHMENT]),
        ("DescribeTransitGatewayRouteTables", true, &[TRANSIT_GATEWAY_ROUTE_TABLE, TRANSIT_GATEWAY_ROUTES]),
        ("SearchTransitGatewayRoutes", true, &[TRANSIT_GATEWAY_ROUTES]),
    ],
    &[
        ("ListLayers", true, &[LAYER, LAYER_VERSIONS, LAYER_POLICY]),
        ("ListLayerVersions", true, &[LAYER_VERSIONS, LAYER_POLICY]),
        ("GetLayerVersionPolicy", false, &[LAYER_POLICY]),
        ("ListEventSourceMappings", true, &[EVENT_SOURCE_MAPPING]),
        ("GetRestApis", true, &[REST_API, REST_STAGES, REST_EXPORT]),
        ("GetStages", false, &[REST_STAGES, REST_EXPORT]),
        ("GetExport", false, &[REST_EXPORT]),
        ("GetDomainNames", true, &[REST_DOMAIN, REST_MAPPINGS]),
        ("GetBasePathMappings", true, &[REST_MAPPINGS]),
    ],
    &[
        ("GetApis", true, &[HTTP_API, HTTP_STAGES, HTTP_ROUTES, HTTP_INTEGRATIONS, HTTP_EXPORT]),
        ("GetStagesV2", true, &[HTTP_STAGES, HTTP_EXPORT]),
        ("GetRoutes", true, &[HTTP_ROUTES]),
        ("GetIntegrations", true, &[HTTP_INTEGRATIONS]),
        ("ExportApi", false, &[HTTP_EXPORT]),
        ("GetDomainNamesV2", true, &[HTTP_DOMAIN, HTTP_MAPPINGS]),
        ("GetApiMappings", true, &[HTTP_MAPPINGS]),
        ("DescribeLoadBalancers", true, &[LOAD_BALANCER]),
        ("DescribeTargetGroups", true, &[TARGET_GROUP, TARGET_HEALTH, LISTENERS, LISTENER_RULES]),
        ("DescribeTargetHealth", false, &[TARGET_HEALTH]),
        ("DescribeListeners", true, &[LISTENERS, LISTENER_RULES]),
        ("DescribeRules", true, &[LISTENER_RULES]),
        ("ListDistributions", true, &[DISTRIBUTION]),
        ("GetAccountAuthorizationDetails", true, &[USER, ROLE, GROUP, MANAGED_POLICY]),
    ],
];

/// Lists for which `{}` says that there is nothing: see `doors`.
pub(crate) const NOTHING: [&str; 4] = ["GetRestApis", "GetStages", "GetDomainNames", "GetBasePathMappings"];

/// Every kind that is collected.
pub(crate) fn every_kind() -> impl Iterator<Item = Kind> {
    kinds::AWS.into_iter().chain(kinds::AWS_GLOBAL)
}

#[test]
fn every_kind_that_is_collected_has_its_call_here() {
    for kind in every_kind() {
        let of = |call: &str| kind.call.ends_with(&format!(":{}", call.trim_end_matches("V2")));
        let there = CHAINS.into_iter().flatten().any(|(call, _, kinds)| of(call) && kinds.contains(&kind));
        assert!(there, "nothing gives {}", kind.name);
    }
}
