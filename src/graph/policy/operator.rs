//! The operators of conditions: what one value of a policy says of one value of a request.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::pattern::Pattern;
use crate::snapshot::unknown::same;

/// How two values are compared; a negated operator is the same one, turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Compare {
    Equals,
    EqualsIgnoreCase,
    Like,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

/// Which order fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operator: how it compares, and whether it is turned. None for one that does not exist.
pub(in crate::graph) fn operator(name: &str) -> Option<(Compare, bool)> {
    let order = |text: &str| {
        Some(match text {
            "equals" => (Order::Equal, false),
            "notequals" => (Order::Equal, true),
            "lessthan" => (Order::Less, false),
            "lessthanequals" => (Order::LessOrEqual, false),
            "greaterthan" => (Order::Greater, false),
            "greaterthanequals" => (Order::GreaterOrEqual, false),
            _ => return None,
        })
    };
    Some(match name {
        "stringequals" => (Compare::Equals, false),
        "stringnotequals" => (Compare::Equals, true),
        "stringequalsignorecase" => (Compare::EqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Compare::EqualsIgnoreCase, true),
        "stringlike" => (Compare::Like, false),
        "stringnotlike" => (Compare::Like, true),
        "bool" => (Compare::Bool, false),
        "binaryequals" => (Compare::Binary, false),
        "ipaddress" => (Compare::Address, false),
        "notipaddress" => (Compare::Address, true),
        "arnequals" | "arnlike" => (Compare::Arn, false),
        "arnnotequals" | "arnnotlike" => (Compare::Arn, true),
        "null" => (Compare::Null, false),
        _ => {
            if let Some(rest) = name.strip_prefix("numeric") {
                let (order, negated) = order(rest)?;
                (Compare::Number(order), negated)
            } else {
                let (order, negated) = order(name.strip_prefix("date")?)?;
                (Compare::Date(order), negated)
            }
        }
    })
}

impl Compare {
    /// Whether a value of the request fits one of the policy; nothing where that cannot be said.
    pub(in crate::graph) fn fits(self, wanted: &Pattern, actual: &str) -> Option<bool> {
        match self {
            Self::Equals => same(&wanted.literal()?, actual).into_result().ok(),
            Self::Binary => Some(bytes(&wanted.literal()?)? == bytes(actual)?),
            Self::EqualsIgnoreCase => {
                same(&wanted.literal()?.to_lowercase(), &actual.to_lowercase()).into_result().ok()
            }
            Self::Like => wanted.fits(actual, false),
            Self::Arn => wanted.fits_arn(actual),
            Self::Bool => {
                let wanted = wanted.literal()?.parse::<String>().ok()?.to_lowercase();
                matches!(wanted.as_str(), "true" | "false").then(|| wanted == actual.to_lowercase())
            }
            Self::Number(order) => {
                let number = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite());
                order.holds(number(actual)?, number(&wanted.literal()?)?)
            }
            Self::Date(order) => order.holds(date(actual)?, date(&wanted.literal()?)?),
            Self::Address => Some(network(&wanted.literal()?)?.contains(&actual.parse::<IpAddr>().ok()?)),
            Self::Null => None,
        }
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, actual: T, wanted: T) -> Option<bool> {
        use std::cmp::Ordering;
        let order = actual.partial_cmp(&wanted)?;
        Some(match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        })
    }
}

/// A network, or one address.
pub(in crate::graph) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A moment: with a zone, a day alone, or in seconds.
fn date(text: &str) -> Option<Timestamp> {
    let day = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp())
    };
    let seconds = || Timestamp::from_second(text.parse().ok()?).ok();
    // An hour without a zone is no moment, and would be read as the day that it is in.
    seconds().or_else(|| text.parse().ok()).or_else(|| (!text.contains(['T', 't', ' '])).then(day)?)
}

/// What base64 stands for, six bits at a time.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut sextets: Vec<u8> = digits
        .bytes()
        .map(|digit| match digit {
            b'A'..=b'Z' => Some(digit - b'A'),
            b'a'..=b'z' => Some(digit - b'a' + 26),
            b'0'..=b'9' => Some(digit - b'0' + 52),
            b'+' => Some(62),
            b'/' => Some(63),
            _ => None,
        })
        .collect::<Option<_>>()?;
    // The last bits stand for nothing where the text is padded.
    if let Some(last) = sextets.last_mut() {
        *last = *last >> (2 * padding) << (2 * padding);
    }
    Some(sextets)
}
