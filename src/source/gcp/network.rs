//! Networks: of the projects with workloads, and of every project that a workload's traffic enters a network in.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use super::{
    super::names,
    calls::each,
    endpoints::Api,
    failure::Failure,
    http::Request,
    ledger::{Found, GLOBAL},
    pages::{Paging, list},
    reader::{Placed, Project, Reader},
    workload::{Attachment, Workload},
    workloads::named,
};
use crate::{
    evidence::GapReason,
    snapshot::{
        ScopeId,
        kinds::{Kind, google},
    },
};

/// Lists of Compute Engine that are aggregated over all regions.
const AGGREGATED: [(Kind, &str); 9] = [
    (google::SUBNETWORK, "subnetworks"),
    (google::ROUTER, "routers"),
    (google::ADDRESS, "addresses"),
    (google::FORWARDING_RULE, "forwardingRules"),
    (google::TARGET_HTTP_PROXY, "targetHttpProxies"),
    (google::TARGET_HTTPS_PROXY, "targetHttpsProxies"),
    (google::URL_MAP, "urlMaps"),
    (google::BACKEND_SERVICE, "backendServices"),
    (google::ENDPOINT_GROUP, "networkEndpointGroups"),
];

/// Lists of Compute Engine that know no regions.
const EVERYWHERE: [(Kind, &str); 3] =
    [(google::NETWORK, "networks"), (google::ROUTE, "routes"), (google::FIREWALL, "firewalls")];

/// What says how a load balancer leads to a workload: of interest in the workload's own project alone.
const LOAD_BALANCERS: [Kind; 6] = [
    google::FORWARDING_RULE,
    google::TARGET_HTTP_PROXY,
    google::TARGET_HTTPS_PROXY,
    google::URL_MAP,
    google::BACKEND_SERVICE,
    google::ENDPOINT_GROUP,
];

/// Lists the networks of a project; with workloads of its own, its load balancers too.
pub(super) async fn read(reader: &Arc<Reader>, project: &Project, with_load_balancers: bool) {
    let wanted = |kind: &Kind| with_load_balancers || !LOAD_BALANCERS.contains(kind);
    for kind in google::NETWORKS.iter().filter(|kind| wanted(kind)) {
        reader.ledger.begin(*kind, &project.id);
    }
    let lists = {
        let aggregated = AGGREGATED.into_iter().filter(|(kind, _)| wanted(kind)).map(|list| (list, true));
        let lists = aggregated.chain(EVERYWHERE.into_iter().map(|list| (list, false)));
        lists.collect::<Vec<_>>()
    };
    let compute = async {
        each(lists, |((kind, collection), aggregated)| {
            let (reader, project) = (Arc::clone(reader), project.clone());
            async move { compute(&reader, &project, kind, collection, aggregated).await }
        })
        .await;
    };
    tokio::join!(compute, connectors(reader, project), policy_based_routes(reader, project));
}

async fn compute(reader: &Reader, project: &Project, kind: Kind, collection: &'static str, aggregated: bool) {
    let under = if aggregated { "aggregated" } else { GLOBAL };
    let mut request = Request::get(Api::Compute, kind.call, format!("projects/{}/{under}/{collection}", project.id));
    if aggregated {
        request = request.with("includeAllScopes", "true");
    }
    let place =
        |under: &str, item: &Value| compute_name(project, if aggregated { under } else { GLOBAL }, collection, item);
    reader.list(kind, project, request, "items", Paging::Compute, place).await;
}

/// A resource of Compute Engine is called by what it stands under.
fn compute_name(project: &Project, under: &str, collection: &str, item: &Value) -> Placed {
    let Some(name) = item.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()) else {
        return Err(Failure::malformed(format!("one of the {collection} has no name")));
    };
    let own = item.get("selfLink").and_then(Value::as_str).and_then(names::project);
    if own.is_some_and(|own| !project.is(own)) {
        return Err(Failure::new(GapReason::WrongIdentity, "the list holds a resource of another project"));
    }
    let id = format!("//compute.googleapis.com/projects/{}/{under}/{collection}/{name}", project.id);
    let region = names::region(&id).to_owned();
    Ok((id, region))
}

async fn connectors(reader: &Reader, project: &Project) {
    let kind = google::CONNECTOR;
    let parent = format!("v1/projects/{}/locations", project.id);
    let request = |path: String| Request::get(Api::VpcAccess, kind.call, path);
    let place = |_: &str, item: &Value| named("//vpcaccess.googleapis.com/", "connectors", project, item);
    let mut listing =
        list(&reader.http, request(format!("{parent}/-/connectors")), "connectors", Paging::Standard(0)).await;
    // That `-` stands for all regions is not promised.
    let refused = |failure: &Failure| failure.status.is_some_and(|status| (400..500).contains(&status));
    if listing.failure.as_ref().is_some_and(|failure| refused(failure) && !failure.is_final() && !failure.transient) {
        let regions = list(&reader.http, request(parent.clone()), "locations", Paging::Standard(0)).await;
        if regions.failure.is_none() && !regions.items.is_empty() {
            listing.failure = None;
            listing.unreachable.extend(regions.unreachable);
            for (_, region) in regions.items {
                let region = region.get("locationId").and_then(Value::as_str).unwrap_or_default();
                let path = format!("{parent}/{region}/connectors");
                let part = list(&reader.http, request(path), "connectors", Paging::Standard(0)).await;
                listing.items.extend(part.items);
                listing.unreachable.extend(part.unreachable);
                listing.unreachable.extend(part.failure.map(|_| region.to_owned()));
            }
        }
    }
    reader.keep(kind, project, Api::VpcAccess, listing, place).await;
}

