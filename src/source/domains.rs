//! What clouds call their own: by these names a host is known before anything is sent to it.

use std::net::{Ipv4Addr, Ipv6Addr};

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
