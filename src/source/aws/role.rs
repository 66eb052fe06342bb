//! The credentials of a role in an account, which renew themselves.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError, future},
};
use aws_sdk_sts::{
    Client,
    operation::assume_role::{AssumeRoleError, AssumeRoleOutput},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};

use super::{super::Organization, answers::Elements, caller::Caller, failure::Failure, reader::said};
use crate::source::CollectError;

/// What the SDK would make up where it is missing.
const REQUIRED: Elements = Elements(&[
    ("Credentials", &["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]),
    ("AssumedRoleUser", &["Arn"]),
]);

/// How roles of one name are assumed, in whatever account.
pub(super) struct Roles {
    client: Client,
    partition: String,
    name: String,
    session_name: String,
    external_id: Option<String>,
}

impl Roles {
    /// Roles of this name, in the partition of whoever assumes them.
    pub(super) fn new(caller: &Caller, name: String, organization: &Organization) -> Result<Self, CollectError> {
        Ok(Self {
            client: caller.settings.sts(),
            partition: caller.partition()?.into(),
            name,
            session_name: organization.session_name.clone(),
            external_id: organization.external_id.clone(),
        })
    }

    /// The one in an account.
    pub(super) fn of(&self, account: &str) -> Role {
        Role {
            client: self.client.clone(),
            account: account.into(),
            arn: format!("arn:{}:iam::{account}:role/{}", self.partition, self.name),
            session_name: self.session_name.clone(),
            external_id: self.external_id.clone(),
            first: Mutex::default(),
        }
    }
}

/// A role in an account, and who assumes it.
#[derive(Debug)]
pub(super) struct Role {
    client: Client,
    account: String,
    arn: String,
    session_name: String,
    external_id: Option<String>,
    /// The first credentials, until somebody asks for them.
    first: Mutex<Option<Credentials>>,
}

/// The role could not be assumed again.
#[derive(Debug, thiserror::Error)]
#[error("the role could not be assumed again")]
pub(super) struct NotRenewed(pub(super) Failure);

impl Role {
    /// Asks for credentials.
    pub(super) fn assume(
        &self,
    ) -> impl Future<Output = Result<AssumeRoleOutput, SdkError<AssumeRoleError, HttpResponse>>> + Send + use<> {
        let call = self.client.assume_role().role_arn(&self.arn).role_session_name(&self.session_name);
        call.set_external_id(self.external_id.clone()).customize().interceptor(REQUIRED).send()
    }

    /// Starts with these credentials, and gives the ARN of the session that they are of.
    pub(super) fn start(&self, output: AssumeRoleOutput) -> Result<String, Failure> {
        let (arn, credentials) = self.session(output)?;
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials);
        Ok(arn)
    }

    fn session(&self, output: AssumeRoleOutput) -> Result<(String, Credentials), Failure> {
        let lacks = || Failure::malformed("the answer lacks the credentials or whose they are");
        let (given, user) = output.credentials.zip(output.assumed_role_user).ok_or_else(lacks)?;
        let parts = said(given.access_key_id).zip(said(given.secret_access_key)).zip(said(given.session_token));
        let ((key, secret), token) = parts.ok_or_else(lacks)?;
        let expires = SystemTime::try_from(given.expiration).map_err(|_| lacks())?;
        if user.arn.split(':').nth(4) != Some(self.account.as_str()) {
            return Err(Failure::speaks_of(&user.arn));
        }
        Ok((user.arn, Credentials::new(key, secret, Some(token), Some(expires), "AssumeRole")))
    }

    /// Credentials for the next hour. Who waits for them may be holding one of the places for calls: they take none.
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        if let Some(first) = self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Ok(first);
        }
        let answer = self.assume().await.map_err(|error| Failure::of(&error));
        let session = answer.and_then(|output| self.session(output));
        session.map(|(_, credentials)| credentials).map_err(|failure| {
            tracing::debug!(role = %self.arn, why = %failure.why, "could not be assumed again");
            CredentialsError::provider_error(NotRenewed(failure))
        })
    }
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
