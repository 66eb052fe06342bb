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

/// The name of the front that a service principal stands for, if it is one. China writes another suffix.
pub fn front(service: &str) -> Option<&'static str> {
    let service = service.strip_suffix(".cn").unwrap_or(service);
    TABLE.fronts.get(service).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::front;

    #[test]
    fn a_front_lets_requests_in_and_a_trigger_does_not() {
        assert_eq!(front("apigateway.amazonaws.com"), Some("API Gateway"));
        assert_eq!(front("apigateway.amazonaws.com.cn"), Some("API Gateway"));
        assert_eq!(front("s3.amazonaws.com"), None);
    }
}
