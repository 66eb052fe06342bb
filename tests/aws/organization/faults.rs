//! Every call that an organisation needs, failing in every way: the gap says why, and the other accounts are read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::organization::{ACCOUNT, MEMBER, REGIONS},
    },
};

use crate::{
    fault::{FAULTS, Fault},
    members::{CALLER, FIRST, Members, SECOND, account, records, role_account, run},
    run::Outcome,
    stub::{Request, Stub},
};

use super::{gaps, read};

/// The calls, and whether they are paged.
const CALLS: [(&str, bool); 3] = [("ListAccounts", true), ("AssumeRole", false), ("DescribeRegions", false)];

/// Whether a request is the one that fails: of those that are made for each account, the one for the first.
fn is_meant(request: &Request, call: &str) -> bool {
    request.operation == call
        && match call {
            "AssumeRole" => role_account(request) == FIRST,
            "DescribeRegions" => account(request) == FIRST,
            _ => true,
        }
}

fn collect(fault: Option<(&'static str, Fault)>) -> Outcome {
    let stub = Stub::start(move |request, _| {
        let answer = |request: &Request| {
            let members = Members::new();
            // One region, which the estate's names are of.
            match (request.operation.as_str(), members.answer(request)) {
                ("DescribeRegions", crate::stub::Reply::Text { body, .. }) => {
                    crate::stub::Reply::ok(body.replace("<optInStatus>opted-in<", "<optInStatus>not-opted-in<"))
                }
                (_, reply) => reply,
            }
        };
        match fault.filter(|(call, _)| is_meant(request, call)) {
            Some((_, fault)) => fault.instead_of(request, answer),
            None => answer(request),
        }
    });
    run(&stub, &["--all-regions"]).go()
}

fn check(call: &'static str, fault: Fault, why: GapReason, healthy: &Outcome) {
    let cell = format!("{call} {fault:?}");
    let outcome = collect(Some((call, fault)));
    if call == "ListAccounts" && (fault == Fault::NotThere || !fault.is_of_pages()) {
        assert_eq!(outcome.code, Some(2), "{cell}: {}", outcome.errors);
        assert!(outcome.snapshot.is_none() && outcome.errors.contains(why.as_str()), "{cell}: {}", outcome.errors);
        assert!(!outcome.errors.contains("panicked"), "{cell}: {}", outcome.errors);
        return;
    }
    assert_eq!(outcome.code, Some(3), "{cell}: {}", outcome.errors);
    let (whose, kind) = match call {
        "ListAccounts" => (CALLER, ACCOUNT),
        "AssumeRole" => (FIRST, MEMBER),
        _ => (FIRST, REGIONS),
    };
    let said = (whose.to_owned(), "global".to_owned(), kind.call.to_owned(), why);
    assert_eq!(gaps(&outcome), [said], "{cell}");
    let line = |outcome: &Outcome| {
        let mut lines = outcome.snapshot().coverage.iter();
        let line = lines.find(|line| line.scope.account == whose && line.kind == kind.name);
        line.unwrap_or_else(|| panic!("{cell}: no line")).state
    };
    assert_eq!((line(healthy), line(&outcome) == ReadState::Read), (ReadState::Read, false), "{cell}");
    let others = if call == "ListAccounts" { vec![CALLER, FIRST, SECOND] } else { vec![CALLER, SECOND] };
    for other in others {
        assert_eq!(records(&outcome, other), records(healthy, other), "{cell}: {other} changed");
    }
    // Without its regions there is still what has none; without the role there is nothing.
    let first: Vec<_> = records(&outcome, FIRST).into_iter().map(|[kind, region, ..]| (kind, region)).collect();
    match call {
        "AssumeRole" => assert!(!read(&outcome).contains(FIRST), "{cell}: {first:?}"),
        "DescribeRegions" => {
            assert!(first.iter().all(|(_, region)| region == "global"), "{cell}: {first:?}");
            assert!(first.iter().any(|(kind, _)| kind == "iam:role"), "{cell}: {first:?}");
        }
        _ => {}
    }
}

#[test]
fn every_call_for_an_organisation_failing_in_every_way_leaves_its_gap_and_the_other_accounts() {
    let healthy = collect(None);
    assert_eq!(healthy.snapshot().gaps, []);
    let cells: Vec<_> = CALLS
        .into_iter()
        .flat_map(|(call, paged)| FAULTS.into_iter().map(move |(fault, why)| (call, paged, fault, why)))
        .filter(|(_, paged, fault, _)| (*paged || !fault.is_of_pages()) && !fault.is_of_names())
        .collect();
    assert_eq!(cells.len(), 23 + 19 + 19);
    let (next, shared) = (Arc::new(AtomicUsize::new(0)), Arc::new((cells, healthy)));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (next, shared) = (Arc::clone(&next), Arc::clone(&shared));
            thread::spawn(move || {
                while let Some((call, _, fault, why)) = shared.0.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(call, *fault, *why, &shared.1);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("every cell is right");
    }
}
