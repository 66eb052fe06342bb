//! Functions of both generations, in the form of API v2, or of v1 for the first.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    Context,
    unit::{self, InterfaceWire, LabelsWire, VariablesWire},
};
use crate::{
    evidence::Known,
    model::google::{CloudFunction, Generation, Trigger, Unit},
    snapshot::unknown::{self, Fault},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    environment: String,
    state: Option<String>,
    url: Option<String>,
    kms_key_name: Option<Known<String>>,
    labels: Option<Known<LabelsWire>>,
    #[serde(default)]
    build_config: BuildWire,
    #[serde(default)]
    service_config: ServiceWire,
    event_trigger: Option<TriggerWire>,
    upgrade_info: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildWire {
    runtime: Option<Known<String>>,
    docker_repository: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceWire {
    service: Option<String>,
    uri: Option<String>,
    vpc_connector: Option<Known<String>>,
    vpc_connector_egress_settings: Option<Known<String>>,
    direct_vpc_egress: Option<Known<String>>,
    direct_vpc_network_interface: Option<Known<Vec<InterfaceWire>>>,
    ingress_settings: Option<Known<String>>,
    service_account_email: Option<Known<String>>,
    security_level: Option<Known<String>>,
    environment_variables: Option<VariablesWire>,
    max_instance_count: Option<Known<u32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TriggerWire {
    service_account_email: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstWire {
    status: Option<String>,
    runtime: Option<Known<String>>,
    https_trigger: Option<HttpsWire>,
    event_trigger: Option<Value>,
    vpc_connector: Option<Known<String>>,
    vpc_connector_egress_settings: Option<Known<String>>,
    ingress_settings: Option<Known<String>>,
    service_account_email: Option<Known<String>>,
    kms_key_name: Option<Known<String>>,
    docker_repository: Option<String>,
    environment_variables: Option<VariablesWire>,
    max_instances: Option<Known<u32>>,
    labels: Option<Known<LabelsWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpsWire {
    url: Option<String>,
    security_level: Option<Known<String>>,
}

pub(super) fn function(context: &Context<'_>, body: &RawValue) -> Result<CloudFunction, Fault> {
    #[derive(Deserialize)]
    struct Form {
        environment: Option<String>,
    }
    let form: Form = unknown::body(body.get())?;
    match form.environment {
        Some(_) => Ok(second_form(context, unknown::body(body.get())?)?),
        None => Ok(first_form(context, unknown::body(body.get())?)),
    }
}

fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Whether a trigger answers plain http: what is not told to redirect does.
fn plain(by_http: bool, level: Option<Known<String>>) -> Known<bool> {
    let answers = Known::given(level).map(|level| level.as_deref() != Some("SECURE_ALWAYS"));
    Known::Known(by_http).and(answers)
}

fn second_form(context: &Context<'_>, wire: Wire) -> Result<CloudFunction, String> {
    let generation = match wire.environment.as_str() {
        "GEN_1" => Generation::First,
        "GEN_2" => Generation::Second,
        other => return Err(format!("the environment `{other}` is not one this version knows")),
    };
    let config = wire.service_config;
    let direct = match &config.direct_vpc_network_interface {
        None => false,
        Some(Known::Known(list)) => !list.is_empty(),
        Some(Known::Unknown(_)) => true,
    };
    let words = if direct { config.direct_vpc_egress } else { config.vpc_connector_egress_settings };
    let (credentials, proxy) = unit::variables(config.environment_variables.as_ref());
    let gen1 = generation == Generation::First;
    Ok(CloudFunction {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place: context.place(),
        generation,
        state: wire.state.unwrap_or_else(|| "UNKNOWN".into()),
        service: text(config.service).map(|service| context.canonical(&service)),
        unit: Unit {
            attachment: unit::attachment(context, config.vpc_connector, config.direct_vpc_network_interface),
            mode: unit::mode(context, words),
            service_account: unit::text(config.service_account_email),
            key: unit::text(wire.kms_key_name).map(|key| key.map(|key| context.canonical(&key))),
            shutdown_after: None,
            max_instances: Known::given(config.max_instance_count),
            mesh: false,
            proxy,
            credentials,
        },
        ingress: unit::ingress(context, config.ingress_settings),
        runtime: unit::text(wire.build_config.runtime),
        // Plain http is the default of the first generation, and impossible for the second.
        plain_http: plain(gen1 && wire.event_trigger.is_none(), config.security_level),
        trigger: wire.event_trigger.map(|trigger| Trigger { service_account: text(trigger.service_account_email) }),
        repository: text(wire.build_config.docker_repository).map(|repository| context.canonical(&repository)),
        urls: [wire.url, config.uri].into_iter().filter_map(text).collect(),
        labels: unit::labels(wire.labels),
        upgrading: wire.upgrade_info.is_some_and(|info| !info.is_null()),
    })
}

fn first_form(context: &Context<'_>, wire: FirstWire) -> CloudFunction {
    let (credentials, proxy) = unit::variables(wire.environment_variables.as_ref());
    let (url, level) = wire.https_trigger.map_or((None, None), |trigger| (Some(trigger.url), trigger.security_level));
    CloudFunction {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        place: context.place(),
        generation: Generation::First,
        state: wire.status.unwrap_or_else(|| "UNKNOWN".into()),
        service: None,
        unit: Unit {
            attachment: unit::attachment(context, wire.vpc_connector, None),
            mode: unit::mode(context, wire.vpc_connector_egress_settings),
            service_account: unit::text(wire.service_account_email),
            key: unit::text(wire.kms_key_name).map(|key| key.map(|key| context.canonical(&key))),
            shutdown_after: None,
            max_instances: Known::given(wire.max_instances).map(|count| count.filter(|count| *count > 0)),
            mesh: false,
            proxy,
            credentials,
        },
        ingress: unit::ingress(context, wire.ingress_settings),
        runtime: unit::text(wire.runtime),
        plain_http: plain(url.is_some(), level),
        trigger: wire.event_trigger.filter(|_| url.is_none()).map(|_| Trigger { service_account: None }),
        repository: text(wire.docker_repository).map(|repository| context.canonical(&repository)),
        urls: url.flatten().and_then(|url| text(Some(url))).into_iter().collect(),
        labels: unit::labels(wire.labels),
        upgrading: false,
    }
}
