//! Ours against the solver Z3: whether anyone of a whole class of requests gets in, where a solver looks for them.

use serde_json::{Value as Json, json};

use super::{
    super::{Caller, Request, Step, Truth},
    ARN,
    dice::Dice,
    judge::{Judge, Round, beside_tests},
    many, placed,
    policies::{Language, policy},
    venv,
};

const PINS: [&str; 1] = ["z3-solver==5.4.0.0"];

/// The classes, by the names that the solver's script has for them.
const CLASSES: [&str; 4] = ["anonymous", "account", "account-url", "service"];

/// A class of requests.
pub(super) fn request(class: &str) -> Request {
    let stranger = Caller::Aws { account: None, name: None };
    let api = || vec![Step::api("lambda:InvokeFunction")];
    match class {
        "anonymous" => Request::over_url(Caller::Anonymous, "NONE"),
        "account" => Request::new(stranger, api()),
        "account-url" => Request::over_url(stranger, "AWS_IAM"),
        _ => Request::new(Caller::Service(Some("s3.amazonaws.com".into())), api()).for_a_stranger(),
    }
}

/// The solver, which knows the classes by their names.
pub(super) fn judge() -> Judge {
    let script = beside_tests("oracles/aws_solver.py");
    Judge::start(&venv::python("solver-venv", &PINS), &[script.to_str().expect("text")]).expect("a Python")
}

#[derive(Debug, Default)]
struct Tally {
    yes: u64,
    no: u64,
    narrow: u64,
    gave_up: u64,
    /// Unknown to ours, by what the solver says.
    unknown: std::collections::BTreeMap<String, u64>,
    differences: Vec<String>,
}

impl Tally {
    fn compare(&mut self, text: &str, theirs: &Json) {
        let statements = placed(text).expect("a policy");
        for (class, theirs) in CLASSES.iter().zip(theirs.as_array().expect("a list")) {
            let theirs = theirs.as_str().expect("a word");
            let decision = statements.ask(&request(class));
            match (decision.truth, decision.narrow, theirs) {
                (.., "gave up") => self.gave_up += 1,
                (Truth::Yes, _, "yes") => self.yes += 1,
                (Truth::No, false, "no") => self.no += 1,
                (Truth::No, true, "narrow") => self.narrow += 1,
                (Truth::Unknown(_), ..) => *self.unknown.entry(theirs.into()).or_default() += 1,
                (truth, narrow, _) => {
                    self.differences.push(format!("{class}: ours {truth:?} ({narrow}), the solver {theirs}\n  {text}"));
                }
            }
        }
    }
}

#[test]
fn whom_ours_lets_in_the_solver_finds_and_whom_it_shuts_out_there_is_none() {
    let mut round = Round::new(judge());
    let mut dice = Dice::new(4);
    let mut tally = Tally::default();
    let policies = many(20_000) / 50;
    for _ in 0..policies {
        let text = policy(&mut dice, Language::Plain);
        let question = format!(r#"{{"policy":{text},"resource":"{ARN}","classes":{}}}"#, json!(CLASSES));
        round.ask(question, text, |text, theirs| tally.compare(text, theirs));
    }
    round.end(|text, theirs| tally.compare(text, theirs));
    let some: Vec<&String> = tally.differences.iter().take(6).collect();
    assert!(some.is_empty(), "{} differences, of which\n{some:#?}", tally.differences.len());
    println!("the solver gave up {} times", tally.gave_up);
    assert!(tally.gave_up * 100 <= policies * CLASSES.len() as u64, "it gave up too often");
    println!("{policies} policies: {} yes, {} no, {} from a few addresses", tally.yes, tally.no, tally.narrow);
    println!("unknown to ours, where the solver says: {:?}", tally.unknown);
}
