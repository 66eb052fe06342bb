//! Decides requests by the statements that speak for one ARN: a denial beats every grant, and what is not known stays so.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    addresses::{broad, ranges},
    condition::{Test, Value},
    request::{Request, Step},
    statement::Statement,
};
use crate::evidence::{Gap, GapReason, Known};

/// More combinations of values than this are not tried; the keys with most values are unknown then.
const COMBINATIONS: usize = 4096;

/// Yes, no, or what makes it unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Truth {
    Yes,
    No,
    Unknown(Cause),
}

/// A statement, and the condition of it if it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct Cause {
    pub(super) statement: usize,
    pub(super) test: Option<usize>,
}

impl Truth {
    fn of(known: Option<bool>, statement: usize, test: Option<usize>) -> Self {
        match known {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown(Cause { statement, test }),
        }
    }

    pub(in crate::graph) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(cause), _) | (_, Self::Unknown(cause)) => Self::Unknown(cause),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    pub(in crate::graph) const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    const fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown(cause) => Self::Unknown(cause),
        }
    }
}

/// Whether a class of requests is allowed, and by which statements.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Decision {
    pub(in crate::graph) truth: Truth,
    pub(in crate::graph) by: BTreeSet<usize>,
    /// Whether only requests from a few addresses are.
    pub(in crate::graph) narrow: bool,
}

/// A statement, and the policy that it is in.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Placed<'a> {
    /// The ARN whose policy it is in.
    pub(in crate::graph) arn: &'a str,
    pub(in crate::graph) statement: Arc<Statement>,
}

/// The statements that may speak for one ARN.
#[derive(Debug)]
pub(in crate::graph) struct Statements<'a> {
    pub(in crate::graph) arn: &'a str,
    pub(in crate::graph) list: Vec<Placed<'a>>,
}

/// A statement as far as it does not depend on keys: who, what and on what.
type Relevant = Vec<(usize, Truth)>;

