//! How a request can come in: the platform's setting, the addresses, the load balancers before it.

use super::{
    fronts::{self, Front},
    place::last,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::google::{CloudFunction, Generation, Google, Ingress as Setting, Place, RunKind, RunResource},
};

/// How a request can come in.
#[derive(Debug, Clone)]
pub struct Ingress {
    /// Which requests the platform lets in.
    pub setting: Known<Setting>,
    /// Whether it is called by events alone.
    pub by_events: bool,
    /// Whether the address that the platform gave it works.
    pub default_url: bool,
    /// Whether the internet reaches it.
    pub reachable: Known<bool>,
    /// By which door, where it does.
    pub reachable_by: String,
    /// Whether plain http is accepted.
    pub plain_http: Known<bool>,
    /// Whether Identity-Aware Proxy guards it.
    pub identity_aware_proxy: bool,
    /// Its addresses.
    pub urls: Vec<String>,
    /// Whether an external load balancer with a guard stands before it.
    pub guarded_front: Known<bool>,
    /// The name of that.
    pub guarded_by: String,
    /// Revisions without a share of the traffic that a tag keeps callable.
    pub tagged: Known<Vec<Tagged>>,
}

/// A revision that a tag keeps callable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The tag.
    pub tag: String,
    /// The revision.
    pub revision: String,
}

/// What is asked about.
pub(super) struct Subject<'a> {
    pub(super) place: &'a Place,
    /// The service, where one runs it.
    pub(super) service: Option<&'a RunResource>,
    /// The function, where it is one.
    pub(super) function: Option<&'a CloudFunction>,
}

/// How a request can come in to a workload.
pub(super) fn of(google: &Google, subject: &Subject<'_>) -> Ingress {
    let (fronts, unread) = fronts::of(google, &subject.place.project);
    let second = subject.function.is_some_and(|function| function.generation == Generation::Second);
    // Without the service behind a function it cannot be told which load balancers lead to it.
    let behind = (second && subject.service.is_none())
        .then(|| Gap::new("the Cloud Run service behind the function", GapReason::NotRead));
    let mut gap = unread.or_else(|| behind.clone());
    let service = subject.service.map(|service| last(&service.name));
    let function = subject.function.map(|function| last(&function.name));
    let mut before = Vec::new();
    for front in &fronts {
        match fronts::leads_to(front.group, subject.place, service, function) {
            Known::Known(true) => before.push(front),
            Known::Known(false) => {}
            Known::Unknown(unread) => gap = gap.or(Some(unread)),
        }
    }
    let external = any(&before, gap.as_ref(), |_| true);
    let guarded_front = any(&before, gap.as_ref(), Front::is_guarded);
    let (setting, default_url, by_events) = match (subject.service, subject.function) {
        (Some(service), _) if service.kind == RunKind::Service => {
            (service.ingress.clone(), !service.default_url_disabled, false)
        }
        (None, Some(function)) if function.generation == Generation::First => {
            (function.ingress.clone(), true, function.trigger.is_some())
        }
        (Some(_), _) => (Known::Known(Setting::None), false, false),
        (None, _) => {
            let behind = Gap::new("the Cloud Run service behind the function", GapReason::NotRead);
            (Known::Unknown(behind), true, false)
        }
    };
    let open = setting == Known::Known(Setting::All) && !default_url;
    let domains = match (open, service) {
        (true, Some(service)) => domains(google, subject.place, service),
        _ => Known::Known(Vec::new()),
    };
    let doors = Doors { default_url, by_events, external: &external, fronts: &before, domains: &domains };
    let (reachable, reachable_by) = reachable(&setting, &doors);
    let targets = subject.service.map(|service| service.targets.as_slice()).unwrap_or_default();
    let tagged = targets.iter().filter(|target| target.percent == 0).filter_map(|target| {
        let revision = target.revision.clone().unwrap_or_else(|| "the latest revision".into());
        target.tag.clone().map(|tag| Tagged { tag, revision })
    });
    Ingress {
        by_events,
        default_url,
        reachable,
        reachable_by,
        plain_http: subject.function.map_or(Known::Known(false), |function| function.plain_http.clone()),
        identity_aware_proxy: subject.service.is_some_and(|service| service.identity_aware_proxy),
        urls: subject
            .service
            .map(|service| service.urls.clone())
            .into_iter()
            .chain(subject.function.map(|function| function.urls.clone()))
            .flatten()
            .fold(Vec::new(), |mut all, url| {
                if !all.contains(&url) {
                    all.push(url);
                }
                all
            }),
        guarded_by: before
            .iter()
            .find(|front| front.is_guarded() && front.external != Known::Known(false))
            .map(|front| last(&front.backend.name).to_owned())
            .unwrap_or_default(),
        guarded_front,
        tagged: match behind {
            Some(behind) => Known::Unknown(behind),
            None => Known::Known(tagged.collect()),
        },
        setting,
    }
}

fn any<'a>(fronts: &[&Front<'a>], gap: Option<&Gap>, fits: impl Fn(&Front<'a>) -> bool) -> Known<bool> {
    let listed = fronts.iter().filter(|front| fits(front)).map(|front| front.external.clone());
    let known = listed.fold(Known::Known(false), Known::or);
    match gap {
        Some(gap) => known.or(Known::Unknown(gap.clone())),
        None => known,
    }
}

/// The domains that lead to a service.
fn domains(google: &Google, place: &Place, service: &str) -> Known<Vec<String>> {
    let listing = google
        .domain_mappings
        .list_of(&place.scope(), service, |mapping| mapping.place == *place && mapping.service == service);
    match (listing.items.is_empty(), listing.incomplete) {
        (true, Some(gap)) => Known::Unknown(gap),
        _ => Known::Known(listing.items.into_iter().map(|mapping| mapping.domain.clone()).collect()),
    }
}

/// The doors of a workload.
struct Doors<'a> {
    default_url: bool,
    by_events: bool,
    external: &'a Known<bool>,
    fronts: &'a [&'a Front<'a>],
    domains: &'a Known<Vec<String>>,
}

/// The truth table of ingress: what the setting lets in, and whether there is a door for it.
fn reachable(setting: &Known<Setting>, doors: &Doors<'_>) -> (Known<bool>, String) {
    let by_front = || {
        let front = doors.fronts.iter().find(|front| front.external == Known::Known(true));
        front.map_or_else(String::new, |front| {
            format!("load balancer {} at {}", last(&front.backend.name), front.addresses.join(", "))
        })
    };
    match setting {
        _ if doors.by_events => (Known::Known(false), String::new()),
        Known::Unknown(gap) => (Known::Unknown(gap.clone()), String::new()),
        Known::Known(Setting::None | Setting::Internal) => (Known::Known(false), String::new()),
        Known::Known(Setting::InternalAndLoadBalancer) => (doors.external.clone(), by_front()),
        Known::Known(Setting::All) if doors.default_url => (Known::Known(true), "ingress lets all traffic in".into()),
        Known::Known(Setting::All) => {
            let by_domain = doors.domains.clone().map(|domains| !domains.is_empty());
            let words = match doors.domains {
                Known::Known(domains) if !domains.is_empty() => format!("domain {}", domains.join(", ")),
                _ => by_front(),
            };
            (by_domain.or(doors.external.clone()), words)
        }
    }
}
