//! What filters traffic: security groups, network ACLs, and the prefix lists that they and routes name.

use aws_sdk_ec2::types::{
    IcmpTypeCode, IpPermission, IpRange, Ipv6Range, ManagedPrefixList, NetworkAcl, NetworkAclAssociation,
    NetworkAclEntry, PortRange, PrefixListEntry, PrefixListId, PrefixListState, RuleAction, SecurityGroup,
    UserIdGroupPair,
};

use super::{bodies, words};

bodies! {
    SecurityGroup {
        group_id => "GroupId",
        group_name => "GroupName",
        vpc_id => "VpcId",
        owner_id => "OwnerId",
        security_group_arn => "SecurityGroupArn",
        ip_permissions => "IpPermissions",
        ip_permissions_egress => "IpPermissionsEgress",
        tags => "Tags",
    }
    IpPermission {
        ip_protocol => "IpProtocol",
        from_port => "FromPort",
        to_port => "ToPort",
        user_id_group_pairs => "UserIdGroupPairs",
        ip_ranges => "IpRanges",
        ipv6_ranges => "Ipv6Ranges",
        prefix_list_ids => "PrefixListIds",
    }
    UserIdGroupPair {
        group_id => "GroupId",
        group_name => "GroupName",
        user_id => "UserId",
        vpc_id => "VpcId",
        vpc_peering_connection_id => "VpcPeeringConnectionId",
        peering_status => "PeeringStatus",
    }
    IpRange { cidr_ip => "CidrIp" }
    Ipv6Range { cidr_ipv6 => "CidrIpv6" }
    PrefixListId { prefix_list_id => "PrefixListId" }
    NetworkAcl {
        network_acl_id => "NetworkAclId",
        vpc_id => "VpcId",
        owner_id => "OwnerId",
        is_default => "IsDefault",
        associations => "Associations",
        entries => "Entries",
        tags => "Tags",
    }
    NetworkAclAssociation {
        network_acl_association_id => "NetworkAclAssociationId",
        network_acl_id => "NetworkAclId",
        subnet_id => "SubnetId",
    }
    NetworkAclEntry {
        rule_number => "RuleNumber",
        rule_action => "RuleAction",
        egress => "Egress",
        protocol => "Protocol",
        cidr_block => "CidrBlock",
        ipv6_cidr_block => "Ipv6CidrBlock",
        port_range => "PortRange",
        icmp_type_code => "IcmpTypeCode",
    }
    PortRange { from => "From", to => "To" }
    IcmpTypeCode { code => "Code", r#type => "Type" }
    ManagedPrefixList {
        prefix_list_id => "PrefixListId",
        prefix_list_name => "PrefixListName",
        prefix_list_arn => "PrefixListArn",
        address_family => "AddressFamily",
        state => "State",
        max_entries => "MaxEntries",
        version => "Version",
        owner_id => "OwnerId",
        tags => "Tags",
    }
    PrefixListEntry { cidr => "Cidr" }
}

words! { PrefixListState, RuleAction }
