//! Buckets of Google's Cloud Storage.

use object_store::{
    RetryConfig,
    gcp::{GcpCredentialProvider, GoogleCloudStorage, GoogleCloudStorageBuilder},
};
use reqwest::Url;

use super::{
    super::{CollectError, environment::variable},
    door::Door,
    hosts::{Hosts, Way},
    who::HINT,
};

/// Where Cloud Storage answers, in gcloud's settings.
const ENDPOINT: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE";

/// A bucket, by what the environment says.
///
/// # Errors
/// Where the environment says something that cannot be.
pub(super) fn bucket(
    name: &str,
    who: Option<GcpCredentialProvider>,
    hosts: &Hosts,
    door: Door,
    retry: RetryConfig,
) -> Result<GoogleCloudStorage, CollectError> {
    let mut builder = GoogleCloudStorageBuilder::new();
    if let Some(who) = who {
        builder = builder.with_credentials(who);
    } else if let Some(path) = variable("GOOGLE_APPLICATION_CREDENTIALS")? {
        builder = builder.with_application_credentials(path);
    }
    if let Some(endpoint) = variable(ENDPOINT)? {
        builder = builder.with_base_url(&origin(hosts, &endpoint)?);
    }
    let builder = builder.with_bucket_name(name).with_http_connector(door).with_retry(retry);
    builder.build().map_err(|error| CollectError::Config {
        message: format!("Cloud Storage cannot be asked: {error}"),
        hint: Some(HINT.into()),
    })
}

/// The host of an address: gcloud's setting has the path of another form of the same API behind it.
fn origin(hosts: &Hosts, endpoint: &str) -> Result<String, CollectError> {
    let wrong = |why: String, host: Option<String>| CollectError::Config {
        message: format!("`{ENDPOINT}` is set to an address that is not asked: {why}"),
        hint: host.map(|host| format!("allow it with `--allow-endpoint {host}`")),
    };
    match hosts.check(endpoint) {
        Ok(Way::Remote | Way::Local) => {}
        Ok(Way::Machine) => return Err(wrong("no bucket is there".into(), None)),
        Err(refused) => return Err(wrong(refused.to_string(), refused.host)),
    }
    let url = Url::parse(endpoint).map_err(|error| wrong(error.to_string(), None))?;
    Ok(url.origin().ascii_serialization())
}
