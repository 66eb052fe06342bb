//! VPC networks, connectors, routes, routers and NATs.

use ipnet::IpNet;

use super::Place;
use crate::evidence::{Gap, Known};

/// A Serverless VPC Access connector.
#[derive(Debug, Clone)]
pub struct Connector {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// Where it is.
    pub place: Place,
    /// `READY`, or a state in which it passes no traffic.
    pub state: String,
    /// How it stands in a network.
    pub ranges: Ranges,
    /// How many machines it may have.
    pub max_instances: Known<Option<u32>>,
}

/// How a connector stands in a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranges {
    /// By a range of its own, in a subnet that is hidden.
    Range {
        /// The network's canonical name.
        network: String,
        /// The range.
        net: IpNet,
    },
    /// By a subnet.
    Subnet {
        /// The subnet's canonical name.
        subnetwork: String,
    },
}

/// A VPC network.
#[derive(Debug, Clone)]
pub struct VpcNetwork {
    /// The canonical name.
    pub name: String,
    /// Whether routes that BGP teaches in one region count in all of them.
    pub global_routing: bool,
    /// Whether network firewall policies come before VPC firewall rules.
    pub policies_first: bool,
    /// Its peerings.
    pub peerings: Vec<Peering>,
}

/// A peering with another network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// Its name.
    pub name: String,
    /// Whether it is active.
    pub active: bool,
    /// Whether it brings the other side's custom routes.
    pub imports_routes: bool,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnetwork {
    /// The canonical name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The network's canonical name.
    pub network: String,
    /// Its primary range.
    pub net: Option<IpNet>,
    /// Whether Google's APIs are reached from it without a public address.
    pub private_google_access: bool,
    /// The IPv6 prefix that the internet sees, where it has one.
    pub external_ipv6: Option<IpNet>,
}

/// A route.
#[derive(Debug, Clone)]
pub struct VpcRoute {
    /// The canonical name, or what else tells it apart.
    pub name: String,
    /// The network's canonical name.
    pub network: String,
    /// The destinations.
    pub net: IpNet,
    /// The lower wins among equal ranges.
    pub priority: u32,
    /// The network tags of those it is for; empty for everyone.
    pub tags: Vec<String>,
    /// How it came about.
    pub via: Via,
    /// Where it leads.
    pub hop: NextHop,
    /// What is wrong with its next hop, as the API warns.
    pub warning: Option<String>,
}

/// How a route came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Of a subnet, of this network or of a peer.
    Subnet,
    /// Written by somebody.
    Static,
    /// Learnt by BGP, or brought by a peering.
    Dynamic,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextHop {
    /// The network itself.
    Network,
    /// The default internet gateway.
    Internet,
    /// A peer, for its own ranges.
    Peer(String),
    /// Something else, by its kind and name: an instance, an internal load balancer, a VPN tunnel, a hub, …
    Other {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}

/// A policy-based route, which comes before every other.
#[derive(Debug, Clone)]
pub struct PolicyRoute {
    /// The canonical name.
    pub name: String,
    /// The network's canonical name.
    pub network: String,
    /// The sources it is for.
    pub sources: IpNet,
    /// The destinations it is for.
    pub destinations: IpNet,
    /// Whether it is for TCP.
    pub tcp: bool,
    /// The lower wins.
    pub priority: u32,
    /// The network tags of those it is for; empty for every machine.
    pub tags: Vec<String>,
    /// Whether it is for traffic of interconnects alone.
    pub interconnect: bool,
    /// Where it leads.
    pub hop: PolicyRouteHop,
}

/// Where a policy-based route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyRouteHop {
    /// An internal load balancer.
    LoadBalancer(String),
    /// To the other routes, past the policy-based ones.
    Default,
    /// Somewhere this version does not know.
    Other,
}

/// A Cloud Router.
#[derive(Debug, Clone)]
pub struct Router {
    /// The canonical name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The network's canonical name.
    pub network: String,
    /// Whether it speaks BGP with somebody.
    pub bgp: bool,
    /// Its NATs.
    pub nats: Vec<NetworkNat>,
}

/// A Cloud NAT.
#[derive(Debug, Clone)]
pub struct NetworkNat {
    /// Its name within the router.
    pub name: String,
    /// Whether it translates to public addresses, rather than private ones.
    pub public: bool,
    /// Whether it serves machines and serverless workloads.
    pub for_machines: bool,
    /// How it comes by its addresses.
    pub allocation: AllocateOption,
    /// The canonical names of its addresses.
    pub addresses: Vec<String>,
    /// Why these are not known.
    pub addresses_gap: Option<Gap>,
    /// The canonical names of the addresses it is giving up.
    pub draining: Vec<String>,
    /// Which subnets it serves.
    pub coverage: Coverage,
    /// Further addresses for some destinations.
    pub rules: Vec<NatRule>,
    /// Whether it logs; none of it, errors, or all.
    pub logging: Known<bool>,
    /// How many ports an endpoint has at least.
    pub min_ports: u32,
}

/// How a NAT comes by its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllocateOption {
    /// It takes them by itself.
    Automatic,
    /// They are given to it.
    Manual,
    /// In a way this version does not know.
    Other(String),
}

/// Which subnets a NAT serves over IPv4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// All of them, hidden ones too.
    All,
    /// Those with these canonical names, and whether with their primary range.
    Listed(Vec<(String, bool)>),
    /// None.
    None,
}

/// A rule of a NAT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatRule {
    /// Its number.
    pub number: i64,
    /// Which destinations it is for, as written.
    pub matches: String,
    /// The canonical names of the addresses for them.
    pub addresses: Vec<String>,
    /// The canonical names of those it is giving up.
    pub draining: Vec<String>,
}

/// What a router does at the moment.
#[derive(Debug, Clone, Default)]
pub struct RouterStatus {
    /// The best routes that BGP taught.
    pub routes: Vec<VpcRoute>,
    /// Its NATs.
    pub nats: Vec<NatStatus>,
}

/// What a NAT does at the moment.
#[derive(Debug, Clone)]
pub struct NatStatus {
    /// Its name within the router.
    pub name: String,
    /// How many more addresses it needs.
    pub missing_addresses: i64,
    /// The addresses it took by itself.
    pub automatic: Vec<String>,
}

/// The addresses that the NATs of a router have at the moment, by the NAT's name.
pub type NatIps = Vec<(String, Vec<String>)>;

/// An address.
#[derive(Debug, Clone)]
pub struct ReservedAddress {
    /// The canonical name.
    pub name: String,
    /// The full resource name as the API wrote it.
    pub full_name: String,
    /// Where it is.
    pub place: Place,
    /// The address; not known before it is there.
    pub ip: Known<String>,
    /// What it is.
    pub class: AddressClass,
    /// Whether something uses it.
    pub used: Known<bool>,
}

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// Public, and its owner keeps it.
    External,
    /// Public, and a NAT took it by itself.
    Automatic,
    /// Inside a network.
    Internal,
}
