//! What judges by other people answer, beside ours: the same, or different for a reason that has a name.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{super::Caller, requests::Single};

/// A request and the policy that it is put to.
pub(super) struct Case<'a> {
    /// The policy, in small letters.
    pub(super) text: String,
    /// Its conditions, in small letters.
    tests: Vec<Wanted>,
    pub(super) single: &'a Single,
}

/// A condition of a policy: an operator, a key, and what it asks for.
struct Wanted {
    operator: String,
    key: String,
    values: Vec<String>,
}

/// What another judge does otherwise, and how to tell that an answer may hang on it.
pub(super) type Fault = (&'static str, fn(&Case<'_>) -> bool);

/// What was found.
pub(super) struct Tally {
    faults: &'static [Fault],
    same: u64,
    /// What the other judge does not take, by its own words.
    refused: BTreeMap<String, u64>,
    explained: Vec<u64>,
    differences: Vec<String>,
}

impl<'a> Case<'a> {
    pub(super) fn new(policy: &str, single: &'a Single) -> Self {
        let text = policy.to_lowercase();
        let document: Json = serde_json::from_str(&text).expect("a policy");
        let statements =
            document["statement"].as_array().cloned().unwrap_or_else(|| vec![document["statement"].clone()]);
        let mut tests = Vec::new();
        for (operator, keys) in statements.iter().filter_map(|it| it["condition"].as_object()).flatten() {
            for (key, values) in keys.as_object().expect("keys") {
                let list = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
                let values = list.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
                tests.push(Wanted { operator: operator.clone(), key: key.clone(), values });
            }
        }
        Self { text, tests, single }
    }

    /// Whether a condition is such: by its operator, its key and its values.
    pub(super) fn asks(&self, such: impl Fn(&str, &str, &[String]) -> bool) -> bool {
        self.tests.iter().any(|test| such(&test.operator, &test.key, &test.values))
    }

    /// Whether the request has a value like this for a key.
    pub(super) fn has(&self, key: &str, such: impl Fn(&str) -> bool) -> bool {
        self.single.keys.get(key).is_some_and(|values| values.iter().any(|value| such(value)))
    }

    /// The account and the name of who asks, where it is somebody of an account.
    pub(super) fn signed(&self) -> Option<(&str, &str)> {
        match &self.single.caller {
            Caller::Aws { account, name } => Some((account.as_deref()?, name.as_deref()?)),
            _ => None,
        }
    }
}

impl Tally {
    pub(super) fn new(faults: &'static [Fault]) -> Self {
        let explained = vec![0; faults.len()];
        Self { faults, same: 0, refused: BTreeMap::new(), explained, differences: Vec::new() }
    }

    /// That the other judge cannot say.
    pub(super) fn refuses(&mut self, why: &str) {
        *self.refused.entry(why.to_owned()).or_default() += 1;
    }

    /// What both say.
    pub(super) fn compare(&mut self, policy: &str, single: &Single, ours: bool, theirs: bool) {
        if ours == theirs {
            self.same += 1;
            return;
        }
        let case = Case::new(policy, single);
        match self.faults.iter().position(|(_, holds)| holds(&case)) {
            Some(at) => self.explained[at] += 1,
            None => self.differences.push(format!("ours {ours}, theirs {theirs}\n  {policy}\n  {}", single.json())),
        }
    }

    /// Holds that nothing differs without a reason, that every reason is one, and that it was not silence that agreed.
    pub(super) fn settle(&self, policies: u64) {
        let some: Vec<&String> = self.differences.iter().take(4).collect();
        assert!(some.is_empty(), "{} differences, of which\n{some:#?}", self.differences.len());
        println!("{policies} policies: {} answers the same; not taken: {:#?}", self.same, self.refused);
        for ((why, _), times) in self.faults.iter().zip(&self.explained) {
            println!("{times} others: {why}");
            assert!(*times > 0 || policies < 1_000_000, "no answer differs because {why}: take it off the list");
        }
        assert!(self.same > policies, "only {} answers to {policies} policies were compared", self.same);
    }
}
