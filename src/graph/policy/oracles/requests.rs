//! Single requests, as ours sees them and as the others do.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{
    super::{Caller, Request, Step, Value},
    ARN,
    dice::Dice,
    policies::Language,
    words::{ASKED, KEYS, ODD, SERVICES},
};

/// One request, of which everything is known.
#[derive(Debug, Clone)]
pub(super) struct Single {
    pub(super) caller: Caller,
    pub(super) action: &'static str,
    /// The keys that it has; an empty list is a key with no values.
    pub(super) keys: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Principals of accounts, with their account.
const SIGNED: [&str; 9] = [
    "arn:aws:iam::123456789012:root",
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:iam::123456789012:user/u",
    "arn:aws:sts::123456789012:assumed-role/r/s",
    "arn:aws:sts::111122223333:assumed-role/r/s",
    "arn:aws:sts::111122223333:assumed-role/r/other",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::999999999999:assumed-role/z/z",
    "arn:aws:iam::111122223333:role/path/r",
];

pub(super) fn single(dice: &mut Dice, language: Language) -> Single {
    let whole = language == Language::Whole;
    let caller = match dice.below(if whole { 14 } else { 10 }) {
        0 | 1 => Caller::Anonymous,
        2..=7 => {
            let name = *dice.pick(&SIGNED);
            let account = name.split(':').nth(4).expect("an account").to_owned();
            Caller::Aws { account: Some(account), name: Some(name.into()) }
        }
        8..=11 => Caller::Service(Some((*dice.pick(&SERVICES)).into())),
        12 => Caller::Only("orphaned", "AROAEXAMPLEEXAMPLE123".into()),
        _ => match dice.below(2) {
            0 => Caller::Only("federated", "cognito-identity.amazonaws.com".into()),
            _ => Caller::Only("canonical-user", "79a59df900b949e5".into()),
        },
    };
    let mut keys = BTreeMap::new();
    for (key, _, values) in KEYS {
        if dice.once_in(3) {
            continue;
        }
        let one = |dice: &mut Dice| if whole && dice.once_in(60) { *dice.pick(&ODD) } else { *dice.pick(values) };
        let several = key == "aws:PrincipalOrgPaths" || (whole && dice.once_in(12));
        let given = match dice.below(6) {
            0 | 1 if several => vec![one(dice), one(dice)],
            2 if several && whole => Vec::new(),
            _ => vec![one(dice)],
        };
        keys.insert(key, given);
    }
    let action = *dice.pick(&ASKED);
    Single { caller, action, keys }
}

impl Single {
    /// As a class of ours, which holds this one request.
    pub(super) fn request(&self) -> Request {
        let value = |key: &str| {
            let found = self.keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            found.map_or(Value::Absent, |(_, values)| Value::Is(values.iter().map(|it| (*it).to_owned()).collect()))
        };
        let authentication = value("lambda:FunctionUrlAuthType");
        let step = Step::with(self.action, authentication, value("lambda:InvokedViaFunctionUrl"));
        let mut request = Request::new(self.caller.clone(), vec![step]);
        let others = ["acme:None", "acme:Other"].into_iter();
        let every = KEYS.into_iter().map(|(key, ..)| key).chain(others);
        request.given = every.map(|key| (key.to_lowercase(), value(key))).collect();
        request
    }

    /// The name by which others know who asks.
    pub(super) fn principal(&self) -> Json {
        match &self.caller {
            Caller::Anonymous => json!({"kind": "anonymous"}),
            Caller::Aws { account, name } => json!({"kind": "aws", "arn": name, "account": account}),
            Caller::Service(name) => json!({"kind": "service", "name": name}),
            Caller::Only(kind, name) => json!({"kind": kind, "name": name}),
        }
    }

    /// As the others read it.
    pub(super) fn json(&self) -> Json {
        let mut context = Map::new();
        for (key, values) in &self.keys {
            context.insert((*key).into(), if let [one] = values[..] { json!(one) } else { json!(values) });
        }
        json!({"principal": self.principal(), "action": self.action, "resource": ARN, "context": context})
    }
}
