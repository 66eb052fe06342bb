//! A large project of which one call in twenty fails: see `tests/support/dice.rs`.
//!
//! `EGRESS_AUDIT_CHAOS=50 cargo test --no-default-features --features gcp --test gcp chaos -- --nocapture` takes fifty.

use std::sync::Arc;

use serde_json::json;

use crate::{
    dice::{Collected, Dice, WORKLOADS, holds},
    estate::{Estate, number},
    run::Run,
    stub::{Reply, Request, Stub},
};

/// The ways in which a call fails.
const KINDS: [fn(&Request, usize) -> Option<Reply>; 16] = [
    |_, _| Some(Reply::error(401, "", "no")),
    |_, _| Some(Reply::error(403, "IAM_PERMISSION_DENIED", "no")),
    |_, _| Some(Reply::error(403, "SERVICE_DISABLED", "off")),
    |_, _| Some(Reply::error(429, "", "slow")),
    |_, nth| (nth < 2).then(|| Reply::error(429, "", "slow").with("Retry-After", "0")),
    |_, _| Some(Reply::error(500, "", "oh")),
    |_, nth| (nth < 2).then(|| Reply::error(503, "", "busy")),
    |_, _| Some(Reply::text(502, "<html>")),
    |_, _| Some(Reply::Hangup),
    |_, nth| (nth < 1).then_some(Reply::Hangup),
    |request, _| Some(Reply::Short(text(request))),
    |_, _| Some(Reply::text(200, "")),
    |_, _| Some(Reply::text(200, "<html>Sign in</html>")),
    |_, _| Some(Reply::text(200, "[]")),
    |_, _| Some(Reply::ok(json!({"login": "octocat", "items": null}))),
    |request, _| {
        let text = text(request);
        Some(Reply::text(200, text.chars().take(text.len() * 2 / 3).collect::<String>()))
    },
];

fn text(request: &Request) -> String {
    match Estate(WORKLOADS).answer(request) {
        Reply::Text { body, .. } => body,
        other => panic!("{other:?}"),
    }
}

fn collected(dice: Option<&Arc<Dice>>) -> Collected {
    let dice = dice.map(Arc::clone);
    let stub = Stub::start(move |request, _| {
        let page = request.parameter("pageToken").or(request.parameter("continue")).unwrap_or_default();
        let call = format!("{} {} {page}", request.method, request.path);
        let fallen = dice.as_ref().and_then(|dice| dice.fall(&call, number(&request.path), KINDS.len()));
        let fails = fallen.and_then(|(kind, nth)| KINDS[kind](request, nth));
        fails.unwrap_or_else(|| Estate(WORKLOADS).answer(request))
    });
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).go();
    Collected { code: outcome.code, errors: outcome.errors, snapshot: outcome.snapshot }
}

#[test]
fn whatever_one_call_in_twenty_does_no_verdict_of_a_thousand_workloads_is_wrong() {
    holds(4, number, collected);
}
