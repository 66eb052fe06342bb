//! One account: which regions, each region's reading, and what is of no region.

use std::sync::Arc;

use aws_sdk_ec2::operation::describe_regions::DescribeRegionsOutput;
use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::JoinSet,
};

use super::{
    super::{CollectError, Options, journal::Journal},
    balancers::Balancers,
    caller::{Caller, refused},
    calls::{Calls, IN_FLIGHT_OVERALL, Pace},
    distributions::Distributions,
    failure::Failure,
    functions::Lambda,
    http_apis::HttpApis,
    identities::Identities,
    keys::Keys,
    ledger::Ledger,
    network::Network,
    reader::Reader,
    rest_apis::RestApis,
    running::Others,
    settings::{Settings, is_region},
};
use crate::{
    snapshot::{
        Scope, ScopeId, Snapshot,
        kinds::{self, organization::REGIONS},
    },
    source::runner::Event,
};

/// How many regions of an account are read at a time.
const REGIONS_AT_A_TIME: usize = 4;

/// What the readings of all accounts share.
#[derive(Clone)]
pub(super) struct Run {
    overall: Arc<Semaphore>,
    ears: UnboundedSender<Event>,
    /// Where what was read is written down.
    pub(super) journal: Option<Arc<Journal>>,
}

impl Run {
    /// A run whose calls are heard there.
    pub(super) fn new(ears: UnboundedSender<Event>, journal: Option<Arc<Journal>>) -> Self {
        Self { overall: Arc::new(Semaphore::new(IN_FLIGHT_OVERALL)), ears, journal }
    }

    /// Tells whoever listens.
    pub(super) fn tell(&self, event: Event) {
        // Nobody has to.
        let _ = self.ears.send(event);
    }

    /// A reader with a pace of its own.
    pub(super) fn reader(&self, ledger: &Arc<Ledger>, calls_a_second: u32, local: bool) -> Reader {
        self.paced(ledger, Arc::new(Pace::new(calls_a_second, local)))
    }

    /// A reader that shares its pace.
    pub(super) fn paced(&self, ledger: &Arc<Ledger>, pace: Arc<Pace>) -> Reader {
        Reader::new(Calls::new(Arc::clone(&self.overall), self.ears.clone()), Arc::clone(ledger), pace)
    }
}

/// An account, and who reads it.
pub(super) struct Account {
    /// Its id.
    pub(super) id: String,
    /// The reader, as AWS names it.
    pub(super) principal: Option<String>,
    /// What its clients are made of.
    pub(super) settings: Settings,
}

/// Reads the account that the credentials lead to.
pub(super) async fn read(
    profile: Option<String>,
    options: Options,
    ears: UnboundedSender<Event>,
) -> Result<Snapshot, CollectError> {
    let caller = Caller::find(profile.as_deref(), &options).await?;
    let regions = if !options.regions.is_empty() {
        options.regions.clone()
    } else if options.all_regions {
        let call = caller.settings.ec2().describe_regions().all_regions(false).send().await;
        let regions = call.map_err(|error| Failure::of(&error)).and_then(enabled);
        regions.map_err(|failure| refused(REGIONS.call, &failure))?
    } else {
        vec![caller.home]
    };
    if let Some(journal) = &options.journal {
        journal.is_by(&ScopeId::aws(&caller.account, ScopeId::GLOBAL), caller.arn.as_deref())?;
    }
    let account = Account { id: caller.account, principal: caller.arn, settings: caller.settings };
    let mut snapshot = account.read(regions, &Run::new(ears, options.journal), options.now).await;
    snapshot.sort();
    Ok(snapshot)
}

/// The regions that are enabled for the account.
pub(super) fn enabled(output: DescribeRegionsOutput) -> Result<Vec<String>, Failure> {
    let regions = output.regions.unwrap_or_default();
    let named: Vec<String> = regions
        .into_iter()
        .filter(|region| region.opt_in_status() != Some("not-opted-in"))
        .filter_map(|region| region.region_name)
        .collect();
    if named.is_empty() {
        return Err(Failure::malformed("the answer names no region"));
    }
    match named.iter().find(|region| !is_region(region)) {
        Some(region) => Err(Failure::malformed(format!("`{region}` is not the name of a region"))),
        None => Ok(named),
    }
}

