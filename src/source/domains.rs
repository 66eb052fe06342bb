//! What clouds call their own: by these names a host is known before anything is sent to it.

use std::net::{Ipv4Addr, Ipv6Addr};

#[cfg(any(feature = "gcp", feature = "objects"))]
use reqwest::Url;

/// The domains of AWS, of every partition.
#[cfg(any(feature = "aws", feature = "objects"))]
pub(super) const AWS: [&str; 11] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "csp.hci.ic.gov",
    "cloud.adc-e.uk",
    "api.aws.ic.gov",
];

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// An address with its host; none where readers of addresses differ in what they make of it.
#[cfg(any(feature = "gcp", feature = "objects"))]
pub(super) fn address(text: &str) -> Option<(Url, String)> {
    let url = Url::parse(text).ok().filter(|url| {
        !text.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control())
            && url.username().is_empty()
            && url.password().is_none()
    })?;
    let host = host(&url)?;
    Some((url, host))
}

/// The host of an address, in lower case and without the brackets of IPv6.
#[cfg(any(feature = "gcp", feature = "objects"))]
pub(super) fn host(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase()).filter(|host| !host.is_empty())
}
