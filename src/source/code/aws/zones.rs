//! The availability zones of subnets, as far as anybody can tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Part, Parts};
use crate::snapshot::unknown::placeholder;

/// The name of each subnet's zone, by the subnet's id; a placeholder where it may be that of another one.
pub(super) fn names(parts: &Parts<'_>) -> BTreeMap<String, String> {
    let subnets: Vec<&Part<'_>> = parts.perhaps("subnet").collect();
    let mut mixed: BTreeSet<&str> = BTreeSet::new();
    let mut lists: BTreeMap<&str, &str> = BTreeMap::new();
    for part in &subnets {
        let root = &*part.item.resource.root;
        match part.text("AvailabilityZone").and_then(list_of) {
            Some(list) if *lists.entry(root).or_insert(list) == list => {}
            _ => drop(mixed.insert(root)),
        }
    }
    let name = |part: &&Part<'_>| {
        let given = part.text("AvailabilityZone").map(str::to_owned);
        let name = given.unwrap_or_else(|| placeholder(&format!("zone of {}", part.item.resource.address)));
        // Of one list, no zone is there twice: where all are of it, their numbers are as good as names.
        let name = if mixed.contains(&*part.item.resource.root) { name } else { name.replace(['(', ')'], "") };
        (part.id.clone(), name)
    };
    subnets.iter().map(name).collect()
}

/// The list of zones that one is picked from by its number.
fn list_of(zone: &str) -> Option<&str> {
    let (number, list) = zone.strip_prefix("(zone ")?.strip_suffix(')')?.split_once(" of ")?;
    let whole = number.bytes().all(|byte| byte.is_ascii_digit()) && !list.contains(['(', ')']);
    (whole && list.starts_with("the availability zones of ")).then_some(list)
}
