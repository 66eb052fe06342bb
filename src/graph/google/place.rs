//! Where a revision stands in a network: the region, the subnet or the hidden range, and the tags that rules see.

use ipnet::IpNet;

use crate::{
    evidence::{Gap, GapReason},
    graph::egress::{Hop, Stop},
    model::google::{Connector, Google, Place, Ranges, Subnetwork, VpcAttachment, VpcNetwork},
    snapshot::{ScopeId, unknown::same},
};

/// Where a revision stands.
#[derive(Debug, Clone)]
pub(super) struct Standing<'a> {
    /// The project that the network belongs to.
    pub(super) host: String,
    /// The region.
    pub(super) region: String,
    /// The network.
    pub(super) network: &'a VpcNetwork,
    /// The subnet; none where it is hidden.
    pub(super) subnet: Option<&'a Subnetwork>,
    /// The range that its packets come from.
    pub(super) range: Option<IpNet>,
    /// The network tags.
    pub(super) tags: Vec<String>,
    /// The connector, where it stands by one.
    pub(super) connector: Option<&'a Connector>,
}

impl Standing<'_> {
    /// The scope of the network's regional parts.
    pub(super) fn scope(&self) -> ScopeId {
        ScopeId::gcp(&self.host, &self.region)
    }

    /// The scope of the network's global parts.
    pub(super) fn whole(&self) -> ScopeId {
        ScopeId::gcp(&self.host, ScopeId::GLOBAL)
    }

    /// The names of its subnet and network, as people say them.
    pub(super) fn spoken(&self) -> String {
        match (self.subnet, self.connector) {
            (Some(subnet), _) => format!("subnet {}", last(&subnet.name)),
            (None, Some(connector)) => format!("the hidden range of connector {}", last(&connector.name)),
            (None, None) => "its subnet".into(),
        }
    }
}

/// Why there is no standing: the walk stops, or nobody can tell.
#[derive(Debug)]
pub(super) enum Lost {
    /// It stops.
    Stopped(Stop, String),
    /// It was not read.
    Unread(Gap),
}

impl From<Gap> for Lost {
    fn from(gap: Gap) -> Self {
        Self::Unread(gap)
    }
}

/// The last part of a name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The project of a canonical name.
pub(super) fn project_of(name: &str) -> &str {
    name.strip_prefix("projects/").and_then(|rest| rest.split('/').next()).unwrap_or(name)
}

fn region_of(name: &str) -> Option<&str> {
    name.split("/regions/").nth(1).or_else(|| name.split("/locations/").nth(1)).and_then(|rest| rest.split('/').next())
}

/// Where an attachment stands, with the hops on the way there. `region` is the workload's.
pub(super) fn stand<'a>(
    google: &'a Google,
    place: &Place,
    region: &str,
    attachment: &VpcAttachment,
    hops: &mut Vec<Hop>,
) -> Result<Standing<'a>, Lost> {
    match attachment {
        VpcAttachment::None => Err(Gap::new("a network for something in none", GapReason::Unsupported).into()),
        VpcAttachment::Connector(name) => by_connector(google, region, name, hops),
        VpcAttachment::Direct { network, subnetwork, tags } => {
            let name = match (subnetwork, network) {
                (Some(subnetwork), _) => subnetwork.clone(),
                // A network alone means the subnet of its name.
                (None, Some(network)) => {
                    format!("projects/{}/regions/{region}/subnetworks/{}", project_of(network), last(network))
                }
                (None, None) => {
                    let what = format!("the subnet of an interface in {}", place.project);
                    return Err(Gap::new(what, GapReason::Malformed).into());
                }
            };
            let subnet = by_subnet(google, region, &name)?;
            hops.push(Hop {
                kind: "subnet",
                id: last(&subnet.name).to_owned(),
                about: about(subnet),
                decision: "all traffic goes into the VPC".into(),
                because: "Direct VPC egress".into(),
            });
            Ok(Standing {
                host: project_of(&subnet.network).to_owned(),
                region: region.to_owned(),
                network: network_of(google, &subnet.network)?,
                subnet: Some(subnet),
                range: subnet.net,
                tags: tags.clone(),
                connector: None,
            })
        }
    }
}

