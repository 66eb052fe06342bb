//! Buckets of Google's Cloud Storage.

use std::sync::Arc;

use object_store::{
    RetryConfig, StaticCredentialProvider,
    gcp::{GcpCredential, GoogleCloudStorage, GoogleCloudStorageBuilder},
};
use reqwest::Url;

use super::{
    super::CollectError,
    door::Door,
    environment::{first, variable},
    hosts::{Hosts, Way},
};

/// Where Cloud Storage answers, in gcloud's settings.
const ENDPOINT: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE";

/// What helps where there are no credentials.
pub(super) const HINT: &str = "Cloud Storage is read by a token (`CLOUDSDK_AUTH_ACCESS_TOKEN`), by `GOOGLE_APPLICATION_CREDENTIALS` \
     that is the key of a service account or of `gcloud auth application-default login`, and by the metadata server; of any other \
     kind, `CLOUDSDK_AUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)` is a token";

/// A bucket, by what the environment says.
///
/// # Errors
/// Where the environment says something that cannot be.
pub(super) fn bucket(
    name: &str,
    hosts: &Hosts,
    door: Door,
    retry: RetryConfig,
) -> Result<GoogleCloudStorage, CollectError> {
    let mut builder = GoogleCloudStorageBuilder::new();
    if let Some((_, token)) = first(&["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"])? {
        let credential = GcpCredential { bearer: token.trim().to_owned() };
        builder = builder.with_credentials(Arc::new(StaticCredentialProvider::new(credential)));
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
