//! An export of Cloud Asset Inventory in a file: one asset a line, as `gcloud asset export` writes, or a JSON list of
//! them, as `gcloud asset list --format=json` prints.
//!
//! A file does not say what was asked for. A kind counts as listed to its end where the file holds assets of each of
//! its types, or of types that this tool never asks for, since nobody filtered then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json, value::RawValue};

use super::{AssetType, Assets, NODES, policy_lag_hours};
use crate::{
    evidence::GapReason,
    snapshot::{
        Coverage, ReadGap, ReadState, Record, Scope, ScopeId, Snapshot, check_json,
        kinds::{Kind, google},
    },
    source::CollectError,
};

/// How many lines are looked at to tell what a file is.
const LOOK_AT: usize = 100;
/// How many faults are described.
const SHOWN_FAULTS: usize = 20;

/// What tells an asset from a snapshot.
#[derive(Deserialize)]
struct Head {
    schema: Option<IgnoredAny>,
    #[serde(alias = "assetType")]
    asset_type: Option<IgnoredAny>,
}

fn is_asset(head: &Head) -> bool {
    head.schema.is_none() && head.asset_type.is_some()
}

/// Whether a text is an export: its first object has the type of an asset.
pub(in super::super) fn looks_like_one(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = |text| serde_json::Deserializer::from_str(text).into_iter::<Head>().next();
    if let Some(list) = text.strip_prefix('[') {
        return matches!(first(list), Some(Ok(head)) if is_asset(&head));
    }
    if text.starts_with("{\"schema\"") {
        return false;
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOK_AT);
    lines.filter_map(|line| serde_json::from_str::<Head>(line).ok()).any(|head| is_asset(&head))
}

/// Reads an export; `name` is what errors call it.
///
/// # Errors
/// Where there is no whole asset in it, or a list of assets is not JSON.
pub(in super::super) fn read(name: &str, text: &str, now: Timestamp) -> Result<Snapshot, CollectError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut export = Export { assets: Assets::default(), good: 0, faults: Vec::new(), latest: None };
    if text.trim_start().starts_with('[') {
        let refused = |error: crate::snapshot::StrictError| CollectError::Config {
            message: format!("`{name}` is not an export of the asset inventory: {error}"),
            hint: None,
        };
        check_json(text).map_err(refused)?;
        let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| refused(error.into()))?;
        for (index, item) in items.iter().enumerate() {
            export.take(&format!("asset {}", index + 1), item.get());
        }
    } else {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            export.take(&format!("line {}", index + 1), line);
        }
    }
    if export.good == 0 {
        let fault = export.faults.first().map_or(String::new(), |fault| format!(": {fault}"));
        return Err(CollectError::Config {
            message: format!("`{name}` holds no asset{fault}"),
            hint: Some("`gcloud asset export --content-type=resource` writes one asset a line".into()),
        });
    }
    Ok(export.snapshot(name, now))
}

struct Export {
    assets: Assets,
    good: usize,
    faults: Vec<String>,
    latest: Option<Timestamp>,
}

impl Export {
    fn take(&mut self, place: &str, text: &str) {
        let asset = check_json(text)
            .map_err(|error| error.message)
            .and_then(|()| serde_json::from_str::<Value>(text).map_err(|error| error.to_string()));
        let added = asset.and_then(|asset| {
            let time = ["updateTime", "update_time"].iter().find_map(|name| asset.get(*name)?.as_str());
            self.latest = self.latest.max(time.and_then(|time| time.parse().ok()));
            self.assets.add(asset)
        });
        match added {
            Ok(()) => self.good += 1,
            Err(fault) => self.faults.push(format!("{place}: {fault}")),
        }
    }

    /// Whether the file tells of all resources of a kind.
    fn tells(&self, kind: Kind) -> bool {
        let seen = |of: &AssetType| self.assets.seen.contains(&of.name);
        let unfiltered = || self.assets.seen.iter().any(|name| AssetType::named(name).is_none());
        let mut needed = AssetType::all().iter().filter(|of| of.kind() == Some(kind) && !of.optional);
        self.assets.resources && (needed.all(seen) || unfiltered())
    }

