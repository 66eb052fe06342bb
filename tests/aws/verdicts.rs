//! The main job on a real read: the built program reports on an account of moto's, and names exactly what is wrong.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use crate::moto::Moto;

/// What a report says: its exit code, and the document.
struct Said {
    code: Option<i32>,
    report: Value,
}

fn report(moto: &Moto) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(["report", "aws", "--region", "us-west-2", "--format", "json", "--all"])
        .env_clear()
        .envs(moto.environment())
        .env("AWS_MAX_ATTEMPTS", "2")
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    Said { code: output.status.code(), report }
}

impl Said {
    /// The rules with this verdict, by workload; what is not about a workload goes by its kind.
    fn rules(&self, verdict: &str) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for it in self.report["evaluations"].as_array().expect("a list").iter().filter(|it| it["verdict"] == verdict) {
            let subject = &it["subject"];
            let of = if subject["kind"] == "workload" { &subject["name"] } else { &subject["kind"] };
            let rules = found.entry(of.as_str().expect("text").to_owned()).or_default();
            let rule = it["rule"].as_str().expect("text").to_owned();
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        for rules in found.values_mut() {
            rules.sort();
        }
        found
    }
}

#[test]
fn the_sound_architecture_has_no_finding() {
    let moto = Moto::start();
    moto.topology(&[]);
    let said = report(&moto);
    assert_eq!(said.rules("fail"), BTreeMap::new());
    assert_eq!(said.rules("not-evaluated"), BTreeMap::new());
    assert_eq!((said.code, &said.report["complete"]), (Some(0), &Value::Bool(true)));
}

#[test]
fn each_broken_form_is_named_exactly() {
    let moto = Moto::start();
    moto.topology(&[
        "public-subnet",
        "nat-in-private-subnet",
        "blackhole",
        "second-subnet-without-nat",
        "public-url",
        "disabled-key",
        "secret",
    ]);
    let said = report(&moto);
    let found = said.rules("fail");
    for (workload, rule) in [
        ("public-subnet", "public-subnet-function"),
        ("nat-in-private-subnet", "broken-egress-path"),
        ("blackhole", "broken-egress-path"),
        ("second-subnet-without-nat", "uneven-egress"),
        ("public-url", "anonymous-invocation"),
        ("disabled-key", "unusable-key"),
        ("secret", "secret-in-environment"),
    ] {
        let mut rules = found.get(workload).cloned().unwrap_or_default();
        // Forms with fewer subnets than the sound one have fewer zones too.
        rules.retain(|rule| !rule.starts_with("single-zone-") && rule != "cross-zone-nat");
        assert_eq!(rules, [rule], "{workload}");
    }
    assert_eq!(said.code, Some(1));
}

#[test]
fn a_denied_call_is_not_evaluated_and_never_a_pass() {
    for (operation, rule) in [
        ("DescribeNatGateways", "broken-egress-path"),
        ("DescribeVpcBlockPublicAccessOptions", "broken-egress-path"),
        ("GetPolicy", "anonymous-invocation"),
    ] {
        let moto = Moto::start();
        moto.topology(&[]);
        moto.deny(operation);
        let said = report(&moto);
        let open = said.rules("not-evaluated");
        assert!(open.get("sound").is_some_and(|rules| rules.iter().any(|it| it == rule)), "{operation}: {open:?}");
        let passed = said.rules("pass");
        assert!(passed.get("sound").is_none_or(|rules| rules.iter().all(|it| it != rule)), "{operation}: {passed:?}");
        assert_eq!((said.code, &said.report["complete"]), (Some(3), &Value::Bool(false)), "{operation}");
    }
}

#[test]
fn block_public_access_stops_the_sound_architecture_in_both_directions_and_not_inwards() {
    let moto = Moto::start();
    moto.topology(&[]);
    moto.block("block-ingress");
    assert_eq!(report(&moto).rules("fail"), BTreeMap::new());
    moto.block("block-bidirectional");
    let found = report(&moto).rules("fail");
    assert_eq!(found.get("sound"), Some(&vec!["broken-egress-path".to_owned()]), "{found:?}");
}
