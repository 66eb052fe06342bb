//! Why ours may not know the answer to a single request: a closed list. What is not on it is a fault.

use super::{
    super::{Caller, Compare, Entry, Statements, Truth, Value, condition::Test, decide::Cause, statement::Statement},
    requests::Single,
    words::{KEYS, Kind, written},
};

/// One cause of doubt, with what it hangs on.
pub(super) struct Doubt<'a> {
    statement: &'a Statement,
    test: Option<&'a Test>,
    single: &'a Single,
}

/// A reason, in words, and how to tell that it is there.
type Reason = (&'static str, fn(&Doubt<'_>) -> bool);

/// Every reason that there is.
pub(super) const REASONS: [Reason; 13] = [
    ("an operator that does not exist, or stands where it may not", |doubt| {
        doubt.test.is_some_and(|test| test.operator.is_none())
    }),
    ("a policy variable", |doubt| {
        doubt.test.is_some_and(|test| test.values.iter().any(|value| value.literal().is_none()))
    }),
    ("several values of a request without ForAllValues or ForAnyValue, which fit and do not", |doubt| {
        doubt.test.is_some_and(|test| test.quantifier.is_none() && doubt.values(test).len() > 1)
    }),
    ("a value that is not of the operator's kind", |doubt| doubt.test.is_some_and(|test| doubt.misplaced(test))),
    ("a variable among the actions or resources", |doubt| {
        doubt.test.is_none() && doubt.statement.concerns(doubt.single.action, super::ARN).is_none()
    }),
    ("an element that statements do not have, or a key in two spellings", |doubt| {
        doubt.test.is_none() && doubt.statement.strange.is_some()
    }),
    ("a statement that names no principal", |doubt| doubt.strange("it names no principal")),
    ("a wildcard within a principal", |doubt| doubt.strange("wildcard")),
    ("a principal of no known form or kind", |doubt| {
        doubt.strange("has no form") || doubt.strange("principals of the kind") || doubt.strange("is no principal")
    }),
    ("every service, for somebody who is none", |doubt| {
        let all = &doubt.statement.principals.entries;
        doubt.who() && all.contains(&Entry::AnyService) && !matches!(doubt.single.caller, Caller::Service(_))
    }),
    ("NotPrincipal that leaves somebody out by half: without the account, or without the name", |doubt| {
        doubt.who() && doubt.statement.principals.but && matches!(doubt.single.caller, Caller::Aws { .. })
    }),
    ("a session in the policy where the request is said to come from its role", |doubt| {
        let named = |entry: &Entry| matches!(entry, Entry::Named(name) if name.contains(":assumed-role/"));
        let role = matches!(&doubt.single.caller, Caller::Aws { name: Some(name), .. } if name.contains(":role/"));
        doubt.who() && role && doubt.statement.principals.entries.iter().any(named)
    }),
    ("a service whose name differs by case alone", |doubt| {
        let other = |entry: &Entry| matches!(entry, Entry::Service(name) if *name != name.to_lowercase());
        doubt.who() && doubt.statement.principals.entries.iter().any(other)
    }),
];

impl<'a> Doubt<'a> {
    pub(super) fn of(cause: Cause, statements: &'a Statements<'_>, single: &'a Single) -> Self {
        let statement = &statements.list[cause.statement].statement;
        Self { statement, test: cause.test.map(|at| &statement.tests[at]), single }
    }

    /// The first reason for it.
    pub(super) fn reason(&self) -> Option<usize> {
        REASONS.iter().position(|(_, holds)| holds(self))
    }

    /// Whether it is unknown whom the statement speaks of.
    fn who(&self) -> bool {
        self.test.is_none() && self.statement.principals.hold(&self.single.caller).is_none()
    }

    fn strange(&self, why: &str) -> bool {
        let all = &self.statement.principals.entries;
        self.who() && all.iter().any(|entry| matches!(entry, Entry::Strange(text) if text.contains(why)))
    }

    fn values(&self, test: &Test) -> Vec<String> {
        match self.single.request().given.get(&test.key) {
            Some(Value::Is(values)) => values.clone(),
            _ => Vec::new(),
        }
    }

    fn misplaced(&self, test: &Test) -> bool {
        let kind = match test.operator {
            Some((Compare::Number(_), _)) => Kind::Number,
            Some((Compare::Date(_), _)) => Kind::Date,
            Some((Compare::Bool | Compare::Null, _)) => Kind::Word,
            Some((Compare::Binary, _)) => Kind::Bytes,
            Some((Compare::Address, _)) => Kind::Address,
            Some((Compare::Arn, _)) => Kind::Arn,
            _ => return false,
        };
        let right = |text: &str| {
            let of_requests = KEYS.into_iter().filter(|(_, of, _)| *of == kind).flat_map(|(.., values)| values);
            of_requests.chain(written(kind)).any(|known| *known == text)
        };
        !test.values.iter().all(|value| right(&value.text)) || !self.values(test).iter().all(|value| right(value))
    }
}

/// The reason for an answer, where it has one and is unknown.
pub(super) fn reason(truth: Truth, statements: &Statements<'_>, single: &Single) -> Option<usize> {
    match truth {
        Truth::Unknown(cause) => Doubt::of(cause, statements, single).reason(),
        Truth::Yes | Truth::No => None,
    }
}
