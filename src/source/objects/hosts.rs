//! Which hosts are asked: those of the cloud whose bucket it is, this machine, and those that the user allowed.

use super::super::{
    domains::{self, AWS, is_loopback},
    place::Store,
};

/// Where machines of a cloud ask who they are. They answer on the machine's own link, and without TLS.
const MACHINE: [&str; 7] = [
    "169.254.169.254",
    "fd00:ec2::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
    "metadata.google.internal",
    "metadata",
];

/// How a host is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By TLS, and by the proxy where there is one.
    Remote,
    /// It is this machine.
    Local,
    /// It tells this machine of a cloud who it is.
    Machine,
}

/// The hosts that requests may go to.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    store: Store,
    allowed: Vec<String>,
}

/// An address that nothing is sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(super) struct Refused {
    why: String,
    /// The host that would have to be allowed, where that would help.
    pub(super) host: Option<String>,
}

impl Hosts {
    /// The hosts of the cloud of this store, this machine, and these.
    pub(super) fn new(store: Store, allowed: &[String]) -> Self {
        Self { store, allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// How an address is reached, if something may be sent there.
    ///
    /// # Errors
    /// Why nothing may.
    pub(super) fn check(&self, address: &str) -> Result<Way, Refused> {
        let refuse = |why: String, host: Option<&str>| Err(Refused { why, host: host.map(Into::into) });
        let Some((url, host)) = domains::address(address) else {
            return refuse("it is not an address that requests may go to".into(), None);
        };
        match url.scheme() {
            "http" | "https" if is_loopback(&host) => return Ok(Way::Local),
            "http" | "https" if MACHINE.contains(&host.as_str()) => return Ok(Way::Machine),
            "https" => {}
            _ => return refuse(format!("`{host}` is asked without TLS, which only this machine may be"), None),
        }
        let within = |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.ends_with('.'));
        let (own, cloud) = match self.store {
            Store::S3 => (AWS.iter().any(within), "AWS"),
            Store::Google => (within(&"googleapis.com") || host == "accounts.google.com", "Google"),
        };
        if own || self.allowed.contains(&host) {
            return Ok(Way::Remote);
        }
        refuse(format!("`{host}` is not a host of {cloud}"), Some(&host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_to_the_cloud_of_the_bucket_to_this_machine_and_where_the_user_said() {
        let allowed = ["minio.Example.com".to_owned()];
        let (s3, google) = (Hosts::new(Store::S3, &allowed), Hosts::new(Store::Google, &allowed));
        for (hosts, address, way) in [
            (&s3, "https://s3.us-west-2.amazonaws.com/my-bucket/x", Way::Remote),
            (&s3, "https://s3.cn-north-1.amazonaws.com.cn/my-bucket/x", Way::Remote),
            (&s3, "https://MINIO.example.com:9000/my-bucket/x", Way::Remote),
            (&s3, "http://127.0.0.1:5000/my-bucket/x", Way::Local),
            (&s3, "http://[::1]:5000/my-bucket/x", Way::Local),
            (&s3, "http://169.254.170.2/v2/credentials", Way::Machine),
            (&s3, "http://[fd00:ec2::23]/v1/credentials", Way::Machine),
            (&google, "https://storage.googleapis.com/my-bucket/x", Way::Remote),
            (&google, "https://accounts.google.com/o/oauth2/token", Way::Remote),
            (&google, "http://metadata.google.internal/computeMetadata/v1/", Way::Machine),
        ] {
            assert_eq!(hosts.check(address), Ok(way), "{address}");
        }
        for (hosts, address) in [
            (&s3, "http://s3.us-west-2.amazonaws.com/my-bucket/x"),
            (&s3, "http://minio.example.com/my-bucket/x"),
            (&s3, "https://storage.googleapis.com/my-bucket/x"),
            (&s3, "https://amazonaws.com.example.com/x"),
            (&s3, "https://xamazonaws.com/x"),
            (&s3, "https://s3.amazonaws.com@example.com/x"),
            (&s3, "https://example.com\\.amazonaws.com/x"),
            (&s3, "https://example.com#.amazonaws.com"),
            (&google, "https://s3.us-west-2.amazonaws.com/my-bucket/x"),
            (&google, "https://googleapis.com.example.com/"),
            (&google, "ftp://127.0.0.1"),
            (&google, ""),
        ] {
            assert!(hosts.check(address).is_err(), "{address}");
        }
    }
}
