//! Keys: whether they work, whether they are in the right place, and whether the agents that need them may use them.

use super::{
    access::{Access, Level, Resource, policy},
    place::{last, project_of},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::KeyNeed,
    knowledge::Agent,
    model::google::{CryptoKey, KeyVersion, Place},
    snapshot::{
        ScopeId,
        unknown::{holds_placeholder, same},
    },
};

/// What a service agent has to hold to use a key.
const USING: [&str; 2] = ["cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeyVersions.useToDecrypt"];

/// A key, as far as it was read.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    /// Its canonical name.
    pub(super) name: String,
    /// The key; none where it does not exist.
    pub(super) key: Known<Option<&'a CryptoKey>>,
    /// Its versions.
    pub(super) versions: Known<&'a [KeyVersion]>,
}

fn scope_of(name: &str) -> ScopeId {
    let region = name.split("/locations/").nth(1).and_then(|rest| rest.split('/').next());
    ScopeId::gcp(project_of(name), region.unwrap_or(ScopeId::GLOBAL))
}

/// The key of that name.
pub(super) fn find<'a>(access: &Access<'a>, name: &str) -> Found<'a> {
    let scope = scope_of(name);
    let key = access.google.keys.get(&scope, name).map(|key| key.and_then(Option::as_ref));
    let versions = match access.google.key_versions.get(&scope, name) {
        // What does not exist has no versions.
        _ if key == Known::Known(None) => Known::Known(&[] as &[KeyVersion]),
        Known::Known(Some(Some(versions))) => Known::Known(versions.as_slice()),
        Known::Known(_) => Known::Known(&[] as &[KeyVersion]),
        Known::Unknown(gap) => Known::Unknown(gap),
    };
    Found { name: name.to_owned(), key, versions }
}

impl Found<'_> {
    /// Its location.
    pub(super) fn location(&self) -> &str {
        self.name.split("/locations/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("")
    }

    /// The state of its primary version, in words.
    pub(super) fn state(&self) -> Known<String> {
        self.key.clone().map(|key| match key {
            None => "does not exist".to_owned(),
            Some(key) => key.primary_state.clone().unwrap_or_else(|| "without a primary version".into()),
        })
    }

    /// Whether it can decrypt what it has encrypted. A version that images may still be under decides as well.
    pub(super) fn usable(&self) -> Known<bool> {
        let key = match &self.key {
            Known::Unknown(gap) => return Known::Unknown(gap.clone()),
            Known::Known(None) => return Known::Known(false),
            Known::Known(Some(key)) => key,
        };
        if key.purpose != "ENCRYPT_DECRYPT" {
            return Known::Known(false);
        }
        match key.primary_state.as_deref() {
            Some("ENABLED") => {}
            Some("CRYPTO_KEY_VERSION_STATE_UNSPECIFIED") => {
                return Known::Unknown(Gap::new(
                    format!("the state of key {}", last(&self.name)),
                    GapReason::Malformed,
                ));
            }
            Some(_) | None => return Known::Known(false),
        }
        let versions = match &self.versions {
            Known::Known(versions) => versions,
            Known::Unknown(gap) => return Known::Unknown(gap.clone()),
        };
        match versions
            .iter()
            .find(|version| version.state != "ENABLED" && !version.state.starts_with("PENDING_GENERATION"))
        {
            None => Known::Known(true),
            Some(old) => {
                let version = last(&old.name);
                let what = format!(
                    "whether images are still under version {version} ({}) of key {}",
                    old.state,
                    last(&self.name)
                );
                Known::Unknown(Gap::new(what, GapReason::Unsupported))
            }
        }
    }

    /// When a version of it will be destroyed; none where none is scheduled.
    pub(super) fn destroyed_on(&self) -> Known<Option<String>> {
        self.versions.clone().map(|versions| {
            let due = versions.iter().filter(|version| version.state == "DESTROY_SCHEDULED");
            due.map(|version| version.destroyed_on.clone().unwrap_or_else(|| "a day that is not named".into())).min()
        })
    }
}

