//! Types of assets: which kind of record each one gives, and how late the inventory may be with it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::snapshot::kinds::{Kind, google};

/// One type of asset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct AssetType {
    /// Its name, such as `run.googleapis.com/Service`.
    #[serde(rename = "type")]
    pub(in super::super) name: String,
    kind: Option<String>,
    policy: Option<String>,
    /// How late the inventory may be with it.
    pub(in super::super) lag_hours: u32,
    /// Whether another type tells the same, or it may not exist: that it is not told leaves no gap.
    #[serde(default)]
    pub(in super::super) optional: bool,
    /// Whether a scan asks for it; an export may hold it all the same.
    #[serde(default = "yes")]
    #[cfg_attr(not(feature = "gcp"), expect(dead_code, reason = "scans alone ask"))]
    pub(in super::super) asked: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    policy_lag_hours: u32,
    types: Vec<AssetType>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(include_str!("types.json")).unwrap_or_default());

impl AssetType {
    /// Every type that is read.
    pub(in super::super) fn all() -> &'static [Self] {
        &TABLE.types
    }

    /// The type of this name, where it is read.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TABLE.types.iter().find(|it| it.name == name)
    }

    /// The kind of record that its resources give.
    pub(in super::super) fn kind(&self) -> Option<Kind> {
        kind(self.kind.as_deref()?)
    }

    /// The kind of record that its policies give.
    pub(in super::super) fn policy(&self) -> Option<Kind> {
        kind(self.policy.as_deref()?)
    }
}

/// How late the inventory may be with policies, in hours.
pub(in super::super) fn policy_lag_hours() -> u32 {
    TABLE.policy_lag_hours
}

/// The kind of this name.
fn kind(name: &str) -> Option<Kind> {
    let all = google::WORKLOADS.into_iter().chain(google::NETWORKS).chain(google::DETAILS);
    all.chain([google::DOMAIN_MAPPING, google::FIREWALL_POLICY]).find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_table_gives_a_kind_or_a_policy() {
        assert!(AssetType::all().len() > 30);
        assert!(TABLE.policy_lag_hours > 0);
        for it in AssetType::all() {
            assert!(it.kind().is_some() || it.policy().is_some(), "{}", it.name);
            assert_eq!(it.kind.is_some(), it.kind().is_some(), "{}", it.name);
            assert_eq!(it.policy.is_some(), it.policy().is_some(), "{}", it.name);
        }
        for list in google::WORKLOADS.iter().chain(&google::NETWORKS) {
            assert!(AssetType::all().iter().any(|it| it.kind() == Some(*list)), "{}", list.name);
        }
    }
}
