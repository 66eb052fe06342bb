//! A collection in parts: which accounts are whose, and whether the parts are one whole again.
//!
//! An account belongs to a part by a hash of its name, and not by its place in the list: the list is read by each part for
//! itself, and an account that is made or closed meanwhile would move all that come after it, so that some would be read
//! twice and others by nobody. By a hash nothing moves but that account. The price is that parts differ in size, by a tenth
//! where each has a hundred accounts. Each part writes down the whole list that it saw, so that any of them can say what is
//! missing where another is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    Cloud, Coverage, ReadGap, ReadState, Scope, ScopeId, Snapshot,
    kinds::{self, Word},
};
use crate::evidence::GapReason;

/// The most parts that a collection may have.
pub const MAX_SHARDS: u32 = 10_000;

/// One part of so many. Written `3/8`, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Which, counted from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
    /// The run that it is a part of, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((index, of)) => Self::new(index, of),
            None => Err(format!("`{text}` is not a shard: write `3/8` for the third of eight")),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.index, self.of)
    }
}

impl Part {
    /// A part by its number, counted from 1, of so many.
    ///
    /// # Errors
    /// Where there is no such part.
    pub fn new(index: u32, of: u32) -> Result<Self, String> {
        if of == 0 || of > MAX_SHARDS {
            return Err(format!("a collection has 1 to {MAX_SHARDS} shards, and not {of}"));
        }
        if index == 0 || index > of {
            return Err(format!("there is no shard {index} of {of}: they are counted from 1"));
        }
        Ok(Self { index, of, run: None })
    }

    /// Whether an account or a project is this part's.
    pub fn owns(&self, cloud: Cloud, account: &str) -> bool {
        owner(&format!("{cloud}:{account}"), self.of) == self.index
    }

    /// The name of the file of this part in a folder of them.
    pub fn file_name(&self) -> String {
        format!("shard-{}-of-{}.json", self.index, self.of)
    }

    /// The part whose file has this name.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (index, of) = name.strip_prefix("shard-")?.strip_suffix(".json")?.split_once("-of-")?;
        Self::new(index.parse().ok()?, of.parse().ok()?).ok().filter(|part| part.file_name() == name)
    }
}

/// The number of the part that an account belongs to, whoever asks.
fn owner(account: &str, of: u32) -> u32 {
    let number =
        Sha256::digest(account.as_bytes()).into_iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(byte));
    u32::try_from(number % u64::from(of.max(1))).unwrap_or(0) + 1
}

/// What a snapshot says of the part that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which part.
    pub part: Part,
    /// Every account and project that the whole collection is about, sorted: `aws:123456789012`, `gcp:my-project`.
    pub plan: Vec<String>,
}

impl Shard {
    /// A part of a plan.
    pub fn new(part: Part, plan: impl IntoIterator<Item = (Cloud, String)>) -> Self {
        let plan: BTreeSet<String> = plan.into_iter().map(|(cloud, account)| format!("{cloud}:{account}")).collect();
        Self { part, plan: plan.into_iter().collect() }
    }
}

/// Why parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// They are of several collections.
    #[error("`{one}` and `{other}` are not of one run: {why}")]
    RunsDiffer {
        /// A file.
        one: String,
        /// Another one.
        other: String,
        /// How that shows.
        why: String,
    },
    /// One is there twice.
    #[error("`{one}` and `{other}` are both {part}")]
    Twice {
        /// A file.
        one: String,
        /// Another one.
        other: String,
        /// The part that both are.
        part: Part,
    },
    /// Something among them is no part.
    #[error("`{name}` is not a shard of a collection: {why}")]
    NotAShard {
        /// The file.
        name: String,
        /// Why not.
        why: String,
    },
}

impl Snapshot {
    /// The part of this reading that is about the accounts of a shard. What is said of all of it goes to the first one.
    #[must_use]
    pub fn part(mut self, part: &Part) -> Self {
        let named = self.scopes.iter().map(|it| &it.id).chain(self.coverage.iter().map(|it| &it.scope));
        let named = named.chain(self.gaps.iter().map(|it| &it.scope)).chain(self.records.iter().map(|it| &it.scope));
        let plan: BTreeSet<(Cloud, String)> = named.map(|scope| (scope.cloud, scope.account.clone())).collect();
        let own: BTreeSet<(Cloud, String)> =
            plan.iter().filter(|(cloud, account)| part.owns(*cloud, account)).cloned().collect();
        let is_own = |scope: &ScopeId| own.contains(&(scope.cloud, scope.account.clone()));
        self.scopes.retain(|it| is_own(&it.id));
        self.coverage.retain(|it| is_own(&it.scope));
        self.gaps.retain(|it| is_own(&it.scope));
        self.records.retain(|it| is_own(&it.scope));
        if part.index != 1 {
            self.remarks = super::Remarks::default();
        }
        self.shard = Some(Shard::new(part.clone(), plan));
        self
    }

