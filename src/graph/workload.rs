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
    running::{Running, running},
};
use crate::{
    evidence::{Gap, Known},
    knowledge,
    model::{Attachment, Aws, Configuration, Credential, Function, Inventory, UntrustedCode},
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
    /// What is done with code of it that nobody trusted signed; none where nobody looks, and nothing to look at where the
    /// platform signs nothing of its kind.
    pub code_signing: Option<Known<Option<UntrustedCode>>>,
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

/// How many workloads are resolved one after another at least, while others are resolved beside them: neighbours have
/// networks and accounts in common, and what is found out of those is found out once.
const TOGETHER: usize = 128;
/// And at most, since what is found out is remembered.
const MOST_TOGETHER: usize = 1024;

/// Something to resolve.
enum Subject<'a> {
    Function(&'a ScopeId, &'a Function, &'a Configuration),
    Running(&'a ScopeId, Box<Running<'a>>),
    Google(google::Thing<'a>),
}

impl Subject<'_> {
    /// Where workloads stand among each other: by scope, name and id.
    fn order(&self) -> (ScopeId, String, String) {
        match self {
            Self::Function(scope, function, at) => {
                ((*scope).clone(), qualified(&function.name, at), qualified(&function.arn, at))
            }
            Self::Running(scope, it) => ((*scope).clone(), it.name.clone(), it.id.clone()),
            Self::Google(thing) => (thing.scope(), thing.name().to_owned(), thing.id().to_owned()),
        }
    }
}

/// Every workload that serves.
pub(super) fn workloads(inventory: &Inventory, doors: &Doors, identities: &Identities) -> Vec<Workload> {
    let aws = &inventory.aws;
    let (around, roles) = (Around { aws, doors, identities }, Roles::of(aws));
    let access = google::Access::new(&inventory.google, inventory.taken_at);
    let functions = aws
        .functions
        .iter()
        .flat_map(|(scope, function)| serving(function).map(move |at| Subject::Function(scope, function, at)));
    let running = running(aws).map(|(scope, it)| Subject::Running(scope, Box::new(it)));
    let things = google::things(inventory).into_iter().map(Subject::Google);
    let mut subjects: Vec<Subject<'_>> = functions.chain(running).chain(things).collect();
    // Workloads are large: they are never moved from where they are made.
    subjects.par_sort_by_cached_key(Subject::order);
    let resolvers = || Resolvers {
        aws: Resolver::new(inventory, &around, &roles),
        google: google::Resolver::new(inventory, &access),
    };
    let subjects = subjects.into_par_iter().with_min_len(TOGETHER).with_max_len(MOST_TOGETHER);
    subjects.map_init(resolvers, Resolvers::workload).collect()
}

/// What was found out before, in both clouds.
struct Resolvers<'a> {
    aws: Resolver<'a>,
    google: google::Resolver<'a>,
}

impl<'a> Resolvers<'a> {
    fn workload(&mut self, subject: Subject<'a>) -> Workload {
        match subject {
            Subject::Function(scope, function, at) => self.aws.function(scope, function, at),
            Subject::Running(scope, it) => self.aws.running(scope, *it),
            Subject::Google(thing) => self.google.workload(&thing),
        }
    }
}

/// What was found out before of the networks that workloads of AWS are in.
struct Resolver<'a> {
    aws: &'a Aws,
    around: &'a Around<'a>,
    roles: &'a Roles,
    today: Date,
    walker: Walker<'a>,
    networks: BTreeMap<Attached<'a>, Network>,
}

/// Where something is, and how it came there.
type Attached<'a> = (&'a ScopeId, Result<&'a Option<Attachment>, Gap>, Option<&'a str>, Option<&'a str>);

impl<'a> Resolver<'a> {
    fn new(inventory: &'a Inventory, around: &'a Around<'a>, roles: &'a Roles) -> Self {
        let today = inventory.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let aws = &inventory.aws;
        Self { aws, around, roles, today, walker: Walker::new(aws), networks: BTreeMap::new() }
    }

    fn function(&mut self, scope: &'a ScopeId, function: &'a Function, at: &'a Configuration) -> Workload {
        let it = Running {
            id: qualified(&function.arn, at),
            name: qualified(&function.name, at),
            kind: "lambda-function",
            at,
            invoke: invoke(self.around, scope, function, at),
        };
        let role = self.roles.of_function(self.around, scope, function, at);
        // Lambda checks the signatures of packages, and not of images.
        let code_signing = (!at.image).then(|| function.code_signing.clone());
        let keys = keys::needs(self.aws, scope, function, at);
        Workload { code_signing, ..self.workload(scope, function.labels.as_ref(), it, keys, role) }
    }

    fn running(&mut self, scope: &'a ScopeId, it: Running<'a>) -> Workload {
        let role = self.roles.of_running(self.around, scope, &it.name, it.at);
        let keys = keys::needs_of(self.aws, scope, it.at);
        self.workload(scope, Known::Known(&BTreeMap::new()), it, keys, role)
    }

    fn workload(
        &mut self,
        scope: &'a ScopeId,
        labels: Known<&BTreeMap<String, String>>,
        it: Running<'a>,
        (keys, keys_gap): (Vec<KeyNeed>, Option<Gap>),
        role: Role,
    ) -> Workload {
        let (aws, today, at) = (self.aws, self.today, it.at);
        let attachment = at.attachment.as_ref().into_result();
        let place = (scope, attachment, at.capacity_provider.as_deref(), at.connector.as_deref());
        let network = self.networks.entry(place).or_insert_with(|| network(aws, scope, at));
        Workload {
            id: it.id,
            name: it.name,
            kind: it.kind,
            scope: scope.clone(),
            version: at.version.clone(),
            runtime: at.runtime.clone().map(|id| id.map(|id| Runtime { listed: knowledge::runtime(&id), id, today })),
            network: network.clone(),
            egress: self.walker.egress(scope, at),
            invoke: it.invoke,
            keys,
            keys_gap,
            credentials: at.credentials.clone(),
            code_signing: None,
            intent: Intent::of(labels, network),
            changed: None,
            aws: Some(Box::new(role)),
            google: None,
        }
    }
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
    let function = all.into_iter().find(|(_, function, at)| qualified(&function.arn, at) == id);
    let other = || running(aws).find(|(_, it)| it.id == id).map(|(scope, it)| (scope, it.at));
    function.map(|(scope, _, at)| (scope, at)).or_else(other)
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