async fn policy_based_routes(reader: &Reader, project: &Project) {
    let kind = google::POLICY_BASED_ROUTE;
    if reader.is_not_on(Api::NetworkConnectivity, &project.id).await {
        // Without the API there is none.
        reader.ledger.ended(kind, &project.id);
        return;
    }
    let path = format!("v1/projects/{}/locations/global/policyBasedRoutes", project.id);
    let request = Request::get(Api::NetworkConnectivity, kind.call, path);
    let place =
        |_: &str, item: &Value| named("//networkconnectivity.googleapis.com/", "policyBasedRoutes", project, item);
    reader.list(kind, project, request, "policyBasedRoutes", Paging::Standard(0), place).await;
}

/// Where the traffic of all workloads enters networks.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Projects, as they are written.
    pub(super) projects: BTreeSet<String>,
    /// Subnets, by their relative names, with the project of who uses them.
    pub(super) subnets: BTreeSet<(String, String)>,
    /// Networks, by their relative names, and regions, where all of a workload's traffic goes there.
    pub(super) networks: BTreeSet<(String, String)>,
}

impl Places {
    /// What the records name so far.
    pub(super) fn of(reader: &Reader) -> Self {
        let mut places = Self::default();
        let workloads = reader.ledger.workloads();
        // Most workloads enter where their neighbours do.
        let entrances: BTreeSet<Entrance<'_>> = workloads.iter().flat_map(|workload| entrances(workload)).collect();
        for entrance in entrances {
            places.enter(reader, &entrance);
        }
        places
    }

    fn enter(&mut self, reader: &Reader, entrance: &Entrance<'_>) {
        let Entrance { project, region, attachment, all_traffic } = *entrance;
        let (owner, network, subnet) = match attachment {
            Attachment::Connector(name) => {
                let owner = reader.account(names::project(name).unwrap_or(project));
                self.projects.insert(owner.clone());
                let id = format!("//vpcaccess.googleapis.com/{}", names::with_project(name, &owner));
                let Some(connector) = reader.ledger.body(google::CONNECTOR, &id) else { return };
                let text = |place: &str| {
                    connector.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
                };
                let owner = text("/subnet/projectId").unwrap_or(owner);
                (owner, text("/network"), text("/subnet/name"))
            }
            Attachment::Interface(network, subnet) => (project.to_owned(), network.clone(), subnet.clone()),
        };
        let network = network.map(|name| full(&name, &owner, |name| format!("{GLOBAL}/networks/{name}")));
        let subnet = match (subnet, &network) {
            (Some(name), _) => full(&name, &owner, |name| format!("regions/{region}/subnetworks/{name}")),
            // With a network alone, the subnet of the same name is meant.
            (None, Some(network)) if matches!(attachment, Attachment::Interface(..)) => {
                let owner = names::project(network).unwrap_or(&owner);
                format!("projects/{owner}/regions/{region}/subnetworks/{}", names::last(network))
            }
            (None, _) => String::new(),
        };
        let named = [Some(subnet.as_str()), network.as_deref()].into_iter().flatten();
        self.projects.extend(named.filter_map(names::project).map(|project| reader.account(project)));
        let of_subnet = || {
            let id = format!("//compute.googleapis.com/{}", reader.own(&subnet));
            let body = reader.ledger.body(google::SUBNETWORK, &id)?;
            body.get("network").and_then(Value::as_str).and_then(names::relative).map(str::to_owned)
        };
        let network = of_subnet().or(network);
        if !subnet.is_empty() {
            self.subnets.insert((reader.own(&subnet), project.to_owned()));
        }
        if let Some(network) = network.filter(|_| all_traffic) {
            self.networks.insert((reader.own(&network), region.to_owned()));
        }
    }
}

/// An attachment with all that decides which network it leads into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entrance<'a> {
    project: &'a str,
    region: &'a str,
    attachment: &'a Attachment,
    all_traffic: bool,
}

fn entrances(workload: &Workload) -> impl Iterator<Item = Entrance<'_>> {
    let (project, all_traffic) = (workload.scope.account.as_str(), workload.all_traffic);
    let of = move |attachment| {
        workload.regions.iter().map(move |region| Entrance { project, region, attachment, all_traffic })
    };
    workload.attachments.iter().flat_map(of)
}

