//! The walk through a network of Google Cloud: from a revision to the internet, or to where it stops.

use std::{collections::BTreeMap, sync::Arc};

use ipnet::IpNet;

use super::{
    firewall, nat,
    place::{Lost, Standing, last, stand},
    routing::{By, Way, ways, written},
    serving::{Serving, Share},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::{
        Bypass, Egress, End, Exit, ExitAddress, ExitKind, Family, Hop, Passage, Path, Stop, Traffic, flow::without,
        verdict,
    },
    knowledge::google_ranges,
    model::google::{Google, Mode, NextHop, Place, VpcAttachment},
};

/// Walks networks, each attachment once.
#[derive(Debug)]
pub(in crate::graph) struct Walker<'a> {
    google: &'a Google,
    traffic: Traffic,
    done: BTreeMap<Start<'a>, Walked>,
}

/// Where a walk starts: the workload's project and region, and how it is attached.
type Start<'a> = (&'a Place, &'a str, &'a VpcAttachment);

/// What a walk found out.
#[derive(Debug, Clone)]
struct Walked {
    paths: Arc<[Path]>,
    bypasses: Vec<Bypass>,
}

impl Walked {
    /// One path, and nothing else.
    fn one(path: Path) -> Self {
        Self { paths: [path].into(), bypasses: Vec::new() }
    }
}

impl<'a> Walker<'a> {
    /// A walker over an estate, for its traffic to the internet.
    pub(in crate::graph) fn new(google: &'a Google) -> Self {
        Self::following(google, Traffic::Internet)
    }

    /// A walker over an estate, for this traffic.
    pub(in crate::graph) fn following(google: &'a Google, traffic: Traffic) -> Self {
        Self { google, traffic, done: BTreeMap::new() }
    }

