//! The central property: random expressions over random facts give what Kleene's logic gives, and taking facts away
//! never turns a verdict into another one, only into "not evaluated".

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{evaluate, requiring, workload};

/// A condition, in the form that both the language and the reference below understand.
#[derive(Debug, Clone)]
enum Term {
    Atom(Atom),
    Not(Box<Term>),
    And(Box<Term>, Box<Term>),
    Or(Box<Term>, Box<Term>),
    Choice(Box<Term>, Box<Term>, Box<Term>),
    /// Over the list of the level: is it `exists`, and the condition.
    Walk(bool, u8, Box<Term>),
}

/// A question to one fact. The level says what is in reach: 1 a path, 2 an address of a path.
#[derive(Debug, Clone, Copy)]
enum Atom {
    Attached,
    ZonesAbove(i64),
    Deprecated,
    NoRuntime,
    Paths(i64),
    Open,
    To(&'static str),
    Stop(&'static str),
    NoStop,
    OneOf(&'static str, &'static str),
    Addresses(i64),
    Reserved,
}

impl Term {
    fn text(&self) -> String {
        match self {
            Self::Atom(atom) => atom.text(),
            Self::Not(a) => format!("!({})", a.text()),
            Self::And(a, b) => format!("({} && {})", a.text(), b.text()),
            Self::Or(a, b) => format!("({} || {})", a.text(), b.text()),
            Self::Choice(a, b, c) => format!("({} ? {} : {})", a.text(), b.text(), c.text()),
            Self::Walk(exists, level, term) => {
                let (list, name) = if *level == 1 { ("workload.egress.paths", "p") } else { ("p.exit.addresses", "a") };
                format!("{list}.{}({name}, {})", if *exists { "exists" } else { "all" }, term.text())
            }
        }
    }

    /// The answer by Kleene's logic; nothing where it depends on what is not known.
    fn answer(&self, scope: &Scope<'_>) -> Option<bool> {
        match self {
            Self::Atom(atom) => atom.answer(scope),
            Self::Not(a) => a.answer(scope).map(|a| !a),
            Self::And(a, b) => and(a.answer(scope), b.answer(scope)),
            Self::Or(a, b) => or(a.answer(scope), b.answer(scope)),
            Self::Choice(a, b, c) => {
                if a.answer(scope)? {
                    b.answer(scope)
                } else {
                    c.answer(scope)
                }
            }
            Self::Walk(exists, level, term) => {
                let list = match level {
                    1 => look(Some(scope.workload), &["egress", "paths"]),
                    _ => look(scope.path, &["exit", "addresses"]),
                };
                let list = list?.as_array()?;
                let mut so_far = Some(!exists);
                for item in list {
                    let known = item.get("unknown").is_none().then_some(item);
                    let inner = match level {
                        1 => Scope { path: known, ..*scope },
                        _ => Scope { address: known, ..*scope },
                    };
                    let one = term.answer(&inner);
                    // What may not be there cannot decide for its own side.
                    let one = match (known, exists) {
                        (None, true) => and(one, None),
                        (None, false) => or(one, None),
                        _ => one,
                    };
                    so_far = if *exists { or(so_far, one) } else { and(so_far, one) };
                }
                so_far
            }
        }
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|both| !both)
}

#[derive(Clone, Copy)]
struct Scope<'a> {
    workload: &'a Value,
    path: Option<&'a Value>,
    address: Option<&'a Value>,
}

fn look<'a>(from: Option<&'a Value>, fields: &[&str]) -> Option<&'a Value> {
    let mut value = from?;
    for field in fields {
        value = value.get(field)?;
        if value.get("unknown").is_some() {
            return None;
        }
    }
    Some(value)
}

