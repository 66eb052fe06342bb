//! Every call, failing in every way, one at a time: the gap says why, and everything else is read all the same.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::{
            ALIASES, CODE_SIGNING, CODE_SIGNING_CONFIG, FUNCTION, FUNCTION_DETAIL, Kind, MICROVM_DETAIL, POLICY,
            SUBNET, URL_CONFIGS, VPC, WEB_ENDPOINTS, WEB_REVISION,
            doors::{LAYER_POLICY, LAYER_VERSIONS},
        },
    },
};

use crate::{
    calls::{CHAINS, Call, NOTHING, every_kind},
    estate,
    run::{Outcome, Run, collect, environment},
    stub::{Reply, Request, Stub},
};

/// The ways in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Denied,
    Expired,
    Throttled,
    ServerError,
    BadGateway,
    EmptyObject,
    Bare,
    EmptyBody,
    NoContent,
    Html,
    ForeignJson,
    Cut,
    Short,
    Hangup,
    SameToken,
    TokenCycle,
    DeniedLaterPage,
}

pub(crate) const FAULTS: [(Fault, GapReason); 17] = [
    (Fault::Denied, GapReason::Denied),
    (Fault::Expired, GapReason::Unauthenticated),
    (Fault::Throttled, GapReason::Throttled),
    (Fault::ServerError, GapReason::ServerError),
    (Fault::BadGateway, GapReason::ServerError),
    (Fault::EmptyObject, GapReason::Malformed),
    (Fault::Bare, GapReason::Malformed),
    (Fault::EmptyBody, GapReason::Malformed),
    (Fault::NoContent, GapReason::Malformed),
    (Fault::Html, GapReason::Malformed),
    (Fault::ForeignJson, GapReason::Malformed),
    (Fault::Cut, GapReason::Malformed),
    (Fault::Short, GapReason::Truncated),
    (Fault::Hangup, GapReason::Network),
    (Fault::SameToken, GapReason::TokenLoop),
    (Fault::TokenCycle, GapReason::TokenLoop),
    (Fault::DeniedLaterPage, GapReason::Denied),
];

impl Fault {
    pub(crate) fn is_of_pages(self) -> bool {
        matches!(self, Self::SameToken | Self::TokenCycle | Self::DeniedLaterPage)
    }

    fn reply(self, request: &Request) -> Reply {
        self.instead_of(request, estate::answer)
    }

