//! Which permissions the present credentials hold.

use std::collections::BTreeSet;

use super::{CollectError, Options, SourceSpec};

/// Whose credentials these are, and which of the permissions that were asked about they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Who, as far as the cloud tells.
    pub principal: Option<String>,
    /// Those that are not held.
    pub missing: BTreeSet<String>,
    /// Those of which the cloud did not say it, and why.
    pub unknown: Vec<(String, String)>,
}

impl Held {
    /// Notes that the cloud did not say it of these.
    #[cfg(any(feature = "aws", feature = "gcp"))]
    pub(super) fn open<'a>(&mut self, permissions: impl IntoIterator<Item = &'a String>, why: &str) {
        self.unknown.extend(permissions.into_iter().map(|permission| (permission.clone(), why.to_owned())));
    }
}

/// Asks the cloud of a source which of these permissions the credentials hold there.
///
/// # Errors
/// Where there are no credentials that work, or the source is no cloud.
pub fn held(spec: &SourceSpec, options: &Options, wanted: &BTreeSet<String>) -> Result<Held, CollectError> {
    match spec {
        #[cfg(feature = "aws")]
        SourceSpec::Aws { profile } => super::aws::held(profile.as_deref(), options, wanted),
        #[cfg(feature = "aws")]
        SourceSpec::AwsOrganization { .. } => super::aws::held(None, options, wanted),
        #[cfg(feature = "gcp")]
        SourceSpec::Google(scope) => super::gcp::held(scope, options, wanted),
        other => {
            let _ = (options, wanted);
            Err(CollectError::Unsupported {
                source_name: other.to_string(),
                why: "nobody can be asked what is permitted there".into(),
            })
        }
    }
}
