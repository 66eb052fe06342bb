//! Where a workload's traffic to the internet leaves: every path, hop by hop, to its end.

pub mod filter;
pub(in crate::graph) mod flow;
pub mod partition;
mod traffic;
mod verdict;
mod walk;

use std::{collections::BTreeSet, fmt, sync::Arc};

use ipnet::IpNet;

use crate::evidence::{Gap, Known};

pub use traffic::{Destination, Traffic, Transport, Wanted};
pub use verdict::{Verdict, verdict};
pub use walk::Walker;
pub(super) use walk::{connector_of, provider_of, table_of};

/// Where a workload's traffic leaves.
#[derive(Debug, Clone)]
pub struct Egress {
    /// Every path, in the order of their ids; workloads that leave the same way have them in common.
    pub paths: Arc<[Path]>,
    /// The verdict over all of them.
    pub verdict: Verdict,
    /// Services whose traffic takes a way of its own and never shows the addresses of the paths.
    pub bypasses: Vec<Bypass>,
    /// What the bypasses could not be read from.
    pub bypass_gap: Option<Gap>,
    /// A NAT with reserved addresses that would serve it, were all of its traffic sent into its network; none where all
    /// of it is, or where there is no such NAT.
    pub skipped_nat: Known<Option<String>>,
}

impl Egress {
    /// The gaps that keep it from being certain, once each.
    pub fn gaps(&self) -> BTreeSet<&Gap> {
        self.paths.iter().flat_map(Path::gaps).collect()
    }

    /// The addresses that others see over one family, once each.
    pub fn addresses(&self, family: Family) -> BTreeSet<&str> {
        let paths = self.paths.iter().filter(|path| path.family == family);
        let open = paths.filter(|path| path.reaches_internet() != Known::Known(false) || path.is_degraded());
        open.filter_map(Path::exit).flat_map(|exit| &exit.addresses).map(|address| address.ip.as_str()).collect()
    }

    /// Whether everything that it depends on was read.
    pub fn is_known(&self) -> bool {
        self.verdict != Verdict::Unknown && self.gaps().is_empty()
    }
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// As facts name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }

    /// The family of a range.
    pub const fn of(net: &IpNet) -> Self {
        match net {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }
}

/// One way to the internet, or towards it.
#[derive(Debug, Clone)]
pub struct Path {
    /// A name that stays the same from run to run.
    pub id: String,
    /// The address family.
    pub family: Family,
    /// The subnet it starts in, or `platform`.
    pub from: String,
    /// The zone of that subnet.
    pub zone: Option<String>,
    /// Which destinations take it; empty for all of the internet.
    pub destinations: Vec<IpNet>,
    /// The hops, from the workload on.
    pub hops: Vec<Hop>,
    /// Where it ends.
    pub end: End,
    /// What the filters on the way do to it.
    pub passage: Known<Passage>,
    /// The transit gateways by which it passes into other networks, in order.
    pub transit_gateways: Vec<String>,
    /// What inspects its traffic on the way: endpoints of gateway load balancers, firewalls of transit gateways.
    pub inspected_by: Vec<String>,
    /// Whether an attachment on the way hands its traffic to whichever zone, so that answers take the same way.
    pub appliance_mode: bool,
}

/// A step of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What it is: `function`, `subnet`, `nat-gateway`, …
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// What it is, in further words: a range, a zone, a state.
    pub about: String,
    /// Where it sends the traffic.
    pub decision: String,
    /// The fact that decides.
    pub because: String,
}

/// Where a walk ends.
#[derive(Debug, Clone)]
pub enum End {
    /// The routes lead to the internet.
    Internet(Exit),
    /// They do not.
    Nowhere {
        /// Why, as one of a closed list.
        stop: Stop,
        /// The deciding fact, in words.
        because: String,
    },
    /// They lead to something private that is meant: no address of the internet is seen there.
    Inside {
        /// Where that is: `vpc-1, subnet-2`, an endpoint, a network.
        place: String,
    },
    /// They lead into another network, whose own exit is not seen.
    Elsewhere {
        /// What they lead through: `VPN tunnel hub-1`.
        through: String,
        /// Why it is not followed.
        gap: Gap,
    },
    /// They lead out of sight.
    Unknown(Gap),
}

/// What traffic leaves through.
#[derive(Debug, Clone)]
pub struct Exit {
    /// What kind of thing.
    pub kind: ExitKind,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its zone, where it lives in one.
    pub zone: Option<String>,
    /// Whether it may take further addresses by itself.
    pub automatic: Known<bool>,
    /// The addresses that the other side may see; none where the platform's pool is used.
    pub addresses: Vec<ExitAddress>,
    /// Why there may be others, or why one of them is a name without a value.
    pub addresses_gap: Option<Gap>,
}

