//! Resources of one kind by id, with the knowledge of how far their lists were read.
//!
//! The same question has three answers: here it is; it does not exist; nobody can tell. A table never confuses the
//! last two.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    evidence::{Gap, GapReason, Known},
    snapshot::{
        ScopeId,
        kinds::{Kind, Reading},
        unknown::{holds_placeholder, same},
    },
};

/// Resources of one kind.
#[derive(Debug)]
pub struct Table<T> {
    kind: Kind,
    /// With the numbers of their places.
    items: BTreeMap<String, (u32, T)>,
    places: Places,
    scopes: BTreeMap<ScopeId, Option<Gap>>,
    /// Those of them that were not read whole: few, where an estate has many.
    open: BTreeSet<ScopeId>,
    missing: BTreeMap<String, BTreeMap<ScopeId, Gap>>,
    /// The ids of items by what these belong to, where they are looked for by that; none again once something is added.
    groups: Option<Groups>,
    /// Scopes that infrastructure code declares: what is not there may be all the same.
    declared: BTreeSet<ScopeId>,
}

/// Scopes by numbers: many items stand in one.
#[derive(Debug, Default)]
struct Places {
    numbers: BTreeMap<ScopeId, u32>,
    scopes: Vec<ScopeId>,
}

impl Places {
    fn number(&mut self, scope: ScopeId) -> u32 {
        let next = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(scope).or_insert_with_key(|scope| {
            self.scopes.push(scope.clone());
            next
        })
    }

    fn get(&self, number: u32) -> Option<&ScopeId> {
        self.scopes.get(usize::try_from(number).ok()?)
    }
}