/// A key that a workload needs, with everything that it needs of it.
pub(super) fn need(
    access: &Access<'_>,
    name: &str,
    place: &Place,
    agents: &[Agent],
    shutdown_after: Option<&str>,
) -> KeyNeed {
    let found = find(access, name);
    let missing = match access.number(&place.project) {
        // Nobody can hold anything on what does not exist.
        _ if found.key == Known::Known(None) => Known::Known(Vec::new()),
        Known::Unknown(gap) => Known::Unknown(gap),
        Known::Known(number) => missing(access, name, number, agents),
    };
    KeyNeed {
        name: format!("//cloudkms.googleapis.com/{name}"),
        purpose: "workload",
        usable: found.usable(),
        state: found.state(),
        until: found.destroyed_on(),
        effect: shutdown_after.map_or_else(
            || "no new instance starts, and running ones go on until they end".to_owned(),
            |after| format!("no new instance starts, and running ones are shut down after {after}"),
        ),
        in_region: match found.location() {
            "" if holds_placeholder(name) => {
                Known::Unknown(Gap::new(format!("where key {name} is"), GapReason::UnknownValue))
            }
            location => same(location, &place.region),
        },
        missing_grants: missing,
    }
}

/// The agents of a project that may not use a key.
fn missing(access: &Access<'_>, name: &str, number: &str, agents: &[Agent]) -> Known<Vec<String>> {
    let scope = scope_of(name);
    let ring = name.split("/cryptoKeys/").next().unwrap_or(name);
    let policies = &access.google.policies;
    let chain = access.chain(
        vec![
            (Level::Resource, name.to_owned(), policy(&policies.keys, &scope, name)),
            (Level::KeyRing, ring.to_owned(), policy(&policies.key_rings, &scope, ring)),
        ],
        project_of(name),
    );
    let resource = Resource { name, service: "cloudkms.googleapis.com", kind: "cloudkms.googleapis.com/CryptoKey" };
    let grants = USING.map(|permission| access.grants(&chain, &[permission], resource));
    let mut missing = Vec::new();
    for agent in agents {
        let account = agent.account(number);
        let [encrypts, decrypts] = &grants;
        match encrypts.account(&account).and(decrypts.account(&account)) {
            Known::Known(true) => {}
            Known::Known(false) => missing.push(account),
            Known::Unknown(gap) => return Known::Unknown(gap),
        }
    }
    Known::Known(missing)
}

/// Whether anyone may use a key, by its own policy or its key ring's.
pub(super) fn is_public(access: &Access<'_>, name: &str) -> Known<bool> {
    if find(access, name).key == Known::Known(None) {
        return Known::Known(false);
    }
    let scope = scope_of(name);
    let ring = name.split("/cryptoKeys/").next().unwrap_or(name);
    let policies = &access.google.policies;
    let open = |policy: Known<&crate::model::google::Policy>| {
        policy.map(|policy| {
            let mut members = policy.bindings.iter().flat_map(|binding| &binding.members);
            members.any(|member| member == "allUsers" || member == "allAuthenticatedUsers")
        })
    };
    let open = |policy: Known<&crate::model::google::Policy>| {
        let rest = match &policy {
            Known::Known(policy) => policy.incomplete.clone().map(Known::Unknown),
            Known::Unknown(_) => None,
        };
        open(policy).or(rest.unwrap_or(Known::Known(false)))
    };
    open(policy(&policies.keys, &scope, name)).or(open(policy(&policies.key_rings, &scope, ring)))
}

/// Whether a repository is under a key.
pub(super) fn is_over(access: &Access<'_>, key: &str, repository: &str) -> Known<bool> {
    let region = repository.split("/locations/").nth(1).and_then(|rest| rest.split('/').next());
    let scope = ScopeId::gcp(project_of(repository), region.unwrap_or(ScopeId::GLOBAL));
    match access.google.repositories.get(&scope, repository) {
        Known::Known(Some(Some(found))) => found.key.as_deref().map_or(Known::Known(false), |own| same(own, key)),
        Known::Known(_) => Known::Known(false),
        Known::Unknown(gap) => Known::Unknown(gap),
    }
}
