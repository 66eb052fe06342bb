//! Cloud Run resources in the form of Knative (API v1): settings are annotations.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    Context,
    unit::{self, ContainerWire, InterfaceWire},
};
use crate::{
    evidence::Known,
    model::google::{Ingress, RunKind, RunResource, Target, Unit},
    snapshot::unknown,
};

#[derive(Deserialize)]
pub(super) struct ResourceWire {
    metadata: MetadataWire,
    spec: SpecWire,
    #[serde(default)]
    status: StatusWire,
}

#[derive(Default, Deserialize)]
struct MetadataWire {
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpecWire {
    template: TemplateWire,
    #[serde(default)]
    traffic: Vec<TargetWire>,
    #[serde(default)]
    instance_splits: Vec<TargetWire>,
}

#[derive(Deserialize)]
struct TemplateWire {
    #[serde(default)]
    metadata: MetadataWire,
    spec: RevisionSpecWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionSpecWire {
    service_account_name: Option<String>,
    #[serde(default)]
    containers: Vec<ContainerWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusWire {
    url: Option<String>,
    latest_ready_revision_name: Option<String>,
    latest_created_revision_name: Option<String>,
    #[serde(default)]
    traffic: Vec<TargetWire>,
    #[serde(default)]
    instance_splits: Vec<TargetWire>,
    #[serde(default)]
    conditions: Vec<ConditionWire>,
}

#[derive(Deserialize)]
struct ConditionWire {
    #[serde(rename = "type")]
    kind: String,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetWire {
    revision_name: Option<String>,
    percent: Option<i64>,
    tag: Option<String>,
    #[serde(default)]
    latest_revision: bool,
}

#[derive(Deserialize)]
pub(super) struct RevisionWire {
    #[serde(default)]
    metadata: MetadataWire,
    spec: RevisionSpecWire,
}

#[derive(Deserialize)]
pub(super) struct JobWire {
    metadata: MetadataWire,
    spec: JobSpecWire,
}

#[derive(Deserialize)]
struct JobSpecWire {
    template: ExecutionWire,
}

#[derive(Deserialize)]
struct ExecutionWire {
    #[serde(default)]
    metadata: MetadataWire,
    spec: ExecutionSpecWire,
}

#[derive(Deserialize)]
struct ExecutionSpecWire {
    template: TaskWire,
}

#[derive(Deserialize)]
struct TaskWire {
    spec: RevisionSpecWire,
}

/// Whether a body is of this form: those of API v2 have no `metadata`.
pub(super) fn is(body: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Wire {
        metadata: Option<IgnoredAny>,
    }
    unknown::body::<Wire>(body.get()).is_ok_and(|wire| wire.metadata.is_some())
}

fn flag(annotations: &BTreeMap<String, String>, name: &str) -> bool {
    annotations.get(&format!("run.googleapis.com/{name}")).is_some_and(|value| value == "true")
}

fn unit(context: &Context<'_>, annotations: &BTreeMap<String, String>, spec: RevisionSpecWire) -> Result<Unit, String> {
    let text = |name: &str| annotations.get(&format!("run.googleapis.com/{name}")).map(String::as_str);
    let interfaces = match text("network-interfaces") {
        Some(json) => {
            let read = serde_json::from_str::<Vec<InterfaceWire>>(json);
            Some(read.map_err(|error| format!("the annotation `network-interfaces`: {error}"))?)
        }
        None => None,
    };
    let (credentials, proxy) = unit::containers(&spec.containers);
    Ok(Unit {
        attachment: unit::attachment(context, text("vpc-access-connector"), interfaces.as_deref()),
        mode: unit::mode(context, text("vpc-access-egress")),
        service_account: spec.service_account_name.filter(|account| !account.is_empty()),
        key: text("encryption-key").filter(|key| !key.is_empty()).map(|key| context.canonical(key)),
        shutdown_after: unit::shutdown(
            text("post-key-revocation-action-type"),
            text("encryption-key-shutdown-hours").map(|hours| format!("{hours}h")).as_deref(),
        ),
        max_instances: annotations.get("autoscaling.knative.dev/maxScale").and_then(|count| count.parse().ok()),
        mesh: text("mesh").is_some() || text("service-mesh").is_some(),
        proxy,
        credentials,
    })
}

pub(super) fn revision(context: &Context<'_>, wire: RevisionWire) -> Result<Unit, String> {
    unit(context, &wire.metadata.annotations, wire.spec)
}

pub(super) fn job(context: &Context<'_>, wire: JobWire) -> Result<RunResource, String> {
    let execution = wire.spec.template;
    let unit = unit(context, &execution.metadata.annotations, execution.spec.template.spec)?;
    Ok(bare_job(context, wire.metadata.labels, unit))
}

/// A job has no address, no traffic and no revision: its next execution runs as its template.
pub(super) fn bare_job(context: &Context<'_>, labels: BTreeMap<String, String>, template: Unit) -> RunResource {
    let place = context.place();
    RunResource {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        kind: RunKind::Job,
        regions: vec![place.region.clone()],
        place,
        labels,
        ingress: Known::Known(Ingress::None),
        default_url_disabled: false,
        invoker_check_disabled: false,
        identity_aware_proxy: false,
        urls: Vec::new(),
        targets: Vec::new(),
        template,
        created: None,
        latest: None,
        ready: None,
    }
}

/// The targets that serve: with a share, or with an address of their own.
pub(super) fn serving(targets: impl Iterator<Item = Target>) -> Vec<Target> {
    targets.filter(|target| target.percent > 0 || target.tag.is_some()).collect()
}

pub(super) fn resource(context: &Context<'_>, kind: RunKind, wire: ResourceWire) -> Result<RunResource, String> {
    let own = &wire.metadata.annotations;
    let ingress = own.get("run.googleapis.com/ingress").or_else(|| own.get("run.googleapis.com/ingress-status"));
    let status = wire.status;
    let listed = [status.traffic, status.instance_splits, wire.spec.traffic, wire.spec.instance_splits];
    let targets = listed.into_iter().find(|targets| !targets.is_empty()).unwrap_or_default();
    let ready = status.conditions.iter().find(|condition| condition.kind == "Ready");
    let place = context.place();
    let urls = own.get("run.googleapis.com/urls").and_then(|urls| serde_json::from_str::<Vec<String>>(urls).ok());
    Ok(RunResource {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        kind,
        regions: vec![place.region.clone()],
        place,
        ingress: unit::ingress(context, ingress.map(String::as_str)),
        default_url_disabled: flag(own, "default-url-disabled"),
        invoker_check_disabled: flag(own, "invoker-iam-disabled"),
        identity_aware_proxy: flag(own, "iap-enabled"),
        urls: urls.unwrap_or_else(|| status.url.into_iter().collect()),
        targets: serving(targets.into_iter().map(|target| Target {
            latest: target.latest_revision || target.revision_name.is_none(),
            revision: target.revision_name,
            percent: target.percent.unwrap_or(0),
            tag: target.tag.filter(|tag| !tag.is_empty()),
        })),
        template: unit(context, &wire.spec.template.metadata.annotations, wire.spec.template.spec)?,
        created: status.latest_created_revision_name,
        latest: status.latest_ready_revision_name,
        ready: ready.and_then(|ready| ready.status.as_ref()).map(|status| status == "True"),
        labels: wire.metadata.labels,
    })
}
