//! Nothing goes to a host that is not the cloud's own, this machine, or one that the user allowed.

use std::{
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Duration,
};

use crate::server::{Bucket, Store, said};

#[test]
fn a_redirect_reaches_no_other_host() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "redirect");
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        other.set_nonblocking(true).expect("set");
        let port = other.local_addr().expect("bound").port();
        bucket.put("x.json", b"{}");
        bucket.fail("redirect", &format!("&to=http://127.0.0.1:{port}/stolen"));
        for arguments in [
            vec!["report", "x.json"],
            vec!["report", "run/"],
            vec!["collect", "demo", "--allow-incomplete", "-o", "y.json"],
        ] {
            let (last, first) = arguments.split_last().expect("arguments");
            let output = bucket.run(&[first, &[bucket.at(last).as_str()]].concat());
            assert_eq!(output.status.code(), Some(2));
            assert!(said(&output).contains("redirect"), "{}", said(&output));
        }
        thread::sleep(Duration::from_millis(50));
        assert!(other.accept().is_err(), "{store:?}: somebody came");
    }
}

#[test]
fn an_endpoint_is_looked_at_before_anything_is_sent() {
    for (store, name, more) in [
        (Store::S3, "AWS_ENDPOINT_URL_S3", "`example.com` is not a host of AWS"),
        (Store::S3, "AWS_ENDPOINT_URL", "`example.com` is not a host of AWS"),
        (Store::S3, "AWS_ENDPOINT_URL_STS", "`example.com` is not a host of AWS"),
        (Store::Google, "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "`example.com` is not a host of Google"),
    ] {
        let bucket = Bucket::new(store, &format!("endpoint-{}", name.len()));
        let with = |endpoint: &str| {
            let mut environment = bucket.environment();
            environment.retain(|(own, _)| !own.contains("ENDPOINT"));
            environment.push((name, endpoint.to_owned()));
            bucket.run_with(&["report", &bucket.at("x.json")], &environment)
        };
        let foreign = with("https://example.com");
        assert_eq!(foreign.status.code(), Some(2));
        assert!(
            said(&foreign).contains(more) && said(&foreign).contains("--allow-endpoint example.com"),
            "{}",
            said(&foreign)
        );
        for (wrong, why) in [
            ("http://example.com", "without TLS"),
            ("https://user:pass@example.com", "user information"),
            ("http://169.254.169.254/", "no bucket is there"),
            ("nonsense", "not an address"),
        ] {
            let output = with(wrong);
            assert_eq!(output.status.code(), Some(2), "{wrong}");
            let said = said(&output);
            let named = said.contains(why) || said.contains("not an address");
            assert!(named && said.contains(name) && !said.contains("pass@"), "{wrong}: {said}");
        }
    }
}

#[test]
fn credentials_come_from_hosts_that_may_be_asked_alone() {
    let bucket = Bucket::new(Store::S3, "identity");
    let mut environment = bucket.environment();
    environment.retain(|(name, _)| !name.contains("ACCESS_KEY"));
    environment.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://example.com/credentials".into()));
    environment.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "key.json".into()));
    let output = bucket.run_with(&["report", &bucket.at("x.json")], &environment);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`example.com` is not a host of AWS"), "{}", said(&output));
}
