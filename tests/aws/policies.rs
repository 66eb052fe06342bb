//! Which call gives the policy of a function, an alias or a version.

use std::sync::{Arc, Mutex};

use egress_audit::{
    evidence::GapReason,
    snapshot::{ReadState, kinds::POLICY},
};
use serde_json::json;

use crate::{
    estate::{self, ARN},
    run::collect,
    stub::{Reply, Request, Stub},
};

#[test]
fn each_policy_is_asked_for_by_its_exact_arn_and_the_older_call_is_not_needed() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let stub = Stub::start(move |request, _| {
        if request.operation == "GetResourcePolicy" {
            heard.lock().expect("no panic").push(request.path.clone());
        }
        estate::answer(request)
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    let mut asked = asked.lock().expect("no panic").clone();
    asked.sort();
    let path = |qualifier: &str| format!("/2026-07-09/resource-policy/{ARN}{qualifier}");
    assert_eq!(asked, [path(""), path(":1"), path(":live")]);
    assert_eq!(stub.count("GetPolicy"), 0);
    assert_eq!(outcome.body(POLICY, ARN), json!({"Policy": "{\"Statement\":[]}", "RevisionId": "r"}));
}

#[test]
fn a_policy_of_something_elsewhere_does_not_say_that_nobody_here_was_let_in() {
    for resource in
        ["arn:aws:lambda:us-west-2:999999999999:function:f", "arn:aws:lambda:eu-west-1:123456789012:function:f"]
    {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": ["*", resource]});
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let stub = Stub::start(move |request, _| match request.operation.as_str() {
            "GetResourcePolicy" | "GetPolicy" if !request.names("live") && !request.names("1") => {
                Reply::ok(json!({"Policy": policy, "RevisionId": "r"}).to_string())
            }
            _ => estate::answer(request),
        });
        let outcome = collect(&stub.endpoint());
        let gaps = &outcome.snapshot().gaps;
        let [gap] = gaps.as_slice() else { panic!("{gaps:?}") };
        assert_eq!((gap.why, gap.resource.as_deref()), (GapReason::WrongIdentity, Some(ARN)), "{resource}");
    }
}

/// The ways in which an endpoint says that a call is not there for us.
fn refusals(request: &Request) -> [Reply; 5] {
    let bare = |status, body: &str| Reply::Text { status, headers: Vec::new(), body: body.into() };
    [
        Reply::error(request, 403, "AccessDeniedException", "not authorized to perform: lambda:GetResourcePolicy"),
        Reply::error(
            request,
            403,
            "AccessDeniedException",
            "Unable to determine service/operation name to be authorized",
        ),
        Reply::error(request, 404, "UnknownOperationException", ""),
        bare(404, "<html>no</html>"),
        bare(501, ""),
    ]
}

#[test]
fn where_the_newer_call_cannot_be_used_it_is_asked_once_and_the_older_one_for_everything() {
    let healthy = collect(&Stub::start(|request, _| estate::answer(request)).endpoint());
    for way in 0..5 {
        let stub = Stub::start(move |request, _| match request.operation.as_str() {
            "GetResourcePolicy" => refusals(request)[way].clone(),
            _ => estate::answer(request),
        });
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.snapshot().gaps, [], "{way}");
        assert_eq!(outcome.records(POLICY.name), healthy.records(POLICY.name), "{way}");
        assert_eq!((stub.count("GetResourcePolicy"), stub.count("GetPolicy")), (1, 3), "{way}");
    }
}

#[test]
fn where_the_newer_call_fails_for_one_place_the_older_one_is_asked_for_that_place() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "GetResourcePolicy" if request.path.ends_with(":live") => {
            Reply::error(request, 500, "ServiceException", "oops")
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!((stub.count("GetResourcePolicy"), stub.count("GetPolicy")), (3, 1));
    assert_eq!(outcome.state(POLICY), (ReadState::Read, 3));
}

#[test]
fn where_both_calls_fail_there_is_one_gap_in_the_name_of_the_older_one() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "GetResourcePolicy" | "GetPolicy" => Reply::error(request, 403, "AccessDeniedException", "no"),
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    let gaps = &outcome.snapshot().gaps;
    assert_eq!(gaps.len(), 3, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap.call == "lambda:GetPolicy" && gap.resource.is_some()), "{gaps:?}");
    assert_eq!(outcome.state(POLICY), (ReadState::Unread, 0));
}
