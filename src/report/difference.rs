//! What is different between two readings of an estate, in words of meaning.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    evidence::{Gap, Known},
    graph::{Exposure, Graph, KeyNeed, Workload, egress::Family},
};

/// The differences between two readings.
#[derive(Debug)]
pub struct Difference {
    /// The workloads with changes, by name.
    pub workloads: Vec<Changes>,
    /// How many workloads there are now.
    pub of: usize,
}

/// What changed for one workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changes {
    /// Its name.
    pub name: String,
    /// Its full name.
    pub id: String,
    /// What changed, the most telling first.
    pub list: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Appeared,
    /// It is gone.
    Gone,
    /// It was not seen, and its list was not read whole.
    NotSeen,
    /// It leaves from other addresses; empty where there are none.
    Addresses {
        /// Those before.
        before: Vec<String>,
        /// Those now.
        now: Vec<String>,
    },
    /// How it leaves is another thing, by the words for egress verdicts.
    Egress {
        /// The verdict before.
        before: &'static str,
        /// The verdict now.
        now: &'static str,
    },
    /// It is more or less open.
    Exposure {
        /// How far it was.
        before: Exposure,
        /// How far it is.
        now: Exposure,
    },
    /// Somebody can call it who could not.
    Caller {
        /// Who.
        principal: String,
        /// By what.
        by: String,
    },
    /// Somebody can call it no more.
    CallerGone {
        /// Who.
        principal: String,
    },
    /// A key that it needs is in another state.
    Key {
        /// The key.
        name: String,
        /// Its state before.
        before: String,
        /// Its state now, with the day on which it stops where there is one.
        now: String,
    },
    /// Something of it is under another key; none where it is under no key of the customer's.
    OtherKey {
        /// What is.
        purpose: &'static str,
        /// The key before.
        before: Option<String>,
        /// The key now.
        now: Option<String>,
    },
    /// Something that was known is not known any more.
    Unread {
        /// What.
        what: &'static str,
        /// Why.
        gap: Gap,
    },
}

impl Change {
    /// Whether it only says that something was not read.
    pub const fn is_unread(&self) -> bool {
        matches!(self, Self::Unread { .. } | Self::NotSeen)
    }
}

impl Difference {
    /// What is different. `everything_read` says whether the second reading has no gap, so that what it lacks is gone.
    pub fn of(before: &Graph, now: &Graph, everything_read: bool) -> Self {
        let old: BTreeMap<&str, &Workload> = before.workloads.iter().map(|it| (it.id.as_str(), it)).collect();
        let there: BTreeSet<&str> = now.workloads.iter().map(|it| it.id.as_str()).collect();
        let mut workloads = Vec::new();
        for workload in &now.workloads {
            let list = match old.get(workload.id.as_str()) {
                None => vec![Change::Appeared],
                Some(old) => changes(old, workload),
            };
            workloads.push(Changes { name: workload.name.clone(), id: workload.id.clone(), list });
        }
        for workload in before.workloads.iter().filter(|it| !there.contains(it.id.as_str())) {
            let change = if everything_read { Change::Gone } else { Change::NotSeen };
            workloads.push(Changes { name: workload.name.clone(), id: workload.id.clone(), list: vec![change] });
        }
        workloads.retain(|changes| !changes.list.is_empty());
        workloads.sort();
        Self { workloads, of: now.workloads.len() }
    }

    /// Whether something certainly changed.
    pub fn changed(&self) -> bool {
        self.workloads.iter().flat_map(|it| &it.list).any(|change| !change.is_unread())
    }

    /// Whether something may have changed that was not read.
    pub fn open(&self) -> bool {
        self.workloads.iter().flat_map(|it| &it.list).any(Change::is_unread)
    }
}

fn changes(old: &Workload, new: &Workload) -> Vec<Change> {
    let mut list = Vec::new();
    egress(old, new, &mut list);
    callers(old, new, &mut list);
    keys(old, new, &mut list);
    list
}

