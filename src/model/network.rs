//! VPCs, subnets, routes, gateways and addresses, as far as the walk needs them.

use ipnet::IpNet;

use crate::{
    evidence::{Gap, GapReason, Known},
    snapshot::unknown::{gap_of_name, same},
};

/// A VPC.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// The account that owns it.
    pub owner: String,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// The tag `Name`, where it has one.
    pub name: Option<String>,
    /// The VPC it is in.
    pub vpc: String,
    /// The account that owns it; another one where the VPC is shared.
    pub owner: String,
    /// The name of its availability zone, as [`Self::named_by`] sees it; a placeholder where nobody knows it yet.
    pub zone: String,
    /// The account that was asked, whose names of zones are its own: the owner, or one that the VPC is shared with.
    pub named_by: String,
    /// The id of its availability zone, the same in every account.
    pub zone_id: Option<String>,
    /// Its IPv4 range.
    pub cidr: Option<IpNet>,
    /// Its IPv6 ranges.
    pub ipv6: Known<Vec<IpNet>>,
}

impl Subnet {
    /// The name of its zone.
    pub fn zone(&self) -> Known<&str> {
        gap_of_name(&self.zone).map_or(Known::Known(&self.zone), Known::Unknown)
    }

    /// Whether another subnet is in the same zone. Names of zones differ from account to account, ids do not.
    ///
    /// # Errors
    /// Where the two cannot be compared.
    pub fn same_zone(&self, other: &Self) -> Result<bool, Gap> {
        match (&self.zone_id, &other.zone_id) {
            (Some(own), Some(other)) => Ok(own == other),
            _ if self.named_by == other.named_by => same(&self.zone, &other.zone).into_result(),
            _ => Err(Gap::new(format!("the zone ids of {} and {}", self.id, other.id), GapReason::UnknownValue)),
        }
    }

    /// What zones are compared by: the id where it is known, else the name.
    pub fn zone_key(&self) -> &str {
        self.zone_id.as_deref().unwrap_or(&self.zone)
    }
}

/// A route table.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: String,
    /// The VPC it is in.
    pub vpc: String,
    /// Whether it serves the subnets of the VPC that name no table.
    pub main: bool,
    /// The subnets that name it.
    pub subnets: Vec<String>,
    /// The gateways that name it: it decides over what comes into the VPC by them, and over no subnet.
    pub gateways: Vec<String>,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Which destinations it is for.
    pub destination: Destination,
    /// Where it sends them.
    pub target: Target,
    /// How it came about.
    pub origin: RouteOrigin,
    /// Whether it works.
    pub state: RouteState,
}

/// What a route is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A range of addresses.
    Net(IpNet),
    /// A prefix list.
    PrefixList(String),
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The VPC itself.
    Local,
    /// An internet gateway.
    InternetGateway(String),
    /// An egress-only internet gateway, for IPv6.
    EgressOnlyGateway(String),
    /// A NAT gateway.
    NatGateway(String),
    /// A network interface, of an instance or an appliance.
    Interface(String),
    /// An instance, where no interface is named.
    Instance(String),
    /// A VPC endpoint: a gateway endpoint or one of a gateway load balancer.
    Endpoint(String),
    /// A peering connection.
    Peering(String),
    /// A transit gateway.
    TransitGateway(String),
    /// A virtual private gateway.
    VpnGateway(String),
    /// A core network of Cloud WAN, by its ARN.
    CoreNetwork(String),
    /// Something this version does not follow, or did not recognise.
    Other(String),
}

impl Target {
    /// The id as routes name it.
    pub fn id(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::InternetGateway(id)
            | Self::EgressOnlyGateway(id)
            | Self::NatGateway(id)
            | Self::Interface(id)
            | Self::Instance(id)
            | Self::Endpoint(id)
            | Self::Peering(id)
            | Self::TransitGateway(id)
            | Self::VpnGateway(id)
            | Self::CoreNetwork(id)
            | Self::Other(id) => id,
        }
    }
}

/// How a route came about; static routes win over propagated ones for the same range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteOrigin {
    /// Written by somebody, or made with the table.
    Static,
    /// Learnt from a gateway or a route server.
    Propagated,
}

