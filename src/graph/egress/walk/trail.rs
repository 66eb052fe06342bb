//! What a walk leaves behind it: whose borders the packets cross, and what their answers have to come back through.

use ipnet::IpNet;

use crate::{
    evidence::Known,
    graph::egress::filter::Role,
    model::{Subnet, TransitGateway, VpcAttachment, VpcEndpoint},
    snapshot::ScopeId,
};

/// What a walk leaves behind it.
#[derive(Debug, Clone)]
pub(super) struct Trail<'a> {
    /// The subnets behind the workload's own whose network ACLs the packets cross, in order.
    pub(super) borders: Vec<Border<'a>>,
    /// What the packets went through since something last put an address of its own on them.
    pub(super) gates: Vec<Gate<'a>>,
    /// Whether the answers find their way back, as far as that was followed.
    pub(super) answers: Known<Answers>,
    /// The transit gateways on the way.
    pub(super) transit_gateways: Vec<String>,
    /// What inspects the traffic on the way.
    pub(super) inspected: Vec<Inspected>,
    /// Whether an attachment on the way hands its traffic to any zone.
    pub(super) appliance_mode: bool,
    /// Where it crosses to the internet.
    pub(super) out: Option<Out>,
}

impl Default for Trail<'_> {
    fn default() -> Self {
        Self {
            borders: Vec::new(),
            gates: Vec::new(),
            answers: Known::Known(Answers::All),
            transit_gateways: Vec::new(),
            inspected: Vec::new(),
            appliance_mode: false,
            out: None,
        }
    }
}

/// A subnet whose network ACL the packets cross.
#[derive(Debug, Clone)]
pub(super) struct Border<'a> {
    /// In whose eyes it is seen: the owner's and a viewer's.
    pub(super) owner: ScopeId,
    /// See `owner`.
    pub(super) viewer: ScopeId,
    /// The subnet.
    pub(super) subnet: &'a Subnet,
    /// The addresses that the packets bear when they come in.
    pub(super) sources: Vec<IpNet>,
    /// What stands there.
    pub(super) role: Role,
}

/// What packets went through, and answers have to come back through.
#[derive(Debug, Clone)]
pub(super) enum Gate<'a> {
    /// A transit gateway.
    Transit(Box<Crossing<'a>>),
    /// A peering connection.
    Peering(String),
    /// An endpoint of a gateway load balancer, and its subnet.
    Endpoint(&'a VpcEndpoint, &'a Subnet),
}

/// How packets crossed a transit gateway.
#[derive(Debug, Clone)]
pub(super) struct Crossing<'a> {
    /// The transit gateway.
    pub(super) gateway: &'a TransitGateway,
    /// Where they came in.
    pub(super) from: &'a VpcAttachment,
    /// The subnet of that, and in whose eyes it is seen.
    pub(super) entry: &'a Subnet,
    /// See `entry`.
    pub(super) owner: ScopeId,
    /// See `entry`.
    pub(super) viewer: ScopeId,
    /// The attachment of a firewall that they went through inside.
    pub(super) function: Option<String>,
    /// Where they went out.
    pub(super) to: &'a VpcAttachment,
}

/// Something that inspects, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Inspected {
    /// Its id.
    pub(super) id: String,
    /// Where an endpoint of it stands; none inside a transit gateway.
    pub(super) at: Option<Out>,
}

/// A place in a VPC.
#[derive(Debug, Clone)]
pub(super) struct Out {
    /// The account that owns the VPC, which decides over Block Public Access there.
    pub(super) owner: ScopeId,
    /// The VPC.
    pub(super) vpc: String,
    /// The subnet; none for a regional NAT gateway.
    pub(super) subnet: Option<String>,
}

/// Whether answers find their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answers {
    /// All of them.
    All,
    /// Those to some addresses of the workload's subnet only.
    Some(String),
    /// None.
    None(String),
}

/// Of two stretches of the way back, what is left: what is certainly lost is lost, whatever else was not read.
pub(super) fn both(one: Known<Answers>, other: Known<Answers>) -> Known<Answers> {
    match (one, other) {
        (Known::Known(Answers::None(because)), _) | (_, Known::Known(Answers::None(because))) => {
            Known::Known(Answers::None(because))
        }
        (Known::Unknown(gap), _) | (_, Known::Unknown(gap)) => Known::Unknown(gap),
        (Known::Known(Answers::Some(because)), _) | (_, Known::Known(Answers::Some(because))) => {
            Known::Known(Answers::Some(because))
        }
        (Known::Known(Answers::All), Known::Known(Answers::All)) => Known::Known(Answers::All),
    }
}
