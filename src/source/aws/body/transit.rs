//! Transit gateways, their attachments and their routes.

use aws_sdk_ec2::types::{
    ApplianceModeSupportValue, TransitGateway, TransitGatewayAssociationState, TransitGatewayAttachment,
    TransitGatewayAttachmentAssociation, TransitGatewayAttachmentResourceType, TransitGatewayAttachmentState,
    TransitGatewayRoute, TransitGatewayRouteAttachment, TransitGatewayRouteState, TransitGatewayRouteTable,
    TransitGatewayRouteTableState, TransitGatewayRouteType, TransitGatewayState, TransitGatewayVpcAttachment,
    TransitGatewayVpcAttachmentOptions,
};

use super::{bodies, words};

bodies! {
    TransitGateway {
        transit_gateway_id => "TransitGatewayId",
        transit_gateway_arn => "TransitGatewayArn",
        owner_id => "OwnerId",
        state => "State",
        tags => "Tags",
    }
    TransitGatewayAttachment {
        transit_gateway_attachment_id => "TransitGatewayAttachmentId",
        transit_gateway_id => "TransitGatewayId",
        transit_gateway_owner_id => "TransitGatewayOwnerId",
        resource_owner_id => "ResourceOwnerId",
        resource_type => "ResourceType",
        resource_id => "ResourceId",
        state => "State",
        association => "Association",
        tags => "Tags",
    }
    TransitGatewayAttachmentAssociation {
        transit_gateway_route_table_id => "TransitGatewayRouteTableId",
        transit_gateway_policy_table_id => "TransitGatewayPolicyTableId",
        state => "State",
    }
    TransitGatewayVpcAttachment {
        transit_gateway_attachment_id => "TransitGatewayAttachmentId",
        transit_gateway_id => "TransitGatewayId",
        vpc_id => "VpcId",
        vpc_owner_id => "VpcOwnerId",
        state => "State",
        subnet_ids => "SubnetIds",
        options => "Options",
        tags => "Tags",
    }
    TransitGatewayVpcAttachmentOptions { appliance_mode_support => "ApplianceModeSupport" }
    TransitGatewayRouteTable {
        transit_gateway_route_table_id => "TransitGatewayRouteTableId",
        transit_gateway_id => "TransitGatewayId",
        state => "State",
        default_association_route_table => "DefaultAssociationRouteTable",
        default_propagation_route_table => "DefaultPropagationRouteTable",
        tags => "Tags",
    }
    TransitGatewayRoute {
        destination_cidr_block => "DestinationCidrBlock",
        prefix_list_id => "PrefixListId",
        transit_gateway_attachments => "TransitGatewayAttachments",
        r#type => "Type",
        state => "State",
    }
    TransitGatewayRouteAttachment {
        transit_gateway_attachment_id => "TransitGatewayAttachmentId",
        resource_type => "ResourceType",
        resource_id => "ResourceId",
    }
}

words! {
    ApplianceModeSupportValue, TransitGatewayAssociationState, TransitGatewayAttachmentResourceType,
    TransitGatewayAttachmentState, TransitGatewayRouteState, TransitGatewayRouteTableState, TransitGatewayRouteType,
    TransitGatewayState,
}
