//! Judges whether an environment variable looks like it holds a credential. The patterns are data: `credentials.json`.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(try_from = "Wire")]
struct Table {
    values: Vec<ValuePattern>,
    /// The patterns of all of these, which are looked for at once.
    any: RegexSet,
    names: NamePattern,
}

/// The table as the file has it.
#[derive(Deserialize)]
struct Wire {
    values: Vec<ValuePattern>,
    names: NamePattern,
}

impl TryFrom<Wire> for Table {
    type Error = regex::Error;

    fn try_from(Wire { values, names }: Wire) -> Result<Self, Self::Error> {
        let any = RegexSet::new(values.iter().map(|value| &value.pattern))?;
        Ok(Self { values, any, names })
    }
}

#[derive(Deserialize)]
struct ValuePattern {
    id: String,
    pattern: String,
}

/// A variable whose name promises a secret, and whose value is not plainly a reference to one kept elsewhere.
#[derive(Deserialize)]
struct NamePattern {
    #[serde(deserialize_with = "pattern")]
    pattern: Regex,
    #[serde(deserialize_with = "pattern")]
    unless_value: Regex,
    at_least: usize,
}

fn pattern<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let text = String::deserialize(deserializer)?;
    Regex::new(&text).map_err(serde::de::Error::custom)
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("credentials.json")).expect("the embedded table is sound"));

/// What stands for what may be a credential.
pub const WITHHELD: &str = "(withheld)";

/// What kind of credential the variable looks like it holds, if any. The value goes no further than here.
pub fn looks_like(name: &str, value: &str) -> Option<&'static str> {
    let table: &'static Table = &TABLE;
    let found = if table.any.is_match(value.trim()) { table.any.matches(value.trim()).iter().next() } else { None };
    if let Some(found) = found.and_then(|first| table.values.get(first)) {
        return Some(&found.id);
    }
    let named = &table.names;
    let secret = named.pattern.is_match(name)
        && value.chars().count() >= named.at_least
        && !named.unless_value.is_match(value)
        && !value.contains(char::is_whitespace);
    secret.then_some("named-secret")
}

/// Whether a text has the form of a credential, or is an address that opens what is behind it.
pub fn is_credential(text: &str) -> bool {
    text.starts_with("ya29.") || text.contains("Signature=") || looks_like("", text).is_some()
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn well_known_tokens_are_recognised_by_their_form() {
        for (value, what) in [
            ("AKIAIOSFODNN7EXAMPLE", "aws-access-key-id"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII", "private-key"),
            ("postgres://app:hunter22@db.internal/app", "url-with-password"),
        ] {
            assert_eq!(looks_like("X", value), Some(what), "{value}");
        }
    }

    #[test]
    fn a_name_that_promises_a_secret_counts_unless_the_value_points_elsewhere() {
        assert_eq!(looks_like("DB_PASSWORD", "Tr0ub4dor&3"), Some("named-secret"));
        assert_eq!(looks_like("DB_PASSWORD", "arn:aws:secretsmanager:us-west-2:1:secret:x"), None);
        assert_eq!(looks_like("DB_PASSWORD", "/prod/db/password"), None);
        assert_eq!(looks_like("TOKEN_TTL", "Tr0ub4dor&3"), None);
        assert_eq!(looks_like("STAGE", "production"), None);
    }
}
