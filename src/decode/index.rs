//! Finds records, and the reason why one is not there.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rayon::prelude::*;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    evidence::{Gap, GapReason, Known},
    model::Table,
    snapshot::{
        Cloud, Coverage, ReadGap, ReadState, Record, ScopeId, Snapshot,
        kinds::{CODE, Kind},
        unknown::{self, Fault},
    },
};

/// Who owns a resource of AWS that several accounts see, in the words of its kind.
#[derive(Deserialize)]
struct OwnerWire {
    #[serde(rename = "OwnerId")]
    own: Option<String>,
    #[serde(rename = "TransitGatewayOwnerId")]
    gateway: Option<String>,
    #[serde(rename = "VpcOwnerId")]
    vpc: Option<String>,
}

/// Whether a record is the reading of the account that owns the resource.
fn is_owners(record: &Record) -> bool {
    unknown::body::<OwnerWire>(record.body.get()).is_ok_and(|wire| {
        let owner = wire.gateway.or(wire.vpc).or(wire.own);
        owner.as_deref() == Some(&*record.scope.account)
    })
}

/// How many records one thread decodes at most before others may take the next.
const TOGETHER: usize = 1024;

/// The records of one kind, by scope and id.
type OfKind<'a> = BTreeMap<(&'a ScopeId, &'a str), &'a Record>;

