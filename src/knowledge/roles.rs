//! Which predefined roles of Google Cloud hold the permissions that matter here. The table is `roles.json`; a role that it
//! does not know has to be asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::civil::Date;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    as_of: Date,
    holders: BTreeMap<String, BTreeSet<String>>,
    others: BTreeSet<String>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("roles.json")).expect("the embedded table is sound"));

/// Whether a role, such as `roles/run.invoker`, holds a permission; nothing where the table does not know the role or the
/// permission.
pub fn role_holds(role: &str, permission: &str) -> Option<bool> {
    let name = role.strip_prefix("roles/")?;
    let holders = TABLE.holders.get(permission)?;
    if holders.contains(name) {
        return Some(true);
    }
    is_listed(name).then_some(false)
}

/// Whether the table knows a role.
pub fn role_is_known(role: &str) -> bool {
    role.strip_prefix("roles/").is_some_and(is_listed)
}

/// Whether a role gives somebody far more than one task: an owner's, an editor's or an administrator's.
pub fn role_is_privileged(role: &str) -> bool {
    let name = role.rsplit(['/', '.']).next().unwrap_or(role);
    matches!(role, "roles/owner" | "roles/editor") || name == "admin" || name.ends_with("Admin")
}

fn is_listed(name: &str) -> bool {
    static LISTED: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| TABLE.holders.values().flatten().chain(&TABLE.others).map(String::as_str).collect());
    LISTED.contains(name)
}

/// The day on which the table was true.
pub fn roles_as_of() -> Date {
    TABLE.as_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invoker_of_the_first_generation_does_not_invoke_the_second() {
        let role = "roles/cloudfunctions.invoker";
        assert_eq!(role_holds(role, "cloudfunctions.functions.invoke"), Some(true));
        assert_eq!(role_holds(role, "run.routes.invoke"), Some(false));
        assert_eq!(role_holds("roles/editor", "run.routes.invoke"), Some(true));
        assert_eq!(role_holds("roles/viewer", "run.routes.invoke"), Some(false));
    }

    #[test]
    fn a_role_that_the_table_does_not_know_is_not_harmless() {
        assert_eq!(role_holds("roles/writer", "run.routes.invoke"), None);
        assert_eq!(role_holds("projects/p/roles/caller", "run.routes.invoke"), None);
        assert!(!role_is_known("roles/cloudfunctions.standardServiceAgent"));
        assert!(roles_as_of().year() >= 2026);
    }

    #[test]
    fn owners_editors_and_administrators_are_privileged() {
        for role in ["roles/owner", "roles/editor", "roles/run.admin", "roles/iam.securityAdmin"] {
            assert!(role_is_privileged(role), "{role}");
        }
        for role in ["roles/viewer", "roles/run.invoker", "roles/compute.networkUser"] {
            assert!(!role_is_privileged(role), "{role}");
        }
    }
}
