//! Who asks Google for a bucket: in a build that reads Google Cloud, whoever reads that; in another one, whom the library of
//! the stores finds.

use std::sync::Arc;

#[cfg(feature = "gcp")]
use object_store::CredentialProvider;
#[cfg(not(feature = "gcp"))]
use object_store::StaticCredentialProvider;
use object_store::gcp::{GcpCredential, GcpCredentialProvider};

use super::super::CollectError;

/// What helps where there are no credentials.
#[cfg(feature = "gcp")]
pub(super) const HINT: &str = "buckets are read with the credentials that Google Cloud is read with: sign in with \
     `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` or `CLOUDSDK_AUTH_ACCESS_TOKEN`";

/// What helps where there are no credentials.
#[cfg(not(feature = "gcp"))]
pub(super) const HINT: &str = "this build reads buckets of Google by a token (`CLOUDSDK_AUTH_ACCESS_TOKEN`), by \
     `GOOGLE_APPLICATION_CREDENTIALS` that is the key of a service account or of `gcloud auth application-default login`, and \
     by the metadata server; `CLOUDSDK_AUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)` is a token of any other kind";

/// Who asks; none where the library is to find out.
///
/// # Errors
/// Where nobody is found.
#[cfg(feature = "gcp")]
pub(super) async fn asks(allow_endpoints: &[String]) -> Result<Option<GcpCredentialProvider>, CollectError> {
    let bearer = super::super::gcp::Bearer::find(allow_endpoints).await?;
    Ok(Some(Arc::new(Reader(bearer))))
}

/// Who asks; none where the library is to find out.
///
/// # Errors
/// Where the environment says something that is no text.
#[cfg(not(feature = "gcp"))]
#[expect(clippy::unused_async, reason = "a build that reads Google Cloud has to wait for it")]
pub(super) async fn asks(_allow_endpoints: &[String]) -> Result<Option<GcpCredentialProvider>, CollectError> {
    let token = crate::source::environment::first(&["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"])?;
    Ok(token.map(|(_, token)| {
        let credential = GcpCredential { bearer: token.trim().to_owned() };
        Arc::new(StaticCredentialProvider::new(credential)) as GcpCredentialProvider
    }))
}

/// Whoever reads Google Cloud.
#[cfg(feature = "gcp")]
struct Reader(super::super::gcp::Bearer);

#[cfg(feature = "gcp")]
impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

#[cfg(feature = "gcp")]
#[async_trait::async_trait]
impl CredentialProvider for Reader {
    type Credential = GcpCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<GcpCredential>> {
        match self.0.token().await {
            Ok(bearer) => Ok(Arc::new(GcpCredential { bearer })),
            Err(why) => {
                Err(object_store::Error::Generic { store: "Google", source: Box::new(std::io::Error::other(why)) })
            }
        }
    }
}
