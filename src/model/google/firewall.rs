//! Firewalls: VPC rules, and policies of every level.

use ipnet::IpNet;

use crate::{evidence::Known, model::Ports};

/// A rule of a firewall, of whichever kind.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the API are independent of each other")]
pub struct FirewallRule {
    /// The rule's name, or its policy and priority.
    pub name: String,
    /// The network's canonical name; empty for a rule of a policy.
    pub network: String,
    /// Whether it is about what leaves, rather than what comes in.
    pub egress: bool,
    /// The lower is asked first.
    pub priority: i64,
    /// What it does.
    pub action: Action,
    /// The addresses of the other side; empty for none.
    pub nets: Vec<IpNet>,
    /// Whether it names the other side in ways that are no addresses: host names, countries, lists.
    pub named: bool,
    /// What traffic it is about; empty for all.
    pub traffic: Vec<Traffic>,
    /// The network tags of those it is for.
    pub tags: Vec<String>,
    /// Whether it is for certain service accounts.
    pub by_account: bool,
    /// Whether it is for certain networks or secure tags; the networks' canonical names.
    pub targets: Option<Vec<String>>,
    /// Whether it is off.
    pub disabled: bool,
}

/// What a firewall rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Lets through.
    Allow,
    /// Stops.
    Deny,
    /// Leaves it to the next layer.
    Next,
    /// Something that this version does not know.
    Other,
}

/// A protocol with its ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// The protocol as written: `tcp`, `udp`, `all`, a number.
    pub protocol: String,
    /// The ports.
    pub ports: Vec<Ports>,
}

/// The layers of policies that are in force in a network.
#[derive(Debug, Clone, Default)]
pub struct EffectiveFirewalls {
    /// In the order in which they are asked, each kind for itself.
    pub layers: Vec<Layer>,
}

/// One firewall policy in force.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Where it stands in the order.
    pub kind: LayerKind,
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Vec<FirewallRule>,
}

/// Where a firewall policy stands in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// Of the organisation or a folder.
    Hierarchical,
    /// Google's own, regional.
    System,
    /// Of the network, in all regions.
    Global,
    /// Of the network, in one region.
    Regional,
}

/// A firewall policy with what it is associated with.
#[derive(Debug, Clone)]
pub struct FirewallPolicy {
    /// The canonical name.
    pub name: String,
    /// The region of a regional one.
    pub region: Option<String>,
    /// What it is in force for: canonical names of networks, `folders/F`, `organizations/O`.
    pub attached: Vec<String>,
    /// Its rules.
    pub rules: Known<Vec<FirewallRule>>,
}
