//! Resources of one kind by id, with the knowledge of how far their lists were read.
//!
//! The same question has three answers: here it is; it does not exist; nobody can tell. A table never confuses the
//! last two.

use std::collections::BTreeMap;

use crate::{
    evidence::{Gap, GapReason, Known},
    snapshot::{
        ScopeId,
        kinds::{Kind, Reading},
    },
};

/// Resources of one kind.
#[derive(Debug)]
pub struct Table<T> {
    kind: Kind,
    items: BTreeMap<String, (ScopeId, T)>,
    scopes: BTreeMap<ScopeId, Option<Gap>>,
    missing: BTreeMap<String, (ScopeId, Gap)>,
}

/// Some resources of a table, and why there may be more.
#[derive(Debug)]
pub struct Listing<'a, T> {
    /// Those that were read, in the order of their ids.
    pub items: Vec<&'a T>,
    /// Why there may be others; none where these are all.
    pub incomplete: Option<Gap>,
}

impl<T> Table<T> {
    /// An empty table of a kind.
    pub fn new(kind: Kind) -> Self {
        Self { kind, items: BTreeMap::new(), scopes: BTreeMap::new(), missing: BTreeMap::new() }
    }

    /// Notes how far the list of a scope was read: whole, or not, and why.
    pub fn note_scope(&mut self, scope: ScopeId, incomplete: Option<Gap>) {
        self.scopes.insert(scope, incomplete);
    }

    /// Notes a resource that is known to exist, or may, and was not read.
    pub fn note_missing(&mut self, scope: ScopeId, id: impl Into<String>, gap: Gap) {
        self.missing.insert(id.into(), (scope, gap));
    }

    /// Adds a resource. The first of several readings of one id stays.
    pub fn insert(&mut self, scope: ScopeId, id: impl Into<String>, item: T) {
        self.items.entry(id.into()).or_insert((scope, item));
    }

    /// The resource of that id, looked for in a scope; ids are unique over all scopes, so that a resource that another
    /// scope read is found as well.
    pub fn get(&self, scope: &ScopeId, id: &str) -> Known<Option<&T>> {
        if let Some((_, item)) = self.items.get(id) {
            return Known::Known(Some(item));
        }
        if let Some((_, gap)) = self.missing.get(id) {
            return Known::Unknown(gap.clone());
        }
        match self.read(scope) {
            Some(None) if self.kind.reading == Reading::List => Known::Known(None),
            Some(Some(gap)) => Known::Unknown(gap.clone()),
            Some(None) | None => Known::Unknown(Gap::new(
                format!("{} of {id} in {} {}", self.kind.call, scope.account, scope.region),
                GapReason::NotRead,
            )),
        }
    }

    /// How far the list of a scope was read; a list of all regions of an account stands for each that has none.
    fn read(&self, scope: &ScopeId) -> Option<&Option<Gap>> {
        let whole = || ScopeId { region: ScopeId::GLOBAL.into(), ..scope.clone() };
        self.scopes.get(scope).or_else(|| self.scopes.get(&whole()))
    }

    /// Every resource that fits, wherever it was read, and whether the lists of that scope were read whole.
    pub fn list(&self, scope: &ScopeId, fits: impl Fn(&T) -> bool) -> Listing<'_, T> {
        let items = self.items.values().map(|(_, item)| item).filter(|item| fits(item)).collect();
        Listing { items, incomplete: self.incomplete(scope) }
    }

    /// Why the list of a scope is not whole; none where it is. A list of all regions is whole where every part is.
    pub fn incomplete(&self, scope: &ScopeId) -> Option<Gap> {
        let within = |at: &ScopeId| {
            at == scope || (scope.region == ScopeId::GLOBAL && at.cloud == scope.cloud && at.account == scope.account)
        };
        match self.read(scope) {
            Some(Some(gap)) => Some(gap.clone()),
            None => {
                let call = self.kind.call;
                Some(Gap::new(format!("{call} in {} {}", scope.account, scope.region), GapReason::NotRead))
            }
            Some(None) => {
                let parts = self.scopes.iter().filter(|(at, _)| within(at)).filter_map(|(_, gap)| gap.as_ref());
                let missing = self.missing.values().filter(|(at, _)| within(at)).map(|(_, gap)| gap);
                parts.chain(missing).next().cloned()
            }
        }
    }

    /// Why there may be more than was read, wherever that is; none where everything that was asked for was read.
    pub fn gap(&self) -> Option<Gap> {
        let scopes = self.scopes.values().filter_map(Option::as_ref);
        scopes.chain(self.missing.values().map(|(_, gap)| gap)).next().cloned()
    }

    /// Why there may be more in what was asked of an account, in whichever region; none where that was read whole.
    pub fn gap_in_account(&self, account: &str) -> Option<Gap> {
        let scopes =
            self.scopes.iter().filter(|(scope, _)| scope.account == account).filter_map(|(_, gap)| gap.as_ref());
        let missing = self.missing.values().filter(|(scope, _)| scope.account == account).map(|(_, gap)| gap);
        scopes.chain(missing).next().cloned()
    }

    /// Everything that was read, with its scope, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (&ScopeId, &T)> {
        self.items.values().map(|(scope, item)| (scope, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::kinds;

    #[test]
    fn a_list_of_all_regions_speaks_for_each_but_those_that_did_not_answer() {
        let at = |region: &str| ScopeId::gcp("p", region);
        let mut table = Table::new(kinds::google::ROUTER);
        table.note_scope(at("global"), None);
        table.note_scope(at("us-central1"), Some(Gap::new("us-central1", GapReason::Partial)));
        table.insert(at("europe-west1"), "r", 1);
        assert_eq!(table.get(&at("europe-west1"), "x"), Known::Known(None));
        assert!(matches!(table.get(&at("us-central1"), "x"), Known::Unknown(_)));
        assert!(table.incomplete(&at("europe-west1")).is_none());
        assert!(table.incomplete(&at("global")).is_some());
    }

    #[test]
    fn an_answer_about_one_resource_says_nothing_of_others() {
        let scope = ScopeId::gcp("p", "global");
        let mut table = Table::new(kinds::google::KEY);
        table.note_scope(scope.clone(), None);
        table.insert(scope.clone(), "k", Some(1));
        assert!(matches!(table.get(&scope, "other"), Known::Unknown(_)));
    }

    #[test]
    fn what_is_not_in_a_whole_list_does_not_exist_and_what_is_not_in_a_part_is_unknown() {
        let scope = ScopeId::aws("1", "us-west-2");
        let mut table = Table::new(kinds::NAT_GATEWAY);
        assert!(matches!(table.get(&scope, "nat-1"), Known::Unknown(gap) if gap.why == GapReason::NotRead));
        table.note_scope(scope.clone(), None);
        table.insert(scope.clone(), "nat-2", 2);
        assert_eq!(table.get(&scope, "nat-1"), Known::Known(None));
        table.note_missing(scope.clone(), "nat-1", Gap::new("nat-1", GapReason::Malformed));
        assert!(matches!(table.get(&scope, "nat-1"), Known::Unknown(_)));
        assert_eq!(table.get(&ScopeId::aws("2", "us-west-2"), "nat-2"), Known::Known(Some(&2)));
        assert!(table.list(&scope, |_| true).incomplete.is_some());
    }
}
