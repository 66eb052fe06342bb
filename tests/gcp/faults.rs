//! What goes wrong is a gap where it went wrong, and nowhere else.

use std::collections::BTreeSet;

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::google::{self, NETWORKS, WORKLOADS},
    },
};
use serde_json::json;

use crate::{
    run::{Outcome, Run, collect},
    stub::{Reply, Request, Stub},
    world::{KEY, SERVICE, serve, service},
};

const CONNECTORS: &str = "GET vpcaccess/v1/projects/p/locations/-/connectors";
const FUNCTIONS: &str = "GET cloudfunctions/v2/projects/p/locations/-/functions";
const ROUTES: &str = "GET compute/compute/v1/projects/p/global/routes";
const ROUTERS: &str = "GET compute/compute/v1/projects/p/aggregated/routers";
const POLICY: &str = "GET run/v2/projects/p/locations/us-central1/services/s:getIamPolicy";
const SERVICES: &str = "GET run/v1/projects/p/locations/-/services";

/// Answers one request in another way, always.
fn instead(what: &'static str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Outcome, Stub) {
    let stub = serve(move |request, _| request.is(what).then(&reply));
    (collect(&stub.endpoint()), stub)
}

#[test]
fn what_is_denied_is_a_gap_of_that_alone() {
    let (outcome, _) = instead(ROUTES, || Reply::error(403, "IAM_PERMISSION_DENIED", "no"));
    let gap = outcome.only_gap(google::ROUTE, GapReason::Denied);
    assert_eq!((gap.scope.to_string().as_str(), gap.detail.as_deref()), ("gcp:p:global", Some("no")));
    assert_eq!(outcome.state(google::ROUTE), Some((ReadState::Unread, 0)));
    assert_eq!(outcome.code, Some(3));

    let (outcome, _) = instead(POLICY, || Reply::error(403, "", "no"));
    assert_eq!(outcome.only_gap(google::SERVICE_POLICY, GapReason::Denied).resource.as_deref(), Some(SERVICE));
    assert_eq!(outcome.state(google::SERVICE).map(|(state, _)| state), Some(ReadState::Read));
}

#[test]
fn a_project_that_is_closed_is_unread_through_and_through() {
    let stub = Stub::start(|_, _| Reply::error(403, "", "no"));
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.code, Some(3), "{}", outcome.errors);
    for kind in WORKLOADS.into_iter().chain(NETWORKS) {
        assert_eq!(outcome.state(kind), Some((ReadState::Unread, 0)), "{}", kind.name);
    }
    assert!(outcome.gaps().iter().all(|gap| gap.why == GapReason::Denied));
}

#[test]
fn each_call_that_fails_leaves_a_gap_of_its_own_and_the_rest_whole() {
    let stub = serve(|_, _| None);
    let whole = collect(&stub.endpoint());
    let mut calls: Vec<String> =
        stub.seen().into_iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    // What is on is only asked to spare a call: where that fails, the call is made.
    calls.retain(|call| !call.starts_with("GET serviceusage/"));
    calls.sort();
    calls.dedup();
    assert!(calls.len() > 40, "{calls:?}");
    let lost = |call: String| {
        let failing = call.clone();
        let stub = serve(move |request, _| request.is(&failing).then(|| Reply::error(403, "", "no")));
        let outcome = collect(&stub.endpoint());
        assert!(!outcome.gaps().is_empty(), "{call}: no gap");
        let records = |outcome: &Outcome| -> BTreeSet<String> {
            let all = &outcome.snapshot().records;
            all.iter().map(|record| format!("{} {} {}", record.kind, record.id, record.body)).collect()
        };
        // A role that was not read may invoke: more may be read then, and nothing that is there turns into something else.
        let (now, then) = (records(&outcome), records(&whole));
        assert!(now.is_subset(&then), "{call}: {:?}", now.difference(&then).collect::<Vec<_>>());
    };
    std::thread::scope(|scope| {
        for part in calls.chunks(calls.len().div_ceil(4)) {
            scope.spawn(|| part.iter().cloned().for_each(lost));
        }
    });
}

