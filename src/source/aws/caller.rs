//! Whose credentials these are, and what is said where they lead nowhere.

use super::{
    super::{CollectError, Options},
    failure::Failure,
    settings::Settings,
};
use crate::evidence::GapReason;

/// The region that answers for all where none is configured.
const ANY_REGION: &str = "us-east-1";

/// Whoever the credentials belong to.
pub(super) struct Caller {
    /// In the region that is configured.
    pub(super) settings: Settings,
    /// The region.
    pub(super) home: String,
    /// The account.
    pub(super) account: String,
    /// As AWS names it.
    pub(super) arn: Option<String>,
}

impl Caller {
    /// Asks AWS whose credentials these are, so that every answer can be held against it.
    pub(super) async fn find(profile: Option<&str>, options: &Options) -> Result<Self, CollectError> {
        let settings = Settings::load(profile, options).await?;
        let home = match settings.region() {
            Some(region) => region.to_owned(),
            None if options.all_regions => ANY_REGION.to_owned(),
            None => {
                return Err(CollectError::Config {
                    message: "no region is configured".into(),
                    hint: Some("name one with `--region`, or read them all with `--all-regions`".into()),
                });
            }
        };
        let settings = settings.in_region(&home);
        let answer = settings.sts().get_caller_identity().send().await.map_err(|error| Failure::of(&error));
        let output = answer.map_err(|failure| refused("sts:GetCallerIdentity", &failure))?;
        match output.account {
            Some(account) if is_account(&account) => Ok(Self { settings, home, account, arn: output.arn }),
            _ => Err(refused("sts:GetCallerIdentity", &Failure::malformed("the answer names no account"))),
        }
    }

    /// The partition that the caller is in: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, …
    pub(super) fn partition(&self) -> Result<&str, CollectError> {
        let arn = self.arn.as_deref().unwrap_or_default();
        let partition = arn.strip_prefix("arn:").and_then(|rest| rest.split_once(':')).map(|(partition, _)| partition);
        partition.filter(|partition| is_partition(partition)).ok_or_else(|| {
            refused("sts:GetCallerIdentity", &Failure::malformed("the answer names no partition of AWS"))
        })
    }
}

/// Whether this is the id of an account.
pub(super) fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_partition(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    name.split('-').all(word) && name.split('-').next() == Some("aws")
}

/// Nothing could be read at all.
pub(super) fn refused(call: &str, failure: &Failure) -> CollectError {
    let detail = failure.detail.as_deref().map_or(String::new(), |detail| format!(": {detail}"));
    let hint = match failure.why {
        GapReason::Unauthenticated => {
            "no credentials that work were found: sign in (`aws sso login`), set `AWS_PROFILE`, or name one as `aws:PROFILE`"
        }
        GapReason::Denied if call.starts_with("organizations:") => {
            "the management account of the organisation may list its accounts, and one that it delegated this to"
        }
        GapReason::Denied => "the section `Permissions` of the README lists those that a scan needs",
        GapReason::Network | GapReason::Tls | GapReason::Timeout => "is the endpoint reachable from here?",
        _ if failure.is("AWSOrganizationsNotInUseException") => {
            "the account of these credentials is in no organisation: `aws` reads it alone"
        }
        _ => "`aws sts get-caller-identity` shows whether the credentials work",
    };
    CollectError::Config { message: format!("{call} failed ({}){detail}", failure.why), hint: Some(hint.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_known_by_its_form() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b"] {
            assert!(is_partition(partition), "{partition}");
        }
        for not in ["", "aws-", "-aws", "AWS", "aws cn", "gcp", "aws/x"] {
            assert!(!is_partition(not), "{not}");
        }
    }
}
