//! Functions: their triggers, and the Cloud Run service that is made for one of the second generation.

use serde_json::{Map, Value as Json, json};

use super::{TABLE, add, names};
use crate::{
    code::{Action, Node},
    evidence::{Gap, GapReason},
    snapshot::{kinds::google as kinds, unknown::marker},
    source::code::{
        draft::Draft,
        item::{Field, Item},
        table::{self, Made, put},
    },
};

/// The first generation.
pub(super) const FIRST: &str = "google_cloudfunctions_function";
/// The second.
pub(super) const SECOND: &str = "google_cloudfunctions2_function";

/// Maps every function.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    for item in items {
        let Some(of) = TABLE.types.get(&*item.resource.kind) else { continue };
        match &*item.resource.kind {
            FIRST => {
                let mut made = table::body(*item, &of.fields, names::id);
                first(*item, &mut made.body);
                add(*item, kinds::FUNCTION, &names::id(*item), made, draft);
            }
            SECOND => {
                let mut made = table::body(*item, &of.fields, names::id);
                trigger(*item, &mut made.body);
                let service = service(*item);
                put(&mut made.body, "serviceConfig.service", Json::String(service.clone()));
                let behind = behind(&made);
                add(*item, kinds::FUNCTION, &names::id(*item), made, draft);
                add(*item, kinds::SERVICE, &service, behind, draft);
            }
            _ => {}
        }
    }
}

/// The trigger and the egress setting of a function of the first generation.
fn first(item: Item<'_>, body: &mut Map<String, Json>) {
    match item.flag("trigger_http", false) {
        Ok(true) => {
            let level = match item.computed("https_trigger_security_level") {
                Field::Given(node) => item.json(node),
                Field::Hidden(unknown) => marker(&unknown.gap()),
                Field::Absent => Json::Null,
            };
            put(body, "httpsTrigger", json!({ "securityLevel": level }));
        }
        Ok(false) => {}
        Err(gap) => put(body, "httpsTrigger", marker(&gap)),
    }
    if !item.blocks("event_trigger").is_empty() {
        put(body, "eventTrigger", json!({}));
    }
    // What is not set stays as it was before, and nobody but the cloud knows how that is.
    let made_anew = matches!(item.resource.action, Some(Action::Create | Action::Replace));
    let from_code = item.resource.place.is_some() || item.resource.action.is_some();
    if from_code && !made_anew && body.contains_key("vpcConnector") && !body.contains_key("vpcConnectorEgressSettings")
    {
        let gap = Gap::new(
            format!("{}.vpc_connector_egress_settings, which is not set and stays as it is", item.resource.address),
            GapReason::UnknownValue,
        );
        put(body, "vpcConnectorEgressSettings", marker(&gap));
    }
}

/// The event that triggers a function of the second generation.
fn trigger(item: Item<'_>, body: &mut Map<String, Json>) {
    let Some(block) = item.blocks("event_trigger").into_iter().next() else { return };
    if let Some(unknown) = block.unknown() {
        return put(body, "eventTrigger", marker(&unknown.gap()));
    }
    let account = |node: &Node| match item.target(node, &["google_service_account"]) {
        Some(target) => Json::String(names::email(target)),
        None => item.json(node),
    };
    let email = match item.computed("event_trigger.service_account_email") {
        Field::Given(node) => account(node),
        Field::Hidden(unknown) => marker(&unknown.gap()),
        Field::Absent => Json::Null,
    };
    put(body, "eventTrigger", json!({ "serviceAccountEmail": email }));
}

/// The id of the service behind a function of the second generation, which bears its name.
pub(super) fn service(item: Item<'_>) -> String {
    let id = names::id(item);
    let (path, name) = id.rsplit_once('/').unwrap_or(("", &id));
    let path = path.replacen("//cloudfunctions.googleapis.com/", "//run.googleapis.com/", 1);
    let path = path.strip_suffix("/functions").unwrap_or(&path);
    let name = if names::is_known(name) { name.to_lowercase().replace('_', "-") } else { name.to_owned() };
    format!("{path}/services/{name}")
}

/// The service behind a function: what the function says.
fn behind(function: &Made) -> Made {
    let mut made = Made::default();
    let config = function.body.get("serviceConfig").and_then(Json::as_object);
    let own = |name: &str| config.and_then(|config| config.get(name)).cloned();
    let mode = if own("directVpcNetworkInterface").is_some_and(|list| list.as_array().is_none_or(|it| !it.is_empty())) {
        own("directVpcEgress")
    } else {
        own("vpcConnectorEgressSettings")
    };
    let parts = [
        ("ingress", own("ingressSettings")),
        ("labels", function.body.get("labels").cloned()),
        ("template.vpcAccess.connector", own("vpcConnector")),
        ("template.vpcAccess.networkInterfaces", own("directVpcNetworkInterface")),
        ("template.vpcAccess.egress", mode),
        ("template.serviceAccount", own("serviceAccountEmail")),
        ("template.encryptionKey", function.body.get("kmsKeyName").cloned()),
        ("template.scaling.maxInstanceCount", own("maxInstanceCount")),
        ("template.containers", Some(json!([]))),
    ];
    for (to, value) in parts {
        if let Some(value) = value {
            put(&mut made.body, to, value);
        }
    }
    made.origins.clone_from(&function.origins);
    made
}
