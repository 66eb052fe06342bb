//! Which hosts a request may go to: Google's own, loopback, and those that the user allowed.

use reqwest::Url;

use super::super::domains::{self, host, is_loopback};

/// Where the metadata server answers.
pub(super) const METADATA: [&str; 3] = ["metadata.google.internal", "metadata", "169.254.169.254"];

/// What an address is for: each use has its own hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// An API that is read, with the bearer token.
    Api,
    /// Where a secret is exchanged for a token.
    Token,
    /// Where a token of another issuer comes from.
    SubjectToken,
}

/// The hosts that requests may go to.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    allowed: Vec<String>,
}

/// An address that nothing is sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Refused {
    /// Why not, in words.
    pub(super) why: String,
    /// The host that would have to be allowed, where that would help.
    pub(super) host: Option<String>,
}

impl Hosts {
    /// Google's own hosts, loopback, and these.
    pub(super) fn new(allowed: &[String]) -> Self {
        Self { allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// The address, if something may be sent there.
    ///
    /// # Errors
    /// Why nothing may.
    pub(super) fn check(&self, address: &str, purpose: Use) -> Result<Url, Refused> {
        let refuse = |why: String, host: Option<&str>| Err(Refused { why, host: host.map(Into::into) });
        let Some((url, host)) = domains::address(address) else {
            return refuse("it is not an address that requests may go to".into(), None);
        };
        let metadata = purpose != Use::Api && METADATA.contains(&host.as_str());
        match url.scheme() {
            _ if is_loopback(&host) && ["http", "https"].contains(&url.scheme()) => return Ok(url),
            "https" => {}
            "http" if metadata => return Ok(url),
            _ => return refuse(format!("`{host}` is asked without TLS, which only this machine may be"), None),
        }
        let own = host.ends_with(".googleapis.com")
            || purpose != Use::Api && host == "accounts.google.com"
            || purpose == Use::SubjectToken && host.ends_with(".actions.githubusercontent.com")
            || metadata;
        if own || self.allowed.contains(&host) {
            return Ok(url);
        }
        refuse(format!("`{host}` is not a host of Google"), Some(&host))
    }
}

/// Whether an address is on this machine.
pub(super) fn is_local(url: &Url) -> bool {
    host(url).is_some_and(|host| is_loopback(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_to_google_to_loopback_and_where_the_user_said() {
        let hosts = Hosts::new(&["proxy.Example.com".into()]);
        for fine in [
            "https://run.googleapis.com/",
            "http://127.0.0.1:9100/run/",
            "http://localhost:1/x",
            "http://[::1]:1/",
            "https://PROXY.example.com:8443/",
        ] {
            assert!(hosts.check(fine, Use::Api).is_ok(), "{fine}");
        }
        for refused in [
            "http://run.googleapis.com",
            "https://example.com",
            "https://googleapis.com.example.com",
            "https://xgoogleapis.com",
            "https://run.googleapis.com@example.com/",
            "https://example.com\\.googleapis.com/",
            "https://example.com#.googleapis.com",
            "http://proxy.example.com/",
            "http://169.254.169.254/",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "run.googleapis.com",
            "",
        ] {
            assert!(hosts.check(refused, Use::Api).is_err(), "{refused}");
        }
    }

    #[test]
    fn each_use_has_its_own_hosts() {
        let hosts = Hosts::new(&[]);
        let github = "https://run-actions-1-azure-eastus.actions.githubusercontent.com/x?y";
        assert!(hosts.check(github, Use::SubjectToken).is_ok());
        assert!(hosts.check(github, Use::Token).is_err());
        assert!(hosts.check("https://accounts.google.com/o/oauth2/token", Use::Token).is_ok());
        assert!(hosts.check("https://accounts.google.com/", Use::Api).is_err());
        assert!(hosts.check("http://metadata.google.internal/computeMetadata/v1/", Use::SubjectToken).is_ok());
    }
}
