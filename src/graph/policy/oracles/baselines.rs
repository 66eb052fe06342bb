//! What two tools that people use make of the same policies: how many public ones they miss, and how many others they flag.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    super::Truth,
    ARN, certain,
    dice::Dice,
    judge::{Judge, Round, beside_tests},
    many, placed,
    policies::{Language, policy},
    solver::{self, request},
    venv,
};

const PINS: [&str; 3] = ["--no-deps", "prowler==5.46.0", "policyuniverse==1.5.1.20231109"];

/// Whoever is anybody: without a name over the URL, or of any account by the API or over the URL.
const EVERYONE: [&str; 3] = ["anonymous", "account", "account-url"];

/// A policy, whether it is public, and what the tools say.
#[derive(Debug, Deserialize)]
struct Example {
    name: String,
    public: bool,
    prowler: Json,
    policyuniverse: Json,
    policy: Json,
}

fn examples() -> Vec<Example> {
    serde_json::from_str(include_str!("../../../../tests/oracles/public.json")).expect("examples")
}

/// Whether ours lets everyone of one kind in; none where that is unknown.
fn public(text: &str) -> Option<bool> {
    let statements = placed(text).expect("a policy");
    let all: Vec<Truth> = EVERYONE.iter().map(|class| statements.ask(&request(class)).truth).collect();
    if all.contains(&Truth::Yes) { Some(true) } else { all.into_iter().reduce(Truth::or).and_then(certain) }
}

fn question(text: &str) -> String {
    format!(r#"{{"policy":{text},"account":"123456789012","resource":"{ARN}","classes":{}}}"#, json!(EVERYONE))
}

fn tools() -> Judge {
    let script = beside_tests("oracles/aws_baselines.py");
    Judge::start(&venv::python("baselines-venv", &PINS), &[script.to_str().expect("text")]).expect("a Python")
}

/// What a tool says of policies, by whether they are public.
#[derive(Debug, Default)]
struct Tally {
    right: u64,
    missed: u64,
    flagged: u64,
    failed_on_public: u64,
    failed_on_others: u64,
}

impl Tally {
    fn count(&mut self, public: bool, says: &Json) {
        *match (public, says.as_bool()) {
            (true, None) => &mut self.failed_on_public,
            (false, None) => &mut self.failed_on_others,
            (true, Some(false)) => &mut self.missed,
            (false, Some(true)) => &mut self.flagged,
            _ => &mut self.right,
        } += 1;
    }
}

#[test]
fn a_policy_of_the_examples_is_public_where_it_says_so() {
    let mut solver = solver::judge();
    for example in examples() {
        let text = example.policy.to_string();
        assert_eq!(public(&text), Some(example.public), "{}", example.name);
        solver.ask(question(&text));
        let anyone = solver.answer().as_array().expect("a list").contains(&json!("yes"));
        assert_eq!(anyone, example.public, "the solver: {}", example.name);
    }
}

#[test]
#[ignore = "it measures other tools: docs/policy-baselines.md"]
fn other_tools_miss_public_policies_and_flag_others() {
    let mut tools = tools();
    for example in examples() {
        tools.ask(question(&example.policy.to_string()));
        let says = tools.answer();
        for (tool, expected) in [("prowler", &example.prowler), ("policyuniverse", &example.policyuniverse)] {
            let says = says[tool].as_bool().map_or_else(|| json!("error"), Json::from);
            assert_eq!(says, *expected, "{tool}: {}", example.name);
        }
    }
    let policies = many(2_000);
    let (mut tools, mut solver) = (Round::new(tools), Round::new(solver::judge()));
    let mut dice = Dice::new(5);
    let (mut answers, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..policies {
        let text = policy(&mut dice, Language::Plain);
        let asked = question(&text);
        let ours = public(&text);
        tools.ask(asked.clone(), (), |(), says| answers.push(says.clone()));
        solver
            .ask(asked, (text, ours), |about, says| truth.push((about.clone(), says.to_string().contains("\"yes\""))));
    }
    tools.end(|(), says| answers.push(says.clone()));
    solver.end(|about, says| truth.push((about.clone(), says.to_string().contains("\"yes\""))));
    let (mut prowler, mut policyuniverse, mut of) = (Tally::default(), Tally::default(), [0; 2]);
    for (says, ((text, ours), solver)) in answers.iter().zip(truth) {
        let Some(public) = ours else { continue };
        assert_eq!(public, solver, "ours and the solver are the truth: {text}");
        of[usize::from(public)] += 1;
        prowler.count(public, &says["prowler"]);
        policyuniverse.count(public, &says["policyuniverse"]);
    }
    println!("{policies} policies: {} public, {} not, and of the rest nobody knows", of[1], of[0]);
    println!("Prowler: {prowler:?}\npolicyuniverse: {policyuniverse:?}");
}