/// What kinds of exit there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitKind {
    /// A NAT gateway.
    Nat,
    /// The cloud's shared pool.
    Platform,
    /// An instance that forwards, or is meant to.
    Instance,
    /// The public address of the instance that the workload itself runs on.
    Interface,
    /// An egress-only internet gateway, for IPv6.
    EgressOnlyGateway,
    /// An internet gateway without translation, for IPv6.
    InternetGateway,
}

impl ExitKind {
    /// As facts name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nat => "nat",
            Self::Platform => "platform",
            Self::Instance => "instance",
            Self::Interface => "interface",
            Self::EgressOnlyGateway => "egress-only-gateway",
            Self::InternetGateway => "internet-gateway",
        }
    }
}

/// An address that the other side may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitAddress {
    /// The address, or the prefix for IPv6.
    pub ip: String,
    /// Whether its owner keeps it until they release it.
    pub reserved: Known<bool>,
    /// What it is: `eip`, `nat`, `instance`, `subnet-prefix`.
    pub source: &'static str,
    /// Whether it is being given up: what is open keeps it, and nothing new gets it.
    pub draining: bool,
}

/// Why a walk stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// No route fits.
    NoRoute,
    /// The route that fits drops.
    Blackhole,
    /// A way to the internet, for an address that is none of the internet's.
    NotPublic,
    /// An internet gateway, from something without a public address.
    PublicSubnet,
    /// The gateway is not attached to this VPC.
    GatewayDetached,
    /// The gateway does not exist.
    GatewayMissing,
    /// The NAT gateway is in a state in which it does not pass traffic.
    NatFailed,
    /// The NAT gateway does not exist.
    NatMissing,
    /// The NAT gateway has no address that works.
    NatWithoutAddress,
    /// The NAT gateway's own subnet has no way to an internet gateway.
    NatInPrivateSubnet,
    /// A private NAT gateway before an internet gateway.
    PrivateNat,
    /// No security group lets it out.
    SecurityGroup,
    /// A network ACL stops it or its answers.
    NetworkAcl,
    /// VPC Block Public Access stops it.
    BlockPublicAccess,
    /// A peering connection, which leads to no internet.
    Peering,
    /// The VPC is not attached to the transit gateway.
    NotAttached,
    /// Its attachment has no subnet in the zone of the traffic.
    ZoneNotAttached,
    /// The attachment is associated with no route table.
    NotAssociated,
    /// The answers do not find their way back.
    NoReturn,
    /// The endpoint of a gateway load balancer does not take traffic.
    EndpointNotAvailable,
    /// An instance that cannot forward.
    Instance,
    /// The routes come back to where they were.
    Loop,
    /// The connector does not exist.
    ConnectorMissing,
    /// The connector is in a state in which it does not pass traffic.
    ConnectorNotRunning,
    /// A firewall shuts the connector off from the platform.
    ConnectorBlocked,
    /// The subnet does not exist.
    SubnetMissing,
    /// The connector or the subnet is of another region.
    WrongRegion,
    /// The next hop of the route is gone, or cannot forward.
    NextHop,
    /// No NAT serves the subnet, and there is no public address.
    WithoutNat,
    /// A firewall lets nothing out.
    Firewall,
}

impl Stop {
    /// As facts name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRoute => "no-route",
            Self::Blackhole => "blackhole",
            Self::NotPublic => "not-public",
            Self::PublicSubnet => "public-subnet",
            Self::GatewayDetached => "gateway-detached",
            Self::GatewayMissing => "gateway-missing",
            Self::NatFailed => "nat-failed",
            Self::NatMissing => "nat-missing",
            Self::NatWithoutAddress => "nat-without-address",
            Self::NatInPrivateSubnet => "nat-in-private-subnet",
            Self::PrivateNat => "private-nat",
            Self::SecurityGroup => "security-group",
            Self::NetworkAcl => "network-acl",
            Self::BlockPublicAccess => "block-public-access",
            Self::Peering => "peering",
            Self::NotAttached => "not-attached",
            Self::ZoneNotAttached => "zone-not-attached",
            Self::NotAssociated => "not-associated",
            Self::NoReturn => "no-return",
            Self::EndpointNotAvailable => "endpoint-not-available",
            Self::Instance => "instance",
            Self::Loop => "loop",
            Self::ConnectorMissing => "connector-missing",
            Self::ConnectorNotRunning => "connector-not-running",
            Self::ConnectorBlocked => "connector-blocked",
            Self::SubnetMissing => "subnet-missing",
            Self::WrongRegion => "wrong-region",
            Self::NextHop => "next-hop",
            Self::WithoutNat => "without-nat",
            Self::Firewall => "firewall",
        }
    }

    /// The cause by which Google's Connectivity Tests would name the drop; none where that oracle has no word for it.
    pub const fn cause(self) -> Option<&'static str> {
        Some(match self {
            Self::NoRoute => "NO_ROUTE",
            Self::Blackhole => "ROUTE_BLACKHOLE",
            Self::NatWithoutAddress => "CLOUD_NAT_NO_ADDRESSES",
            Self::ConnectorMissing => "VPC_CONNECTOR_NOT_SET",
            Self::ConnectorNotRunning => "VPC_CONNECTOR_NOT_RUNNING",
            Self::ConnectorBlocked => "VPC_CONNECTOR_SERVERLESS_TRAFFIC_BLOCKED",
            Self::NextHop => "ROUTE_NEXT_HOP_INSTANCE_NOT_FOUND",
            Self::WithoutNat => "NO_EXTERNAL_ADDRESS",
            Self::Firewall => "FIREWALL_RULE",
            _ => return None,
        })
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the filters on a path do to its traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// They let https out to the destinations of the path, but for those that a list forbids, and the answers back.
    Open,
    /// They let some of it through.
    Limited(String),
    /// They drop a part of the connections, or of the answers.
    Degraded(Stop, String),
    /// They let nothing through.
    Closed(Stop, String),
}

