//! Which roles matter to a collection: those that let invoke, and those that let become somebody else.

use serde_json::Value;

use super::reader::Reader;
use crate::{
    knowledge::{role_holds, role_is_known},
    snapshot::kinds::google,
};

/// What guards services, jobs and functions of the first generation.
const INVOKING: [&str; 3] = ["run.routes.invoke", "run.jobs.run", "cloudfunctions.functions.invoke"];
/// What gives tokens of a service account.
const MINTING: [&str; 5] = [
    "iam.serviceAccounts.getOpenIdToken",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.signJwt",
    "iam.serviceAccounts.signBlob",
    "iam.serviceAccounts.implicitDelegation",
];

/// Whether what a role holds is known without asking.
pub(super) fn is_known_role(role: &str) -> bool {
    role_is_known(role)
}

/// Whether a role may let somebody invoke a workload. A role of which nobody told may.
pub(super) fn may_invoke(reader: &Reader, role: &str) -> bool {
    may(reader, role, &INVOKING)
}

/// Whether a role may let somebody become a service account.
pub(super) fn may_impersonate(reader: &Reader, role: &str) -> bool {
    may(reader, role, &MINTING)
}

fn may(reader: &Reader, role: &str, permissions: &[&str]) -> bool {
    if role_is_known(role) {
        return permissions.iter().any(|permission| role_holds(role, permission) == Some(true));
    }
    match reader.ledger.body(google::ROLE, role) {
        Some(Value::Null) => false,
        Some(body) => {
            let held = body.get("includedPermissions").and_then(Value::as_array).into_iter().flatten();
            held.filter_map(Value::as_str).any(|held| permissions.contains(&held))
        }
        None => true,
    }
}
