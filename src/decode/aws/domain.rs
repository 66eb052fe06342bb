//! Domains that lead to APIs, as either version of API Gateway's API gives them.

use serde::Deserialize;

use super::{super::index::Index, required};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Domain, Mapping},
    snapshot::{Record, kinds::doors},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestWire {
    domain_name: String,
    mutual_tls_authentication: Option<TruststoreWire>,
    endpoint_configuration: Option<EndpointWire>,
    routing_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TruststoreWire {
    #[serde(alias = "TruststoreUri")]
    truststore_uri: Option<String>,
}

#[derive(Deserialize)]
struct EndpointWire {
    types: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RestMappings {
    items: Vec<RestMapping>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestMapping {
    rest_api_id: String,
    stage: Option<String>,
}

/// A domain of REST APIs.
pub(super) fn rest(index: &Index<'_>, record: &Record, wire: RestWire) -> Result<Domain, String> {
    let mappings = required(
        index.document::<RestMappings>(doors::REST_MAPPINGS, &record.scope, &record.id),
        doors::REST_MAPPINGS,
        &record.id,
    );
    let mappings = mappings.map(|wire| {
        let named = wire.items.into_iter().map(|it| Mapping {
            api: it.rest_api_id,
            stage: it.stage.filter(|stage| !stage.is_empty() && stage != "(none)"),
        });
        named.collect()
    });
    let types = wire.endpoint_configuration.and_then(|endpoint| endpoint.types);
    let kind = types.as_ref().and_then(|types| types.first()).ok_or("it does not say of which type its endpoint is")?;
    Ok(Domain {
        mutual_tls: is_mutual(wire.mutual_tls_authentication.as_ref()),
        private: kind == "PRIVATE",
        mappings: unless_by_rules(wire.routing_mode.as_deref(), &wire.domain_name, mappings),
        name: wire.domain_name,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HttpWire {
    domain_name: String,
    mutual_tls_authentication: Option<TruststoreWire>,
    routing_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpMappings {
    items: Vec<HttpMapping>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpMapping {
    api_id: String,
    stage: Option<String>,
}

/// A domain as the second version gives it.
pub(super) fn http(index: &Index<'_>, record: &Record, wire: HttpWire) -> Result<Domain, String> {
    let mappings = required(
        index.document::<HttpMappings>(doors::HTTP_MAPPINGS, &record.scope, &record.id),
        doors::HTTP_MAPPINGS,
        &record.id,
    );
    let mappings =
        mappings.map(|wire| wire.items.into_iter().map(|it| Mapping { api: it.api_id, stage: it.stage }).collect());
    Ok(Domain {
        mutual_tls: is_mutual(wire.mutual_tls_authentication.as_ref()),
        private: false,
        mappings: unless_by_rules(wire.routing_mode.as_deref(), &wire.domain_name, mappings),
        name: wire.domain_name,
    })
}

fn is_mutual(truststore: Option<&TruststoreWire>) -> bool {
    truststore.and_then(|it| it.truststore_uri.as_deref()).is_some_and(|uri| !uri.is_empty())
}

/// Routing rules lead to APIs as well, and are not read.
fn unless_by_rules(mode: Option<&str>, domain: &str, mappings: Known<Vec<Mapping>>) -> Known<Vec<Mapping>> {
    match mode {
        None | Some("" | "BASE_PATH_MAPPING_ONLY" | "API_MAPPING_ONLY") => mappings,
        Some(_) => {
            Known::Unknown(Gap::new(format!("the routing rules of the domain {domain}"), GapReason::Unsupported))
        }
    }
}
