//! APIs of API Gateway: what can be edited, and what is deployed.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    super::index::Index,
    integration::{Variables, integration},
    openapi::{Document, deployment},
    required,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Api, ApiProtocol, ApiRoute, Authorization, Deployment, Stage},
    snapshot::{
        Record, ScopeId,
        kinds::{Kind, doors},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestWire {
    name: Option<String>,
    policy: Option<String>,
    endpoint_configuration: Option<EndpointWire>,
    disable_execute_api_endpoint: Option<bool>,
}

#[derive(Deserialize)]
struct EndpointWire {
    types: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RestStages {
    item: Vec<RestStage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestStage {
    stage_name: String,
    variables: Option<BTreeMap<String, Value>>,
}

/// A REST API, with what is deployed on each stage.
pub(super) fn rest(index: &Index<'_>, record: &Record, wire: RestWire) -> Result<Api, String> {
    let types = wire.endpoint_configuration.and_then(|endpoint| endpoint.types).unwrap_or_default();
    let private = match types.first().map(String::as_str) {
        Some("PRIVATE") => Known::Known(true),
        Some("EDGE" | "REGIONAL") => Known::Known(false),
        other => {
            let what = format!("where the endpoint of the type {} is reached", other.unwrap_or("that is not named"));
            Known::Unknown(Gap::new(what, GapReason::Unsupported))
        }
    };
    let stages = document::<RestStages>(index, doors::REST_STAGES, record, &record.id).map(|wire| {
        let stages = wire.item.into_iter().map(|stage| {
            let variables = Variables(stage.variables.unwrap_or_default());
            let deployed =
                exported(index, doors::REST_EXPORT, &record.scope, &record.id, &stage.stage_name, &variables);
            Stage { name: stage.stage_name, deployed }
        });
        stages.collect()
    });
    Ok(Api {
        id: record.id.clone(),
        name: wire.name.unwrap_or_else(|| record.id.clone()),
        protocol: ApiProtocol::Rest,
        private,
        default_endpoint: wire.disable_execute_api_endpoint != Some(true),
        policy: wire.policy.filter(|policy| !policy.trim().is_empty()).map(unescaped),
        stages,
    })
}

/// The policy as JSON: the API gives it as the inside of a JSON text.
fn unescaped(text: String) -> String {
    if serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_object()) {
        return text;
    }
    serde_json::from_str::<String>(&format!("\"{text}\"")).unwrap_or(text)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HttpWire {
    name: Option<String>,
    protocol_type: String,
    disable_execute_api_endpoint: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpStage {
    stage_name: String,
    auto_deploy: Option<bool>,
    deployment_id: Option<String>,
    stage_variables: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteWire {
    route_key: String,
    authorization_type: Option<String>,
    api_key_required: Option<bool>,
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IntegrationWire {
    integration_id: String,
    integration_uri: Option<String>,
    credentials_arn: Option<String>,
}

/// An HTTP or `WebSocket` API. A stage that deploys by itself serves what can be edited; of others an export tells, which
/// there is of HTTP alone.
pub(super) fn http(index: &Index<'_>, record: &Record, wire: HttpWire) -> Result<Api, String> {
    let protocol = match wire.protocol_type.as_str() {
        "HTTP" => ApiProtocol::Http,
        "WEBSOCKET" => ApiProtocol::WebSocket,
        other => return Err(format!("`{other}` is no protocol that this version knows")),
    };
    let stages = document::<Items<HttpStage>>(index, doors::HTTP_STAGES, record, &record.id).map(|wire| {
        let stages = wire.items.into_iter().map(|stage| {
            let variables = Variables(stage.stage_variables.unwrap_or_default());
            let name = &stage.stage_name;
            let deployed = match (stage.auto_deploy, protocol) {
                (Some(true), _) => edited(index, record, &variables),
                _ if stage.deployment_id.is_none() => Known::Known(Deployment { routes: Vec::new(), policy: None }),
                (_, ApiProtocol::WebSocket) => {
                    let what = format!("what is deployed on the stage {name} of the WebSocket API {}", record.id);
                    Known::Unknown(Gap::new(what, GapReason::Unsupported))
                }
                _ => exported(index, doors::HTTP_EXPORT, &record.scope, &record.id, name, &variables),
            };
            Stage { name: stage.stage_name, deployed }
        });
        stages.collect()
    });
    Ok(Api {
        id: record.id.clone(),
        name: wire.name.unwrap_or_else(|| record.id.clone()),
        protocol,
        private: Known::Known(false),
        default_endpoint: wire.disable_execute_api_endpoint != Some(true),
        policy: None,
        stages,
    })
}

/// What can be edited, as the stage serves it.
fn edited(index: &Index<'_>, record: &Record, variables: &Variables) -> Known<Deployment> {
    let routes = document::<Items<RouteWire>>(index, doors::HTTP_ROUTES, record, &record.id).into_result();
    let integrations =
        document::<Items<IntegrationWire>>(index, doors::HTTP_INTEGRATIONS, record, &record.id).into_result();
    Known::from(routes.map(|routes| {
        let routes = routes.items.into_iter().map(|route| ApiRoute {
            authorization: match route.authorization_type.as_deref() {
                None | Some("NONE") => Authorization::None,
                Some("AWS_IAM") => Authorization::Iam,
                Some("JWT") => Authorization::Authoriser("jwt"),
                Some("CUSTOM") => Authorization::Authoriser("lambda"),
                Some(other) => Authorization::Other(other.into()),
            },
            api_key: route.api_key_required == Some(true),
            integration: route.target.as_deref().and_then(|target| {
                let id = target.strip_prefix("integrations/")?;
                let unknown = |gap: Gap| crate::model::Integration { function: Known::Unknown(gap), role: None };
                match &integrations {
                    Err(gap) => Some(unknown(gap.clone())),
                    Ok(list) => {
                        let Some(wire) = list.items.iter().find(|wire| wire.integration_id == id) else {
                            let what = format!("the integration {id} of the API {}", record.id);
                            return Some(unknown(Gap::new(what, GapReason::GoneDuringScan)));
                        };
                        integration(wire.integration_uri.as_deref()?, wire.credentials_arn.clone(), variables)
                    }
                }
            }),
            key: route.route_key,
        });
        Deployment { routes: routes.collect(), policy: None }
    }))
}

fn exported(
    index: &Index<'_>,
    kind: Kind,
    scope: &ScopeId,
    api: &str,
    stage: &str,
    variables: &Variables,
) -> Known<Deployment> {
    let id = format!("{api}/{stage}");
    let document = required(index.document::<Document>(kind, scope, &id), kind, &id);
    Known::from(document.into_result().and_then(|document| {
        deployment(document, variables)
            .map_err(|why| Gap::new(format!("{} of {id}", kind.call), GapReason::Malformed).with_detail(why))
    }))
}

/// The answer about one resource, which there must be.
fn document<T: DeserializeOwned>(index: &Index<'_>, kind: Kind, record: &Record, id: &str) -> Known<T> {
    required(index.document(kind, &record.scope, id), kind, id)
}
