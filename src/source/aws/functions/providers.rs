//! The capacity providers that functions run on: where managed instances stand in a network of the customer's.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_lambda::types::FunctionConfiguration;
use serde_json::{Value, json};

use super::Lambda;
use crate::{
    snapshot::kinds::CAPACITY_PROVIDER,
    source::aws::{
        body::Body,
        calls::{IN_FLIGHT, each},
        failure::Failure,
    },
};

/// The capacity provider that a function's configuration names.
pub(super) fn provider(function: &FunctionConfiguration) -> Option<String> {
    let config = function.capacity_provider_config()?.lambda_managed_instances_capacity_provider_config()?;
    Some(config.capacity_provider_arn().to_owned()).filter(|arn| !arn.is_empty())
}

impl Lambda {
    /// Reads each provider once, by the ARN that functions name it by.
    pub(super) async fn providers(self: Arc<Self>, named: BTreeSet<String>, failure: Option<&Failure>) {
        self.reader.calls.expect(named.len());
        let read = |arn: String| {
            let lambda = Arc::clone(&self);
            async move {
                let body = lambda.provider(&arn).await;
                lambda.reader.enter(CAPACITY_PROVIDER, &arn, body);
            }
        };
        each(named.into_iter().collect(), IN_FLIGHT, read).await;
        self.reader.end(&[CAPACITY_PROVIDER], failure);
    }

    async fn provider(&self, arn: &str) -> Result<Value, Failure> {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let call = self.client.get_capacity_provider().capacity_provider_name(name).send();
        let output = self.reader.make(CAPACITY_PROVIDER, call).await?;
        let provider = output.capacity_provider.ok_or_else(|| Failure::malformed("the answer lacks the provider"))?;
        match provider.capacity_provider_arn() {
            "" => Err(Failure::malformed("a capacity provider without an ARN")),
            said if said == arn => Ok(json!({ "CapacityProvider": provider.json() })),
            said => Err(Failure::speaks_of(said)),
        }
    }
}