/// A service whose traffic takes a way of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bypass {
    /// The service.
    pub service: String,
    /// The endpoint.
    pub endpoint: String,
    /// `gateway` or `interface`.
    pub kind: &'static str,
}

impl Path {
    /// A path without hops.
    pub fn bare(id: &str, family: Family, from: &str, end: End, passage: Known<Passage>) -> Self {
        Self {
            id: id.into(),
            family,
            from: from.into(),
            zone: None,
            destinations: Vec::new(),
            hops: Vec::new(),
            end,
            passage,
            transit_gateways: Vec::new(),
            inspected_by: Vec::new(),
            appliance_mode: false,
        }
    }

    /// Whether the routes lead to the internet.
    pub fn leads_to_internet(&self) -> Known<bool> {
        match &self.end {
            End::Internet(_) => Known::Known(true),
            End::Nowhere { .. } | End::Inside { .. } => Known::Known(false),
            End::Unknown(gap) | End::Elsewhere { gap, .. } => Known::Unknown(gap.clone()),
        }
    }

    /// Whether traffic gets to the internet and its answers come back.
    pub fn reaches_internet(&self) -> Known<bool> {
        match (&self.end, &self.passage) {
            (End::Inside { .. }, _) => Known::Known(false),
            _ => self.arrives(),
        }
    }

    /// Whether traffic gets to where the routes lead, and its answers come back: to the internet, or to something private.
    pub fn arrives(&self) -> Known<bool> {
        match (&self.end, &self.passage) {
            (End::Nowhere { .. }, _) => Known::Known(false),
            (End::Unknown(gap) | End::Elsewhere { gap, .. }, _)
            | (End::Internet(_) | End::Inside { .. }, Known::Unknown(gap)) => Known::Unknown(gap.clone()),
            (End::Internet(_) | End::Inside { .. }, Known::Known(passage)) => {
                Known::Known(matches!(passage, Passage::Open | Passage::Limited(_)))
            }
        }
    }

    /// Why traffic does not get to where the routes lead: the reason of the list, and the deciding fact.
    pub fn stop(&self) -> Known<Option<(Stop, &str)>> {
        match (&self.end, &self.passage) {
            (End::Nowhere { stop, because }, _) => Known::Known(Some((*stop, because))),
            (End::Unknown(gap) | End::Elsewhere { gap, .. }, _)
            | (End::Internet(_) | End::Inside { .. }, Known::Unknown(gap)) => Known::Unknown(gap.clone()),
            (End::Internet(_) | End::Inside { .. }, Known::Known(passage)) => Known::Known(match passage {
                Passage::Open | Passage::Limited(_) => None,
                Passage::Degraded(stop, because) | Passage::Closed(stop, because) => Some((*stop, because)),
            }),
        }
    }

    /// The exit, where the routes lead to one.
    pub fn exit(&self) -> Option<&Exit> {
        match &self.end {
            End::Internet(exit) => Some(exit),
            End::Inside { .. } | End::Nowhere { .. } | End::Elsewhere { .. } | End::Unknown(_) => None,
        }
    }

    /// Whether filters let only some of its traffic through.
    pub const fn is_degraded(&self) -> bool {
        matches!(self.passage, Known::Known(Passage::Degraded(..)))
    }

    /// The gaps that keep the path from being known.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        let end = match &self.end {
            End::Unknown(gap) | End::Elsewhere { gap, .. } => Some(gap),
            End::Internet(exit) => exit.addresses_gap.as_ref(),
            End::Inside { .. } | End::Nowhere { .. } => None,
        };
        let passage = match &self.passage {
            Known::Unknown(gap) => Some(gap),
            Known::Known(_) => None,
        };
        end.into_iter().chain(passage)
    }
}
