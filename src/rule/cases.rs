//! Test cases of a rule: facts, and the verdict they must lead to.

use serde::Deserialize;
use serde_json::{Map as Object, Value};
use serde_saphyr::Spanned;

use super::{Rule, RuleError, RuleSet, Scalar, expression::did_you_mean, load, place::Page};
use crate::facts::{
    Node,
    vocabulary::{self, Field, Type},
};

/// The test cases of one rule, checked against the vocabulary.
#[derive(Debug, Clone)]
pub struct RuleCases {
    /// The file they were read from.
    pub file: String,
    /// The id of the rule.
    pub rule: String,
    /// The cases, in their order.
    pub cases: Vec<Case>,
}

/// One test case. A fact that it leaves out is unknown.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it shows, as a sentence.
    pub name: String,
    /// The facts of the subject.
    pub facts: Node,
    /// Parameters that differ from their defaults.
    pub params: Vec<(String, Scalar)>,
    /// The verdict.
    pub expect: Expectation,
}

/// The verdict that a case must lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// It holds.
    Pass,
    /// It does not hold; with this message, where one is given.
    Fail(Option<String>),
    /// It cannot be told; for want of these facts, where they are given.
    NotEvaluated(Option<Vec<String>>),
    /// The rule has nothing to say.
    NotApplicable,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCases {
    rule: Spanned<String>,
    cases: Vec<Spanned<RawCase>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    facts: Object<String, Value>,
    expect: Value,
}

impl RuleCases {
    /// Reads the cases of a rule of that set.
    ///
    /// # Errors
    /// The file is not of the form of cases, its rule is not in the set, or a fact is not in the vocabulary.
    pub fn parse(file: &str, text: &str, rules: &RuleSet) -> Result<Self, RuleError> {
        let page = Page { file, text };
        let raw: RawCases = load::read(page)?;
        let id = &raw.rule.value;
        let Some(rule) = rules.get(id) else {
            let error = page.error_at(raw.rule.referenced, format!("there is no rule `{id}`"));
            let hint = did_you_mean(id, rules.rules().iter().map(|rule| rule.id.as_str()));
            return Err(hint.into_iter().fold(error, RuleError::with_hint));
        };
        let mut cases = Vec::new();
        for raw in raw.cases {
            let place = raw.referenced;
            let name = raw.value.name.clone();
            let case = case(rule, raw.value).map_err(|(problem, hint)| {
                let error = page.error_at(place, format!("case `{name}`: {problem}"));
                hint.into_iter().fold(error, RuleError::with_hint)
            })?;
            cases.push(case);
        }
        Ok(Self { file: file.to_owned(), rule: raw.rule.value, cases })
    }
}

type Wrong = (String, Option<String>);

fn case(rule: &Rule, raw: RawCase) -> Result<Case, Wrong> {
    let subject = rule.subject.name;
    let mut facts = Value::Object(Object::new());
    let mut params = Vec::new();
    for (name, value) in raw.facts {
        if name == subject {
            check(&value, Type::Object(rule.subject.fields), subject)?;
            facts = value;
        } else if name == "params" {
            let Value::Object(given) = value else { return Err(("`params` holds names and values".to_owned(), None)) };
            for (name, value) in given {
                let scalar =
                    scalar(&value).ok_or_else(|| (format!("parameter `{name}` is not a plain value"), None))?;
                let mut probe = rule.clone();
                probe
                    .set_param(&name, scalar.clone())
                    .map_err(|e| (e.problem().to_owned(), e.hint().map(str::to_owned)))?;
                params.push((name, scalar));
            }
        } else {
            return Err((format!("the facts are of `{name}`, but the rule is about `{subject}`"), None));
        }
    }
    Ok(Case { name: raw.name, facts: Node::from_json(&facts), params, expect: expectation(&raw.expect)? })
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number.as_i64().map(Scalar::Int),
        Value::String(text) => Some(Scalar::Text(text.clone())),
        _ => None,
    }
}

fn expectation(value: &Value) -> Result<Expectation, Wrong> {
    let wrong = || {
        let forms = "`pass`, `fail`, `not-evaluated`, `not-applicable`, `{fail: message}` or `{not-evaluated: [fact]}`";
        ("this is not a verdict to expect".to_owned(), Some(format!("it is one of {forms}")))
    };
    let texts =
        |list: &Vec<Value>| list.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    match value {
        Value::String(word) => match word.as_str() {
            "pass" => Ok(Expectation::Pass),
            "fail" => Ok(Expectation::Fail(None)),
            "not-evaluated" => Ok(Expectation::NotEvaluated(None)),
            "not-applicable" => Ok(Expectation::NotApplicable),
            _ => Err(wrong()),
        },
        Value::Object(object) if object.len() == 1 => match object.iter().next() {
            Some((word, Value::String(message))) if word == "fail" => Ok(Expectation::Fail(Some(message.clone()))),
            Some((word, Value::Array(list))) if word == "not-evaluated" => {
                texts(list).map(|list| Expectation::NotEvaluated(Some(list))).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// Whether a fact is of the form that the vocabulary gives it. A gap is of every form.
fn check(value: &Value, kind: Type, path: &str) -> Result<(), Wrong> {
    if is_gap(value) {
        return Ok(());
    }
    match (kind, value) {
        (Type::Nullable(_), Value::Null) | (Type::Bool, Value::Bool(_)) | (Type::Text, Value::String(_)) => Ok(()),
        (Type::Nullable(inner), _) => check(value, *inner, path),
        (Type::Int, Value::Number(number)) if number.is_i64() => Ok(()),
        (Type::Enum(words), Value::String(word)) => {
            if words.contains(&word.as_str()) {
                return Ok(());
            }
            Err((format!("`{path}` is never `{word}`"), did_you_mean(word, words.iter().copied())))
        }
        (Type::List(element), Value::Array(items)) => {
            let inside = format!("{path}[]");
            items.iter().try_for_each(|item| check(item, *element, &inside))
        }
        (Type::Object(fields), Value::Object(object)) => object.iter().try_for_each(|(name, value)| {
            let field = known(fields, name, path)?;
            check(value, field.kind, &format!("{path}.{name}"))
        }),
        (Type::Text, Value::Number(_) | Value::Bool(_)) => {
            Err((format!("`{path}` is text, and `{value}` is not"), Some("put it in quotes".to_owned())))
        }
        _ => Err((format!("`{path}` is not of the form that the vocabulary gives it: `{value}`"), None)),
    }
}

fn known(fields: &'static [Field], name: &str, path: &str) -> Result<&'static Field, Wrong> {
    vocabulary::field(fields, name).ok_or_else(|| {
        (format!("`{path}` has no field `{name}`"), did_you_mean(name, fields.iter().map(|field| field.name)))
    })
}

fn is_gap(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1 && object.contains_key("unknown"))
}