#[test]
fn answers_that_are_none_have_their_reasons() {
    for (reply, why) in [
        (Reply::error(401, "", "no"), GapReason::Unauthenticated),
        (Reply::error(404, "", "no"), GapReason::Malformed),
        (Reply::error(429, "", "slow"), GapReason::Throttled),
        (Reply::error(403, "rateLimitExceeded", "slow"), GapReason::Throttled),
        (Reply::error(500, "", "oh"), GapReason::ServerError),
        (Reply::text(200, "<html>"), GapReason::Malformed),
        (Reply::text(200, "[]"), GapReason::Malformed),
        (Reply::text(200, "{\"hello\": 1}"), GapReason::Malformed),
        (Reply::text(200, "{\"items\": [{\"na"), GapReason::Truncated),
        (Reply::Short("{\"items\": [".into()), GapReason::Truncated),
        (Reply::Hangup, GapReason::Network),
    ] {
        let shown = format!("{reply:?}");
        let (outcome, _) = instead(ROUTES, move || reply.clone());
        assert_eq!(outcome.only_gap(google::ROUTE, why).resource, None, "{shown}");
    }
}

#[test]
fn a_fault_that_passes_leaves_no_trace_and_retry_after_is_heard() {
    let stub = serve(|request, nth| {
        let passing = [
            Reply::error(429, "", "slow").with("Retry-After", "1"),
            Reply::error(503, "", "busy"),
            Reply::error(403, "userRateLimitExceeded", "slow"),
            Reply::Hangup,
        ];
        (request.is(ROUTES)).then(|| passing.get(nth).cloned()).flatten()
    });
    let start = std::time::Instant::now();
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.gaps(), []);
    assert_eq!(stub.count(ROUTES), 5);
    assert!(start.elapsed() >= std::time::Duration::from_secs(1), "it waited as it was asked to");
}

#[test]
fn what_cannot_go_better_is_not_tried_again() {
    let (_, stub) = instead(ROUTES, || Reply::error(403, "", "no"));
    assert_eq!(stub.count(ROUTES), 1);
}

#[test]
fn a_region_that_does_not_answer_is_a_gap_of_that_region() {
    for (what, kind, reply) in [
        (FUNCTIONS, google::FUNCTION, json!({"unreachable": ["projects/p/locations/us-east1"]})),
        (SERVICES, google::SERVICE, json!({"metadata": {}, "items": [service()], "unreachable": ["us-east1"]})),
        (CONNECTORS, google::CONNECTOR, json!({"unreachable": ["projects/p/locations/us-east1/connectors/x"]})),
        (ROUTERS, google::ROUTER, json!({"items": {"regions/us-east1": {"warning": {"code": "UNREACHABLE"}}}})),
        (ROUTERS, google::ROUTER, json!({"unreachables": ["regions/us-east1"]})),
    ] {
        let (outcome, _) = instead(what, move || Reply::ok(reply.clone()));
        let gaps: Vec<_> = outcome.gaps().iter().filter(|gap| gap.kind == kind.name).collect();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!((gaps[0].why, &gaps[0].resource), (GapReason::Partial, &None));
        assert_eq!(gaps[0].scope.to_string(), "gcp:p:us-east1");
        assert_ne!(outcome.state(kind).map(|(state, _)| state), Some(ReadState::Read));
    }
}

#[test]
fn pages_are_followed_to_their_end_and_a_loop_is_cut() {
    let page = |request: &Request, loops: bool| {
        let next = match request.parameter("pageToken") {
            None => Some("a"),
            Some("a") => Some("b"),
            Some(_) if loops => Some("a"),
            Some(_) => None,
        };
        let name = request.parameter("pageToken").unwrap_or("first").to_owned();
        Reply::ok(json!({"items": [{"name": name}], "nextPageToken": next.unwrap_or_default()}))
    };
    let stub = serve(move |request, _| request.is(ROUTES).then(|| page(request, false)));
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.state(google::ROUTE), Some((ReadState::Read, 3)));

    let stub = serve(move |request, _| request.is(ROUTES).then(|| page(request, true)));
    let outcome = collect(&stub.endpoint());
    outcome.only_gap(google::ROUTE, GapReason::TokenLoop);
    assert_eq!(outcome.state(google::ROUTE), Some((ReadState::Partial, 3)));
}

