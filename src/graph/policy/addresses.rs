//! The addresses that conditions tell apart, and how many of them there are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{
    condition::{Test, Value},
    operator::{Compare, network},
};

/// Addresses that are private: nobody comes from them over the internet.
const PRIVATE: [(u32, u32); 3] = [(0x0a00_0000, 0x0aff_ffff), (0xac10_0000, 0xac1f_ffff), (0xc0a8_0000, 0xc0a8_ffff)];

/// One address of each range that no test divides. Nothing is known where a test does not compare networks.
pub(in crate::graph) fn domain(tests: &[&Test]) -> Vec<Value> {
    ranges(tests)
        .map_or_else(|| vec![Value::Unknown], |all| all.iter().map(|it| Value::is(it.first.to_string())).collect())
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct Range {
    pub(in crate::graph) first: IpAddr,
    /// How many there are, of those that come over the internet.
    size: u128,
}

/// The ranges that no test divides.
pub(in crate::graph) fn ranges(tests: &[&Test]) -> Option<Vec<Range>> {
    let mut v4 = vec![0_u32];
    let mut v6 = vec![0_u128];
    for (first, last) in PRIVATE {
        v4.extend([first, last + 1]);
    }
    for test in tests {
        match test.operator {
            Some((Compare::Null, _)) => continue,
            Some((Compare::Address, _)) => {}
            _ => return None,
        }
        for value in &test.values {
            match network(&value.literal()?)? {
                IpNet::V4(net) => {
                    v4.push(net.network().to_bits());
                    v4.extend(net.broadcast().to_bits().checked_add(1));
                }
                IpNet::V6(net) => {
                    v6.push(net.network().to_bits());
                    v6.extend(net.broadcast().to_bits().checked_add(1));
                }
            }
        }
    }
    v4.sort_unstable();
    v4.dedup();
    v6.sort_unstable();
    v6.dedup();
    let ends = v4.iter().skip(1).map(|next| u64::from(*next)).chain([1 << 32]);
    let mut all: Vec<Range> = v4
        .iter()
        .zip(ends)
        .map(|(first, end)| {
            let private = PRIVATE.iter().any(|(from, to)| (*from..=*to).contains(first));
            let size = if private { 0 } else { u128::from(end - u64::from(*first)) };
            Range { first: Ipv4Addr::from_bits(*first).into(), size }
        })
        .collect();
    // The last one of all is not counted: it makes no difference, and its number does not fit.
    let ends = v6.iter().skip(1).copied().chain([u128::MAX]);
    all.extend(
        v6.iter().zip(ends).map(|(first, end)| Range { first: Ipv6Addr::from_bits(*first).into(), size: end - first }),
    );
    Some(all)
}

/// Whether ranges together are more than a few: broader than a /8, or a /32 of the sixth version.
pub(in crate::graph) fn broad(ranges: &[Range]) -> bool {
    let sum = |v6: bool| -> u128 {
        ranges.iter().filter(|it| it.first.is_ipv6() == v6).fold(0, |sum: u128, it| sum.saturating_add(it.size))
    };
    sum(false) > 1 << 24 || sum(true) > 1 << 96
}

/// Whether networks hold most of the internet together, by the measure of open addresses.
pub(in crate::graph) fn is_most_of_the_internet(nets: &[IpNet]) -> bool {
    let pattern = |net: &IpNet| super::pattern::Pattern::new(&net.to_string());
    let test = Test::of_addresses(nets.iter().map(pattern).collect());
    let inside = |range: &Range| nets.iter().any(|net| net.contains(&range.first));
    ranges(&[&test]).is_some_and(|all| broad(&all.into_iter().filter(inside).collect::<Vec<_>>()))
}
