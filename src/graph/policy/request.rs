//! Symbolic requests: whole classes of them at once, by what is known of each key.

use std::collections::BTreeMap;

use super::{
    addresses,
    condition::{Test, Value, names_somebody},
    operator::Compare,
    pattern::account_of,
    principal::Caller,
};

/// A class of requests.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Request {
    pub(in crate::graph) caller: Caller,
    /// Whether a service calls on behalf of a stranger; of anybody otherwise.
    pub(in crate::graph) strange_source: bool,
    /// What is asked for, all of which must be allowed.
    pub(in crate::graph) steps: Vec<Step>,
    /// Whether it comes over a function URL, and so from the internet.
    pub(in crate::graph) by_url: bool,
    /// Only this statement of those that allow counts.
    pub(in crate::graph) only: Option<usize>,
    /// Keys whose value is given.
    pub(in crate::graph) given: BTreeMap<String, Value>,
}

/// One action, and what only it knows.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Step {
    pub(in crate::graph) action: &'static str,
    authentication: Value,
    via_url: Value,
}

impl Step {
    /// The permission for the URL itself.
    pub(in crate::graph) fn url(authentication: &str) -> Self {
        let (authentication, via_url) = (Value::is(authentication), Value::is("true"));
        Self { action: "lambda:InvokeFunctionUrl", authentication, via_url }
    }

    /// The call that a URL makes. Whether it carries the URL's key is not documented.
    pub(in crate::graph) fn by_url(authentication: &str) -> Self {
        let authentication = Value::OneOf(vec![Value::Absent, Value::is(authentication)]);
        Self { action: "lambda:InvokeFunction", authentication, via_url: Value::is("true") }
    }

    /// A call by the API of Lambda, whichever action.
    pub(in crate::graph) fn api(action: &'static str) -> Self {
        let via_url = Value::OneOf(vec![Value::Absent, Value::is("false")]);
        Self { action, authentication: Value::Absent, via_url }
    }

    /// An action with what is known of its own keys.
    #[cfg(test)]
    pub(super) const fn with(action: &'static str, authentication: Value, via_url: Value) -> Self {
        Self { action, authentication, via_url }
    }

    /// The keys that only it knows.
    pub(in crate::graph) fn own(&self, key: &str) -> Option<&Value> {
        match key {
            "lambda:functionurlauthtype" => Some(&self.authentication),
            "lambda:invokedviafunctionurl" => Some(&self.via_url),
            _ => None,
        }
    }
}

impl Request {
    pub(in crate::graph) const fn new(caller: Caller, steps: Vec<Step>) -> Self {
        Self { caller, strange_source: false, steps, by_url: false, only: None, given: BTreeMap::new() }
    }

    /// By the URL, with both permissions.
    pub(in crate::graph) fn over_url(caller: Caller, authentication: &str) -> Self {
        let steps = vec![Step::url(authentication), Step::by_url(authentication)];
        Self { by_url: true, ..Self::new(caller, steps) }
    }

    /// Only this statement of those that allow counts.
    pub(in crate::graph) fn only(mut self, statement: usize) -> Self {
        self.only = Some(statement);
        self
    }

    /// On behalf of an account that nobody named.
    pub(in crate::graph) const fn for_a_stranger(mut self) -> Self {
        self.strange_source = true;
        self
    }

    /// Whether it is about everyone of an open class: then a few addresses are not everyone.
    pub(in crate::graph) const fn wide(&self) -> bool {
        matches!(self.caller, Caller::Anonymous | Caller::Aws { account: None, name: None })
    }

    /// Whether one request can have these values: some keys are there together, or one instead of another.
    pub(in crate::graph) fn possible(&self, values: &BTreeMap<&str, &Value>) -> bool {
        let of = |key: &str| values.get(key).copied().filter(|_| !self.given.contains_key(key));
        let absent = |key: &str| of(key).map(|value| *value == Value::Absent);
        let there = |key: &str| of(key).map(|value| !matches!(value, Value::Absent | Value::Unknown));
        // An address, or an endpoint: unless a service asks, of which neither is known.
        let endpoint = |is: &dyn Fn(&str) -> Option<bool>, keys: &[&str]| keys.iter().any(|key| is(key) == Some(true));
        let both = there("aws:sourceip") == Some(true) && endpoint(&there, &BY_ENDPOINT);
        let neither = absent("aws:sourceip") == Some(true) && endpoint(&absent, &["aws:sourcevpc", "aws:sourcevpce"]);
        // Who is of an organisation has a path in it.
        let (organisation, path) = ("aws:principalorgid", "aws:principalorgpaths");
        let half = absent(organisation) == Some(true) && there(path) == Some(true)
            || there(organisation) == Some(true) && absent(path) == Some(true);
        !both && !neither && !half
    }

