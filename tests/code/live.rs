//! Code against the clouds: what is written in Terraform breaks the same rules as the same thing read from an API.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::verdicts::{failed, open, sound, written};

/// A live scenario, and the change that makes the code that is in order the same: texts, and what is put in their place.
type Shape<'a> = (&'a str, &'a [(&'a str, &'a str)]);

const NAT: &str = "resource \"google_compute_router_nat\" \"shop\" {";
const INGRESS: (&str, &str) = ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_ALL");
const EVERYONE: (&str, &str) = ("google_service_account.caller.member", "\"allUsers\"");

const SHAPES: [Shape<'_>; 16] = [
    ("sound-static-egress", &[]),
    ("private-ranges-only-beside-perfect-nat", &[("\"ALL_TRAFFIC\"", "\"PRIVATE_RANGES_ONLY\"")]),
    (
        "nat-in-another-region",
        &[("  name    = \"shop\"\n  network", "  name = \"shop\"\n  region = \"europe-west1\"\n  network")],
    ),
    ("nat-of-secondary-ranges-only", &[("[\"ALL_IP_RANGES\"]", "[\"LIST_OF_SECONDARY_IP_RANGES\"]")]),
    ("nat-with-two-addresses-and-logging-off", &[("enable = true", "enable = false")]),
    ("public-service", &[INGRESS, EVERYONE]),
    ("everyone-behind-closed-ingress", &[EVERYONE]),
    ("key-without-rotation", &[("rotation_period = \"7776000s\"", "")]),
    ("key-without-grant-of-one-agent", &[("serverless-robot-prod", "gcf-admin-robot")]),
    (
        "key-in-another-region",
        &[(
            "location = \"us-central1\"\n}\nresource \"google_kms_crypto_key\"",
            "location = \"europe-west1\"\n}\nresource \"google_kms_crypto_key\"",
        )],
    ),
    (
        "invoker-with-keys",
        &[(
            NAT,
            "resource \"google_service_account_key\" \"file\" {\n  service_account_id = google_service_account.caller.name\n}\nresource \"google_compute_router_nat\" \"shop\" {",
        )],
    ),
    (
        "egress-denied-altogether",
        &[(
            NAT,
            "resource \"google_compute_firewall\" \"none\" {\n  name = \"none\"\n  network = google_compute_network.shop.id\n  direction = \"EGRESS\"\n  deny {\n    protocol = \"all\"\n  }\n}\nresource \"google_compute_router_nat\" \"shop\" {",
        )],
    ),
    (
        "default-route-deleted",
        &[(
            "auto_create_subnetworks = false",
            "auto_create_subnetworks = false\n  delete_default_routes_on_create = true",
        )],
    ),
    (
        "subnet-of-another-region",
        &[(
            "  name                     = \"run\"",
            "  name                     = \"run\"\n  region = \"europe-west1\"",
        )],
    ),
    (
        "unused-address",
        &[(
            NAT,
            "resource \"google_compute_address\" \"spare\" {\n  name = \"spare\"\n}\nresource \"google_compute_router_nat\" \"shop\" {",
        )],
    ),
    (
        "half-of-the-internet-to-appliance",
        &[(
            NAT,
            "resource \"google_compute_route\" \"half\" {\n  name = \"half\"\n  network = google_compute_network.shop.name\n  dest_range = \"0.0.0.0/1\"\n  next_hop_ip = \"10.1.0.9\"\n}\nresource \"google_compute_router_nat\" \"shop\" {",
        )],
    ),
];

/// The rules of a scenario of Google Cloud that end so.
fn live(scenario: &str, verdict: &str) -> BTreeSet<String> {
    findings(&format!("gcp-{scenario}"), verdict)
}

/// The rules of a scenario that end so.
pub(crate) fn findings(scenario: &str, verdict: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(scenario).join("findings.json");
    let text = fs::read_to_string(path).expect("a scenario");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let all = json.get("findings").unwrap_or(&json).as_array().expect("a list");
    let own = all.iter().filter(|it| it["verdict"] == verdict);
    own.map(|it| it["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn code_breaks_the_rules_that_the_same_thing_breaks_live() {
    let mut wrong = Vec::new();
    for (scenario, changes) in SHAPES {
        let mut main = sound();
        for (from, to) in changes {
            assert!(main.contains(from), "{from}");
            main = main.replacen(from, to, 1);
        }
        let code = written(&main);
        if failed(&code) != live(scenario, "fail") || open(&code) != live(scenario, "not-evaluated") {
            wrong.push(format!(
                "{scenario}\n  live {:?} {:?}\n  code {:?} {:?}",
                live(scenario, "fail"),
                live(scenario, "not-evaluated"),
                failed(&code),
                open(&code),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A firewall policy that stops everything, its rule and what it is on.
const POLICY: &str = "resource \"google_compute_network_firewall_policy\" \"p\" {
  name = \"p\"
}
resource \"google_compute_network_firewall_policy_rule\" \"none\" {
  firewall_policy = google_compute_network_firewall_policy.p.name
  priority        = 100
  direction       = \"EGRESS\"
  action          = \"deny\"
  match {
    dest_ip_ranges = [\"0.0.0.0/0\"]
    layer4_configs {
      ip_protocol = \"all\"
    }
  }
}
resource \"google_compute_network_firewall_policy_association\" \"shop\" {
  name              = \"shop\"
  firewall_policy   = google_compute_network_firewall_policy.p.id
  attachment_target = google_compute_network.shop.id
}
";

#[test]
fn a_firewall_policy_counts_by_its_rules_and_where_it_is_attached() {
    let with = |policy: &str| written(&format!("{}{policy}", sound()));
    assert_eq!(failed(&with(POLICY)), live("network-policy-before-rules-denies", "fail"));
    let detached = POLICY.replace("google_compute_network.shop.id", "\"projects/other/global/networks/other\"");
    assert!(failed(&with(&detached)).is_empty() && open(&with(&detached)).is_empty());
    for (from, to) in [
        ("\"deny\"", "var.action"),
        ("firewall_policy   = google_compute_network_firewall_policy.p.id", "firewall_policy = var.policy"),
        ("priority        = 100", "count = var.n\n  priority = 100"),
    ] {
        let code = with(&POLICY.replace(from, to));
        assert!(open(&code).contains("broken-egress-path") && failed(&code).is_empty(), "{to}: {:?}", open(&code));
    }
}

#[test]
fn names_that_are_written_short_are_of_the_same_project_and_region() {
    let nat = "google_compute_subnetwork.run.id\n    source_ip_ranges_to_nat";
    for short in
        ["\"run\"", "\"projects/shop-prod/regions/us-central1/subnetworks/run\"", "google_compute_subnetwork.run.name"]
    {
        let main = sound().replace(nat, &format!("{short}\n    source_ip_ranges_to_nat"));
        let code = written(&main);
        assert!(failed(&code).is_empty() && open(&code).is_empty(), "{short} {:?} {:?}", failed(&code), open(&code));
    }
    // In a project that nobody knows the whole name may be of this one, or of another.
    let main = sound()
        .replace("  project = \"shop-prod\"\n", "")
        .replace(nat, "\"projects/shop-prod/regions/us-central1/subnetworks/run\"\n    source_ip_ranges_to_nat");
    let code = written(&main);
    assert!(failed(&code).is_empty() && open(&code).contains("broken-egress-path"), "{:?}", failed(&code));
}