fn by_connector<'a>(google: &'a Google, region: &str, name: &str, hops: &mut Vec<Hop>) -> Result<Standing<'a>, Lost> {
    let own = region_of(name).unwrap_or(region);
    let short = last(name);
    if !same(own, region).into_result()? {
        let because = format!("connector {short} is in {own}, and the workload in {region}");
        return Err(Lost::Stopped(Stop::WrongRegion, because));
    }
    let found = google.connectors.get(&ScopeId::gcp(project_of(name), own), name).into_result()?;
    let Some(connector) = found else {
        let because = format!("connector {short} does not exist in {} {own}", project_of(name));
        return Err(Lost::Stopped(Stop::ConnectorMissing, because));
    };
    let mut hop = Hop {
        kind: "connector",
        id: short.to_owned(),
        about: match &connector.ranges {
            Ranges::Range { net, .. } => format!("{net}  {}", connector.state),
            Ranges::Subnet { subnetwork } => format!("subnet {}  {}", last(subnetwork), connector.state),
        },
        decision: "all traffic goes into the VPC".into(),
        because: "ALL_TRAFFIC".into(),
    };
    match connector.state.as_str() {
        "READY" | "UPDATING" | "CREATING" => {}
        "ERROR" | "DELETING" => {
            let because = format!("connector {short} is in state {}", connector.state);
            hop.decision.clone_from(&because);
            hops.push(hop);
            return Err(Lost::Stopped(Stop::ConnectorNotRunning, because));
        }
        other => {
            let what = format!("whether connector {short} in state {other} passes traffic");
            return Err(Gap::new(what, GapReason::Unsupported).into());
        }
    }
    hops.push(hop);
    // The tags of a connector's machines: routes and firewall rules see them.
    let tags = vec!["vpc-connector".to_owned(), format!("vpc-connector-{own}-{short}")];
    let (network, subnet, range) = match &connector.ranges {
        Ranges::Range { network, net } => (network_of(google, network)?, None, Some(*net)),
        Ranges::Subnet { subnetwork } => {
            let subnet = by_subnet(google, region, subnetwork)?;
            (network_of(google, &subnet.network)?, Some(subnet), subnet.net)
        }
    };
    Ok(Standing {
        host: project_of(&network.name).to_owned(),
        region: region.to_owned(),
        network,
        subnet,
        range,
        tags,
        connector: Some(connector),
    })
}

fn by_subnet<'a>(google: &'a Google, region: &str, name: &str) -> Result<&'a Subnetwork, Lost> {
    let own = region_of(name).unwrap_or(region);
    if !same(own, region).into_result()? {
        let because = format!("subnet {} is in {own}, and the workload in {region}", last(name));
        return Err(Lost::Stopped(Stop::WrongRegion, because));
    }
    let found = google.subnetworks.get(&ScopeId::gcp(project_of(name), own), name).into_result()?;
    found.ok_or_else(|| {
        let because = format!("subnet {} does not exist in {} {own}", last(name), project_of(name));
        Lost::Stopped(Stop::SubnetMissing, because)
    })
}

fn network_of<'a>(google: &'a Google, name: &str) -> Result<&'a VpcNetwork, Gap> {
    let found = google.networks.get(&ScopeId::gcp(project_of(name), ScopeId::GLOBAL), name).into_result()?;
    found.ok_or_else(|| Gap::new(format!("network {name}"), GapReason::GoneDuringScan))
}

fn about(subnet: &Subnetwork) -> String {
    let net = subnet.net.map(|net| net.to_string());
    net.into_iter().chain([subnet.place.region.clone()]).collect::<Vec<_>>().join("  ")
}
