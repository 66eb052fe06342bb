//! KMS: the keys that functions name.

use std::sync::Arc;

use aws_sdk_kms::Client;
use serde_json::{Value, json};

use super::{
    answers::Holds,
    body::Body,
    calls::{IN_FLIGHT, each},
    failure::Failure,
    functions::KeyNames,
    reader::Reader,
};
use crate::snapshot::kinds::{KEY, KEY_POLICY, KEY_ROTATION};

/// KMS in one region.
pub(super) struct Keys {
    client: Client,
    reader: Reader,
}

impl Keys {
    /// KMS as this client sees it.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads each key once.
    pub(super) async fn read(self: Arc<Self>, keys: KeyNames) {
        self.reader.calls.expect(3 * keys.names.len());
        let read = |key: String| {
            let kms = Arc::clone(&self);
            async move { kms.read_one(&key).await }
        };
        each(keys.names.into_iter().collect(), IN_FLIGHT, read).await;
        self.reader.end(&[KEY, KEY_ROTATION, KEY_POLICY], keys.failure.as_ref());
    }

    async fn read_one(&self, name: &str) {
        let described = self.describe(name).await;
        // An alias names a key for `DescribeKey` only.
        let key = match &described {
            Ok(body) => body.pointer("/KeyMetadata/Arn").and_then(Value::as_str).unwrap_or(name).to_owned(),
            Err(failure) if is_alias(name) => {
                for kind in [KEY, KEY_ROTATION, KEY_POLICY] {
                    self.reader.ledger.gap(kind, Some(name), failure);
                }
                return;
            }
            Err(_) => name.to_owned(),
        };
        self.reader.enter(KEY, name, described);
        self.reader.enter(KEY_ROTATION, name, self.rotation(&key).await);
        self.reader.enter(KEY_POLICY, name, self.policy(&key).await);
    }

    async fn describe(&self, key: &str) -> Result<Value, Failure> {
        let call = self.client.describe_key().key_id(key).send();
        let output = self.reader.make(KEY, call).await?;
        let metadata = output.key_metadata.filter(|metadata| !metadata.key_id().is_empty());
        let metadata = metadata.ok_or_else(|| Failure::malformed("the answer lacks the key"))?;
        let arn = metadata.arn().ok_or_else(|| Failure::malformed("a key without an ARN"))?;
        if !is_meant(key, arn) {
            return Err(Failure::speaks_of(arn));
        }
        Ok(json!({ "KeyMetadata": metadata.json() }))
    }

    /// Whether the key is rotated; `null` for a kind of key that cannot be.
    async fn rotation(&self, key: &str) -> Result<Value, Failure> {
        let call = self.client.get_key_rotation_status().key_id(key);
        let call = call.customize().interceptor(Holds(&["KeyRotationEnabled"])).send();
        match self.reader.make(KEY_ROTATION, call).await {
            Ok(output) => match output.key_id() {
                Some(id) if !key.ends_with(id) && !id.ends_with(key) => Err(Failure::speaks_of(id)),
                _ => output.json().ok_or_else(|| Failure::malformed("the answer says nothing of the rotation")),
            },
            // Not a default: `null` says that rotation cannot apply.
            Err(failure) if failure.is("UnsupportedOperationException") => Ok(Value::Null),
            Err(failure) => Err(failure),
        }
    }

    async fn policy(&self, key: &str) -> Result<Value, Failure> {
        let call = self.client.get_key_policy().key_id(key).policy_name("default").send();
        let output = self.reader.make(KEY_POLICY, call).await?;
        match output.policy {
            Some(policy) => Ok(json!({ "Policy": policy, "PolicyName": "default" })),
            None => Err(Failure::malformed("the answer lacks the policy")),
        }
    }
}

/// Whether a key may be what is called by this name: an alias says where its key is, and a bare id which.
fn is_meant(name: &str, arn: &str) -> bool {
    match (name.split_once(":alias/"), name.starts_with("arn:")) {
        (Some((place, _)), _) => arn.split_once(":key/").is_some_and(|(of, _)| of == place),
        (None, true) => arn == name,
        (None, false) => is_alias(name) || arn.ends_with(&format!("/{name}")),
    }
}

fn is_alias(name: &str) -> bool {
    name.starts_with("alias/") || name.contains(":alias/")
}
