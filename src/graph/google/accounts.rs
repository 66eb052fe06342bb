//! Service accounts that may invoke: who holds keys of them, and who can become them.

use std::collections::BTreeMap;

use super::{
    access::{Access, Chain, Level, Resource, policy},
    principal::{Principal, PrincipalKind, project_of_account},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::is_platform_account,
    model::google::UserKey,
    snapshot::ScopeId,
};

/// Permissions that give tokens of an account.
const MINTING: [&str; 5] = [
    "iam.serviceAccounts.getOpenIdToken",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.signJwt",
    "iam.serviceAccounts.signBlob",
    "iam.serviceAccounts.implicitDelegation",
];
/// The longest chain of accounts that is followed.
const LONGEST: usize = 8;

/// Somebody who can become a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impersonator {
    /// Who.
    pub principal: Principal,
    /// The role that lets them.
    pub role: String,
    /// Where it was granted.
    pub level: Level,
    /// The canonical name of that.
    pub on: String,
    /// The accounts on the way, nearest to the invoking one first; empty for one who becomes it directly.
    pub through: Vec<String>,
    /// Whether they can.
    pub holds: Known<bool>,
}

impl Impersonator {
    /// Whether this is what workload identity is for: a workload's own identity, not people and not whole pools.
    pub fn is_workload_identity(&self) -> bool {
        let own = matches!(
            self.principal.kind,
            PrincipalKind::ClusterIdentity | PrincipalKind::Identity | PrincipalKind::Identities
        );
        own && self.role == "roles/iam.workloadIdentityUser"
    }
}

/// What is known of a service account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) exists: Known<bool>,
    pub(super) disabled: Known<bool>,
    pub(super) keys: Known<Vec<UserKey>>,
    pub(super) impersonators: Vec<Impersonator>,
    pub(super) gap: Option<Gap>,
}

/// Looks service accounts up, each once.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    done: BTreeMap<String, Account>,
}

impl Accounts {
    /// An account, by its address.
    pub(super) fn of(&mut self, access: &Access<'_>, email: &str) -> Account {
        if let Some(account) = self.done.get(email) {
            return account.clone();
        }
        let account = look_up(access, email);
        self.done.insert(email.to_owned(), account.clone());
        account
    }
}

fn scope_of(access: &Access<'_>, email: &str) -> ScopeId {
    ScopeId::gcp(access.project(project_of_account(email).unwrap_or("-")), ScopeId::GLOBAL)
}

fn look_up(access: &Access<'_>, email: &str) -> Account {
    let scope = scope_of(access, email);
    let found = access.google.service_accounts.get(&scope, email).map(|found| found.and_then(Option::as_ref));
    let keys = match access.google.user_keys.get(&scope, email) {
        _ if found == Known::Known(None) => Known::Known(Vec::new()),
        Known::Known(Some(Some(keys))) => Known::Known(keys.clone()),
        // An account that does not exist has no keys.
        Known::Known(_) => Known::Known(Vec::new()),
        Known::Unknown(gap) => Known::Unknown(gap),
    };
    let mut impersonators = Vec::new();
    let mut gap = None;
    let mut next = vec![(email.to_owned(), Vec::new(), Known::Known(true))];
    let mut seen = vec![email.to_owned()];
    while let Some((account, through, reached)) = next.pop() {
        let grants = access.grants(&chain(access, &account), &MINTING, resource(&account));
        gap = gap.or(grants.gap);
        for grant in grants.list {
            // Each step on the way has to hold.
            let holds = grant.holds.and(reached.clone());
            let by = grant.principal.account().map(str::to_owned);
            if by.as_deref().is_some_and(is_platform_account) {
                continue;
            }
            if let Some(by) = by.filter(|by| !seen.contains(by) && through.len() < LONGEST) {
                let mut further = through.clone();
                further.push(by.clone());
                seen.push(by.clone());
                next.push((by, further, holds.clone()));
            }
            impersonators.push(Impersonator {
                principal: grant.principal,
                role: grant.role,
                level: grant.level,
                on: grant.on,
                through: through.clone(),
                holds,
            });
        }
    }
    Account {
        exists: found.as_ref().map(Option::is_some),
        disabled: found.map(|found| found.is_some_and(|account| account.disabled)),
        keys,
        impersonators,
        gap,
    }
}

fn resource(email: &str) -> Resource<'_> {
    Resource { name: email, service: "iam.googleapis.com", kind: "iam.googleapis.com/ServiceAccount" }
}

fn chain<'a>(access: &Access<'a>, email: &str) -> Chain<'a> {
    let scope = scope_of(access, email);
    let own = match access.google.service_accounts.get(&scope, email) {
        // What does not exist has no policy.
        Known::Known(Some(None)) => return Chain::default(),
        _ => policy(&access.google.policies.service_accounts, &scope, email),
    };
    if let Some(project) = project_of_account(email) {
        return access.chain(vec![(Level::Resource, email.to_owned(), own)], project);
    }
    let gap = Gap::new(format!("the project of {email}"), GapReason::Unsupported);
    Chain::unknown(Level::Resource, email, own, gap)
}
