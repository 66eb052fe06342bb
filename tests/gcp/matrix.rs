//! Every call failing in every way: nothing passes that did not pass, and what is lost is a gap with its reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use egress_audit::{
    decode::decode,
    evidence::GapReason,
    graph::resolve,
    report::{Keep, Outcome as Verdict, report},
    rule::RuleSet,
    snapshot::Snapshot,
};
use serde_json::{Value, json};

use crate::{
    run::{Outcome, collect},
    stub::{Reply, Request},
    world::{answer, serve},
};

/// The ways in which a call fails, and the reasons that fit; the last [`OF_PAGES`] are of lists alone.
type Fault = (&'static str, fn(&Request) -> Reply, &'static [GapReason]);

const OF_PAGES: usize = 3;

const FAULTS: [Fault; 20] = [
    ("401", |_| Reply::error(401, "", "no"), &[GapReason::Unauthenticated]),
    ("403", |_| Reply::error(403, "IAM_PERMISSION_DENIED", "no"), &[GapReason::Denied]),
    ("403 by an organisation", |_| Reply::error(403, "SECURITY_POLICY_VIOLATED", "no"), &[GapReason::Denied]),
    (
        "403 for an API that is off",
        |_| Reply::error(403, "SERVICE_DISABLED", "off"),
        &[GapReason::ApiDisabledUnverified, GapReason::Denied],
    ),
    ("404", |_| Reply::error(404, "", "no"), &[GapReason::GoneDuringScan, GapReason::Malformed]),
    ("429", |_| Reply::error(429, "", "slow"), &[GapReason::Throttled]),
    ("500", |_| Reply::error(500, "", "oh"), &[GapReason::ServerError]),
    ("502 in HTML", |_| Reply::text(502, "<html>"), &[GapReason::ServerError]),
    ("503", |_| Reply::error(503, "", "busy"), &[GapReason::ServerError]),
    ("an end without an answer", |_| Reply::Hangup, &[GapReason::Network]),
    ("a body that is too short", |_| Reply::Short("{\"a\": ".into()), &[GapReason::Truncated]),
    ("nothing", |_| Reply::text(200, ""), &[GapReason::Malformed, GapReason::Truncated]),
    ("204", |_| Reply::text(204, ""), &[GapReason::Malformed, GapReason::Truncated]),
    ("HTML", |_| Reply::text(200, "<html>Sign in</html>"), &[GapReason::Malformed]),
    ("a list", |_| Reply::text(200, "[]"), &[GapReason::Malformed]),
    (
        "JSON of somebody else's",
        |_| Reply::ok(json!({"login": "octocat", "items": null})),
        &[GapReason::Malformed, GapReason::WrongIdentity],
    ),
    ("cut JSON", |request| Reply::text(200, cut(&body(request))), &[GapReason::Malformed, GapReason::Truncated]),
    ("the same token for ever", |request| with_token(request, "again"), &[GapReason::TokenLoop]),
    ("tokens in a circle", |request| with_token(request, other(request)), &[GapReason::TokenLoop]),
    ("a later page that is denied", denied_later, &[GapReason::Denied]),
];

fn body(request: &Request) -> String {
    match answer(request) {
        Reply::Text { body, .. } => body,
        other => panic!("{other:?}"),
    }
}

fn cut(body: &str) -> String {
    body.chars().take(body.chars().count() * 2 / 3).collect()
}

fn with_token(request: &Request, token: &str) -> Reply {
    let mut page: Value = serde_json::from_str(&body(request)).expect("JSON");
    page["nextPageToken"] = token.into();
    Reply::ok(page)
}

fn other(request: &Request) -> &'static str {
    if request.parameter("pageToken") == Some("a") { "b" } else { "a" }
}

fn denied_later(request: &Request) -> Reply {
    match request.parameter("pageToken") {
        Some(_) => Reply::error(403, "", "no"),
        None => with_token(request, "more"),
    }
}

