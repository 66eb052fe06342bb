//! What a workload runs as, and what its service agents hold.

use super::{
    access::{Access, Level},
    principal::Principal,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::{Agent, role_is_privileged},
    model::google::{Generation, Place},
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
        Known::Known(Some(named)) => {
            // Both default accounts are told by their domain.
            let by_platform = named.ends_with("-compute@developer.gserviceaccount.com")
                || named.ends_with("@appspot.gserviceaccount.com");
            (Known::Known(named.to_lowercase()), Known::Known(by_platform))
        }
    };
    let (privileged, privileged_by) = match &account {
        Known::Unknown(gap) => (Known::Unknown(gap.clone()), String::new()),
        Known::Known(email) => privileged(access, place, email),
    };
    Identity { account, is_default, privileged, privileged_by }
}

fn privileged(access: &Access<'_>, place: &Place, email: &str) -> (Known<bool>, String) {
    let mut answer = Known::Known(false);
    let chain = access.chain(Vec::new(), &place.project);
    for (_, on, policy) in chain.levels() {
        match policy {
            Known::Unknown(gap) => answer = answer.or(Known::Unknown(gap.clone())),
            Known::Known(policy) => {
                let held = policy.bindings.iter().find(|binding| {
                    let own = |member: &String| Principal::of(member).account() == Some(email);
                    role_is_privileged(&binding.role) && binding.members.iter().any(own)
                });
                if let Some(binding) = held {
                    return (Known::Known(true), format!("{} on {on}", binding.role));
                }
            }
        }
    }
    match chain.gap() {
        Some(gap) => (answer.or(Known::Unknown(gap.clone())), String::new()),
        None => (answer, String::new()),
    }
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
    policy.clone().map(|policy| {
        let wide = ["roles/viewer", "roles/editor", "roles/owner", "roles/compute.networkUser"];
        let held = policy.bindings.iter().filter(|binding| {
            let own = |member: &String| Principal::of(member).account() == Some(agent.as_str());
            wide.contains(&binding.role.as_str()) && binding.members.iter().any(own)
        });
        held.map(|binding| binding.role.clone()).collect()
    })
}
