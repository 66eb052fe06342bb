//! The policy file: levels, intent and waivers, found upwards from the working folder.

use std::{fs, path::Path};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said, scenario};

/// The report of a scenario in a folder, with its exit code.
fn report(folder: &Path, name: &str, more: &[&str]) -> (Option<i32>, Value) {
    let source = scenario(name);
    let output = egress_audit(folder, &[&["report", &source, "--format", "json", "--all"], more].concat());
    (output.status.code(), serde_json::from_str(&printed(&output)).expect("JSON"))
}

fn verdict<'a>(report: &'a Value, rule: &str) -> Vec<&'a str> {
    let all = report["evaluations"].as_array().expect("a list").iter();
    all.filter(|it| it["rule"] == rule).map(|it| it["verdict"].as_str().expect("text")).collect()
}

fn with(policy: &str) -> tempfile::TempDir {
    let folder = folder();
    fs::write(folder.path().join("egress-audit.yaml"), policy).expect("written");
    folder
}

fn waiver(rule: &str, workload: &str, until: &str) -> String {
    format!(
        "waivers:\n  - {{rule: {rule}, workload: {workload}, reason: a price list, owner: team-web, until: {until}}}\n"
    )
}

/// The day after so many days, counted from this one or from that of the scenarios, whichever is later.
fn after(days: i64) -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let today = today.max(jiff::civil::date(2026, 11, 22));
    today.checked_add(jiff::ToSpan::days(days)).expect("a day").to_string()
}

#[test]
fn a_waiver_accepts_the_finding_that_it_names_and_says_why() {
    let folder = with(&waiver("anonymous-invocation", "ord*", &after(160)));
    let (code, found) = report(folder.path(), "public-url", &[]);
    assert_eq!((code, verdict(&found, "anonymous-invocation")), (Some(0), vec!["waived"]), "{found}");
    let own = found["evaluations"].as_array().expect("a list").iter().find(|it| it["verdict"] == "waived");
    assert_eq!(own.expect("it is there")["waiver"]["reason"], "a price list");
    assert_eq!((found["summary"]["waived"].as_u64(), found["summary"]["fail"].as_u64()), (Some(1), Some(0)));
    let sarif = egress_audit(folder.path(), &["report", &scenario("public-url"), "--format", "sarif"]);
    assert!(!printed(&sarif).contains("\"ruleId\": \"anonymous-invocation\""));
    let (code, found) = report(folder.path(), "public-url", &["--no-policy"]);
    assert_eq!((code, verdict(&found, "anonymous-invocation")), (Some(1), vec!["fail"]));
}

#[test]
fn a_waiver_goes_by_the_id_of_another_tool_too() {
    let folder = with(&waiver("CKV_AWS_258", "orders", &after(160)));
    assert_eq!(verdict(&report(folder.path(), "public-url", &[]).1, "anonymous-invocation"), ["waived"]);
}

#[test]
fn what_could_not_be_evaluated_is_not_waived() {
    let folder = with(&waiver("anonymous-invocation", "orders", &after(160)));
    let (code, found) = report(folder.path(), "denied-policy", &[]);
    assert_eq!((code, verdict(&found, "anonymous-invocation")), (Some(3), vec!["not-evaluated"]));
    assert_eq!(verdict(&found, "unused-waiver"), ["not-evaluated"]);
}

#[test]
fn a_waiver_that_is_over_or_ends_soon_or_is_not_needed_is_a_finding_at_its_line() {
    let over = with(&waiver("anonymous-invocation", "orders", "2026-11-21"));
    let (code, found) = report(over.path(), "public-url", &[]);
    assert_eq!((code, verdict(&found, "anonymous-invocation")), (Some(1), vec!["fail"]));
    assert_eq!(verdict(&found, "expired-waiver"), ["fail"]);
    let soon = with(&waiver("anonymous-invocation", "orders", &after(9)));
    let (_, found) = report(soon.path(), "public-url", &[]);
    assert_eq!(
        (verdict(&found, "expiring-waiver"), verdict(&found, "anonymous-invocation")),
        (vec!["fail"], vec!["waived"])
    );
    let idle = with(&waiver("anonymous-invocation", "orders", &after(160)));
    let (_, found) = report(idle.path(), "sound", &[]);
    assert_eq!(verdict(&found, "unused-waiver"), ["fail"]);
    let own = found["evaluations"].as_array().expect("a list").iter().find(|it| it["rule"] == "unused-waiver");
    assert_eq!(own.expect("it is there")["location"]["line"], 2);
    let elsewhere = with(&waiver("anonymous-invocation", "others", &after(160)));
    assert_eq!(verdict(&report(elsewhere.path(), "sound", &[]).1, "unused-waiver"), ["not-applicable"]);
}

