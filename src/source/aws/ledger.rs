//! Keeps what one scope gave and what it did not, and says how far each of its kinds was read.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{
    super::journal::{Journal, Written},
    failure::Failure,
};
use crate::{
    evidence::GapReason,
    snapshot::{Coverage, ReadGap, ReadState, Record, ScopeId, Snapshot, kinds::Kind},
};

/// The unit of all that there is in a scope.
const ALL: &str = "all";

/// The books of one account in one region, or of the account as a whole.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Which.
    pub(super) scope: ScopeId,
    kinds: &'static [Kind],
    books: Mutex<Books>,
    journal: Option<Arc<Journal>>,
}

#[derive(Debug, Default)]
struct Books {
    records: BTreeMap<(&'static str, String), Record>,
    gaps: Vec<ReadGap>,
    ended: BTreeSet<&'static str>,
}

/// What a scope gave.
struct Balance {
    /// What was read.
    records: Vec<Record>,
    /// What was not.
    gaps: Vec<ReadGap>,
    /// One line for every kind.
    coverage: Vec<Coverage>,
}

impl Ledger {
    /// Empty books about these kinds.
    pub(super) fn new(scope: ScopeId, kinds: &'static [Kind]) -> Self {
        Self { scope, kinds, books: Mutex::default(), journal: None }
    }

    /// The same books, with a journal beside them.
    pub(super) fn beside(self, journal: Option<Arc<Journal>>) -> Self {
        Self { journal, ..self }
    }

    /// Takes over what an earlier run read of a unit, where it read all of it, and gives what else that unit names.
    pub(super) fn resume(&self, unit: &str) -> Option<Vec<String>> {
        let unit = self.journal.as_ref()?.taken(&self.scope, unit)?;
        let mut books = self.books();
        for record in &unit.records {
            // A kind that this version does not know is no part of its books.
            if let Some(kind) = self.kinds.iter().find(|kind| kind.name == record.kind) {
                books.records.entry((kind.name, record.id.clone())).or_insert_with(|| record.clone());
            }
        }
        Some(unit.names.clone())
    }

    /// Writes down that all of a resource was read, by its ARN: these kinds of it and of its qualifiers. Nothing where something
    /// of it was not.
    pub(super) fn keep(&self, arn: &str, names: &[String], kinds: &[Kind]) {
        let Some(journal) = &self.journal else { return };
        let qualified = format!("{arn}:");
        let is_of = |id: &str| id == arn || id.starts_with(&qualified);
        let is_kind = |name: &str| kinds.iter().any(|kind| kind.name == name);
        let books = self.books();
        // Its own are the latest.
        let lacks = |gap: &ReadGap| is_kind(&gap.kind) && gap.resource.as_deref().is_none_or(is_of);
        if books.gaps.iter().rev().any(lacks) {
            return;
        }
        let mut records = Vec::new();
        for kind in kinds {
            // Names that begin alike may stand between what has the name and what has a qualifier besides.
            records.extend(books.records.get(&(kind.name, arn.to_owned())));
            let from = books.records.range((kind.name, qualified.clone())..);
            let own = from.take_while(|((name, id), _)| *name == kind.name && id.starts_with(&qualified));
            records.extend(own.map(|(_, record)| record));
        }
        journal.keep(&self.scope, arn, &Written { records, names });
    }

    /// Takes over all of the scope, where an earlier run read it to its end.
    pub(super) fn resume_all(&self) -> bool {
        let found = self.resume(ALL).is_some();
        if found {
            self.books().ended.extend(self.kinds.iter().map(|kind| kind.name));
        }
        found
    }