    /// One reading of all parts, each with the name that errors call it by. `torn` are parts that are there and cannot be
    /// read, and why. What a missing one would have said is a gap. Whatever order they come in, the whole is the same.
    ///
    /// # Errors
    /// Where they are of several runs, or one is there twice.
    pub fn of_parts(parts: Vec<(String, Self)>, torn: &BTreeMap<u32, String>) -> Result<Self, ShardError> {
        let mut seen: BTreeMap<u32, (String, Shard)> = BTreeMap::new();
        let mut whole: Option<Self> = None;
        for (name, mut snapshot) in parts {
            let Some(shard) = snapshot.shard.take() else {
                return Err(ShardError::NotAShard { name, why: "it says nothing of which one it is".into() });
            };
            if let Some((other, first)) = seen.values().next() {
                differ(other, &first.part, &name, &shard.part)?;
            }
            let part = shard.part.clone();
            if let Some((one, _)) = seen.insert(part.index, (name.clone(), shard)) {
                return Err(ShardError::Twice { one, other: name, part });
            }
            match &mut whole {
                None => whole = Some(snapshot),
                Some(whole) => whole.extend(snapshot),
            }
        }
        let Some(mut whole) = whole else {
            return Err(ShardError::NotAShard { name: "the folder".into(), why: "no shard of it can be read".into() });
        };
        whole.unite();
        whole.miss(&seen, torn);
        whole.sort();
        Ok(whole)
    }

    /// Makes one of what several parts read alike, such as a network that projects of all of them use.
    fn unite(&mut self) {
        let mut scopes: BTreeMap<ScopeId, Scope> = BTreeMap::new();
        for scope in std::mem::take(&mut self.scopes) {
            let Some(own) = scopes.get_mut(&scope.id) else {
                scopes.insert(scope.id.clone(), scope);
                continue;
            };
            own.calls = own.calls.into_iter().chain(scope.calls).reduce(u64::saturating_add);
            own.as_of = own.as_of.into_iter().chain(scope.as_of).min();
            own.principal = own.principal.take().into_iter().chain(scope.principal).min();
            own.endpoint = own.endpoint.take().into_iter().chain(scope.endpoint).min();
        }
        self.scopes = scopes.into_values().collect();
        self.sort();
        self.records.dedup_by(|b, a| (&a.kind, &a.id, &a.scope) == (&b.kind, &b.id, &b.scope));
        let mut counts: BTreeMap<(&str, &ScopeId), u64> = BTreeMap::new();
        for record in &self.records {
            *counts.entry((&record.kind, &record.scope)).or_default() += 1;
        }
        let mut lines: Vec<Coverage> = Vec::with_capacity(self.coverage.len());
        for line in std::mem::take(&mut self.coverage) {
            match lines.last_mut().filter(|it| (&it.scope, &it.kind, &it.call) == (&line.scope, &line.kind, &line.call))
            {
                None => lines.push(line),
                Some(own) => {
                    own.state = own.state.max(line.state);
                    // Each part may have read another piece of it.
                    own.count = counts.get(&(&*line.kind, &line.scope)).copied().unwrap_or(0);
                }
            }
        }
        self.coverage = lines;
    }

    /// Writes down what the parts that are not there would have read: all of their accounts, as far as any part knows them.
    fn miss(&mut self, seen: &BTreeMap<u32, (String, Shard)>, torn: &BTreeMap<u32, String>) {
        let Some((_, first)) = seen.values().next() else { return };
        let of = first.part.of;
        let planned: BTreeSet<&str> = seen.values().flat_map(|(_, shard)| &shard.plan).map(String::as_str).collect();
        let mut asked: BTreeMap<Cloud, BTreeSet<(Word, Word)>> = BTreeMap::new();
        for line in &self.coverage {
            asked.entry(line.scope.cloud).or_default().insert((line.kind.clone(), line.call.clone()));
        }
        for account in planned {
            let index = owner(account, of);
            let name = format!("shard {index} of {of}");
            let detail = match (seen.get(&index), torn.get(&index)) {
                (Some((_, shard)), _) if shard.plan.iter().any(|it| it == account) => continue,
                (Some(_), _) => format!("{name} did not know of it: it was listed later"),
                (None, Some(why)) => format!("{name} cannot be read: {why}"),
                (None, None) => format!("{name} is missing"),
            };
            let Ok(scope) = format!("{account}:{}", ScopeId::GLOBAL).parse::<ScopeId>() else { continue };
            let member = (kinds::organization::MEMBER.name.into(), format!("collect --shard {index}/{of}").into());
            let kinds = asked.get(&scope.cloud).into_iter().flatten().cloned().chain([member]);
            for (kind, call) in kinds {
                self.coverage.push(Coverage {
                    scope: scope.clone(),
                    kind: kind.clone(),
                    call: call.clone(),
                    state: ReadState::Unread,
                    count: 0,
                });
                self.gaps.push(ReadGap {
                    scope: scope.clone(),
                    kind: kind.into_owned(),
                    call: call.into_owned(),
                    resource: None,
                    why: GapReason::NotRead,
                    detail: Some(detail.clone()),
                });
            }
        }
    }
}

/// That two parts are of one run, as far as they say.
fn differ(one: &str, first: &Part, other: &str, second: &Part) -> Result<(), ShardError> {
    let differ = |why: String| Err(ShardError::RunsDiffer { one: one.into(), other: other.into(), why });
    if first.of != second.of {
        return differ(format!("one has {} shards, and the other {}", first.of, second.of));
    }
    let name = |run: &Option<String>| run.clone().unwrap_or_else(|| "(none)".into());
    if first.run != second.run {
        return differ(format!("their names are `{}` and `{}`", name(&first.run), name(&second.run)));
    }
    Ok(())
}

#[cfg(test)]
#[path = "shard/tests.rs"]
mod tests;
