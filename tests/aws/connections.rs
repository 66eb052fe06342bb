//! Services that no connection leads to, one at a time.

use std::net::TcpListener;

use egress_audit::evidence::GapReason;

use crate::{
    estate,
    run::{Run, environment},
    stub::Stub,
};

/// Each service, as the names of endpoints have it, and the kinds that are lost without it.
const SERVICES: [(&str, &[&str]); 11] = [
    ("LAMBDA", &["lambda:", "kms:"]),
    ("LAMBDA_WEB", &["lambda:web-function", "lambda:network-connector", "kms:"]),
    ("LAMBDA_MICROVMS", &["lambda:microvm", "lambda:network-connector"]),
    ("LAMBDA_CORE", &["lambda:network-connector"]),
    ("EC2", &["ec2:"]),
    ("KMS", &["kms:"]),
    ("API_GATEWAY", &["apigateway:"]),
    ("APIGATEWAYV2", &["apigatewayv2:"]),
    ("ELASTIC_LOAD_BALANCING_V2", &["elasticloadbalancing"]),
    ("CLOUDFRONT", &["cloudfront:"]),
    ("IAM", &["iam:"]),
];

/// Every service at an endpoint of this kind leaves gaps of this reason; what hangs on it is not asked for.
fn check(endpoint: &str, arguments: &[&str], why: GapReason) {
    std::thread::scope(|scope| {
        for (service, lost) in SERVICES {
            scope.spawn(move || {
                let stub = Stub::start(|request, _| estate::answer(request));
                let arguments: Vec<&str> = ["--region", "us-west-2"].iter().chain(arguments).copied().collect();
                let run = Run::new(&environment(&stub.endpoint()), &arguments).set("AWS_MAX_ATTEMPTS", "2");
                let outcome = run.set(&format!("AWS_ENDPOINT_URL_{service}"), endpoint).go();
                assert_eq!(outcome.code, Some(3), "{service}: {}", outcome.errors);
                let gaps = &outcome.snapshot().gaps;
                assert!(gaps.iter().any(|gap| gap.kind.starts_with(lost[0])), "{service}: {gaps:?}");
                for gap in gaps {
                    assert_eq!(gap.why, why, "{service} at {endpoint}: {gap:?}");
                    assert!(lost.iter().any(|kind| gap.kind.starts_with(kind)), "{service} at {endpoint}: {gap:?}");
                }
            });
        }
    });
}

#[test]
fn a_service_that_refuses_connections_is_a_gap_of_the_network() {
    check("http://127.0.0.1:9", &[], GapReason::Network);
}

#[test]
fn a_service_whose_name_does_not_exist_is_a_gap_of_the_network() {
    check("https://nowhere.invalid", &["--allow-endpoint", "nowhere.invalid"], GapReason::Network);
}

#[test]
fn a_service_that_never_shakes_hands_is_given_up() {
    // The kernel takes the connections, and nobody ever looks at them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("https://{}", listener.local_addr().expect("an address"));
    check(&endpoint, &[], GapReason::Timeout);
}