    fn snapshot(mut self, name: &str, now: Timestamp) -> Snapshot {
        self.assets.finish();
        let others = [google::DOMAIN_MAPPING, google::FIREWALL_POLICY];
        let lists: Vec<Kind> = google::WORKLOADS.into_iter().chain(google::NETWORKS).chain(others).collect();
        for kind in lists.iter().chain(&google::DETAILS) {
            let told = match kind.name {
                kind if kind.ends_with("policy") && !lists.iter().any(|it| it.name == kind) => {
                    self.assets.with_policies
                }
                _ => self.tells(*kind),
            };
            if told {
                self.assets.complete(*kind);
            }
        }
        let assets = &self.assets;
        let mut records: BTreeMap<(&str, String), Record> = BTreeMap::new();
        let mut unkept = Vec::new();
        let mut keep = |kind: Kind, id: &str, scope: &ScopeId, body: Value| match Record::new(
            kind.name,
            id,
            scope.clone(),
            body,
        ) {
            Ok(record) => drop(records.insert((kind.name, id.to_owned()), record)),
            Err(_) => unkept.push(id.to_owned()),
        };
        for kind in lists.iter().chain(&google::DETAILS) {
            for (id, told) in assets.all(*kind) {
                keep(*kind, id, &told.scope, told.body());
            }
            // What is there and has no policy, no key, no denial has an empty one.
            for (id, scope) in assets.without(*kind) {
                keep(*kind, &id, &scope, assets.get(*kind, &id).unwrap_or_else(|| json!({})));
            }
        }
        self.faults.extend(unkept.into_iter().map(|id| format!("{id} cannot be kept")));
        let accounts: BTreeSet<String> =
            records.values().map(|record| record.scope.account.clone()).filter(|account| account != "-").collect();
        let mut snapshot = Snapshot::empty(self.latest.unwrap_or(now));
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for record in records.values() {
            *counts.entry((&record.scope.account, &record.kind)).or_default() += 1;
        }
        for account in &accounts {
            let count = |kind: Kind| counts.get(&(account.as_str(), kind.name)).copied().unwrap_or(0);
            self.lines(account, &lists, &count, &mut snapshot, name);
        }
        let seen = AssetType::all().iter().filter(|of| assets.seen.contains(&of.name)).map(|of| of.lag_hours);
        let lag = seen.chain(assets.with_policies.then(policy_lag_hours)).max().unwrap_or(0);
        let as_of = snapshot.taken_at.checked_sub(i64::from(lag).hours()).ok();
        for account in accounts.iter().filter(|account| !account.contains('/')) {
            let id = ScopeId::gcp(account, "global");
            snapshot.scopes.push(Scope { id, principal: None, endpoint: None, calls: None, as_of });
        }
        snapshot.records = records.into_values().collect();
        snapshot.sort();
        snapshot
    }

    /// The lines of coverage of a project, a folder or an organisation, and the gaps that go with them.
    fn lines(&self, account: &str, lists: &[Kind], count: &dyn Fn(Kind) -> u64, snapshot: &mut Snapshot, name: &str) {
        let scope = ScopeId::gcp(account, "global");
        let is_project = !account.contains('/');
        for kind in lists.iter().chain(&google::DETAILS) {
            let count = count(*kind);
            // What stands above projects has firewall policies alone, or none.
            let above = *kind == google::FIREWALL_POLICY && self.assets.is_complete(*kind);
            let is_list = lists.contains(kind) && (is_project || above);
            if !is_list && count == 0 {
                continue;
            }
            let mut gap = |why: GapReason, detail: String| {
                snapshot.gaps.push(ReadGap {
                    scope: scope.clone(),
                    kind: kind.name.into(),
                    call: kind.call.into(),
                    resource: None,
                    why,
                    detail: Some(detail),
                });
            };
            let mut state = ReadState::Read;
            if is_list && !self.assets.is_complete(*kind) {
                gap(
                    GapReason::NotRead,
                    format!("`{name}` holds no assets of this kind, and does not say that it would"),
                );
                state = ReadState::Unread;
            }
            // Whatever stands in a line that cannot be read may be of any kind and any project.
            for fault in self.faults.iter().take(SHOWN_FAULTS) {
                gap(GapReason::Malformed, format!("`{name}` {fault}"));
                state = ReadState::Partial;
            }
            if count == 0 && state == ReadState::Partial {
                state = ReadState::Unread;
            }
            let coverage =
                Coverage { scope: scope.clone(), kind: kind.name.into(), call: kind.call.into(), state, count };
            snapshot.coverage.push(coverage);
        }
    }
}

impl Assets {
    /// What is there, and was told to have none of this kind.
    fn without(&self, kind: Kind) -> Vec<(String, ScopeId)> {
        if !self.is_complete(kind) {
            return Vec::new();
        }
        let subjects: Vec<&str> = match kind.name {
            "iam:deny-policies" => {
                vec![google::PROJECT_POLICY.name, google::FOLDER_POLICY.name, google::ORGANIZATION_POLICY.name]
            }
            "iam:service-account-keys" => vec![google::SERVICE_ACCOUNT_POLICY.name],
            name => vec![name],
        };
        let of = self.subjects.iter().filter(|(kind, _)| subjects.contains(kind));
        let missing = of.filter(|(_, id)| !self.told.contains_key(&(kind.name, id.clone())));
        missing.map(|(_, id)| (id.clone(), self.scope_of(id))).collect()
    }

    fn scope_of(&self, id: &str) -> ScopeId {
        if let Some(told) = self.told.get(&(google::SERVICE_ACCOUNT.name, id.to_owned())) {
            return told.scope.clone();
        }
        let account = crate::source::names::project(id).or_else(|| id.strip_prefix(NODES)).unwrap_or("-");
        ScopeId::gcp(account, crate::source::names::region(id))
    }
}
