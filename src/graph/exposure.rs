//! How far a workload is open, in one word.

use super::{Workload, google::PrincipalKind};
use crate::{
    evidence::{Gap, Known},
    snapshot::unknown::same,
};

/// How far a workload is open: the widest circle that may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// Nobody.
    Nobody,
    /// Principals of its own project or account.
    Own,
    /// Principals of another project or account.
    Foreign,
    /// All of a domain or an organisation.
    Organisation,
    /// Any resource of a service of the cloud.
    AnyResourceOfService,
    /// Anyone with an account at the cloud.
    AnyCloudPrincipal,
    /// Anyone on the internet.
    AnonymousInternet,
    /// It cannot be said.
    Unknown,
}

impl Exposure {
    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Own => "own",
            Self::Foreign => "foreign",
            Self::Organisation => "organisation",
            Self::AnyResourceOfService => "any-resource-of-service",
            Self::AnyCloudPrincipal => "any-cloud-principal",
            Self::AnonymousInternet => "anonymous-internet",
            Self::Unknown => "unknown",
        }
    }
}

impl Workload {
    /// The widest circle that may call it. What was not read could only make it wider.
    pub fn exposure(&self) -> Exposure {
        if self.invoke.anonymous.is == Known::Known(true) {
            return Exposure::AnonymousInternet;
        }
        let gaps = self.invokers_gaps();
        // What identity policies of its own account allow makes it no wider than that account.
        let own_side = self.identities_gap();
        if gaps.iter().any(|gap| Some(gap) != own_side) {
            return Exposure::Unknown;
        }
        if self.invoke.any_principal.is == Known::Known(true) {
            return Exposure::AnyCloudPrincipal;
        }
        let services = self.invoke.services.iter().map(|grant| match grant.bound {
            Ok(false) => Exposure::AnyResourceOfService,
            Ok(true) | Err(_) => Exposure::Own,
        });
        let own = self.google.iter().flat_map(|side| &side.invokers.list).map(|invoker| {
            let foreign = invoker.project.as_ref().is_some_and(|project| *project != self.scope.account);
            match invoker.grant.principal.kind {
                PrincipalKind::Domain | PrincipalKind::Container | PrincipalKind::Pool => Exposure::Organisation,
                _ if foreign => Exposure::Foreign,
                _ => Exposure::Own,
            }
        });
        let named = self.invoke.invokers.iter().map(|invoker| match invoker.kind {
            "organization" => Exposure::Organisation,
            // Strangers, if few of them.
            "network" | "addresses" => Exposure::Foreign,
            _ if invoker.account.as_ref().is_some_and(|it| same(it, &self.scope.account) == Known::Known(false)) => {
                Exposure::Foreign
            }
            _ => Exposure::Own,
        });
        let least = if self.google.is_some() { Exposure::Nobody } else { Exposure::Own };
        services.chain(own).chain(named).max().unwrap_or(Exposure::Nobody).max(least)
    }

    /// Why there may be further callers.
    pub fn invokers_gaps(&self) -> Vec<Gap> {
        let answers = [&self.invoke.anonymous.is, &self.invoke.any_principal.is];
        let unknown = answers.into_iter().filter_map(|answer| match answer {
            Known::Unknown(gap) => Some(gap),
            Known::Known(_) => None,
        });
        let listed = self.google.iter().flat_map(|side| {
            let invokers = &side.invokers;
            let held = invokers.list.iter().filter_map(|invoker| match &invoker.grant.holds {
                Known::Unknown(gap) => Some(gap),
                Known::Known(_) => None,
            });
            let others = invokers.list.iter().filter_map(|invoker| invoker.impersonators_gap.as_ref());
            invokers.gap.iter().chain(held).chain(others)
        });
        let named = self.invoke.invokers.iter().filter_map(|invoker| match &invoker.holds {
            Known::Unknown(gap) => Some(gap),
            Known::Known(_) => None,
        });
        let services = self.invoke.services.iter().filter_map(|grant| grant.bound.as_ref().err());
        let all = unknown.chain(listed).chain(named).chain(services).chain(self.invoke.services_gap.as_ref());
        let mut gaps: Vec<Gap> = all.cloned().collect();
        gaps.extend(self.identities_gap().cloned());
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// Why nobody can say who of the own account may call by a policy of their own, on AWS.
    pub fn identities_gap(&self) -> Option<&Gap> {
        self.aws.as_ref().and_then(|own| own.identities_gap.as_ref())
    }
}
