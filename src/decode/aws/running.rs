//! Web functions, MicroVMs, and the network connectors that they leave by.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{super::index::Index, lambda::flagged, required};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Attachment, Configuration, Connector, Microvm, Table, UrlAuthentication, WebEndpoint, WebFunction},
    snapshot::{Record, kinds},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionWire {
    function_name: String,
}

#[derive(Deserialize)]
struct EndpointsWire {
    endpoints: Vec<EndpointWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndpointWire {
    endpoint_name: String,
    domain_name: String,
    auth_type: String,
    state: String,
    revision_weights: Vec<WeightWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WeightWire {
    revision_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionWire {
    kms_key_arn: Option<String>,
    build_config: Option<BuildWire>,
    service_config: ServiceWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildWire {
    runtime_config: Option<RuntimeWire>,
}

#[derive(Deserialize)]
struct RuntimeWire {
    runtime: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceWire {
    execution_role_arn: Option<String>,
    egress_network_connector_arn: Option<String>,
    environment_variables: Option<BTreeMap<String, Known<Value>>>,
}

/// Every web function, with its endpoints and what they lead to.
pub(super) fn web_functions(index: &Index<'_>) -> Table<WebFunction> {
    index.table(kinds::WEB_FUNCTION, |record, wire: FunctionWire| {
        let document = index.document::<EndpointsWire>(kinds::WEB_ENDPOINTS, &record.scope, &record.id);
        let (endpoints, revisions) = match required(document, kinds::WEB_ENDPOINTS, &record.id) {
            Known::Unknown(gap) => (Known::Unknown(gap.clone()), vec![unseen("(not read)", &gap)]),
            Known::Known(wire) => {
                let led = wire.endpoints.iter().filter(|endpoint| endpoint.state != "Failed");
                let serving: BTreeSet<String> =
                    led.flat_map(|endpoint| &endpoint.revision_weights).map(|it| it.revision_id.clone()).collect();
                let lost = wire.endpoints.iter().find(|it| it.state == "Active" && it.revision_weights.is_empty());
                let lost = lost.map(|endpoint| {
                    let what = format!("what endpoint {} of {} leads to", endpoint.endpoint_name, record.id);
                    unseen("(not said)", &Gap::new(what, GapReason::Malformed))
                });
                let revisions = serving.iter().map(|id| revision(index, record, id)).chain(lost).collect();
                (Known::Known(wire.endpoints.into_iter().map(endpoint).collect()), revisions)
            }
        };
        Ok::<_, String>(WebFunction { arn: record.id.clone(), name: wire.function_name, endpoints, revisions })
    })
}

fn endpoint(wire: EndpointWire) -> WebEndpoint {
    WebEndpoint {
        name: wire.endpoint_name,
        domain: wire.domain_name,
        authentication: match wire.auth_type.as_str() {
            "ApplicationManaged" => UrlAuthentication::None,
            "IamAuth" => UrlAuthentication::Iam,
            other => UrlAuthentication::Other(other.into()),
        },
        failed: wire.state == "Failed",
    }
}

fn revision(index: &Index<'_>, function: &Record, id: &str) -> Configuration {
    let name = format!("{}:{id}", function.id);
    let document = index.document::<RevisionWire>(kinds::WEB_REVISION, &function.scope, &name);
    let wire = match required(document, kinds::WEB_REVISION, &name) {
        Known::Known(wire) => wire,
        Known::Unknown(gap) => return unseen(id, &gap),
    };
    let set = |text: Option<String>| text.filter(|text| !text.is_empty());
    Configuration {
        runtime: Known::Known(wire.build_config.and_then(|build| build.runtime_config?.runtime)),
        connector: set(wire.service_config.egress_network_connector_arn),
        role: Known::Known(set(wire.service_config.execution_role_arn)),
        key: Known::Known(set(wire.kms_key_arn)),
        credentials: flagged(wire.service_config.environment_variables.unwrap_or_default()),
        ..Configuration::bare(id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MicrovmWire {
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DetailWire {
    execution_role_arn: Option<String>,
    egress_network_connectors: Option<Vec<String>>,
    image_version: String,
}

/// Whether a MicroVM in this state is gone for good.
pub(super) fn has_ended(state: &str) -> bool {
    matches!(state, "TERMINATING" | "TERMINATED")
}

pub(super) fn microvm(index: &Index<'_>, record: &Record, wire: MicrovmWire) -> Result<Microvm, String> {
    let id = record.id.clone();
    if has_ended(&wire.state) {
        return Ok(Microvm { id, at: None });
    }
    let document = index.document::<DetailWire>(kinds::MICROVM_DETAIL, &record.scope, &id);
    let at = match required(document, kinds::MICROVM_DETAIL, &id) {
        Known::Unknown(gap) => unseen("(not read)", &gap),
        Known::Known(wire) => {
            let connectors = wire.egress_network_connectors.unwrap_or_default();
            let at = Configuration {
                image: true,
                role: Known::Known(wire.execution_role_arn.filter(|role| !role.is_empty())),
                ..Configuration::bare(&wire.image_version)
            };
            match connectors.as_slice() {
                [] => at,
                // The one of Lambda's own, which leads straight to the internet.
                [only] if only.ends_with("INTERNET_EGRESS") => at,
                [only] => Configuration { connector: Some(only.clone()), ..at },
                _ => {
                    let what =
                        format!("which of {} network connectors traffic of MicroVM {id} takes", connectors.len());
                    Configuration { attachment: Known::Unknown(Gap::new(what, GapReason::Unsupported)), ..at }
                }
            }
        }
    };
    Ok(Microvm { id, at: Some(at) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConnectorWire {
    state: String,
    configuration: ConnectorBodyWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConnectorBodyWire {
    vpc_egress_configuration: VpcEgressWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcEgressWire {
    subnet_ids: Vec<String>,
    security_group_ids: Option<Vec<String>>,
    network_protocol: Option<String>,
    elastic_ip_configuration: Option<ElasticWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ElasticWire {
    #[serde(rename = "Type")]
    of: String,
}

pub(super) fn connector(_: &Record, wire: ConnectorWire) -> Result<Connector, String> {
    let VpcEgressWire { subnet_ids: mut subnets, security_group_ids, network_protocol, elastic_ip_configuration } =
        wire.configuration.vpc_egress_configuration;
    let mut security_groups = security_group_ids.unwrap_or_default();
    subnets.sort();
    security_groups.sort();
    let dual_stack = network_protocol.as_deref() != Some("IPv4");
    let public = elastic_ip_configuration.map(|elastic| elastic.of != "None");
    Ok(Connector { state: wire.state, attachment: Attachment { subnets, security_groups, dual_stack }, public })
}

/// A configuration that was not read.
fn unseen(version: &str, gap: &Gap) -> Configuration {
    Configuration {
        runtime: Known::Unknown(gap.clone()),
        attachment: Known::Unknown(gap.clone()),
        role: Known::Unknown(gap.clone()),
        key: Known::Unknown(gap.clone()),
        credentials: Known::Unknown(gap.clone()),
        ..Configuration::bare(version)
    }
}
