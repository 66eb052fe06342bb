//! The frameworks and controls that rules speak to, in `controls.yaml`, which says why as well.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use jiff::civil::Date;
use serde::Deserialize;

use crate::snapshot::Cloud;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    as_of: Date,
    frameworks: BTreeMap<String, Framework>,
}

/// A framework of controls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its full name.
    pub name: String,
    /// The version that the ids are of.
    pub version: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where to read it, or where to ask for it.
    pub url: String,
    /// The only cloud that it is about.
    pub cloud: Option<Cloud>,
    /// What an id looks like: a regular expression.
    pub ids: String,
    /// The controls that rules speak to.
    pub controls: BTreeMap<String, Control>,
}

/// A control of a framework.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its title, in the framework's own words.
    pub title: Option<String>,
    /// What it asks for, in ours, where its own title is long or missing.
    pub about: Option<String>,
    /// Why a rule that fails is evidence against it.
    pub why: String,
}

impl Control {
    /// Its title, or what it asks for.
    pub fn says(&self) -> &str {
        self.title.as_deref().or(self.about.as_deref()).unwrap_or_default()
    }
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("controls.yaml")).expect("the embedded table is sound"));

/// The frameworks, by the names that rules give them.
pub fn frameworks() -> &'static BTreeMap<String, Framework> {
    &TABLE.frameworks
}

/// The day on which the table was true.
pub fn controls_as_of() -> Date {
    TABLE.as_of
}

/// What to sort ids by, so that `6.2` comes before `6.10`.
pub fn control_order(id: &str) -> String {
    let (mut key, mut digits) = (String::new(), String::new());
    for c in id.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            let _ = write!(key, "{digits:0>6}");
            digits.clear();
        }
        key.push(c);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_sound() {
        assert!(controls_as_of().year() >= 2026);
        assert_eq!(frameworks()["nist-800-53-r5"].controls["AC-6"].says(), "Least Privilege");
        assert_eq!(frameworks()["cis-gcp-foundations-4.0"].cloud, Some(Cloud::Gcp));
    }

    #[test]
    fn ids_are_sorted_by_their_numbers() {
        let mut ids = ["6.10", "AC-6(7)", "6.2", "10.1", "AC-6", "AC-10"];
        ids.sort_by_key(|id| control_order(id));
        assert_eq!(ids, ["6.2", "6.10", "10.1", "AC-6", "AC-6(7)", "AC-10"]);
    }
}
