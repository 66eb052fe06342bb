//! The ranges of VPCs: the first, and those that are added to it.

use serde_json::Value as Json;

use super::parts::{Part, Parts};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{kinds, unknown::marker},
    source::code::draft::Draft,
};

/// The ranges of a VPC for IPv4, and a marker for each that nobody knows; `by` is whatever asks.
pub(super) fn of(vpc: &str, by: &str, parts: &Parts<'_>, draft: &mut Draft<'_>) -> Vec<Json> {
    let unread = || marker(&Gap::new(format!("a range of {by}"), GapReason::UnknownValue));
    let main = draft.entry(kinds::VPC, vpc).map(|entry| entry.body.get("CidrBlock").cloned());
    let own =
        |part: &&Part<'_>| part.text("VpcId") == Some(vpc) && !part.body.keys().any(|key| key.starts_with("Ipv6"));
    let range = |part: &Part<'_>| match part.body.get("CidrBlock") {
        Some(range) if !part.item.resource.symbolic => range.clone(),
        Some(_) => marker(&part.number_gap()),
        None => unread(),
    };
    let more = parts.perhaps("vpc-range").filter(own).map(range);
    [main.flatten().unwrap_or_else(unread)].into_iter().chain(more).collect()
}
