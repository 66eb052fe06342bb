//! Buckets of S3, and of what speaks as it does.

use object_store::{
    RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey as Key},
};

use super::{
    super::{
        CollectError,
        environment::{first, is_true, variable},
    },
    door::{Door, is_region},
    hosts::{Hosts, Way},
};
use crate::knowledge::partition;

/// What is taken from the environment as it is: who asks, and how objects are encrypted.
const TAKEN: [(&str, &str); 14] = [
    ("AWS_ACCESS_KEY_ID", "aws_access_key_id"),
    ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"),
    ("AWS_SESSION_TOKEN", "aws_session_token"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "aws_web_identity_token_file"),
    ("AWS_ROLE_ARN", "aws_role_arn"),
    ("AWS_ROLE_SESSION_NAME", "aws_role_session_name"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "aws_container_credentials_relative_uri"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "aws_container_credentials_full_uri"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "aws_container_authorization_token_file"),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "aws_metadata_endpoint"),
    ("AWS_REQUEST_PAYER", "aws_request_payer"),
    ("AWS_SERVER_SIDE_ENCRYPTION", "aws_server_side_encryption"),
    ("AWS_SSE_KMS_KEY_ID", "aws_sse_kms_key_id"),
    ("AWS_SSE_BUCKET_KEY_ENABLED", "aws_sse_bucket_key_enabled"),
];

/// Variables by which credentials come from somewhere; without any of them the machine is asked who it is.
const CREDENTIALS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// A bucket, by what the environment says.
///
/// # Errors
/// Where the environment says something that cannot be, or no credentials.
pub(super) fn bucket(name: &str, hosts: &Hosts, door: Door, retry: RetryConfig) -> Result<AmazonS3, CollectError> {
    if first(&CREDENTIALS)?.is_none() && is_true("AWS_EC2_METADATA_DISABLED")? {
        return Err(CollectError::Config {
            message: "no credentials for S3 were found in the environment".into(),
            hint: Some(HINT.into()),
        });
    }
    let mut builder = AmazonS3Builder::new();
    for (variable_name, key) in TAKEN {
        if let Some(value) = variable(variable_name)? {
            let key: Key = key.parse().map_err(|error| unusable(&error))?;
            builder = builder.with_config(key, value);
        }
    }
    let region = first(&["AWS_REGION", "AWS_DEFAULT_REGION"])?;
    if let Some((variable_name, region)) = &region {
        if !is_region(region) {
            return Err(CollectError::Config {
                message: format!("`{variable_name}` is `{region}`, which is not the name of a region"),
                hint: Some("a region is written like `us-west-2`".into()),
            });
        }
        builder = builder.with_region(region);
    }
    let ignored = is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?;
    let set = |own: &'static str| if ignored { Ok(None) } else { first(&[own, "AWS_ENDPOINT_URL"]) };
    if let Some((variable_name, endpoint)) = set("AWS_ENDPOINT_URL_STS")? {
        check(hosts, variable_name, &endpoint)?;
        builder = builder.with_config(Key::StsEndpoint, endpoint);
    }
    if let Some((variable_name, endpoint)) = set("AWS_ENDPOINT_URL_S3")? {
        check(hosts, variable_name, &endpoint)?;
        builder = builder.with_endpoint(endpoint);
    } else if let Some((_, region)) = region {
        // The library knows one partition.
        let domain = match partition(&region) {
            "aws-cn" => Some("amazonaws.com.cn"),
            "aws-eusc" => Some("amazonaws.eu"),
            _ => None,
        };
        if let Some(domain) = domain {
            builder = builder.with_endpoint(format!("https://s3.{region}.{domain}"));
            builder = builder.with_config(Key::StsEndpoint, format!("https://sts.{region}.{domain}"));
        }
    }
    let builder = builder.with_bucket_name(name).with_http_connector(door).with_retry(retry);
    builder.build().map_err(|error| unusable(&error))
}

/// What helps where there are no credentials.
pub(super) const HINT: &str = "S3 is read by the variables of the environment, web identity, and the roles of tasks, pods and \
     machines; `eval \"$(aws configure export-credentials --format env)\"` makes variables of a profile";

fn check(hosts: &Hosts, variable_name: &str, endpoint: &str) -> Result<(), CollectError> {
    let wrong = |why: String, host: Option<String>| CollectError::Config {
        message: format!("`{variable_name}` is set to `{}`, and {why}", shown(endpoint)),
        hint: host.map(|host| format!("allow it with `--allow-endpoint {host}`")),
    };
    match hosts.check(endpoint) {
        Ok(Way::Remote | Way::Local) => Ok(()),
        Ok(Way::Machine) => Err(wrong("no bucket is there".into(), None)),
        Err(refused) => Err(wrong(refused.to_string(), refused.host)),
    }
}

/// An address without what may be a password in it.
fn shown(address: &str) -> &str {
    if address.contains('@') { "(an address with user information)" } else { address }
}

fn unusable(error: &object_store::Error) -> CollectError {
    CollectError::Config { message: format!("S3 cannot be asked: {error}"), hint: Some(HINT.into()) }
}
