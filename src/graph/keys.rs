//! Keys: which ones a workload needs, and whether they still work.

use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, Function, Key},
    snapshot::ScopeId,
};

/// A key that a workload needs.
#[derive(Debug, Clone)]
pub struct KeyNeed {
    /// The key as the workload names it.
    pub name: String,
    /// What it encrypts.
    pub purpose: &'static str,
    /// Whether it can decrypt.
    pub usable: Known<bool>,
    /// Its state.
    pub state: Known<String>,
    /// When it stops, where a date is set.
    pub until: Known<Option<String>>,
    /// What happens to the workload when it can no longer be used.
    pub effect: String,
    /// Whether it is in the region of the workload.
    pub in_region: Known<bool>,
    /// The service agents that need it and may not use it.
    pub missing_grants: Known<Vec<String>>,
}

/// The keys of a function at one version, and why there may be others.
pub(super) fn needs(
    aws: &Aws,
    scope: &ScopeId,
    function: &Function,
    at: &Configuration,
) -> (Vec<KeyNeed>, Option<Gap>) {
    let (mut needs, mut gap) = needs_of(aws, scope, at);
    // The package of a published version was encrypted when it was published; the API shows the key of `$LATEST` alone.
    if at.version == "$LATEST" {
        match &function.code_key {
            Known::Known(key) => needs.extend(need(aws, scope, key.as_ref(), "code")),
            Known::Unknown(unread) => gap = Some(unread.clone()),
        }
    }
    (needs, gap)
}

/// The keys of a configuration by itself, and why there may be others.
pub(super) fn needs_of(aws: &Aws, scope: &ScopeId, at: &Configuration) -> (Vec<KeyNeed>, Option<Gap>) {
    let (key, gap) = match &at.key {
        Known::Known(key) => (key.as_ref(), None),
        Known::Unknown(unread) => (None, Some(unread.clone())),
    };
    let named = [(key, "environment"), (at.durable_key.as_ref(), "durable-state")];
    (named.into_iter().filter_map(|(name, purpose)| need(aws, scope, name, purpose)).collect(), gap)
}

fn need(aws: &Aws, scope: &ScopeId, name: Option<&String>, purpose: &'static str) -> Option<KeyNeed> {
    let name = name?;
    let key = aws.keys.get(&(scope.clone(), name.clone()))?;
    let state = key.state.clone().map(|state| state.unwrap_or_else(|| "does not exist".into()));
    Some(KeyNeed {
        name: name.clone(),
        purpose,
        usable: usable(key),
        state,
        until: key.until.clone(),
        effect: effect(purpose).into(),
        // A key of AWS that is not in the function's region cannot be named, and grants are asked for at need.
        in_region: Known::Known(true),
        missing_grants: Known::Known(Vec::new()),
    })
}

/// What happens to a function when the key of this purpose can no longer be used.
fn effect(purpose: &str) -> &'static str {
    match purpose {
        "environment" => "it cannot start with its environment variables",
        "code" => "its package cannot be read, and no new instance starts",
        _ => "its durable executions cannot go on",
    }
}

/// Whether a key can decrypt in the state it is in.
pub(super) fn usable(key: &Key) -> Known<bool> {
    match &key.state {
        Known::Unknown(gap) => Known::Unknown(gap.clone()),
        Known::Known(None) => Known::Known(false),
        Known::Known(Some(state)) => match state.as_str() {
            "Enabled" | "Updating" => Known::Known(true),
            "Creating"
            | "Disabled"
            | "PendingDeletion"
            | "PendingReplicaDeletion"
            | "PendingImport"
            | "Unavailable" => Known::Known(false),
            other => {
                let what = format!("what the state {other} of {} means", key.name);
                Known::Unknown(Gap::new(what, GapReason::Unsupported))
            }
        },
    }
}
