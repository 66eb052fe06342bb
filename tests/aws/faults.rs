//! Every call, failing in every way, one at a time: the gap says why, and everything else is read all the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use egress_audit::{
    evidence::GapReason,
    rule::RuleSet,
    snapshot::{
        ReadState,
        kinds::{
            ALIASES, CODE_SIGNING, CODE_SIGNING_CONFIG, FUNCTION, FUNCTION_DETAIL, Kind, MICROVM_DETAIL, POLICY,
            URL_CONFIGS, WEB_ENDPOINTS, WEB_REVISION,
            doors::{LAYER_POLICY, LAYER_VERSIONS},
        },
    },
};

use crate::{
    calls::{CHAINS, Call, NOTHING, every_kind},
    estate,
    fault::{FAULTS, Fault, SLOW, with_token, without_items},
    many,
    passes::{Verdicts, new_pass, pairs, verdicts},
    run::{Outcome, Run, collect, collect_soon, environment, in_haste},
    stub::{Reply, Stub},
    whose::{Whose, names, whose},
};

/// What a collection comes to while nothing fails.
struct Healthy {
    outcome: Outcome,
    verdicts: Verdicts,
    rules: RuleSet,
}

impl Healthy {
    fn new() -> Self {
        let stub = Stub::start(|request, _| estate::answer(request));
        let outcome = collect(&stub.endpoint());
        assert_eq!(outcome.snapshot().gaps, []);
        for kind in every_kind() {
            let (state, count) = outcome.state(kind);
            assert_eq!(state, ReadState::Read, "{}", kind.name);
            assert!(count > 0, "the estate has no {}", kind.name);
        }
        let rules = RuleSet::embedded().expect("the rules are sound");
        let verdicts = verdicts(outcome.snapshot(), &rules);
        Self { outcome, verdicts, rules }
    }

    /// Nothing may pass by which less was read.
    fn check(&self, cell: &str, outcome: &Outcome) {
        assert_eq!(outcome.code, Some(3), "{cell}: {}", outcome.errors);
        let new = new_pass(&self.verdicts, &verdicts(outcome.snapshot(), &self.rules));
        assert_eq!(new, None, "{cell}");
    }
}

/// The account in which some calls fail, each in its way.
fn failing(faults: Vec<(&'static str, Fault)>) -> Stub {
    Stub::start(move |request, _| {
        let operation = request.operation.as_str();
        match faults.iter().find(|(call, _)| *call == operation) {
            Some((_, fault)) => fault.instead_of(request, estate::answer),
            // `GetPolicy` is asked only where this call is not known.
            None if operation == "GetResourcePolicy" && faults.iter().any(|(call, _)| *call == "GetPolicy") => {
                Reply::text(404, "<html>no</html>")
            }
            None => estate::answer(request),
        }
    })
}

/// These calls, of different chains, fail in this way.
fn check(calls: &[Call], fault: Fault, why: GapReason, healthy: &Healthy) {
    check_by(collect, calls, fault, why, healthy);
}

/// The same with another way to collect.
fn check_by(collect: fn(&str) -> Outcome, calls: &[Call], fault: Fault, why: GapReason, healthy: &Healthy) {
    let faulted: Vec<&'static str> = calls.iter().map(|(call, ..)| *call).collect();
    let cell = format!("{faulted:?} {fault:?}");
    let stub = failing(faulted.iter().map(|call| (*call, fault)).collect());
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
        let (mut now, mut before) = (outcome.records(kind.name), healthy.outcome.records(kind.name));
        if faulted.contains(&"ListAliases") && kind.name == POLICY.name {
            // Nobody knows of the alias then, and its policy.
            for records in [&mut now, &mut before] {
                records.retain(|(id, _)| !id.ends_with(":live"));
            }
        }
        assert_eq!(now, before, "{cell}: {} changed", kind.name);
    }
    if !kinds.is_empty() {
        healthy.check(&cell, &outcome);
    }
}

