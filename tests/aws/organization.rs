//! What the source makes of an organisation: whom it reads, by which role, and what it says of those it could not read.

mod faults;
mod on_moto;
mod roles;
mod shards;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use egress_audit::{
    evidence::GapReason,
    snapshot::kinds::{
        SUBNET, VPC,
        organization::{ACCOUNT, MEMBER},
    },
};

use crate::{
    estate,
    fault::with_token,
    members::{CALLER, CLOSED, FIRST, Members, SECOND, account, collect, numbered, records, role_account, run},
    run::Outcome,
    stub::{Reply, Stub},
};

fn healthy() -> Stub {
    Stub::start(|request, _| Members::new().answer(request))
}

/// The accounts that something was read of, but for the list of all.
fn read(outcome: &Outcome) -> BTreeSet<String> {
    let records = outcome.snapshot().records.iter().filter(|record| record.kind != ACCOUNT.name);
    records.map(|record| record.scope.account.clone()).collect()
}

/// Each gap as its account, its region, its call and why.
fn gaps(outcome: &Outcome) -> Vec<(String, String, String, GapReason)> {
    let gaps = outcome.snapshot().gaps.iter();
    gaps.map(|gap| (gap.scope.account.clone(), gap.scope.region.clone(), gap.call.clone(), gap.why)).collect()
}

#[test]
fn every_active_account_is_read_once_and_the_callers_own_without_the_role() {
    let stub = healthy();
    let outcome = collect(&stub);
    assert_eq!((outcome.snapshot().gaps.as_slice(), outcome.code), ([].as_slice(), Some(0)), "{}", outcome.errors);
    assert_eq!(read(&outcome), [CALLER, FIRST, SECOND].map(str::to_owned).into());
    assert_eq!((stub.count("AssumeRole"), stub.count("GetCallerIdentity"), stub.count("DescribeRegions")), (2, 1, 0));
    assert_eq!((stub.count("ListFunctions"), stub.count("ListDistributions")), (3, 3));
    for (one, other) in records(&outcome, FIRST).iter().zip(records(&outcome, SECOND)) {
        assert_eq!(one.clone().map(|text| text.replace(FIRST, SECOND)), other);
    }
    let scopes = &outcome.snapshot().scopes;
    assert_eq!(scopes.len(), 6, "a region and what has none, of each");
    for scope in scopes {
        let role = format!("arn:aws:sts::{}:assumed-role/Audit/egress-audit", scope.id.account);
        let by = if scope.id.account == CALLER { "arn:aws:iam::123456789012:user/test" } else { &role };
        assert_eq!(scope.principal.as_deref(), Some(by));
    }
}

#[test]
fn accounts_that_are_not_active_are_said_and_not_read() {
    let stub = healthy();
    let outcome = collect(&stub);
    assert!(outcome.errors.contains("not active, and not read: 444444444444 (SUSPENDED)"), "{}", outcome.errors);
    let closed = outcome.body(ACCOUNT, CLOSED);
    let arn = format!("arn:aws:organizations::{CALLER}:account/o-1/{CLOSED}");
    let expected = serde_json::json!({"Id": CLOSED, "Arn": arn, "Name": format!("name-{CLOSED}"), "State": "SUSPENDED",
        "Paths": ["o-1/r-1/"]});
    assert_eq!(closed, expected, "not the address of its owner");

    // Who names it counts on it.
    let outcome = run(&stub, &["--region", "us-west-2", "--accounts", "444444444444,222222222222"]).go();
    let said = (CLOSED.to_owned(), "global".to_owned(), MEMBER.call.to_owned(), GapReason::NotRead);
    assert_eq!((gaps(&outcome), outcome.code), (vec![said], Some(3)));
    assert_eq!(read(&outcome), [FIRST.to_owned()].into());
}

