//! The facts about a waiver of the policy file, once it is known what it was for.

use super::{Document, Node};
use crate::evidence::Known;

/// A waiver, and what became of it.
#[derive(Debug, Clone)]
pub struct WaiverFacts {
    /// The file and the line.
    pub id: String,
    /// The rule as the file names it.
    pub rule: String,
    /// The pattern of what it is for.
    pub workload: String,
    /// Who answers for it.
    pub owner: String,
    /// Its last day, YYYY-MM-DD.
    pub until: String,
    /// The days until then; negative once it is over.
    pub days_left: i64,
    /// Whether anything in the scan goes by the pattern.
    pub matched: bool,
    /// Whether it accepts a finding.
    pub used: Known<bool>,
}

/// The facts that rules about waivers read.
pub fn waiver(waiver: WaiverFacts) -> Document {
    let name = format!("{} for {}", waiver.rule, waiver.workload);
    let facts = Node::map([
        ("id", waiver.id.into()),
        ("name", name.into()),
        ("rule", waiver.rule.into()),
        ("workload", waiver.workload.into()),
        ("owner", waiver.owner.into()),
        ("until", waiver.until.into()),
        ("days_left", waiver.days_left.into()),
        ("matched", waiver.matched.into()),
        ("used", waiver.used.into()),
    ]);
    Document { subject: "waiver", facts }
}
