//! The policy file, `egress-audit.yaml`: what people decided about rules and workloads, with reasons and dates.

mod check;
mod pattern;
mod raw;
mod schema;
mod waiver;

use std::{collections::BTreeMap, sync::Arc};

pub use pattern::Pattern;
pub use schema::schema_json;
pub use waiver::{Standing, Waiver};

use crate::{
    graph::{Declared, Graph},
    rule::{RuleError, RuleSet, Scalar, Severity},
};

/// The name under which the file is looked for.
pub const FILE: &str = "egress-audit.yaml";

/// What people decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The file, as the reader named it.
    pub file: String,
    /// The day on which it was read.
    pub read_on: jiff::civil::Date,
    /// Rules that are off, by id.
    pub off: Vec<String>,
    /// Levels that differ from those of the rules, by id.
    pub severities: BTreeMap<String, Severity>,
    /// Parameters of rules.
    pub params: Vec<(String, String, Scalar)>,
    /// What workloads are meant to be; later entries count before earlier ones.
    pub intents: Vec<(Pattern, Declared)>,
    /// Findings that somebody accepts for a time.
    pub waivers: Vec<Waiver>,
}

impl Policy {
    /// Reads and checks a policy file against the rules that there are.
    ///
    /// # Errors
    /// What is wrong, with line and column: an unknown field, a rule that there is not, a waiver without a reason or for more
    /// than a year.
    pub fn parse(file: &str, text: &str, rules: &RuleSet, today: jiff::civil::Date) -> Result<Self, RuleError> {
        check::check(file, text, rules, today)
    }

    /// Puts levels and parameters into force, and takes out the rules that are off.
    ///
    /// # Errors
    /// A parameter that a rule does not have.
    pub fn configure(&self, rules: &mut RuleSet) -> Result<(), RuleError> {
        for (id, name, value) in &self.params {
            rules.set_param(id, name, value.clone())?;
        }
        for (id, severity) in &self.severities {
            rules.set_severity(id, *severity);
        }
        rules.without(&self.off);
        Ok(())
    }

    /// Declares what workloads are meant to be.
    pub fn declare(&self, graph: &mut Graph) {
        let organizations = Arc::clone(&graph.organizations);
        for workload in &mut graph.workloads {
            for (pattern, declared) in &self.intents {
                if pattern.fits(&workload.name, &workload.id) {
                    workload.declare(declared, &organizations);
                }
            }
        }
    }
}
