//! When runtimes are deprecated. The tables are `runtimes.json` for Lambda and `google-runtimes.json` for Cloud Functions;
//! the clouds move the dates.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::civil::Date;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    as_of: Date,
    runtimes: BTreeMap<String, Option<Date>>,
}

/// A runtime that the table lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runtime {
    /// The day of its deprecation; none where the cloud has set none.
    pub deprecated_on: Option<Date>,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("runtimes.json")).expect("the embedded table is sound"));

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static GOOGLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("google-runtimes.json")).expect("the embedded table is sound"));

/// What the table says of a runtime of Lambda; nothing for one that it does not list.
pub fn runtime(id: &str) -> Option<Runtime> {
    TABLE.runtimes.get(id).map(|&deprecated_on| Runtime { deprecated_on })
}

/// What the table says of a runtime of Cloud Functions; nothing for one that it does not list.
pub fn google_runtime(id: &str) -> Option<Runtime> {
    GOOGLE.runtimes.get(id).map(|&deprecated_on| Runtime { deprecated_on })
}

/// The day on which the older of the tables was true.
pub fn runtimes_as_of() -> Date {
    TABLE.as_of.min(GOOGLE.as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_dates_previews_and_its_own_limits() {
        assert!(runtime("nodejs20.x").is_some_and(|runtime| runtime.deprecated_on.is_some()));
        assert!(runtime("python3.15").is_some_and(|runtime| runtime.deprecated_on.is_none()));
        assert_eq!(runtime("cobol1.x"), None);
        assert!(google_runtime("nodejs20").is_some_and(|runtime| runtime.deprecated_on.is_some()));
        assert_eq!(google_runtime("nodejs20.x"), None);
        assert!(runtimes_as_of().year() >= 2026);
    }
}
