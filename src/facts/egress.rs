//! The facts about where traffic leaves.

use std::collections::BTreeSet;

use super::{List, Node};
use crate::{
    evidence::{Gap, Known},
    graph::{
        Changed, Workload,
        egress::{End, Exit, ExitKind, Family, Passage, Path},
    },
    snapshot::unknown::gap_of_name,
};

pub(super) fn egress(workload: &Workload) -> Node {
    let paths = &workload.egress.paths;
    Node::map([
        ("verdict", workload.egress.verdict.as_str().into()),
        ("paths", Node::list(paths.iter().map(path))),
        ("broken_at", broken_at(paths)),
        ("summary", summary(paths).into()),
        ("nat_zone_count", nat_zone_count(paths)),
        ("through_zonal_nat_only", through_zonal_nat_only(paths).into()),
        ("unlimited", unlimited(paths).into()),
        (
            "skipped_nat",
            workload.egress.skipped_nat.clone().map(|nat| Node::optional_text(nat.as_deref().map(short))).into(),
        ),
        ("changed_addresses", workload.changed.as_ref().map_or(Node::Null, changed)),
    ])
}

/// What a lock file says otherwise: `+` before what is new, `-` before what is gone.
fn changed(changed: &Changed) -> Node {
    let signed = |sign: char| move |address: &String| Node::text(format!("{sign}{address}"));
    let items = changed.added.iter().map(signed('+')).chain(changed.removed.iter().map(signed('-')));
    // One difference is enough, whatever else there may be.
    let incomplete = changed.incomplete.clone().filter(|_| changed.is_empty());
    Node::List(List { items: items.collect(), incomplete })
}

fn path(path: &Path) -> Node {
    let to = path.leads_to_internet().map(|leads| if leads { "internet" } else { "nowhere" });
    let passage = |of: fn(&Passage) -> bool| match &path.passage {
        Known::Known(passage) => Node::Bool(of(passage)),
        Known::Unknown(gap) => Node::Unknown(gap.clone()),
    };
    let exit = match &path.end {
        End::Internet(found) => exit(found),
        End::Nowhere { .. } | End::Inside { .. } => no_exit(),
        End::Unknown(gap) | End::Elsewhere { gap, .. } => Node::Unknown(gap.clone()),
    };
    let zone = match (&path.zone, &path.end) {
        (Some(zone), _) => named(zone),
        (None, End::Unknown(gap) | End::Elsewhere { gap, .. }) => Node::Unknown(gap.clone()),
        (None, End::Internet(_) | End::Inside { .. } | End::Nowhere { .. }) => Node::Null,
    };
    Node::map([
        ("id", path.id.as_str().into()),
        ("family", path.family.as_str().into()),
        ("from", path.from.as_str().into()),
        ("zone", zone),
        ("to", to.into()),
        ("destinations", destinations(path).into()),
        ("open", passage(|passage| !matches!(passage, Passage::Closed(..)))),
        ("degraded", passage(|passage| matches!(passage, Passage::Degraded(..)))),
        ("reaches_internet", path.reaches_internet().into()),
        ("stop", path.stop().map(|stop| stop.map(|(stop, _)| stop.as_str())).into()),
        ("because", because(path)),
        ("exit", exit),
        ("transit_gateways", on_the_way(path, &path.transit_gateways)),
        ("inspected_by", on_the_way(path, &path.inspected_by)),
        (
            "appliance_mode",
            match &path.end {
                End::Unknown(gap) | End::Elsewhere { gap, .. } => Node::Unknown(gap.clone()),
                End::Internet(_) | End::Inside { .. } | End::Nowhere { .. } => path.appliance_mode.into(),
            },
        ),
    ])
}

/// A name that may hold what nobody knows yet.
fn named(name: &str) -> Node {
    gap_of_name(name).map_or_else(|| name.into(), Node::Unknown)
}

/// What a path goes through; there may be more of it behind where it was followed to.
fn on_the_way(path: &Path, ids: &[String]) -> Node {
    let incomplete = match &path.end {
        End::Unknown(gap) | End::Elsewhere { gap, .. } => Some(gap.clone()),
        End::Internet(_) | End::Inside { .. } | End::Nowhere { .. } => None,
    };
    let items = ids.iter().map(|id| Node::map([("id", id.as_str().into())])).collect();
    Node::List(List { items, incomplete })
}

/// Which destinations take a path, in words.
fn destinations(path: &Path) -> String {
    match path.destinations.as_slice() {
        [] => "all of the internet".into(),
        few if few.len() <= 4 => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        many => format!(
            "{} ranges, {} among them",
            many.len(),
            many.iter().min().map_or_else(String::new, ToString::to_string)
        ),
    }
}

fn because(path: &Path) -> Node {
    match path.stop() {
        Known::Known(Some((_, because))) => because.into(),
        Known::Unknown(gap) => Node::Unknown(gap),
        Known::Known(None) => match path.hops.last() {
            Some(hop) => format!("{} → {}", hop.id, hop.decision).into(),
            None => "it leaves from the platform's shared pool".into(),
        },
    }
}