#[test]
fn accounts_are_chosen_and_left_out_by_their_ids() {
    let stub = healthy();
    let read_with = |flags: &[&str]| {
        let outcome = run(&stub, &[&["--region", "us-west-2"], flags].concat()).go();
        assert_eq!(outcome.snapshot().gaps, []);
        read(&outcome)
    };
    assert_eq!(read_with(&["--accounts", SECOND]), [SECOND.to_owned()].into());
    assert_eq!(read_with(&["--exclude", CALLER, "--exclude", SECOND]), [FIRST.to_owned()].into());
    assert_eq!(read_with(&["--accounts", "222222222222,333333333333", "--exclude", SECOND]), [FIRST.to_owned()].into());
}

#[test]
fn an_account_that_is_not_there_and_a_flag_without_its_source_are_refused() {
    let stub = healthy();
    for (flags, says) in [
        (["--accounts", "999999999999"], "`999999999999` of `--accounts` is not an account of the organisation"),
        (["--exclude", "999999999999"], "`999999999999` of `--exclude` is not an account of the organisation"),
        (["--accounts", "12"], "twelve digits"),
        (["--external-id", "a b"], "--external-id"),
        (["--session-name", "a/b"], "--session-name"),
    ] {
        let outcome = run(&stub, &[["--region", "us-west-2"], flags].concat()).go();
        assert_eq!(outcome.code, Some(2), "{says}");
        assert!(outcome.errors.contains(says) && outcome.snapshot.is_none(), "{}", outcome.errors);
    }
    assert_eq!(stub.count("AssumeRole"), 0);
    for flag in ["--accounts", "--exclude", "--external-id", "--session-name"] {
        let environment = crate::run::environment(&stub.endpoint());
        let outcome = crate::run::Run::new(&environment, &["--region", "us-west-2", flag, FIRST]).go();
        assert_eq!(outcome.code, Some(2), "{flag}");
        assert!(outcome.errors.contains(&format!("`{flag}` is about an organisation")), "{}", outcome.errors);
    }
}

#[test]
fn without_an_organisation_nothing_is_read_and_the_user_is_told_what_would_help() {
    for (code, says) in [
        ("AccessDeniedException", "the management account of the organisation may list its accounts"),
        ("AWSOrganizationsNotInUseException", "`aws` reads it alone"),
    ] {
        let stub = Stub::start(move |request, _| match request.operation.as_str() {
            "ListAccounts" => Reply::error(request, 400, code, "no"),
            _ => Members::new().answer(request),
        });
        let outcome = collect(&stub);
        assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
        assert!(outcome.errors.contains(says) && outcome.snapshot.is_none(), "{}", outcome.errors);
    }
    let foreign = Stub::start(|request, _| {
        let mut members = Members::new();
        members.accounts.remove(0);
        members.answer(request)
    });
    let outcome = collect(&foreign);
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.errors.contains("wrong-identity"), "{}", outcome.errors);
    assert_eq!(foreign.count("AssumeRole"), 0);
}

#[test]
fn an_account_that_comes_on_two_pages_is_read_once() {
    let stub = Stub::start(|request, _| match (request.operation.as_str(), request.token()) {
        ("ListAccounts", None) => match Members::new().answer(request) {
            Reply::Text { body, .. } => Reply::ok(with_token(request, &body, "2")),
            other => other,
        },
        _ => Members::new().answer(request),
    });
    let outcome = collect(&stub);
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!((stub.count("ListAccounts"), stub.count("AssumeRole"), stub.count("ListFunctions")), (2, 2, 3));
}

