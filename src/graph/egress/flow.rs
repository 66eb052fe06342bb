//! Sets of destinations and ports, exactly: what is left of them when others are taken out.

use ipnet::IpNet;

use crate::model::Ports;

/// A set of destinations and ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::graph) struct Flow {
    /// The destinations.
    pub(in crate::graph) net: IpNet,
    /// The ports.
    pub(in crate::graph) ports: Ports,
}

/// What two flows have in common.
pub(in crate::graph) fn intersect(a: Flow, b: Flow) -> Option<Flow> {
    let net = if a.net.contains(&b.net) {
        b.net
    } else if b.net.contains(&a.net) {
        a.net
    } else {
        return None;
    };
    let ports = Ports { from: a.ports.from.max(b.ports.from), to: a.ports.to.min(b.ports.to) };
    (ports.from <= ports.to).then_some(Flow { net, ports })
}

/// What is left of some flows when one is taken out.
pub(in crate::graph) fn subtract(flows: Vec<Flow>, taken: Flow) -> Vec<Flow> {
    let mut left = Vec::with_capacity(flows.len());
    for flow in flows {
        let Some(common) = intersect(flow, taken) else {
            left.push(flow);
            continue;
        };
        if flow.ports.from < common.ports.from {
            left.push(Flow { net: flow.net, ports: Ports { from: flow.ports.from, to: common.ports.from - 1 } });
        }
        if flow.ports.to > common.ports.to {
            left.push(Flow { net: flow.net, ports: Ports { from: common.ports.to + 1, to: flow.ports.to } });
        }
        left.extend(outside(flow.net, common.net).into_iter().map(|net| Flow { net, ports: common.ports }));
    }
    left
}

/// The blocks of a range that lie outside a part of it.
pub(in crate::graph) fn outside(net: IpNet, part: IpNet) -> Vec<IpNet> {
    let mut blocks = Vec::new();
    let mut around = part;
    while around.prefix_len() > net.prefix_len() {
        let Some(wider) = around.supernet() else { break };
        let sibling = match (wider, around) {
            (IpNet::V4(wider), IpNet::V4(own)) => {
                wider.subnets(own.prefix_len()).into_iter().flatten().map(IpNet::V4).find(|half| *half != around)
            }
            (IpNet::V6(wider), IpNet::V6(own)) => {
                wider.subnets(own.prefix_len()).into_iter().flatten().map(IpNet::V6).find(|half| *half != around)
            }
            _ => None,
        };
        blocks.extend(sibling);
        around = wider;
    }
    blocks
}

/// What is left of some ranges when one is taken out.
pub(in crate::graph) fn without(nets: &[IpNet], taken: IpNet) -> Vec<IpNet> {
    let left = nets.iter().flat_map(|&net| {
        if taken.contains(&net) {
            Vec::new()
        } else if net.contains(&taken) {
            outside(net, taken)
        } else {
            vec![net]
        }
    });
    left.collect()
}

/// The parts of some ranges that lie in another.
pub(in crate::graph) fn within(nets: &[IpNet], other: IpNet) -> Vec<IpNet> {
    let part = |&net: &IpNet| {
        if other.contains(&net) { Some(net) } else { net.contains(&other).then_some(other) }
    };
    nets.iter().filter_map(part).collect()
}