fn exit(exit: &Exit) -> Node {
    let addresses = exit.addresses.iter().map(|address| {
        Node::map([
            ("ip", address.ip.as_str().into()),
            ("reserved", address.reserved.clone().into()),
            ("draining", address.draining.into()),
        ])
    });
    Node::map([
        ("kind", exit.kind.as_str().into()),
        ("id", Node::optional_text(exit.id.as_deref())),
        ("zone", exit.zone.as_deref().map_or(Node::Null, named)),
        ("zonal", zonal(exit).into()),
        ("automatic", exit.automatic.clone().into()),
        ("verified", (exit.kind != ExitKind::Instance).into()),
        ("addresses", Node::list(addresses)),
    ])
}

fn no_exit() -> Node {
    Node::map([
        ("kind", "none".into()),
        ("id", Node::Null),
        ("zone", Node::Null),
        ("zonal", false.into()),
        ("automatic", false.into()),
        ("verified", true.into()),
        ("addresses", Node::List(List::default())),
    ])
}

fn zonal(exit: &Exit) -> bool {
    exit.zone.is_some() && matches!(exit.kind, ExitKind::Nat | ExitKind::Instance)
}

fn broken_at(paths: &[Path]) -> Node {
    let mut unknown = None;
    for path in paths.iter().filter(|path| path.family == Family::V4) {
        match path.stop() {
            Known::Known(Some((_, because))) => return because.into(),
            Known::Known(None) => {}
            Known::Unknown(gap) => unknown = unknown.or(Some(gap)),
        }
    }
    unknown.map_or(Node::Null, Node::Unknown)
}

/// The part of a name that people say: its last one.
fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// How the paths end, one after the other.
fn summary(paths: &[Path]) -> String {
    let one = |path: &Path| {
        let end = match (path.stop(), path.exit()) {
            (Known::Unknown(gap), _) => format!("not known ({})", gap.what),
            (Known::Known(Some((stop, _))), _) => format!("nowhere ({stop})"),
            (Known::Known(None), Some(exit)) => match &exit.id {
                Some(id) => format!("the internet by {}", short(id)),
                None if exit.kind == ExitKind::Interface => "the internet from addresses of its instances".into(),
                None => "the internet from the platform's pool".into(),
            },
            (Known::Known(None), None) => "nowhere".into(),
        };
        format!("{} to {end}", path.from)
    };
    let paths = paths.iter().filter(|path| path.family == Family::V4).map(one);
    paths.collect::<Vec<_>>().join("; ")
}

fn exits(paths: &[Path]) -> (Vec<&Exit>, Option<Gap>) {
    let mut exits = Vec::new();
    let mut unknown = None;
    for path in paths.iter().filter(|path| path.family == Family::V4) {
        match &path.end {
            End::Internet(exit) => exits.push(exit),
            End::Nowhere { .. } | End::Inside { .. } => {}
            End::Unknown(gap) | End::Elsewhere { gap, .. } => unknown = unknown.or_else(|| Some(gap.clone())),
        }
    }
    (exits, unknown)
}

fn nat_zone_count(paths: &[Path]) -> Node {
    let (exits, unknown) = exits(paths);
    let zones: BTreeSet<_> =
        exits.into_iter().filter(|exit| zonal(exit)).filter_map(|exit| exit.zone.as_deref()).collect();
    // Of several whose names are not known, some may be the same.
    let unnamed = zones.iter().find_map(|zone| gap_of_name(zone)).filter(|_| zones.len() > 1);
    let unknown = unknown.or(unnamed);
    unknown.map_or_else(|| i64::try_from(zones.len()).unwrap_or(i64::MAX).into(), Node::Unknown)
}

fn through_zonal_nat_only(paths: &[Path]) -> Known<bool> {
    let (exits, unknown) = exits(paths);
    let all = exits.iter().all(|exit| exit.kind == ExitKind::Nat && zonal(exit));
    match unknown {
        _ if !all => Known::Known(false),
        Some(gap) => Known::Unknown(gap),
        None => Known::Known(!exits.is_empty()),
    }
}

/// Whether traffic on some path may go anywhere: the platform limits nothing.
fn unlimited(paths: &[Path]) -> Known<bool> {
    paths.iter().fold(Known::Known(false), |sum, path| {
        let open = match (&path.end, &path.passage) {
            (End::Nowhere { .. } | End::Inside { .. }, _) => Known::Known(false),
            (End::Unknown(gap) | End::Elsewhere { gap, .. }, _) | (End::Internet(_), Known::Unknown(gap)) => {
                Known::Unknown(gap.clone())
            }
            (End::Internet(_), Known::Known(passage)) => Known::Known(matches!(passage, Passage::Open)),
        };
        sum.or(open)
    })
}