fn egress(old: &Workload, new: &Workload, list: &mut Vec<Change>) {
    if !old.egress.is_known() {
        return;
    }
    if !new.egress.is_known() {
        let gap = new.egress.gaps().first().map(|gap| (*gap).clone());
        list.extend(gap.map(|gap| Change::Unread { what: "where it leaves", gap }));
        return;
    }
    let addresses = |of: &Workload| -> Vec<String> {
        let both = [Family::V4, Family::V6].into_iter().flat_map(|family| of.egress.addresses(family));
        both.map(str::to_owned).collect()
    };
    let (before, now) = (addresses(old), addresses(new));
    if before != now {
        list.push(Change::Addresses { before, now });
    }
    let (before, now) = (old.egress.verdict.as_str(), new.egress.verdict.as_str());
    if before != now {
        list.push(Change::Egress { before, now });
    }
}

/// Everyone who can call a workload, with the words for how.
fn named(of: &Workload) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for it in of.invoke.invokers.iter().filter(|it| it.holds == Known::Known(true)) {
        all.insert(it.principal.clone(), format!("statement {} ({})", it.sid, it.action));
    }
    for grant in &of.invoke.services {
        all.insert(grant.service.clone(), format!("statement {}", grant.sid));
    }
    for invoker in of.google.iter().flat_map(|side| &side.invokers.list) {
        let grant = &invoker.grant;
        if grant.holds == Known::Known(true) {
            all.insert(grant.principal.text.clone(), format!("{} on {}", grant.role, grant.on));
        }
        for other in invoker.impersonators.iter().filter(|other| other.holds == Known::Known(true)) {
            let by = format!("as {}, by {} on {}", grant.principal.text, other.role, other.on);
            all.entry(other.principal.text.clone()).or_insert(by);
        }
    }
    all
}

fn callers(old: &Workload, new: &Workload, list: &mut Vec<Change>) {
    let (before, now) = (old.exposure(), new.exposure());
    if before != now && before != Exposure::Unknown && now != Exposure::Unknown {
        list.push(Change::Exposure { before, now });
    }
    let (was, is) = (named(old), named(new));
    for (principal, by) in is.iter().filter(|(principal, _)| !was.contains_key(*principal)) {
        list.push(Change::Caller { principal: principal.clone(), by: by.clone() });
    }
    let gaps = new.invokers_gaps();
    match gaps.first() {
        // Of those who are missing any may only not have been read.
        Some(gap) if old.invokers_gaps().is_empty() => {
            list.push(Change::Unread { what: "who can call it", gap: gap.clone() });
        }
        Some(_) => {}
        None => {
            let gone = was.keys().filter(|principal| !is.contains_key(*principal));
            list.extend(gone.map(|principal| Change::CallerGone { principal: principal.clone() }));
        }
    }
}

fn keys(old: &Workload, new: &Workload, list: &mut Vec<Change>) {
    let state = |key: &KeyNeed| -> Result<String, Gap> {
        let state = key.state.clone().into_result()?;
        let until = key.until.clone().into_result()?;
        Ok(until.map_or_else(|| state.clone(), |until| format!("{state}, until {until}")))
    };
    let named = |of: &Workload| -> BTreeMap<&'static str, String> {
        of.keys.iter().map(|key| (key.purpose, key.name.clone())).collect()
    };
    let (was, is) = (named(old), named(new));
    if old.keys_gap.is_none() && new.keys_gap.is_none() {
        for purpose in was.keys().chain(is.keys()).copied().collect::<BTreeSet<_>>() {
            let (before, now) = (was.get(purpose).cloned(), is.get(purpose).cloned());
            if before != now {
                list.push(Change::OtherKey { purpose, before, now });
            }
        }
    }
    for key in &new.keys {
        let Some(was) = old.keys.iter().find(|own| own.name == key.name && own.purpose == key.purpose) else {
            continue;
        };
        match (state(was), state(key)) {
            (Ok(before), Ok(now)) if before != now => list.push(Change::Key { name: key.name.clone(), before, now }),
            (Ok(_), Err(gap)) => list.push(Change::Unread { what: "the state of its key", gap }),
            _ => {}
        }
    }
}