/// A name that may be short, in full.
fn full(name: &str, project: &str, below: impl Fn(&str) -> String) -> String {
    match names::relative(name) {
        Some(name) => name.to_owned(),
        None => format!("projects/{project}/{}", below(names::last(name))),
    }
}

/// What is asked of single networks and routers, where traffic enters.
pub(super) async fn details(reader: &Arc<Reader>) {
    let places = Places::of(reader);
    let used = |network: &Value, region: Option<&str>| {
        let network = network.as_str().and_then(names::relative).map(|name| reader.own(name))?;
        let mut of = places.networks.iter().filter(|(name, _)| *name == network);
        of.any(|(_, at)| region.is_none_or(|region| at == region)).then_some(())
    };
    let mut asked: Vec<Asked> = Vec::new();
    for (network, region) in &places.networks {
        asked.extend(firewalls(reader, network, region));
        let found = reader.ledger.body(google::NETWORK, &format!("//compute.googleapis.com/{network}"));
        asked.extend(found.iter().flat_map(|body| peerings(reader, network, region, body)));
    }
    for router in reader.ledger.all(google::ROUTER) {
        asked.extend(status(&router, &|network, region| used(network, region).is_some()));
    }
    each(asked, |asked| {
        let reader = Arc::clone(reader);
        async move {
            let Asked { kind, scope, id, request } = asked;
            if kind == google::PEERING_ROUTES {
                reader.detail_list(kind, &scope, &id, request, "items", Paging::Compute).await;
            } else {
                reader.detail(kind, &scope, &id, request).await;
            }
        }
    })
    .await;
}

/// A resource that is asked for by itself.
struct Asked {
    kind: Kind,
    scope: ScopeId,
    id: String,
    request: Request,
}

fn firewalls(reader: &Reader, network: &str, region: &str) -> Vec<Asked> {
    // The inventory of an organisation holds every policy, with what it is attached to.
    if reader.assets.holds_firewall_policies() {
        return Vec::new();
    }
    let id = format!("//compute.googleapis.com/{network}");
    let project = reader.account(names::project(network).unwrap_or_default());
    let kind = google::EFFECTIVE_FIREWALLS;
    let everywhere = Request::get(Api::Compute, kind.call, format!("{network}/getEffectiveFirewalls"));
    let everywhere = Asked { kind, scope: ScopeId::gcp(&project, GLOBAL), id: id.clone(), request: everywhere };
    let kind = google::REGIONAL_EFFECTIVE_FIREWALLS;
    let path = format!("projects/{project}/regions/{region}/firewallPolicies/getEffectiveFirewalls");
    let address = format!("https://www.googleapis.com/compute/v1/{network}");
    let request = Request::get(Api::Compute, kind.call, path).with("network", address);
    vec![everywhere, Asked { kind, scope: ScopeId::gcp(project, region), id, request }]
}

fn peerings(reader: &Reader, network: &str, region: &str, body: &Value) -> Vec<Asked> {
    let kind = google::PEERING_ROUTES;
    let imports = |peering: &&Value| peering.get("importCustomRoutes") == Some(&json!(true));
    let peerings = body.get("peerings").and_then(Value::as_array).into_iter().flatten().filter(imports);
    let names = peerings.filter_map(|peering| peering.get("name").and_then(Value::as_str));
    let asked = names.map(|peering| Asked {
        kind,
        scope: ScopeId::gcp(reader.account(names::project(network).unwrap_or_default()), region),
        id: format!("//compute.googleapis.com/{network}#{peering}"),
        request: Request::get(Api::Compute, kind.call, format!("{network}/listPeeringRoutes"))
            .with("peeringName", peering)
            .with("region", region)
            .with("direction", "INCOMING"),
    });
    asked.collect()
}

fn status(router: &Found, used: &dyn Fn(&Value, Option<&str>) -> bool) -> Vec<Asked> {
    let list = |name: &str| router.body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let network = router.body.get("network").unwrap_or(&Value::Null);
    let translates = !list("nats").is_empty() && used(network, Some(&router.scope.region));
    // What a router learns in one region may count in all others.
    let learns = !list("bgpPeers").is_empty() && used(network, None);
    let automatic = |nat: &Value| nat.get("natIpAllocateOption").and_then(Value::as_str) == Some("AUTO_ONLY");
    let ask = |kind: Kind, method: &str| {
        let path = format!("{}/{method}", names::relative(&router.id).unwrap_or_default());
        let request = Request::get(Api::Compute, kind.call, path);
        Asked { kind, scope: router.scope.clone(), id: router.id.clone(), request }
    };
    let mut asked = Vec::new();
    if translates || learns {
        asked.push(ask(google::ROUTER_STATUS, "getRouterStatus"));
    }
    if translates && list("nats").iter().any(automatic) {
        asked.push(ask(google::NAT_IP_INFO, "getNatIpInfo"));
    }
    asked
}