#[test]
fn a_region_that_is_denied_in_one_account_is_a_gap_there_and_nowhere_else() {
    let stub = Stub::start(|request, _| {
        let regional = !["sts", "iam", "cloudfront", "organizations"].contains(&request.service.as_str());
        if regional && request.region == "eu-west-1" && account(request) == FIRST {
            return Reply::error(
                request,
                403,
                "AccessDeniedException",
                "with an explicit deny in a service control policy",
            );
        }
        Members::new().answer(request)
    });
    let outcome = run(&stub, &["--region", "us-west-2", "--region", "eu-west-1"]).go();
    let there: BTreeSet<_> =
        gaps(&outcome).into_iter().map(|(account, region, _, why)| (account, region, why)).collect();
    let (first, eu) = (FIRST.to_owned(), "eu-west-1".to_owned());
    let elsewhere = |outcome: &Outcome| {
        let lines = outcome.snapshot().coverage.iter();
        lines.filter(|line| (&line.scope.account, &line.scope.region) != (&first, &eu)).cloned().collect::<Vec<_>>()
    };
    // The estate names functions of one region only, so that those of the other are of another, in every account.
    let other = |it: &(String, String, GapReason)| it.2 == GapReason::WrongIdentity && it.1 == eu;
    assert!(there.contains(&(first.clone(), eu.clone(), GapReason::Denied)), "{there:?}");
    assert!(there.iter().all(|it| other(it) || *it == (first.clone(), eu.clone(), GapReason::Denied)), "{there:?}");
    let healthy = run(&healthy(), &["--region", "us-west-2", "--region", "eu-west-1"]).go();
    assert_eq!(elsewhere(&outcome), elsewhere(&healthy));
}

#[test]
fn a_subnet_that_is_shared_keeps_its_owner_in_the_scope_of_each_who_sees_it() {
    let stub = Stub::start(|request, _| {
        let shared = |inside: &str| Reply::ok(estate::xml(&request.operation, inside));
        match request.operation.as_str() {
            "DescribeSubnets" => shared(
                "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId></item></subnetSet>",
            ),
            "DescribeVpcs" => {
                shared("<vpcSet><item><vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId></item></vpcSet>")
            }
            // A participant does not see them.
            "DescribeNatGateways" if account(request) != CALLER => shared("<natGatewaySet/>"),
            _ => Members::new().answer(request),
        }
    });
    let outcome = collect(&stub);
    assert_eq!(outcome.snapshot().gaps, []);
    for kind in [SUBNET, VPC] {
        let owners: BTreeMap<_, _> = outcome
            .snapshot()
            .records
            .iter()
            .filter(|record| record.kind == kind.name)
            .map(|record| (record.scope.account.as_str(), record.body.get().contains(r#""OwnerId":"123456789012""#)))
            .collect();
        assert_eq!(owners, BTreeMap::from([(CALLER, true), (FIRST, true), (SECOND, true)]), "{}", kind.name);
    }
    let nats: Vec<_> = outcome.snapshot().records.iter().filter(|it| it.kind == "ec2:nat-gateway").collect();
    assert!(nats.len() == 1 && nats[0].scope.account == CALLER, "{nats:?}");
}

#[test]
fn so_many_accounts_and_calls_are_under_way_at_a_time_and_no_more() {
    let mut members = Members::new();
    members.accounts.extend((100..124).map(|number| (numbered(number), "ACTIVE")));
    // By account the calls that are under way, and the most there were of both.
    let under_way = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    let most = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let seen = (Arc::clone(&under_way), Arc::clone(&most));
    let stub = Stub::start(move |request, _| {
        let (under_way, most) = &seen;
        let whose = if request.operation == "AssumeRole" { role_account(request) } else { account(request) };
        let count = |change: isize| {
            let mut under_way = under_way.lock().expect("no panic");
            let calls = under_way.entry(whose.clone()).or_default();
            *calls = calls.checked_add_signed(change).expect("each ends once");
            under_way.retain(|_, calls| *calls > 0);
            most[0].fetch_max(under_way.len(), Ordering::Relaxed);
            most[1].fetch_max(under_way.values().sum(), Ordering::Relaxed);
        };
        count(1);
        thread::sleep(Duration::from_millis(5));
        let reply = members.answer(request);
        count(-1);
        reply
    });
    let outcome = collect(&stub);
    assert_eq!(outcome.snapshot().gaps, []);
    assert_eq!(read(&outcome).len(), 27);
    let [accounts, calls] = [&most[0], &most[1]].map(|most| most.load(Ordering::Relaxed));
    assert!((2..=8).contains(&accounts), "{accounts} accounts at a time");
    assert!(calls <= 64, "{calls} calls at a time");
}
