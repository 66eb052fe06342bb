//! The ways out of a VPC: NAT and internet gateways, addresses, network interfaces, endpoints.

use aws_sdk_ec2::types::{
    Address, AttachmentStatus, AutoProvisionZonesState, AutoScalingIpsState, AvailabilityMode, ConnectivityType,
    DnsEntry, DomainType, EgressOnlyInternetGateway, GroupIdentifier, InternetGateway, InternetGatewayAttachment,
    InternetGatewayBlockMode, InternetGatewayExclusionMode, IpAddressType, LastError, ManagedBy, NatGateway,
    NatGatewayAddress, NatGatewayAddressStatus, NatGatewayApplianceModifyState, NatGatewayApplianceState,
    NatGatewayApplianceType, NatGatewayAttachedAppliance, NatGatewayState, NetworkInterface,
    NetworkInterfaceAssociation, NetworkInterfaceAttachment, NetworkInterfaceIpv6Address,
    NetworkInterfacePrivateIpAddress, NetworkInterfaceStatus, NetworkInterfaceType, OperatorResponse,
    SecurityGroupIdentifier, ServiceManaged, State, VpcBlockPublicAccessExclusion, VpcBlockPublicAccessExclusionState,
    VpcBlockPublicAccessExclusionsAllowed, VpcBlockPublicAccessOptions, VpcBlockPublicAccessState, VpcEndpoint,
    VpcEndpointType,
};

use super::{bodies, words};

