//! Reads the statements of a resource policy as far as this version understands them.

use serde_json::{Map, Value};

use super::condition::{Conditions, Restriction};
use crate::{
    evidence::{Gap, GapReason, Known},
    snapshot::check_json,
};

/// A resource policy.
#[derive(Debug)]
pub(super) struct Policy {
    statements: Vec<Statement>,
}

#[derive(Debug)]
struct Statement {
    sid: String,
    allow: bool,
    who: Who,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Conditions,
    /// Why it is not understood, if it is not.
    strange: Option<String>,
}

/// Whom a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Everyone, anonymous callers included.
    Everyone,
    /// These services.
    Services(Vec<String>),
    /// Named accounts, roles and users.
    Named,
}

/// What a statement lets somebody do with one ARN.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) arn: &'a str,
    pub(super) sid: &'a str,
    pub(super) who: &'a Who,
    url: bool,
    invoke: bool,
    conditions: &'a Conditions,
    /// Why what it grants is not certain: it is not understood, or a denial stands beside it.
    unsure: Option<Gap>,
    strange: bool,
}

impl Policy {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check_json(text).map_err(|error| error.to_string())?;
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let statements = match document.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err("it has no statements".into()),
        };
        let statements = statements.into_iter().enumerate().map(|(index, statement)| {
            let statement = statement.as_object().ok_or("a statement is not an object")?;
            Statement::parse(index, statement)
        });
        Ok(Self { statements: statements.collect::<Result<_, String>>()? })
    }

    /// What the policy grants on one ARN. A statement that is not understood grants in doubt; a denial puts every
    /// grant in doubt.
    pub(super) fn grants<'a>(&'a self, arn: &'a str, on: &str) -> Vec<Grant<'a>> {
        let concerns = |statement: &&Statement| {
            statement.strange.is_some() || statement.resources.iter().any(|pattern| matches(pattern, on))
        };
        let doubt = |what: String| Gap::new(what, GapReason::Unsupported);
        let denial = self.statements.iter().filter(concerns).find(|statement| !statement.allow);
        let denied =
            denial.map(|statement| doubt(format!("what statement {} of the policy of {arn} denies", statement.sid)));
        let allowing = self.statements.iter().filter(concerns).filter(|statement| statement.allow);
        let grants = allowing.map(|statement| {
            let strange = statement.strange.as_ref().map(|why| {
                doubt(format!("statement {} of the policy of {arn}", statement.sid)).with_detail(why.as_str())
            });
            let lets = |action: &str| {
                statement.strange.is_some() || statement.actions.iter().any(|pattern| matches(pattern, action))
            };
            Grant {
                arn,
                sid: &statement.sid,
                who: &statement.who,
                url: lets("lambda:InvokeFunctionUrl"),
                invoke: lets("lambda:InvokeFunction"),
                conditions: &statement.conditions,
                strange: strange.is_some(),
                unsure: strange.or_else(|| denied.clone()),
            }
        });
        grants.filter(|grant| grant.url || grant.invoke).collect()
    }
}

impl Statement {
    fn parse(index: usize, statement: &Map<String, Value>) -> Result<Self, String> {
        const UNDERSTOOD: [&str; 6] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let sid = statement.get("Sid").and_then(Value::as_str);
        let sid = sid.map_or_else(|| format!("number {}", index + 1), str::to_owned);
        let mut conditions = Conditions::default();
        let mut strange = None;
        for (key, value) in statement {
            if UNDERSTOOD.contains(&key.as_str()) {
                continue;
            }
            // Some emulators write these conditions beside the statement instead of into it.
            match (key.as_str(), value) {
                ("FunctionUrlAuthType" | "InvokedViaFunctionUrl", Value::String(_) | Value::Bool(_)) => {
                    conditions.add("StringEquals", &format!("lambda:{key}"), value);
                }
                _ => strange = Some(format!("`{key}` is not evaluated by this version")),
            }
        }
        match statement.get("Condition") {
            None => {}
            Some(Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let keys = keys.as_object().ok_or("a condition is not an object")?;
                    for (key, value) in keys {
                        conditions.add(operator, key, value);
                    }
                }
            }
            Some(_) => return Err("a condition is not an object".into()),
        }
        let who = match statement.get("Principal").map(who) {
            Some(Ok(who)) => who,
            Some(Err(why)) => {
                strange = Some(why);
                Who::Everyone
            }
            // Without a principal a resource policy speaks of everyone.
            None => Who::Everyone,
        };
        Ok(Self {
            allow: match statement.get("Effect").and_then(Value::as_str) {
                Some("Allow") => true,
                Some("Deny") => false,
                _ => return Err(format!("statement {sid} neither allows nor denies")),
            },
            actions: texts(statement.get("Action"))?,
            resources: texts(statement.get("Resource"))?,
            sid,
            who,
            conditions,
            strange,
        })
    }
}