impl Atom {
    fn text(self) -> String {
        match self {
            Self::Attached => "workload.network.attached".to_owned(),
            Self::ZonesAbove(n) => format!("workload.network.zone_count > {n}"),
            Self::Deprecated => "(workload.runtime != null && workload.runtime.deprecated)".to_owned(),
            Self::NoRuntime => "null == workload.runtime".to_owned(),
            Self::Paths(n) => format!("size(workload.egress.paths) == {n}"),
            Self::Open => "p.open".to_owned(),
            Self::To(word) => format!("'{word}' != p.to"),
            Self::Stop(word) => format!("p.stop == '{word}'"),
            Self::NoStop => "p.stop == null".to_owned(),
            Self::OneOf(a, b) => format!("p.stop in ['{a}', '{b}']"),
            Self::Addresses(n) => format!("p.exit.addresses.size() <= {n}"),
            Self::Reserved => "a.reserved".to_owned(),
        }
    }

    fn answer(self, scope: &Scope<'_>) -> Option<bool> {
        let workload = |fields: &[&str]| look(Some(scope.workload), fields);
        let path = |fields: &[&str]| look(scope.path, fields);
        let size = |list: &Value| {
            let list = list.as_array().expect("a list");
            let whole = list.last().is_none_or(|last| last.get("unknown").is_none());
            whole.then(|| i64::try_from(list.len()).expect("a short list"))
        };
        match self {
            Self::Attached => workload(&["network", "attached"])?.as_bool(),
            Self::ZonesAbove(n) => Some(workload(&["network", "zone_count"])?.as_i64()? > n),
            Self::Deprecated => match workload(&["runtime"])? {
                Value::Null => Some(false),
                runtime => look(Some(runtime), &["deprecated"])?.as_bool(),
            },
            Self::NoRuntime => Some(workload(&["runtime"])?.is_null()),
            Self::Paths(n) => Some(size(workload(&["egress", "paths"])?)? == n),
            Self::Open => path(&["open"])?.as_bool(),
            Self::To(word) => Some(path(&["to"])?.as_str() != Some(word)),
            Self::Stop(word) => Some(path(&["stop"])?.as_str() == Some(word)),
            Self::NoStop => Some(path(&["stop"])?.is_null()),
            Self::OneOf(a, b) => path(&["stop"]).map(|stop| stop.as_str().is_some_and(|stop| stop == a || stop == b)),
            Self::Addresses(n) => Some(size(path(&["exit", "addresses"])?)? <= n),
            Self::Reserved => look(scope.address, &["reserved"])?.as_bool(),
        }
    }
}

const STOPS: [&str; 3] = ["no-route", "blackhole", "public-subnet"];
const ENDS: [&str; 2] = ["internet", "nowhere"];

/// A question to what that level has and the ones above have not.
fn own(level: u8) -> BoxedStrategy<Atom> {
    let stop = || prop::sample::select(&STOPS[..]);
    match level {
        0 => prop_oneof![
            Just(Atom::Attached),
            (0..3_i64).prop_map(Atom::ZonesAbove),
            Just(Atom::Deprecated),
            Just(Atom::NoRuntime),
            (0..3_i64).prop_map(Atom::Paths),
        ]
        .boxed(),
        1 => prop_oneof![
            Just(Atom::Open),
            prop::sample::select(&ENDS[..]).prop_map(Atom::To),
            stop().prop_map(Atom::Stop),
            Just(Atom::NoStop),
            (stop(), stop()).prop_map(|(a, b)| Atom::OneOf(a, b)),
            (0..3_i64).prop_map(Atom::Addresses),
        ]
        .boxed(),
        _ => Just(Atom::Reserved).boxed(),
    }
}

fn term(level: u8) -> BoxedStrategy<Term> {
    let atom = (0..=level).prop_flat_map(own).prop_map(Term::Atom).boxed();
    let leaf = if level < 2 { prop_oneof![2 => atom, 3 => walk(level + 1)].boxed() } else { atom };
    leaf.prop_recursive(2, 6, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|a| Term::Not(Box::new(a))),
            pair.clone().prop_map(|(a, b)| Term::And(Box::new(a), Box::new(b))),
            pair.clone().prop_map(|(a, b)| Term::Or(Box::new(a), Box::new(b))),
            (inner, pair).prop_map(|(a, (b, c))| Term::Choice(Box::new(a), Box::new(b), Box::new(c))),
        ]
    })
    .boxed()
}

