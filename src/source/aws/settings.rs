//! What the environment and the profile say, checked before anything goes out.

use std::{env, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, identity::IdentityCache, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::ServiceConfigKey;

use super::{
    super::{CollectError, Options},
    answers::{Arrival, WholeXml},
    client::http_client,
    hosts::{Hosts, is_local},
    role::Role,
};

/// How often a call is tried, where the environment does not say otherwise.
const MAX_ATTEMPTS: u32 = 6;

/// The services that are read or that credentials come from, as endpoint settings name them.
const SERVICES: [&str; 15] = [
    "STS",
    "Organizations",
    "Lambda",
    "Lambda Web",
    "Lambda Microvms",
    "Lambda Core",
    "EC2",
    "KMS",
    "API Gateway",
    "ApiGatewayV2",
    "Elastic Load Balancing v2",
    "CloudFront",
    "IAM",
    "SSO",
    "SSO OIDC",
];

/// Everything that clients are made of.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    config: SdkConfig,
    hosts: Hosts,
    overrides: Vec<(&'static str, String)>,
}

impl Settings {
    /// Reads the environment and the profile.
    pub(super) async fn load(profile: Option<&str>, options: &Options) -> Result<Self, CollectError> {
        for region in &options.regions {
            check_region(region)?;
        }
        let retry = retry(variable("AWS_MAX_ATTEMPTS")?.as_deref(), variable("AWS_RETRY_MODE")?.as_deref())?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(30))
            .operation_attempt_timeout(Duration::from_mins(1))
            .operation_timeout(Duration::from_mins(5))
            .build();
        // Said explicitly: aws-config panics on a retry setting that it cannot read, also on one of the profile.
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http_client()?)
            .retry_config(retry)
            .timeout_config(timeouts);
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = options.regions.first() {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        if let Some(region) = config.region() {
            check_region(region.as_ref())?;
        }
        let hosts = Hosts::new(&options.allow_endpoints);
        let overrides = overrides(&config);
        for (_, endpoint) in &overrides {
            hosts.check(endpoint).map_err(|refused| CollectError::Config {
                message: format!("the endpoint `{endpoint}` is set, and {refused}"),
                hint: refused.host.map(|host| format!("allow it with `--allow-endpoint {host}`")),
            })?;
        }
        Ok(Self { config, hosts, overrides })
    }

    /// The region that the environment or the profile names.
    pub(super) fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    /// The same in another region.
    pub(super) fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        Self { config, ..self.clone() }
    }

    /// The same by the credentials of a role. They are renewed up to five minutes, as long as a call may take, before they
    /// expire.
    pub(super) fn assuming(&self, role: Role) -> Self {
        let credentials = SharedCredentialsProvider::new(role);
        let cache = IdentityCache::lazy().buffer_time(Duration::from_mins(5)).build();
        let config = self.config.to_builder().credentials_provider(credentials).identity_cache(cache).build();
        Self { config, ..self.clone() }
    }

    /// The endpoints that are not AWS's own, for the head of a report.
    pub(super) fn endpoint(&self) -> Option<String> {
        let mut endpoints: Vec<&str> = self.overrides.iter().map(|(_, endpoint)| endpoint.as_str()).collect();
        endpoints.sort_unstable();
        endpoints.dedup();
        (!endpoints.is_empty()).then(|| endpoints.join(", "))
    }

    /// Whether a service is on this machine.
    pub(super) fn is_local(&self, service: &str) -> bool {
        self.overrides.iter().any(|(name, endpoint)| *name == service && is_local(endpoint))
    }

    /// Asks who the credentials belong to.
    pub(super) fn sts(&self) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&self.config);
        let config = config.interceptor(self.hosts.clone()).interceptor(Arrival).interceptor(WholeXml);
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// Reads the accounts of an organisation. The SDK finds the one endpoint of a partition from any of its regions.
    pub(super) fn organizations(&self) -> aws_sdk_organizations::Client {
        let config = aws_sdk_organizations::config::Builder::from(&self.config);
        aws_sdk_organizations::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads functions.
    pub(super) fn lambda(&self) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::config::Builder::from(&self.config);
        aws_sdk_lambda::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads web functions.
    pub(super) fn web_functions(&self) -> aws_sdk_lambdaweb::Client {
        let config = aws_sdk_lambdaweb::config::Builder::from(&self.config);
        aws_sdk_lambdaweb::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads MicroVMs.
    pub(super) fn microvms(&self) -> aws_sdk_lambdamicrovms::Client {
        let config = aws_sdk_lambdamicrovms::config::Builder::from(&self.config);
        aws_sdk_lambdamicrovms::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads network connectors.
    pub(super) fn connectors(&self) -> aws_sdk_lambdacore::Client {
        let config = aws_sdk_lambdacore::config::Builder::from(&self.config);
        aws_sdk_lambdacore::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads networks.
    pub(super) fn ec2(&self) -> aws_sdk_ec2::Client {
        let config = aws_sdk_ec2::config::Builder::from(&self.config);
        let config = config.interceptor(self.hosts.clone()).interceptor(Arrival).interceptor(WholeXml);
        aws_sdk_ec2::Client::from_conf(config.build())
    }

    /// Reads keys.
    pub(super) fn kms(&self) -> aws_sdk_kms::Client {
        let config = aws_sdk_kms::config::Builder::from(&self.config);
        aws_sdk_kms::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads REST APIs.
    pub(super) fn rest_apis(&self) -> aws_sdk_apigateway::Client {
        let config = aws_sdk_apigateway::config::Builder::from(&self.config);
        aws_sdk_apigateway::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads HTTP and WebSocket APIs.
    pub(super) fn http_apis(&self) -> aws_sdk_apigatewayv2::Client {
        let config = aws_sdk_apigatewayv2::config::Builder::from(&self.config);
        aws_sdk_apigatewayv2::Client::from_conf(config.interceptor(self.hosts.clone()).interceptor(Arrival).build())
    }

    /// Reads load balancers.
    pub(super) fn balancers(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        let config = aws_sdk_elasticloadbalancingv2::config::Builder::from(&self.config);
        let config = config.interceptor(self.hosts.clone()).interceptor(Arrival).interceptor(WholeXml);
        aws_sdk_elasticloadbalancingv2::Client::from_conf(config.build())
    }

    /// Reads distributions. The SDK finds the one endpoint of a partition from any of its regions.
    pub(super) fn distributions(&self) -> aws_sdk_cloudfront::Client {
        let config = aws_sdk_cloudfront::config::Builder::from(&self.config);
        let config = config.interceptor(self.hosts.clone()).interceptor(Arrival).interceptor(WholeXml);
        aws_sdk_cloudfront::Client::from_conf(config.build())
    }

    /// Reads identities. The SDK finds the one endpoint of a partition from any of its regions.
    pub(super) fn identities(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.config);
        let config = config.interceptor(self.hosts.clone()).interceptor(Arrival).interceptor(WholeXml);
        aws_sdk_iam::Client::from_conf(config.build())
    }
}

/// A name of a region goes into the name of a host.
pub(super) fn is_region(region: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&region.len()) && region.bytes().all(allowed)
}

fn check_region(region: &str) -> Result<(), CollectError> {
    if is_region(region) {
        return Ok(());
    }
    Err(CollectError::Config {
        message: format!("`{region}` is not the name of a region"),
        hint: Some("a region is written like `us-west-2`".into()),
    })
}

/// The endpoint of each service, where the environment or the profile sets one.
fn overrides(config: &SdkConfig) -> Vec<(&'static str, String)> {
    let of = |service| {
        let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let own = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
        let endpoint = own.or_else(|| config.endpoint_url().map(Into::into))?;
        Some((service, endpoint))
    };
    SERVICES.into_iter().filter_map(of).collect()
}

/// A variable of the environment, if it is set to something.
///
/// # Errors
/// Where it is not text.
#[expect(clippy::disallowed_methods, reason = "sources read the environment")]
pub(super) fn variable(name: &'static str) -> Result<Option<String>, CollectError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(CollectError::Config { message: format!("`{name}` is not text"), hint: None })
        }
    }
}

/// How calls are tried again.
fn retry(attempts: Option<&str>, mode: Option<&str>) -> Result<RetryConfig, CollectError> {
    let wrong = |name, value: &str, expected: &str| CollectError::Config {
        message: format!("`{name}` is `{value}`"),
        hint: Some(format!("set it to {expected}, or leave it out")),
    };
    let config = match mode.map(str::trim) {
        // `legacy` is a mode of other tools; to them it means what `standard` does, less well.
        None | Some("standard" | "legacy") => RetryConfig::standard(),
        Some("adaptive") => RetryConfig::adaptive(),
        Some(other) => return Err(wrong("AWS_RETRY_MODE", other, "`standard` or `adaptive`")),
    };
    let attempts = match attempts {
        None => MAX_ATTEMPTS,
        Some(text) => match text.trim().parse() {
            Ok(attempts @ 1..=100) => attempts,
            _ => return Err(wrong("AWS_MAX_ATTEMPTS", text, "a number from 1 to 100")),
        },
    };
    Ok(config.with_max_attempts(attempts).with_max_backoff(Duration::from_secs(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_settings_are_checked_before_the_sdk_can_panic_on_them() {
        assert_eq!(retry(None, None).expect("the default").max_attempts(), MAX_ATTEMPTS);
        assert_eq!(retry(Some("2"), Some("adaptive")).expect("fine").max_attempts(), 2);
        for (attempts, mode, name) in [
            (Some("0"), None, "AWS_MAX_ATTEMPTS"),
            (Some("-1"), None, "AWS_MAX_ATTEMPTS"),
            (Some("many"), None, "AWS_MAX_ATTEMPTS"),
            (None, Some("fast"), "AWS_RETRY_MODE"),
        ] {
            let error = retry(attempts, mode).expect_err("nonsense").to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_region_cannot_smuggle_a_host() {
        assert!(check_region("us-west-2").is_ok());
        for bad in ["", "us-west-2.example.com", "US-WEST-2", "a/b", "a@b", "a b"] {
            assert!(check_region(bad).is_err(), "{bad}");
        }
    }
}
