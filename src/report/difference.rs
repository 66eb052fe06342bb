//! What is different between two readings of an estate, in words of meaning.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    evidence::{Gap, Known},
    graph::{
        Exposure, Graph, KeyNeed, Workload,
        egress::{Family, Verdict},
    },
    snapshot::{
        ReadState, Snapshot,
        unknown::{holds_placeholder, same},
    },
};

/// The differences between two readings.
#[derive(Debug)]
pub struct Difference {
    /// The workloads with changes, by name.
    pub workloads: Vec<Changes>,
    /// How many workloads there are now.
    pub of: usize,
    /// How many are in one of the readings alone because the other one is code, which declares a part of an estate.
    pub elsewhere: usize,
}

/// A reading, and what its lists are worth.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The estate.
    pub graph: &'a Graph,
    /// Whether it has no gap, so that what it lacks is not there.
    pub whole: bool,
    /// Whether it is code, which declares a part of an estate.
    pub declared: bool,
}

impl<'a> Reading<'a> {
    /// A snapshot, and the estate that it comes to.
    pub fn new(snapshot: &Snapshot, graph: &'a Graph) -> Self {
        let declared = snapshot.coverage.iter().any(|line| line.state == ReadState::Declared);
        Self { graph, whole: snapshot.gaps.is_empty(), declared }
    }
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
    /// What is different.
    pub fn of(before: Reading<'_>, now: Reading<'_>) -> Self {
        let pairs = Pairs::of(&before.graph.workloads, &now.graph.workloads);
        let (mut workloads, mut elsewhere) = (Vec::new(), 0);
        for workload in &now.graph.workloads {
            let list = match pairs.old(workload) {
                Some(old) => changes(old, workload),
                // What no code declares may be there for all that.
                None if before.declared && !now.declared => {
                    elsewhere += 1;
                    continue;
                }
                None => vec![Change::Appeared],
            };
            workloads.push(Changes { name: workload.name.clone(), id: workload.id.clone(), list });
        }
        for workload in pairs.alone() {
            let change = match (now.declared && !before.declared, now.whole) {
                (true, _) => {
                    elsewhere += 1;
                    continue;
                }
                (false, true) => Change::Gone,
                (false, false) => Change::NotSeen,
            };
            workloads.push(Changes { name: workload.name.clone(), id: workload.id.clone(), list: vec![change] });
        }
        workloads.retain(|changes| !changes.list.is_empty());
        workloads.sort();
        Self { workloads, of: now.graph.workloads.len(), elsewhere }
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

/// Which workload of one reading is which of the other.
struct Pairs<'a> {
    old: &'a [Workload],
    /// The workloads before, by the ids of those now.
    pairs: BTreeMap<&'a str, &'a Workload>,
}

impl<'a> Pairs<'a> {
    fn of(old: &'a [Workload], new: &'a [Workload]) -> Self {
        let by_id: BTreeMap<&str, &Workload> = old.iter().map(|it| (it.id.as_str(), it)).collect();
        let mut pairs: BTreeMap<&str, &Workload> =
            new.iter().filter_map(|it| Some((it.id.as_str(), *by_id.get(it.id.as_str())?))).collect();
        // Code does not always say which account or project it is for: then it is the only one whose name fits.
        let taken: BTreeSet<&str> = pairs.keys().copied().collect();
        let left = |all: &'a [Workload]| all.iter().filter(|it| !taken.contains(it.id.as_str())).collect::<Vec<_>>();
        let (old_left, new_left) = (left(old), left(new));
        let fitting = |one: &Workload, all: &[&'a Workload]| -> Option<&'a Workload> {
            let mut found = all.iter().filter(|it| it.kind == one.kind && may_be(&it.id, &one.id));
            found.next().copied().filter(|_| found.next().is_none())
        };
        let in_doubt = |it: &&&Workload| holds_placeholder(&it.id);
        if old_left.iter().chain(&new_left).any(|it| in_doubt(&it)) {
            for now in &new_left {
                let Some(before) = fitting(now, &old_left) else { continue };
                if fitting(before, &new_left).is_some_and(|it| it.id == now.id) {
                    pairs.insert(&now.id, before);
                }
            }
        }
        Self { old, pairs }
    }

    fn old(&self, new: &Workload) -> Option<&'a Workload> {
        self.pairs.get(new.id.as_str()).copied()
    }

    /// The workloads before that are none of those now.
    fn alone(&self) -> impl Iterator<Item = &'a Workload> {
        let paired: BTreeSet<&str> = self.pairs.values().map(|it| it.id.as_str()).collect();
        self.old.iter().filter(move |it| !paired.contains(it.id.as_str()))
    }
}

/// Whether two names may be of one thing: code leaves parts of them open.
fn may_be(one: &str, other: &str) -> bool {
    same(one, other) != Known::Known(false)
}

fn changes(old: &Workload, new: &Workload) -> Vec<Change> {
    let mut list = Vec::new();
    egress(old, new, &mut list);
    callers(old, new, &mut list);
    keys(old, new, &mut list);
    list
}

fn egress(old: &Workload, new: &Workload, list: &mut Vec<Change>) {
    let gap = |what: &'static str| {
        let gap = new.egress.gaps().first().map(|gap| (*gap).clone());
        gap.map(|gap| Change::Unread { what, gap })
    };
    if old.egress.verdict == Verdict::Unknown {
        return;
    }
    if new.egress.verdict == Verdict::Unknown {
        list.extend(gap("where it leaves"));
        return;
    }
    let (was, is) = (old.egress.verdict.as_str(), new.egress.verdict.as_str());
    let addresses = |of: &Workload| -> Vec<String> {
        let both = [Family::V4, Family::V6].into_iter().flat_map(|family| of.egress.addresses(family));
        both.map(str::to_owned).collect()
    };
    let (before, now) = (addresses(old), addresses(new));
    let lacks = |all: &[String], of: &[String]| of.iter().any(|own| !all.iter().any(|other| may_be(own, other)));
    let open = |of: &Workload| !of.egress.is_known();
    if before.len() != now.len() || lacks(&now, &before) || lacks(&before, &now) {
        if !open(old) && !open(new) || was != is {
            list.push(Change::Addresses { before, now });
        } else if !open(old) {
            list.extend(gap("which addresses it leaves from"));
        }
    } else if open(new) && !open(old) {
        list.extend(gap("which addresses it leaves from"));
    }
    if was != is {
        list.push(Change::Egress { before: was, now: is });
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
    let known = |all: &BTreeMap<String, String>, principal: &str| {
        all.contains_key(principal) || all.keys().any(|other| may_be(other, principal))
    };
    for (principal, by) in is.iter().filter(|(principal, _)| !known(&was, principal)) {
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
            let gone = was.keys().filter(|principal| !known(&is, principal));
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
            let kept = before.iter().zip(&now).any(|(before, now)| may_be(before, now));
            if before != now && !kept {
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
