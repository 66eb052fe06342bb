//! A rule exactly as its author wrote it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Scalar, Severity, Status};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) severity: Severity,
    #[serde(default)]
    pub(super) status: Status,
    pub(super) since: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) compliance: BTreeMap<String, Vec<String>>,
    pub(super) subject: Spanned<String>,
    #[serde(default)]
    pub(super) for_each: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Spanned<RawParam>>,
    #[serde(default)]
    pub(super) when: Option<Spanned<String>>,
    pub(super) require: Spanned<String>,
    pub(super) message: Spanned<String>,
    pub(super) description: Spanned<String>,
    pub(super) why: Spanned<String>,
    pub(super) remediation: Remediation,
    #[serde(default)]
    pub(super) references: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParam {
    pub(super) default: Scalar,
    pub(super) meaning: String,
}

/// How to repair a failure, in words and in the languages people repair things with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// In words.
    pub text: String,
    /// With Google Cloud's command line.
    #[serde(default)]
    pub gcloud: Option<String>,
    /// With the AWS command line.
    #[serde(default)]
    pub aws: Option<String>,
    /// In Terraform.
    #[serde(default)]
    pub terraform: Option<String>,
}
