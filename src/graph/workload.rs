//! Workloads: a function at each of the versions that serve.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    egress::{Egress, Walker},
    invoke::{Invoke, invoke},
    keys::{self, KeyNeed},
    network::{Network, network},
};
use crate::{
    evidence::{Gap, Known},
    knowledge,
    model::{Configuration, Credential, Function, Inventory},
    snapshot::ScopeId,
};

/// A function at one version, with everything that was resolved about it.
#[derive(Debug)]
pub struct Workload {
    /// The ARN: unqualified for `$LATEST`, qualified for a published version.
    pub id: String,
    /// The name: `orders`, or `orders:3` for a published version.
    pub name: String,
    /// What kind of workload it is.
    pub kind: &'static str,
    /// Where it lives.
    pub scope: ScopeId,
    /// `$LATEST` or a number.
    pub version: String,
    /// The runtime; none for a container image.
    pub runtime: Option<Runtime>,
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

/// Every workload that serves.
pub(super) fn workloads(inventory: &Inventory) -> Vec<Workload> {
    let aws = &inventory.aws;
    let today = inventory.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut walker = Walker::new(aws);
    let mut networks = BTreeMap::new();
    let mut workloads = Vec::new();
    for (scope, function) in aws.functions.iter() {
        let versions = function.versions.iter().filter(|version| may_serve(function, version));
        for at in std::iter::once(&function.latest).chain(versions) {
            let latest = at.version == "$LATEST";
            let network = networks.entry((scope, at.attachment.as_ref())).or_insert_with(|| network(aws, scope, at));
            let (keys, keys_gap) = keys::needs(aws, scope, function, at);
            workloads.push(Workload {
                id: if latest { function.arn.clone() } else { format!("{}:{}", function.arn, at.version) },
                name: if latest { function.name.clone() } else { format!("{}:{}", function.name, at.version) },
                kind: "lambda-function",
                scope: scope.clone(),
                version: at.version.clone(),
                runtime: at.runtime.as_ref().map(|id| Runtime {
                    id: id.clone(),
                    listed: knowledge::runtime(id),
                    today,
                }),
                network: network.clone(),
                egress: walker.egress(scope, at),
                invoke: invoke(function, at),
                keys,
                keys_gap,
                credentials: at.credentials.clone(),
            });
        }
    }
    workloads.sort_by(|a, b| (&a.scope, &a.name, &a.id).cmp(&(&b.scope, &b.name, &b.id)));
    workloads
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
