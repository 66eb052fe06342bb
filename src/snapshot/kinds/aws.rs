//! The kinds of AWS: functions, networks and keys, region by region. Doors and identities are in [`super::doors`].

use super::{Cloud, Kind, Reading, doors};

pub(super) const fn list(name: &'static str, call: &'static str) -> Kind {
    Kind { cloud: Cloud::Aws, name, call, reading: Reading::List }
}

pub(super) const fn each(name: &'static str, call: &'static str) -> Kind {
    Kind { cloud: Cloud::Aws, name, call, reading: Reading::PerResource }
}

/// A function as `$LATEST` configures it; its id is the unqualified ARN.
pub const FUNCTION: Kind = list("lambda:function", "lambda:ListFunctions");
/// A published version; its id is the qualified ARN. The same list gives both.
pub const VERSION: Kind = list("lambda:version", "lambda:ListFunctions");
/// `get-function` of a function, without the address of its code, and of its tags those only whose keys start with
/// `egress-audit-`; id: the function's ARN. `TagsError` stands in the place of tags that the caller may not see.
pub const FUNCTION_DETAIL: Kind = each("lambda:function-detail", "lambda:GetFunction");
/// `list-aliases`, all pages in one; id: the function's ARN.
pub const ALIASES: Kind = each("lambda:aliases", "lambda:ListAliases");
/// `list-function-url-configs`, all pages in one; id: the function's ARN.
pub const URL_CONFIGS: Kind = each("lambda:url-configs", "lambda:ListFunctionUrlConfigs");
/// `get-policy`; id: the exact ARN, with its qualifier where it has one. `null`: no policy there.
pub const POLICY: Kind = each("lambda:policy", "lambda:GetPolicy");
/// `get-function-code-signing-config`; id: the function's ARN.
pub const CODE_SIGNING: Kind = each("lambda:code-signing", "lambda:GetFunctionCodeSigningConfig");
/// `get-code-signing-config` of a configuration that a function names; id: its ARN.
pub const CODE_SIGNING_CONFIG: Kind = each("lambda:code-signing-config", "lambda:GetCodeSigningConfig");

/// `get-capacity-provider` of a provider that a function runs on; id: its ARN, as the function names it.
pub const CAPACITY_PROVIDER: Kind = each("lambda:capacity-provider", "lambda:GetCapacityProvider");

/// A web function; id: its ARN.
pub const WEB_FUNCTION: Kind = list("lambda:web-function", "lambda:ListWebFunctions");
/// `list-web-function-endpoints`, all pages in one; id: the function's ARN.
pub const WEB_ENDPOINTS: Kind = each("lambda:web-function-endpoints", "lambda:ListWebFunctionEndpoints");
/// `get-web-function-revision` of a revision that an endpoint leads to; id: the function's ARN, `:` and the revision.
pub const WEB_REVISION: Kind = each("lambda:web-function-revision", "lambda:GetWebFunctionRevision");
/// A MicroVM; id: its id.
pub const MICROVM: Kind = list("lambda:microvm", "lambda:ListMicrovms");
/// `get-microvm` of a MicroVM that has not ended; id: its id.
pub const MICROVM_DETAIL: Kind = each("lambda:microvm-detail", "lambda:GetMicrovm");
/// `get-network-connector` of a connector that a web function or a MicroVM leaves by; id: the connector as they name it.
pub const NETWORK_CONNECTOR: Kind = each("lambda:network-connector", "lambda:GetNetworkConnector");

/// A VPC.
pub const VPC: Kind = list("ec2:vpc", "ec2:DescribeVpcs");
/// A subnet.
pub const SUBNET: Kind = list("ec2:subnet", "ec2:DescribeSubnets");
/// A route table.
pub const ROUTE_TABLE: Kind = list("ec2:route-table", "ec2:DescribeRouteTables");
/// A NAT gateway.
pub const NAT_GATEWAY: Kind = list("ec2:nat-gateway", "ec2:DescribeNatGateways");
/// An Elastic IP; id: its allocation, or the address where it has none.
pub const ADDRESS: Kind = list("ec2:address", "ec2:DescribeAddresses");
/// An internet gateway.
pub const INTERNET_GATEWAY: Kind = list("ec2:internet-gateway", "ec2:DescribeInternetGateways");
/// An egress-only internet gateway.
pub const EGRESS_ONLY_GATEWAY: Kind =
    list("ec2:egress-only-internet-gateway", "ec2:DescribeEgressOnlyInternetGateways");