#[test]
fn knative_lists_go_on_by_continue() {
    let stub = serve(|request, _| {
        request.is(SERVICES).then(|| match request.parameter("continue") {
            None => Reply::ok(json!({"items": [], "metadata": {"continue": "x"}})),
            Some(_) => Reply::ok(json!({"items": [service()], "metadata": {}})),
        })
    });
    assert_eq!(collect(&stub.endpoint()).ids(google::SERVICE), [SERVICE]);
}

#[test]
fn a_redirect_is_not_followed_and_the_token_goes_nowhere() {
    let elsewhere = Stub::start(|_, _| Reply::ok(json!({"items": []})));
    let target = elsewhere.endpoint();
    let (outcome, _) = instead(ROUTES, move || Reply::text(302, "").with("Location", &target));
    outcome.only_gap(google::ROUTE, GapReason::Malformed);
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn an_api_that_is_off_has_nothing_only_where_that_is_confirmed() {
    let usage = "GET serviceusage/v1/projects/p/services/vpcaccess.googleapis.com";
    let run = |state: &'static str| {
        let stub = serve(move |request, _| {
            if request.path.starts_with("vpcaccess/") {
                return Some(Reply::error(403, "SERVICE_DISABLED", "it is off"));
            }
            request.is(usage).then(|| match state {
                "" => Reply::error(403, "", "no"),
                state => Reply::ok(json!({ "state": state })),
            })
        });
        collect(&stub.endpoint())
    };
    let off = run("DISABLED");
    assert!(!off.gaps().iter().any(|gap| gap.kind == google::CONNECTOR.name), "{:?}", off.gaps());
    assert_eq!(off.state(google::CONNECTOR), Some((ReadState::Read, 0)));
    for unclear in ["", "ENABLED", "STATE_UNSPECIFIED"] {
        run(unclear).only_gap(google::CONNECTOR, GapReason::ApiDisabledUnverified);
    }
}

#[test]
fn an_api_with_many_lists_is_confirmed_to_be_off_once() {
    let usage = "GET serviceusage/v1/projects/p/services/compute.googleapis.com";
    let stub = serve(move |request, _| {
        let off = json!({"error": {"code": 403, "message": "off", "errors": [{"reason": "accessNotConfigured"}]}});
        if request.path.starts_with("compute/") {
            return Some(Reply::text(403, off.to_string()));
        }
        request.is(usage).then(|| Reply::ok(json!({"state": "DISABLED"})))
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.state(google::ROUTER), Some((ReadState::Read, 0)));
    assert_eq!(stub.count(usage), 1);
    // What is asked of a single resource is not answered by that.
    assert!(outcome.gaps().iter().all(|gap| gap.resource.is_some()), "{:?}", outcome.gaps());
}

#[test]
fn what_is_not_there_is_known_not_to_be_there() {
    let key = "GET cloudkms/v1/projects/p/locations/us-central1/keyRings/k/cryptoKeys/a";
    let (outcome, stub) = instead(key, || Reply::error(404, "", "not found"));
    assert_eq!(outcome.gaps(), []);
    assert!(outcome.body(google::KEY, KEY).is_null());
    assert_eq!(stub.count(&format!("{key}/cryptoKeyVersions")), 0);

    let (outcome, _) = instead(key, || Reply::text(404, "<html>"));
    assert!(outcome.gaps().iter().any(|gap| gap.kind == google::KEY.name && gap.why == GapReason::Malformed));
}

#[test]
fn an_answer_about_something_else_is_refused() {
    let other = || Reply::ok(json!({"functions": [{"name": "projects/other/locations/r/functions/f"}]}));
    let (outcome, _) = instead(FUNCTIONS, other);
    outcome.only_gap(google::FUNCTION, GapReason::WrongIdentity);
    let (outcome, _) = instead("GET cloudresourcemanager/v3/projects/p", || {
        Reply::ok(json!({"name": "projects/99", "projectId": "other"}))
    });
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.errors.contains("wrong-identity"), "{}", outcome.errors);
}

