//! Who reads Google Cloud, for what else of Google is asked: buckets.

use super::{
    super::CollectError,
    auth::{Credentials, find},
    hosts::Hosts,
};

/// Gives bearer tokens.
#[derive(Clone)]
pub(in crate::source) struct Bearer(Credentials);

impl Bearer {
    /// The credentials of the environment.
    ///
    /// # Errors
    /// Where there are none.
    pub(in crate::source) async fn find(allow_endpoints: &[String]) -> Result<Self, CollectError> {
        find(&Hosts::new(allow_endpoints)).await.map(Self)
    }

    /// A token that is good for now; why there is none, in words.
    pub(in crate::source) async fn token(&self) -> Result<String, String> {
        match self.0.token().await {
            Ok(token) => Ok(token.as_str().to_owned()),
            Err(failure) => Err(failure.detail.unwrap_or_else(|| failure.why.to_string())),
        }
    }
}