/// Whether a call can fail in this way.
fn fails((call, paged, _): &Call, fault: Fault) -> bool {
    match fault {
        Fault::EmptyObject => !NOTHING.contains(call),
        Fault::OtherAccount => whose(call) != Whose::Nobody,
        Fault::OtherRegion => whose(call) == Whose::Region,
        Fault::Nameless => !names(call).is_empty(),
        // Each function is asked for its URLs then.
        Fault::NotThere if *call == "ListFunctionUrlConfigs" => false,
        _ => *paged || !fault.is_of_pages(),
    }
}

/// The runs in which every call fails once in this way, at most one of each chain in each.
fn runs(fault: Fault) -> Vec<Vec<Call>> {
    let chains = CHAINS.map(|chain| chain.iter().copied().filter(|call| fails(call, fault)).collect::<Vec<_>>());
    let longest = chains.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).map(|nth| chains.iter().filter_map(|chain| chain.get(nth)).copied().collect()).collect()
}

#[test]
fn every_call_failing_in_every_way_leaves_its_gap_and_all_the_rest() {
    let healthy = Healthy::new();
    let mut cells = Vec::new();
    for (fault, why) in FAULTS {
        cells.extend(runs(fault).into_iter().map(|calls| (calls, fault, why)));
    }
    let all: Vec<&Call> = CHAINS.into_iter().flatten().collect();
    let of_pages = FAULTS.iter().filter(|(fault, _)| fault.is_of_pages()).count();
    let paged = all.iter().filter(|(_, paged, _)| *paged).count();
    let failures: usize = cells.iter().map(|(calls, ..)| calls.len()).sum();
    let of_names: Vec<Fault> = FAULTS.map(|(fault, _)| fault).into_iter().filter(|fault| fault.is_of_names()).collect();
    let named: usize = of_names.iter().map(|fault| all.iter().filter(|call| fails(call, *fault)).count()).sum();
    let of_all = FAULTS.len() - of_pages - of_names.len();
    assert_eq!(failures, all.len() * of_all + paged * of_pages + named - NOTHING.len() - 1);
    many::each(4, &cells, |(calls, fault, why)| check(calls, *fault, *why, &healthy));
    println!("AWS: {} calls, {failures} cells in {} runs", all.len(), cells.len());
}

#[test]
fn every_call_that_never_answers_or_does_so_byte_by_byte_is_given_up() {
    let healthy = Healthy::new();
    let mut cells = Vec::new();
    for (fault, why) in SLOW {
        cells.extend(runs(fault).into_iter().map(|calls| (calls, fault, why)));
    }
    let failures: usize = cells.iter().map(|(calls, ..)| calls.len()).sum();
    many::at_once(&cells, |(calls, fault, why)| check_by(collect_soon, calls, *fault, *why, &healthy));
    println!("AWS: {failures} cells of slow answers");
}

#[test]
fn a_list_that_never_ends_is_cut_at_its_ten_thousandth_page() {
    let healthy = Healthy::new();
    let call = CHAINS.into_iter().flatten().find(|(call, ..)| *call == "DescribeInternetGateways");
    check(&[*call.expect("a call")], Fault::FreshTokens, GapReason::PageCap, &healthy);
}

