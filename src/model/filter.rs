//! Security groups and network ACLs.

use ipnet::IpNet;

use crate::evidence::Known;

/// A protocol that a filter speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// All of them.
    All,
    /// The one with this number of the Internet Protocol: 6 is TCP, 17 is UDP.
    Number(u8),
}

impl Protocol {
    /// Whether traffic of the protocol with this number is meant.
    pub fn covers(self, number: u8) -> bool {
        match self {
            Self::All => true,
            Self::Number(own) => own == number,
        }
    }
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ports {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

impl Ports {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };
}

/// A security group: stateful, allows only, and unites with the others of an interface.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// Its name; `default` is the name of the one that a VPC is made with, and of no other.
    pub name: String,
    /// The VPC it is in.
    pub vpc: Option<String>,
    /// What it lets in, from whom; unknown where the answer did not say.
    pub ingress: Known<Vec<Permission>>,
    /// What it lets out.
    pub egress: Vec<Permission>,
}

/// What a security group lets through.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The protocol.
    pub protocol: Protocol,
    /// The destination ports.
    pub ports: Ports,
    /// The other side: destinations of what goes out, sources of what comes in.
    pub nets: Vec<IpNet>,
    /// The prefix lists of destinations.
    pub prefix_lists: Vec<String>,
}

/// A network ACL: stateless, at the border of a subnet, the first rule that fits decides.
#[derive(Debug, Clone)]
pub struct NetworkAcl {
    /// `acl-…`.
    pub id: String,
    /// The VPC it is in.
    pub vpc: String,
    /// The subnets it guards.
    pub subnets: Vec<String>,
    /// Its rules in the order of their numbers.
    pub entries: Vec<AclEntry>,
}

/// A rule of a network ACL.
#[derive(Debug, Clone)]
pub struct AclEntry {
    /// Its number; the lowest that fits decides.
    pub number: u32,
    /// Whether it is for traffic that leaves the subnet.
    pub egress: bool,
    /// Whether it lets through.
    pub allow: bool,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination ports.
    pub ports: Ports,
    /// The other side.
    pub net: IpNet,
}
