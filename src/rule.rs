//! Rules: one YAML file each, checked in full when it is loaded.

mod cases;
pub mod documentation;
mod embedded;
mod error;
pub(crate) mod expression;
mod load;
mod place;
mod raw;
mod set;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub use cases::{Case, Expectation, RuleCases};
pub use error::RuleError;
pub use expression::Expression;
pub(crate) use place::Page;
pub use raw::Remediation;
pub use set::RuleSet;
pub(crate) use template::Piece;
pub use template::Template;

use crate::facts::vocabulary::Subject;

/// A rule whose every part was checked and compiled.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file it was read from, as the reader named it.
    pub file: String,
    /// Its name, in kebab-case; it reads as "allow this".
    pub id: String,
    /// The family it belongs to: the name of its folder, where it has one.
    pub family: Option<String>,
    /// What a failure means, in a few words.
    pub title: String,
    /// How bad a failure is, unless a policy says otherwise.
    pub severity: Severity,
    /// How far along its life it is.
    pub status: Status,
    /// The version of the tool that first had it.
    pub since: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its earlier ids and the ids that other tools give to the same thing.
    pub aliases: Vec<String>,
    /// The controls it speaks to, by framework.
    pub compliance: BTreeMap<String, Vec<String>>,
    /// What one evaluation is about.
    pub subject: &'static Subject,
    /// The list that it judges one element at a time, where it does so.
    pub for_each: Option<ForEach>,
    /// Values that a user may set.
    pub params: BTreeMap<String, Param>,
    /// Where it applies; everywhere if absent.
    pub when: Option<Expression>,
    /// What must hold.
    pub require: Expression,
    /// What to say where it does not hold.
    pub message: Template,
    /// What it checks.
    pub description: String,
    /// Why a failure is bad.
    pub why: String,
    /// How to repair a failure.
    pub remediation: Remediation,
    /// Where to read more.
    pub references: Vec<String>,
    pub(crate) patterns: expression::Patterns,
}

impl Rule {
    /// The facts that its verdict and its message depend on: paths of the vocabulary, sorted, with `[]` for every
    /// element of a list.
    pub fn reads(&self) -> BTreeSet<&str> {
        let mut reads = self.decided_by();
        reads.extend(self.message.expressions().flat_map(Expression::reads));
        reads
    }

    /// The facts that its verdict depends on, in the form of [`Rule::reads`].
    pub(crate) fn decided_by(&self) -> BTreeSet<&str> {
        let list = self.for_each.iter().map(|each| each.vocabulary.as_str());
        list.chain(self.when.iter().chain([&self.require]).flat_map(Expression::reads)).collect()
    }

    /// Sets a parameter.
    ///
    /// # Errors
    /// The rule has no parameter of that name, or it is of another type.
    pub fn set_param(&mut self, name: &str, value: Scalar) -> Result<(), RuleError> {
        let about = |problem: String| RuleError::new(&self.file, problem);
        let Some(param) = self.params.get_mut(name) else {
            let known: Vec<_> = self.params.keys().map(|name| format!("`{name}`")).collect();
            let hint = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
            return Err(about(format!("rule `{}` has no parameter `{name}`", self.id)).with_hint(hint));
        };
        if param.value.kind() != value.kind() {
            let (wanted, given) = (param.value.kind(), value.kind());
            return Err(about(format!("parameter `{name}` of rule `{}` is {wanted}, not {given}", self.id)));
        }
        param.value = value;
        Ok(())
    }
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Untidy, or costly.
    Low,
    /// Weakens a defence, or breaks on a bad day.
    Medium,
    /// Breaks what the workload is meant to do, or opens it to some.
    High,
    /// Open to anyone, or about to stop.
    Critical,
}

impl Severity {
    /// All of them, from the lowest.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// How far along its life a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// New; its verdicts may still change.
    Preview,
    /// Here to stay.
    #[default]
    Stable,
    /// On its way out.
    Deprecated,
}

impl Status {
    /// The word for it in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
        }
    }
}

/// The list that a rule judges one element at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForEach {
    /// The name of one element in the rule's expressions.
    pub name: String,
    /// The fields that lead from the subject to the list.
    pub fields: Vec<&'static str>,
    /// The list as a path of the vocabulary.
    pub vocabulary: String,
}

/// A value that a user may set for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The value in force.
    pub value: Scalar,
    /// What it means.
    pub meaning: String,
}

/// A plain value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

impl Scalar {
    /// What it is, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "yes or no",
            Self::Int(_) => "a whole number",
            Self::Text(_) => "text",
        }
    }
}

#[cfg(test)]
mod tests;
