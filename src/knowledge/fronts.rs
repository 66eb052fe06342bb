//! The services that stand before a function and let others' requests in. The table is `fronts.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    fronts: BTreeMap<String, String>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("fronts.json")).expect("the embedded table is sound"));

/// The service principals of fronts, each with the name of the front.
pub fn fronts() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.fronts.iter().map(|(service, front)| (service.as_str(), front.as_str()))
}

#[cfg(test)]
mod tests {
    use super::fronts;

    #[test]
    fn a_front_lets_requests_in_and_a_trigger_does_not() {
        assert!(fronts().any(|it| it == ("apigateway.amazonaws.com", "API Gateway")));
        assert!(!fronts().any(|(service, _)| service == "s3.amazonaws.com"));
    }
}
