//! An organisation: its accounts, and the role that reads each.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_sdk_organizations::types::{Account as Listed, AccountState, AccountStatus};
use serde_json::json;
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::JoinSet,
};

use super::{
    super::{CollectError, Options, Organization},
    account::{Account, Run, enabled},
    caller::{Caller, is_account, refused},
    calls::Pace,
    failure::Failure,
    ledger::Ledger,
    pages::{Listing, Page},
    role::{Role, Roles},
};
use crate::{
    evidence::GapReason,
    snapshot::{
        Cloud, ScopeId, Shard, Snapshot,
        kinds::{
            Kind,
            organization::{ACCOUNT, MEMBER, OWN, REGIONS},
        },
    },
    source::runner::Event,
};

/// How many accounts are read at a time: what is held of one that is being read is bounded, as its calls are.
const ACCOUNTS_AT_A_TIME: usize = 8;

/// Reads every account of the organisation that the credentials see, each by a role of this name; the caller's own by the
/// caller's credentials.
pub(super) async fn read(
    role: String,
    options: Options,
    ears: UnboundedSender<Event>,
) -> Result<Snapshot, CollectError> {
    let caller = Caller::find(None, &options).await?;
    let roles = Roles::new(&caller, role, &options.organization)?;
    if let Some(journal) = &options.journal {
        journal.is_by(&ScopeId::aws(&caller.account, ScopeId::GLOBAL), caller.arn.as_deref())?;
    }
    let run = Run::new(ears, options.journal.clone());
    let ledger = Arc::new(global(&caller.account, &[ACCOUNT]));
    let listing = list(&caller, &run, &ledger).await?;
    let mut members = members(&listing, &caller, &options.organization, &run)?;
    let shard = options.part.clone().map(|part| {
        // The whole list is written down, and then the others' accounts are left to them.
        let shard = Shard::new(part, members.iter().map(|member| (Cloud::Aws, member.id.clone())));
        members.retain(|member| shard.part.owns(Cloud::Aws, &member.id));
        shard
    });
    let reading = Reading {
        members,
        pace: Arc::new(Pace::new(20, caller.settings.is_local("STS"))),
        caller,
        roles,
        options,
        run,
    };
    let mut snapshot = reading.read().await;
    ledger.close_into(&mut snapshot);
    snapshot.shard = shard;
    snapshot.sort();
    Ok(snapshot)
}

/// The books of what is of an account as a whole.
fn global(account: &str, kinds: &'static [Kind]) -> Ledger {
    Ledger::new(ScopeId::aws(account, ScopeId::GLOBAL), kinds)
}

/// The accounts of the organisation.
async fn list(caller: &Caller, run: &Run, ledger: &Arc<Ledger>) -> Result<Listing<Listed>, CollectError> {
    let reader = run.reader(ledger, 4, caller.settings.is_local("Organizations"));
    let client = caller.settings.organizations();
    let listing = reader
        .list(
            ACCOUNT,
            |token| client.list_accounts().max_results(20).set_next_token(token).send(),
            |output| Page { items: output.accounts, next: output.next_token },
            |account| account.id.clone().filter(|id| is_account(id)),
        )
        .await;
    match &listing.failure {
        Some(failure) if listing.items.is_empty() => Err(refused(ACCOUNT.call, failure)),
        None if listing.items.iter().all(|account| account.id() != Some(&caller.account)) => {
            let said = format!("the accounts are of an organisation that `{}` is not in", caller.account);
            Err(refused(ACCOUNT.call, &Failure::new(GapReason::WrongIdentity, said)))
        }
        _ => Ok(listing),
    }
}

/// An account that is to be read.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    id: String,
    /// Why it cannot be.
    unread: Option<Failure>,
}

/// The accounts that are to be read, each once however often it is listed. Of the others, those that are not active are said.
fn members(
    listing: &Listing<Listed>,
    caller: &Caller,
    wanted: &Organization,
    run: &Run,
) -> Result<Vec<Member>, CollectError> {
    let listed = listing.items.iter().filter_map(|account| Some((account.id()?, account)));
    let listed: BTreeMap<&str, &Listed> = listed.filter(|(id, _)| is_account(id)).collect();
    for (flag, ids) in [("--accounts", &wanted.accounts), ("--exclude", &wanted.exclude)] {
        let stray = ids.iter().find(|id| !listed.contains_key(id.as_str()));
        // Where the list ended early, nobody knows.
        if let (Some(stray), None) = (stray, &listing.failure) {
            return Err(CollectError::Config {
                message: format!("`{stray}` of `{flag}` is not an account of the organisation"),
                hint: Some("`aws organizations list-accounts` shows those that are".into()),
            });
        }
    }
    let chosen = |id: &str| {
        let is = |other: &String| other == id;
        (wanted.accounts.is_empty() || wanted.accounts.iter().any(is)) && !wanted.exclude.iter().any(is)
    };
    let (mut members, mut idle) = (Vec::new(), Vec::new());
    for (id, account) in listed.iter().filter(|(id, _)| chosen(id)) {
        let unread = match state(account) {
            Some(state) if state != "ACTIVE" => {
                idle.push(format!("{id} ({state})"));
                // Who named it counts on it.
                if wanted.accounts.is_empty() {
                    continue;
                }
                Some(Failure::new(GapReason::NotRead, format!("the account is {state}")))
            }
            _ => None,
        };
        members.push(Member { id: (*id).into(), unread });
    }
    // Perhaps on a page that did not come: the caller's own is there all the same, and others that are named may be.
    let unseen: BTreeSet<&String> = wanted.accounts.iter().chain([&caller.account]).collect();
    for id in unseen.into_iter().filter(|id| !listed.contains_key(id.as_str()) && chosen(id)) {
        let unread = listing.failure.clone().filter(|_| *id != caller.account);
        members.push(Member { id: id.clone(), unread });
    }
    if !idle.is_empty() {
        run.tell(Event::Note(format!("not active, and not read: {}", idle.join(", "))));
    }
    tracing::info!(accounts = members.len(), by = %caller.account, "the organisation is read");
    Ok(members)
}

