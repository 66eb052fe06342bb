//! The lock file: what partners were told, and what has changed since.

use std::{fs, path::Path, process::Output};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said, scenario};

fn ips(folder: &Path, name: &str, more: &[&str]) -> Output {
    let source = scenario(name);
    egress_audit(folder, &[&["ips", &source, "--lock", "egress.lock.json"], more].concat())
}

fn locked(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("egress.lock.json")).expect("the lock file")).expect("JSON")
}

const ORDERS: &str = "arn:aws:lambda:us-west-2:123456789012:function:orders";

#[test]
fn what_was_locked_and_is_still_so_is_no_difference() {
    let folder = folder();
    assert_eq!(ips(folder.path(), "sound", &[]).status.code(), Some(0));
    assert_eq!(
        locked(folder.path())["workloads"][ORDERS]["addresses"],
        serde_json::json!(["44.230.9.17", "52.43.112.142"])
    );
    let output = ips(folder.path(), "sound", &["--check"]);
    assert_eq!(
        (output.status.code(), printed(&output).as_str()),
        (Some(0), "1 workloads in the lock file, 0 changed, 0 gone\n")
    );
}

#[test]
fn an_address_that_is_new_or_gone_is_named_and_ends_with_1() {
    let folder = folder();
    ips(folder.path(), "sound", &[]);
    let output = ips(folder.path(), "one-nat-for-two-zones", &["--check"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("orders   - 44.230.9.17   is not its address any more"), "{text}");
    ips(folder.path(), "one-nat-for-two-zones", &[]);
    let output = ips(folder.path(), "sound", &["--check", "--format", "json"]);
    let found: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    assert_eq!(found["workloads"][0]["added"], serde_json::json!(["44.230.9.17"]));
}

#[test]
fn a_workload_that_is_gone_is_a_difference_unless_its_list_was_not_read() {
    let folder = folder();
    ips(folder.path(), "sound", &[]);
    let output = ips(folder.path(), "no-functions", &["--check"]);
    assert!(printed(&output).contains("the workload is gone"), "{}", printed(&output));
    assert_eq!(output.status.code(), Some(1));
    let output = ips(folder.path(), "denied-functions", &["--check"]);
    assert!(printed(&output).contains("not everything was read"), "{}", printed(&output));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn what_was_not_read_loses_nothing_that_was_told() {
    let folder = folder();
    ips(folder.path(), "sound", &[]);
    let before = locked(folder.path());
    for name in ["denied-nat-gateways", "denied-functions"] {
        let output = ips(folder.path(), name, &["--check"]);
        assert_eq!(output.status.code(), Some(3), "{name}: {}", printed(&output));
        ips(folder.path(), name, &[]);
        assert_eq!(locked(folder.path()), before, "{name}");
    }
    assert!(
        said(&ips(folder.path(), "denied-nat-gateways", &[]))
            .contains("orders: its addresses are not known; as it was")
    );
    ips(folder.path(), "no-functions", &[]);
    assert_eq!(locked(folder.path())["workloads"], serde_json::json!({}));
}

#[test]
fn a_report_judges_by_the_lock_file() {
    let folder = folder();
    ips(folder.path(), "sound", &[]);
    let verdict = |name: &str| {
        let arguments = ["report", &scenario(name), "--lock", "egress.lock.json", "--format", "json", "--all"];
        let report: Value = serde_json::from_str(&printed(&egress_audit(folder.path(), &arguments))).expect("JSON");
        let own = report["evaluations"].as_array().expect("a list").iter();
        let own = own.filter(|it| it["rule"] == "changed-egress-address").collect::<Vec<_>>();
        assert_eq!(own.len(), 1);
        own[0].clone()
    };
    assert_eq!(verdict("sound")["verdict"], "pass");
    assert_eq!(verdict("denied-nat-gateways")["verdict"], "not-evaluated");
    let changed = verdict("one-nat-for-two-zones");
    assert_eq!(changed["verdict"], "fail");
    assert!(changed["message"].as_str().is_some_and(|text| text.contains("-44.230.9.17")), "{changed}");
}

#[test]
fn what_is_no_lock_file_is_refused_and_stays() {
    let folder = folder();
    let file = folder.path().join("egress.lock.json");
    for (text, why) in [
        ("{", "line 1"),
        (r#"{"schema": "other", "workloads": {}}"#, "egress-audit/addresses/v1"),
        (r#"{"schema":"egress-audit/addresses/v1","workloads":{"a":{"name":"a","addresses":["x"]}}}"#, "`x` of a"),
    ] {
        fs::write(&file, text).expect("written");
        for more in [&[][..], &["--check"]] {
            let output = ips(folder.path(), "sound", more);
            assert_eq!(output.status.code(), Some(2));
            assert!(said(&output).contains(why), "{}", said(&output));
            assert_eq!(fs::read_to_string(&file).expect("text"), text);
        }
    }
    let missing = egress_audit(folder.path(), &["report", "demo", "--lock", "nowhere.json"]);
    assert_eq!(missing.status.code(), Some(2));
    let alone = egress_audit(folder.path(), &["ips", "demo", "--check"]);
    assert_eq!(alone.status.code(), Some(2));
}
