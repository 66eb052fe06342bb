//! What differs from a lock file, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    escape::line,
    json::{document_text, gap},
};
use crate::graph::{Changed, Graph, Lock, Locked, Workload};

/// What differs from a lock file.
#[derive(Debug)]
pub struct Differences<'a> {
    /// The workloads that it names, and what differs.
    compared: Vec<(&'a Workload, &'a Changed)>,
    /// Those that are not there any more, with their full names.
    gone: Vec<(&'a str, &'a Locked)>,
    /// Whether everything was read, so that what is gone certainly is.
    everything_read: bool,
}

impl<'a> Differences<'a> {
    /// Every difference between a lock file and an estate that was compared with it.
    pub fn of(lock: &'a Lock, graph: &'a Graph, everything_read: bool) -> Self {
        let compared = graph.workloads.iter().filter_map(|it| Some((it, it.changed.as_ref()?))).collect();
        let there = |id: &String| graph.workloads.iter().any(|it| it.id == *id);
        let gone = lock.workloads.iter().filter(|(id, _)| !there(id)).map(|(id, locked)| (id.as_str(), locked));
        Self { compared, gone: gone.collect(), everything_read }
    }

    /// Whether something certainly differs.
    pub fn certain(&self) -> bool {
        self.compared.iter().any(|(_, changed)| !changed.is_empty()) || (self.everything_read && !self.gone.is_empty())
    }

    /// Whether something may differ that was not read.
    pub fn open(&self) -> bool {
        self.compared.iter().any(|(_, changed)| changed.incomplete.is_some()) || !self.gone.is_empty()
    }
}

/// The differences as text.
pub fn changes_text(found: &Differences<'_>) -> String {
    let mut out = String::new();
    let rows = found.compared.iter().filter(|(_, changed)| !changed.is_empty() || changed.incomplete.is_some());
    for (workload, changed) in rows {
        let name = line(&workload.name);
        for address in &changed.added {
            let _ = writeln!(out, "{name}   + {address}   partners were not told");
        }
        for address in &changed.removed {
            let _ = writeln!(out, "{name}   - {address}   is not its address any more");
        }
        if let Some(gap) = &changed.incomplete {
            let _ = writeln!(out, "{name}   ?   not known: {}", line(&gap.to_string()));
        }
    }
    for (id, locked) in &found.gone {
        let addresses = locked.addresses.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let what = if found.everything_read { "is gone" } else { "was not seen, and not everything was read" };
        let _ = writeln!(out, "{}   - {addresses}   the workload {what}: {}", line(&locked.name), line(id));
    }
    let changed = found.compared.iter().filter(|(_, changed)| !changed.is_empty()).count();
    let all = found.compared.len() + found.gone.len();
    let _ = writeln!(out, "{all} workloads in the lock file, {changed} changed, {} gone", found.gone.len());
    out
}

/// The differences for programs.
///
/// # Errors
/// Where they cannot be written.
pub fn changes_json(found: &Differences<'_>) -> Result<String, serde_json::Error> {
    let one = |(workload, changed): &(&Workload, &Changed)| {
        json!({
            "workload": workload.name,
            "id": workload.id,
            "added": changed.added,
            "removed": changed.removed,
            "gap": changed.incomplete.as_ref().map(gap),
        })
    };
    let gone = |(id, locked): &(&str, &Locked)| json!({ "workload": locked.name, "id": id, "addresses": locked.addresses, "certain": found.everything_read });
    document_text(&json!({
        "workloads": found.compared.iter().map(one).collect::<Vec<Value>>(),
        "gone": found.gone.iter().map(gone).collect::<Vec<Value>>(),
    }))
}
