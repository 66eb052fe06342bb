//! One account: whose it is, which regions, each region's reading, and what is of no region.

use std::sync::Arc;

use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::JoinSet,
};

use super::{
    super::{CollectError, Options},
    balancers::Balancers,
    calls::{Calls, Event, IN_FLIGHT_OVERALL, Pace},
    distributions::Distributions,
    failure::Failure,
    functions::Lambda,
    http_apis::HttpApis,
    identities::Identities,
    keys::Keys,
    ledger::{Balance, Ledger},
    network::Network,
    reader::Reader,
    rest_apis::RestApis,
    settings::{Settings, check_region},
};
use crate::{
    evidence::GapReason,
    snapshot::{Scope, ScopeId, Snapshot, kinds},
};

/// How many regions are read at a time.
const REGIONS_AT_A_TIME: usize = 4;

/// The region that answers for all where none is configured.
const ANY_REGION: &str = "us-east-1";

/// Whose credentials these are.
struct Identity {
    account: String,
    principal: Option<String>,
}

/// Reads the account that the credentials lead to.
pub(super) async fn read(
    profile: Option<String>,
    options: Options,
    ears: UnboundedSender<Event>,
) -> Result<Snapshot, CollectError> {
    let settings = Settings::load(profile.as_deref(), &options).await?;
    let home = match settings.region() {
        Some(region) => region.to_owned(),
        None if options.all_regions => ANY_REGION.to_owned(),
        None => {
            return Err(CollectError::Config {
                message: "no region is configured".into(),
                hint: Some("name one with `--region`, or read them all with `--all-regions`".into()),
            });
        }
    };
    let settings = settings.in_region(&home);
    let identity = identify(&settings).await?;
    let regions = if !options.regions.is_empty() {
        options.regions.clone()
    } else if options.all_regions {
        enabled(&settings).await?
    } else {
        vec![home]
    };
    let mut snapshot = Snapshot::empty(options.now);
    for balance in read_all(&settings, &identity, regions, &ears).await {
        snapshot.records.extend(balance.records);
        snapshot.gaps.extend(balance.gaps);
        snapshot.scopes.extend(balance.coverage.first().map(|line| Scope {
            id: line.scope.clone(),
            principal: identity.principal.clone(),
            endpoint: settings.endpoint(),
            calls: None,
            as_of: None,
        }));
        snapshot.coverage.extend(balance.coverage);
    }
    snapshot.sort();
    Ok(snapshot)
}

/// Asks AWS whose credentials these are, so that every answer can be held against it.
async fn identify(settings: &Settings) -> Result<Identity, CollectError> {
    let answer = settings.sts().get_caller_identity().send().await.map_err(|error| Failure::of(&error));
    let output = answer.map_err(|failure| refused("sts:GetCallerIdentity", &failure))?;
    match output.account {
        Some(account) if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Identity { account, principal: output.arn })
        }
        _ => Err(refused("sts:GetCallerIdentity", &Failure::malformed("the answer names no account"))),
    }
}

/// The regions that are enabled for the account.
async fn enabled(settings: &Settings) -> Result<Vec<String>, CollectError> {
    let call = settings.ec2().describe_regions().all_regions(false).send().await;
    let output = call.map_err(|error| refused("ec2:DescribeRegions", &Failure::of(&error)))?;
    let regions = output.regions.unwrap_or_default();
    let named: Vec<String> = regions
        .into_iter()
        .filter(|region| region.opt_in_status() != Some("not-opted-in"))
        .filter_map(|region| region.region_name)
        .collect();
    if named.is_empty() {
        return Err(refused("ec2:DescribeRegions", &Failure::malformed("the answer names no region")));
    }
    named.iter().try_for_each(|region| check_region(region))?;
    Ok(named)
}

/// Nothing could be read at all.
fn refused(call: &str, failure: &Failure) -> CollectError {
    let detail = failure.detail.as_deref().map_or(String::new(), |detail| format!(": {detail}"));
    let hint = match failure.why {
        GapReason::Unauthenticated => {
            "no credentials that work were found: sign in (`aws sso login`), set `AWS_PROFILE`, or name one as `aws:PROFILE`"
        }
        GapReason::Denied => "`egress-audit permissions aws` prints the permissions that a scan needs",
        GapReason::Network | GapReason::Tls | GapReason::Timeout => "is the endpoint reachable from here?",
        _ => "`aws sts get-caller-identity` shows whether the credentials work",
    };
    CollectError::Config { message: format!("{call} failed ({}){detail}", failure.why), hint: Some(hint.into()) }
}

