//! Which types of CloudFormation are read: what the walk, the doors, the callers and the keys need is, and what would matter
//! and is not is said.

use serde_json::Value;

use crate::{
    stacks,
    verdicts::{snapshot, written},
};

/// What is read, by service.
const READ: [(&str, &[&str]); 8] = [
    ("CloudFront", &["Distribution", "OriginAccessControl"]),
    (
        "Lambda",
        &[
            "Alias",
            "CapacityProvider",
            "EventSourceMapping",
            "Function",
            "LayerVersion",
            "Permission",
            "Url",
            "Version",
        ],
    ),
    (
        "EC2",
        &[
            "CarrierGateway",
            "EIP",
            "EIPAssociation",
            "EgressOnlyInternetGateway",
            "GatewayRouteTableAssociation",
            "InternetGateway",
            "NatGateway",
            "NetworkAcl",
            "NetworkAclEntry",
            "PrefixList",
            "Route",
            "RouteServerPropagation",
            "RouteTable",
            "SecurityGroup",
            "SecurityGroupEgress",
            "SecurityGroupIngress",
            "Subnet",
            "SubnetCidrBlock",
            "SubnetNetworkAclAssociation",
            "SubnetRouteTableAssociation",
            "TransitGateway",
            "TransitGatewayAttachment",
            "TransitGatewayConnect",
            "TransitGatewayRoute",
            "TransitGatewayRouteTable",
            "TransitGatewayRouteTableAssociation",
            "TransitGatewayRouteTablePropagation",
            "TransitGatewayVpcAttachment",
            "VPC",
            "VPCBlockPublicAccessExclusion",
            "VPCBlockPublicAccessOptions",
            "VPCCidrBlock",
            "VPCEndpoint",
            "VPCGatewayAttachment",
            "VPCPeeringConnection",
            "VPNConnection",
            "VPNGateway",
            "VPNGatewayRoutePropagation",
        ],
    ),
    ("KMS", &["Alias", "Key", "ReplicaKey"]),
    (
        "ApiGateway",
        &["Authorizer", "BasePathMapping", "Deployment", "DomainName", "Method", "Resource", "RestApi", "Stage"],
    ),
    ("ApiGatewayV2", &["Api", "ApiMapping", "Authorizer", "Deployment", "DomainName", "Integration", "Route", "Stage"]),
    ("ElasticLoadBalancingV2", &["Listener", "ListenerRule", "LoadBalancer", "TargetGroup"]),
    (
        "IAM",
        &[
            "Group",
            "GroupPolicy",
            "ManagedPolicy",
            "Policy",
            "Role",
            "RolePolicy",
            "User",
            "UserPolicy",
            "UserToGroupAddition",
        ],
    ),
];

/// What would matter and is not followed.
const SAID: [&str; 9] = [
    "AWS::ApiGateway::BasePathMappingV2",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGatewayV2::ApiGatewayManagedOverrides",
    "AWS::ApiGatewayV2::RoutingRule",
    "AWS::EC2::TransitGatewayPeeringAttachment",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::ResourcePolicy",
    "AWS::NetworkFirewall::Firewall",
    // Whatever else there is of Lambda one day.
    "AWS::Lambda::OfTheFuture",
];

/// Whether a report says that resources of a type are not followed.
fn is_said(kind: &str) -> bool {
    let text = format!("Resources:\n  X:\n    Type: {kind}\n    Properties: {{}}\n");
    snapshot(&stacks::of(&text)).gaps.iter().any(|gap| *gap.kind == *kind)
}

#[test]
fn every_type_that_verdicts_hang_on_is_in_the_table() {
    let table: Value =
        serde_json::from_str(include_str!("../../src/source/code/aws/cloudformation.json")).expect("JSON");
    for (service, names) in READ {
        for name in names {
            let kind = format!("AWS::{service}::{name}");
            assert!(table["types"].get(&kind).is_some() && !is_said(&kind), "{kind}");
        }
    }
}

#[test]
fn a_type_that_would_matter_and_is_not_followed_is_said_and_hides_its_list() {
    for kind in SAID {
        assert!(is_said(kind), "{kind}");
    }
    for kind in ["aws_networkfirewall_firewall", "aws_cloudformation_stack"] {
        let gaps = snapshot(&written(&format!("resource \"{kind}\" \"x\" {{}}"))).gaps;
        assert!(gaps.iter().any(|gap| *gap.kind == *kind), "{kind} {gaps:?}");
    }
}