/// A walk whose condition speaks of its element, as the loader requires.
fn walk(level: u8) -> BoxedStrategy<Term> {
    let parts = (any::<bool>(), any::<bool>(), own(level), prop::option::of(term(level)));
    parts
        .prop_map(move |(exists, both, own, rest)| {
            let own = Box::new(Term::Atom(own));
            let condition = match rest {
                None => own,
                Some(rest) if both => Box::new(Term::And(Box::new(rest), own)),
                Some(rest) => Box::new(Term::Or(own, Box::new(rest))),
            };
            Term::Walk(exists, level, condition)
        })
        .boxed()
}

fn facts() -> impl Strategy<Value = Value> {
    let address = any::<bool>().prop_map(|reserved| json!({ "reserved": reserved }));
    let addresses = prop::collection::vec(address, 0..3);
    let stop = prop_oneof![Just(Value::Null), prop::sample::select(&STOPS[..]).prop_map(Value::from)];
    let path = (any::<bool>(), prop::sample::select(&ENDS[..]), stop, addresses).prop_map(|(open, to, stop, addresses)| {
        json!({ "open": open, "to": to, "stop": stop, "exit": { "addresses": addresses } })
    });
    let runtime = prop_oneof![Just(Value::Null), any::<bool>().prop_map(|old| json!({ "deprecated": old }))];
    (any::<bool>(), 0..3_i64, runtime, prop::collection::vec(path, 0..3)).prop_map(
        |(attached, zones, runtime, paths)| {
            json!({
                "network": { "attached": attached, "zone_count": zones },
                "runtime": runtime,
                "egress": { "paths": paths },
            })
        },
    )
}

/// Takes facts away where the bits say so: a field is left out or marked, a list loses its tail and says that it may go
/// on, an element is lost.
fn take_away(value: &Value, bits: &mut impl Iterator<Item = u8>) -> Value {
    let gap = || json!({ "unknown": "taken away" });
    match value {
        Value::Object(fields) => {
            let mut left = serde_json::Map::new();
            for (name, value) in fields {
                match bits.next().unwrap_or(0) % 12 {
                    0 => {}
                    1 => {
                        left.insert(name.clone(), gap());
                    }
                    _ => {
                        left.insert(name.clone(), take_away(value, bits));
                    }
                }
            }
            Value::Object(left)
        }
        Value::Array(items) => {
            let mut left: Vec<Value> = items.iter().map(|item| take_away(item, bits)).collect();
            match bits.next().unwrap_or(0) % 4 {
                0 => {
                    left.pop();
                    left.push(gap());
                }
                1 => left.push(gap()),
                _ => {}
            }
            Value::Array(left)
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_are_kleenes_and_taking_facts_away_never_turns_one_into_another(
        term in term(0),
        whole in facts(),
        bits in prop::collection::vec(any::<u8>(), 60),
    ) {
        let rules = requiring(&term.text());
        let part = take_away(&whole, &mut bits.into_iter());
        let word = |facts: &Value| evaluate(&rules, &workload(facts)).remove(0).verdict.as_str();
        let kleene = |facts: &Value| match term.answer(&Scope { workload: facts, path: None, address: None }) {
            Some(true) => "pass",
            Some(false) => "fail",
            None => "not-evaluated",
        };
        prop_assert_eq!(word(&whole), kleene(&whole), "{} over {}", term.text(), whole);
        prop_assert_eq!(word(&part), kleene(&part), "{} over {}", term.text(), part);
        prop_assert!(kleene(&whole) != "not-evaluated");
        prop_assert!([kleene(&whole), "not-evaluated"].contains(&word(&part)), "{} over {}", term.text(), part);
    }
}
