//! What a workload runs as, and what its service agents hold.

use super::{
    access::{Access, Level},
    principal::Principal,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::{Agent, role_is_privileged},
    model::google::{Binding, Generation, Place, Policy},
    snapshot::{ScopeId, unknown::same},
};

/// What a workload runs as.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The service account.
    pub account: Known<String>,
    /// Whether it is the one that the platform made.
    pub is_default: Known<bool>,
    /// Whether it holds an owner's, an editor's or an administrator's role in the project or above.
    pub privileged: Known<bool>,
    /// By which grant, where it does.
    pub privileged_by: String,
}

/// What a workload runs as, by the account that it names.
pub(super) fn of(access: &Access<'_>, place: &Place, named: Known<Option<&str>>, generation: Generation) -> Identity {
    let default = match generation {
        Generation::First => Known::Known(format!("{}@appspot.gserviceaccount.com", place.project)),
        Generation::Second => {
            access.number(&place.project).map(|number| format!("{number}-compute@developer.gserviceaccount.com"))
        }
    };
    let (account, is_default) = match named {
        Known::Unknown(gap) => (Known::Unknown(gap.clone()), Known::Unknown(gap)),
        Known::Known(None) => (default, Known::Known(true)),
        Known::Known(Some(named)) => (Known::Known(named.to_lowercase()), Known::Known(is_default_account(named))),
    };
    let (privileged, privileged_by) = match &account {
        Known::Unknown(gap) => (Known::Unknown(gap.clone()), String::new()),
        Known::Known(email) => privileged(access, place, email),
    };
    Identity { account, is_default, privileged, privileged_by }
}

/// Both default accounts are told by their domain.
fn is_default_account(email: &str) -> bool {
    email.ends_with("-compute@developer.gserviceaccount.com") || email.ends_with("@appspot.gserviceaccount.com")
}

fn privileged(access: &Access<'_>, place: &Place, email: &str) -> (Known<bool>, String) {
    let mut answer = Known::Known(false);
    let chain = access.chain(Vec::new(), &place.project);
    for (_, on, policy) in chain.levels() {
        match policy {
            Known::Unknown(gap) => answer = answer.or(Known::Unknown(gap.clone())),
            Known::Known(policy) => {
                for binding in policy.bindings.iter().filter(|binding| role_is_privileged(&binding.role)) {
                    match members(binding, email) {
                        Known::Known(true) => return (Known::Known(true), format!("{} on {on}", binding.role)),
                        held => answer = answer.or(held),
                    }
                }
                answer = answer.or(others(policy));
            }
        }
    }
    // What the platform itself granted to its own account is in no code.
    let by_platform = is_default_account(email);
    let project = ScopeId::gcp(&place.project, ScopeId::GLOBAL);
    if by_platform && access.google.networks.is_declared(&project) {
        let gap = Gap::new(format!("what the platform granted to {email}"), GapReason::NotRead);
        answer = answer.or(Known::Unknown(gap));
    }
    match chain.gap() {
        Some(gap) => (answer.or(Known::Unknown(gap.clone())), String::new()),
        None => (answer, String::new()),
    }
}

/// Whether an account is among the members of a binding.
fn members(binding: &Binding, email: &str) -> Known<bool> {
    let own = |member: &String| Principal::of(member).account().map_or(Known::Known(false), |it| same(it, email));
    binding.members.iter().map(own).fold(Known::Known(false), Known::or)
}

/// What a policy leaves open, whoever is asked for.
fn others(policy: &Policy) -> Known<bool> {
    policy.incomplete.clone().map_or(Known::Known(false), Known::Unknown)
}

/// What the agent of Cloud Functions holds in its own project that it does not need.
pub(super) fn over_granted(access: &Access<'_>, project: &str) -> Known<Vec<String>> {
    let number = match access.number(project) {
        Known::Known(number) => number,
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    let agent = Agent::Functions.account(number);
    let chain = access.chain(Vec::new(), project);
    let Some((_, _, policy)) = chain.levels().find(|(level, ..)| *level == Level::Project) else {
        return Known::Unknown(Gap::new(format!("the policy of {project}"), GapReason::NotRead));
    };
    let policy = match policy {
        Known::Known(policy) => policy,
        Known::Unknown(gap) => return Known::Unknown(gap.clone()),
    };
    let wide = ["roles/viewer", "roles/editor", "roles/owner", "roles/compute.networkUser"];
    let mut held = Vec::new();
    let mut open = others(policy);
    for binding in policy.bindings.iter().filter(|binding| wide.contains(&binding.role.as_str())) {
        match members(binding, &agent) {
            Known::Known(true) => held.push(binding.role.clone()),
            Known::Known(false) => {}
            unknown @ Known::Unknown(_) => open = open.or(unknown),
        }
    }
    match open {
        Known::Unknown(gap) if held.is_empty() => Known::Unknown(gap),
        _ => Known::Known(held),
    }
}