    /// What comes instead of this answer.
    pub(crate) fn instead_of(self, request: &Request, answer: impl Fn(&Request) -> Reply) -> Reply {
        let healthy = || match answer(request) {
            Reply::Text { status: 200, body, .. } => body,
            // Where a healthy answer is an error, there is something to fault all the same.
            _ => r#"{"Policy": "{\"Statement\":[]}"}"#.to_owned(),
        };
        match self {
            Self::Denied if request.is_xml() => Reply::error(request, 403, "UnauthorizedOperation", "no"),
            Self::Denied if request.is_lambda() => Reply::error(request, 403, "AccessDeniedException", "no"),
            Self::Denied => Reply::error(request, 400, "AccessDeniedException", "no"),
            Self::Expired => Reply::error(request, 403, "ExpiredTokenException", "old"),
            Self::Throttled if request.is_xml() => Reply::error(request, 503, "RequestLimitExceeded", "slow"),
            Self::Throttled => Reply::error(request, 429, "TooManyRequestsException", "slow"),
            Self::ServerError => Reply::error(request, 500, "InternalError", "oops"),
            Self::BadGateway => Reply::Text { status: 502, headers: Vec::new(), body: "<html>bad</html>".into() },
            Self::EmptyObject => Reply::ok("{}"),
            Self::Bare if request.is_xml() => Reply::ok(estate::document(request, "")),
            Self::Bare => Reply::ok(r#"{"ResponseMetadata": {}}"#),
            Self::EmptyBody => Reply::ok(""),
            Self::NoContent => Reply::Text { status: 204, headers: Vec::new(), body: String::new() },
            Self::Html => Reply::ok("<html><body>Sign in</body></html>"),
            Self::ForeignJson => Reply::ok(r#"{"login": "octocat", "Functions": null}"#),
            Self::Cut => {
                let body = healthy();
                Reply::ok(body.get(..body.len() * 2 / 3).expect("the estate is ASCII"))
            }
            Self::Short => Reply::Short(healthy()),
            Self::Hangup => Reply::Hangup,
            Self::SameToken => Reply::ok(with_token(request, &healthy(), "again")),
            Self::TokenCycle => {
                let next = if request.token() == Some("a") { "b" } else { "a" };
                Reply::ok(with_token(request, &healthy(), next))
            }
            Self::DeniedLaterPage if request.token().is_some() => Self::Denied.instead_of(request, answer),
            Self::DeniedLaterPage => Reply::ok(with_token(request, &healthy(), "more")),
        }
    }
}

/// A healthy page that says that there is another.
pub(crate) fn with_token(request: &Request, body: &str, token: &str) -> String {
    let before = |end: String, inside: String| body.replace(&end, &format!("{inside}{end}"));
    let truncated = |name: &str| {
        let more = format!("<IsTruncated>true</IsTruncated><{name}>{token}</{name}>");
        body.replace("<IsTruncated>false</IsTruncated>", &more)
    };
    let key = match request.service.as_str() {
        "lambda" if request.path.contains("web-functions") || request.path.contains("microvms") => "nextToken",
        "ec2" => return before(format!("</{}Response>", request.operation), format!("<nextToken>{token}</nextToken>")),
        "elasticloadbalancing" => {
            return before(format!("</{}Result>", request.operation), format!("<NextMarker>{token}</NextMarker>"));
        }
        "iam" => return truncated("Marker"),
        "cloudfront" => return truncated("NextMarker"),
        "apigateway" if request.is_v2() => "nextToken",
        "apigateway" => "position",
        "organizations" => "NextToken",
        _ => "NextMarker",
    };
    let mut page: serde_json::Value = serde_json::from_str(body).expect("JSON");
    page[key] = token.into();
    page.to_string()
}

/// These calls, of different chains, fail in this way.
fn check(calls: &[Call], fault: Fault, why: GapReason, healthy: &Outcome) {
    let faulted: Vec<&'static str> = calls.iter().map(|(call, ..)| *call).collect();
    let cell = format!("{faulted:?} {fault:?}");
    let failing = faulted.clone();
    let stub = Stub::start(move |request, _| match request.operation.as_str() {
        operation if failing.contains(&operation) => fault.reply(request),
        // `GetPolicy` is asked only where this call is not known.
        "GetResourcePolicy" if failing.contains(&"GetPolicy") => {
            Reply::Text { status: 404, headers: Vec::new(), body: "<html>no</html>".into() }
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    for call in &faulted {
        assert!(stub.count(call) > 0, "{cell}: {call} was never called");
    }
    let snapshot = outcome.snapshot();
    let kinds: Vec<Kind> = calls.iter().flat_map(|(.., kinds)| kinds.iter().copied()).collect();
    for kind in &kinds {
        let (state, count) = outcome.state(*kind);
        assert_ne!(state, ReadState::Read, "{cell}: {} looks whole", kind.name);
        assert_eq!(state == ReadState::Unread, count == 0, "{cell}: {}", kind.name);
        let gaps: Vec<_> = snapshot.gaps.iter().filter(|gap| gap.kind == kind.name).collect();
        assert!(gaps.iter().all(|gap| gap.why == why), "{cell}: {gaps:?}");
        assert!(!gaps.is_empty(), "{cell}: no gap for {}", kind.name);
    }
    let named: BTreeSet<&str> = kinds.iter().map(|kind| kind.name).collect();
    for gap in &snapshot.gaps {
        assert!(named.contains(gap.kind.as_str()), "{cell}: {gap:?}");
    }
    for kind in every_kind().filter(|kind| !named.contains(kind.name)) {
        let (mut now, mut before) = (outcome.records(kind.name), healthy.records(kind.name));
        if faulted.contains(&"ListAliases") && kind.name == POLICY.name {
            // Nobody knows of the alias then, and its policy.
            for records in [&mut now, &mut before] {
                records.retain(|(id, _)| !id.ends_with(":live"));
            }
        }
        assert_eq!(now, before, "{cell}: {} changed", kind.name);
    }
}

/// The runs in which every call fails once in this way, at most one of each chain in each.
fn runs(fault: Fault) -> Vec<Vec<Call>> {
    let fails = |(call, paged, _): &Call| match fault {
        Fault::EmptyObject => !NOTHING.contains(call),
        _ => *paged || !fault.is_of_pages(),
    };
    let chains = CHAINS.map(|chain| chain.iter().copied().filter(fails).collect::<Vec<_>>());
    let longest = chains.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).map(|nth| chains.iter().filter_map(|chain| chain.get(nth)).copied().collect()).collect()
}

#[test]
fn every_call_failing_in_every_way_leaves_its_gap_and_all_the_rest() {
    let healthy = estate_as_it_is();
    let mut cells = Vec::new();
    for (fault, why) in FAULTS {
        cells.extend(runs(fault).into_iter().map(|calls| (calls, fault, why)));
    }
    let (all, paged) = (CHAINS.iter().map(|chain| chain.len()).sum::<usize>(), |(_, paged, _): &&Call| *paged);
    let paged = CHAINS.into_iter().flatten().filter(paged).count();
    let failures: usize = cells.iter().map(|(calls, ..)| calls.len()).sum();
    assert_eq!(failures, all * 14 + paged * 3 - NOTHING.len());
    let (next, cells, healthy) = (Arc::new(AtomicUsize::new(0)), Arc::new(cells), Arc::new(healthy));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (next, cells, healthy) = (Arc::clone(&next), Arc::clone(&cells), Arc::clone(&healthy));
            thread::spawn(move || {
                while let Some((calls, fault, why)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(calls, *fault, *why, &healthy);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("every cell is right");
    }
}

fn estate_as_it_is() -> Outcome {
    let stub = Stub::start(|request, _| estate::answer(request));
    let healthy = collect(&stub.endpoint());
    assert_eq!(healthy.snapshot().gaps, []);
    for kind in every_kind() {
        let (state, count) = healthy.state(kind);
        assert_eq!(state, ReadState::Read, "{}", kind.name);
        assert!(count > 0, "the estate has no {}", kind.name);
    }
    healthy
}

#[test]
fn a_call_that_fails_twice_and_then_answers_is_read() {
    for (fault, status) in [(Fault::Throttled, 429), (Fault::ServerError, 500)] {
        let stub = Stub::start(move |request, nth| {
            let faulted = ["DescribeNatGateways", "ListAliases", "GetKeyPolicy"].contains(&request.operation.as_str());
            match (faulted && nth < 2).then(|| fault.reply(request)) {
                Some(Reply::Text { status, body, mut headers }) => {
                    let wait = if request.operation == "DescribeNatGateways" { "1" } else { "0" };
                    headers.push(("Retry-After", wait.into()));
                    Reply::Text { status, headers, body }
                }
                _ => estate::answer(request),
            }
        });
        let start = Instant::now();
        let outcome = Run::new(&environment(&stub.endpoint()), &["--region", "us-west-2"]).go();
        assert_eq!(outcome.snapshot().gaps, [], "{status}");
        assert!(start.elapsed() >= Duration::from_secs(2), "{status}: `Retry-After` was not heeded");
        assert_eq!(stub.count("DescribeNatGateways"), 3, "{status}");
    }
}

#[test]
fn silence_and_one_byte_a_second_are_not_waited_for_for_ever() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "DescribeVpcs" => Reply::Silence,
        "DescribeSubnets" => Reply::Trickle(estate::xml("DescribeSubnets", "<subnetSet/>")),
        _ => estate::answer(request),
    });
    let start = Instant::now();
    let outcome = collect(&stub.endpoint());
    assert!(start.elapsed() < Duration::from_secs(75), "{:?}", start.elapsed());
    assert_eq!(outcome.state(VPC), (ReadState::Unread, 0));
    assert_eq!(outcome.state(SUBNET), (ReadState::Unread, 0));
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::Timeout), "{:?}", outcome.snapshot().gaps);
    assert_eq!(outcome.state(FUNCTION_DETAIL), (ReadState::Read, 1));
}

#[test]
fn an_answer_without_measure_is_not_read_on() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListAliases" | "DescribeVpcs" => Reply::ok(" ".repeat(65 << 20)),
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    for kind in [ALIASES, VPC] {
        assert_eq!(outcome.state(kind), (ReadState::Unread, 0), "{}", kind.name);
    }
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::Limit), "{:?}", outcome.snapshot().gaps);
}

#[test]
fn a_function_that_goes_while_it_is_read_is_a_gap_and_not_an_absence() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "ListFunctions" | "ListLayers" | "ListEventSourceMappings" | "ListWebFunctions" | "ListMicrovms" => {
            estate::answer(request)
        }
        _ if request.is_lambda() => {
            Reply::error(request, 404, "ResourceNotFoundException", "The resource you requested does not exist.")
        }
        _ => estate::answer(request),
    });
    let outcome = collect(&stub.endpoint());
    for kind in [
        FUNCTION_DETAIL,
        ALIASES,
        URL_CONFIGS,
        POLICY,
        CODE_SIGNING,
        CODE_SIGNING_CONFIG,
        LAYER_VERSIONS,
        LAYER_POLICY,
        WEB_ENDPOINTS,
        WEB_REVISION,
        MICROVM_DETAIL,
    ] {
        assert_eq!(outcome.state(kind), (ReadState::Unread, 0), "{}", kind.name);
    }
    assert!(outcome.snapshot().gaps.iter().all(|gap| gap.why == GapReason::GoneDuringScan));
    assert_eq!(outcome.state(FUNCTION), (ReadState::Read, 1));
}
