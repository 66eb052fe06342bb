//! Encryption keys and image repositories.

use serde::Deserialize;

use super::Context;
use crate::model::google::{CryptoKey, KeyVersion, Repository};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyWire {
    primary: Option<VersionWire>,
    purpose: Option<String>,
    rotation_period: Option<String>,
    version_template: Option<TemplateWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TemplateWire {
    protection_level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionWire {
    name: String,
    state: Option<String>,
    destroy_time: Option<String>,
}

pub(super) fn key(context: &Context<'_>, wire: KeyWire) -> Result<CryptoKey, String> {
    let days = |text: &String| {
        let seconds: f64 =
            text.strip_suffix('s').and_then(|text| text.parse().ok()).ok_or("the period is no duration")?;
        // A period of a century is no period.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of days, clamped")]
        Ok::<_, String>((seconds / 86_400.0).clamp(0.0, 36_525.0).round() as u32)
    };
    let external = wire.version_template.and_then(|template| template.protection_level);
    let purpose = wire.purpose.unwrap_or_else(|| "CRYPTO_KEY_PURPOSE_UNSPECIFIED".into());
    Ok(CryptoKey {
        primary: wire.primary.as_ref().map(|version| context.canonical(&version.name)),
        primary_state: wire.primary.and_then(|version| version.state),
        rotatable: purpose == "ENCRYPT_DECRYPT" && !external.is_some_and(|level| level.starts_with("EXTERNAL")),
        purpose,
        rotation_days: wire.rotation_period.as_ref().map(days).transpose()?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionsWire {
    #[serde(default)]
    crypto_key_versions: Vec<VersionWire>,
}

pub(super) fn versions(context: &Context<'_>, wire: VersionsWire) -> Result<Vec<KeyVersion>, String> {
    let version = |wire: VersionWire| KeyVersion {
        name: context.canonical(&wire.name),
        state: wire.state.unwrap_or_else(|| "CRYPTO_KEY_VERSION_STATE_UNSPECIFIED".into()),
        destroyed_on: wire.destroy_time,
    };
    Ok(wire.crypto_key_versions.into_iter().map(version).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryWire {
    kms_key_name: Option<String>,
}

pub(super) fn repository(context: &Context<'_>, wire: RepositoryWire) -> Result<Repository, String> {
    let key = wire.kms_key_name.filter(|key| !key.is_empty());
    Ok(Repository { key: key.map(|key| context.canonical(&key)) })
}