/// What an account is in, in AWS's words; `Status` is the older word for it, and retired.
fn state(account: &Listed) -> Option<&str> {
    account.state().map(AccountState::as_str).or_else(|| account.status().map(AccountStatus::as_str))
}

/// Everything that the reading of an organisation needs.
struct Reading {
    caller: Caller,
    members: Vec<Member>,
    roles: Roles,
    options: Options,
    run: Run,
    /// All roles are assumed from one account, which has one quota for that.
    pace: Arc<Pace>,
}

impl Reading {
    async fn read(mut self) -> Snapshot {
        let members = std::mem::take(&mut self.members);
        let mut snapshot = Snapshot::empty(self.options.now);
        self.run.tell(Event::Accounts(members.len() as u64));
        let turns = Arc::new(Semaphore::new(ACCOUNTS_AT_A_TIME));
        let (mut tasks, mut ledgers) = (JoinSet::new(), Vec::with_capacity(members.len()));
        let reading = Arc::new(self);
        for member in members {
            let own = member.id == reading.caller.account;
            let ledger = Arc::new(global(&member.id, if own { &[OWN] } else { &[MEMBER] }));
            ledgers.push(Arc::clone(&ledger));
            if let Some(failure) = &member.unread {
                ledger.gap(MEMBER, None, failure);
                ledger.ended(MEMBER);
                reading.run.tell(Event::Account);
                continue;
            }
            let (reading, turns) = (Arc::clone(&reading), Arc::clone(&turns));
            tasks.spawn(async move {
                let _turn = turns.acquire().await;
                let part = reading.read_one(&member.id, own, &ledger).await;
                reading.run.tell(Event::Account);
                part
            });
        }
        while let Some(part) = tasks.join_next().await {
            // One that stops half-way leaves its ledger behind, and there that it did.
            if let Ok(part) = part {
                snapshot.extend(part);
            }
        }
        for ledger in ledgers {
            ledger.close_into(&mut snapshot);
        }
        snapshot
    }

    /// Reads one account. Where nothing of it can be read, the ledger says why.
    async fn read_one(&self, id: &str, own: bool, ledger: &Arc<Ledger>) -> Snapshot {
        let mut part = Snapshot::empty(self.options.now);
        let kind = if own { OWN } else { MEMBER };
        let account = if own {
            let Caller { arn, settings, .. } = &self.caller;
            Ok(Account { id: id.into(), principal: arn.clone(), settings: settings.clone() })
        } else {
            self.enter(id, self.roles.of(id), ledger).await
        };
        match account {
            Ok(account) => {
                ledger.record(kind, id, json!({ "Arn": account.principal }));
                let regions = self.regions(&account, &mut part).await;
                part.extend(account.read(regions, &self.run, self.options.now).await);
            }
            Err(failure) => ledger.gap(kind, None, &failure),
        }
        ledger.ended(kind);
        part
    }

    /// Assumes the role in an account.
    async fn enter(&self, id: &str, role: Role, ledger: &Arc<Ledger>) -> Result<Account, Failure> {
        let reader = self.run.paced(ledger, Arc::clone(&self.pace));
        reader.calls.expect(1);
        let output = reader.make(MEMBER, role.assume()).await?;
        let arn = role.start(output)?;
        Ok(Account { id: id.into(), principal: Some(arn), settings: self.caller.settings.assuming(role) })
    }

    /// The regions of an account that are read; none where they cannot be told.
    async fn regions(&self, account: &Account, part: &mut Snapshot) -> Vec<String> {
        if !self.options.regions.is_empty() {
            return self.options.regions.clone();
        }
        if !self.options.all_regions {
            return vec![self.caller.home.clone()];
        }
        let ledger = Arc::new(global(&account.id, &[REGIONS]));
        let reader = self.run.reader(&ledger, 1, account.settings.is_local("EC2"));
        reader.calls.expect(1);
        let client = account.settings.ec2();
        let call = client.describe_regions().all_regions(false).send();
        let regions = reader.make(REGIONS, call).await.and_then(enabled);
        let named = regions.as_ref().map(|regions| json!({ "RegionNames": regions })).map_err(Clone::clone);
        match named {
            Ok(body) => ledger.record(REGIONS, &account.id, body),
            // Not of the list's one record: whatever is in the account's regions is unread.
            Err(failure) => ledger.gap(REGIONS, None, &failure.of_list()),
        }
        ledger.ended(REGIONS);
        ledger.close_into(part);
        regions.unwrap_or_default()
    }
}