impl Statements<'_> {
    /// Whether any request of a class is allowed.
    pub(in crate::graph) fn ask(&self, request: &Request) -> Decision {
        let steps: Vec<(&Step, Relevant)> =
            request.steps.iter().map(|step| (step, self.relevant(request, step))).collect();
        let mut tests: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
        for (step, relevant) in &steps {
            for test in relevant.iter().flat_map(|(index, _)| self.tests(*index)) {
                if step.own(&test.key).is_none() {
                    tests.entry(&test.key).or_default().push(test);
                }
            }
        }
        let addresses = tests.get("aws:sourceip").and_then(|tests| ranges(tests));
        let mut domains: Vec<(&str, Vec<Value>)> =
            tests.iter().map(|(key, tests)| (*key, request.domain(key, tests, self.arn))).collect();
        while domains
            .iter()
            .map(|(_, values)| values.len())
            .try_fold(1, usize::checked_mul)
            .is_none_or(|all| all > COMBINATIONS)
        {
            let Some((_, widest)) = domains.iter_mut().max_by_key(|(_, values)| values.len()) else { break };
            *widest = vec![Value::Unknown];
        }
        let at = domains.iter().position(|(key, values)| *key == "aws:sourceip" && values.len() > 1);
        let hidden = at.and_then(|at| domains.get(at)).is_some_and(|(_, values)| values.contains(&Value::Absent));
        let Some(ranges) = addresses.filter(|_| request.wide() && at.is_some()) else {
            let (truth, by) = self.some(request, &steps, &domains);
            return Decision { truth, by, narrow: false };
        };
        let mut at_one = |address: Value| {
            if let Some((_, values)) = at.and_then(|at| domains.get_mut(at)) {
                *values = vec![address];
            }
            self.some(request, &steps, &domains)
        };
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        // Who has no address is not one of few.
        let (unseen, mut all) = if hidden { at_one(Value::Absent) } else { (Truth::No, BTreeSet::new()) };
        let mut cause = None;
        for range in ranges {
            let (truth, by) = at_one(Value::is(range.first.to_string()));
            match truth {
                Truth::No => continue,
                Truth::Yes => certain.push(range),
                Truth::Unknown(found) => cause = cause.or(Some(found)),
            }
            possible.push(range);
            all.extend(by);
        }
        let truth = match cause {
            _ if broad(&certain) => Truth::Yes,
            Some(cause) if broad(&possible) => Truth::Unknown(cause),
            _ => Truth::No,
        };
        let truth = truth.or(unseen);
        Decision { truth, by: all, narrow: truth == Truth::No && !possible.is_empty() }
    }

    /// Whether any request of a class is denied, whatever else allows it.
    pub(in crate::graph) fn denies(&self, request: &Request) -> Truth {
        let denials = self.list.iter().filter(|placed| !placed.statement.allow);
        let mut list: Vec<Placed<'_>> =
            denials.map(|placed| Placed { arn: placed.arn, statement: Arc::clone(&placed.statement) }).collect();
        if list.is_empty() {
            return Truth::No;
        }
        list.push(Placed { arn: self.arn, statement: Arc::new(Statement::allow_everything()) });
        Statements { arn: self.arn, list }.ask(request).truth.not()
    }

    fn tests(&self, index: usize) -> impl Iterator<Item = &Test> {
        self.list.get(index).into_iter().flat_map(|placed| &placed.statement.tests)
    }

    /// The statements that speak of such requests.
    fn relevant(&self, request: &Request, step: &Step) -> Relevant {
        let counted = |(index, placed): &(usize, &Placed<'_>)| {
            !placed.statement.allow || request.only.is_none_or(|only| only == *index)
        };
        let each = self.list.iter().enumerate().filter(counted).map(|(index, placed)| {
            let statement = &placed.statement;
            let base = Truth::of(statement.concerns(step.action, self.arn), index, None).and(Truth::of(
                statement.principals.hold(&request.caller),
                index,
                None,
            ));
            // What is not understood may mean more or less; and whether the denial of one ARN holds for another that
            // it is a part of is not documented.
            let doubt = statement.strange.is_some() || (!statement.allow && placed.arn != self.arn);
            (index, if doubt { base.and(Truth::of(None, index, None)) } else { base })
        });
        each.filter(|(_, base)| *base != Truth::No).collect()
    }

    /// Whether one combination of values is allowed at every step.
    fn some(
        &self,
        request: &Request,
        steps: &[(&Step, Relevant)],
        domains: &[(&str, Vec<Value>)],
    ) -> (Truth, BTreeSet<usize>) {
        let (mut sum, mut statements) = (Truth::No, BTreeSet::new());
        let mut turn = vec![0_usize; domains.len()];
        loop {
            let values: BTreeMap<&str, &Value> = domains
                .iter()
                .zip(&turn)
                .filter_map(|((key, values), at)| values.get(*at).map(|value| (*key, value)))
                .collect();
            let mut truth = if request.possible(&values) { Truth::Yes } else { Truth::No };
            let mut by = Vec::new();
            for (step, relevant) in steps {
                truth = truth.and(self.step(step, relevant, &values, &mut by));
            }
            if truth == Truth::Yes {
                statements.extend(by);
            }
            sum = sum.or(truth);
            let mut carry = true;
            for ((_, values), at) in domains.iter().zip(&mut turn) {
                *at += 1;
                if *at < values.len() {
                    carry = false;
                    break;
                }
                *at = 0;
            }
            if carry {
                return (sum, statements);
            }
        }
    }

    fn step(&self, step: &Step, relevant: &Relevant, values: &BTreeMap<&str, &Value>, by: &mut Vec<usize>) -> Truth {
        let (mut allowed, mut denied) = (Truth::No, Truth::No);
        for (index, base) in relevant {
            let Some(placed) = self.list.get(*index) else { continue };
            let mut holds = *base;
            for (at, test) in placed.statement.tests.iter().enumerate() {
                let value = step.own(&test.key).or_else(|| values.get(test.key.as_str()).copied());
                let test = test.holds(value.unwrap_or(&Value::Unknown));
                holds = holds.and(Truth::of(test, *index, Some(at)));
            }
            if placed.statement.allow {
                if holds == Truth::Yes {
                    by.push(*index);
                }
                allowed = allowed.or(holds);
            } else {
                denied = denied.or(holds);
            }
        }
        allowed.and(denied.not())
    }

    /// The statements of a decision by name, once each.
    pub(in crate::graph) fn names(&self, by: &BTreeSet<usize>) -> String {
        let names: BTreeSet<&str> =
            by.iter().filter_map(|index| self.list.get(*index)).map(|placed| placed.statement.sid.as_str()).collect();
        let word = if names.len() == 1 { "statement" } else { "statements" };
        format!("{word} {}", names.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// What makes an answer unknown, for a reader.
    pub(in crate::graph) fn gap(&self, cause: Cause) -> Gap {
        let Some(placed) = self.list.get(cause.statement) else {
            return Gap::new(format!("the policy of {}", self.arn), GapReason::Unsupported);
        };
        let statement = &placed.statement;
        let within = format!("statement {} of the policy of {}", statement.sid, placed.arn);
        if let Some(test) = cause.test.and_then(|at| statement.tests.get(at)) {
            return Gap::new(format!("the condition on {} in {within}", test.key), GapReason::Unsupported);
        }
        let gap = Gap::new(within, GapReason::Unsupported);
        match &statement.strange {
            Some(why) => gap.with_detail(why.as_str()),
            None => gap,
        }
    }

    /// The gap that a statement leaves which is not understood.
    pub(in crate::graph) fn gap_of(&self, statement: usize) -> Gap {
        self.gap(Cause { statement, test: None })
    }

    /// The same answer, with the gap in words.
    pub(in crate::graph) fn known(&self, truth: Truth) -> Known<bool> {
        match truth {
            Truth::Yes => Known::Known(true),
            Truth::No => Known::Known(false),
            Truth::Unknown(cause) => Known::Unknown(self.gap(cause)),
        }
    }
}
