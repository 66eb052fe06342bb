//! Hosts that must prove who they are, the proxy on the way to them, and services that no connection leads to.

use std::net::TcpListener;

use egress_audit::{
    evidence::GapReason,
    snapshot::{ReadState, kinds::google},
};

use crate::{
    run::{APIS, Outcome, Run},
    stub::{Reply, Request, Stub},
    tls::{Authority, Proxy},
    world::{answer, serve},
};

const HOSTS: [&str; 1] = ["*.googleapis.com"];

/// Answers a request that was sent to an API's own name.
fn by_name(request: &Request, _: usize) -> Reply {
    let host = request.headers.get("host").map_or("", String::as_str);
    let api = host.split('.').next().unwrap_or_default();
    let path = format!("{api}/{}", request.path);
    // A network of this project and nothing of another one: every call costs a moment of the quota here.
    answer(&Request { path, ..request.clone() })
}

/// A run to the real names of the hosts, by way of a proxy.
fn by(proxy: &Proxy, authority: &Authority) -> Run {
    let run = Run::new("gcp:projects/p", "");
    let run = APIS
        .into_iter()
        .fold(run, |run, api| run.without(&format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_ascii_uppercase())));
    let file = run.file("authority.pem", &authority.pem());
    run.set("HTTPS_PROXY", &proxy.address()).set("SSL_CERT_FILE", &file)
}

fn refused(outcome: &Outcome, why: &str) {
    assert_eq!(outcome.code, Some(2), "{}", outcome.errors);
    assert!(outcome.bytes.is_empty() && outcome.errors.contains(why), "{}", outcome.errors);
}

#[test]
fn everything_is_read_by_way_of_the_proxy_that_the_environment_names() {
    let authority = Authority::new();
    let stub = Stub::with(Some(authority.server(&HOSTS)), by_name);
    let proxy = Proxy::to(Some(stub.address()));
    let outcome = by(&proxy, &authority).go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    assert_eq!(outcome.state(google::SERVICE), Some((ReadState::Read, 1)));
    let asked = proxy.asked();
    for api in ["run", "compute", "iam", "cloudresourcemanager", "cloudkms"] {
        assert!(asked.contains(&format!("CONNECT {api}.googleapis.com:443")), "{api}: {asked:?}");
    }
}

#[test]
fn a_host_that_cannot_prove_who_it_is_gets_nothing() {
    let authority = Authority::new();
    let others = ["*.googleapis.com.example.com", "googleapis.com"];
    for tls in authority.impostors(&HOSTS, &others) {
        let stub = Stub::with(Some(tls), by_name);
        let proxy = Proxy::to(Some(stub.address()));
        refused(&by(&proxy, &authority).go(), "tls");
        assert!(stub.seen().is_empty());
    }
}

#[test]
fn a_proxy_that_refuses_is_a_failure_of_the_network() {
    let proxy = Proxy::to(None);
    refused(&by(&proxy, &Authority::new()).go(), "network");
}

#[test]
fn this_machine_is_not_asked_by_way_of_a_proxy() {
    let (stub, proxy) = (serve(|_, _| None), Proxy::to(None));
    let run = Run::new("gcp:projects/p", &stub.endpoint());
    let run =
        ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].into_iter().fold(run, |run, name| run.set(name, &proxy.address()));
    let outcome = run.go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}

/// Every API at an endpoint of this kind leaves gaps of this reason.
fn unreachable(endpoint: &str, arguments: &[&str], why: GapReason) {
    // Of what is on nobody needs to know, and what stands above a project is asked of nobody else.
    let apis = APIS.into_iter().filter(|api| !["serviceusage", "cloudasset", "cloudresourcemanager"].contains(api));
    std::thread::scope(|scope| {
        for api in apis {
            scope.spawn(move || {
                let stub = serve(|_, _| None);
                let name = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_ascii_uppercase());
                let run = Run::new("gcp:projects/p", &stub.endpoint()).set(&name, endpoint).arguments(arguments);
                let outcome = run.go();
                let calls = stub.seen().iter().any(|request| request.path.starts_with(&format!("{api}/")));
                assert!(!calls, "{api}: the endpoint was not heeded");
                // An API that nothing of the project needs is not asked.
                if outcome.gaps().is_empty() {
                    assert!(["artifactregistry", "iap", "networkconnectivity"].contains(&api), "{api}: no gap");
                    return;
                }
                assert_eq!(outcome.code, Some(3), "{api}: {}", outcome.errors);
                assert!(outcome.gaps().iter().all(|gap| gap.why == why), "{api} at {endpoint}: {:?}", outcome.gaps());
            });
        }
    });
}

#[test]
fn a_service_that_refuses_connections_is_a_gap_of_the_network() {
    unreachable("http://127.0.0.1:9", &[], GapReason::Network);
}

#[test]
fn a_service_whose_name_does_not_exist_is_a_gap_of_the_network() {
    unreachable("https://nowhere.invalid", &["--allow-endpoint", "nowhere.invalid"], GapReason::Network);
}

#[test]
fn a_service_that_never_shakes_hands_is_given_up() {
    // The kernel takes the connections, and nobody ever looks at them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    unreachable(&format!("https://{}", listener.local_addr().expect("an address")), &[], GapReason::Timeout);
}
