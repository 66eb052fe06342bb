//! Accounts of an organisation.

use serde::Deserialize;

use crate::snapshot::Record;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountWire {
    arn: String,
}

/// An account, and the organisation that its ARN names: `arn:aws:organizations::MANAGEMENT:account/o-ID/ACCOUNT`.
pub(super) fn account(record: &Record, wire: AccountWire) -> Result<(String, String), String> {
    let organization = wire.arn.split_once(":account/").and_then(|(_, rest)| rest.split('/').next());
    let organization = organization.filter(|id| id.starts_with("o-"));
    let organization = organization.ok_or_else(|| format!("`{}` names no organisation", wire.arn))?;
    Ok((record.id.clone(), organization.to_owned()))
}
