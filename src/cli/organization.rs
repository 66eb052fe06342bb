//! How an organisation of AWS is read, as the command line says it.

use super::exit::Failure;
use crate::source::{Organization, SourceSpec};

/// How the accounts of an organisation are chosen and entered.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Members {
    /// Read these accounts of the AWS organisation only, by their ids.
    #[arg(long, value_name = "ID,ID", value_delimiter = ',', value_parser = account)]
    accounts: Vec<String>,
    /// Leave these accounts of the AWS organisation out.
    #[arg(long, value_name = "ID,ID", value_delimiter = ',', value_parser = account)]
    exclude: Vec<String>,
    /// The external id that the role of `aws:org/ROLE` asks for.
    #[arg(long, value_name = "ID", value_parser = external_id)]
    external_id: Option<String>,
    /// The name of the sessions of that role, for the logs of the accounts [default: egress-audit].
    #[arg(long, value_name = "NAME", value_parser = session_name)]
    session_name: Option<String>,
}

impl Members {
    /// What the source needs of it.
    pub(super) fn options(&self) -> Organization {
        Organization {
            external_id: self.external_id.clone(),
            session_name: self.session_name.clone().unwrap_or_else(|| env!("CARGO_PKG_NAME").into()),
            accounts: self.accounts.clone(),
            exclude: self.exclude.clone(),
        }
    }

    /// That what is said here is about one of the sources: who leaves accounts out counts on it.
    pub(super) fn check(&self, sources: &[SourceSpec]) -> Result<(), Failure> {
        let said = [
            ("--accounts", !self.accounts.is_empty()),
            ("--exclude", !self.exclude.is_empty()),
            ("--external-id", self.external_id.is_some()),
            ("--session-name", self.session_name.is_some()),
        ];
        let of_one = sources.iter().any(|source| matches!(source, SourceSpec::AwsOrganization { .. }));
        match said.iter().find(|(_, said)| *said && !of_one) {
            None => Ok(()),
            Some((flag, _)) => Err(Failure::usage(
                format!("`{flag}` is about an organisation of AWS, and no source is one"),
                "`aws:org/ROLE` reads an organisation",
            )),
        }
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.into());
    }
    Err("the id of an account has twelve digits".into())
}

/// The form that AWS asks for.
fn external_id(text: &str) -> Result<String, String> {
    word(text, b"_+=,.@:/-", 1224)
}

fn session_name(text: &str) -> Result<String, String> {
    word(text, b"_+=,.@-", 64)
}

fn word(text: &str, also: &[u8], most: usize) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
    if (2..=most).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.into());
    }
    Err(format!("expected 2 to {most} letters, digits or any of `{}`", String::from_utf8_lossy(also)))
}
