//! What security groups and network ACLs let through, exactly: sets of destinations and ports, not samples.

use ipnet::IpNet;

use super::{
    Family, Passage, Stop, Wanted,
    flow::{Flow, intersect, subtract},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::{public_ipv4, public_ipv6},
    model::{AclEntry, NetworkAcl, Permission, Ports, SecurityGroup, Subnet},
};

const TCP: u8 = 6;
const UDP: u8 = 17;
/// The ports that Lambda and NAT gateways open connections from, and so the ports that answers come back to.
const RETURN: Ports = Ports { from: 1024, to: u16::MAX };
/// The number under which the API shows the final rule that denies the rest.
const LAST_RULE: u32 = 32767;

/// The filters that a path passes.
#[derive(Debug)]
pub struct Filters<'a> {
    /// The security groups of the workload; their permissions unite.
    pub groups: Vec<&'a SecurityGroup>,
    /// Why there may be further permissions: a group or a prefix list that was not read.
    pub groups_gap: Option<Gap>,
    /// The ranges of prefix lists that permissions name.
    pub lists: Vec<(&'a str, &'a [IpNet])>,
    /// The network ACL of the workload's subnet, with that subnet; none where the traffic stays in it, and none is asked.
    pub near: Option<Known<(&'a NetworkAcl, &'a Subnet)>>,
    /// The network ACLs of the other subnets on the way, in order.
    pub borders: Vec<Border<'a>>,
}

/// The network ACL of a subnet on the way.
#[derive(Debug)]
pub struct Border<'a> {
    /// The network ACL, with its subnet.
    pub acl: Known<(&'a NetworkAcl, &'a Subnet)>,
    /// The addresses that packets bear when they come there.
    pub sources: Vec<IpNet>,
    /// What stands there, which says which of its rules are asked.
    pub role: Role,
}

/// What stands in a subnet whose border packets cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A NAT or an instance: packets come in and go out, and so do their answers.
    Translator,
    /// The interface by which a transit gateway takes packets in, and gives back their answers.
    TransitEntry,
    /// The interface by which a transit gateway hands packets out, and takes in their answers.
    TransitExit,
    /// An endpoint, where it is not written which rules are asked.
    Endpoint,
    /// What the traffic is for: packets come in, and answers go out.
    Destination,
}

/// What the filters do to traffic to these destinations.
pub fn passage(filters: &Filters<'_>, destinations: &[IpNet], wanted: Wanted) -> Known<Passage> {
    let first: Vec<Flow> = destinations.iter().map(|&net| Flow { net, ports: wanted.ports }).collect();
    let permitted = filters.permitted(wanted.protocol);
    let rest = permitted.iter().fold(first.clone(), |rest, flow| subtract(rest, *flow));
    if rest.is_empty() {
        match filters.acls(wanted.protocol, &first) {
            Known::Known(Answer::Passes) => return Known::Known(Passage::Open),
            Known::Known(Answer::Drops(because)) => return Known::Known(Passage::Degraded(Stop::NetworkAcl, because)),
            Known::Unknown(gap) => return Known::Unknown(gap),
            Known::Known(Answer::Stops(because)) if !wanted.others => {
                return Known::Known(Passage::Closed(Stop::NetworkAcl, because));
            }
            // What is wanted first is shut, but something else may pass.
            Known::Known(Answer::Stops(_)) => {}
            Known::Known(Answer::PassesSome(because)) => return Known::Known(Passage::Limited(because)),
        }
    }
    if !wanted.others {
        return match &filters.groups_gap {
            Some(gap) => Known::Unknown(gap.clone()),
            None => Known::Known(Passage::Closed(Stop::SecurityGroup, filters.not_permitted())),
        };
    }
    filters.anything(destinations, &permitted)
}

/// What network ACLs do to some flows.
enum Answer {
    /// All of them pass, and so do their answers.
    Passes,
    /// Some of the flows pass whole.
    PassesSome(String),
    /// They pass, but some answers do not.
    Drops(String),
    /// None passes.
    Stops(String),
}

