//! What resource policies of Lambda can grant apart from calls. The table is `lambda-actions.json`.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    management: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("lambda-actions.json")).expect("the embedded table is sound"));

/// The actions by which a function is changed, or its code is read.
pub fn lambda_management() -> impl Iterator<Item = &'static str> {
    TABLE.management.iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::lambda_management;

    #[test]
    fn code_can_be_changed_and_read_by_what_a_policy_grants() {
        for action in ["lambda:UpdateFunctionCode", "lambda:GetFunction", "lambda:AddPermission"] {
            assert!(lambda_management().any(|own| own == action), "{action}");
        }
        assert!(lambda_management().all(|own| !own.contains("Invoke") || own.contains("EventInvokeConfig")));
    }
}
