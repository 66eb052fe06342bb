//! The APIs that are read, and where they answer.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;

use super::{
    super::{CollectError, environment::variable},
    hosts::{Hosts, Use, is_local},
};

/// An API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Api {
    /// Artifact Registry.
    ArtifactRegistry,
    /// Cloud Asset Inventory.
    Asset,
    /// Compute Engine.
    Compute,
    /// Cloud Run functions.
    Functions,
    /// Identity and Access Management.
    Iam,
    /// Identity-Aware Proxy.
    Iap,
    /// Cloud Key Management Service.
    Kms,
    /// Network Connectivity.
    NetworkConnectivity,
    /// Resource Manager.
    ResourceManager,
    /// Cloud Run.
    Run,
    /// Service Usage.
    ServiceUsage,
    /// Serverless VPC Access.
    VpcAccess,
}

impl Api {
    /// Every one.
    pub(super) const ALL: [Self; 12] = [
        Self::ArtifactRegistry,
        Self::Asset,
        Self::Compute,
        Self::Functions,
        Self::Iam,
        Self::Iap,
        Self::Kms,
        Self::NetworkConnectivity,
        Self::ResourceManager,
        Self::Run,
        Self::ServiceUsage,
        Self::VpcAccess,
    ];

    /// The first part of its host, and its name in gcloud's settings.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ArtifactRegistry => "artifactregistry",
            Self::Asset => "cloudasset",
            Self::Compute => "compute",
            Self::Functions => "cloudfunctions",
            Self::Iam => "iam",
            Self::Iap => "iap",
            Self::Kms => "cloudkms",
            Self::NetworkConnectivity => "networkconnectivity",
            Self::ResourceManager => "cloudresourcemanager",
            Self::Run => "run",
            Self::ServiceUsage => "serviceusage",
            Self::VpcAccess => "vpcaccess",
        }
    }

    /// Its name as a service that a project switches on.
    pub(super) fn service(self) -> String {
        format!("{}.googleapis.com", self.name())
    }

    /// How many calls a minute its quota allows, where that is little.
    pub(super) const fn calls_a_minute(self) -> Option<u32> {
        match self {
            Self::Asset => Some(100),
            _ => None,
        }
    }

    fn default(self) -> String {
        match self {
            // The one API whose base holds its version, in gcloud's settings too.
            Self::Compute => "https://compute.googleapis.com/compute/v1/".into(),
            _ => format!("https://{}.googleapis.com/", self.name()),
        }
    }
}

/// Where each API answers.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    base: BTreeMap<Api, Url>,
    overrides: Vec<String>,
}

impl Endpoints {
    /// Google's own, and what the environment sets in gcloud's way.
    pub(super) fn load(hosts: &Hosts) -> Result<Self, CollectError> {
        let mut endpoints = Self { base: BTreeMap::new(), overrides: Vec::new() };
        for api in Api::ALL {
            let name = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.name().to_ascii_uppercase());
            let set = variable(&name)?;
            let address = set.clone().unwrap_or_else(|| api.default());
            let address = if address.ends_with('/') { address } else { format!("{address}/") };
            let url = hosts.check(&address, Use::Api).map_err(|refused| CollectError::Config {
                message: format!("`{name}` is set to `{}`, and {refused}", shown(&address)),
                hint: refused.host.map(|host| format!("allow it with `--allow-endpoint {host}`")),
            })?;
            if set.is_some() {
                endpoints.overrides.push(address);
            }
            endpoints.base.insert(api, url);
        }
        endpoints.overrides.sort_unstable();
        endpoints.overrides.dedup();
        Ok(endpoints)
    }

    /// The address of a path of an API; none where the path would lead away from it.
    pub(super) fn url(&self, api: Api, path: &str) -> Option<Url> {
        let base = self.base.get(&api)?;
        // Names in a path come from answers: one of them must not become a query or another path.
        if path.contains(|c: char| "?#\\".contains(c) || c.is_whitespace() || c.is_control()) {
            return None;
        }
        let url = Url::parse(&format!("{base}{path}")).ok()?;
        (url.origin() == base.origin() && url.path().starts_with(base.path())).then_some(url)
    }

    /// Whether an API is on this machine, where Google's quotas do not exist.
    pub(super) fn is_local(&self, api: Api) -> bool {
        self.base.get(&api).is_some_and(is_local)
    }

    /// The hosts that are not Google's own, once each, for the head of a report.
    pub(super) fn shown(&self) -> Option<String> {
        let host = |text: &String| {
            let url = Url::parse(text).ok()?;
            let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
            Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
        };
        let hosts: BTreeSet<String> =
            self.overrides.iter().map(|text| host(text).unwrap_or_else(|| text.clone())).collect();
        (!hosts.is_empty()).then(|| hosts.into_iter().collect::<Vec<_>>().join(", "))
    }
}

/// An address without what may be a password in it.
fn shown(address: &str) -> &str {
    if address.contains('@') { "(an address with user information)" } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints() -> Endpoints {
        let base = Api::ALL.map(|api| (api, Url::parse(&api.default()).expect("an address")));
        Endpoints { base: base.into(), overrides: Vec::new() }
    }

    #[test]
    fn a_path_stays_below_the_address_of_its_api() {
        let endpoints = endpoints();
        let url = endpoints.url(Api::Compute, "projects/p/global/networks").expect("an address");
        assert_eq!(url.as_str(), "https://compute.googleapis.com/compute/v1/projects/p/global/networks");
        for bad in ["../../evil", "projects/p?x=y", "projects/p#x", "projects/p q"] {
            assert_eq!(endpoints.url(Api::Compute, bad), None, "{bad}");
        }
        assert!(endpoints.url(Api::Run, "v2/projects/p/locations/r/services/s:getIamPolicy").is_some());
    }
}
