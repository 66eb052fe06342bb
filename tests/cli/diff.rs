//! What is different between two readings, in words of meaning.

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, scenario};

fn diff(old: &str, new: &str, format: &str) -> (Option<i32>, String) {
    let output = egress_audit(folder().path(), &["diff", &scenario(old), &scenario(new), "--format", format]);
    (output.status.code(), printed(&output))
}

/// What text and exit code say of two scenarios.
fn says(old: &str, new: &str, code: i32, wanted: &[&str]) {
    let (found, text) = diff(old, new, "text");
    assert_eq!(found, Some(code), "{old} {new}: {text}");
    for words in wanted {
        assert!(text.contains(words), "{old} {new}: {words}: {text}");
    }
}

#[test]
fn the_same_reading_twice_has_no_difference() {
    says("sound", "sound", 0, &["1 workload, nothing changed"]);
    says("gcp-chain-of-two-accounts", "gcp-chain-of-two-accounts", 0, &["nothing changed"]);
}

#[test]
fn addresses_callers_keys_and_openness_are_told_in_words() {
    says(
        "sound",
        "one-nat-for-two-zones",
        1,
        &["44.230.9.17, 52.43.112.142 → 52.43.112.142", "allow-lists must change"],
    );
    says(
        "sound",
        "nat-in-private-subnet",
        1,
        &["lost its addresses: 44.230.9.17", "its egress is none, and was static"],
    );
    says("sound", "public-url", 1, &["is more open: own → anonymous-internet"]);
    says("public-url", "sound", 1, &["is less open: anonymous-internet → own"]);
    says("sound", "named-callers", 1, &["a new principal can call it: 111122223333, by statement partner"]);
    says("named-callers", "sound", 1, &["111122223333 cannot call it any more"]);
    says("key-pending-deletion", "sound", 1, &["its environment is under"]);
    says("sound", "no-functions", 1, &["orders   is gone"]);
    says("no-functions", "sound", 1, &["orders   is new"]);
}

#[test]
fn what_was_not_read_is_neither_lost_nor_gone() {
    says("sound", "denied-nat-gateways", 3, &["where it leaves is not known any more", "(denied)"]);
    says("sound", "denied-policy", 3, &["who can call it is not known any more"]);
    says("sound", "denied-functions", 3, &["was not seen, and not everything was read"]);
    let (_, text) = diff("named-callers", "denied-policy", "text");
    assert!(!text.contains("cannot call it any more"), "{text}");
    // What was not read before and is now is no change of the estate's.
    says("denied-nat-gateways", "sound", 0, &["nothing changed"]);
}

#[test]
fn a_pull_request_and_a_program_get_the_same_in_their_own_form() {
    let (_, text) = diff("sound", "named-callers", "markdown");
    assert!(text.starts_with("- **orders**\n  - is more open: own → foreign\n"), "{text}");
    let (code, text) = diff("sound", "one-nat-for-two-zones", "json");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let first = &found["workloads"][0]["changes"][0];
    assert_eq!((code, &first["kind"]), (Some(1), &Value::from("addresses")));
    assert_eq!(first["now"], serde_json::json!(["52.43.112.142"]));
    assert!(first["says"].as_str().is_some_and(|words| words.contains("allow-lists")));
}
