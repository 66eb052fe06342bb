//! Which hosts a request may go to: AWS's own, loopback, and those that the user allowed.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

use super::super::domains::{AWS, is_loopback};

/// Looks at the address of every request right before it is sent, wherever that address came from.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    allowed: Vec<String>,
}

/// A request that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Refused {
    /// Why not, in words.
    pub(super) why: String,
    /// The host that would have to be allowed, where that would help.
    pub(super) host: Option<String>,
}

impl Hosts {
    /// AWS's own hosts, loopback, and these.
    pub(super) fn new(allowed: &[String]) -> Self {
        Self { allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// Whether a request may go to this address.
    pub(super) fn check(&self, address: &str) -> Result<(), Refused> {
        let refuse = |why: String, host: Option<&str>| Err(Refused { why, host: host.map(Into::into) });
        let Some((tls, host)) = parts(address) else {
            return refuse(format!("`{address}` is not an address that requests may go to"), None);
        };
        if is_loopback(&host) {
            return Ok(());
        }
        if !tls {
            return refuse(format!("`{address}` is plain http, which may go to this machine only"), None);
        }
        let own = AWS.iter().any(|own| host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')));
        if own || self.allowed.contains(&host) {
            return Ok(());
        }
        refuse(format!("`{host}` is not a host of AWS"), Some(&host))
    }
}

/// Whether an address is on this machine, where AWS's quotas do not exist.
pub(super) fn is_local(address: &str) -> bool {
    parts(address).is_some_and(|(_, host)| is_loopback(&host))
}

/// Whether TLS is used, and the host in lower case; none for anything but a plain `http` or `https` address.
///
/// User information, backslashes and blanks are refused: readers of addresses differ in what they make of them.
fn parts(address: &str) -> Option<(bool, String)> {
    let (scheme, rest) = address.split_once("://")?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    if rest.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(ipv6) => ipv6.split_once(']')?.0,
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    (!host.is_empty() && !authority.contains('@')).then(|| (tls, host.to_ascii_lowercase()))
}

#[dyn_dispatch_hint]
impl Intercept for Hosts {
    fn name(&self) -> &'static str {
        "Hosts"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(self.check(context.request().uri())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_to_aws_to_loopback_and_where_the_user_said() {
        let hosts = Hosts::new(&["proxy.Example.com".into()]);
        for fine in [
            "https://lambda.us-west-2.amazonaws.com/2015-03-31/functions",
            "https://ec2.cn-north-1.amazonaws.com.cn",
            "https://lambda.eusc-de-east-1.amazonaws.eu/",
            "https://lambda.us-west-2.api.aws/",
            "http://127.0.0.1:5000",
            "http://localhost:5000/x",
            "https://[::1]:1/",
            "https://PROXY.example.com:8443/",
        ] {
            assert_eq!(hosts.check(fine), Ok(()), "{fine}");
        }
        for refused in [
            "http://lambda.us-west-2.amazonaws.com",
            "http://proxy.example.com",
            "https://example.com",
            "https://amazonaws.com.example.com",
            "https://xamazonaws.com",
            "https://amazonaws.com",
            "https://lambda.us-west-2.amazonaws.com@example.com/",
            "https://example.com\\.amazonaws.com/",
            "https://example.com#.amazonaws.com",
            "http://169.254.169.254/latest",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "127.0.0.1:5000",
            "https://",
            "",
        ] {
            assert!(hosts.check(refused).is_err(), "{refused}");
        }
    }
}
