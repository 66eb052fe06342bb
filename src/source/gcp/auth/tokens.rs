//! Tokens that `gcp_auth` does not get by itself, behind its trait.

use std::sync::Arc;

use async_trait::async_trait;
use gcp_auth::{Error, Token, TokenProvider};
use google_cloud_auth::credentials::AccessTokenCredentials;
use serde_json::json;

use super::super::super::CollectError;

/// How long a token that was handed to us is taken to live: its end is not known, and Google says when it came.
const GIVEN_SECONDS: u32 = 12 * 3600;
/// How long a token lives that the other library keeps fresh by itself.
const KEPT_SECONDS: u32 = 60;

fn token(text: &str, seconds: u32) -> Option<Arc<Token>> {
    serde_json::from_value(json!({"access_token": text, "expires_in": seconds})).ok().map(Arc::new)
}

/// A token that somebody else got.
pub(super) struct Fixed(Arc<Token>);

impl Fixed {
    /// The token that a variable holds or leads to.
    ///
    /// # Errors
    /// Where it cannot be one: it goes into a header.
    pub(super) fn new(name: &str, text: &str) -> Result<Self, CollectError> {
        let text = text.trim();
        let fine = !text.is_empty() && text.len() <= 16 * 1024 && text.bytes().all(|byte| byte.is_ascii_graphic());
        match token(text, GIVEN_SECONDS).filter(|_| fine) {
            Some(token) => Ok(Self(token)),
            None => Err(CollectError::Config {
                message: format!("what `{name}` gives is not an access token"),
                hint: Some("`gcloud auth print-access-token` prints one".into()),
            }),
        }
    }
}

#[async_trait]
impl TokenProvider for Fixed {
    async fn token(&self, _: &[&str]) -> Result<Arc<Token>, Error> {
        Ok(Arc::clone(&self.0))
    }

    async fn project_id(&self) -> Result<Arc<str>, Error> {
        Err(Error::Str("a token names no project"))
    }
}

/// A token that `google-cloud-auth` exchanges for something else, and keeps fresh.
pub(super) struct Exchanged(AccessTokenCredentials);

impl Exchanged {
    /// The tokens of these credentials.
    pub(super) fn new(credentials: AccessTokenCredentials) -> Self {
        Self(credentials)
    }
}

#[async_trait]
impl TokenProvider for Exchanged {
    async fn token(&self, _: &[&str]) -> Result<Arc<Token>, Error> {
        // Its errors quote what was answered: they go no further.
        let got = self.0.access_token().await.map_err(|_| Error::Str("the token could not be exchanged"))?;
        token(&got.token, KEPT_SECONDS).ok_or(Error::Str("the token that came cannot be one"))
    }

    async fn project_id(&self) -> Result<Arc<str>, Error> {
        Err(Error::Str("these credentials name no project"))
    }
}
