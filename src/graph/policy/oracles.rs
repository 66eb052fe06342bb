//! Other judges beside ours: a slow reference written from the documentation, two evaluators by other people, and a solver.
//!
//! All of them are asked about the same random policies. `EGRESS_AUDIT_POLICIES=1000000` asks about that many.

mod baselines;
mod dice;
mod doubts;
mod found;
mod found_of_classes;
mod iam_rs;
mod judge;
#[path = "../../../tests/support/npm.rs"]
mod npm;
mod others;
mod policies;
mod reference;
mod requests;
mod simulate;
mod solver;
#[path = "../../../tests/support/venv.rs"]
mod venv;
mod words;

use super::{Placed, Statements, Truth, parse};

/// The function whose policy it is.
const ARN: &str = "arn:aws:lambda:us-west-2:123456789012:function:f";

/// The statements of a policy.
fn placed(text: &str) -> Result<Statements<'static>, String> {
    let list = parse(text)?.into_iter().map(|statement| Placed { arn: ARN, statement }).collect();
    Ok(Statements { arn: ARN, list })
}

/// How many policies a test asks about.
#[expect(clippy::disallowed_methods, reason = "a test takes its number of cases from the environment")]
fn many(usual: u64) -> u64 {
    std::env::var("EGRESS_AUDIT_POLICIES").ok().map_or(usual, |text| text.parse().expect("a number of policies"))
}

/// Yes or no, where that is certain.
fn certain(truth: Truth) -> Option<bool> {
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown(_) => None,
    }
}
