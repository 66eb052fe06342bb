//! Where a workload's traffic enters a network.

use std::collections::BTreeSet;

use super::egress::{connector_of, provider_of};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, Destination, Subnet, Target},
    snapshot::{ScopeId, unknown::gap_of_name},
};

/// A workload's place in the network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Whether its traffic, or a part of it, goes into a VPC.
    pub attached: Known<bool>,
    /// How: `none`, `subnets`, `connector` or `direct`.
    pub plane: Known<&'static str>,
    /// Whether all of its traffic goes there, rather than what is bound for private ranges.
    pub sends_all: Known<bool>,
    /// The VPC; none where it is not attached.
    pub vpc: Known<Option<String>>,
    /// Its subnets.
    pub places: Vec<Place>,
    /// How many zones they span.
    pub zone_count: Known<usize>,
    /// Whether one of its security groups is the default one.
    pub default_security_group: Known<bool>,
    /// Whether it may use IPv6.
    pub dual_stack: bool,
}

/// A subnet that a workload has interfaces in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The subnet.
    pub id: String,
    /// Its zone.
    pub zone: Known<String>,
    /// Whether its table sends everything to an internet gateway.
    pub public: Known<bool>,
}

/// The place of a function at one version.
pub(super) fn network(aws: &Aws, scope: &ScopeId, at: &Configuration) -> Network {
    let connector = |name: &String| connector_of(aws, scope, name).map(|connector| &connector.attachment);
    let provider = |name: &String| provider_of(aws, scope, name).map(|provider| &provider.attachment);
    // In a network by way of something else, which may not have been read.
    let lent = at.capacity_provider.as_ref().map(provider).or_else(|| at.connector.as_ref().map(connector));
    let attachment = match (&at.attachment, lent) {
        (_, Some(Err(gap))) => return unseen(&gap),
        (_, Some(Ok(attachment))) | (Known::Known(Some(attachment)), None) => attachment,
        (Known::Known(None), None) => return nowhere(),
        (Known::Unknown(gap), None) => {
            let unknown = || Known::Unknown(gap.clone());
            let plane = Known::Unknown(gap.clone());
            return Network { attached: unknown(), plane, sends_all: unknown(), ..unseen(gap) };
        }
    };
    let subnet = |id: &String| -> Known<&Subnet> {
        let found = aws.subnets.get(scope, id).into_result();
        Known::from(
            found.and_then(|found| found.ok_or_else(|| Gap::new(format!("subnet {id}"), GapReason::GoneDuringScan))),
        )
    };
    let subnets: Vec<(&String, Known<&Subnet>)> = attachment.subnets.iter().map(|id| (id, subnet(id))).collect();
    let mut zones = Known::Known(BTreeSet::new());
    for (_, subnet) in &subnets {
        zones = match (zones, subnet) {
            (Known::Known(mut zones), Known::Known(subnet)) => {
                zones.insert(subnet.zone_key());
                Known::Known(zones)
            }
            (Known::Unknown(gap), _) => Known::Unknown(gap),
            (Known::Known(_), Known::Unknown(gap)) => Known::Unknown(gap.clone()),
        };
    }
    // A capacity provider or a connector without groups has the default one.
    let lent = at.capacity_provider.is_some() || at.connector.is_some();
    let none = lent && attachment.security_groups.is_empty();
    let default = attachment.security_groups.iter().fold(Known::Known(none), |sum, id| {
        let group = aws
            .security_groups
            .get(scope, id)
            .into_result()
            .and_then(|group| group.ok_or_else(|| Gap::new(format!("security group {id}"), GapReason::NotRead)));
        sum.or(Known::from(group.map(|group| group.name == "default")))
    });
    let first = subnets.first().map(|(_, subnet)| subnet.as_ref().map(|subnet| Some(subnet.vpc.clone())));
    Network {
        attached: Known::Known(true),
        plane: Known::Known("subnets"),
        sends_all: Known::Known(true),
        vpc: first.unwrap_or(Known::Known(None)),
        places: subnets
            .iter()
            .map(|(id, subnet)| Place {
                id: (*id).clone(),
                zone: Known::from(
                    subnet.as_ref().into_result().and_then(|it| it.zone().map(str::to_owned).into_result()),
                ),
                public: Known::from(
                    subnet.as_ref().into_result().and_then(|subnet| public(aws, scope, subnet).into_result()),
                ),
            })
            .collect(),
        zone_count: Known::from(zones.into_result().and_then(|zones| counted(&zones))),
        default_security_group: default,
        dual_stack: attachment.dual_stack,
    }
}

/// How many zones these are: of several whose names are not known, some may be the same.
fn counted(zones: &BTreeSet<&str>) -> Result<usize, Gap> {
    let unknown = zones.iter().find_map(|zone| gap_of_name(zone)).filter(|_| zones.len() > 1);
    unknown.map_or(Ok(zones.len()), Err)
}

fn nowhere() -> Network {
    Network {
        attached: Known::Known(false),
        plane: Known::Known("none"),
        sends_all: Known::Known(false),
        vpc: Known::Known(None),
        places: Vec::new(),
        zone_count: Known::Known(0),
        default_security_group: Known::Known(false),
        dual_stack: false,
    }
}

/// The place of a function whose capacity provider or network connector is not known.
fn unseen(gap: &Gap) -> Network {
    Network {
        attached: Known::Known(true),
        plane: Known::Known("subnets"),
        sends_all: Known::Known(true),
        vpc: Known::Unknown(gap.clone()),
        places: Vec::new(),
        zone_count: Known::Unknown(gap.clone()),
        default_security_group: Known::Unknown(gap.clone()),
        dual_stack: false,
    }
}

/// Whether the subnet's default route is an internet gateway.
fn public(aws: &Aws, scope: &ScopeId, subnet: &Subnet) -> Known<bool> {
    super::egress::table_of(aws, scope, subnet).map(|table| {
        table.routes.iter().any(|route| {
            let whole =
                matches!(route.destination, Destination::Net(net) if net.prefix_len() == 0 && net.addr().is_ipv4());
            whole && matches!(route.target, Target::InternetGateway(_))
        })
    })
}
