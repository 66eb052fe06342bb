//! Ours against the npm package `@cloud-copilot/iam-simulate`, with a list of what it is known to do otherwise. It is AGPL:
//! it stays a process of its own, fetched by this test and never shipped.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{
    certain,
    dice::Dice,
    judge::{Judge, Round, beside_tests},
    many, npm,
    others::{Case, Fault, Tally},
    placed,
    policies::{Language, policy},
    requests::{Single, single},
};

const VERSION: &str = "0.1.173";

const FAULTS: [Fault; 6] = [
    ("0.0.0.0/0 holds no address: its mask is shifted by 32 bits, which JavaScript does not do", |case| {
        case.text.contains("0.0.0.0/0")
    }),
    ("NotIpAddress does not hold for an address of the other version", |case| {
        case.asks(|operator, _, values| {
            operator.contains("notipaddress")
                && values.iter().any(|net| case.has("aws:SourceIp", |at| at.contains(':') != net.contains(':')))
        })
    }),
    ("IfExists after ForAnyValue does not hold where the key is missing", |case| {
        case.asks(|operator, _, _| operator.starts_with("foranyvalue:") && operator.ends_with("ifexists"))
    }),
    ("seconds since 1970 are read as milliseconds", |case| {
        case.asks(|operator, _, values| operator.contains("date") && values.iter().any(|it| it == "1767225600"))
    }),
    ("numbers are read as far as they are whole: 1e2 is 1", |case| {
        case.asks(|operator, _, values| operator.contains("numeric") && values.iter().any(|it| it == "1e2"))
    }),
    (
        "a key that can have several values fits nothing without ForAllValues or ForAnyValue, even where it has one",
        |case| case.asks(|operator, key, _| key == "aws:principalorgpaths" && !operator.contains(':')),
    ),
];

/// Why it says nothing of a request: it knows which keys an action has, and holds the others back.
fn beyond(case: &Case<'_>, ignored: &Json) -> Option<String> {
    let ignored = ignored.as_array().expect("a list").iter().filter_map(Json::as_str);
    let held = ignored.map(str::to_lowercase).find(|name| case.asks(|_, key, _| key == name));
    held.map(|key| format!("{key} is no key of the action"))
}

fn compare(tally: &mut Tally, text: &str, singles: &[Single], theirs: &Json) {
    let ours = placed(text).expect("a policy");
    for (single, theirs) in singles.iter().zip(theirs.as_array().expect("a list")) {
        assert!(theirs["answer"] != "error", "{theirs}\n  {text}\n  {}", single.json());
        let Some(answer) = certain(ours.ask(&single.request()).truth) else { continue };
        match beyond(&Case::new(text, single), &theirs["ignored"]) {
            Some(why) => tally.refuses(&why),
            None => tally.compare(text, single, answer, theirs["answer"] == "allow"),
        }
    }
}

#[test]
fn ours_answers_as_iam_simulate_but_where_that_is_known_to_be_wrong() {
    let judge = npm::package("@cloud-copilot/iam-simulate", VERSION).and_then(|home| {
        let script = beside_tests("oracles/aws_simulate.cjs");
        let arguments = [script.to_str().expect("text"), home.to_str().expect("text")];
        Judge::start(Path::new("node"), &arguments).ok_or_else(|| "this needs node".to_owned())
    });
    let judge = match judge {
        Ok(judge) => judge,
        Err(why) => {
            println!("NOT COMPARED with iam-simulate: {why}");
            return;
        }
    };
    let mut dice = Dice::new(3);
    let mut tally = Tally::new(&FAULTS);
    let policies = many(20_000) / 5;
    let mut round = Round::new(judge);
    for _ in 0..policies {
        let text = policy(&mut dice, Language::Plain);
        let singles: Vec<Single> = (0..4).map(|_| single(&mut dice, Language::Plain)).collect();
        let requests: Vec<Json> = singles.iter().map(Single::json).collect();
        let question = format!(r#"{{"policy":{text},"requests":{}}}"#, json!(requests));
        round.ask(question, (text, singles), |(text, singles), theirs| compare(&mut tally, text, singles, theirs));
    }
    round.end(|(text, singles), theirs| compare(&mut tally, text, singles, theirs));
    tally.settle(policies);
}