    /// Where the traffic of everything that serves leaves.
    pub(in crate::graph) fn egress(&mut self, serving: &Known<Serving<'a>>) -> Egress {
        let serving = match serving {
            Known::Known(serving) => serving,
            Known::Unknown(gap) => {
                let paths = [lost("service", gap)];
                return Self::collect(paths.into(), Vec::new(), Known::Unknown(gap.clone()));
            }
        };
        let mut paths = Vec::new();
        let mut bypasses = Vec::new();
        let mut skipped = Known::Known(None);
        // Shares that leave the same way are one.
        let mut groups: Vec<(Vec<&Share<'a>>, &str)> = Vec::new();
        for &region in &serving.regions {
            for share in &serving.shares {
                let same =
                    groups.iter_mut().find(|(shares, own)| *own == region && shares.iter().any(|it| alike(it, share)));
                match same {
                    Some((shares, _)) => shares.push(share),
                    None => groups.push((vec![share], region)),
                }
            }
        }
        let several = groups.len() > 1;
        for (shares, region) in groups {
            let Some(share) = shares.first() else { continue };
            let walked = self.walk(serving.place, region, share);
            if several {
                let label = label(&shares, region, serving.regions.len() > 1);
                paths.push(walked.paths.iter().map(|path| named(path, &label)).collect());
            } else {
                paths.push(walked.paths);
            }
            bypasses.extend(walked.bypasses);
            skipped = match (skipped, self.skipped(serving.place, region, share)) {
                (Known::Known(Some(nat)), _) | (_, Known::Known(Some(nat))) => Known::Known(Some(nat)),
                (Known::Unknown(gap), _) | (_, Known::Unknown(gap)) => Known::Unknown(gap),
                (Known::Known(None), Known::Known(None)) => Known::Known(None),
            };
        }
        let paths = match paths.as_slice() {
            [one] => Arc::clone(one),
            several => several.concat().into(),
        };
        Self::collect(paths, bypasses, skipped)
    }

    fn collect(paths: Arc<[Path]>, mut bypasses: Vec<Bypass>, skipped_nat: Known<Option<String>>) -> Egress {
        bypasses.sort();
        bypasses.dedup();
        Egress { verdict: verdict(&paths), paths, bypasses, bypass_gap: None, skipped_nat }
    }

    fn walk(&mut self, place: &'a Place, region: &'a str, share: &Share<'a>) -> Walked {
        let unit = match &share.unit {
            Known::Known(unit) => *unit,
            Known::Unknown(gap) => return Walked::one(lost("revision", gap)),
        };
        if unit.mesh {
            let gap = Gap::new("what a service mesh does with its traffic", GapReason::Unsupported);
            return Walked::one(lost("mesh", &gap));
        }
        let attachment = match &unit.attachment {
            Known::Known(attachment) => attachment,
            Known::Unknown(gap) => return Walked::one(lost("vpc", gap)),
        };
        let mode = match (attachment, &unit.mode) {
            (VpcAttachment::None, _) => return self.past(None),
            (_, Known::Unknown(gap)) => return Walked::one(lost("vpc", gap)),
            (_, Known::Known(mode)) => *mode,
        };
        if mode == Mode::PrivateRanges && !self.is_of_private_ranges() {
            return self.past(Some(attachment));
        }
        let start = (place, region, attachment);
        if let Some(walked) = self.done.get(&start) {
            return walked.clone();
        }
        let walked = self.attached(place, region, attachment);
        self.done.insert(start, walked.clone());
        walked
    }

    /// Whether the traffic goes into the network where a workload sends private ranges only.
    fn is_of_private_ranges(&self) -> bool {
        match self.traffic {
            Traffic::Internet => false,
            Traffic::Private => true,
            Traffic::To(to) => google_ranges().private_ranges_only.iter().any(|net| net.contains(&to.ip)),
        }
    }

    /// The path past the network.
    fn past(&self, attachment: Option<&VpcAttachment>) -> Walked {
        let private = self.traffic.is_private();
        let inside = self.traffic.destination().filter(|to| is_google(to.ip));
        let end = match inside {
            Some(_) => Some(End::Inside { place: "Google's own network".into() }),
            None if private => {
                let because = "the platform has no way to private addresses".into();
                Some(End::Nowhere { stop: Stop::NoRoute, because })
            }
            None => None,
        };
        let path = platform(attachment);
        let path = match end {
            Some(end) => Path { end, ..path },
            None => path,
        };
        Walked::one(path)
    }

    /// A NAT with reserved addresses that traffic past the network does not meet.
    fn skipped(&self, place: &Place, region: &str, share: &Share<'a>) -> Known<Option<String>> {
        let Known::Known(unit) = &share.unit else { return Known::Known(None) };
        let attachment = match (&unit.attachment, &unit.mode) {
            (Known::Known(VpcAttachment::None), _) | (_, Known::Known(Mode::All)) => return Known::Known(None),
            (Known::Unknown(gap), _) | (_, Known::Unknown(gap)) => return Known::Unknown(gap.clone()),
            (Known::Known(attachment), Known::Known(Mode::PrivateRanges)) => attachment,
        };
        let standing = match stand(self.google, place, region, attachment, &mut Vec::new()) {
            Ok(standing) => standing,
            Err(Lost::Stopped(..)) => return Known::Known(None),
            Err(Lost::Unread(gap)) => return Known::Unknown(gap),
        };
        match nat::of(self.google, &standing) {
            Known::Known(Some((_, nat))) if nat.addresses_gap.is_some() => {
                nat.addresses_gap.clone().map_or(Known::Known(None), Known::Unknown)
            }
            found => found.map(|found| {
                let kept = found.filter(|(_, nat)| !nat.addresses.is_empty());
                kept.map(|(router, nat)| nat::name_of(router, nat))
            }),
        }
    }

    fn attached(&self, place: &Place, region: &str, attachment: &VpcAttachment) -> Walked {
        let mut hops = Vec::new();
        let from = match attachment {
            VpcAttachment::Connector(name) => last(name).to_owned(),
            VpcAttachment::Direct { network, subnetwork, .. } => {
                last(subnetwork.as_deref().or(network.as_deref()).unwrap_or("subnet")).to_owned()
            }
            VpcAttachment::None => "platform".into(),
        };
        let ending =
            |hops: Vec<Hop>, end: End| path(&from, Family::V4, 0, Vec::new(), hops, end, Known::Known(Passage::Open));
        let ended = |hops, end| Walked::one(ending(hops, end));
        let standing = match stand(self.google, place, region, attachment, &mut hops) {
            Ok(standing) => standing,
            Err(Lost::Stopped(stop, because)) => return ended(hops, End::Nowhere { stop, because }),
            Err(Lost::Unread(gap)) => {
                // A subnet that was not read may have IPv6 as well; a connector has none.
                let six = matches!(attachment, VpcAttachment::Direct { .. }).then(|| Path {
                    id: format!("{from}/{}", Family::V6.as_str()),
                    family: Family::V6,
                    ..lost(&from, &gap)
                });
                let four = ending(hops, End::Unknown(gap));
                return Walked { paths: std::iter::once(four).chain(six).collect(), bypasses: Vec::new() };
            }
        };
        match firewall::cut_off(self.google, &standing) {
            Known::Known(None) => {}
            Known::Known(Some(because)) => {
                return ended(hops, End::Nowhere { stop: Stop::ConnectorBlocked, because });
            }
            Known::Unknown(gap) => return ended(hops, End::Unknown(gap)),
        }
        if self.traffic.destination().is_some_and(|to| is_google(to.ip)) {
            return ended(hops, End::Inside { place: "Google's own network".into() });
        }
        let all = self.traffic.nets(Family::V4);
        let destinations = google_ranges().inside.iter().fold(all, |rest, net| without(&rest, *net));
        let found = ways(self.google, &standing, &destinations, self.traffic);
        let several = found.len() > 1;
        let v4 = found
            .into_iter()
            .enumerate()
            .map(|(index, way)| self.follow(&standing, &from, Family::V4, index, several, &hops, way));
        let mut paths: Vec<Path> = v4.collect();
        paths.extend(self.over_ipv6(&standing, &from, &hops));
        if paths.is_empty() && self.traffic.destination().is_some() {
            let because = format!("{} has no addresses of that family", standing.spoken());
            return ended(hops, End::Nowhere { stop: Stop::NoRoute, because });
        }
        Walked { paths: paths.into(), bypasses: bypasses(&standing) }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of the walk above, which has it all at hand")]
    fn follow(
        &self,
        standing: &Standing<'a>,
        from: &str,
        family: Family,
        index: usize,
        several: bool,
        hops: &[Hop],
        way: Way<'a>,
    ) -> Path {
        let mut hops = hops.to_vec();
        let end = self.end(standing, family, &way, &mut hops);
        let passage = match &end {
            // What is let out to whole private networks is not one answer.
            End::Inside { .. } if self.traffic.destination().is_none() => Known::Known(Passage::Open),
            End::Internet(_) | End::Inside { .. } => {
                firewall::passage(self.google, standing, &way.nets, self.traffic.wanted())
            }
            End::Nowhere { .. } | End::Elsewhere { .. } | End::Unknown(_) => Known::Known(Passage::Open),
        };
        path(from, family, index, if several { way.nets } else { Vec::new() }, hops, end, passage)
    }

    fn end(&self, standing: &Standing<'a>, family: Family, way: &Way<'a>, hops: &mut Vec<Hop>) -> End {
        let network = last(&standing.network.name);
        let route = match &way.by {
            By::Unknown(gap) => return End::Unknown(gap.clone()),
            By::None => {
                let meant = match self.traffic {
                    Traffic::Internet => "the internet",
                    Traffic::Private => "these private ranges",
                    Traffic::To(_) => "it",
                };
                let because = format!("network {network} has no route to {meant} for {}", standing.spoken());
                return End::Nowhere { stop: Stop::NoRoute, because };
            }
            By::Policy(route, ip) => {
                let through = format!("internal load balancer {ip}");
                let gap = Gap::new(format!("what lies beyond {through}"), GapReason::Unsupported);
                hops.push(hop("route", last(&route.name), "policy-based", &format!("to {through}"), network));
                return End::Elsewhere { through, gap };
            }
            By::Route(route) => *route,
        };
        hops.push(hop("route", last(&route.name), &written(route), "", network));
        if let Some(warning) = &route.warning {
            let because = format!("route {}: its next hop cannot be used ({warning})", last(&route.name));
            return End::Nowhere { stop: Stop::NextHop, because };
        }
        let through = match &route.hop {
            NextHop::Internet if self.traffic.is_private() => {
                let because =
                    format!("route {} leads to the internet, which knows no private addresses", last(&route.name));
                return End::Nowhere { stop: Stop::NotPublic, because };
            }
            NextHop::Internet if family == Family::V6 => return End::Internet(prefix(standing)),
            NextHop::Internet => return nat::end(self.google, standing, hops),
            NextHop::Network if self.traffic != Traffic::Internet => {
                return End::Inside { place: format!("network {network}, {}", route.net) };
            }
            NextHop::Network => "the network itself".to_owned(),
            NextHop::Peer(peering) => format!("peering {peering}"),
            NextHop::Other { kind, name } => format!("{kind} {}", last(name)),
        };
        let gap = Gap::new(format!("what lies beyond {through}"), GapReason::Unsupported);
        End::Elsewhere { through, gap }
    }

    /// The paths over IPv6: only an interface in a subnet with public IPv6 addresses has any, and only where a route is.
    fn over_ipv6(&self, standing: &Standing<'a>, from: &str, hops: &[Hop]) -> Vec<Path> {
        let subnet = standing.subnet.filter(|subnet| subnet.external_ipv6.is_some() && standing.connector.is_none());
        if subnet.is_none() {
            return Vec::new();
        }
        let found = ways(self.google, standing, &self.traffic.nets(Family::V6), self.traffic);
        let led: Vec<_> = found.into_iter().filter(|way| !matches!(way.by, By::None)).collect();
        let several = led.len() > 1;
        let paths = led
            .into_iter()
            .enumerate()
            .map(|(index, way)| self.follow(standing, from, Family::V6, index, several, hops, way));
        paths.collect()
    }
}

/// Whether an address looks public and never leaves Google's network.
fn is_google(ip: std::net::IpAddr) -> bool {
    google_ranges().inside.iter().any(|net| net.contains(&ip))
}

/// Whether two shares leave the same way.
fn alike(a: &Share<'_>, b: &Share<'_>) -> bool {
    match (&a.unit, &b.unit) {
        (Known::Known(a), Known::Known(b)) => a.attachment == b.attachment && a.mode == b.mode && a.mesh == b.mesh,
        _ => false,
    }
}

/// What some revisions are called where others leave differently.
fn label(shares: &[&Share<'_>], region: &str, regions: bool) -> String {
    let one = |share: &&Share<'_>| {
        let name = share.revision.unwrap_or("latest");
        match (share.percent, share.tag) {
            (Some(0), Some(tag)) => format!("{name} (tag {tag}, 0 %)"),
            (Some(percent), _) => format!("{name} ({percent} %)"),
            (None, _) => name.to_owned(),
        }
    };
    let names = shares.iter().map(one).collect::<Vec<_>>().join(", ");
    if regions { format!("{names} in {region}") } else { names }
}

fn named(path: &Path, label: &str) -> Path {
    Path { id: format!("{label}/{}", path.id), from: format!("{label} by {}", path.from), ..path.clone() }
}

fn hop(kind: &'static str, id: &str, about: &str, decision: &str, because: &str) -> Hop {
    Hop { kind, id: id.into(), about: about.into(), decision: decision.into(), because: because.into() }
}

fn path(
    from: &str,
    family: Family,
    index: usize,
    destinations: Vec<IpNet>,
    hops: Vec<Hop>,
    end: End,
    passage: Known<Passage>,
) -> Path {
    let ordinal = if index == 0 { String::new() } else { format!("#{}", index + 1) };
    Path {
        id: format!("{from}/{}{ordinal}", family.as_str()),
        family,
        from: from.to_owned(),
        zone: None,
        destinations,
        hops,
        end,
        passage,
        transit_gateways: Vec::new(),
        inspected_by: Vec::new(),
        appliance_mode: false,
    }
}

/// The path of what was not read.
fn lost(from: &str, gap: &Gap) -> Path {
    path(from, Family::V4, 0, Vec::new(), Vec::new(), End::Unknown(gap.clone()), Known::Unknown(gap.clone()))
}

/// The path that never enters a network, or that leaves it to private ranges.
fn platform(attachment: Option<&VpcAttachment>) -> Path {
    let by = |kind: &'static str, id: &str| {
        hop(kind, id, "private ranges only", "traffic for the internet leaves past the VPC", "PRIVATE_RANGES_ONLY")
    };
    let hops = match attachment {
        Some(VpcAttachment::Connector(name)) => vec![by("connector", last(name))],
        Some(VpcAttachment::Direct { network, subnetwork, .. }) => {
            vec![by("subnet", last(subnetwork.as_deref().or(network.as_deref()).unwrap_or("subnet")))]
        }
        Some(VpcAttachment::None) | None => Vec::new(),
    };
    let exit = Exit {
        kind: ExitKind::Platform,
        id: None,
        zone: None,
        automatic: Known::Known(true),
        addresses: Vec::new(),
        addresses_gap: None,
    };
    Path {
        id: "platform".into(),
        family: Family::V4,
        from: "platform".into(),
        zone: None,
        destinations: Vec::new(),
        hops,
        end: End::Internet(exit),
        passage: Known::Known(Passage::Open),
        transit_gateways: Vec::new(),
        inspected_by: Vec::new(),
        appliance_mode: false,
    }
}

/// The exit over IPv6: the subnet's own prefix, without translation.
fn prefix(standing: &Standing<'_>) -> Exit {
    let prefixes = standing.subnet.and_then(|subnet| subnet.external_ipv6).into_iter();
    let address = |net: IpNet| ExitAddress {
        ip: net.to_string(),
        reserved: Known::Known(true),
        source: "subnet-prefix",
        draining: false,
    };
    Exit {
        kind: ExitKind::InternetGateway,
        id: Some("default-internet-gateway".into()),
        zone: None,
        automatic: Known::Known(false),
        addresses: prefixes.map(address).collect(),
        addresses_gap: None,
    }
}

/// Google's own APIs are reached from inside, where the subnet has it so.
fn bypasses(standing: &Standing<'_>) -> Vec<Bypass> {
    let subnet = standing.subnet.filter(|subnet| subnet.private_google_access);
    let bypass = |name: &str| Bypass {
        service: "*.googleapis.com".into(),
        endpoint: last(name).to_owned(),
        kind: "private-google-access",
    };
    subnet.into_iter().map(|subnet| bypass(&subnet.name)).collect()
}