bodies! {
    NatGateway {
        nat_gateway_id => "NatGatewayId",
        vpc_id => "VpcId",
        subnet_id => "SubnetId",
        state => "State",
        connectivity_type => "ConnectivityType",
        availability_mode => "AvailabilityMode",
        auto_scaling_ips => "AutoScalingIps",
        auto_provision_zones => "AutoProvisionZones",
        route_table_id => "RouteTableId",
        nat_gateway_addresses => "NatGatewayAddresses",
        attached_appliances => "AttachedAppliances",
        failure_code => "FailureCode",
        create_time => "CreateTime",
        delete_time => "DeleteTime",
        tags => "Tags",
    }
    NatGatewayAddress {
        allocation_id => "AllocationId",
        public_ip => "PublicIp",
        private_ip => "PrivateIp",
        network_interface_id => "NetworkInterfaceId",
        association_id => "AssociationId",
        is_primary => "IsPrimary",
        status => "Status",
        availability_zone => "AvailabilityZone",
        availability_zone_id => "AvailabilityZoneId",
    }
    NatGatewayAttachedAppliance {
        r#type => "Type",
        appliance_arn => "ApplianceArn",
        vpc_endpoint_id => "VpcEndpointId",
        attachment_state => "AttachmentState",
        modification_state => "ModificationState",
        failure_code => "FailureCode",
    }
    Address {
        allocation_id => "AllocationId",
        public_ip => "PublicIp",
        association_id => "AssociationId",
        network_interface_id => "NetworkInterfaceId",
        network_interface_owner_id => "NetworkInterfaceOwnerId",
        private_ip_address => "PrivateIpAddress",
        instance_id => "InstanceId",
        subnet_id => "SubnetId",
        domain => "Domain",
        public_ipv4_pool => "PublicIpv4Pool",
        network_border_group => "NetworkBorderGroup",
        customer_owned_ip => "CustomerOwnedIp",
        customer_owned_ipv4_pool => "CustomerOwnedIpv4Pool",
        carrier_ip => "CarrierIp",
        service_managed => "ServiceManaged",
        tags => "Tags",
    }
    InternetGateway {
        internet_gateway_id => "InternetGatewayId",
        owner_id => "OwnerId",
        attachments => "Attachments",
        tags => "Tags",
    }
    InternetGatewayAttachment { state => "State", vpc_id => "VpcId" }
    EgressOnlyInternetGateway {
        egress_only_internet_gateway_id => "EgressOnlyInternetGatewayId",
        attachments => "Attachments",
        tags => "Tags",
    }
    NetworkInterface {
        network_interface_id => "NetworkInterfaceId",
        interface_type => "InterfaceType",
        status => "Status",
        subnet_id => "SubnetId",
        vpc_id => "VpcId",
        availability_zone => "AvailabilityZone",
        availability_zone_id => "AvailabilityZoneId",
        owner_id => "OwnerId",
        requester_id => "RequesterId",
        requester_managed => "RequesterManaged",
        source_dest_check => "SourceDestCheck",
        private_ip_address => "PrivateIpAddress",
        private_ip_addresses => "PrivateIpAddresses",
        ipv6_address => "Ipv6Address",
        ipv6_addresses => "Ipv6Addresses",
        ipv6_native => "Ipv6Native",
        association => "Association",
        attachment => "Attachment",
        groups => "Groups",
        deny_all_igw_traffic => "DenyAllIgwTraffic",
        operator => "Operator",
        tag_set => "TagSet",
    }
    NetworkInterfaceAssociation {
        allocation_id => "AllocationId",
        association_id => "AssociationId",
        ip_owner_id => "IpOwnerId",
        public_ip => "PublicIp",
        customer_owned_ip => "CustomerOwnedIp",
        carrier_ip => "CarrierIp",
    }
    NetworkInterfaceAttachment {
        attachment_id => "AttachmentId",
        device_index => "DeviceIndex",
        instance_id => "InstanceId",
        instance_owner_id => "InstanceOwnerId",
        status => "Status",
    }
    NetworkInterfacePrivateIpAddress {
        private_ip_address => "PrivateIpAddress",
        primary => "Primary",
        association => "Association",
    }
    NetworkInterfaceIpv6Address { ipv6_address => "Ipv6Address", is_primary_ipv6 => "IsPrimaryIpv6" }
    GroupIdentifier { group_id => "GroupId", group_name => "GroupName" }
    OperatorResponse { managed => "Managed", principal => "Principal" }
    VpcEndpoint {
        vpc_endpoint_id => "VpcEndpointId",
        vpc_endpoint_type => "VpcEndpointType",
        vpc_id => "VpcId",
        service_name => "ServiceName",
        service_region => "ServiceRegion",
        service_network_arn => "ServiceNetworkArn",
        resource_configuration_arn => "ResourceConfigurationArn",
        state => "State",
        policy_document => "PolicyDocument",
        route_table_ids => "RouteTableIds",
        subnet_ids => "SubnetIds",
        groups => "Groups",
        ip_address_type => "IpAddressType",
        private_dns_enabled => "PrivateDnsEnabled",
        requester_managed => "RequesterManaged",
        network_interface_ids => "NetworkInterfaceIds",
        dns_entries => "DnsEntries",
        owner_id => "OwnerId",
        last_error => "LastError",
        creation_timestamp => "CreationTimestamp",
        tags => "Tags",
    }
    SecurityGroupIdentifier { group_id => "GroupId", group_name => "GroupName" }
    DnsEntry { dns_name => "DnsName", hosted_zone_id => "HostedZoneId" }
    LastError { code => "Code" }
    VpcBlockPublicAccessOptions {
        aws_account_id => "AwsAccountId",
        aws_region => "AwsRegion",
        state => "State",
        internet_gateway_block_mode => "InternetGatewayBlockMode",
        managed_by => "ManagedBy",
        exclusions_allowed => "ExclusionsAllowed",
        last_update_timestamp => "LastUpdateTimestamp",
    }
    VpcBlockPublicAccessExclusion {
        exclusion_id => "ExclusionId",
        internet_gateway_exclusion_mode => "InternetGatewayExclusionMode",
        resource_arn => "ResourceArn",
        state => "State",
        creation_timestamp => "CreationTimestamp",
        last_update_timestamp => "LastUpdateTimestamp",
        deletion_timestamp => "DeletionTimestamp",
        tags => "Tags",
    }
}

words! {
    AttachmentStatus, AutoProvisionZonesState, AutoScalingIpsState, AvailabilityMode, ConnectivityType, DomainType,
    InternetGatewayBlockMode, InternetGatewayExclusionMode, IpAddressType, ManagedBy, NatGatewayAddressStatus,
    NatGatewayApplianceModifyState, NatGatewayApplianceState, NatGatewayApplianceType, NatGatewayState,
    NetworkInterfaceStatus, NetworkInterfaceType, ServiceManaged, State, VpcBlockPublicAccessExclusionState,
    VpcBlockPublicAccessExclusionsAllowed, VpcBlockPublicAccessState, VpcEndpointType,
}
