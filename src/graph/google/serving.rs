//! What serves: every revision with a share of the traffic, or with an address of its own.

use crate::{
    evidence::{Gap, GapReason, Known},
    model::google::{CloudFunction, Generation, Google, Place, RunResource, Target, Unit},
};

/// What serves of a workload.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Serving<'a> {
    /// Where it is.
    pub(in crate::graph) place: &'a Place,
    /// The regions it runs in.
    pub(in crate::graph) regions: Vec<&'a str>,
    /// The revisions, or the one thing that runs.
    pub(in crate::graph) shares: Vec<Share<'a>>,
}

/// A revision, and how much of the traffic it gets.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Share<'a> {
    /// The revision's short name; none where only one thing runs.
    pub(in crate::graph) revision: Option<&'a str>,
    /// Its share in percent; none where nothing is shared.
    pub(in crate::graph) percent: Option<i64>,
    /// The tag by which it is called.
    pub(in crate::graph) tag: Option<&'a str>,
    /// What it runs as.
    pub(in crate::graph) unit: Known<&'a Unit>,
}

/// What serves of a Cloud Run resource.
pub(in crate::graph) fn of_resource<'a>(google: &'a Google, resource: &'a RunResource) -> Serving<'a> {
    let share = |target: &'a Target| {
        let (revision, unit) = unit_of(google, resource, target);
        Share { revision, percent: Some(target.percent), tag: target.tag.as_deref(), unit }
    };
    let shares = if resource.targets.is_empty() {
        vec![Share { revision: None, percent: None, tag: None, unit: Known::Known(&resource.template) }]
    } else {
        resource.targets.iter().map(share).collect()
    };
    Serving { place: &resource.place, regions: resource.regions.iter().map(String::as_str).collect(), shares }
}

/// The revision of a target, and what it runs as: what the template says for the one that was made of it.
fn unit_of<'a>(
    google: &'a Google,
    resource: &'a RunResource,
    target: &'a Target,
) -> (Option<&'a str>, Known<&'a Unit>) {
    let named = target.revision.as_deref().filter(|_| !target.latest).or(resource.latest.as_deref());
    let named = named.or(target.revision.as_deref());
    let made = resource.created.as_deref().or(resource.latest.as_deref());
    let Some(revision) = named.filter(|named| Some(*named) != made) else {
        return (named, Known::Known(&resource.template));
    };
    let name = format!("projects/{}/locations/{}/revisions/{revision}", resource.place.project, resource.place.region);
    let unit = match google.revisions.get(&resource.place.scope(), &name) {
        Known::Known(Some(Some(unit))) => Known::Known(unit),
        Known::Known(_) => Known::Unknown(Gap::new(format!("revision {revision}"), GapReason::GoneDuringScan)),
        Known::Unknown(gap) => Known::Unknown(gap),
    };
    (Some(revision), unit)
}

/// The service behind a function of the second generation.
pub(in crate::graph) fn service_of<'a>(google: &'a Google, function: &CloudFunction) -> Known<&'a RunResource> {
    let Some(name) = &function.service else {
        let what = format!("the Cloud Run service behind {}", function.name);
        return Known::Unknown(Gap::new(what, GapReason::Malformed));
    };
    match google.services.get(&function.place.scope(), name) {
        Known::Known(Some(service)) => Known::Known(service),
        Known::Known(None) => Known::Unknown(Gap::new(format!("service {name}"), GapReason::GoneDuringScan)),
        Known::Unknown(gap) => Known::Unknown(gap),
    }
}

/// The copy that an upgrade makes of a function of the first generation.
fn copy_of<'a>(google: &'a Google, function: &'a CloudFunction) -> Vec<Share<'a>> {
    let short = function.name.rsplit('/').next().unwrap_or(&function.name).to_lowercase();
    let name = format!("projects/{}/locations/{}/services/{short}", function.place.project, function.place.region);
    let unknown =
        |gap: Gap| vec![Share { revision: Some("upgraded-copy"), percent: None, tag: None, unit: Known::Unknown(gap) }];
    match google.services.get(&function.place.scope(), &name) {
        Known::Known(Some(service)) => of_resource(google, service).shares,
        Known::Known(None) => unknown(Gap::new(
            format!("the copy that the upgrade of {} has made", function.name),
            GapReason::Unsupported,
        )),
        Known::Unknown(gap) => unknown(gap),
    }
}

/// What serves of a function: of the second generation, what its service serves, whatever the functions API says.
pub(in crate::graph) fn of_function<'a>(google: &'a Google, function: &'a CloudFunction) -> Known<Serving<'a>> {
    if function.generation == Generation::Second {
        return service_of(google, function).map(|service| of_resource(google, service));
    }
    let own = Share { revision: None, percent: None, tag: None, unit: Known::Known(&function.unit) };
    let mut shares = vec![own.clone()];
    if function.upgrading {
        // While it is upgraded, a copy of it runs as a service of its name beside it.
        shares = vec![Share { revision: Some("first-generation"), ..own }];
        shares.extend(copy_of(google, function));
    }
    Known::Known(Serving { place: &function.place, regions: vec![function.place.region.as_str()], shares })
}
