//! What security groups and network ACLs let through, exactly: sets of destinations and ports, not samples.

use ipnet::IpNet;

use super::{
    Family, Passage, Stop,
    flow::{Flow, intersect, subtract},
};
use crate::{
    evidence::{Gap, Known},
    knowledge::{public_ipv4, public_ipv6},
    model::{AclEntry, NetworkAcl, Permission, Ports, SecurityGroup, Subnet},
};

const TCP: u8 = 6;
const UDP: u8 = 17;
const HTTPS: Ports = Ports { from: 443, to: 443 };
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
    /// The network ACL of the workload's subnet, with that subnet.
    pub near: Known<(&'a NetworkAcl, &'a Subnet)>,
    /// The network ACL of the NAT's subnet, with that subnet, where that is another subnet.
    pub far: Option<Known<(&'a NetworkAcl, &'a Subnet)>>,
}

/// What the filters do to traffic to these destinations.
pub fn passage(filters: &Filters<'_>, destinations: &[IpNet]) -> Known<Passage> {
    let https: Vec<Flow> = destinations.iter().map(|&net| Flow { net, ports: HTTPS }).collect();
    let permitted = filters.permitted(TCP);
    let rest = permitted.iter().fold(https.clone(), |rest, flow| subtract(rest, *flow));
    if rest.is_empty() {
        match filters.acls(TCP, &https) {
            Known::Known(Answer::Passes) => return Known::Known(Passage::Open),
            Known::Known(Answer::Drops(because)) => return Known::Known(Passage::Degraded(because)),
            Known::Unknown(gap) => return Known::Unknown(gap),
            // Https is shut, but something else may pass.
            Known::Known(Answer::Stops(_)) => {}
            Known::Known(Answer::PassesSome(because)) => return Known::Known(Passage::Limited(because)),
        }
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
                Known::Known(Answer::Drops(because)) => return Known::Known(Passage::Degraded(because)),
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

    fn closed_groups(&self) -> String {
        match self.groups.len() {
            0 => "no security group lets it out".into(),
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
            Known::Known(near) => *near,
            Known::Unknown(gap) => return Known::Unknown(gap.clone()),
        };
        let far = match &self.far {
            Some(Known::Known(far)) => Some(*far),
            Some(Known::Unknown(gap)) => return Known::Unknown(gap.clone()),
            None => None,
        };
        let mut passed = 0;
        let mut first_stop = None;
        let mut drops = None;
        for flow in flows {
            match legs(near, far, protocol, *flow) {
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
}

/// A flow that crosses the border of a network ACL.
struct Crossing<'a> {
    acl: &'a NetworkAcl,
    egress: bool,
    /// Whether it is the answers that cross.
    answers: bool,
    flow: Flow,
}

/// Every crossing of a flow and of its answers, in the order of the packets.
fn legs(near: (&NetworkAcl, &Subnet), far: Option<(&NetworkAcl, &Subnet)>, protocol: u8, flow: Flow) -> Leg {
    let own = near.1.cidr.filter(|cidr| Family::of(cidr) == Family::of(&flow.net));
    let there = |acl, egress, net| Crossing { acl, egress, answers: false, flow: Flow { net, ports: flow.ports } };
    let back = |acl, egress, net| Crossing { acl, egress, answers: true, flow: Flow { net, ports: RETURN } };
    let mut crossings = vec![there(near.0, true, flow.net)];
    if let Some((acl, _)) = far {
        crossings.extend(own.map(|cidr| there(acl, false, cidr)));
        crossings.push(there(acl, true, flow.net));
        crossings.push(back(acl, false, flow.net));
        crossings.extend(own.map(|cidr| back(acl, true, cidr)));
    }
    crossings.push(back(near.0, false, flow.net));
    let (mut part, mut limited) = (None, None);
    for crossing in crossings {
        match crossing.leg(protocol) {
            Leg::Open => {}
            Leg::Limited(because) => limited = limited.or(Some(because)),
            Leg::Part(because) => part = part.or(Some(because)),
            Leg::Shut(because) => return Leg::Shut(because),
        }
    }
    part.map(Leg::Part).or(limited.map(Leg::Limited)).unwrap_or(Leg::Open)
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
        let whole = public && flow.net == self.flow.net;
        let net = if whole { "the internet".to_owned() } else { flow.net.to_string() };
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
