//! The lock file: the addresses that partners were told, by workload, and what has changed since.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Graph, Workload, egress::Family, egress::Verdict};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::check_json,
};

/// The addresses that partners were told, by the full name of the workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    schema: String,
    /// The workloads.
    pub workloads: BTreeMap<String, Locked>,
}

/// The addresses of one workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// Its name, for readers.
    pub name: String,
    /// Single addresses, and ranges for IPv6.
    pub addresses: BTreeSet<String>,
}

/// What differs from the lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Addresses that were not told, in their order.
    pub added: Vec<String>,
    /// Addresses that were told and are not there any more.
    pub removed: Vec<String>,
    /// Why there may be others.
    pub incomplete: Option<Gap>,
}

impl Changed {
    /// Whether nothing differs, as far as is known.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl Lock {
    /// The form that this version reads and writes.
    pub const SCHEMA: &str = "egress-audit/addresses/v1";

    /// A lock file without a workload.
    pub const fn empty() -> Self {
        Self { schema: String::new(), workloads: BTreeMap::new() }
    }

    /// What a lock file says.
    ///
    /// # Errors
    /// Where it is no lock file: what is wrong, with line and column where there is one.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_json(text).map_err(|error| error.to_string())?;
        let lock: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if lock.schema != Self::SCHEMA {
            return Err(format!("its schema is `{}`, and this version reads `{}`", lock.schema, Self::SCHEMA));
        }
        for (id, locked) in &lock.workloads {
            if let Some(text) = locked.addresses.iter().find(|text| !is_address(text)) {
                return Err(format!("`{text}` of {id} is neither an address nor a range"));
            }
        }
        Ok(lock)
    }

    /// As it is written: one line for each workload, so that reviews see what changed.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut lines = Vec::new();
        for (id, locked) in &self.workloads {
            lines.push(format!("    {}: {}", serde_json::to_string(id)?, serde_json::to_string(locked)?));
        }
        let workloads = if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n  }}", lines.join(",\n")) };
        Ok(format!("{{\n  \"schema\": \"{}\",\n  \"workloads\": {workloads}\n}}\n", Self::SCHEMA))
    }

    /// The lock file for what is there now, and the workloads whose addresses are not known. Those keep what `before` says
    /// of them; so do workloads that are not there any more, where not everything was read.
    pub fn renewed<'a>(before: &Self, graph: &'a Graph, everything_read: bool) -> (Self, Vec<&'a Workload>) {
        let mut workloads = BTreeMap::new();
        let mut unknown = Vec::new();
        for workload in &graph.workloads {
            if !workload.egress.is_known() {
                unknown.push(workload);
                continue;
            }
            if let Some(addresses) = told(workload) {
                workloads.insert(workload.id.clone(), Locked { name: workload.name.clone(), addresses });
            }
        }
        let there: BTreeSet<&str> = graph.workloads.iter().map(|workload| workload.id.as_str()).collect();
        for (id, locked) in &before.workloads {
            let unread = unknown.iter().any(|workload| workload.id == *id);
            if unread || (!everything_read && !there.contains(id.as_str())) {
                workloads.insert(id.clone(), locked.clone());
            }
        }
        (Self { schema: Self::SCHEMA.into(), workloads }, unknown)
    }

    /// What differs for a workload; none where the file does not name it.
    pub fn compare(&self, workload: &Workload) -> Option<Changed> {
        let locked = self.workloads.get(&workload.id)?;
        let now = addresses(workload);
        let known = workload.egress.is_known();
        let unread = || Gap::new(format!("the addresses of {}", workload.id), GapReason::UnknownValue);
        let incomplete = (!known).then(|| workload.egress.gaps().first().map_or_else(unread, |gap| (*gap).clone()));
        Some(Changed {
            added: now.difference(&locked.addresses).cloned().collect(),
            // Of what was not read, one of those told may be.
            removed: if known { locked.addresses.difference(&now).cloned().collect() } else { Vec::new() },
            incomplete,
        })
    }
}

/// The addresses that are known: one that was not read goes by the name of what holds it.
fn addresses(workload: &Workload) -> BTreeSet<String> {
    let seen = [Family::V4, Family::V6].into_iter().flat_map(|family| workload.egress.addresses(family));
    seen.filter(|text| is_address(text)).map(str::to_owned).collect()
}

/// Whether a text is an address or a range.
fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok()
}

/// The addresses that one can tell a partner; none where there are none that stay.
fn told(workload: &Workload) -> Option<BTreeSet<String>> {
    let stays = !matches!(workload.egress.verdict, Verdict::Ephemeral | Verdict::None | Verdict::Unknown);
    Some(addresses(workload)).filter(|addresses| stays && !addresses.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(addresses: &str) -> Result<Lock, String> {
        Lock::parse(&format!(
            r#"{{"schema":"egress-audit/addresses/v1","workloads":{{"a":{{"name":"a","addresses":{addresses}}}}}}}"#
        ))
    }

    #[test]
    fn a_lock_file_is_read_as_it_is_written() {
        let read = lock(r#"["192.0.2.1","2001:db8::/56"]"#).expect("a lock file");
        assert_eq!(Lock::parse(&read.text().expect("text")), Ok(read));
        let empty = Lock { schema: Lock::SCHEMA.into(), ..Lock::empty() };
        assert_eq!(Lock::parse(&empty.text().expect("text")), Ok(empty));
    }

    #[test]
    fn what_is_no_lock_file_is_refused_with_its_place() {
        assert_eq!(lock(r#"["here"]"#), Err("`here` of a is neither an address nor a range".into()));
        assert!(Lock::parse("{\n\"schema\": 1}").is_err_and(|error| error.contains("line 2")));
        let other = Lock::parse(r#"{"schema":"egress-audit/addresses/v2","workloads":{}}"#);
        assert!(other.is_err_and(|error| error.contains("reads `egress-audit/addresses/v1`")));
        let twice = Lock::parse(r#"{"schema":"egress-audit/addresses/v1","workloads":{},"workloads":{}}"#);
        assert!(twice.is_err());
    }
}