/// Whether a route works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteState {
    /// It does.
    Active,
    /// Its target is gone: it takes the traffic and drops it.
    Blackhole,
    /// It is not installed, and takes no traffic.
    Filtered,
    /// A state this version does not know.
    Other(String),
}

/// A NAT gateway.
#[derive(Debug, Clone)]
pub struct NatGateway {
    /// `nat-…`.
    pub id: String,
    /// The tag `Name`, where it has one.
    pub name: Option<String>,
    /// The VPC it is in.
    pub vpc: String,
    /// The subnet of a zonal one; a regional one has none.
    pub subnet: Option<String>,
    /// `available`, or a state in which it does not pass traffic.
    pub state: String,
    /// Whether it has public addresses; a private one translates to a private address.
    pub public: bool,
    /// Whether it spans the zones of the region.
    pub regional: bool,
    /// Whether it may take further addresses by itself.
    pub automatic: Known<bool>,
    /// The table of a regional one.
    pub route_table: Option<String>,
    /// Its public addresses, those that do not work left out.
    pub addresses: Vec<NatAddress>,
    /// Its private addresses, which a private one puts on what it translates.
    pub private: Vec<IpNet>,
}

/// An address of a NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatAddress {
    /// The public address.
    pub ip: Known<String>,
    /// The Elastic IP it is, where it is one.
    pub allocation: Option<String>,
}

/// An Elastic IP.
#[derive(Debug, Clone)]
pub struct Address {
    /// `eipalloc-…`, or the address where it has none.
    pub id: String,
    /// The tag `Name`, where it has one.
    pub name: Option<String>,
    /// The address.
    pub ip: Known<String>,
    /// Whether something uses it.
    pub used: Known<bool>,
    /// The service that manages it, which may release it: `alb`, `nlb`, `rnat`, `rds`.
    pub service_managed: Option<String>,
}

/// An internet gateway, or an egress-only one.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// `igw-…` or `eigw-…`.
    pub id: String,
    /// The VPCs it is attached to and works for.
    pub attached: Vec<String>,
}

/// A network interface.
#[derive(Debug, Clone)]
pub struct NetworkInterface {
    /// `eni-…`.
    pub id: String,
    /// The subnet it is in.
    pub subnet: String,
    /// Whether it drops what is not addressed to it, as everything that forwards must not.
    pub source_dest_check: Option<bool>,
    /// Whether it is attached to something.
    pub in_use: bool,
    /// Its public address.
    pub public: Option<PublicAddress>,
    /// The instance it is attached to.
    pub instance: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// The service that runs it for the customer, such as `scaler.lambda.amazonaws.com`.
    pub operator: Option<String>,
}

/// The public address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    /// The address.
    pub ip: String,
    /// Whether it is an Elastic IP, and stays; one that Amazon lends changes when the instance stops.
    pub elastic: bool,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// The VPC it is in.
    pub vpc: String,
    /// `Gateway`, `Interface`, `GatewayLoadBalancer`, …
    pub kind: String,
    /// The service it leads to.
    pub service: String,
    /// The subnets that it has interfaces in; one of a gateway load balancer has one.
    pub subnets: Vec<String>,
    /// Whether it takes traffic.
    pub available: bool,
    /// The route tables that a gateway endpoint is in.
    pub route_tables: Vec<String>,
    /// Whether it takes over the public name of the service in the whole VPC.
    pub private_dns: bool,
}

/// A prefix list.
#[derive(Debug, Clone)]
pub struct PrefixList {
    /// `pl-…`.
    pub id: String,
    /// Its name, such as `com.amazonaws.us-west-2.s3`.
    pub name: String,
    /// Its ranges.
    pub entries: Known<Vec<IpNet>>,
}

/// What VPC Block Public Access does in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockMode {
    /// Nothing.
    Off,
    /// It stops connections from the internet; those to it pass, by NAT and by egress-only gateways.
    Ingress,
    /// It stops everything, exclusions apart.
    Bidirectional,
    /// A mode this version does not know.
    Other(String),
}

/// An exclusion from VPC Block Public Access that is in force.
#[derive(Debug, Clone)]
pub struct Exclusion {
    /// The VPC or subnet it is for: the last part of its ARN.
    pub resource: String,
}
