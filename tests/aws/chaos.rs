//! A large account of which one call in twenty fails: see `tests/support/dice.rs`.
//!
//! `EGRESS_AUDIT_CHAOS=50 cargo test --test aws chaos -- --nocapture` takes fifty.

use std::sync::Arc;

use crate::{
    calls::NOTHING,
    dice::{Collected, Dice, WORKLOADS, holds},
    fault::Fault,
    large::{Large, number},
    run::{Run, environment},
    stub::{Reply, Stub},
};

/// The ways in which a call fails, and for how many tries. Of an endpoint that does not know a call at all, and then of all
/// functions alike, tell `edges` and `policies`.
const WAYS: [(Fault, usize); 18] = [
    (Fault::Expired, usize::MAX),
    (Fault::Denied, usize::MAX),
    (Fault::DeniedAbove, usize::MAX),
    (Fault::Throttled, usize::MAX),
    (Fault::Throttled, 1),
    (Fault::ServerError, usize::MAX),
    (Fault::BadGateway, usize::MAX),
    (Fault::Unavailable, 1),
    (Fault::Hangup, usize::MAX),
    (Fault::Hangup, 1),
    (Fault::Short, usize::MAX),
    (Fault::Cut, usize::MAX),
    (Fault::EmptyBody, usize::MAX),
    (Fault::NoContent, usize::MAX),
    (Fault::EmptyObject, usize::MAX),
    (Fault::Bare, usize::MAX),
    (Fault::ForeignJson, usize::MAX),
    (Fault::Html, usize::MAX),
];

fn collected(dice: Option<&Arc<Dice>>) -> Collected {
    let dice = dice.map(Arc::clone);
    let stub = Stub::start(move |request, _| {
        let healthy = |request: &_| Large(WORKLOADS).answer(request);
        let fallen = dice.as_ref().and_then(|dice| dice.fall(&request.asked(), number(&request.path), WAYS.len()));
        let Some((way, tries)) = fallen else { return healthy(request) };
        match WAYS[way] {
            // That there is nothing, is an answer then.
            (Fault::EmptyObject, _) if NOTHING.contains(&request.operation.as_str()) => Reply::ok("[]"),
            (fault, most) if tries < most => match fault.instead_of(request, healthy) {
                reply @ Reply::Text { .. } => reply.with("Retry-After", "0"),
                reply => reply,
            },
            _ => healthy(request),
        }
    });
    let run = Run::new(&environment(&stub.endpoint()), &["--region", "us-west-2"]);
    let outcome = run.set("AWS_MAX_ATTEMPTS", "2").go();
    Collected { code: outcome.code, errors: outcome.errors, snapshot: outcome.snapshot }
}

#[test]
fn whatever_one_call_in_twenty_does_no_verdict_of_a_thousand_functions_is_wrong() {
    holds(2, number, collected);
}
