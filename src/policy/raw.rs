//! The policy file exactly as its author wrote it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::rule::{Scalar, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicy {
    #[serde(default)]
    pub(super) rules: BTreeMap<String, Spanned<RawSetting>>,
    #[serde(default)]
    pub(super) trusted: RawTrusted,
    #[serde(default)]
    pub(super) intent: Vec<RawIntent>,
    #[serde(default)]
    pub(super) waivers: Vec<RawWaiver>,
}

/// What is set for a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSetting {
    /// `false` takes the rule out.
    #[serde(default)]
    pub(super) enabled: Option<bool>,
    #[serde(default)]
    pub(super) severity: Option<Severity>,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Scalar>,
}

/// Whose principals may call any workload.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrusted {
    #[serde(default)]
    pub(super) projects: Vec<String>,
    #[serde(default)]
    pub(super) accounts: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) organizations: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) domains: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIntent {
    pub(super) workload: Spanned<String>,
    #[serde(default)]
    pub(super) egress: Option<RawEgress>,
    #[serde(default)]
    pub(super) public: Option<bool>,
    #[serde(default)]
    pub(super) key: Option<RawKey>,
    #[serde(default)]
    pub(super) invokers: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawEgress {
    Static,
    None,
    Restricted,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawKey {
    Customer,
    Platform,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWaiver {
    pub(super) rule: Spanned<String>,
    pub(super) workload: Spanned<String>,
    pub(super) reason: Spanned<String>,
    pub(super) owner: Spanned<String>,
    pub(super) until: Spanned<String>,
}
