//! The code that manages what a live scan read: whose lines its findings are put on.
//!
//! A record of code goes by the id of the live resource that the code made. A state tells which one that is, by the address
//! of each resource. Without a state it is the only one whose name fits, where the name is known and only the account or the
//! region is not; what fits several is none of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{disk, evaluate, evaluate_document, mapped, refused, remarks, values::Values};
use crate::{
    code::{self, Library as _},
    evidence::Known,
    snapshot::{
        Record, Snapshot,
        kinds::Word,
        read_text,
        unknown::{holds_placeholder, same},
    },
    source::CollectError,
};

/// Which id a resource's record of a kind has, by the root and the address of the resource.
pub(super) type Ids = BTreeMap<(String, String), BTreeMap<&'static str, String>>;

/// Reads code at these paths, folders and states, and gives what is placed of it by the ids of a live scan.
///
/// # Errors
/// Where a path is no infrastructure code, or none of them is a folder: a state has no lines.
pub fn managed(paths: &[PathBuf], live: &Snapshot) -> Result<Snapshot, CollectError> {
    let (folders, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
    let states: Vec<Ids> = files.into_iter().map(|path| state(path, live.taken_at)).collect::<Result<_, _>>()?;
    if folders.is_empty() && !states.is_empty() {
        let hint = "a state tells which resource is which, and a folder where it is written: name both";
        return Err(refused("`--map` names states, and no folder with the code".into(), hint));
    }
    let mut all = Snapshot::empty(live.taken_at);
    for path in folders {
        all.extend(folder(path, &states, live)?);
    }
    Ok(all)
}

fn state(path: &Path, now: Timestamp) -> Result<Ids, CollectError> {
    let (name, text) = (path.display().to_string(), read_text(path)?);
    if !code::looks_like_plan_or_state(&text) {
        return Err(refused(format!("`{name}` is no state of Terraform"), "`terraform state pull` writes one"));
    }
    Ok(mapped(&evaluate_document(&name, &text)?, now).1)
}

fn folder(path: &Path, states: &[Ids], live: &Snapshot) -> Result<Snapshot, CollectError> {
    let disk = disk(path)?;
    let evaluated = evaluate(&disk, path, &Values::default())?;
    let (mut snapshot, ids) = mapped(&evaluated, live.taken_at);
    remarks::add(&mut snapshot, &evaluated.waivers, &remarks::under(path), &|file| disk.text(file).ok());
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for state in states {
        renamed.extend(by_address(&ids, state));
    }
    let known = Live::of(live);
    let is_placed = |record: &Record| record.origin.is_some() || !record.origins.is_empty();
    let mut records = Vec::new();
    for mut record in std::mem::take(&mut snapshot.records).into_iter().filter(is_placed) {
        let id = renamed.get(&record.id).unwrap_or(&record.id);
        if let Some(found) = known.the_one(&record.kind, id) {
            found.clone_into(&mut record.id);
            records.push(record);
        }
    }
    // Two resources of code for one of the cloud: nobody can tell which of them it is.
    let mut counts: BTreeMap<(Word, String), usize> = BTreeMap::new();
    for record in &records {
        *counts.entry((record.kind.clone(), record.id.clone())).or_default() += 1;
    }
    records.retain(|record| counts.get(&(record.kind.clone(), record.id.clone())) == Some(&1));
    let mut placed = Snapshot::empty(live.taken_at);
    placed.records = records;
    placed.remarks = snapshot.remarks;
    Ok(placed)
}

/// The ids of code by those of a state: of the root of the folder that has most of its addresses.
fn by_address(code: &Ids, state: &Ids) -> BTreeMap<String, String> {
    let addresses: BTreeSet<&str> = state.keys().map(|(_, address)| address.as_str()).collect();
    let mut roots: BTreeMap<&str, usize> = BTreeMap::new();
    for (root, _) in code.keys().filter(|(_, address)| addresses.contains(address.as_str())) {
        *roots.entry(root).or_default() += 1;
    }
    let most = roots.values().max().copied().unwrap_or(0);
    let mut best = roots.into_iter().filter(|(_, count)| *count == most).map(|(root, _)| root);
    let (Some(root), None) = (best.next(), best.next()) else { return BTreeMap::new() };
    let mut renamed = BTreeMap::new();
    for ((_, address), of_state) in state {
        let Some(of_code) = code.get(&(root.to_owned(), address.clone())) else { continue };
        for (kind, id) in of_code {
            renamed.extend(of_state.get(kind).map(|real| (id.clone(), real.clone())));
        }
    }
    renamed
}

/// What a live scan read, by kind and the last part of the id.
struct Live<'a> {
    ids: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
}

impl<'a> Live<'a> {
    fn of(live: &'a Snapshot) -> Self {
        let mut ids: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for record in &live.records {
            ids.entry((&record.kind, last(&record.id))).or_default().push(&record.id);
        }
        Self { ids }
    }

    /// The only id that is this one, or may be by its name.
    fn the_one(&self, kind: &str, id: &str) -> Option<&'a str> {
        let name = last(id);
        if holds_placeholder(name) {
            return None;
        }
        let all = self.ids.get(&(kind, name))?;
        if let Some(exact) = all.iter().find(|own| **own == id) {
            return Some(exact);
        }
        let mut fitting = all.iter().filter(|own| same(own, id) != Known::Known(false));
        fitting.next().copied().filter(|_| fitting.next().is_none())
    }
}

/// The last part of an id: its name.
fn last(id: &str) -> &str {
    id.rsplit(['/', ':']).next().unwrap_or(id)
}
