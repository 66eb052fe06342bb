//! Functions of address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::code::{ListKind, Node, Value, expression::Fault};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "cidrhost" => range(arguments).and_then(|range| {
            let wanted = arguments.whole(1)?;
            let free = range.width - range.length;
            let last = ones(free);
            let number = if wanted < 0 {
                let from_end = wanted.unsigned_abs();
                last.checked_sub(from_end - 1).ok_or_else(|| arguments.fault("requires an address of the range"))?
            } else {
                wanted.unsigned_abs()
            };
            if number > last {
                return Err(arguments.fault("requires an address of the range"));
            }
            Ok(Value::text(range.address(range.base | number).to_string()).into())
        }),
        "cidrnetmask" => range(arguments).and_then(|range| {
            if range.width != 32 {
                return Err(arguments.fault("requires a range of IPv4"));
            }
            let mask = ones(32) ^ ones(32 - range.length);
            Ok(Value::text(range.address(mask).to_string()).into())
        }),
        "cidrsubnet" => range(arguments).and_then(|range| {
            let (bits, number) = (arguments.whole(1)?, arguments.whole(2)?);
            let part = u128::try_from(number).ok().and_then(|number| range.part(bits, number));
            part.ok_or_else(|| arguments.fault("requires a part of the range"))
        }),
        "cidrsubnets" => subnets(arguments),
        _ => return None,
    })
}

/// As many ones as that, at the low end.
fn ones(count: u32) -> u128 {
    1_u128.checked_shl(count).map_or(u128::MAX, |power| power - 1)
}

/// A range of addresses, as numbers.
#[derive(Clone, Copy)]
struct Range {
    base: u128,
    length: u32,
    width: u32,
}

impl Range {
    fn address(self, number: u128) -> IpAddr {
        if self.width == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(number))
        }
    }

    /// One of the parts that a range falls into when its prefix grows by these bits.
    fn part(self, bits: i128, number: u128) -> Option<Node> {
        let length = u32::try_from(bits).ok()?.checked_add(self.length).filter(|length| *length <= self.width)?;
        if number > ones(length - self.length) {
            return None;
        }
        let base = self.base | number.checked_shl(self.width - length).unwrap_or(0);
        Some(Value::text(format!("{}/{length}", self.address(base))).into())
    }
}

fn range(arguments: &Arguments<'_>) -> Result<Range, Fault> {
    let range: IpNet = arguments.text(0)?.parse().map_err(|_| arguments.fault("requires a range of addresses"))?;
    let range = range.trunc();
    Ok(match range {
        IpNet::V4(range) => {
            Range { base: u32::from(range.addr()).into(), length: range.prefix_len().into(), width: 32 }
        }
        IpNet::V6(range) => Range { base: range.addr().into(), length: range.prefix_len().into(), width: 128 },
    })
}

fn subnets(arguments: &Arguments<'_>) -> Outcome {
    let range = range(arguments)?;
    let mut next: u128 = 0;
    let mut found = Vec::new();
    for index in 1..arguments.len() {
        let fault = || arguments.fault("requires parts that fit into the range");
        let bits = u32::try_from(arguments.whole(index)?).ok().filter(|bits| *bits <= range.width - range.length);
        let bits = bits.ok_or_else(fault)?;
        let free = range.width - range.length - bits;
        let size = 1_u128.checked_shl(free).ok_or_else(fault)?;
        let start = next.checked_add(size - 1).ok_or_else(fault)? & !(size - 1);
        if start > ones(range.width - range.length) {
            return Err(fault());
        }
        found.push(range.part(bits.into(), start.checked_shr(free).unwrap_or(0)).ok_or_else(fault)?);
        next = start.checked_add(size).ok_or_else(fault)?;
    }
    Ok(Value::list(found, ListKind::List).into())
}