impl Filters<'_> {
    fn permitted(&self, protocol: u8) -> Vec<Flow> {
        let permissions = self.groups.iter().flat_map(|group| &group.egress);
        let meant = permissions.filter(|permission| permission.protocol.covers(protocol));
        meant.flat_map(|permission| self.flows(permission)).collect()
    }

    fn flows(&self, permission: &Permission) -> Vec<Flow> {
        let listed = self.lists.iter().filter(|(list, _)| permission.prefix_lists.iter().any(|own| own == list));
        let nets = permission.nets.iter().chain(listed.flat_map(|(_, nets)| *nets));
        nets.map(|&net| Flow { net, ports: permission.ports }).collect()
    }

    /// Whether anything at all passes, where https to everywhere does not.
    fn anything(&self, destinations: &[IpNet], permitted: &[Flow]) -> Known<Passage> {
        let within = |flows: &[Flow]| -> Vec<Flow> {
            let whole = destinations.iter().map(|&net| Flow { net, ports: Ports::ALL });
            whole.flat_map(|whole| flows.iter().filter_map(move |flow| intersect(whole, *flow))).collect()
        };
        let (tcp, udp) = (within(permitted), within(&self.permitted(UDP)));
        if tcp.is_empty() && udp.is_empty() {
            return match &self.groups_gap {
                Some(gap) => Known::Unknown(gap.clone()),
                None => Known::Known(Passage::Closed(Stop::SecurityGroup, self.closed_groups())),
            };
        }
        let mut stopped = String::new();
        for (protocol, flows) in [(TCP, &tcp), (UDP, &udp)] {
            if flows.is_empty() {
                continue;
            }
            match self.acls(protocol, flows) {
                Known::Unknown(gap) => return Known::Unknown(gap),
                Known::Known(Answer::Stops(because)) => stopped = because,
                Known::Known(Answer::Drops(because)) => {
                    return Known::Known(Passage::Degraded(Stop::NetworkAcl, because));
                }
                Known::Known(Answer::PassesSome(because)) => return Known::Known(Passage::Limited(because)),
                Known::Known(Answer::Passes) => {
                    // What was not read could only let out more.
                    return match &self.groups_gap {
                        Some(gap) => Known::Unknown(gap.clone()),
                        None => Known::Known(Passage::Limited(self.limits())),
                    };
                }
            }
        }
        match &self.groups_gap {
            Some(gap) => Known::Unknown(gap.clone()),
            None => Known::Known(Passage::Closed(Stop::NetworkAcl, stopped)),
        }
    }

    fn ids(&self) -> String {
        let ids: Vec<_> = self.groups.iter().map(|group| group.id.as_str()).collect();
        ids.join(", ")
    }

    fn not_permitted(&self) -> String {
        match self.groups.len() {
            0 => "no security group lets it out".into(),
            1 => format!("security group {} does not let it out", self.ids()),
            _ => format!("none of the security groups {} lets it out", self.ids()),
        }
    }

    fn closed_groups(&self) -> String {
        match self.groups.len() {
            0 => self.not_permitted(),
            1 => format!("security group {} lets nothing out to the internet", self.ids()),
            _ => format!("security groups {} let nothing out to the internet", self.ids()),
        }
    }

    fn limits(&self) -> String {
        format!("{} let out only some destinations or ports", self.ids())
    }

    /// What the network ACLs on the way do to flows of a protocol and their answers.
    fn acls(&self, protocol: u8, flows: &[Flow]) -> Known<Answer> {
        let near = match &self.near {
            None => None,
            Some(Known::Known((acl, _))) => Some(*acl),
            Some(Known::Unknown(gap)) => return Known::Unknown(gap.clone()),
        };
        let mut borders = Vec::new();
        for border in &self.borders {
            match &border.acl {
                Known::Known((acl, _)) => borders.push((*acl, border)),
                Known::Unknown(gap) => return Known::Unknown(gap.clone()),
            }
        }
        let mut passed = 0;
        let mut first_stop = None;
        let mut drops = None;
        for flow in flows {
            match legs(near, &borders, protocol, *flow) {
                Leg::Unclear(gap) => return Known::Unknown(gap),
                Leg::Open => passed += 1,
                Leg::Limited(because) => {
                    passed += 1;
                    first_stop = first_stop.or(Some(because));
                }
                Leg::Part(because) => drops = drops.or(Some(because)),
                Leg::Shut(because) => first_stop = first_stop.or(Some(because)),
            }
        }
        Known::Known(match (drops, first_stop) {
            (Some(because), _) => Answer::Drops(because),
            (None, None) => Answer::Passes,
            (None, Some(because)) if passed > 0 => Answer::PassesSome(because),
            (None, Some(because)) => Answer::Stops(because),
        })
    }
}

/// What one crossing of a border does.
enum Leg {
    Open,
    /// Only some destinations or ports pass.
    Limited(String),
    /// Only some of the ports that answers come back to.
    Part(String),
    Shut(String),
    /// It is not written which of its rules are asked.
    Unclear(Gap),
}

/// A flow that crosses the border of a network ACL.
struct Crossing<'a> {
    acl: &'a NetworkAcl,
    egress: bool,
    /// Whether it is the answers that cross.
    answers: bool,
    flow: Flow,
}