/// Which items belong to what.
#[derive(Debug, Default)]
struct Groups {
    whole: BTreeMap<String, BTreeSet<String>>,
    /// Those that may belong to several, since a part of the name is not known.
    open: BTreeSet<String>,
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
        Self {
            kind,
            items: BTreeMap::new(),
            places: Places::default(),
            scopes: BTreeMap::new(),
            open: BTreeSet::new(),
            missing: BTreeMap::new(),
            groups: None,
            declared: BTreeSet::new(),
        }
    }

    /// Notes how far the list of a scope was read: whole, or not, and why.
    pub fn note_scope(&mut self, scope: ScopeId, incomplete: Option<Gap>) {
        if incomplete.is_some() {
            self.open.insert(scope.clone());
        } else {
            self.open.remove(&scope);
        }
        self.scopes.insert(scope, incomplete);
    }

    /// Notes that a scope is as infrastructure code declares it: its lists are whole, and yet a resource that is not in
    /// them may exist, made by others.
    pub fn note_declared(&mut self, scope: ScopeId) {
        self.declared.insert(scope);
    }

    /// Whether a scope is as infrastructure code declares it.
    pub fn is_declared(&self, scope: &ScopeId) -> bool {
        self.declared.contains(scope) || self.declared.contains(&scope.everywhere())
    }

    /// Notes a resource that is known to exist, or may, and was not read.
    pub fn note_missing(&mut self, scope: ScopeId, id: impl Into<String>, gap: Gap) {
        self.missing.entry(id.into()).or_default().insert(scope, gap);
    }

    /// Why scopes were not read whole, in their order.
    fn gaps(&self) -> impl Iterator<Item = (&ScopeId, &Gap)> {
        self.open.iter().filter_map(|at| Some((at, self.scopes.get(at)?.as_ref()?)))
    }

    /// Adds a resource. The first of several readings of one id stays.
    pub fn insert(&mut self, scope: ScopeId, id: impl Into<String>, item: T) {
        self.groups = None;
        self.items.entry(id.into()).or_insert_with(|| (self.places.number(scope), item));
    }

    /// The table with these resources alone, in the memory that they need: put in one by one in the order of their ids, they
    /// would leave half of every node of the tree empty. Of several of one id the last stays.
    #[must_use]
    pub fn filled(mut self, items: Vec<(String, ScopeId, T)>) -> Self {
        self.groups = None;
        self.items = items.into_iter().map(|(id, scope, item)| (id, (self.places.number(scope), item))).collect();
        self
    }

    /// Of the scope of an owner and that of somebody whom it is shared with, and who sees it as well, the one whose list
    /// was read whole; the latter where neither was.
    pub fn whole_of<'s>(&self, owner: &'s ScopeId, viewer: &'s ScopeId) -> &'s ScopeId {
        if self.incomplete(owner).is_none() { owner } else { viewer }
    }

    /// The resource of that id, looked for in a scope; ids are unique over all scopes, so that a resource that another
    /// scope read is found as well.
    pub fn get(&self, scope: &ScopeId, id: &str) -> Known<Option<&T>> {
        if let Some((_, item)) = self.items.get(id) {
            return Known::Known(Some(item));
        }
        if let Some((_, gap)) = self.missing.get(id).and_then(BTreeMap::first_key_value) {
            return Known::Unknown(gap.clone());
        }
        if self.is_declared(scope) {
            return Known::Unknown(Gap::new(format!("{id}, which is not part of this code"), GapReason::NotRead));
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

    /// What was not read, with its scope: what two accounts share may be missing in both.
    fn missing(&self) -> impl Iterator<Item = (&ScopeId, &Gap)> {
        self.missing.values().flatten()
    }

    /// How far the list of a scope was read; a list of all regions of an account stands for each that has none.
    fn read(&self, scope: &ScopeId) -> Option<&Option<Gap>> {
        self.scopes.get(scope).or_else(|| self.scopes.get(&scope.everywhere()))
    }

    /// Every resource that fits, wherever it was read, and whether the lists of that scope were read whole.
    pub fn list(&self, scope: &ScopeId, fits: impl Fn(&T) -> bool) -> Listing<'_, T> {
        let items = self.items.values().map(|(_, item)| item).filter(|item| fits(item)).collect();
        Listing { items, incomplete: self.incomplete(scope) }
    }

    /// The same, where it may not be known of a resource whether it fits: then the list is not whole.
    pub fn sift(&self, scope: &ScopeId, fits: impl Fn(&T) -> Known<bool>) -> Listing<'_, T> {
        self.sifted(scope, self.items.values(), fits)
    }

    fn sifted<'a>(
        &'a self,
        scope: &ScopeId,
        items: impl Iterator<Item = &'a (u32, T)>,
        fits: impl Fn(&T) -> Known<bool>,
    ) -> Listing<'a, T> {
        let mut open = None;
        let fits = |item: &&T| match fits(item) {
            Known::Known(yes) => yes,
            Known::Unknown(gap) => {
                open.get_or_insert(gap);
                false
            }
        };
        let items = items.map(|(_, item)| item).filter(fits).collect();
        Listing { items, incomplete: self.incomplete(scope).or(open) }
    }

    /// The table, which finds items by the names of what they belong to, such as a network, without looking at all others.
    #[must_use]
    pub fn grouped(mut self, by: impl Fn(&T) -> Vec<&str>) -> Self {
        let mut groups = Groups::default();
        for (id, (_, item)) in &self.items {
            for whole in by(item) {
                if holds_placeholder(whole) {
                    groups.open.insert(id.clone());
                } else {
                    groups.whole.entry(whole.to_owned()).or_default().insert(id.clone());
                }
            }
        }
        self.groups = Some(groups);
        self
    }

    /// As [`Self::sift`], of those that belong to something or may: `fits` asks that of each again.
    pub fn sift_of(&self, scope: &ScopeId, whole: &str, fits: impl Fn(&T) -> Known<bool>) -> Listing<'_, T> {
        self.sifted(scope, self.chosen([whole]), fits)
    }

    /// Items that belong to one of these or may, in the order of their ids; all of them where that would not be known.
    fn chosen<'a, 'w>(
        &'a self,
        wholes: impl IntoIterator<Item = &'w str>,
    ) -> Box<dyn Iterator<Item = &'a (u32, T)> + 'a> {
        let wholes: Vec<&str> = wholes.into_iter().collect();
        match self.groups.as_ref().filter(|_| !wholes.iter().any(|whole| holds_placeholder(whole))) {
            Some(groups) => {
                let own = wholes.into_iter().filter_map(|whole| groups.whole.get(whole)).flatten();
                let ids: BTreeSet<&String> = own.chain(&groups.open).collect();
                Box::new(ids.into_iter().filter_map(|id| self.items.get(id)))
            }
            None => Box::new(self.items.values()),
        }
    }

    /// As [`Self::list`], of those that belong to something: `fits` asks that of each again.
    pub fn list_of(&self, scope: &ScopeId, whole: &str, fits: impl Fn(&T) -> bool) -> Listing<'_, T> {
        self.list_of_any(scope, [whole], fits)
    }

    /// The same of those that belong to any of several.
    pub fn list_of_any<'w>(
        &self,
        scope: &ScopeId,
        wholes: impl IntoIterator<Item = &'w str>,
        fits: impl Fn(&T) -> bool,
    ) -> Listing<'_, T> {
        self.sifted(scope, self.chosen(wholes), |item| Known::Known(fits(item)))
    }

    /// Every resource that was read of those that belong to something, in the order of ids.
    pub fn of(&self, whole: &str, fits: impl Fn(&T) -> bool) -> Vec<&T> {
        self.chosen([whole]).map(|(_, item)| item).filter(|item| fits(item)).collect()
    }

    /// Why the list of a scope is not whole; none where it is. A list of all regions is whole where every part is.
    pub fn incomplete(&self, scope: &ScopeId) -> Option<Gap> {
        // What stands somewhere that is not known may stand here.
        let could_be = |left: &str, right: &str| same(left, right) != Known::Known(false);
        let within = |at: &ScopeId| {
            at == scope
                || (at.cloud == scope.cloud
                    && could_be(&at.account, &scope.account)
                    && (scope.region == ScopeId::GLOBAL || could_be(&at.region, &scope.region)))
        };
        match self.read(scope) {
            Some(Some(gap)) => Some(gap.clone()),
            None => {
                let call = self.kind.call;
                Some(Gap::new(format!("{call} in {} {}", scope.account, scope.region), GapReason::NotRead))
            }
            Some(None) => {
                let parts = self.gaps().filter(|(at, _)| within(at)).map(|(_, gap)| gap);
                let missing = self.missing().filter(|(at, _)| within(at)).map(|(_, gap)| gap);
                parts.chain(missing).next().cloned()
            }
        }
    }

    /// Why there may be more than was read, wherever that is; none where everything that was asked for was read.
    pub fn gap(&self) -> Option<Gap> {
        let scopes = self.gaps().map(|(_, gap)| gap);
        scopes.chain(self.missing().map(|(_, gap)| gap)).next().cloned()
    }

    /// Why there may be more in what was asked of an account, in whichever region; none where that was read whole.
    pub fn gap_in_account(&self, account: &str) -> Option<Gap> {
        let scopes = self.gaps().filter(|(scope, _)| scope.account == account).map(|(_, gap)| gap);
        let missing = self.missing().filter(|(scope, _)| scope.account == account).map(|(_, gap)| gap);
        scopes.chain(missing).next().cloned()
    }

    /// Everything that was read, with its scope, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (&ScopeId, &T)> {
        self.items.values().filter_map(|(number, item)| Some((self.places.get(*number)?, item)))
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
    fn what_code_declares_is_all_of_a_list_and_says_nothing_of_what_others_made() {
        let scope = ScopeId::gcp("p", "global");
        let mut table = Table::new(kinds::google::NETWORK);
        table.note_scope(scope.clone(), None);
        table.note_declared(scope.clone());
        table.insert(scope.clone(), "n", 1);
        assert_eq!(table.get(&scope, "n"), Known::Known(Some(&1)));
        assert!(
            matches!(table.get(&scope, "other"), Known::Unknown(gap) if gap.what.contains("not part of this code"))
        );
        assert!(table.list(&scope, |_| true).incomplete.is_none());
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
    fn what_belongs_to_something_is_found_as_among_all() {
        let scope = ScopeId::gcp("p", "global");
        let mut table = Table::new(kinds::google::ROUTE);
        table.note_scope(scope.clone(), None);
        for (id, network) in [("a", "one"), ("b", "two"), ("c", "one"), ("d", "(var.network)")] {
            table.insert(scope.clone(), id, network.to_owned());
        }
        let table = table.grouped(|it| vec![it]);
        for whole in ["one", "two", "three", "(var.other)"] {
            let fits = |item: &String| same(item, whole);
            let (all, own) = (table.sift(&scope, fits), table.sift_of(&scope, whole, fits));
            assert_eq!((own.items, own.incomplete), (all.items, all.incomplete), "{whole}");
        }
    }

    #[test]
    fn what_belongs_to_several_is_found_once_by_any_of_them() {
        let scope = ScopeId::gcp("p", "global");
        let mut table = Table::new(kinds::google::URL_MAP);
        table.note_scope(scope.clone(), None);
        for (id, of) in [("a", ["x", "y"]), ("b", ["y", "z"]), ("c", ["z", "(var.of)"])] {
            table.insert(scope.clone(), id, of.map(str::to_owned).to_vec());
        }
        let table = table.grouped(|of| of.iter().map(String::as_str).collect());
        for wholes in [vec![], vec!["x"], vec!["z", "y"], vec!["w"], vec!["(var.other)"]] {
            let fits = |item: &Vec<String>| item.iter().any(|it| wholes.contains(&it.as_str()));
            let all = table.list(&scope, fits);
            assert_eq!(table.list_of_any(&scope, wholes.iter().copied(), fits).items, all.items, "{wholes:?}");
            if let [whole] = wholes.as_slice() {
                assert_eq!(table.of(whole, fits), all.items, "{whole}");
            }
        }
    }

    #[test]
    fn what_two_accounts_could_not_read_is_missing_in_both() {
        let mut table: Table<i32> = Table::new(kinds::ROUTE_TABLE);
        for account in ["1", "2"] {
            let scope = ScopeId::aws(account, "us-west-2");
            table.note_scope(scope.clone(), None);
            table.note_missing(scope, "rtb-1", Gap::new("rtb-1", GapReason::Denied));
        }
        for account in ["1", "2"] {
            assert!(table.incomplete(&ScopeId::aws(account, "us-west-2")).is_some(), "{account}");
        }
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
