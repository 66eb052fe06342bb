//! One destination: `trace W --to ADDRESS:PORT`.

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said, scenario};

/// The exit code and the answer for one destination.
fn toward(source: &str, workload: &str, to: &str) -> (Option<i32>, Value) {
    let output = egress_audit(folder().path(), &["trace", workload, source, "--to", to, "--format", "json"]);
    (output.status.code(), serde_json::from_str(&printed(&output)).expect("JSON"))
}

fn answers(source: &str, workload: &str, cases: &[(&str, &str, &str)]) {
    for (to, reached, because) in cases {
        let (code, found) = toward(source, workload, to);
        assert_eq!(found["reached"], *reached, "{workload} {to}: {found}");
        assert!(found.to_string().contains(because), "{workload} {to}: {found}");
        assert_eq!(code, Some(if *reached == "unknown" { 3 } else { 0 }), "{workload} {to}");
    }
}

#[test]
fn a_partner_sees_the_addresses_of_the_nat_and_a_neighbour_a_private_one() {
    answers(
        "demo",
        "checkout",
        &[
            ("203.0.113.7:443", "yes", r#""addresses":["44.230.9.17","52.43.112.142"]"#),
            ("203.0.113.7:53/udp", "yes", "52.43.112.142"),
            ("172.30.11.20:5432", "yes", r#""inside":"vpc-main, subnet subnet-private-b""#),
            ("172.30.99.20:5432", "no", "no subnet of vpc-main holds 172.30.99.20"),
            ("10.1.2.3:443", "no", "not-public"),
            ("[2001:db8::7]:443", "no", "no-route"),
            ("203.0.113.7:25", "unknown", "whether the platform lets mail out to port 25"),
        ],
    );
}

#[test]
fn what_a_list_forbids_is_not_reached_though_the_internet_is() {
    let source = scenario("network-acl-that-denies-one-network");
    answers(
        &source,
        "orders",
        &[
            ("203.0.113.7:443", "no", "stops traffic out to 203.0.113.7 on port 443: rule 50 denies it"),
            ("203.0.112.7:443", "yes", "52.43.112.142"),
        ],
    );
}

#[test]
fn a_workload_in_no_network_reaches_the_internet_and_nothing_private() {
    answers("demo", "hello", &[("203.0.113.7:443", "yes", "platform"), ("10.1.2.3:443", "no", "no way to private")]);
}

#[test]
fn private_ranges_only_sends_a_private_destination_into_the_network_and_the_rest_past_it() {
    let source = scenario("gcp-private-ranges-only-beside-perfect-nat");
    let (_, found) = toward(&source, "orders", "203.0.113.7:443");
    assert_eq!((&found["reached"], &found["addresses"]), (&"yes".into(), &serde_json::json!([])));
    let (_, found) = toward(&source, "orders", "10.8.0.9:5432");
    assert!(found["paths"][0]["hops"].to_string().contains("\"connector\""), "{found}");
    assert_ne!(found["paths"][0]["id"], "platform");
    // Google's own addresses for private access go into the network as well, and stay with Google.
    answers(&source, "orders", &[("199.36.153.8:443", "yes", "Google's own network")]);
}

#[test]
fn what_is_no_destination_is_said_with_its_form() {
    for wrong in ["example.com:443", "203.0.113.7", "169.254.169.254:80", "203.0.113.7:443/icmp"] {
        let output = egress_audit(folder().path(), &["trace", "checkout", "demo", "--to", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let error = said(&output);
        assert!(error.contains(&format!("`{wrong}` is no destination")) && error.contains("hint: "), "{error}");
    }
}

#[test]
fn a_trace_without_a_destination_shows_where_private_ranges_lead() {
    let output = egress_audit(folder().path(), &["trace", "checkout", "demo", "--format", "json"]);
    let trace: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    let inside = trace["private"].as_array().expect("paths").iter().filter(|path| path["inside"] == "vpc-main");
    let ranges: Vec<&Value> = inside.map(|path| &path["destinations"]).collect();
    assert_eq!(ranges, [&serde_json::json!(["172.30.0.0/16"]); 2]);
    let text = printed(&egress_audit(folder().path(), &["trace", "checkout", "demo"]));
    assert!(text.contains("private      172.30.0.0/16: inside vpc-main"), "{text}");
}
