//! Cloud Run resources in the form of Knative (API v1): settings are annotations.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    Context,
    unit::{self, ContainerWire, InterfaceWire, LabelsWire},
};
use crate::{
    evidence::Known,
    model::google::{Ingress, RunKind, RunResource, Target, Unit},
    snapshot::unknown::{self, Fault},
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
    annotations: BTreeMap<String, Known<String>>,
    labels: Option<Known<LabelsWire>>,
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
    service_account_name: Option<Known<String>>,
    containers: Option<Known<Vec<ContainerWire>>>,
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

/// Annotations, which are settings here; one that is not known is unknown where it is asked for.
type Annotations = BTreeMap<String, Known<String>>;

/// An annotation of Cloud Run.
fn annotation(annotations: &Annotations, name: &str) -> Option<Known<String>> {
    annotations.get(&format!("run.googleapis.com/{name}")).cloned()
}

/// An annotation that has to be known for the rest to be understood.
fn known(annotations: &Annotations, name: &str) -> Result<Option<String>, Fault> {
    annotation(annotations, name).map(|value| value.into_result().map_err(Fault::Unknown)).transpose()
}

fn flag(annotations: &Annotations, name: &str) -> Result<bool, Fault> {
    Ok(known(annotations, name)?.is_some_and(|value| value == "true"))
}

fn unit(context: &Context<'_>, annotations: &Annotations, spec: RevisionSpecWire) -> Result<Unit, Fault> {
    let text = |name: &str| annotation(annotations, name);
    let interfaces = match text("network-interfaces") {
        Some(Known::Known(json)) => {
            let read = serde_json::from_str::<Vec<InterfaceWire>>(&json);
            Some(Known::Known(read.map_err(|error| format!("the annotation `network-interfaces`: {error}"))?))
        }
        Some(Known::Unknown(gap)) => Some(Known::Unknown(gap)),
        None => None,
    };
    let (credentials, proxy) = unit::containers(spec.containers.as_ref());
    let most = annotations.get("autoscaling.knative.dev/maxScale").cloned();
    Ok(Unit {
        attachment: unit::attachment(context, text("vpc-access-connector"), interfaces),
        mode: unit::mode(context, text("vpc-access-egress")),
        service_account: unit::text(spec.service_account_name),
        key: unit::text(text("encryption-key")).map(|key| key.map(|key| context.canonical(&key))),
        shutdown_after: unit::shutdown(
            known(annotations, "post-key-revocation-action-type")?.as_deref(),
            known(annotations, "encryption-key-shutdown-hours")?.map(|hours| format!("{hours}h")).as_deref(),
        ),
        max_instances: Known::given(most).map(|count| count?.parse().ok()),
        mesh: text("mesh").is_some() || text("service-mesh").is_some(),
        proxy,
        credentials,
    })
}

pub(super) fn revision(context: &Context<'_>, wire: RevisionWire) -> Result<Unit, Fault> {
    unit(context, &wire.metadata.annotations, wire.spec)
}

pub(super) fn job(context: &Context<'_>, wire: JobWire) -> Result<RunResource, Fault> {
    let execution = wire.spec.template;
    let unit = self::unit(context, &execution.metadata.annotations, execution.spec.template.spec)?;
    Ok(bare_job(context, unit::labels(wire.metadata.labels), unit))
}

/// A job has no address, no traffic and no revision: its next execution runs as its template.
pub(super) fn bare_job(context: &Context<'_>, labels: Known<BTreeMap<String, String>>, template: Unit) -> RunResource {
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

pub(super) fn resource(context: &Context<'_>, kind: RunKind, wire: ResourceWire) -> Result<RunResource, Fault> {
    let own = &wire.metadata.annotations;
    let ingress = annotation(own, "ingress").or_else(|| annotation(own, "ingress-status"));
    let status = wire.status;
    let listed = [status.traffic, status.instance_splits, wire.spec.traffic, wire.spec.instance_splits];
    let targets = listed.into_iter().find(|targets| !targets.is_empty()).unwrap_or_default();
    let ready = status.conditions.iter().find(|condition| condition.kind == "Ready");
    let place = context.place();
    let urls = known(own, "urls")?.and_then(|urls| serde_json::from_str::<Vec<String>>(&urls).ok());
    Ok(RunResource {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        kind,
        regions: vec![place.region.clone()],
        place,
        ingress: unit::ingress(context, ingress),
        default_url_disabled: flag(own, "default-url-disabled")?,
        invoker_check_disabled: flag(own, "invoker-iam-disabled")?,
        identity_aware_proxy: flag(own, "iap-enabled")?,
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
        labels: unit::labels(wire.metadata.labels),
    })
}
