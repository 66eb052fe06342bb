//! The load balancers before serverless workloads: from the address down to the endpoint group.

use std::collections::BTreeSet;

use super::place::last;
use crate::{
    evidence::{Gap, GapReason, Known},
    model::google::{BackendService, EndpointGroup, Google, Place, ServerlessTarget},
    snapshot::{ScopeId, unknown::same},
};

/// A backend service that leads to workloads.
#[derive(Debug, Clone)]
pub(super) struct Front<'a> {
    /// The backend service.
    pub(super) backend: &'a BackendService,
    /// The endpoint group, which leads to the workloads.
    pub(super) group: &'a EndpointGroup,
    /// Whether the internet reaches it.
    pub(super) external: Known<bool>,
    /// The addresses it is reached at.
    pub(super) addresses: Vec<String>,
}

impl Front<'_> {
    /// Whether somebody stands guard: a security policy, or Identity-Aware Proxy.
    pub(super) fn is_guarded(&self) -> bool {
        self.backend.security_policy.is_some() || self.backend.identity_aware_proxy
    }
}

/// Every front in a project, and why there may be others.
pub(super) fn of<'a>(google: &'a Google, project: &str) -> (Vec<Front<'a>>, Option<Gap>) {
    let whole = ScopeId::gcp(project, ScopeId::GLOBAL);
    let serverless =
        |group: &EndpointGroup| Known::Known(group.serverless.is_some()).and(same(&group.place.project, project));
    let groups = google.endpoint_groups.sift_of(&whole, project, serverless);
    // What leads nowhere needs no further question.
    if groups.items.is_empty() {
        return (Vec::new(), groups.incomplete);
    }
    let mut gap = groups.incomplete;
    let mut fronts = Vec::new();
    for group in groups.items {
        let backends =
            google.backend_services.list_of(&whole, &group.name, |backend| backend.backends.contains(&group.name));
        gap = gap.or(backends.incomplete);
        for backend in backends.items {
            let (external, addresses) = reached(google, &whole, backend);
            fronts.push(Front { backend, group, external, addresses });
        }
    }
    (fronts, gap)
}

/// Whether the internet reaches a backend service, and by which addresses.
fn reached(google: &Google, whole: &ScopeId, backend: &BackendService) -> (Known<bool>, Vec<String>) {
    let maps = google.url_maps.list_of(whole, &backend.name, |map| map.services.contains(&backend.name));
    let maps_gap = maps.incomplete;
    let maps: BTreeSet<&str> = maps.items.into_iter().map(|map| map.name.as_str()).collect();
    let by_map = |map: &Option<String>| map.as_deref().is_some_and(|map| maps.contains(map));
    let http = google.http_proxies.list_of_any(whole, maps.iter().copied(), |proxy| by_map(&proxy.url_map));
    let https = google.https_proxies.list_of_any(whole, maps.iter().copied(), |proxy| by_map(&proxy.url_map));
    let proxies_gap = http.incomplete.or(https.incomplete);
    let targets: BTreeSet<&str> = http
        .items
        .into_iter()
        .chain(https.items)
        .map(|proxy| proxy.name.as_str())
        .chain([backend.name.as_str()])
        .collect();
    let rules = google.forwarding_rules.list_of_any(whole, targets.iter().copied(), |rule| {
        rule.external && rule.target.as_deref().is_some_and(|target| targets.contains(target))
    });
    let said = |ip: &Option<String>, ports: &str| format!("{} ({ports})", ip.as_deref().unwrap_or("an address"));
    let addresses: Vec<_> = rules.items.iter().map(|rule| said(&rule.ip, &rule.ports)).collect();
    let unread = maps_gap.or(proxies_gap).or(rules.incomplete);
    let external = match (addresses.is_empty(), unread) {
        (false, _) => Known::Known(true),
        (true, Some(gap)) => Known::Unknown(gap),
        // Its address may stand in another project of a shared network.
        (true, None) if backend.external => {
            let what = format!("whether another project's address leads to {}", last(&backend.name));
            Known::Unknown(Gap::new(what, GapReason::NotRead))
        }
        (true, None) => Known::Known(false),
    };
    (external, addresses)
}

/// Whether an endpoint group leads to a workload: by the name of its service, or of its function.
pub(super) fn leads_to(
    group: &EndpointGroup,
    place: &Place,
    service: Option<&str>,
    function: Option<&str>,
) -> Known<bool> {
    let here = same(&group.place.project, &place.project).and(same(&group.place.region, &place.region));
    let is = |own: Option<&str>, name: &str| own.map_or(Known::Known(false), |own| same(own, name));
    here.and(match &group.serverless {
        Some(ServerlessTarget::Service(name)) => is(service, name),
        Some(ServerlessTarget::Function(name)) => is(function, name),
        // A mask names every service of the region.
        Some(ServerlessTarget::Mask(_)) => Known::Known(true),
        Some(ServerlessTarget::Other) | None => Known::Known(false),
    })
}
