//! Which addresses are the internet. The tables are `ranges.json`.

use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    ipv4_not_public: Vec<Ipv4Net>,
    ipv6_public: Vec<IpNet>,
    ipv4_private: Vec<IpNet>,
    ipv6_private: Vec<IpNet>,
    google: GoogleRanges,
}

/// Ranges that mean something to Google Cloud alone.
#[derive(Debug, Deserialize)]
pub struct GoogleRanges {
    /// The destinations that a workload sends into its network where it sends private ranges only.
    pub private_ranges_only: Vec<IpNet>,
    /// Ranges that look public and never leave Google's network.
    pub inside: Vec<IpNet>,
    /// Where the platform speaks to a connector from.
    pub connector_forwarding: IpNet,
    /// Where health checks of a connector come from: any one of these sets.
    pub connector_health_checks: Vec<Vec<IpNet>>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("ranges.json")).expect("the embedded table is sound"));

static IPV4: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let mut rest = vec![Ipv4Net::default()];
    for taken in &TABLE.ipv4_not_public {
        rest = rest.into_iter().flat_map(|block| without(block, *taken)).collect();
    }
    rest.sort();
    rest.into_iter().map(IpNet::V4).collect()
});

/// The blocks of a block that are left when another is taken out of it.
fn without(block: Ipv4Net, taken: Ipv4Net) -> Vec<Ipv4Net> {
    if taken.contains(&block) {
        return Vec::new();
    }
    if !block.contains(&taken) {
        return vec![block];
    }
    let halves = block.subnets(block.prefix_len() + 1).into_iter().flatten();
    halves.flat_map(|half| without(half, taken)).collect()
}

/// The whole of the public IPv4 space, in as few blocks as it takes.
pub fn public_ipv4() -> &'static [IpNet] {
    &IPV4
}

/// Ranges that mean something to Google Cloud alone.
pub fn google_ranges() -> &'static GoogleRanges {
    &TABLE.google
}

/// The whole of the public IPv6 space.
pub fn public_ipv6() -> &'static [IpNet] {
    &TABLE.ipv6_public
}

/// The ranges of private IPv4 networks.
pub fn private_ipv4() -> &'static [IpNet] {
    &TABLE.ipv4_private
}

/// The ranges of private IPv6 networks.
pub fn private_ipv6() -> &'static [IpNet] {
    &TABLE.ipv6_private
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn the_public_space_is_everything_but_the_special_blocks() {
        let public = |ip: &str| {
            let ip: IpAddr = ip.parse().expect("an address");
            public_ipv4().iter().any(|block| block.contains(&ip))
        };
        for ip in ["8.8.8.8", "1.0.0.0", "172.32.0.1", "223.255.255.255", "11.0.0.0", "192.167.255.255"] {
            assert!(public(ip), "{ip}");
        }
        for ip in ["10.1.2.3", "172.31.255.255", "192.168.0.1", "100.64.0.1", "127.0.0.1", "224.0.0.1", "0.0.0.1"] {
            assert!(!public(ip), "{ip}");
        }
    }
}
