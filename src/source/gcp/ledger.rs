//! Keeps what was read and what was not, project by project, and says how far each kind was read.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{failure::Failure, named::Named, workload::Workload};
use crate::{
    evidence::GapReason,
    snapshot::{Coverage, ReadGap, ReadState, Record, ScopeId, kinds::Kind},
};

/// The region of what has none, and of a whole list.
pub(super) const GLOBAL: &str = "global";

/// The books of a collection.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    books: Mutex<Books>,
}

/// A kind in a project: what one line of coverage is about.
type Place = (String, &'static str);

#[derive(Debug, Default)]
struct Books {
    /// By kind, id and region: the same network has one record in each region.
    records: BTreeMap<(&'static str, String, String), Record>,
    /// What the records name that is looked up next.
    named: Named,
    gaps: BTreeSet<ReadGap>,
    /// Every line, with its call, and whether all of it was asked for.
    lines: BTreeMap<Place, (&'static str, bool)>,
}

/// A record, as those who follow what it names see it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) scope: ScopeId,
    /// Its id.
    pub(super) id: String,
    /// Its body.
    pub(super) body: Value,
}

/// What a collection gave.
pub(super) struct Balance {
    /// What was read.
    pub(super) records: Vec<Record>,
    /// What was not.
    pub(super) gaps: Vec<ReadGap>,
    /// One line for every kind in every project where it was asked for.
    pub(super) coverage: Vec<Coverage>,
}

impl Ledger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record. A resource that is listed twice, as when pages shift, is kept once.
    pub(super) fn record(&self, kind: Kind, scope: &ScopeId, id: &str, body: Value) {
        match Record::new(kind.name, id, scope.clone(), body) {
            Ok(record) => {
                let named = Named::of(kind, &record);
                let mut books = self.books();
                if kind.reading == crate::snapshot::kinds::Reading::PerResource {
                    books.lines.entry((scope.account.clone(), kind.name)).or_insert((kind.call, true));
                }
                if let Entry::Vacant(place) = books.records.entry((kind.name, id.into(), scope.region.clone())) {
                    place.insert(record);
                    books.named.add(named);
                }
            }
            Err(_) => self.gap(kind, scope, Some(id), &Failure::malformed("the answer cannot be kept")),
        }
    }

    /// Notes what was not read: a resource's record, a region of a list, or a whole list or all that is left of it.
    pub(super) fn gap(&self, kind: Kind, scope: &ScopeId, resource: Option<&str>, failure: &Failure) {
        let mut books = self.books();
        books.lines.entry((scope.account.clone(), kind.name)).or_insert((kind.call, true));
        books.gaps.insert(ReadGap {
            scope: scope.clone(),
            kind: kind.name.into(),
            call: kind.call.into(),
            resource: resource.map(Into::into),
            why: failure.why,
            detail: failure.detail.clone(),
        });
    }

    /// Says that a list will be read: what the collection does not get to must not look like "there is none".
    pub(super) fn begin(&self, kind: Kind, account: &str) {
        self.books().lines.entry((account.into(), kind.name)).or_insert((kind.call, false));
    }

    /// Says that a list was asked for to its end, or to the gap that says where it ended.
    pub(super) fn ended(&self, kind: Kind, account: &str) {
        self.books().lines.insert((account.into(), kind.name), (kind.call, true));
    }

    /// Whether the line of a list has begun.
    pub(super) fn has_line(&self, kind: Kind, account: &str) -> bool {
        self.books().lines.contains_key(&(account.to_owned(), kind.name))
    }

    /// The records of a kind.
    pub(super) fn all(&self, kind: Kind) -> Vec<Found> {
        let books = self.books();
        let of_kind = books.records.range((kind.name, String::new(), String::new())..);
        let of_kind = of_kind.take_while(|((name, ..), _)| *name == kind.name);
        of_kind
            .filter_map(|((_, id, _), record)| {
                let body = serde_json::from_str(record.body.get()).ok()?;
                Some(Found { scope: record.scope.clone(), id: id.clone(), body })
            })
            .collect()
    }

    /// What each workload, and each revision of one, names.
    pub(super) fn workloads(&self) -> Vec<Arc<Workload>> {
        self.books().named.workloads.clone()
    }

    /// The bindings of every policy that was read so far: the kind of the policy, the role, the member.
    pub(super) fn bindings(&self) -> BTreeSet<(&'static str, String, String)> {
        self.books().named.bindings.clone()
    }

    /// The body of a record, where there is one.
    pub(super) fn body(&self, kind: Kind, id: &str) -> Option<Value> {
        let books = self.books();
        let mut of_id = books.records.range((kind.name, id.to_owned(), String::new())..);
        let ((name, found, _), record) = of_id.next()?;
        (*name == kind.name && found == id).then(|| serde_json::from_str(record.body.get()).ok())?
    }

    /// Closes the books.
    pub(super) fn close(&self) -> Balance {
        let mut books = std::mem::take(&mut *self.books());
        for ((account, name), (call, ended)) in &books.lines {
            if !ended {
                books.gaps.insert(ReadGap {
                    scope: ScopeId::gcp(account.clone(), GLOBAL),
                    kind: (*name).into(),
                    call: (*call).into(),
                    resource: None,
                    why: GapReason::NotRead,
                    detail: Some("the collection did not get there".into()),
                });
            }
        }
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for record in books.records.values() {
            *counts.entry((&record.scope.account, &record.kind)).or_default() += 1;
        }
        let broken: BTreeSet<(&str, &str)> =
            books.gaps.iter().map(|gap| (gap.scope.account.as_str(), gap.kind.as_str())).collect();
        let lines = books.lines.iter().map(|((account, name), (call, _))| {
            let count = counts.get(&(account.as_str(), *name)).copied().unwrap_or(0);
            let state = match broken.contains(&(account.as_str(), *name)) {
                false => ReadState::Read,
                true if count > 0 => ReadState::Partial,
                true => ReadState::Unread,
            };
            let scope = ScopeId::gcp(account.clone(), GLOBAL);
            Coverage { scope, kind: (*name).into(), call: (*call).into(), state, count }
        });
        let coverage = lines.collect();
        Balance { records: books.records.into_values().collect(), gaps: books.gaps.into_iter().collect(), coverage }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::kinds::google;

    #[test]
    fn a_list_that_was_begun_and_not_ended_is_unread() {
        let ledger = Ledger::default();
        ledger.begin(google::SERVICE, "p");
        ledger.begin(google::JOB, "p");
        ledger.record(google::SERVICE, &ScopeId::gcp("p", "r"), "//s", json!({"name": "s"}));
        ledger.record(google::SERVICE, &ScopeId::gcp("p", "r"), "//s", json!({"name": "again"}));
        ledger.ended(google::SERVICE, "p");
        let balance = ledger.close();
        let line = |kind: Kind| balance.coverage.iter().find(|line| line.kind == kind.name).expect("a line");
        assert_eq!((line(google::SERVICE).state, line(google::SERVICE).count), (ReadState::Read, 1));
        assert_eq!(line(google::JOB).state, ReadState::Unread);
        assert_eq!(balance.gaps.len(), 1);
        assert!(!balance.records[0].body.get().contains("again"));
    }

    #[test]
    fn a_region_that_is_missing_makes_a_list_partial() {
        let ledger = Ledger::default();
        ledger.begin(google::ROUTER, "p");
        ledger.record(google::ROUTER, &ScopeId::gcp("p", "a"), "//r", json!({}));
        ledger.gap(google::ROUTER, &ScopeId::gcp("p", "b"), None, &Failure::new(GapReason::Partial, "x"));
        ledger.ended(google::ROUTER, "p");
        assert_eq!(ledger.close().coverage[0].state, ReadState::Partial);
    }
}