/// A security group.
pub const SECURITY_GROUP: Kind = list("ec2:security-group", "ec2:DescribeSecurityGroups");
/// A network ACL.
pub const NETWORK_ACL: Kind = list("ec2:network-acl", "ec2:DescribeNetworkAcls");
/// A network interface.
pub const NETWORK_INTERFACE: Kind = list("ec2:network-interface", "ec2:DescribeNetworkInterfaces");
/// A VPC endpoint.
pub const VPC_ENDPOINT: Kind = list("ec2:vpc-endpoint", "ec2:DescribeVpcEndpoints");
/// A managed prefix list, AWS's own included.
pub const PREFIX_LIST: Kind = list("ec2:prefix-list", "ec2:DescribeManagedPrefixLists");
/// `get-managed-prefix-list-entries`, all pages in one, of a list that a route or a security group names; id: the list.
pub const PREFIX_LIST_ENTRIES: Kind = each("ec2:prefix-list-entries", "ec2:GetManagedPrefixListEntries");
/// A transit gateway, shared ones included.
pub const TRANSIT_GATEWAY: Kind = list("ec2:transit-gateway", "ec2:DescribeTransitGateways");
/// What is attached to a transit gateway, and which of its tables decides over what comes in there; the account that owns
/// the gateway sees every attachment, another one its own.
pub const TRANSIT_GATEWAY_ATTACHMENT: Kind =
    list("ec2:transit-gateway-attachment", "ec2:DescribeTransitGatewayAttachments");
/// The attachment of a VPC, with its subnets.
pub const TRANSIT_GATEWAY_VPC_ATTACHMENT: Kind =
    list("ec2:transit-gateway-vpc-attachment", "ec2:DescribeTransitGatewayVpcAttachments");
/// A route table of a transit gateway; the account that owns the gateway alone sees it.
pub const TRANSIT_GATEWAY_ROUTE_TABLE: Kind =
    list("ec2:transit-gateway-route-table", "ec2:DescribeTransitGatewayRouteTables");
/// `search-transit-gateway-routes` for the states `active` and `blackhole`, all pages in one; id: the table.
pub const TRANSIT_GATEWAY_ROUTES: Kind = each("ec2:transit-gateway-routes", "ec2:SearchTransitGatewayRoutes");
/// The region's setting of VPC Block Public Access; its id is always `options`.
pub const BLOCK_PUBLIC_ACCESS: Kind = each("ec2:block-public-access", "ec2:DescribeVpcBlockPublicAccessOptions");
/// An exclusion from VPC Block Public Access; asked for only where the setting blocks.
pub const BLOCK_PUBLIC_ACCESS_EXCLUSION: Kind =
    list("ec2:block-public-access-exclusion", "ec2:DescribeVpcBlockPublicAccessExclusions");

/// `describe-key` of a key that a function uses; id: the key as the function names it.
pub const KEY: Kind = each("kms:key", "kms:DescribeKey");
/// `get-key-rotation-status`; id as [`KEY`]. `null`: rotation cannot apply to this kind of key.
pub const KEY_ROTATION: Kind = each("kms:key-rotation", "kms:GetKeyRotationStatus");
/// `get-key-policy` of the policy `default`; id as [`KEY`].
pub const KEY_POLICY: Kind = each("kms:key-policy", "kms:GetKeyPolicy");

/// Every kind of record that an AWS source writes of a region.
pub const AWS: [Kind; 59] = [
    FUNCTION,
    VERSION,
    FUNCTION_DETAIL,
    ALIASES,
    URL_CONFIGS,
    POLICY,
    CODE_SIGNING,
    CODE_SIGNING_CONFIG,
    CAPACITY_PROVIDER,
    WEB_FUNCTION,
    WEB_ENDPOINTS,
    WEB_REVISION,
    MICROVM,
    MICROVM_DETAIL,
    NETWORK_CONNECTOR,
    VPC,
    SUBNET,
    ROUTE_TABLE,
    NAT_GATEWAY,
    ADDRESS,
    INTERNET_GATEWAY,
    EGRESS_ONLY_GATEWAY,
    SECURITY_GROUP,
    NETWORK_ACL,
    NETWORK_INTERFACE,
    VPC_ENDPOINT,
    PREFIX_LIST,
    PREFIX_LIST_ENTRIES,
    TRANSIT_GATEWAY,
    TRANSIT_GATEWAY_ATTACHMENT,
    TRANSIT_GATEWAY_VPC_ATTACHMENT,
    TRANSIT_GATEWAY_ROUTE_TABLE,
    TRANSIT_GATEWAY_ROUTES,
    BLOCK_PUBLIC_ACCESS,
    BLOCK_PUBLIC_ACCESS_EXCLUSION,
    KEY,
    KEY_ROTATION,
    KEY_POLICY,
    doors::LAYER,
    doors::LAYER_VERSIONS,
    doors::LAYER_POLICY,
    doors::EVENT_SOURCE_MAPPING,
    doors::REST_API,
    doors::REST_STAGES,
    doors::REST_EXPORT,
    doors::REST_DOMAIN,
    doors::REST_MAPPINGS,
    doors::HTTP_API,
    doors::HTTP_STAGES,
    doors::HTTP_ROUTES,
    doors::HTTP_INTEGRATIONS,
    doors::HTTP_EXPORT,
    doors::HTTP_DOMAIN,
    doors::HTTP_MAPPINGS,
    doors::LOAD_BALANCER,
    doors::TARGET_GROUP,
    doors::TARGET_HEALTH,
    doors::LISTENERS,
    doors::LISTENER_RULES,
];

/// Every kind of record that an AWS source writes of an account as a whole, in the scope of the region `global`.
pub const AWS_GLOBAL: [Kind; 5] = [doors::DISTRIBUTION, doors::USER, doors::ROLE, doors::GROUP, doors::MANAGED_POLICY];
