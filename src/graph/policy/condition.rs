//! The conditions of a statement, against what is known of a request.

use serde_json::Value as Json;

use super::{
    operator::{Compare, operator},
    pattern::{Pattern, account_of, is_account},
};

/// What is known of one key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Value {
    /// The request does not have it.
    Absent,
    /// These values.
    Is(Vec<String>),
    /// It has one, which nobody named: that of a stranger.
    Other,
    /// One of these; which, nobody knows.
    OneOf(Vec<Value>),
    /// Nothing is known, not even whether it is there.
    Unknown,
}

impl Value {
    pub(in crate::graph) fn is(text: impl Into<String>) -> Self {
        Self::Is(vec![text.into()])
    }
}

/// One condition.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Test {
    /// How it compares, and whether it is turned; none for an operator that does not exist.
    pub(in crate::graph) operator: Option<(Compare, bool)>,
    pub(super) quantifier: Option<Quantifier>,
    if_exists: bool,
    /// The key, in small letters.
    pub(in crate::graph) key: String,
    pub(in crate::graph) values: Vec<Pattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Any,
}

impl Test {
    /// That an address is in one of these networks.
    pub(in crate::graph) fn of_addresses(values: Vec<Pattern>) -> Self {
        let operator = Some((Compare::Address, false));
        Self { operator, quantifier: None, if_exists: false, key: "aws:sourceip".into(), values }
    }

    /// One key of one operator; `variables` is whether its texts may hold some.
    pub(in crate::graph) fn new(name: &str, key: &str, value: &Json, variables: bool) -> Self {
        let name = name.to_lowercase();
        let (quantifier, rest) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Some(Quantifier::All), rest),
            Some(("foranyvalue", rest)) => (Some(Quantifier::Any), rest),
            _ => (None, name.as_str()),
        };
        let (if_exists, rest) = rest.strip_suffix("ifexists").map_or((false, rest), |rest| (true, rest));
        let one = |value: &Json| match value {
            Json::String(text) => Pattern::read(text, variables),
            other => Pattern::read(&other.to_string(), variables),
        };
        let listed = match value {
            Json::Array(list) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        let plain = listed.iter().all(|value| value.is_string() || value.is_boolean() || value.is_number());
        let values = listed.iter().map(one).collect();
        let bare = quantifier.is_none() && !if_exists;
        let operator = operator(rest).filter(|found| plain && (bare || found.0 != Compare::Null));
        Self { operator, quantifier, if_exists, key: key.to_lowercase(), values }
    }

    /// Whether it holds; nothing where that cannot be said.
    pub(in crate::graph) fn holds(&self, value: &Value) -> Option<bool> {
        let (compare, negated) = self.operator?;
        match value {
            Value::Unknown => None,
            Value::OneOf(values) => agree(values.iter().map(|value| self.holds(value))),
            _ if compare == Compare::Null => {
                let absent = matches!(value, Value::Absent) || matches!(value, Value::Is(list) if list.is_empty());
                any(self.values.iter().map(|wanted| Compare::Bool.fits(wanted, if absent { "true" } else { "false" })))
            }
            Value::Absent => Some(self.missing(negated)),
            Value::Is(list) if list.is_empty() => Some(self.missing(negated)),
            Value::Is(list) => {
                let each = list.iter().map(|actual| {
                    any(self.values.iter().map(|wanted| compare.fits(wanted, actual))).map(|it| it != negated)
                });
                match self.quantifier {
                    Some(Quantifier::All) => any(each.map(|it| it.map(|it| !it))).map(|it| !it),
                    Some(Quantifier::Any) => any(each),
                    None => agree(each),
                }
            }
            Value::Other => {
                any(self.values.iter().map(|wanted| other(compare, &self.key, wanted))).map(|it| it != negated)
            }
        }
    }

    const fn missing(&self, negated: bool) -> bool {
        match (self.if_exists, self.quantifier) {
            (true, _) | (_, Some(Quantifier::All)) => true,
            (false, Some(Quantifier::Any)) => false,
            (false, None) => negated,
        }
    }
}

/// One that is true decides.
pub(in crate::graph) fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

fn agree(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = answers.next()??;
    answers.all(|answer| answer == Some(first)).then_some(first)
}

/// Whether a value that nobody named fits one of a policy.
fn other(compare: Compare, key: &str, wanted: &Pattern) -> Option<bool> {
    match compare {
        Compare::Equals | Compare::EqualsIgnoreCase | Compare::Binary => wanted.literal().map(|_| false),
        Compare::Like if wanted.text == "*" => Some(true),
        Compare::Arn if wanted.text == "*" => None,
        Compare::Like | Compare::Arn if !wanted.wild() || names_somebody(key, wanted) => Some(false),
        _ => None,
    }
}

/// Whether a pattern leaves only what one account, organisation or identity has, or nobody: no stranger has a value that fits.
pub(in crate::graph) fn names_somebody(key: &str, wanted: &Pattern) -> bool {
    let text = wanted.text.as_str();
    let fixed = |part: &str| !part.is_empty() && !part.contains(['*', '?', '$']);
    match key {
        "aws:principalarn" => account_of(text).is_some() || !may_be_principal(text),
        "aws:sourcearn" => account_of(text).is_some(),
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => text.contains('/'),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            text.split_once('/').map_or_else(|| !wanted.wild(), |(organisation, _)| fixed(organisation))
        }
        "aws:userid" => text.split_once(':').is_some_and(|(id, _)| fixed(id)),
        "aws:principalaccount" | "aws:sourceaccount" | "aws:sourceowner" | "aws:vpceaccount" => {
            is_account(text) || !may_be_account(text)
        }
        _ => false,
    }
}

/// Whether an account may fit a pattern: twelve digits.
fn may_be_account(text: &str) -> bool {
    let least = text.chars().filter(|c| *c != '*').count();
    let open = text.contains('$') || text.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '?');
    open && (least == 12 || (least < 12 && text.contains(['*', '$'])))
}

/// Whether somebody of an account may fit a pattern: an ARN of IAM or STS, which has no region.
fn may_be_principal(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, service, region, _, _] = parts[..] else { return true };
    let fits = |part: &str, text: &str| Pattern::new(part).fits(text, false) != Some(false);
    (fits(service, "iam") || fits(service, "sts")) && fits(region, "")
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
