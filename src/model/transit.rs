//! Transit gateways: what is attached to them, and the tables that they route by.

use ipnet::IpNet;

use crate::evidence::Known;

/// A transit gateway.
#[derive(Debug, Clone)]
pub struct TransitGateway {
    /// `tgw-…`.
    pub id: String,
    /// The account that owns it, which alone sees its route tables.
    pub owner: String,
    /// `available`, or a state in which it may not pass traffic.
    pub state: String,
}

/// Something attached to a transit gateway: a VPC, a peering, a VPN, …
#[derive(Debug, Clone)]
pub struct TransitAttachment {
    /// `tgw-attach-…`.
    pub id: String,
    /// The transit gateway.
    pub gateway: String,
    /// What kind of thing is attached: `vpc`, `peering`, `vpn`, `network-function`, …
    pub kind: String,
    /// The route table that decides over what comes in by it; none where it is associated with none.
    pub table: Known<Option<String>>,
}

/// The attachment of a VPC, with its place there.
#[derive(Debug, Clone)]
pub struct VpcAttachment {
    /// `tgw-attach-…`.
    pub id: String,
    /// The transit gateway.
    pub gateway: String,
    /// The VPC.
    pub vpc: String,
    /// The account that owns the VPC.
    pub vpc_owner: String,
    /// `available`, or a state in which it may not pass traffic.
    pub state: String,
    /// The subnets that the transit gateway has interfaces in, one of each zone that it serves.
    pub subnets: Vec<String>,
    /// Whether what comes in may be handed to any of the subnets, whichever zone it comes from.
    pub appliance_mode: bool,
}

impl VpcAttachment {
    /// Whether it may still exist: those that were deleted linger in answers.
    pub fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "deleted" | "failed" | "rejected")
    }
}

/// A route table of a transit gateway.
#[derive(Debug, Clone)]
pub struct TransitTable {
    /// `tgw-rtb-…`.
    pub id: String,
    /// Its routes, the preferred one for each range.
    pub routes: Known<Vec<TransitRoute>>,
}

/// A route of a transit gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitRoute {
    /// Which destinations it is for.
    pub net: IpNet,
    /// Whether it was learnt from an attachment; a written one for the same range wins.
    pub propagated: bool,
    /// Whether it comes from a prefix list, and so loses to one that was written for the same range.
    pub listed: bool,
    /// `active`, `blackhole`, or a state this version does not know.
    pub state: String,
    /// The attachments that it leads to; several share the traffic.
    pub to: Vec<TransitHop>,
}

/// An attachment that a route leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitHop {
    /// `tgw-attach-…`.
    pub attachment: String,
    /// What kind of thing is attached: `vpc`, `peering`, `vpn`, `network-function`, …
    pub kind: String,
    /// The id of that.
    pub resource: String,
}