/// The verdicts, by rule, subject and element.
fn verdicts(snapshot: &Snapshot, rules: &RuleSet) -> BTreeMap<(String, String, String), Verdict> {
    let graph = resolve(&decode(snapshot));
    let report = report(Vec::new(), snapshot, &graph, rules, None, None, Keep::Everything);
    let all = report.findings.iter().chain(&report.rest);
    let key = |it: &egress_audit::report::Finding| {
        (it.rule.clone(), it.subject.id.clone(), it.element.clone().unwrap_or_default())
    };
    all.map(|it| (key(it), it.verdict)).collect()
}

fn records(outcome: &Outcome) -> BTreeSet<String> {
    let all = &outcome.snapshot().records;
    all.iter().map(|record| format!("{} {} {}", record.kind, record.id, record.body)).collect()
}

/// What is wrong with a run in which one call failed in one way.
fn wrong(call: &str, fault: &Fault, healthy: &Outcome, rules: &RuleSet) -> Option<String> {
    let (name, reply, reasons) = *fault;
    let failing = call.to_owned();
    let stub = serve(move |request, _| request.is(&failing).then(|| reply(request)));
    let outcome = collect(&stub.endpoint());
    let cell = format!("{call}: {name}");
    if outcome.bytes.is_empty() {
        let said = outcome.code == Some(2) && outcome.errors.starts_with("error: ");
        return (!said).then(|| format!("{cell}: ended with {:?} and {}", outcome.code, outcome.errors));
    }
    let lost: Vec<String> = records(healthy).difference(&records(&outcome)).cloned().collect();
    // An account, a role or a key that is not there is an answer, by which whoever needs it fails, and nobody lacks a grant on it.
    let named = ["/serviceAccounts/", "/roles/", "/cryptoKeys/"];
    let none = name == "404" && named.iter().any(|it| call.contains(it));
    if none {
        return None;
    }
    if outcome.gaps().is_empty() {
        return (!lost.is_empty()).then(|| format!("{cell}: no gap, and it lacks {lost:?}"));
    }
    if !outcome.gaps().iter().any(|gap| reasons.contains(&gap.why)) {
        return Some(format!("{cell}: {:?}", outcome.gaps()));
    }
    let (then, now) = (verdicts(healthy.snapshot(), rules), verdicts(outcome.snapshot(), rules));
    let passes = |(key, verdict): (&(String, String, String), &Verdict)| {
        let passed = *verdict == Verdict::Pass && then.get(key).is_some_and(|then| *then != Verdict::Pass);
        passed.then(|| format!("{cell}: {key:?} passes, and was {:?}", then.get(key)))
    };
    now.iter().find_map(passes)
}

#[test]
fn every_call_failing_in_every_way_leaves_a_gap_and_makes_nothing_pass() {
    let stub = serve(|_, _| None);
    let healthy = collect(&stub.endpoint());
    let seen = stub.seen();
    let calls: BTreeSet<String> = seen.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    // What is on is only asked to spare a call: where that fails, the call is made.
    let calls: Vec<&String> = calls.iter().filter(|call| !call.starts_with("GET serviceusage/")).collect();
    let has_pages = |call: &str| {
        let sizes = |it: &Request| it.parameter("pageSize").or(it.parameter("maxResults")).is_some();
        seen.iter().any(|request| request.is(call) && sizes(request))
    };
    let fails = |call: &str| if has_pages(call) { FAULTS.len() } else { FAULTS.len() - OF_PAGES };
    let cells: Vec<(&String, &Fault)> =
        calls.iter().flat_map(|call| FAULTS.iter().take(fails(call)).map(move |fault| (*call, fault))).collect();
    let rules = RuleSet::embedded().expect("the rules are sound");
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Vec::new();
        while let Some((call, fault)) = cells.get(next.fetch_add(1, Ordering::SeqCst)) {
            found.extend(wrong(call, fault, &healthy, &rules));
        }
        found
    };
    let found: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    println!("{} calls, {} cells", calls.len(), cells.len());
    assert!(found.is_empty(), "{} of {} cells:\n{}", found.len(), cells.len(), found.join("\n"));
}
