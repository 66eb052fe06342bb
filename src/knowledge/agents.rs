//! The accounts that Google's services act by, and the issuers whose tokens anyone can have. The table is `agents.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    agents: BTreeMap<String, String>,
    platform_domains: Vec<String>,
    public_issuers: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("agents.json")).expect("the embedded table is sound"));

/// A service that acts by an account of its own in every project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agent {
    /// Cloud Functions.
    Functions,
    /// Cloud Run.
    Run,
    /// Serverless VPC Access.
    Connectors,
    /// The agent of Google's APIs.
    Apis,
    /// Artifact Registry.
    Registry,
    /// Cloud Storage.
    Storage,
    /// Eventarc.
    Events,
    /// Identity-Aware Proxy.
    Proxy,
}

impl Agent {
    const fn key(self) -> &'static str {
        match self {
            Self::Functions => "functions",
            Self::Run => "run",
            Self::Connectors => "connectors",
            Self::Apis => "apis",
            Self::Registry => "registry",
            Self::Storage => "storage",
            Self::Events => "events",
            Self::Proxy => "proxy",
        }
    }

    /// Its account in the project of that number.
    pub fn account(self, number: &str) -> String {
        TABLE.agents.get(self.key()).map(|pattern| pattern.replace("{number}", number)).unwrap_or_default()
    }
}

/// Whether an account is one of Google's own, which nobody can hold keys of or become.
pub fn is_platform_account(email: &str) -> bool {
    let domain = email.rsplit('@').next().unwrap_or(email);
    domain.starts_with("gcp-sa-") || TABLE.platform_domains.iter().any(|own| own == domain)
}

/// Whether anyone can have tokens of an issuer.
pub fn is_public_issuer(issuer: &str) -> bool {
    TABLE.public_issuers.iter().any(|own| issuer.trim_end_matches('/').starts_with(own.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agent_has_an_account_and_is_of_the_platform() {
        use Agent::{Apis, Connectors, Events, Functions, Proxy, Registry, Run, Storage};
        for agent in [Functions, Run, Connectors, Apis, Registry, Storage, Events, Proxy] {
            let account = agent.account("12");
            assert!(account.contains("12@") && is_platform_account(&account), "{account}");
        }
        assert!(!is_platform_account("caller@p.iam.gserviceaccount.com"));
        assert!(is_public_issuer("https://token.actions.githubusercontent.com"));
        assert!(!is_public_issuer("https://id.example.com"));
    }
}
