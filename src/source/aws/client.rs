//! The client of HTTP below every client of AWS: rustls, and the proxy that the environment names.

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, runtime_components::RuntimeComponents};

use super::{super::CollectError, settings::variable};

/// What names a proxy of what goes out by TLS, the first that is set. Plain HTTP goes to this machine alone, by no proxy.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// What is on this machine is not asked by way of another one.
const LOCAL: &str = "localhost,127.0.0.0/8,::1";

/// The client; the SDK does not look at the environment by itself.
///
/// # Errors
/// Where the proxy of the environment has no address.
pub(super) fn http_client() -> Result<SharedHttpClient, CollectError> {
    let proxy = match first(&PROXY)? {
        None => ProxyConfig::disabled(),
        Some((name, address)) => by(name, &address, first(&NO_PROXY)?.map(|(_, hosts)| hosts))?,
    };
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder =
            Connector::builder().proxy_config(proxy.clone()).tls_provider(Provider::Rustls(CryptoMode::Ring));
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.build()
    }))
}

/// The first of these variables that is set.
fn first(names: &[&'static str]) -> Result<Option<(&'static str, String)>, CollectError> {
    for name in names {
        if let Some(value) = variable(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// A proxy for all but these hosts.
fn by(name: &str, address: &str, hosts: Option<String>) -> Result<ProxyConfig, CollectError> {
    // What is wrong is not shown: the address may hold a password.
    let wrong = || CollectError::Config {
        message: format!("`{name}` is not the address of a proxy"),
        hint: Some("a proxy is written like `http://proxy.example:3128`".into()),
    };
    // As other tools read it: a proxy without a scheme is asked by HTTP.
    let address = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    if !address.starts_with("http://") && !address.starts_with("https://") {
        return Err(wrong());
    }
    let config = ProxyConfig::https(address).map_err(|_| wrong())?;
    Ok(config.no_proxy(hosts.map_or_else(|| LOCAL.into(), |hosts| format!("{hosts},{LOCAL}"))))
}
