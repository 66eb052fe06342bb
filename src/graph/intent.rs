//! What workloads are meant to be, and whose principals are meant to call them.

use std::{collections::BTreeMap, sync::Arc};

use super::{Workload, network::Network, organizations::Organizations};
use crate::{evidence::Known, snapshot::unknown::same};

/// What a workload is meant to be: declared by its labels, or plain from its network.
#[derive(Debug, Clone)]
pub struct Intent {
    /// How it is meant to leave: `static`, `none`, `restricted`, `any`.
    pub egress: Known<Option<&'static str>>,
    /// Whether it is meant to leave from fixed addresses.
    pub static_egress: Known<bool>,
    /// Whether it is meant to be called by anyone.
    pub public: Known<bool>,
    /// Whether it is meant to be under a key of the customer's.
    pub customer_key: Known<bool>,
    /// Whose principals are meant to invoke it; none where nobody declared any.
    pub trusted: Known<Option<Trusted>>,
    /// To which organisations accounts and projects belong.
    organizations: Arc<Organizations>,
}

/// Whose principals are meant to invoke a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// Accounts of AWS and projects of Google Cloud.
    pub accounts: Vec<String>,
    /// Organisations: `o-…` of AWS, and numbers of Google Cloud.
    pub organizations: Vec<String>,
    /// Domains of the addresses of people and groups.
    pub domains: Vec<String>,
}

impl Trusted {
    /// Sorts names by what they are: organisations are `o-…` or `organizations/…`, domains have a dot.
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        let mut trusted = Self::default();
        for name in names {
            if let Some(number) = name.strip_prefix("organizations/") {
                trusted.organizations.push(number.to_owned());
            } else if name.starts_with("o-") {
                trusted.organizations.push(name);
            } else if name.contains('.') && !name.contains(':') {
                trusted.domains.push(name.to_lowercase());
            } else {
                trusted.accounts.push(name);
            }
        }
        trusted
    }
}

/// A principal, as far as its name tells whose it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whose<'a> {
    /// The account or project that it belongs to.
    pub account: Option<&'a str>,
    /// The organisation whose principals it stands for.
    pub organization: Option<&'a str>,
    /// The domain of the address of a person or a group.
    pub domain: Option<&'a str>,
}

impl Intent {
    /// The label that declares how a workload leaves.
    const EGRESS: &str = "egress-audit-egress";
    /// The label that declares that a workload is public: `true`.
    const PUBLIC: &str = "egress-audit-public";
    /// The label that declares that a workload is under a key of the customer's: `customer`.
    const KEY: &str = "egress-audit-key";
    /// The label that declares whose principals may invoke a workload, with `_` between them.
    const INVOKERS: &str = "egress-audit-invokers";

    /// What labels declare, and what the network tells where they do not.
    pub(super) fn of(labels: Known<&BTreeMap<String, String>>, network: &Network) -> Self {
        let label = |name: &str| labels.clone().map(|labels| labels.get(name));
        let is = |name: &str, word: &str| label(name).map(|value| value.is_some_and(|value| value == word));
        let declared = |value: Option<&String>| {
            ["static", "none", "restricted", "any"].into_iter().find(|word| value.is_some_and(|value| value == word))
        };
        let egress = label(Self::EGRESS).map(declared);
        let accounts = |list: &String| list.split('_').map(str::to_owned).collect();
        Self {
            static_egress: match &egress {
                Known::Known(Some(declared)) => Known::Known(*declared == "static"),
                Known::Known(None) => network.sends_all.clone(),
                Known::Unknown(gap) => Known::Unknown(gap.clone()),
            },
            egress,
            public: is(Self::PUBLIC, "true"),
            customer_key: is(Self::KEY, "customer"),
            trusted: label(Self::INVOKERS)
                .map(|list| Some(Trusted { accounts: accounts(list?), ..Trusted::default() })),
            organizations: Arc::default(),
        }
    }

    /// Whether a principal is a stranger: its account or project is neither the workload's own nor declared, nor in an
    /// organisation that is; or its organisation or domain is not declared, where any is.
    pub fn is_foreign(&self, own: &str, who: Whose<'_>) -> Known<bool> {
        let trusted = |of: &dyn Fn(&Trusted) -> Known<bool>| match &self.trusted {
            Known::Known(Some(trusted)) => of(trusted),
            Known::Known(None) => Known::Known(true),
            Known::Unknown(gap) => Known::Unknown(gap.clone()),
        };
        let listed = |list: &[String], name: &str| Known::Known(list.is_empty() || list.iter().any(|it| it == name));
        let within = match who {
            Whose { account: Some(account), .. } => {
                let own = same(account, own);
                if own != Known::Known(false) {
                    return own.map(|own| !own);
                }
                match &self.trusted {
                    Known::Known(Some(trusted)) if !trusted.accounts.iter().any(|known| known == account) => {
                        self.organizations.is_in(account, &trusted.organizations)
                    }
                    Known::Known(declared) => Known::Known(declared.is_some()),
                    Known::Unknown(gap) => Known::Unknown(gap.clone()),
                }
            }
            Whose { organization: Some(name), .. } => trusted(&|it| listed(&it.organizations, name)),
            Whose { domain: Some(name), .. } => trusted(&|it| listed(&it.domains, name)),
            Whose { .. } => Known::Known(true),
        };
        within.map(|within| !within)
    }
}

/// What somebody declares a workload to be, beside its labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// How it is meant to leave: `static`, `none`, `restricted`, `any`.
    pub egress: Option<&'static str>,
    /// Whether it is meant to be called by anyone.
    pub public: Option<bool>,
    /// Whether it is meant to be under a key of the customer's.
    pub customer_key: Option<bool>,
    /// Whose principals are meant to invoke it.
    pub trusted: Option<Trusted>,
}

impl Workload {
    /// Puts what somebody declared in the place of what labels and network tell.
    pub fn declare(&mut self, declared: &Declared, organizations: &Arc<Organizations>) {
        let intent = &mut self.intent;
        if let Some(egress) = declared.egress {
            intent.egress = Known::Known(Some(egress));
            intent.static_egress = Known::Known(egress == "static");
        }
        if let Some(public) = declared.public {
            intent.public = Known::Known(public);
        }
        if let Some(key) = declared.customer_key {
            intent.customer_key = Known::Known(key);
        }
        if let Some(trusted) = &declared.trusted {
            intent.trusted = Known::Known(Some(trusted.clone()));
            intent.organizations = Arc::clone(organizations);
        }
    }
}