/// What all readings share.
#[derive(Clone)]
struct Shared {
    overall: Arc<Semaphore>,
    ears: UnboundedSender<Event>,
    /// API Gateway's quota is of the account, whatever the region, and of both versions of its API.
    api_gateway: Arc<Pace>,
}

impl Shared {
    /// A reader with a pace of its own.
    fn reader(&self, ledger: &Arc<Ledger>, calls_a_second: u32, local: bool) -> Reader {
        self.paced(ledger, Arc::new(Pace::new(calls_a_second, local)))
    }

    fn paced(&self, ledger: &Arc<Ledger>, pace: Arc<Pace>) -> Reader {
        Reader::new(Calls::new(Arc::clone(&self.overall), self.ears.clone()), Arc::clone(ledger), pace)
    }
}

/// Reads every region, and once what is of the account as a whole.
async fn read_all(
    settings: &Settings,
    identity: &Identity,
    mut regions: Vec<String>,
    ears: &UnboundedSender<Event>,
) -> Vec<Balance> {
    regions.sort_unstable();
    regions.dedup();
    let local = settings.is_local("API Gateway") && settings.is_local("ApiGatewayV2");
    let shared = Shared {
        overall: Arc::new(Semaphore::new(IN_FLIGHT_OVERALL)),
        ears: ears.clone(),
        api_gateway: Arc::new(Pace::new(4, local)),
    };
    let turns = Arc::new(Semaphore::new(REGIONS_AT_A_TIME));
    let mut tasks = JoinSet::new();
    let mut ledgers = Vec::with_capacity(regions.len() + 1);
    let global = ScopeId::aws(&identity.account, ScopeId::GLOBAL);
    let global = Arc::new(Ledger::new(global, &kinds::AWS_GLOBAL));
    ledgers.push(Arc::clone(&global));
    // A region of the partition that is read leads to what has no region there.
    let somewhere = regions.first().map_or_else(|| settings.clone(), |region| settings.in_region(region));
    let of_account = shared.clone();
    tasks.spawn(async move { read_global(&somewhere, &global, &of_account).await });
    for region in regions {
        let ledger = Arc::new(Ledger::new(ScopeId::aws(&identity.account, &region), &kinds::AWS));
        let settings = settings.in_region(&region);
        let (turns, shared) = (Arc::clone(&turns), shared.clone());
        ledgers.push(Arc::clone(&ledger));
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            read_region(&settings, &ledger, &shared).await;
        });
    }
    // A reading that stops half-way leaves its ledger behind: what it did not reach is a gap there.
    while tasks.join_next().await.is_some() {}
    ledgers.iter().map(|ledger| ledger.close()).collect()
}

async fn read_global(settings: &Settings, ledger: &Arc<Ledger>, shared: &Shared) {
    let reader = |service| shared.reader(ledger, 4, settings.is_local(service));
    let distributions = Distributions::new(settings.distributions(), reader("CloudFront"));
    let identities = Identities::new(settings.identities(), reader("IAM"));
    tokio::join!(distributions.read(), identities.read());
}

async fn read_region(settings: &Settings, ledger: &Arc<Ledger>, shared: &Shared) {
    let reader = |service, calls_a_second| shared.reader(ledger, calls_a_second, settings.is_local(service));
    let local = settings.is_local("Lambda");
    let lambda = Arc::new(Lambda::new(settings.lambda(), reader("Lambda", 12), local));
    let network = Network::new(settings.ec2(), reader("EC2", 15));
    let keys = Keys::new(settings.kms(), reader("KMS", 50));
    let apis = || shared.paced(ledger, Arc::clone(&shared.api_gateway));
    let rest_apis = RestApis::new(settings.rest_apis(), apis());
    let http_apis = HttpApis::new(settings.http_apis(), apis());
    let balancers = Balancers::new(settings.balancers(), reader("Elastic Load Balancing v2", 8));
    let sources = Arc::clone(&lambda);
    let layers = Arc::clone(&lambda);
    // Each service by itself: all at once are too large for a stack, and one that fails leaves the others alone.
    let mut services = JoinSet::new();
    services.spawn(async move {
        let names = lambda.read().await;
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
