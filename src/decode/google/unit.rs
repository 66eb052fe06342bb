//! What a revision runs as, in the words that all APIs of Cloud Run and Cloud Functions share.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Context;
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{
        Credential,
        google::{Ingress, Mode, VpcAttachment},
    },
    snapshot::looks_like,
};

/// Variables that send a program's requests through a proxy.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// An interface in a subnet.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct InterfaceWire {
    network: Option<String>,
    subnetwork: Option<String>,
    tags: Option<Vec<String>>,
}

/// An environment variable of a container.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct VariableWire {
    name: String,
    value: Option<Known<Value>>,
}

/// A container.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ContainerWire {
    pub(super) env: Option<Known<Vec<VariableWire>>>,
}

/// The labels of something: one whose value is not known hides all of them only where it declares an intent.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct LabelsWire(BTreeMap<String, Known<String>>);

/// What declares an intent begins so.
const INTENT: &str = "egress-audit-";

/// The labels of something.
pub(super) fn labels(wire: Option<Known<LabelsWire>>) -> Known<BTreeMap<String, String>> {
    let Some(wire) = wire else { return Known::Known(BTreeMap::new()) };
    let wire = match wire {
        Known::Known(wire) => wire,
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    let mut labels = BTreeMap::new();
    for (name, value) in wire.0 {
        match value {
            Known::Known(value) => drop(labels.insert(name, value)),
            Known::Unknown(gap) if name.starts_with(INTENT) => return Known::Unknown(gap),
            Known::Unknown(_) => {}
        }
    }
    Known::Known(labels)
}

/// How something is attached, by the fields that every API has under one name or another.
pub(super) fn attachment(
    context: &Context<'_>,
    connector: Option<Known<String>>,
    interfaces: Option<Known<Vec<InterfaceWire>>>,
) -> Known<VpcAttachment> {
    match (Known::given(connector), Known::given(interfaces)) {
        (Known::Unknown(gap), _) => Known::Unknown(gap),
        (Known::Known(Some(connector)), _) if !connector.is_empty() => {
            Known::Known(attached(context, Some(&connector), None))
        }
        (_, interfaces) => interfaces.map(|interfaces| attached(context, None, interfaces.as_deref())),
    }
}

fn attached(context: &Context<'_>, connector: Option<&str>, interfaces: Option<&[InterfaceWire]>) -> VpcAttachment {
    let place = context.place();
    if let Some(connector) = connector.filter(|name| !name.is_empty()) {
        let collection = format!("locations/{}/connectors", place.region);
        return VpcAttachment::Connector(context.within(connector, &collection));
    }
    let Some(interface) = interfaces.and_then(<[_]>::first) else { return VpcAttachment::None };
    let text = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
    VpcAttachment::Direct {
        network: text(&interface.network).map(|name| context.within(&name, "global/networks")),
        subnetwork: text(&interface.subnetwork)
            .map(|name| context.within(&name, &format!("regions/{}/subnetworks", place.region))),
        tags: interface.tags.clone().unwrap_or_default(),
    }
}

/// Which traffic goes into the VPC, in every spelling. What is not set sends private ranges alone.
pub(super) fn mode(context: &Context<'_>, words: Option<Known<String>>) -> Known<Mode> {
    let words = match Known::given(words) {
        Known::Known(words) => words.unwrap_or_default(),
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    Known::Known(match words.as_str() {
        ""
        | "VPC_EGRESS_UNSPECIFIED"
        | "VPC_CONNECTOR_EGRESS_SETTINGS_UNSPECIFIED"
        | "DIRECT_VPC_EGRESS_UNSPECIFIED" => Mode::PrivateRanges,
        "PRIVATE_RANGES_ONLY" | "VPC_EGRESS_PRIVATE_RANGES_ONLY" | "private-ranges-only" | "PRIVATE_IP_RANGES" => {
            Mode::PrivateRanges
        }
        "ALL_TRAFFIC" | "VPC_EGRESS_ALL_TRAFFIC" | "all-traffic" | "all" => Mode::All,
        other => {
            let what = format!("what the egress setting {other} of {} sends into the VPC", context.name);
            return Known::Unknown(Gap::new(what, GapReason::Unsupported));
        }
    })
}

/// Which requests are let in, in every spelling. What is not set lets all in.
pub(super) fn ingress(context: &Context<'_>, words: Option<Known<String>>) -> Known<Ingress> {
    let words = match Known::given(words) {
        Known::Known(words) => words.unwrap_or_default(),
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    Known::Known(match words.as_str() {
        "" | "INGRESS_SETTINGS_UNSPECIFIED" | "ALLOW_ALL" | "INGRESS_TRAFFIC_ALL" | "all" => Ingress::All,
        "ALLOW_INTERNAL_ONLY" | "INGRESS_TRAFFIC_INTERNAL_ONLY" | "internal" => Ingress::Internal,
        "ALLOW_INTERNAL_AND_GCLB" | "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" | "internal-and-cloud-load-balancing" => {
            Ingress::InternalAndLoadBalancer
        }
        "INGRESS_TRAFFIC_NONE" | "none" => Ingress::None,
        other => {
            let what = format!("what the ingress setting {other} of {} lets in", context.name);
            return Known::Unknown(Gap::new(what, GapReason::Unsupported));
        }
    })
}

/// How long instances go on after their key was revoked; none where they are not shut down.
pub(super) fn shutdown(action: Option<&str>, duration: Option<&str>) -> Option<String> {
    let action = action.map(|action| action.to_ascii_lowercase().replace('-', "_"))?;
    let after = duration.filter(|duration| !duration.is_empty()).unwrap_or("0s");
    action.ends_with("shutdown").then(|| after.to_owned())
}

/// A text that may be empty, which says nothing.
pub(super) fn text(text: Option<Known<String>>) -> Known<Option<String>> {
    Known::given(text).map(|text| text.filter(|text| !text.is_empty()))
}

/// What an environment tells: credentials in it, and whether it names a proxy. A value that is not known may be one.
fn environment<'a>(
    variables: impl Iterator<Item = (&'a str, Option<&'a Known<Value>>)>,
) -> (Known<Vec<Credential>>, bool) {
    let mut credentials = Vec::new();
    let mut proxy = false;
    let mut gap = None;
    for (name, value) in variables {
        proxy |= PROXIES.iter().any(|own| own.eq_ignore_ascii_case(name));
        let what = match value {
            Some(Known::Known(Value::Object(flag))) => {
                flag.get("looks_like").and_then(Value::as_str).map(str::to_owned)
            }
            Some(Known::Known(Value::String(text))) => looks_like(name, text).map(str::to_owned),
            Some(Known::Unknown(unknown)) => {
                gap.get_or_insert_with(|| unknown.clone());
                None
            }
            _ => None,
        };
        credentials.extend(what.map(|looks_like| Credential { name: name.to_owned(), looks_like }));
    }
    match gap {
        // One that is found is there, whatever the others are.
        Some(gap) if credentials.is_empty() => (Known::Unknown(gap), proxy),
        _ => (Known::Known(credentials), proxy),
    }
}

/// What the environments of containers tell.
pub(super) fn containers(containers: Option<&Known<Vec<ContainerWire>>>) -> (Known<Vec<Credential>>, bool) {
    let containers = match containers {
        None => return (Known::Known(Vec::new()), false),
        Some(Known::Unknown(gap)) => return (Known::Unknown(gap.clone()), false),
        Some(Known::Known(containers)) => containers,
    };
    let mut all = Vec::new();
    for container in containers {
        match &container.env {
            Some(Known::Unknown(gap)) => return (Known::Unknown(gap.clone()), false),
            Some(Known::Known(env)) => all.extend(env),
            None => {}
        }
    }
    environment(all.into_iter().map(|variable| (variable.name.as_str(), variable.value.as_ref())))
}

/// The variables of a function.
pub(super) type VariablesWire = Known<BTreeMap<String, Known<Value>>>;

/// What a map of variables tells.
pub(super) fn variables(variables: Option<&VariablesWire>) -> (Known<Vec<Credential>>, bool) {
    match variables {
        None => (Known::Known(Vec::new()), false),
        Some(Known::Unknown(gap)) => (Known::Unknown(gap.clone()), false),
        Some(Known::Known(all)) => environment(all.iter().map(|(name, value)| (name.as_str(), Some(value)))),
    }
}
