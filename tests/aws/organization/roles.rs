//! The role that is assumed in each account: whose it is, and that its credentials are renewed.

use std::collections::BTreeSet;

use egress_audit::{evidence::GapReason, snapshot::kinds::organization::MEMBER};

use crate::{
    members::{FIRST, Members, SECOND, TOKEN, account, collect, records, role_account, run, session},
    stub::{Reply, Stub},
};

use super::gaps;

#[test]
fn the_role_is_of_the_callers_partition() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-eusc"] {
        let stub = Stub::start(move |request, _| {
            let role = format!("arn%3A{partition}%3Aiam%3A%3A");
            if request.operation == "AssumeRole" && !request.names(&role) {
                return Reply::error(request, 400, "ValidationError", "of another partition");
            }
            Members { partition, ..Members::new() }.answer(request)
        });
        let outcome = collect(&stub);
        assert_eq!(outcome.snapshot().gaps, [], "{partition}");
        assert_eq!(stub.count("AssumeRole"), 2);
        let arn = format!("arn:{partition}:lambda:us-west-2:{FIRST}:function:f");
        assert!(records(&outcome, FIRST).iter().any(|[_, _, id, _]| *id == arn), "{partition}");
    }
    let nowhere = Stub::start(|request, _| Members { partition: "Azure", ..Members::new() }.answer(request));
    let outcome = collect(&nowhere);
    assert!(outcome.code == Some(2) && outcome.errors.contains("names no partition of AWS"), "{}", outcome.errors);
    assert_eq!(nowhere.count("AssumeRole"), 0);
}

#[test]
fn the_external_id_and_the_name_of_the_session_are_sent() {
    for (flags, sent) in [
        (vec![], vec!["RoleSessionName=egress-audit", "%3Arole%2FAudit&"]),
        (
            vec!["--external-id", "of:us/1", "--session-name", "night"],
            vec!["RoleSessionName=night", "ExternalId=of%3Aus%2F1"],
        ),
    ] {
        let stub = Stub::start(move |request, _| {
            let lacks = |part: &&str| !request.names(part) || flags_lack(request, &sent);
            if request.operation == "AssumeRole" && sent.iter().any(lacks) {
                return Reply::error(request, 400, "ValidationError", "not what was asked for");
            }
            Members::new().answer(request)
        });
        assert_eq!(run(&stub, &[vec!["--region", "us-west-2"], flags].concat()).go().snapshot().gaps, []);
    }
}

/// Whether an external id is sent that nobody gave.
fn flags_lack(request: &crate::stub::Request, sent: &[&str]) -> bool {
    request.names("ExternalId=") && sent.iter().all(|part| !part.starts_with("ExternalId="))
}

#[test]
fn credentials_of_a_role_are_renewed_before_they_expire_and_all_is_read() {
    // The first ones of an account expire at once, and answer for one call: those that follow need others.
    let stub = Stub::start(|request, nth| match request.operation.as_str() {
        "AssumeRole" => {
            let (mark, expires) =
                if nth == 0 { ("FIRST", "2026-01-01T00:00:00Z") } else { ("THEN", "2099-01-01T00:00:00Z") };
            session(request, &role_account(request), mark, expires)
        }
        "DescribeRegions" => Members::new().answer(request),
        _ if request.key.ends_with("FIRST") => Reply::error(request, 403, "ExpiredTokenException", "old"),
        _ => Members::new().answer(request),
    });
    let outcome = run(&stub, &["--all-regions", "--accounts", FIRST]).go();
    let denied: BTreeSet<_> = gaps(&outcome).into_iter().filter(|(_, region, ..)| region != "eu-west-1").collect();
    assert_eq!(denied, BTreeSet::new());
    assert_eq!(stub.count("AssumeRole"), 2);
}

#[test]
fn a_role_that_cannot_be_assumed_again_says_why_for_all_that_is_left() {
    let stub = Stub::start(|request, nth| match request.operation.as_str() {
        "AssumeRole" if nth == 0 => session(request, &role_account(request), "", "2026-01-01T00:00:00Z"),
        "AssumeRole" => Reply::error(request, 403, "AccessDenied", "not any more"),
        _ => Members::new().answer(request),
    });
    let outcome = run(&stub, &["--all-regions", "--accounts", FIRST]).go();
    let gaps = &outcome.snapshot().gaps;
    assert!(gaps.len() > 50 && outcome.code == Some(3), "{} gaps", gaps.len());
    for gap in gaps {
        assert_eq!(
            (gap.scope.account.as_str(), gap.why, gap.detail.as_deref()),
            (FIRST, GapReason::Denied, Some("not any more"))
        );
    }
}

#[test]
fn credentials_of_another_account_are_not_used() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "AssumeRole" if role_account(request) == FIRST => session(request, SECOND, "", "2099-01-01T00:00:00Z"),
        _ => Members::new().answer(request),
    });
    let outcome = collect(&stub);
    let said = (FIRST.to_owned(), "global".to_owned(), MEMBER.call.to_owned(), GapReason::WrongIdentity);
    assert_eq!(gaps(&outcome), [said]);
    assert_eq!(stub.count("ListFunctions"), 2);
}

#[test]
fn what_a_session_is_made_of_stays_out_of_the_file_and_of_what_is_said() {
    let stub = Stub::start(|request, _| match request.operation.as_str() {
        "DescribeVpcs" if account(request) == FIRST => Reply::error(request, 403, "UnauthorizedOperation", "no"),
        _ => Members::new().answer(request),
    });
    let flags = ["-vv", "--region", "us-west-2", "--external-id", "only-for-us"];
    let outcome = run(&stub, &flags).set("RUST_LOG", "trace").go();
    assert!(outcome.snapshot.is_some() && outcome.errors.contains("DescribeVpcs"), "{}", outcome.errors);
    for secret in [TOKEN, "ASIA222222222222", "only-for-us", "owner@example.com"] {
        assert!(!outcome.bytes.contains(secret), "{secret} is in the snapshot");
        assert!(!outcome.errors.contains(secret), "{secret} was said");
    }
}

#[test]
fn an_endpoint_of_organizations_elsewhere_is_refused_before_anything_is_sent() {
    let stub = Stub::start(|request, _| Members::new().answer(request));
    for (name, endpoint, says) in [
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", "https://example.com", "--allow-endpoint example.com"),
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", "http://example.com", "plain http"),
        ("AWS_ENDPOINT_URL_STS", "https://sts.example.com", "--allow-endpoint sts.example.com"),
    ] {
        let outcome = run(&stub, &["--region", "us-west-2"]).set(name, endpoint).go();
        assert!(outcome.code == Some(2) && outcome.errors.contains(says), "{}", outcome.errors);
    }
    assert_eq!(stub.count("GetCallerIdentity"), 0);
}