    /// Every value that a key can have in such a request; one of them is enough for it to be made.
    pub(in crate::graph) fn domain(&self, key: &str, tests: &[&Test], arn: &str) -> Vec<Value> {
        use Caller::{Anonymous, Aws, Only, Service};
        if let Some(given) = self.given.get(key) {
            return vec![given.clone()];
        }
        let absent = || vec![Value::Absent];
        let with = |mut values: Vec<Value>, more: Value| {
            values.push(more);
            values
        };
        let stranger = matches!(self.caller, Aws { account: None, .. });
        let signed = matches!(self.caller, Aws { .. } | Only(..));
        let service = matches!(self.caller, Service(_));
        match key {
            "aws:principalaccount" => match &self.caller {
                Anonymous | Service(_) => absent(),
                Aws { account: Some(account), .. } => vec![Value::is(account)],
                Aws { account: None, .. } => outsider(key, tests),
                Only(..) => vec![Value::Unknown],
            },
            "aws:principalarn" => match &self.caller {
                Anonymous | Service(_) => absent(),
                Aws { name: Some(name), .. } if name.contains(":role/") || name.contains(":user/") => {
                    vec![Value::is(name)]
                }
                Aws { account: None, .. } => outsider(key, tests),
                Aws { account: Some(account), name: None } => with(of_account(account, tests), Value::Unknown),
                Aws { .. } | Only(..) => vec![Value::Unknown],
            },
            "aws:principalorgid" | "aws:principalorgpaths" => match &self.caller {
                Anonymous | Service(_) => absent(),
                Aws { account: None, .. } => with(outsider(key, tests), Value::Absent),
                Aws { .. } | Only(..) => vec![Value::Unknown],
            },
            "aws:userid" if stranger || service => outsider(key, tests),
            "aws:username"
            | "aws:multifactorauthpresent"
            | "aws:multifactorauthage"
            | "aws:viaawsservice"
            | "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast" => {
                if signed {
                    free(tests)
                } else {
                    absent()
                }
            }
            "aws:principaltype" if stranger => free(tests),
            "aws:principalisawsservice" => match self.caller {
                Service(_) => vec![Value::is("true")],
                Anonymous => absent(),
                Aws { .. } | Only(..) => vec![Value::is("false")],
            },
            "aws:principalservicename" => match &self.caller {
                Service(Some(name)) => vec![Value::is(name)],
                Service(None) => vec![Value::Other],
                _ => absent(),
            },
            "aws:principalservicenameslist" if !service => absent(),
            "aws:sourcearn"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "lambda:eventsourcetoken" => match (service, self.strange_source) {
                (false, _) => absent(),
                (true, true) => with(outsider(key, tests), Value::Absent),
                (true, false) => vec![Value::Unknown],
            },
            // Who comes by a VPC endpoint has no public address.
            "aws:sourceip" if signed && !self.by_url => with(addresses::domain(tests), Value::Absent),
            "aws:sourceip" if !service => addresses::domain(tests),
            _ if BY_ENDPOINT.contains(&key) => {
                if self.by_url || service || self.caller == Anonymous {
                    absent()
                } else if stranger {
                    with(outsider(key, tests), Value::Absent)
                } else {
                    vec![Value::Absent, Value::Unknown]
                }
            }
            "aws:useragent" | "aws:referer" => text(tests),
            "aws:securetransport" => vec![Value::is("true")],
            "aws:requestedregion" => vec![arn.split(':').nth(3).map_or(Value::Unknown, Value::is)],
            "aws:resourceaccount" => vec![account_of(arn).map_or(Value::Unknown, Value::is)],
            _ if key.starts_with("aws:principaltag/") => {
                if signed {
                    text(tests)
                } else {
                    absent()
                }
            }
            _ => vec![Value::Unknown],
        }
    }
}

/// Keys that a request has which comes by a VPC endpoint.
const BY_ENDPOINT: [&str; 5] =
    ["aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];

/// Texts that the tests of a key tell apart: what they name, and one that fits each pattern.
fn named<'a>(tests: &'a [&Test]) -> impl Iterator<Item = (bool, &'a super::pattern::Pattern)> {
    tests.iter().flat_map(|test| {
        let wildcards = matches!(test.operator, Some((Compare::Like | Compare::Arn, _)));
        test.values.iter().map(move |value| (wildcards && value.wild(), value))
    })
}

/// What the caller chooses.
fn free(tests: &[&Test]) -> Vec<Value> {
    let texts = named(tests).filter_map(|(wild, value)| if wild { value.example() } else { value.literal() });
    let mut all: Vec<Value> = texts.map(Value::is).collect();
    let numbers = tests.iter().filter(|test| matches!(test.operator, Some((Compare::Number(_), _))));
    let numbers = numbers.flat_map(|test| &test.values).filter_map(|value| value.literal()?.parse::<f64>().ok());
    all.extend(numbers.flat_map(|number| [number - 1.0, number + 1.0]).map(|number| Value::is(number.to_string())));
    all.extend([Value::Absent, Value::Other]);
    all.dedup();
    all
}

/// What the caller chooses, where any text will do: one that is like none of the patterns, if there is such a text.
fn text(tests: &[&Test]) -> Vec<Value> {
    let mut all = free(tests);
    if named(tests).any(|(wild, _)| wild) {
        all.push(Value::is("~"));
    }
    all
}

/// What somebody has whom no policy names.
fn outsider(key: &str, tests: &[&Test]) -> Vec<Value> {
    let literal = |text: &String| named(tests).any(|(wild, value)| !wild && value.literal().as_ref() == Some(text));
    let open = named(tests).filter(|(wild, value)| *wild && value.text != "*" && !names_somebody(key, value));
    let mut all: Vec<Value> =
        open.filter_map(|(_, value)| value.example()).filter(|text| !literal(text)).map(Value::is).collect();
    // The name of a bucket names no account: it can be a stranger's. No name has a star.
    if key == "aws:sourcearn" {
        let ownerless = named(tests).filter(|(wild, _)| !wild).filter_map(|(_, value)| value.literal());
        all.extend(
            ownerless.filter(|arn| arn.split(':').nth(4) == Some("") && !arn.contains(['*', '?'])).map(Value::is),
        );
    }
    all.push(Value::Other);
    all
}

/// Names of principals of an account.
fn of_account(account: &str, tests: &[&Test]) -> Vec<Value> {
    let texts = named(tests).filter_map(|(wild, value)| if wild { value.example() } else { value.literal() });
    texts.filter(|text| account_of(text) == Some(account)).map(Value::is).collect()
}
