//! Every call failing in every way: nothing passes that did not pass, and what is lost is a gap with its reason.

use std::{collections::BTreeSet, io::Write as _, sync::LazyLock, time::Duration};

use egress_audit::{evidence::GapReason, rule::RuleSet};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    clock, many,
    passes::{Verdicts, new_pass, pairs, verdicts},
    run::{Outcome, Run},
    stub::{Reply, Request},
    world::{answer, serve},
};

/// A way in which a call fails, and the reasons that fit.
type Fault = (&'static str, fn(&Request) -> Reply, &'static [GapReason]);

/// Those of any call.
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
    ("more than any answer may be", |_| Reply::text(200, " ".repeat(HUGE)), &[GapReason::Limit]),
    ("little that unpacks to much", |_| Reply::Encoded("gzip", BOMB.clone()), &[GapReason::Limit]),
    (
        "a way elsewhere",
        |_| Reply::text(307, "").with("Location", "https://elsewhere.example/"),
        &[GapReason::Malformed],
    ),
];

/// Those of lists that are paged.
const OF_PAGES: [Fault; 4] = [
    ("the same token for ever", |request| with_token(request, "again"), &[GapReason::TokenLoop]),
    ("tokens in a circle", |request| with_token(request, other(request)), &[GapReason::TokenLoop]),
    ("a later page that is denied", denied_later, &[GapReason::Denied]),
    ("a region that did not answer", partial, &[GapReason::Partial]),
];

/// Those that take as long as the program waits.
const SLOW: [Fault; 2] = [
    ("silence", |_| Reply::Silence, &[GapReason::Timeout]),
    (
        "a byte a second",
        |request| {
            let body = format!("{}{}", body(request), " ".repeat(600));
            Reply::Trickle(body, clock::of_the_program(Duration::from_secs(1)))
        },
        &[GapReason::Timeout],
    ),
];

/// More than any answer may be.
const HUGE: usize = 65 << 20;

static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; HUGE]).expect("memory");
    encoder.finish().expect("memory")
});

fn partial(request: &Request) -> Reply {
    let mut page: Value = serde_json::from_str(&body(request)).expect("JSON");
    page["unreachable"] = json!(["projects/p/locations/us-east1"]);
    Reply::ok(page)
}

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
    if page["metadata"].is_object() {
        page["metadata"]["continue"] = token.into();
    } else {
        page["nextPageToken"] = token.into();
    }
    Reply::ok(page)
}

/// The token of a page, by either of its names.
fn token(request: &Request) -> Option<&str> {
    request.parameter("pageToken").or(request.parameter("continue"))
}

fn other(request: &Request) -> &'static str {
    if token(request) == Some("a") { "b" } else { "a" }
}

fn denied_later(request: &Request) -> Reply {
    match token(request) {
        Some(_) => Reply::error(403, "", "no"),
        None => with_token(request, "more"),
    }
}

/// Collects the project `p` by a fast clock: most of what fails is tried again, and later each time.
fn collect(endpoint: &str) -> Outcome {
    clock::fast().fold(Run::new("gcp:projects/p", endpoint), |run, (name, value)| run.set(&name, &value)).go()
}

fn records(outcome: &Outcome) -> BTreeSet<String> {
    let all = &outcome.snapshot().records;
    all.iter().map(|record| format!("{} {} {}", record.kind, record.id, record.body)).collect()
}

/// What a collection comes to while nothing fails.
struct Healthy {
    records: BTreeSet<String>,
    verdicts: Verdicts,
    rules: RuleSet,
    /// Every call, and whether it is of a list that is paged.
    calls: Vec<(String, bool)>,
}

