//! VPCs, subnets and route tables.

use aws_sdk_ec2::types::{
    BlockPublicAccessMode, BlockPublicAccessStates, Ipv6AddressAttribute, PropagatingVgw, Route, RouteOrigin,
    RouteState, RouteTable, RouteTableAssociation, RouteTableAssociationState, RouteTableAssociationStateCode, Subnet,
    SubnetCidrBlockState, SubnetCidrBlockStateCode, SubnetIpv6CidrBlockAssociation, SubnetState, Tag, Tenancy, Vpc,
    VpcCidrBlockAssociation, VpcCidrBlockState, VpcCidrBlockStateCode, VpcEncryptionControl,
    VpcEncryptionControlExclusion, VpcEncryptionControlExclusionState, VpcEncryptionControlExclusions,
    VpcEncryptionControlMode, VpcEncryptionControlState, VpcIpv6CidrBlockAssociation, VpcState,
};
use serde_json::{Value, json};

use super::{Body, bodies, words};

/// Of the tags only the name is kept: the others are the owner's business, and may hold anything.
impl Body for Tag {
    fn json(&self) -> Option<Value> {
        (self.key() == Some("Name")).then(|| json!({"Key": "Name", "Value": self.value()}))
    }
}

bodies! {
    Vpc {
        vpc_id => "VpcId",
        owner_id => "OwnerId",
        state => "State",
        cidr_block => "CidrBlock",
        cidr_block_association_set => "CidrBlockAssociationSet",
        ipv6_cidr_block_association_set => "Ipv6CidrBlockAssociationSet",
        instance_tenancy => "InstanceTenancy",
        is_default => "IsDefault",
        block_public_access_states => "BlockPublicAccessStates",
        encryption_control => "EncryptionControl",
        dhcp_options_id => "DhcpOptionsId",
        tags => "Tags",
    }
    VpcCidrBlockAssociation {
        association_id => "AssociationId",
        cidr_block => "CidrBlock",
        cidr_block_state => "CidrBlockState",
    }
    VpcIpv6CidrBlockAssociation {
        association_id => "AssociationId",
        ipv6_cidr_block => "Ipv6CidrBlock",
        ipv6_cidr_block_state => "Ipv6CidrBlockState",
        network_border_group => "NetworkBorderGroup",
        ipv6_pool => "Ipv6Pool",
        ipv6_address_attribute => "Ipv6AddressAttribute",
    }
    VpcCidrBlockState { state => "State" }
    BlockPublicAccessStates { internet_gateway_block_mode => "InternetGatewayBlockMode" }
    VpcEncryptionControl {
        vpc_encryption_control_id => "VpcEncryptionControlId",
        mode => "Mode",
        state => "State",
        resource_exclusions => "ResourceExclusions",
    }
    VpcEncryptionControlExclusions {
        internet_gateway => "InternetGateway",
        egress_only_internet_gateway => "EgressOnlyInternetGateway",
        nat_gateway => "NatGateway",
        virtual_private_gateway => "VirtualPrivateGateway",
        vpc_peering => "VpcPeering",
        lambda => "Lambda",
        vpc_lattice => "VpcLattice",
        elastic_file_system => "ElasticFileSystem",
    }
    VpcEncryptionControlExclusion { state => "State" }
    Subnet {
        subnet_id => "SubnetId",
        vpc_id => "VpcId",
        owner_id => "OwnerId",
        state => "State",
        cidr_block => "CidrBlock",
        ipv6_cidr_block_association_set => "Ipv6CidrBlockAssociationSet",
        ipv6_native => "Ipv6Native",
        enable_dns64 => "EnableDns64",
        assign_ipv6_address_on_creation => "AssignIpv6AddressOnCreation",
        availability_zone => "AvailabilityZone",
        availability_zone_id => "AvailabilityZoneId",
        map_public_ip_on_launch => "MapPublicIpOnLaunch",
        default_for_az => "DefaultForAz",
        block_public_access_states => "BlockPublicAccessStates",
        outpost_arn => "OutpostArn",
        subnet_arn => "SubnetArn",
        tags => "Tags",
    }
    SubnetIpv6CidrBlockAssociation {
        association_id => "AssociationId",
        ipv6_cidr_block => "Ipv6CidrBlock",
        ipv6_cidr_block_state => "Ipv6CidrBlockState",
        ipv6_address_attribute => "Ipv6AddressAttribute",
        ip_source => "IpSource",
    }
    SubnetCidrBlockState { state => "State" }
    RouteTable {
        route_table_id => "RouteTableId",
        vpc_id => "VpcId",
        owner_id => "OwnerId",
        associations => "Associations",
        propagating_vgws => "PropagatingVgws",
        routes => "Routes",
        tags => "Tags",
    }
    RouteTableAssociation {
        route_table_association_id => "RouteTableAssociationId",
        route_table_id => "RouteTableId",
        main => "Main",
        subnet_id => "SubnetId",
        gateway_id => "GatewayId",
        public_ipv4_pool => "PublicIpv4Pool",
        association_state => "AssociationState",
    }
    RouteTableAssociationState { state => "State" }
    PropagatingVgw { gateway_id => "GatewayId" }
    Route {
        destination_cidr_block => "DestinationCidrBlock",
        destination_ipv6_cidr_block => "DestinationIpv6CidrBlock",
        destination_prefix_list_id => "DestinationPrefixListId",
        gateway_id => "GatewayId",
        nat_gateway_id => "NatGatewayId",
        instance_id => "InstanceId",
        instance_owner_id => "InstanceOwnerId",
        network_interface_id => "NetworkInterfaceId",
        transit_gateway_id => "TransitGatewayId",
        vpc_peering_connection_id => "VpcPeeringConnectionId",
        egress_only_internet_gateway_id => "EgressOnlyInternetGatewayId",
        carrier_gateway_id => "CarrierGatewayId",
        local_gateway_id => "LocalGatewayId",
        core_network_arn => "CoreNetworkArn",
        odb_network_arn => "OdbNetworkArn",
        ip_address => "IpAddress",
        origin => "Origin",
        state => "State",
    }
}

words! {
    BlockPublicAccessMode, Ipv6AddressAttribute, RouteOrigin, RouteState, RouteTableAssociationStateCode,
    SubnetCidrBlockStateCode, SubnetState, Tenancy, VpcCidrBlockStateCode, VpcEncryptionControlExclusionState,
    VpcEncryptionControlMode, VpcEncryptionControlState, VpcState, aws_sdk_ec2::types::IpSource,
}
