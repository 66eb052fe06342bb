//! The conditions of a statement, as far as this version understands them.

use serde_json::Value;

/// The conditions of one statement; all of them must hold.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    tests: Vec<Test>,
}

#[derive(Debug)]
struct Test {
    operator: String,
    key: String,
    values: Vec<String>,
}

/// What conditions do to a grant to everyone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Restriction {
    /// Nothing that the caller does not choose.
    None,
    /// They leave only callers that the owner has named.
    Fixed,
    /// It is not evaluated what they leave.
    Unsure(String),
}

/// Keys that say who the caller is, or for whom a service calls.
const IDENTITY: [&str; 13] = [
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:userid",
    "lambda:eventsourcetoken",
];

/// Keys that choose a way in, and restrict nobody.
const WAYS: [&str; 2] = ["lambda:functionurlauthtype", "lambda:invokedviafunctionurl"];

impl Conditions {
    pub(super) fn add(&mut self, operator: &str, key: &str, value: &Value) {
        let one = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let values = match value {
            Value::Array(list) => list.iter().map(one).collect(),
            other => vec![one(other)],
        };
        self.tests.push(Test { operator: operator.to_lowercase(), key: key.to_lowercase(), values });
    }

    fn of(&self, key: &str) -> impl Iterator<Item = &Test> {
        self.tests.iter().filter(move |test| test.key == key)
    }

    /// Whether a URL that asks in this way fits.
    pub(super) fn allow_authentication(&self, authentication: &str) -> bool {
        self.of("lambda:functionurlauthtype").all(|test| test.values.iter().any(|value| value == authentication))
    }

    /// Whether a call by the URL, or by the API, fits.
    pub(super) fn allow_way(&self, by_url: bool) -> bool {
        let by_url = by_url.to_string();
        self.of("lambda:invokedviafunctionurl")
            .all(|test| test.values.iter().any(|value| value.eq_ignore_ascii_case(&by_url)))
    }

    /// What they do to a grant to everyone.
    pub(super) fn restriction(&self) -> Restriction {
        let mut restriction = Restriction::None;
        for test in &self.tests {
            if WAYS.contains(&test.key.as_str()) {
                if !matches!(test.operator.as_str(), "stringequals" | "stringlike" | "bool") {
                    restriction = Restriction::Unsure(test.key.clone());
                }
            } else if IDENTITY.contains(&test.key.as_str()) && test.fixed() {
                return Restriction::Fixed;
            } else {
                restriction = Restriction::Unsure(test.key.clone());
            }
        }
        restriction
    }

    /// Whether a service is tied to an account, a resource or an organisation; the key that is not understood otherwise.
    pub(super) fn source_bound(&self) -> Result<bool, String> {
        let mut unsure = None;
        for test in &self.tests {
            let bound = match test.key.as_str() {
                "aws:sourceaccount"
                | "aws:sourceorgid"
                | "aws:sourceowner"
                | "aws:principalorgid"
                | "lambda:eventsourcetoken" => test.fixed(),
                "aws:sourcearn" => test.positive() && test.values.iter().all(|value| names_an_account(value)),
                _ => false,
            };
            if bound {
                return Ok(true);
            }
            // A source that does not bind, such as the ARN of a bucket, is understood: it does not.
            let understood =
                WAYS.contains(&test.key.as_str()) || (test.key.starts_with("aws:source") && test.positive());
            if !understood {
                unsure = Some(test.key.clone());
            }
        }
        unsure.map_or(Ok(false), Err)
    }
}

impl Test {
    /// An operator that holds only where the key is there and fits.
    fn positive(&self) -> bool {
        matches!(
            self.operator.as_str(),
            "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike"
        )
    }

    /// A positive operator with values that leave nothing open.
    fn fixed(&self) -> bool {
        let open = |value: &String| value.contains(['*', '?']) || value.contains("${");
        let named = |value: &String| !open(value) || (self.key == "aws:sourcearn" && names_an_account(value));
        self.positive() && !self.values.is_empty() && self.values.iter().all(named)
    }
}

/// Whether an ARN names its account. That of a bucket does not.
fn names_an_account(arn: &str) -> bool {
    let account = arn.split(':').nth(4);
    account.is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
}
