//! Workloads: whatever serves, with everything that was resolved about it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;

use super::{
    doors::Doors,
    egress::{Egress, Walker},
    google::{self, Side},
    identity::Identities,
    intent::Intent,
    invoke::{Around, Invoke, invoke},
    keys::{self, KeyNeed},
    lock::Changed,
    network::{Network, network},
    role::{Role, Roles},
};
use crate::{
    evidence::{Gap, Known},
    knowledge,
    model::{Aws, Configuration, Credential, Function, Inventory},
    snapshot::ScopeId,
};

/// Something that serves, with everything that was resolved about it.
#[derive(Debug)]
pub struct Workload {
    /// The provider's full name: for a Lambda function its ARN, unqualified for `$LATEST`, qualified for a published version.
    pub id: String,
    /// The name: `orders`, or `orders:3` for a published version.
    pub name: String,
    /// What kind of workload it is.
    pub kind: &'static str,
    /// Where it lives.
    pub scope: ScopeId,
    /// `$LATEST`, a number, or the revisions that serve.
    pub version: String,
    /// The runtime; none for a container image.
    pub runtime: Known<Option<Runtime>>,
    /// Where its traffic enters a network.
    pub network: Network,
    /// Where its traffic leaves.
    pub egress: Egress,
    /// Who may call it.
    pub invoke: Invoke,
    /// The customer-managed keys that it needs.
    pub keys: Vec<KeyNeed>,
    /// Why there may be others.
    pub keys_gap: Option<Gap>,
    /// The variables that looked like credentials.
    pub credentials: Known<Vec<Credential>>,
    /// What it is meant to be.
    pub intent: Intent,
    /// What differs from the addresses that partners were told; none where no lock file names it.
    pub changed: Option<Changed>,
    /// What is known of it because it is in AWS.
    pub aws: Option<Box<Role>>,
    /// What is known of it because it is in Google Cloud.
    pub google: Option<Box<Side>>,
}

/// A language runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// As the provider names it.
    pub id: String,
    /// What the table says; nothing where it does not list it.
    pub listed: Option<knowledge::Runtime>,
    /// The day on which it is judged.
    pub today: Date,
}

/// How many workloads are resolved one after another, while others are resolved beside them.
pub(super) const TOGETHER: usize = 128;

/// Every workload that serves.
pub(super) fn workloads(inventory: &Inventory, doors: &Doors, identities: &Identities) -> Vec<Workload> {
    let aws = &inventory.aws;
    let around = Around { aws, doors, identities };
    let roles = Roles::of(aws);
    let today = inventory.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let functions: Vec<_> = aws.functions.iter().collect();
    let of_some = |functions: &[(&ScopeId, &Function)]| {
        // Functions of one network come one after another, and what is found out of it is found out once.
        let mut walker = Walker::new(aws);
        let mut networks = BTreeMap::new();
        let mut workloads = Vec::new();
        let all =
            functions.iter().flat_map(|(scope, function)| serving(function).map(move |at| (*scope, *function, at)));
        for (scope, function, at) in all {
            let attachment = at.attachment.as_ref().into_result();
            let place = (scope, attachment, at.capacity_provider.as_deref());
            let network = networks.entry(place).or_insert_with(|| network(aws, scope, at));
            let (keys, keys_gap) = keys::needs(aws, scope, function, at);
            workloads.push(Workload {
                id: qualified(&function.arn, at),
                name: qualified(&function.name, at),
                kind: "lambda-function",
                scope: scope.clone(),
                version: at.version.clone(),
                runtime: at
                    .runtime
                    .clone()
                    .map(|id| id.map(|id| Runtime { listed: knowledge::runtime(&id), id, today })),
                network: network.clone(),
                egress: walker.egress(scope, at),
                invoke: invoke(&around, scope, function, at),
                keys,
                keys_gap,
                credentials: at.credentials.clone(),
                intent: Intent::of(function.labels.as_ref(), network),
                changed: None,
                aws: Some(Box::new(roles.of_function(&around, scope, function, at))),
                google: None,
            });
        }
        workloads
    };
    let mut workloads: Vec<Workload> = functions.par_chunks(TOGETHER).flat_map_iter(of_some).collect();
    workloads.extend(google::workloads(inventory));
    workloads.sort_by(|a, b| (&a.scope, &a.name, &a.id).cmp(&(&b.scope, &b.name, &b.id)));
    workloads
}

/// What serves of a function: what it is now, and versions that somebody may be led to.
fn serving(function: &Function) -> impl Iterator<Item = &Configuration> {
    let versions = function.versions.iter().filter(|version| may_serve(function, version));
    std::iter::once(&function.latest).chain(versions)
}

/// A name or an ARN, with its version where it is a published one.
fn qualified(name: &str, at: &Configuration) -> String {
    if at.version == "$LATEST" { name.to_owned() } else { format!("{name}:{}", at.version) }
}

/// The configuration behind the id of a workload, and where it is.
pub(super) fn configuration<'a>(aws: &'a Aws, id: &str) -> Option<(&'a ScopeId, &'a Configuration)> {
    let all = aws.functions.iter().flat_map(|(scope, function)| serving(function).map(move |at| (scope, function, at)));
    let (scope, _, at) = all.into_iter().find(|(_, function, at)| qualified(&function.arn, at) == id)?;
    Some((scope, at))
}

/// A published version is left out only where it is certain that nobody is led to it: no alias, and no policy of its own.
fn may_serve(function: &Function, at: &Configuration) -> bool {
    let aliased = match &function.aliases {
        Known::Known(aliases) => aliases.iter().any(|alias| alias.versions.contains(&at.version)),
        Known::Unknown(_) => true,
    };
    let policy = function.policies.get(&format!("{}:{}", function.arn, at.version));
    aliased || !matches!(policy, Some(Known::Known(None)))
}