/// A snapshot, indexed.
pub(super) struct Index<'a> {
    /// By cloud and name of the kind, since both clouds have roles and keys.
    records: BTreeMap<(Cloud, &'a str), OfKind<'a>>,
    coverage: BTreeMap<(Cloud, &'a str), Vec<&'a Coverage>>,
    /// By kind, scope and resource; a gap of a whole list has no resource.
    gaps: BTreeMap<(&'a str, &'a ScopeId, Option<&'a str>), &'a ReadGap>,
    /// Records that were read and could not be understood, or lack what is asked of them, as they come up.
    malformed: Mutex<Vec<(ScopeId, Gap)>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let mut index = Self {
            records: BTreeMap::new(),
            coverage: BTreeMap::new(),
            gaps: BTreeMap::new(),
            malformed: Mutex::default(),
        };
        let mut of_kinds: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
        // Those of one kind mostly come one after another.
        for alike in snapshot.records.chunk_by(|a, b| (a.scope.cloud, &a.kind) == (b.scope.cloud, &b.kind)) {
            if let Some(first) = alike.first() {
                of_kinds.entry((first.scope.cloud, &*first.kind)).or_default().extend(alike);
            }
        }
        // A map is made at once of what is sorted; the first of several readings stays.
        let sorted = |(kind, mut records): ((Cloud, &'a str), Vec<&'a Record>)| {
            records.sort_by_key(|it| (&it.scope, it.id.as_str()));
            records.dedup_by_key(|it| (&it.scope, it.id.as_str()));
            (kind, records.into_iter().map(|it| ((&it.scope, it.id.as_str()), it)).collect())
        };
        index.records = of_kinds.into_par_iter().map(sorted).collect();
        for line in &snapshot.coverage {
            index.coverage.entry((line.scope.cloud, &*line.kind)).or_default().push(line);
        }
        for gap in &snapshot.gaps {
            index.gaps.entry((gap.kind.as_str(), &gap.scope, gap.resource.as_deref())).or_insert(gap);
        }
        index
    }

    /// Every record of a kind.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &'a Record> + '_ {
        self.records.get(&(kind.cloud, kind.name)).into_iter().flat_map(BTreeMap::values).copied()
    }

    /// The scopes in which a kind was asked for, and why the answer is not whole where it is not.
    pub(super) fn scopes(&self, kind: Kind) -> impl Iterator<Item = (&'a ScopeId, Option<Gap>)> + '_ {
        self.coverage.get(&(kind.cloud, kind.name)).into_iter().flatten().map(move |line| {
            let of = |name| self.gaps.get(&(name, &line.scope, None)).map(|gap| gap.gap());
            let listed = of(kind.name).or_else(|| of(CODE));
            let incomplete = match line.state {
                ReadState::Read | ReadState::Declared => listed,
                // A list that lacks only resources that are named, or regions that are, is whole but for them.
                ReadState::Partial if listed.is_none() && self.lacks_parts(kind, &line.scope) => None,
                ReadState::Partial | ReadState::Unread => Some(listed.unwrap_or_else(|| {
                    Gap::new(
                        format!("{} in {} {}", line.call, line.scope.account, line.scope.region),
                        GapReason::Partial,
                    )
                })),
            };
            (&line.scope, incomplete)
        })
    }

    /// Whether what a scope lacks of a kind are resources that are named, or regions that are.
    fn lacks_parts(&self, kind: Kind, scope: &ScopeId) -> bool {
        // Gaps lie by their scopes: those of an account beside each other, whatever the region.
        let first = scope.within("");
        let of_account = self.gaps.range((kind.name, &first, None)..).map(|(_, gap)| gap);
        let mut of_account = of_account.take_while(|gap| {
            gap.kind == kind.name && gap.scope.cloud == scope.cloud && gap.scope.account == scope.account
        });
        of_account.any(|gap| scope.region == ScopeId::GLOBAL || (gap.scope == *scope && gap.resource.is_some()))
    }

    /// A table of every record of a list, decoded one by one.
    pub(super) fn table<W: DeserializeOwned, T: Send, E: Into<Fault>>(
        &self,
        kind: Kind,
        convert: impl Fn(&Record, W) -> Result<T, E> + Sync,
    ) -> Table<T> {
        self.keyed(kind, |id, _| id.to_owned(), convert)
    }

    /// A table of every record of a kind, under a key that is made of its id and its scope.
    pub(super) fn keyed<W: DeserializeOwned, T: Send, E: Into<Fault>>(
        &self,
        kind: Kind,
        key: impl Fn(&str, &ScopeId) -> String + Sync,
        convert: impl Fn(&Record, W) -> Result<T, E> + Sync,
    ) -> Table<T> {
        let mut table = Table::new(kind);
        for (scope, incomplete) in self.scopes(kind) {
            table.note_scope(scope.clone(), incomplete);
        }
        for line in self.coverage.get(&(kind.cloud, kind.name)).into_iter().flatten() {
            if line.state == ReadState::Declared {
                table.note_declared(line.scope.clone());
            }
        }
        for gap in self.gaps.values().filter(|gap| gap.kind == kind.name && gap.scope.cloud == kind.cloud) {
            match &gap.resource {
                Some(resource) => table.note_missing(gap.scope.clone(), key(resource, &gap.scope), gap.gap()),
                None => table.note_scope(gap.scope.clone(), Some(gap.gap())),
            }
        }
        let records: Vec<&Record> = self.of_kind(kind).collect();
        let read = |record: &&'a Record| {
            let decoded = unknown::body::<W>(record.body.get());
            (
                key(&record.id, &record.scope),
                *record,
                decoded.and_then(|wire| convert(record, wire).map_err(Into::into)),
            )
        };
        let mut decoded: Vec<(String, &Record, Result<T, Fault>)> =
            records.par_iter().with_max_len(TOGETHER).map(read).collect();
        decoded.par_sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut items: Vec<(String, ScopeId, T)> = Vec::with_capacity(decoded.len());
        for (key, record, item) in decoded {
            let again = items.last_mut().filter(|(last, ..)| *last == key);
            match (item, again) {
                // Two accounts see what is shared; the one that owns it sees all of it, else the first stays.
                (Ok(item), Some((_, scope, own))) if is_owners(record) => (*scope, *own) = (record.scope.clone(), item),
                (Ok(_), Some(_)) => {}
                (Ok(item), None) => items.push((key, record.scope.clone(), item)),
                (Err(why), _) => table.note_missing(record.scope.clone(), key, self.lost(record, why)),
            }
        }
        table.filled(items)
    }

    /// The answer about one resource: a body, known to be none, or the gap.
    pub(super) fn document<W: DeserializeOwned>(&self, kind: Kind, scope: &ScopeId, id: &str) -> Known<Option<W>> {
        if let Some(record) = self.records.get(&(kind.cloud, kind.name)).and_then(|kind| kind.get(&(scope, id))) {
            return match unknown::body::<Option<W>>(record.body.get()) {
                Ok(body) => Known::Known(body),
                Err(why) => Known::Unknown(self.lost(record, why)),
            };
        }
        let named = self.gaps.get(&(kind.name, scope, Some(id)));
        let gap = named.or_else(|| self.gaps.get(&(kind.name, scope, None)));
        Known::Unknown(gap.map_or_else(
            || Gap::new(format!("{} of {id}", kind.call), GapReason::NotRead),
            |gap| gap.gap().named(format!("{} of {id}", kind.call)),
        ))
    }

    /// The gap of a record that cannot be used, because it was not understood, or because a value in it is not known.
    pub(super) fn lost(&self, record: &Record, why: Fault) -> Gap {
        match why {
            Fault::Malformed(why) => self.malformed(record, &why),
            Fault::Unknown(gap) => {
                let hidden = gap.detail.clone().unwrap_or_else(|| format!("{} {}", record.kind, record.id).into());
                self.noted().push((record.scope.clone(), gap.clone().with_detail(hidden)));
                gap
            }
        }
    }

    fn noted(&self) -> MutexGuard<'_, Vec<(ScopeId, Gap)>> {
        self.malformed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gap of a record that could not be understood; it is remembered for the coverage.
    fn malformed(&self, record: &Record, why: &str) -> Gap {
        let gap = Gap::new(format!("{} {}", record.kind, record.id), GapReason::Malformed).with_detail(why);
        self.noted().push((record.scope.clone(), gap.clone()));
        gap
    }

    /// Everything that could not be understood, once each, in order.
    pub(super) fn into_malformed(self) -> Vec<(ScopeId, Gap)> {
        let mut malformed = self.malformed.into_inner().unwrap_or_else(PoisonError::into_inner);
        malformed.sort();
        malformed.dedup();
        malformed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::snapshot::kinds;

    /// What is kept of readings of one subnet, by accounts and what each was told of its owner.
    fn kept(readings: &[(&str, Value)]) -> Vec<(ScopeId, Value)> {
        let mut snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
        let of = |account: &str| ScopeId::aws(account, "us-west-2");
        let record = |(account, body): &(&str, Value)| {
            Record::new(kinds::SUBNET.name, "subnet-1", of(account), body.clone()).expect("a record")
        };
        snapshot.records = readings.iter().map(record).collect();
        let index = Index::new(&snapshot);
        let table = index.table(kinds::SUBNET, |_, body: Value| Ok::<_, Fault>(body));
        assert!(readings.iter().all(|(account, _)| table.get(&of(account), "subnet-1").into_result().is_ok()));
        table.iter().map(|(scope, body)| (scope.clone(), body.clone())).collect()
    }

    #[test]
    fn the_reading_of_the_owner_stays_whichever_comes_first() {
        for owner in ["1", "2"] {
            let bodies = ["1", "2"].map(|account| (account, json!({ "OwnerId": owner, "read_by": account })));
            let own = json!({ "OwnerId": owner, "read_by": owner });
            assert_eq!(kept(&bodies), [(ScopeId::aws(owner, "us-west-2"), own)]);
        }
    }

    #[test]
    fn of_readings_by_others_than_the_owner_the_first_stays() {
        let bodies = ["1", "2"].map(|account| (account, json!({ "OwnerId": "3", "read_by": account })));
        assert_eq!(kept(&bodies), [(ScopeId::aws("1", "us-west-2"), bodies[0].1.clone())]);
    }
}