/// The verdicts on the grant and on its waiver, where the estate was read at this time.
fn accepted(taken_at: &str, until: &str) -> (Vec<String>, Vec<String>) {
    let folder = with(&waiver("anonymous-invocation", "orders", until));
    let text = fs::read_to_string(scenario("public-url")).expect("a snapshot");
    let old = text.replace("\"taken_at\":\"2026-11-22T06:00:00Z\"", &format!("\"taken_at\":\"{taken_at}\""));
    assert!(old.contains(taken_at));
    fs::write(folder.path().join("s.json"), old).expect("written");
    let output = egress_audit(folder.path(), &["report", "s.json", "--format", "json", "--all"]);
    let report = serde_json::from_str(&printed(&output)).expect("JSON");
    let words = |rule| verdict(&report, rule).into_iter().map(str::to_owned).collect();
    (words("anonymous-invocation"), words("expired-waiver"))
}

#[test]
fn no_snapshot_of_old_and_no_clock_that_is_slow_lends_a_waiver_more_time() {
    let (fail, waived) = (vec!["fail".to_owned()], vec!["waived".to_owned()]);
    // The clock of who collected stood anywhere; the waiver was over the day before this one.
    for taken_at in ["1970-01-01T00:00:00Z", "2020-02-29T23:59:59Z", "2026-11-20T12:00:00Z", "2026-11-22T06:00:00Z"] {
        assert_eq!(accepted(taken_at, &after(-1)), (fail.clone(), fail.clone()), "{taken_at}");
        assert_eq!(accepted(taken_at, &after(160)).0, waived, "{taken_at}");
    }
    // The clock of who reports is the slow one.
    assert_eq!(accepted(&format!("{}T00:00:00Z", after(50)), &after(49)), (fail.clone(), fail.clone()));
    // The last day is one of those that count, whatever the hour, and an hour later it is over.
    for hour in ["00:00:00", "23:59:59"] {
        assert_eq!(accepted(&format!("{}T{hour}Z", after(50)), &after(50)).0, waived, "{hour}");
    }
    assert_eq!(
        accepted(&format!("{}T00:59:59+01:00", after(51)), &after(50)).0,
        waived,
        "an hour back is the last day"
    );
    assert_eq!(accepted(&format!("{}T00:00:00Z", after(51)), &after(50)), (fail.clone(), fail));
    assert_eq!(accepted("2106-02-07T06:28:16Z", &after(160)).0, ["fail"]);
}

#[test]
fn levels_parameters_and_rules_that_are_off_are_put_into_force() {
    let folder = with("rules:\n  anonymous-invocation: {severity: low}\n  unused-nat-address: {enabled: false}\n");
    let (_, found) = report(folder.path(), "public-url", &[]);
    let own = found["evaluations"].as_array().expect("a list").iter().find(|it| it["rule"] == "anonymous-invocation");
    assert_eq!(own.expect("it is there")["severity"], "low");
    let (code, found) = report(folder.path(), "unused-address", &[]);
    assert_eq!((code, verdict(&found, "unused-nat-address")), (Some(0), Vec::new()));
    assert_eq!(found["policy"]["off"], serde_json::json!(["unused-nat-address"]));
}

#[test]
fn what_a_workload_is_meant_to_be_decides_which_rules_apply() {
    let broken = |policy: &str| verdict_of(&with(policy), "blackholed-default", "broken-egress-path");
    assert_eq!(broken("rules: {}\n"), ["fail"]);
    assert_eq!(broken("intent:\n  - {workload: \"ord*\", egress: none}\n"), ["not-applicable"]);
    let foreign = |policy: &str| verdict_of(&with(policy), "named-callers", "foreign-invoker");
    assert!(foreign("trusted: {accounts: [\"999999999999\"]}\n").contains(&"fail".to_owned()));
    assert!(!foreign("trusted: {accounts: [\"111122223333\"]}\n").contains(&"fail".to_owned()));
}

fn verdict_of(folder: &tempfile::TempDir, name: &str, rule: &str) -> Vec<String> {
    let (_, found) = report(folder.path(), name, &[]);
    verdict(&found, rule).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_file_is_found_upwards_as_far_as_the_repository_goes() {
    let folder = with(&waiver("anonymous-invocation", "orders", &after(160)));
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).expect("made");
    assert_eq!(verdict(&report(&below, "public-url", &[]).1, "anonymous-invocation"), ["waived"]);
    fs::create_dir(folder.path().join("a/.git")).expect("made");
    assert_eq!(verdict(&report(&below, "public-url", &[]).1, "anonymous-invocation"), ["fail"]);
    let named = folder.path().join("egress-audit.yaml");
    let named = named.to_string_lossy();
    assert_eq!(verdict(&report(&below, "public-url", &["--policy", &named]).1, "anonymous-invocation"), ["waived"]);
}

