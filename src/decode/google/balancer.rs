//! Load balancers.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::Context;
use crate::model::google::{BackendService, EndpointGroup, ForwardingRule, ServerlessTarget, TargetProxy, UrlMap};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForwardingWire {
    load_balancing_scheme: Option<String>,
    #[serde(rename = "IPAddress", alias = "ipAddress")]
    ip: Option<String>,
    port_range: Option<String>,
    #[serde(default)]
    ports: Vec<String>,
    target: Option<String>,
    backend_service: Option<String>,
}

pub(super) fn forwarding_rule(context: &Context<'_>, wire: ForwardingWire) -> Result<ForwardingRule, String> {
    let scheme = wire.load_balancing_scheme.unwrap_or_else(|| "EXTERNAL".into());
    let one = |range: &str| match range.split_once('-') {
        Some((from, to)) if from == to => from.to_owned(),
        _ => range.to_owned(),
    };
    Ok(ForwardingRule {
        name: context.name.clone(),
        external: scheme.starts_with("EXTERNAL"),
        ip: wire.ip,
        ports: if wire.ports.is_empty() {
            one(wire.port_range.as_deref().unwrap_or("all ports"))
        } else {
            wire.ports.join(", ")
        },
        target: wire.target.or(wire.backend_service).map(|target| context.canonical(&target)),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProxyWire {
    url_map: Option<String>,
}

pub(super) fn proxy(context: &Context<'_>, wire: ProxyWire) -> Result<TargetProxy, String> {
    Ok(TargetProxy { name: context.name.clone(), url_map: wire.url_map.map(|map| context.canonical(&map)) })
}

/// Services may stand at any depth of a URL map: in defaults, path rules, route rules and weighted parts.
pub(super) fn url_map(context: &Context<'_>, body: Value) -> Result<UrlMap, String> {
    let mut services = BTreeSet::new();
    let mut next = vec![&body];
    while let Some(value) = next.pop() {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match (key.as_str(), value) {
                        ("defaultService" | "service" | "backendService", Value::String(name)) => {
                            services.insert(context.canonical(name));
                        }
                        _ => next.push(value),
                    }
                }
            }
            Value::Array(list) => next.extend(list),
            _ => {}
        }
    }
    Ok(UrlMap { name: context.name.clone(), services: services.into_iter().collect() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendServiceWire {
    load_balancing_scheme: Option<String>,
    #[serde(default)]
    backends: Vec<BackendWire>,
    security_policy: Option<String>,
    iap: Option<ProxyGuardWire>,
}

#[derive(Deserialize)]
struct BackendWire {
    group: Option<String>,
}

#[derive(Deserialize)]
struct ProxyGuardWire {
    #[serde(default)]
    enabled: bool,
}

pub(super) fn backend_service(context: &Context<'_>, wire: BackendServiceWire) -> Result<BackendService, String> {
    let groups = wire.backends.into_iter().filter_map(|backend| backend.group);
    Ok(BackendService {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place: context.place(),
        external: wire.load_balancing_scheme.is_none_or(|scheme| scheme.starts_with("EXTERNAL")),
        backends: groups.map(|group| context.canonical(&group)).collect(),
        security_policy: wire
            .security_policy
            .filter(|policy| !policy.is_empty())
            .map(|policy| context.canonical(&policy)),
        identity_aware_proxy: wire.iap.is_some_and(|iap| iap.enabled),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointGroupWire {
    network_endpoint_type: Option<String>,
    cloud_run: Option<RunWire>,
    cloud_function: Option<FunctionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunWire {
    service: Option<String>,
    url_mask: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionWire {
    function: Option<String>,
    url_mask: Option<String>,
}

pub(super) fn endpoint_group(context: &Context<'_>, wire: EndpointGroupWire) -> Result<EndpointGroup, String> {
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let run = wire.cloud_run.map(|run| (text(run.service).map(ServerlessTarget::Service), text(run.url_mask)));
    let function = wire.cloud_function.map(|it| (text(it.function).map(ServerlessTarget::Function), text(it.url_mask)));
    let named = run.or(function).map(|(named, mask)| named.or(mask.map(ServerlessTarget::Mask)));
    let serverless = wire.network_endpoint_type.as_deref() == Some("SERVERLESS");
    Ok(EndpointGroup {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place: context.place(),
        serverless: serverless.then(|| named.flatten().unwrap_or(ServerlessTarget::Other)),
    })
}