/// Every crossing of a flow and of its answers.
fn legs(near: Option<&NetworkAcl>, borders: &[(&NetworkAcl, &Border<'_>)], protocol: u8, flow: Flow) -> Leg {
    let leaves = near.map(|acl| (Crossing::there(acl, true, flow.net, flow.ports), true));
    let mut crossings: Vec<_> = leaves.into_iter().collect();
    for (acl, border) in borders {
        let sources = border.sources.iter().filter(|net| Family::of(net) == Family::of(&flow.net));
        let inside = sources.clone().map(|net| Crossing::there(acl, false, *net, flow.ports));
        let outside = sources.map(|net| Crossing::back(acl, true, *net));
        let far = [Crossing::there(acl, true, flow.net, flow.ports), Crossing::back(acl, false, flow.net)];
        let certain = border.role != Role::Endpoint;
        // A transit gateway asks the rules of its subnet once each way: inwards for what it takes in, outwards for what it
        // hands out.
        if border.role != Role::TransitExit {
            crossings.extend(inside.chain(outside).map(|crossing| (crossing, certain)));
        }
        if !matches!(border.role, Role::TransitEntry | Role::Destination) {
            crossings.extend(far.map(|crossing| (crossing, certain)));
        }
    }
    crossings.extend(near.map(|acl| (Crossing::back(acl, false, flow.net), true)));
    let (mut part, mut limited, mut unclear) = (None, None, None);
    for (crossing, certain) in crossings {
        match crossing.leg(protocol) {
            Leg::Open => {}
            Leg::Unclear(gap) => return Leg::Unclear(gap),
            _ if !certain => {
                let what = format!("which rules of network ACL {} are asked of what is inspected", crossing.acl.id);
                unclear = Some(Gap::new(what, GapReason::Unsupported));
            }
            Leg::Limited(because) => limited = limited.or(Some(because)),
            Leg::Part(because) => part = part.or(Some(because)),
            Leg::Shut(because) => return Leg::Shut(because),
        }
    }
    if let Some(gap) = unclear {
        return Leg::Unclear(gap);
    }
    part.map(Leg::Part).or(limited.map(Leg::Limited)).unwrap_or(Leg::Open)
}

impl<'a> Crossing<'a> {
    fn there(acl: &'a NetworkAcl, egress: bool, net: IpNet, ports: Ports) -> Self {
        Self { acl, egress, answers: false, flow: Flow { net, ports } }
    }

    fn back(acl: &'a NetworkAcl, egress: bool, net: IpNet) -> Self {
        Self { acl, egress, answers: true, flow: Flow { net, ports: RETURN } }
    }
}

impl Crossing<'_> {
    /// The first rule that fits each part of the flow decides over it; what no rule fits does not pass.
    fn leg(&self, protocol: u8) -> Leg {
        let mut rest = vec![self.flow];
        let mut allowed = false;
        // What is stopped, and by which rule; by none where no rule allows it.
        let mut stopped: Vec<(Flow, Option<u32>)> = Vec::new();
        let fits = |entry: &&AclEntry| entry.egress == self.egress && entry.protocol.covers(protocol);
        for entry in self.acl.entries.iter().filter(fits) {
            let rule = Flow { net: entry.net, ports: entry.ports };
            let common = rest.iter().filter_map(|flow| intersect(*flow, rule));
            if entry.allow {
                allowed |= common.count() > 0;
            } else {
                stopped.extend(common.map(|flow| (flow, Some(entry.number))));
            }
            rest = subtract(rest, rule);
        }
        stopped.extend(rest.into_iter().map(|flow| (flow, None)));
        let Some(first) = stopped.first() else { return Leg::Open };
        if !allowed {
            return Leg::Shut(self.describe(*first));
        }
        // A list of forbidden destinations leaves the rest of the internet open; a list of allowed ones does not.
        if let Some(ports) = stopped.iter().find(|(flow, _)| flow.ports != self.flow.ports) {
            let because = self.describe(*ports);
            return if self.answers { Leg::Part(because) } else { Leg::Limited(because) };
        }
        match stopped.iter().find(|(_, rule)| rule.is_none_or(|number| number >= LAST_RULE)) {
            Some(unlisted) => Leg::Limited(self.describe(*unlisted)),
            None => Leg::Open,
        }
    }

    fn describe(&self, (flow, rule): (Flow, Option<u32>)) -> String {
        let direction = if self.egress { "out to" } else { "in from" };
        let ports = match flow.ports {
            Ports::ALL => "any port".to_owned(),
            Ports { from, to } if from == to => format!("port {from}"),
            Ports { from, to } => format!("ports {from}-{to}"),
        };
        let public = public_ipv4().iter().chain(public_ipv6()).any(|block| block.contains(&flow.net));
        let one = flow.net.prefix_len() == flow.net.max_prefix_len();
        let whole = public && !one && flow.net == self.flow.net;
        let net = match (whole, one) {
            (true, _) => "the internet".to_owned(),
            (false, true) => flow.net.addr().to_string(),
            (false, false) => flow.net.to_string(),
        };
        let rule = match rule {
            Some(number) if number < LAST_RULE => format!("rule {number} denies it"),
            _ => "no rule allows it".into(),
        };
        format!("network ACL {} stops traffic {direction} {net} on {ports}: {rule}", self.acl.id)
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
