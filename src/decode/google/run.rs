//! Cloud Run services, jobs and worker pools in the form of API v2; the form of Knative is in `knative`.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::{
    Context, knative,
    unit::{self, ContainerWire, InterfaceWire, LabelsWire},
};
use crate::{
    evidence::Known,
    model::google::{DomainMapping, RunKind, RunResource, Target, Unit},
    snapshot::unknown::{self, Fault},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceWire {
    labels: Option<Known<LabelsWire>>,
    ingress: Option<Known<String>>,
    #[serde(default)]
    invoker_iam_disabled: bool,
    #[serde(default)]
    default_uri_disabled: bool,
    #[serde(default)]
    iap_enabled: bool,
    uri: Option<String>,
    #[serde(default)]
    urls: Vec<String>,
    #[serde(default)]
    traffic: Vec<TargetWire>,
    #[serde(default)]
    traffic_statuses: Vec<TargetWire>,
    #[serde(default)]
    instance_splits: Vec<TargetWire>,
    #[serde(default)]
    instance_split_statuses: Vec<TargetWire>,
    latest_ready_revision: Option<String>,
    latest_created_revision: Option<String>,
    template: TemplateWire,
    multi_region_settings: Option<RegionsWire>,
    terminal_condition: Option<ConditionWire>,
}

#[derive(Deserialize)]
struct RegionsWire {
    #[serde(default)]
    regions: Vec<String>,
}

#[derive(Deserialize)]
struct ConditionWire {
    state: Option<String>,
}

#[derive(Deserialize)]
struct TargetWire {
    #[serde(rename = "type")]
    kind: Option<String>,
    revision: Option<String>,
    percent: Option<i64>,
    tag: Option<String>,
}

/// A revision, or the template of one: the fields that decide are the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TemplateWire {
    vpc_access: Option<Known<AccessWire>>,
    service_account: Option<Known<String>>,
    encryption_key: Option<Known<String>>,
    encryption_key_revocation_action: Option<String>,
    encryption_key_shutdown_duration: Option<String>,
    scaling: Option<Known<ScalingWire>>,
    service_mesh: Option<Value>,
    ambient_networking: Option<Value>,
    containers: Option<Known<Vec<ContainerWire>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScalingWire {
    max_instance_count: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessWire {
    connector: Option<Known<String>>,
    egress: Option<Known<String>>,
    network_interfaces: Option<Known<Vec<InterfaceWire>>>,
}

#[derive(Deserialize)]
struct JobWire {
    labels: Option<Known<LabelsWire>>,
    template: ExecutionWire,
}

#[derive(Deserialize)]
struct ExecutionWire {
    template: TemplateWire,
}

#[derive(Deserialize)]
pub(super) struct DomainWire {
    spec: DomainSpecWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DomainSpecWire {
    route_name: String,
}

pub(super) fn domain_mapping(context: &Context<'_>, wire: DomainWire) -> Result<DomainMapping, String> {
    Ok(DomainMapping { domain: context.short().to_owned(), place: context.place(), service: wire.spec.route_name })
}

/// A body that is of one of two forms.
fn form<W: DeserializeOwned>(body: &RawValue) -> Result<W, Fault> {
    unknown::body(body.get())
}

pub(super) fn service(context: &Context<'_>, body: &RawValue) -> Result<RunResource, Fault> {
    if knative::is(body) {
        return knative::resource(context, RunKind::Service, form(body)?);
    }
    Ok(resource(context, RunKind::Service, form(body)?))
}

pub(super) fn worker_pool(context: &Context<'_>, body: &RawValue) -> Result<RunResource, Fault> {
    if knative::is(body) {
        return knative::resource(context, RunKind::WorkerPool, form(body)?);
    }
    Ok(resource(context, RunKind::WorkerPool, form(body)?))
}

pub(super) fn job(context: &Context<'_>, body: &RawValue) -> Result<RunResource, Fault> {
    if knative::is(body) {
        return knative::job(context, form(body)?);
    }
    let wire: JobWire = form(body)?;
    Ok(knative::bare_job(context, unit::labels(wire.labels), template(context, wire.template.template)))
}

pub(super) fn revision(context: &Context<'_>, body: &RawValue) -> Result<Unit, Fault> {
    if knative::is(body) {
        return knative::revision(context, form(body)?);
    }
    Ok(template(context, form(body)?))
}

fn resource(context: &Context<'_>, kind: RunKind, wire: ServiceWire) -> RunResource {
    let short = |name: &String| name.rsplit('/').next().unwrap_or(name).to_owned();
    let listed = [wire.traffic_statuses, wire.instance_split_statuses, wire.traffic, wire.instance_splits];
    let targets = listed.into_iter().find(|targets| !targets.is_empty()).unwrap_or_default();
    let place = context.place();
    let regions = wire.multi_region_settings.map(|settings| settings.regions).filter(|regions| !regions.is_empty());
    RunResource {
        name: context.name.clone(),
        full_name: context.record.id.clone(),
        kind,
        regions: regions.unwrap_or_else(|| vec![place.region.clone()]),
        place,
        labels: unit::labels(wire.labels),
        ingress: unit::ingress(context, wire.ingress),
        default_url_disabled: wire.default_uri_disabled,
        invoker_check_disabled: wire.invoker_iam_disabled,
        identity_aware_proxy: wire.iap_enabled,
        urls: if wire.urls.is_empty() { wire.uri.into_iter().collect() } else { wire.urls },
        targets: knative::serving(targets.into_iter().map(|target| Target {
            latest: target.kind.as_deref().is_some_and(|kind| kind.ends_with("_LATEST")) || target.revision.is_none(),
            revision: target.revision.as_ref().map(short),
            percent: target.percent.unwrap_or(0),
            tag: target.tag.filter(|tag| !tag.is_empty()),
        })),
        template: template(context, wire.template),
        created: wire.latest_created_revision.as_ref().map(short),
        latest: wire.latest_ready_revision.as_ref().map(short),
        ready: wire
            .terminal_condition
            .and_then(|condition| condition.state)
            .map(|state| state == "CONDITION_SUCCEEDED"),
    }
}

fn template(context: &Context<'_>, wire: TemplateWire) -> Unit {
    let (credentials, proxy) = unit::containers(wire.containers.as_ref());
    let (attachment, mode) = match wire.vpc_access {
        Some(Known::Known(access)) => {
            (unit::attachment(context, access.connector, access.network_interfaces), unit::mode(context, access.egress))
        }
        Some(Known::Unknown(gap)) => (Known::Unknown(gap.clone()), Known::Unknown(gap)),
        None => (unit::attachment(context, None, None), unit::mode(context, None)),
    };
    Unit {
        attachment,
        mode,
        service_account: unit::text(wire.service_account),
        key: unit::text(wire.encryption_key).map(|key| key.map(|key| context.canonical(&key))),
        shutdown_after: unit::shutdown(
            wire.encryption_key_revocation_action.as_deref(),
            wire.encryption_key_shutdown_duration.as_deref(),
        ),
        max_instances: Known::given(wire.scaling).map(|scaling| scaling?.max_instance_count),
        mesh: wire.service_mesh.is_some() || wire.ambient_networking.is_some(),
        proxy,
        credentials,
    }
}
