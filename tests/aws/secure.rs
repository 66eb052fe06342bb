//! Hosts that must prove who they are, and the proxy on the way to them.

use egress_audit::{
    evidence::GapReason,
    snapshot::{
        ReadState,
        kinds::{FUNCTION, VPC, doors::ROLE},
    },
};

use crate::{
    calls::every_kind,
    estate,
    run::{Outcome, Run},
    stub::Stub,
    tls::{Authority, Proxy},
};

/// The hosts of every service that is read.
const HOSTS: [&str; 4] = ["*.us-west-2.amazonaws.com", "*.amazonaws.com", "*.us-west-2.api.aws", "*.api.aws"];

/// A run to the real names of the hosts, by way of a proxy.
fn by(proxy: &Proxy, authority: &Authority) -> Run {
    let environment = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let run = Run::new(&environment, &["--region", "us-west-2"]);
    let file = run.file("authority.pem", &authority.pem());
    let none = [
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let run = none.into_iter().fold(run, |run, (name, value)| run.set(name, value));
    run.set("HTTPS_PROXY", &proxy.address()).set("SSL_CERT_FILE", &file)
}

fn refused(outcome: &Outcome, why: &str) {
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.snapshot.is_none() && outcome.errors.contains(why), "{}", outcome.errors);
}

#[test]
fn everything_is_read_by_way_of_the_proxy_that_the_environment_names() {
    let authority = Authority::new();
    let stub = Stub::with(Some(authority.server(&HOSTS)), |request, _| estate::answer(request));
    let proxy = Proxy::to(Some(stub.address()));
    let outcome = by(&proxy, &authority).go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    for kind in every_kind() {
        assert_eq!(outcome.state(kind).0, ReadState::Read, "{}", kind.name);
    }
    let asked = proxy.asked();
    for host in ["sts.us-west-2", "lambda.us-west-2", "ec2.us-west-2", "kms.us-west-2", "iam", "cloudfront"] {
        assert!(asked.contains(&format!("CONNECT {host}.amazonaws.com:443")), "{host}: {asked:?}");
    }
}

#[test]
fn a_host_that_cannot_prove_who_it_is_gets_nothing() {
    let authority = Authority::new();
    let others = ["*.us-west-2.amazonaws.com.example.com", "lambda.eu-west-1.amazonaws.com"];
    for tls in authority.impostors(&HOSTS, &others) {
        let stub = Stub::with(Some(tls), |request, _| estate::answer(request));
        let proxy = Proxy::to(Some(stub.address()));
        refused(&by(&proxy, &authority).go(), "tls");
        assert_eq!(stub.count("GetCallerIdentity"), 0);
    }
}

#[test]
fn a_service_whose_certificate_is_wrong_is_a_gap_and_the_others_are_read() {
    let authority = Authority::new();
    // All but Lambda.
    let hosts =
        ["sts", "ec2", "kms", "apigateway", "elasticloadbalancing"].map(|it| format!("{it}.us-west-2.amazonaws.com"));
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).chain(["*.amazonaws.com"]).collect();
    let stub = Stub::with(Some(authority.server(&hosts)), |request, _| estate::answer(request));
    let proxy = Proxy::to(Some(stub.address()));
    let outcome = by(&proxy, &authority).go();
    assert_eq!(outcome.code, Some(3), "{}", outcome.errors);
    assert_eq!(outcome.state(FUNCTION), (ReadState::Unread, 0));
    assert_eq!((outcome.state(VPC).0, outcome.state(ROLE).0), (ReadState::Read, ReadState::Read));
    for gap in &outcome.snapshot().gaps {
        // The keys are those that functions name.
        let follows = gap.call.starts_with("lambda") || gap.call.starts_with("kms:");
        assert_eq!((gap.why, follows), (GapReason::Tls, true), "{gap:?}");
    }
}

#[test]
fn a_proxy_that_refuses_is_a_failure_of_the_network() {
    let proxy = Proxy::to(None);
    refused(&by(&proxy, &Authority::new()).go(), "network");
}

#[test]
fn this_machine_is_not_asked_by_way_of_a_proxy() {
    let stub = Stub::start(|request, _| estate::answer(request));
    let proxy = Proxy::to(None);
    let run = Run::new(&crate::run::environment(&stub.endpoint()), &["--region", "us-west-2"]);
    let run = run.set("HTTPS_PROXY", &proxy.address()).set("HTTP_PROXY", &proxy.address());
    let outcome = run.set("ALL_PROXY", &proxy.address()).go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}

#[test]
fn a_proxy_without_an_address_is_an_error_that_shows_no_password() {
    let stub = Stub::start(|request, _| estate::answer(request));
    for address in ["http://user:hush@", "socks5://user:hush@proxy.example:1080", "http://user:hush@a b"] {
        let run = Run::new(&crate::run::environment(&stub.endpoint()), &["--region", "us-west-2"]);
        let outcome = run.set("HTTPS_PROXY", address).go();
        refused(&outcome, "`HTTPS_PROXY` is not the address of a proxy");
        assert!(!outcome.errors.contains("hush"), "{}", outcome.errors);
    }
}