impl Healthy {
    fn new() -> Self {
        let stub = serve(|_, _| None);
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.gaps(), []);
        let seen = stub.seen();
        let calls: BTreeSet<String> =
            seen.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
        let is_paged = |call: &str| {
            let sizes = ["pageSize", "maxResults", "limit"];
            seen.iter().any(|it| it.is(call) && sizes.iter().any(|size| it.parameter(size).is_some()))
        };
        // What is on is only asked to spare a call: where that fails, the call is made.
        let calls = calls.into_iter().filter(|call| !call.starts_with("GET serviceusage/"));
        let calls = calls.map(|call| (call.clone(), is_paged(&call))).collect();
        let rules = RuleSet::embedded().expect("the rules are sound");
        Self { records: records(&outcome), verdicts: verdicts(outcome.snapshot(), &rules), rules, calls }
    }

    /// Every call with every fault that it can have.
    fn cells(&self, of_all: &'static [Fault], of_pages: &'static [Fault]) -> Vec<(&str, Fault)> {
        let faults = |paged: bool| of_all.iter().chain(of_pages.iter().filter(move |_| paged));
        self.calls.iter().flat_map(|(call, paged)| faults(*paged).map(|fault| (call.as_str(), *fault))).collect()
    }

    /// What is wrong with a run in which these calls failed, each in its way.
    fn wrong(&self, cells: &[(&str, Fault)]) -> Option<String> {
        let failing: Vec<(String, Fault)> = cells.iter().map(|(call, fault)| ((*call).to_owned(), *fault)).collect();
        let stub = serve(move |request, _| {
            failing.iter().find(|(call, _)| request.is(call)).map(|(_, (_, reply, _))| reply(request))
        });
        let outcome = collect(&stub.endpoint());
        let named: Vec<String> = cells.iter().map(|(call, (name, ..))| format!("{call}: {name}")).collect();
        let cell = named.join(" and ");
        if outcome.bytes.is_empty() {
            let said = outcome.code == Some(2) && outcome.errors.starts_with("error: ");
            return (!said).then(|| format!("{cell}: ended with {:?} and {}", outcome.code, outcome.errors));
        }
        let lost: Vec<String> = self.records.difference(&records(&outcome)).cloned().collect();
        // An account, a role or a key that is not there is an answer, by which whoever needs it fails, and nobody lacks a
        // grant on it.
        let absent = ["/serviceAccounts/", "/roles/", "/cryptoKeys/"];
        let is_answer = |(call, fault): &(&str, Fault)| fault.0 == "404" && absent.iter().any(|it| call.contains(it));
        if cells.iter().any(is_answer) {
            return None;
        }
        if outcome.gaps().is_empty() {
            return (!lost.is_empty()).then(|| format!("{cell}: no gap, and it lacks {lost:?}"));
        }
        if outcome.code != Some(3) {
            return Some(format!("{cell}: ended with {:?}", outcome.code));
        }
        let fits = |why: GapReason| cells.iter().any(|(_, (.., reasons))| reasons.contains(&why));
        if !outcome.gaps().iter().any(|gap| fits(gap.why)) {
            return Some(format!("{cell}: {:?}", outcome.gaps()));
        }
        let new = new_pass(&self.verdicts, &verdicts(outcome.snapshot(), &self.rules));
        new.map(|new| format!("{cell}: {new}"))
    }

    fn check(&self, cells: &[(&str, Fault)]) {
        assert_eq!(self.wrong(cells), None);
    }
}

fn one_by_one(cells: Vec<(&str, Fault)>) -> Vec<Vec<(&str, Fault)>> {
    cells.into_iter().map(|cell| vec![cell]).collect()
}

#[test]
fn every_call_failing_in_every_way_leaves_a_gap_and_makes_nothing_pass() {
    let healthy = Healthy::new();
    let runs = one_by_one(healthy.cells(&FAULTS, &OF_PAGES));
    many::each(4, &runs, |cells| healthy.check(cells));
    println!("Google: {} calls, {} cells", healthy.calls.len(), runs.len());
}

#[test]
fn every_call_that_never_answers_or_does_so_byte_by_byte_is_given_up() {
    let healthy = Healthy::new();
    let runs = one_by_one(healthy.cells(&SLOW, &[]));
    many::at_once(&runs, |cells| healthy.check(cells));
    println!("Google: {} cells of slow answers", runs.len());
}

#[test]
fn two_calls_that_fail_at_once_make_nothing_pass() {
    let healthy = Healthy::new();
    let cells = healthy.cells(&FAULTS, &OF_PAGES);
    let pairs: Vec<Vec<(&str, Fault)>> = pairs(&cells, 250).into_iter().map(Vec::from).collect();
    many::each(4, &pairs, |cells| healthy.check(cells));
    println!("Google: {} pairs of {} cells", pairs.len(), cells.len());
}

#[test]
fn every_call_that_fails_twice_and_then_answers_is_read() {
    let healthy = Healthy::new();
    let passing = [
        Reply::error(429, "", "slow"),
        Reply::error(500, "", "oh"),
        Reply::text(502, "<html>"),
        Reply::error(503, "", "busy"),
        Reply::Hangup,
        Reply::Short("{".into()),
    ];
    for reply in passing {
        let (shown, stub) = (format!("{reply:?}"), serve(move |_, nth| (nth < 2).then(|| reply.clone())));
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.gaps(), [], "{shown}");
        assert_eq!(records(&outcome), healthy.records, "{shown}");
    }
}

#[test]
fn every_list_goes_on_after_an_empty_page_and_counts_what_comes_twice_once() {
    let healthy = Healthy::new();
    let paged: Vec<String> = healthy.calls.iter().filter(|(_, paged)| *paged).map(|(call, _)| call.clone()).collect();
    let stub = serve(move |request, _| {
        let is_paged = paged.iter().any(|call| request.is(call));
        let next = token(request).map_or(Some("a"), |token| (token == "a").then_some("b"));
        let mut reply = with_token(request, next.filter(|_| is_paged)?);
        if let (Some("a"), Reply::Text { body, .. }) = (next, &mut reply) {
            let mut page: Value = serde_json::from_str(body).expect("JSON");
            let lists = page.as_object_mut().expect("an object").values_mut();
            lists.filter(|value| value.is_array()).for_each(|list| *list = json!([]));
            *body = page.to_string();
        }
        Some(reply)
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.gaps(), []);
    let records = records(&outcome);
    let different: Vec<&String> = records.symmetric_difference(&healthy.records).collect();
    assert!(different.is_empty(), "{different:#?}");
}