fn who(principal: &Value) -> Result<Who, String> {
    let object = match principal {
        Value::String(text) => return Ok(if text == "*" { Who::Everyone } else { Who::Named }),
        Value::Object(object) => object,
        _ => return Err("its principal is neither text nor an object".into()),
    };
    let mut services = Vec::new();
    let mut everyone = object.is_empty();
    for (kind, value) in object {
        let values = texts(Some(value))?;
        match kind.as_str() {
            "AWS" if values.iter().any(|value| value != "*" && value.contains('*')) => {
                return Err("its principal has a wildcard inside".into());
            }
            "AWS" => everyone |= values.is_empty() || values.iter().any(|value| value == "*"),
            "Service" if values.iter().any(|value| value.contains('*')) => {
                return Err("its service has a wildcard inside".into());
            }
            "Service" => services.extend(values),
            other => return Err(format!("principals of the kind `{other}` are not evaluated by this version")),
        }
    }
    match (everyone, services.is_empty(), object.len()) {
        (true, ..) => Ok(Who::Everyone),
        (false, false, 1) => Ok(Who::Services(services)),
        (false, false, _) => Err("it names services and others in one statement".into()),
        (false, true, _) => Ok(Who::Named),
    }
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
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

/// Whether a text fits a pattern of IAM: `*` is any text, `?` any character. Actions ignore case, and so does this.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
    // Greedy, with one place to come back to: linear for every pattern that people write, never exponential.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, t));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

impl Grant<'_> {
    pub(super) fn not_understood(&self) -> Option<&Gap> {
        self.unsure.as_ref().filter(|_| self.strange)
    }

    fn certain(&self, holds: Known<bool>) -> Known<bool> {
        match &self.unsure {
            Some(gap) => holds.and(Known::Unknown(gap.clone())),
            None => holds,
        }
    }

    /// Whether it lets everyone call by a URL that asks in this way.
    pub(super) fn lets_url(&self, authentication: &str) -> Known<bool> {
        let meant = self.url && *self.who == Who::Everyone && self.conditions.allow_authentication(authentication);
        self.certain(Known::Known(meant).and(self.unrestricted()))
    }

    /// Whether it lets everyone invoke, by the URL or by the API.
    pub(super) fn lets_invoke(&self, by_url: bool) -> Known<bool> {
        let meant = self.invoke && *self.who == Who::Everyone && self.conditions.allow_way(by_url);
        self.certain(Known::Known(meant).and(self.unrestricted()))
    }

    fn unrestricted(&self) -> Known<bool> {
        match self.conditions.restriction() {
            Restriction::None => Known::Known(true),
            Restriction::Fixed => Known::Known(false),
            Restriction::Unsure(key) => Known::Unknown(Gap::new(
                format!("the condition on {key} in statement {} of the policy of {}", self.sid, self.arn),
                GapReason::Unsupported,
            )),
        }
    }

    /// Whether a condition ties a service to an account, a resource or an organisation.
    pub(super) fn bound(&self) -> Known<bool> {
        match self.conditions.source_bound() {
            Ok(bound) => Known::Known(bound),
            Err(key) => Known::Unknown(Gap::new(
                format!("the condition on {key} in statement {} of the policy of {}", self.sid, self.arn),
                GapReason::Unsupported,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_of_actions_and_resources_match_as_iam_does() {
        for (pattern, text) in [
            ("lambda:*", "lambda:InvokeFunction"),
            ("LAMBDA:invoke*", "lambda:InvokeFunctionUrl"),
            ("*", "lambda:InvokeFunction"),
            ("arn:*:f:?", "arn:aws:f:1"),
            ("a*b*c", "axxbyyc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("lambda:Invoke", "lambda:InvokeFunction"), ("arn:f", "arn:f:1"), ("a*b", "axc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