    /// Writes down that all of the scope was read.
    pub(super) fn keep_all(&self) {
        if self.kinds.iter().all(|kind| self.books().ended.contains(kind.name)) {
            let books = self.books();
            if let (Some(journal), true) = (&self.journal, books.gaps.is_empty()) {
                journal.keep(&self.scope, ALL, &Written { records: books.records.values().collect(), names: &[] });
            }
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record. A resource that is listed twice, as when pages shift, is kept once.
    pub(super) fn record(&self, kind: Kind, id: &str, body: Value) {
        match Record::new(kind.name, id, self.scope.clone(), body) {
            Ok(record) => {
                if let Entry::Vacant(place) = self.books().records.entry((kind.name, id.into())) {
                    place.insert(record);
                }
            }
            Err(_) => self.gap(kind, Some(id), &Failure::malformed("the answer cannot be kept")),
        }
    }

    /// A text at the top of a record that was kept.
    pub(super) fn text(&self, kind: Kind, id: &str, field: &str) -> Option<String> {
        let books = self.books();
        let body: Value = serde_json::from_str(books.records.get(&(kind.name, id.to_owned()))?.body.get()).ok()?;
        body.get(field)?.as_str().map(str::to_owned)
    }

    /// Notes what was not read: a resource's record, or a whole list or all that is left of it.
    pub(super) fn gap(&self, kind: Kind, resource: Option<&str>, failure: &Failure) {
        self.books().gaps.push(ReadGap {
            scope: self.scope.clone(),
            kind: kind.name.into(),
            call: kind.call.into(),
            resource: resource.map(Into::into),
            why: failure.why,
            detail: failure.detail.clone(),
        });
    }

    /// Notes that all of a kind was asked for. What nobody asked for must not look like "there is none".
    pub(super) fn ended(&self, kind: Kind) {
        self.books().ended.insert(kind.name);
    }

    /// Closes the books, and adds what they hold to a snapshot.
    pub(super) fn close_into(&self, snapshot: &mut Snapshot) {
        let balance = self.close();
        snapshot.records.extend(balance.records);
        snapshot.gaps.extend(balance.gaps);
        snapshot.coverage.extend(balance.coverage);
    }

    /// Closes the books.
    fn close(&self) -> Balance {
        for kind in self.kinds {
            if !self.books().ended.contains(kind.name) {
                self.gap(*kind, None, &Failure::new(GapReason::NotRead, "the collection did not get there"));
            }
        }
        let books = std::mem::take(&mut *self.books());
        let coverage = self
            .kinds
            .iter()
            .map(|kind| {
                let count = books.records.keys().filter(|(name, _)| *name == kind.name).count() as u64;
                let state = match books.gaps.iter().any(|gap| gap.kind == kind.name) {
                    false => ReadState::Read,
                    true if count > 0 => ReadState::Partial,
                    true => ReadState::Unread,
                };
                Coverage { scope: self.scope.clone(), kind: kind.name.into(), call: kind.call.into(), state, count }
            })
            .collect();
        Balance { records: books.records.into_values().collect(), gaps: books.gaps, coverage }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::kinds;

    #[test]
    fn every_kind_has_one_line_and_what_nobody_asked_for_is_unread() {
        let ledger = Ledger::new(ScopeId::aws("123456789012", "us-west-2"), &kinds::AWS);
        ledger.record(kinds::VPC, "vpc-1", json!({"VpcId": "vpc-1"}));
        ledger.record(kinds::VPC, "vpc-1", json!({"VpcId": "vpc-1", "again": true}));
        ledger.ended(kinds::VPC);
        ledger.record(kinds::SUBNET, "subnet-1", json!({}));
        ledger.gap(kinds::SUBNET, None, &Failure::malformed("x"));
        ledger.ended(kinds::SUBNET);
        let balance = ledger.close();
        assert_eq!(balance.coverage.len(), kinds::AWS.len());
        let line = |kind: Kind| balance.coverage.iter().find(|line| line.kind == kind.name).expect("a line");
        assert_eq!((line(kinds::VPC).state, line(kinds::VPC).count), (ReadState::Read, 1));
        assert_eq!((line(kinds::SUBNET).state, line(kinds::SUBNET).count), (ReadState::Partial, 1));
        assert_eq!(line(kinds::KEY).state, ReadState::Unread);
        assert!(balance.gaps.iter().any(|gap| gap.kind == "kms:key" && gap.why == GapReason::NotRead));
        assert!(!balance.records[0].body.get().contains("again"));
    }
}
