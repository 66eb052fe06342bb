//! What infrastructure code says besides what it declares.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::evidence::Origin;

/// What code says of itself, and of what this tool finds in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Remarks {
    /// Comments that accept findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<CodeWaiver>,
    /// By file and number, of the lines that something of the snapshot stands in: the hash by which GitHub's code scanning
    /// tells a line apart, as in its `primaryLocationLineHash`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, BTreeMap<u32, String>>,
}

impl Remarks {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.waivers.is_empty() && self.lines.is_empty()
    }

    /// Adds those of another reading.
    pub fn extend(&mut self, more: Self) {
        self.waivers.extend(more.waivers);
        for (file, lines) in more.lines {
            self.lines.entry(file).or_default().extend(lines);
        }
    }

    /// Brings them into their one order.
    pub(super) fn sort(&mut self) {
        self.waivers.sort();
        self.waivers.dedup();
    }
}

/// A comment in code that accepts findings, or means to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeWaiver {
    /// Where it stands.
    pub at: Origin,
    /// The first and the last line of what it is about; none where it stands beside nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<(u32, u32)>,
    /// The rules that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The last day of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    /// Why nobody can tell what it accepts, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<String>,
}
