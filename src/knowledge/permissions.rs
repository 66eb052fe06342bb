//! The permissions that calls take. The table is `permissions.json`, for those whose name is another one.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    calls: BTreeMap<String, Vec<String>>,
    regions: Vec<String>,
    organization: Vec<String>,
    inventory: Vec<String>,
    above: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("permissions.json")).expect("the embedded table is sound"));

/// What it takes to make a call.
pub fn permissions_of(call: &str) -> Vec<String> {
    TABLE.calls.get(call).cloned().unwrap_or_else(|| vec![call.to_owned()])
}

/// What it takes to list the regions of an AWS account.
pub fn permissions_of_regions() -> &'static [String] {
    &TABLE.regions
}

/// What it takes to list the accounts of an AWS organisation.
pub fn permissions_of_organization() -> &'static [String] {
    &TABLE.organization
}

/// What it takes to read Google's asset inventory.
pub fn permissions_of_inventory() -> &'static [String] {
    &TABLE.inventory
}

/// Whether a permission of Google Cloud is one above projects, so that no role of a project can hold it.
pub fn is_above_projects(permission: &str) -> bool {
    TABLE.above.iter().any(|own| own == permission)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::all_calls;

    #[test]
    fn a_permission_has_the_form_of_its_cloud_and_every_exception_is_of_a_call_that_is_made() {
        let calls: Vec<&String> = all_calls().values().flatten().collect();
        assert!(TABLE.calls.keys().all(|call| calls.contains(&call)));
        for permission in calls.iter().flat_map(|call| permissions_of(call)) {
            let parts = permission.split([':', '.']).count();
            assert_eq!(parts, if permission.contains(':') { 2 } else { 3 }, "{permission}");
        }
    }
}
