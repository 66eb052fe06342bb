//! The traffic that a walk follows: all of the internet, all private networks, or one destination.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

use super::Family;
use crate::{
    knowledge::{private_ipv4, private_ipv6, public_ipv4, public_ipv6},
    model::Ports,
};

/// The traffic that a walk follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// To everywhere on the internet: https first, then whatever else passes.
    Internet,
    /// To every private network: where the routes lead, whatever filters stand there.
    Private,
    /// To one destination.
    To(Destination),
}

/// One destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    /// Its address.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub transport: Transport,
}

/// What carries the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// As people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// The number of the protocol, as IANA gives it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
        }
    }
}

impl Destination {
    /// Whether it is an address of the internet.
    pub fn is_public(&self) -> bool {
        public_ipv4().iter().chain(public_ipv6()).any(|net| net.contains(&self.ip))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            IpAddr::V4(ip) => write!(f, "{ip}:{}/{}", self.port, self.transport.as_str()),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{}/{}", self.port, self.transport.as_str()),
        }
    }
}

impl FromStr for Destination {
    type Err = &'static str;

    /// Reads `203.0.113.7:443`, `[2001:db8::1]:443`, and either with `/tcp` or `/udp` at its end.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "it is written ADDRESS:PORT, such as 203.0.113.7:443, [2001:db8::7]:443 or 10.0.0.2:53/udp";
        let (place, transport) = match text.rsplit_once('/') {
            None => (text, Transport::Tcp),
            Some((place, "tcp")) => (place, Transport::Tcp),
            Some((place, "udp")) => (place, Transport::Udp),
            Some(_) => return Err(FORM),
        };
        let at: std::net::SocketAddr = place.parse().map_err(|_| FORM)?;
        if at.port() == 0 {
            return Err("port 0 is none that anything listens on");
        }
        let ip = at.ip();
        if ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() || is_link_local(ip) {
            return Err("that address means something inside the workload, or to many at once: no route leads there");
        }
        Ok(Self { ip: ip.to_canonical(), port: at.port(), transport })
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Which ports are wanted by which protocol, and whether anything else will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The number of the protocol.
    pub protocol: u8,
    /// The ports.
    pub ports: Ports,
    /// Whether other ports, and UDP, count as passing in part.
    pub others: bool,
}

impl Wanted {
    /// Https, and whatever else passes.
    pub const HTTPS: Self =
        Self { protocol: Transport::Tcp.number(), ports: Ports { from: 443, to: 443 }, others: true };
}

impl Traffic {
    /// The destinations of a family.
    pub(in crate::graph) fn nets(&self, family: Family) -> Vec<IpNet> {
        match (self, family) {
            (Self::Internet, Family::V4) => public_ipv4().to_vec(),
            (Self::Internet, Family::V6) => public_ipv6().to_vec(),
            (Self::Private, Family::V4) => private_ipv4().to_vec(),
            (Self::Private, Family::V6) => private_ipv6().to_vec(),
            (Self::To(to), family) => {
                Some(IpNet::from(to.ip)).filter(|net| Family::of(net) == family).into_iter().collect()
            }
        }
    }

    /// What is wanted there.
    pub(in crate::graph) fn wanted(&self) -> Wanted {
        match self {
            Self::Internet | Self::Private => Wanted::HTTPS,
            Self::To(to) => {
                Wanted { protocol: to.transport.number(), ports: Ports { from: to.port, to: to.port }, others: false }
            }
        }
    }

    /// Whether none of it is for the internet.
    pub(in crate::graph) fn is_private(&self) -> bool {
        match self {
            Self::Internet => false,
            Self::Private => true,
            Self::To(to) => !to.is_public(),
        }
    }

    /// The one destination, where it is one.
    pub(in crate::graph) const fn destination(&self) -> Option<&Destination> {
        match self {
            Self::To(to) => Some(to),
            Self::Internet | Self::Private => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_an_address_and_a_port_and_perhaps_how_it_is_spoken_to() {
        let read = |text: &str| text.parse::<Destination>().map(|it| it.to_string());
        assert_eq!(read("203.0.113.7:443"), Ok("203.0.113.7:443/tcp".into()));
        assert_eq!(read("10.0.0.2:53/udp"), Ok("10.0.0.2:53/udp".into()));
        assert_eq!(read("[2001:db8::7]:443"), Ok("[2001:db8::7]:443/tcp".into()));
        assert_eq!(read("[::ffff:203.0.113.7]:80"), Ok("203.0.113.7:80/tcp".into()));
        for wrong in [
            "",
            "203.0.113.7",
            "example.com:443",
            "203.0.113.7:0",
            "203.0.113.7:70000",
            "1.2.3.4:5/icmp",
            "2001:db8::7:443",
            "127.0.0.1:443",
            "169.254.169.254:80",
            "224.0.0.1:1",
            "0.0.0.0:1",
            "[fe80::1]:1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