#[test]
fn what_is_wrong_is_said_with_line_and_hint_and_nothing_is_scanned() {
    for (policy, why) in [
        (waiver("anonymos-invocation", "orders", &after(160)), "did you mean `anonymous-invocation`"),
        (waiver("anonymous-invocation", "orders", "2099-05-01"), "is more than a year"),
        (waiver("anonymous-invocation", "orders", "soon"), "write it as 2027-01-31"),
        (waiver("anonymous-invocation", "\"\"", "2027-05-01"), "here stands no workload"),
        ("waivers:\n  - {rule: open-ingress, workload: a, owner: o, until: 2027-01-01}\n".into(), "reason"),
        ("wavers: []\n".into(), "wavers"),
        ("rules:\n  uneven-egress: {severity: dire}\n".into(), "egress-audit.yaml:2"),
        ("rules:\n  uneven-egress: {params: {days: 1}}\n".into(), "has no parameter `days`"),
        ("trusted: {accounts: [\"12\"]}\n".into(), "twelve digits"),
        ("intent:\n  - {workload: a, egress: fixed}\n".into(), "egress-audit.yaml:2"),
        ("rules: [\n".into(), "egress-audit.yaml"),
    ] {
        let folder = with(&policy);
        let output = egress_audit(folder.path(), &["report", "demo"]);
        assert_eq!((output.status.code(), printed(&output).as_str()), (Some(2), ""), "{policy}");
        assert!(said(&output).contains(why), "{policy}: {}", said(&output));
    }
}

#[test]
fn a_trusted_domain_makes_people_and_groups_of_others_strangers() {
    let foreign = |policy: &str| verdict_of(&with(policy), "gcp-folder-invoker", "foreign-invoker");
    assert!(!foreign("rules: {}\n").contains(&"fail".to_owned()));
    assert!(foreign("trusted: {domains: [example.org]}\n").contains(&"fail".to_owned()));
    assert!(!foreign("trusted: {domains: [Example.com]}\n").contains(&"fail".to_owned()));
}

#[test]
fn an_organisation_that_is_trusted_brings_those_of_its_accounts_that_are_known() {
    let source = fs::read_to_string(scenario("named-callers")).expect("a snapshot");
    let mut snapshot: Value = serde_json::from_str(&source).expect("JSON");
    let folder = with("trusted: {organizations: [o-exampleorgid]}\n");
    let verdicts = |snapshot: &Value| {
        fs::write(folder.path().join("all.json"), snapshot.to_string()).expect("written");
        let output = egress_audit(folder.path(), &["report", "all.json", "--format", "json", "--all"]);
        let report: Value = serde_json::from_str(&printed(&output)).unwrap_or_else(|_| panic!("{}", said(&output)));
        verdict(&report, "foreign-invoker").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // Nobody read which accounts the organisation has.
    assert!(verdicts(&snapshot).contains(&"not-evaluated".to_owned()));
    let listed = |account: &str| {
        let arn = format!("arn:aws:organizations::123456789012:account/o-exampleorgid/{account}");
        serde_json::json!({
            "kind": "organizations:account", "scope": "aws:123456789012:global", "id": account,
            "body": {"Id": account, "Arn": arn, "Status": "ACTIVE"},
        })
    };
    snapshot["coverage"].as_array_mut().expect("a list").push(serde_json::json!({
        "kind": "organizations:account", "scope": "aws:123456789012:global", "call": "organizations:ListAccounts",
        "state": "read", "count": 1,
    }));
    snapshot["records"].as_array_mut().expect("a list").push(listed("111122223333"));
    let known = verdicts(&snapshot);
    assert!(known.iter().all(|it| it != "fail" && it != "not-evaluated"), "{known:?}");
    let records = snapshot["records"].as_array_mut().expect("a list");
    records.pop();
    records.push(listed("444455556666"));
    assert!(verdicts(&snapshot).contains(&"fail".to_owned()));
}

#[test]
fn what_is_no_organisation_and_no_domain_is_an_error_at_its_place() {
    for (policy, words) in [
        ("trusted: {organizations: [acme]}\n", "`acme` is not an organisation"),
        ("trusted: {domains: [\"a@example.com\"]}\n", "`a@example.com` is not a domain"),
    ] {
        let output = egress_audit(with(policy).path(), &["report", "demo"]);
        assert_eq!(output.status.code(), Some(2));
        let text = said(&output);
        assert!(text.contains(words) && text.contains(":1:"), "{text}");
    }
}
