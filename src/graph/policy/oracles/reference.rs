//! Ours against `tests/oracles/aws_policy.py`, request by request.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{
    certain,
    dice::Dice,
    doubts::{REASONS, reason},
    judge::{Judge, Round, beside_tests},
    many, placed,
    policies::{Language, policy},
    requests::{Single, single},
};

/// Requests for each policy.
const REQUESTS: usize = 5;

/// Forms that AWS refuses and ours reads as emulators and templates mean them: where they let somebody in.
const LENIENT: [&str; 4] =
    [r#""arn:aws:iam::*:root""#, r#""Service":"*""#, r#""Principal":"s3.amazonaws.com""#, r#""FunctionUrlAuthType":"#];

/// What was found.
#[derive(Debug, Default)]
struct Tally {
    yes: u64,
    no: u64,
    refused: u64,
    lenient: u64,
    unknown: [u64; REASONS.len()],
    differences: Vec<String>,
}

impl Tally {
    fn compare(&mut self, text: &str, singles: &[Single], theirs: &Json) {
        let statements = placed(text);
        for (single, theirs) in singles.iter().zip(theirs.as_array().expect("a list")) {
            let theirs = theirs.as_str().expect("a word");
            let mut differs = |why: &str| {
                self.differences.push(format!("{why}: the reference says {theirs}\n  {text}\n  {}", single.json()));
            };
            let statements = match &statements {
                Ok(statements) => statements,
                Err(_) if theirs == "invalid" => {
                    self.refused += 1;
                    continue;
                }
                Err(error) => {
                    differs(error);
                    continue;
                }
            };
            let truth = statements.ask(&single.request()).truth;
            match (certain(truth), theirs) {
                (None, _) => match reason(truth, statements, single) {
                    Some(reason) => self.unknown[reason] += 1,
                    None => differs(&format!("unknown for no reason, {truth:?}")),
                },
                (Some(true), "allow") => self.yes += 1,
                (Some(false), "deny" | "none") => self.no += 1,
                (Some(_), "invalid") if LENIENT.iter().any(|form| text.contains(form)) => self.lenient += 1,
                (Some(answer), _) => differs(if answer { "ours says yes" } else { "ours says no" }),
            }
        }
    }
}

/// Asks both about random policies.
fn compare(policies: u64, language: Language, seed: u64) -> Tally {
    let script = beside_tests("oracles/aws_policy.py");
    let judge = Judge::start(Path::new("python3"), &[script.to_str().expect("text")]).expect("tests need python3");
    let mut round = Round::new(judge);
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    for _ in 0..policies {
        let text = policy(&mut dice, language);
        let singles: Vec<Single> = (0..REQUESTS).map(|_| single(&mut dice, language)).collect();
        let requests: Vec<Json> = singles.iter().map(Single::json).collect();
        let question = format!(r#"{{"policy":{text},"requests":{}}}"#, json!(requests));
        round.ask(question, (text, singles), |(text, singles), theirs| tally.compare(text, singles, theirs));
    }
    round.end(|(text, singles), theirs| tally.compare(text, singles, theirs));
    tally
}

#[test]
fn ours_answers_every_single_request_as_the_reference_does() {
    let policies = many(20_000);
    let tally = compare(policies, Language::Whole, 1);
    let found = &tally.differences;
    let some: Vec<&String> = found.iter().take(4).collect();
    assert!(found.is_empty(), "{} differences in {policies} policies, of which\n{some:#?}", found.len());
    let all = policies * REQUESTS as u64;
    println!("{policies} policies, {all} requests: {} allowed, {} not, {} refused", tally.yes, tally.no, tally.refused);
    println!("{} of forms that AWS refuses and ours reads", tally.lenient);
    for ((reason, _), times) in REASONS.iter().zip(tally.unknown) {
        println!("{times} unknown: {reason}");
        assert!(times > 0 || policies < 20_000, "no policy has {reason}: take it off the list");
    }
    // A comparison of answers, not of silence.
    assert!(tally.yes * 12 > all && tally.no * 3 > all, "{} allowed and {} not, of {all}", tally.yes, tally.no);
}