/// Pairs of faults of every kind, of calls that may depend on each other.
#[test]
fn two_calls_that_fail_at_once_make_nothing_pass() {
    let healthy = Healthy::new();
    let all: Vec<(Call, Fault, GapReason)> = FAULTS
        .into_iter()
        .flat_map(|(fault, why)| CHAINS.into_iter().flatten().map(move |call| (*call, fault, why)))
        .filter(|(call, fault, _)| fails(call, *fault) && !call.2.is_empty())
        .collect();
    let pairs = pairs(&all, 250);
    many::each(4, &pairs, |pair| {
        let faults: Vec<(&'static str, Fault)> = pair.iter().map(|((call, ..), fault, _)| (*call, *fault)).collect();
        let cell = format!("{faults:?}");
        let outcome = collect(&failing(faults).endpoint());
        let reasons = pair.map(|(.., why)| why);
        for gap in &outcome.snapshot().gaps {
            assert!(reasons.contains(&gap.why), "{cell}: {gap:?}");
        }
        healthy.check(&cell, &outcome);
    });
    println!("AWS: {} pairs of {} cells", pairs.len(), all.len());
}

#[test]
fn every_call_that_fails_twice_and_then_answers_is_read() {
    let healthy = Healthy::new();
    let passing =
        [Fault::Throttled, Fault::ServerError, Fault::BadGateway, Fault::Unavailable, Fault::Hangup, Fault::Short];
    let cells: Vec<(usize, Fault)> =
        passing.into_iter().flat_map(|fault| (0..4).map(move |nth| (nth, fault))).collect();
    many::at_once(&cells, |(part, fault)| {
        // A quarter of the calls at a time: an SDK that sees everything fail stops trying again.
        let calls: Vec<&str> = CHAINS.into_iter().flatten().map(|(call, ..)| *call).skip(*part).step_by(4).collect();
        let fault = *fault;
        let (failing, tries) = (calls.clone(), Arc::new(Mutex::new(BTreeMap::<String, u32>::new())));
        let stub = Stub::start(move |request, _| {
            if !failing.contains(&request.operation.as_str()) {
                return estate::answer(request);
            }
            let mut tries = tries.lock().expect("no panic");
            let count =
                tries.entry(format!("{} {} {:?}", request.operation, request.path, request.token())).or_default();
            *count += 1;
            match (*count <= 2).then(|| fault.instead_of(request, estate::answer)) {
                Some(Reply::Text { status, mut headers, body }) => {
                    headers.push(("Retry-After", "0".into()));
                    Reply::Text { status, headers, body }
                }
                Some(reply) => reply,
                None => estate::answer(request),
            }
        });
        let outcome = Run::new(&in_haste(&stub.endpoint()), &["--region", "us-west-2"]).go();
        assert_eq!(outcome.snapshot().gaps, [], "{fault:?} {calls:?}");
        for kind in every_kind() {
            assert_eq!(outcome.records(kind.name), healthy.outcome.records(kind.name), "{fault:?}: {}", kind.name);
        }
    });
}

#[test]
fn every_list_goes_on_after_an_empty_page_and_counts_what_comes_twice_once() {
    let healthy = Healthy::new();
    let paged: Vec<&str> =
        CHAINS.into_iter().flatten().filter(|(_, paged, _)| *paged).map(|(call, ..)| *call).collect();
    let stub = Stub::start(move |request, _| {
        let (answer, paged) = (estate::answer(request), paged.contains(&request.operation.as_str()));
        let next = match request.token() {
            None => "a",
            Some("a") => "b",
            Some(_) => return answer,
        };
        match answer {
            Reply::Text { status: 200, body, .. } if paged => {
                let page = if next == "a" { without_items(&body) } else { body };
                Reply::ok(with_token(request, &page, next))
            }
            answer => answer,
        }
    });
    let outcome = collect(&stub.endpoint());
    assert_eq!(outcome.snapshot().gaps, []);
    for kind in every_kind() {
        assert_eq!(outcome.records(kind.name), healthy.outcome.records(kind.name), "{}", kind.name);
    }
}

#[test]
fn a_redirect_leads_nowhere() {
    let elsewhere = Stub::start(|request, _| estate::answer(request));
    let to = elsewhere.endpoint();
    let stub = Stub::start(move |request, _| match request.operation.as_str() {
        "GetCallerIdentity" => estate::answer(request),
        _ => Reply::text(302, "").with("Location", &to),
    });
    let outcome = collect(&stub.endpoint());
    assert!(!outcome.snapshot().gaps.is_empty());
    assert!(CHAINS.into_iter().flatten().all(|(call, ..)| elsewhere.count(call) == 0));
}

#[test]
fn a_call_that_fails_twice_and_then_answers_is_read() {
    for (fault, status) in [(Fault::Throttled, 429), (Fault::ServerError, 500)] {
        let stub = Stub::start(move |request, nth| {
            let faulted = ["DescribeNatGateways", "ListAliases", "GetKeyPolicy"].contains(&request.operation.as_str());
            match (faulted && nth < 2).then(|| fault.instead_of(request, estate::answer)) {
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