#[test]
fn run_is_asked_region_by_region_where_the_older_api_fails() {
    let stub = serve(|request, _| {
        if request.is(SERVICES) {
            return Some(Reply::error(400, "", "not any more"));
        }
        if request.is("GET run/v1/projects/p/locations") {
            return Some(Reply::ok(json!({"locations": [{"locationId": "us-central1"}, {"locationId": "us-east1"}]})));
        }
        if request.is("GET run/v2/projects/p/locations/us-central1/services") {
            return Some(Reply::ok(json!({"services": [{"name": "projects/12/locations/us-central1/services/s"}]})));
        }
        request.is("GET run/v2/projects/p/locations/us-east1/services").then(|| Reply::error(500, "", "oh"))
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.ids(google::SERVICE), [SERVICE]);
    assert_eq!(outcome.only_gap(google::SERVICE, GapReason::Partial).scope.region, "us-east1");
}

#[test]
fn compute_is_asked_without_a_parameter_that_it_does_not_know() {
    let stub = serve(|request, _| {
        let known = request.parameter("returnPartialSuccess").is_none();
        let said = "Unknown name \"returnPartialSuccess\": Cannot bind query parameter";
        (request.is(ROUTES) && !known).then(|| Reply::error(400, "", said))
    });
    assert_eq!(collect(&stub.endpoint()).gaps(), []);
    assert_eq!(stub.count(ROUTES), 2);
}

#[test]
fn a_host_project_that_is_closed_is_a_gap_of_that_project() {
    let stub = serve(|request, _| {
        if request.path.contains("projects/host") {
            return Some(Reply::error(403, "", "no"));
        }
        request.is(CONNECTORS).then(|| {
            Reply::ok(json!({"connectors": [{"name": "projects/p/locations/us-central1/connectors/c", "state": "READY",
                "subnet": {"name": "conn", "projectId": "host"}}]}))
        })
    });
    let outcome = collect(&stub.endpoint());
    assert!(outcome.gaps().iter().all(|gap| gap.scope.account == "host" && gap.why == GapReason::Denied));
    assert_eq!(outcome.state_in(google::SUBNETWORK, "host"), Some((ReadState::Unread, 0)));
    assert_eq!(outcome.state_in(google::FORWARDING_RULE, "host"), None, "nobody asked");
    assert!(NETWORKS.iter().all(|kind| outcome.state(*kind).is_some()));
    let subnet = "//compute.googleapis.com/projects/host/regions/us-central1/subnetworks/conn";
    let of_policy = outcome.gaps().iter().find(|gap| gap.kind == google::SUBNETWORK_POLICY.name);
    assert_eq!(of_policy.and_then(|gap| gap.resource.as_deref()), Some(subnet));
}

#[test]
fn a_revision_that_serves_beside_the_latest_is_read_from_whichever_api_has_it() {
    let stub = serve(|request, _| {
        if request.is(SERVICES) {
            let mut service = service();
            service["status"]["traffic"] = json!([{"revisionName": "s-1", "percent": 50}]);
            return Some(Reply::ok(json!({"items": [service], "metadata": {}})));
        }
        if request.is("GET run/v2/projects/p/locations/us-central1/services/s/revisions/s-1") {
            return Some(Reply::error(404, "", "not here"));
        }
        let older = "GET run/v1/projects/p/locations/us-central1/revisions/s-1";
        request.is(older).then(|| Reply::ok(json!({"metadata": {"name": "s-1"}, "spec": {}})))
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.gaps(), []);
    let id = "//run.googleapis.com/projects/p/locations/us-central1/revisions/s-1";
    assert_eq!(outcome.ids(google::REVISION), [id]);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_run_at_once_and_leaves_no_file() {
    let stub = serve(|request, _| request.is(ROUTES).then_some(Reply::Silence));
    let start = std::time::Instant::now();
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).go_with(|process| {
        while stub.count(ROUTES) == 0 && start.elapsed().as_secs() < 20 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let kill = std::process::Command::new("kill").args(["-INT", &process.to_string()]).status();
        assert!(kill.expect("kill runs").success());
    });
    assert_eq!(outcome.code, Some(130), "{}", outcome.errors);
    assert!(outcome.bytes.is_empty());
    assert!(start.elapsed().as_secs() < 20);
}