impl Account {
    /// Reads every region, and once what is of the account as a whole.
    pub(super) async fn read(&self, mut regions: Vec<String>, run: &Run, now: Timestamp) -> Snapshot {
        regions.sort_unstable();
        regions.dedup();
        let local = self.settings.is_local("API Gateway") && self.settings.is_local("ApiGatewayV2");
        let shared = Shared { run: run.clone(), api_gateway: Arc::new(Pace::new(4, local)) };
        let turns = Arc::new(Semaphore::new(REGIONS_AT_A_TIME));
        let mut tasks = JoinSet::new();
        let mut ledgers = Vec::with_capacity(regions.len() + 1);
        let books = |region: &str, kinds| {
            Arc::new(Ledger::new(ScopeId::aws(&self.id, region), kinds).beside(run.journal.clone()))
        };
        let global = books(ScopeId::GLOBAL, &kinds::AWS_GLOBAL);
        ledgers.push(Arc::clone(&global));
        // A region of the partition that is read leads to what has no region there.
        let somewhere = regions.first().map_or_else(|| self.settings.clone(), |region| self.settings.in_region(region));
        let of_account = shared.clone();
        if !global.resume_all() {
            tasks.spawn(async move {
                read_global(&somewhere, &global, &of_account).await;
                global.keep_all();
            });
        }
        for region in regions {
            let ledger = books(&region, &kinds::AWS);
            let settings = self.settings.in_region(&region);
            let (turns, shared) = (Arc::clone(&turns), shared.clone());
            ledgers.push(Arc::clone(&ledger));
            if ledger.resume_all() {
                continue;
            }
            tasks.spawn(async move {
                let _turn = turns.acquire().await;
                read_region(&settings, &ledger, &shared).await;
                ledger.keep_all();
            });
        }
        // A reading that stops half-way leaves its ledger behind: what it did not reach is a gap there.
        while tasks.join_next().await.is_some() {}
        let mut snapshot = Snapshot::empty(now);
        for ledger in ledgers {
            snapshot.scopes.push(Scope {
                id: ledger.scope.clone(),
                principal: self.principal.clone(),
                endpoint: self.settings.endpoint(),
                calls: None,
                as_of: None,
            });
            ledger.close_into(&mut snapshot);
        }
        snapshot
    }
}

/// What the readings of one account share.
#[derive(Clone)]
struct Shared {
    run: Run,
    /// API Gateway's quota is of the account, whatever the region, and of both versions of its API.
    api_gateway: Arc<Pace>,
}

async fn read_global(settings: &Settings, ledger: &Arc<Ledger>, shared: &Shared) {
    let reader = |service| shared.run.reader(ledger, 4, settings.is_local(service));
    let distributions = Distributions::new(settings.distributions(), reader("CloudFront"));
    let identities = Identities::new(settings.identities(), reader("IAM"));
    tokio::join!(distributions.read(), identities.read());
}

async fn read_region(settings: &Settings, ledger: &Arc<Ledger>, shared: &Shared) {
    let reader = |service, calls_a_second| shared.run.reader(ledger, calls_a_second, settings.is_local(service));
    let local = settings.is_local("Lambda");
    let lambda = Arc::new(Lambda::new(settings.lambda(), reader("Lambda", 12), local));
    let network = Network::new(settings.ec2(), reader("EC2", 15));
    let keys = Keys::new(settings.kms(), reader("KMS", 50));
    let apis = || shared.run.paced(ledger, Arc::clone(&shared.api_gateway));
    let rest_apis = RestApis::new(settings.rest_apis(), apis());
    let http_apis = HttpApis::new(settings.http_apis(), apis());
    let balancers = Balancers::new(settings.balancers(), reader("Elastic Load Balancing v2", 8));
    let clients = (settings.web_functions(), settings.microvms(), settings.connectors());
    let others = Arc::new(Others::new(clients, reader("Lambda Web", 4)));
    let sources = Arc::clone(&lambda);
    let layers = Arc::clone(&lambda);
    // Each service by itself: all at once are too large for a stack, and one that fails leaves the others alone.
    let mut services = JoinSet::new();
    services.spawn(async move {
        let (mut names, more) = tokio::join!(lambda.read(), others.read());
        names.names.extend(more);
        Arc::new(keys).read(names).await;
    });
    services.spawn(layers.layers());
    services.spawn(async move { sources.event_sources().await });
    services.spawn(Arc::new(network).read());
    services.spawn(Arc::new(rest_apis).read());
    services.spawn(Arc::new(http_apis).read());
    services.spawn(Arc::new(balancers).read());
    while services.join_next().await.is_some() {}
}
