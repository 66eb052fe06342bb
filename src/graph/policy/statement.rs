//! Reads the statements of a resource policy.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value};

use super::{
    condition::{Test, any},
    pattern::Pattern,
    principal::Principals,
};
use crate::snapshot::check_json;

/// A statement of a resource policy.
#[derive(Debug)]
pub(in crate::graph) struct Statement {
    pub(in crate::graph) sid: String,
    pub(in crate::graph) allow: bool,
    pub(in crate::graph) principals: Principals,
    actions: Listed,
    resources: Listed,
    pub(in crate::graph) tests: Vec<Test>,
    /// Why it is not understood, if it is not.
    pub(in crate::graph) strange: Option<String>,
}

/// These, or everything but these; none where it says neither.
#[derive(Debug)]
struct Listed(Option<(bool, Vec<Pattern>)>);

impl Listed {
    fn read(statement: &Map<String, Value>, name: &str, but: &str, variables: bool) -> Result<Self, String> {
        let one = if name == "Action" { Pattern::of_action } else { Pattern::read };
        let patterns = |value: &Value| -> Result<Vec<Pattern>, String> {
            Ok(texts(Some(value))?.iter().map(|text| one(text, variables)).collect())
        };
        match (statement.get(name), statement.get(but)) {
            (Some(_), Some(_)) => Err(format!("a statement has both {name} and {but}")),
            (Some(these), None) => Ok(Self(Some((false, patterns(these)?)))),
            (None, Some(these)) => Ok(Self(Some((true, patterns(these)?)))),
            (None, None) => Ok(Self(None)),
        }
    }

    fn hold(&self, text: &str, ignore_case: bool) -> Option<bool> {
        let (but, patterns) = self.0.as_ref()?;
        any(patterns.iter().map(|pattern| pattern.fits(text, ignore_case))).map(|fits| fits != *but)
    }
}

/// The statements of an identity's policy, which speaks of whoever holds it.
pub(in crate::graph) fn parse_identity(text: &str) -> Result<Vec<Arc<Statement>>, String> {
    let mut statements = read(text)?;
    for statement in &mut statements {
        statement.principals = Principals::everyone();
    }
    Ok(statements.into_iter().map(Arc::new).collect())
}

/// The statements of a resource's policy.
pub(in crate::graph) fn parse(text: &str) -> Result<Vec<Arc<Statement>>, String> {
    Ok(read(text)?.into_iter().map(Arc::new).collect())
}

fn read(text: &str) -> Result<Vec<Statement>, String> {
    check_json(text).map_err(|error| error.to_string())?;
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let variables = match document.get("Version").map(Value::as_str) {
        Some(Some("2012-10-17")) => true,
        None | Some(Some("2008-10-17")) => false,
        Some(_) => return Err("its version is none that there is".into()),
    };
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => return Err("it has no statements".into()),
    };
    let statements = statements.into_iter().enumerate().map(|(index, statement)| {
        let statement = statement.as_object().ok_or("a statement is not an object")?;
        Statement::parse(index, statement, variables)
    });
    statements.collect()
}

impl Statement {
    fn parse(index: usize, statement: &Map<String, Value>, variables: bool) -> Result<Self, String> {
        const UNDERSTOOD: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        let sid = statement.get("Sid").and_then(Value::as_str);
        let sid = sid.map_or_else(|| format!("number {}", index + 1), str::to_owned);
        let mut tests = Vec::new();
        let mut strange = None;
        for (key, value) in statement {
            if UNDERSTOOD.contains(&key.as_str()) {
                continue;
            }
            // Some emulators write these conditions beside the statement instead of into it.
            match (key.as_str(), value) {
                ("FunctionUrlAuthType" | "InvokedViaFunctionUrl", Value::String(_) | Value::Bool(_)) => {
                    tests.push(Test::new("StringEqualsIgnoreCase", &format!("lambda:{key}"), value, false));
                }
                _ => strange = Some(format!("`{key}` is not evaluated by this version")),
            }
        }
        match statement.get("Condition") {
            None => {}
            Some(Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let keys = keys.as_object().ok_or("a condition is not an object")?;
                    let spellings: BTreeSet<String> = keys.keys().map(|key| key.to_lowercase()).collect();
                    if spellings.len() < keys.len() {
                        strange = Some(format!("a key of `{operator}` is there in two spellings"));
                    }
                    tests.extend(keys.iter().map(|(key, value)| Test::new(operator, key, value, variables)));
                }
            }
            Some(_) => return Err("a condition is not an object".into()),
        }
        let allow = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(format!("statement {sid} neither allows nor denies")),
        };
        Ok(Self {
            allow,
            principals: Principals::parse(allow, statement.get("Principal"), statement.get("NotPrincipal"))?,
            actions: Listed::read(statement, "Action", "NotAction", variables)?,
            resources: Listed::read(statement, "Resource", "NotResource", variables)?,
            sid,
            tests,
            strange,
        })
    }

    /// One that allows everything to everyone.
    pub(in crate::graph) fn allow_everything() -> Self {
        let all = || Listed(Some((false, vec![Pattern::new("*")])));
        Self {
            sid: String::new(),
            allow: true,
            principals: Principals::everyone(),
            actions: all(),
            resources: all(),
            tests: Vec::new(),
            strange: None,
        }
    }

    /// Whether it may speak of an action, on whichever ARN.
    pub(in crate::graph) fn mentions(&self, action: &str) -> bool {
        self.actions.hold(action, true) != Some(false)
    }

    /// Whether it speaks of every ARN alike.
    pub(in crate::graph) fn is_about_everything(&self) -> bool {
        let all = |(but, patterns): &(bool, Vec<Pattern>)| !but && patterns.iter().any(|pattern| pattern.text == "*");
        self.tests.is_empty() && self.strange.is_none() && self.resources.0.as_ref().is_some_and(all)
    }

    /// Whether it allows everything to everything: an administrator's statement.
    pub(in crate::graph) fn allows_everything(&self) -> bool {
        let all = |(but, patterns): &(bool, Vec<Pattern>)| {
            !but && patterns.iter().any(|pattern| matches!(pattern.text.as_str(), "*" | "*:*"))
        };
        self.allow && self.is_about_everything() && self.actions.0.as_ref().is_some_and(all)
    }

    /// Whether it speaks of an action on an ARN; nothing where that cannot be said.
    pub(in crate::graph) fn concerns(&self, action: &str, arn: &str) -> Option<bool> {
        let both = [self.actions.hold(action, true), self.resources.hold(arn, false)];
        any(both.into_iter().map(|it| it.map(|it| !it))).map(|it| !it)
    }
}

pub(in crate::graph) fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| {
                item.as_str().map(str::to_owned).ok_or_else(|| "a list holds something that is not text".into())
            })
            .collect(),
        Some(_) => Err("neither text nor a list of texts".into()),
    }
}
