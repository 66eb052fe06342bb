//! One verdict over all paths of a workload.

use std::{collections::BTreeSet, fmt};

use super::{End, ExitKind, Family, Passage, Path};
use crate::evidence::Known;

/// From where a workload reaches the internet, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// From reserved addresses only.
    Static,
    /// From reserved addresses, to which the provider may add others.
    StaticMutable,
    /// From addresses that a NAT takes by itself.
    Unstable,
    /// From the platform's shared pool, or an address that nobody keeps.
    Ephemeral,
    /// Not at all.
    None,
    /// From reserved addresses, to some destinations only.
    Restricted,
    /// Differently from path to path.
    Mixed,
    /// Through another network's exit: from its reserved addresses, where that was read.
    Centralised,
    /// It cannot be said.
    Unknown,
}

impl Verdict {
    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::StaticMutable => "static-mutable",
            Self::Unstable => "unstable",
            Self::Ephemeral => "ephemeral",
            Self::None => "none",
            Self::Restricted => "restricted",
            Self::Mixed => "mixed",
            Self::Centralised => "centralised",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verdict over paths: over those of IPv4, since the ones of IPv6 stand beside them.
///
/// Routes decide from where traffic leaves, filters whether it does. Where only a filter could not be read, the
/// verdict still says from where, and the gap of the filter stands beside it: no rule passes for it.
pub fn verdict(paths: &[Path]) -> Verdict {
    let of: BTreeSet<Verdict> = paths.iter().filter(|path| path.family == Family::V4).map(one).collect();
    let mut known = of.iter().copied().filter(|verdict| *verdict != Verdict::Unknown);
    match (known.next(), known.next()) {
        (None, _) => Verdict::Unknown,
        // One path ends so, and how another ends is not known: together they may be anything.
        (Some(_), None) if of.contains(&Verdict::Unknown) => Verdict::Unknown,
        (Some(only), None) => only,
        (Some(Verdict::Static), Some(Verdict::StaticMutable)) if of.len() == 2 => Verdict::StaticMutable,
        (Some(Verdict::Static), Some(Verdict::Restricted)) if of.len() == 2 => Verdict::Restricted,
        // Two that differ stay different, whatever else there is.
        (Some(_), Some(_)) => Verdict::Mixed,
    }
}

fn one(path: &Path) -> Verdict {
    let exit = match &path.end {
        End::Unknown(_) => return Verdict::Unknown,
        End::Elsewhere { .. } => return Verdict::Centralised,
        End::Nowhere { .. } | End::Inside { .. } => return Verdict::None,
        End::Internet(exit) => exit,
    };
    if matches!(path.passage, Known::Known(Passage::Closed(..))) {
        return Verdict::None;
    }
    let reserved = exit.addresses.iter().all(|address| address.reserved == Known::Known(true));
    let lent = exit.addresses.iter().any(|address| address.reserved == Known::Known(false));
    match (exit.kind, &exit.automatic) {
        (ExitKind::Platform | ExitKind::Interface, _) => Verdict::Ephemeral,
        (ExitKind::EgressOnlyGateway | ExitKind::InternetGateway, _) => Verdict::Static,
        (ExitKind::Nat, Known::Known(true)) if lent || exit.addresses.is_empty() => Verdict::Unstable,
        (ExitKind::Nat, Known::Known(true)) => Verdict::StaticMutable,
        (ExitKind::Nat | ExitKind::Instance, Known::Known(_)) if lent => Verdict::Ephemeral,
        (ExitKind::Nat | ExitKind::Instance, Known::Known(_)) if reserved && !exit.addresses.is_empty() => {
            match path.passage {
                Known::Known(Passage::Limited(_)) => Verdict::Restricted,
                _ if !path.transit_gateways.is_empty() => Verdict::Centralised,
                _ => Verdict::Static,
            }
        }
        (ExitKind::Nat | ExitKind::Instance, _) => Verdict::Unknown,
    }
}
