//! Reports, traces, addresses and exit codes.

use serde_json::Value;

use crate::{
    program::{egress_audit, folder, printed, said, scenario},
    runs::Run,
};

fn report(name: &str) -> (Option<i32>, Value) {
    let output = egress_audit(folder().path(), &["report", &scenario(name), "--format", "json", "--all"]);
    (output.status.code(), serde_json::from_str(&printed(&output)).expect("JSON"))
}

/// The rules that say this of a report, once each.
fn rules(report: &Value, verdict: &str) -> Vec<String> {
    let all = report["evaluations"].as_array().expect("a list").iter();
    let mut found: Vec<_> =
        all.filter(|it| it["verdict"] == verdict).map(|it| it["rule"].as_str().expect("a rule").to_owned()).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_sound_form_has_no_finding_and_ends_with_0() {
    let (code, report) = report("sound");
    assert_eq!((code, rules(&report, "fail"), rules(&report, "not-evaluated")), (Some(0), vec![], vec![]));
    assert_eq!(report["complete"], true);
}

#[test]
fn each_broken_form_is_named_exactly_and_ends_with_1() {
    for (name, expected) in [
        ("function-in-public-subnet", &["public-subnet-function"][..]),
        ("nat-in-private-subnet", &["broken-egress-path", "single-zone-function"]),
        ("blackholed-default", &["broken-egress-path"]),
        ("second-subnet-without-nat", &["single-zone-nat", "uneven-egress"]),
        ("network-acl-with-linux-return-ports", &["broken-egress-path"]),
        ("public-url", &["anonymous-invocation"]),
        ("public-url-with-one-grant", &["latent-anonymous-invocation"]),
        ("key-pending-deletion", &["key-scheduled-for-destruction", "unusable-key"]),
        ("regional-nat-automatic", &["automatic-nat-address"]),
        ("old-runtime-and-secret", &["deprecated-runtime", "secret-in-environment"]),
        ("service-without-source", &["service-invoker-without-source"]),
        ("unused-address", &["unused-nat-address"]),
    ] {
        let (code, report) = report(name);
        assert_eq!(
            (name, code, rules(&report, "fail")),
            (name, Some(1), expected.iter().map(|it| (*it).to_owned()).collect())
        );
    }
}

#[test]
fn what_was_denied_is_not_evaluated_and_ends_with_3() {
    let (code, nats) = report("denied-nat-gateways");
    assert_eq!((code, rules(&nats, "fail")), (Some(3), vec![]));
    assert!(rules(&nats, "not-evaluated").contains(&"broken-egress-path".to_owned()));
    let gaps = nats["evaluations"].as_array().expect("a list").iter().filter(|it| it["verdict"] == "not-evaluated");
    assert!(gaps.flat_map(|it| it["gaps"].as_array().expect("a list")).all(|gap| gap["why"] == "denied"));

    let (code, policy) = report("denied-policy");
    assert_eq!((code, rules(&policy, "fail")), (Some(3), vec![]));
    let unknown = [
        "anonymous-invocation",
        "any-principal-invocation",
        "dead-invoker-grant",
        "latent-anonymous-invocation",
        "public-management",
        "service-invoker-without-source",
    ];
    assert_eq!(rules(&policy, "not-evaluated"), unknown);
    let output = egress_audit(folder().path(), &["report", &scenario("denied-policy"), "--allow-incomplete"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_denied_list_of_functions_is_not_an_empty_account() {
    let (code, report) = report("denied-functions");
    assert_eq!(code, Some(3));
    assert_eq!(report["complete"], false);
}

#[test]
fn an_account_without_a_function_ends_with_4() {
    let (code, report) = report("no-functions");
    assert_eq!((code, &report["complete"]), (Some(4), &Value::Bool(true)));
}

#[test]
fn the_five_numbers_are_the_number_of_evaluations() {
    for name in ["sound", "second-subnet-without-nat", "denied-nat-gateways", "public-alias"] {
        let (_, report) = report(name);
        let summary = report["summary"].as_object().expect("an object");
        let sum: u64 = summary.values().map(|number| number.as_u64().expect("a number")).sum();
        assert_eq!(sum, report["evaluations"].as_array().expect("a list").len() as u64, "{name}");
    }
}

#[test]
fn the_report_for_programs_keeps_its_contract() {
    let schema = include_str!("../../src/render/report-v1.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for Run { source, report, .. } in &*crate::runs::RUNS {
        let errors: Vec<_> = validator.iter_errors(report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{source}: {errors:?}");
    }
}

#[test]
fn a_line_for_a_warehouse_is_an_evaluation_of_the_report_and_keeps_its_contract() {
    let schema = include_str!("../../src/render/finding-v1.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for source in ["demo".to_owned(), scenario("denied-nat-gateways")] {
        let print =
            |format: &str| printed(&egress_audit(folder().path(), &["report", &source, "--all", "--format", format]));
        let report: Value = serde_json::from_str(&print("json")).expect("JSON");
        let lines = print("ndjson");
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), report["evaluations"].as_array().map_or(0, Vec::len), "{source}");
        for (line, evaluation) in lines.iter().zip(report["evaluations"].as_array().expect("a list")) {
            let errors: Vec<_> = validator.iter_errors(line).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{source}: {errors:?}");
            assert!(evaluation.as_object().expect("an object").iter().all(|(name, value)| line[name] == *value));
            assert_eq!((&line["complete"], &line["taken_at"]), (&report["complete"], &report["taken_at"]));
        }
    }
}

#[test]
fn the_level_decides_whether_a_finding_counts() {
    let unused = scenario("unused-address");
    for (level, code) in [("low", 1), ("medium", 0)] {
        let output = egress_audit(folder().path(), &["report", &unused, "--fail-on", level]);
        assert_eq!(output.status.code(), Some(code), "{level}");
    }
}

#[test]
fn the_demo_needs_neither_network_nor_credentials() {
    let output = egress_audit(folder().path(), &["report", "demo"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(said(&output), "");
    for words in
        ["demo   20 workloads", "leaves from", "broken-egress-path", "not read:", "waived", "why: egress-audit rules"]
    {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where nobody sees them");
    assert!(text.lines().all(|line| line.chars().count() <= 200));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["table", "json", "sarif"] {
        let run = || egress_audit(folder().path(), &["report", "demo", "--format", format]).stdout;
        assert_eq!(run(), run(), "{format}");
    }
}

#[test]
fn a_narrow_terminal_gets_narrow_tables() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(["report", "demo"])
        .env_clear()
        .env("COLUMNS", "80")
        .output()
        .expect("the program starts");
    let text = printed(&output);
    let widest = text.lines().filter(|line| line.starts_with(['│', '┌'])).map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 80), "{widest:?}");
}

#[test]
fn a_trace_names_the_hops_and_the_fact_that_decides() {
    let output = egress_audit(folder().path(), &["trace", "orders", &scenario("nat-in-private-subnet")]);
    let text = printed(&output);
    for words in
        ["subnet-private-a", "NAT gateway", "✗", "no way to an internet gateway", "not reached (nat-in-private-subnet)"]
    {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let output = egress_audit(folder().path(), &["trace", "orders", &scenario("sound"), "--format", "json"]);
    let trace: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    assert_eq!(trace["verdict"], "static");
    assert_eq!(trace["addresses"], serde_json::json!(["44.230.9.17", "52.43.112.142"]));
    let kinds: Vec<_> =
        trace["hops"].as_array().expect("hops").iter().map(|hop| hop["kind"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["subnet", "nat-gateway", "subnet", "internet-gateway"]);
}

#[test]
fn a_workload_goes_by_any_ending_that_only_one_has() {
    let demo = |name| egress_audit(folder().path(), &["trace", name, "demo"]).status.code();
    assert_eq!(demo("function:top-ten"), Some(0));
    assert_eq!(demo("checkout"), Some(0));
    assert_eq!(demo("no-such-function"), Some(2));
    let output = egress_audit(folder().path(), &["trace", "k", "demo"]);
    assert!(said(&output).contains("several workloads end with `k`"), "{}", said(&output));
}

#[test]
fn the_addresses_are_listed_with_what_they_are_worth() {
    let output = egress_audit(folder().path(), &["ips", "demo"]);
    let text = printed(&output);
    let line =
        |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
    assert!(line("52.43.112.142/32").contains("static"));
    assert!(text.contains("shared pool") && text.contains("not known"));
    let output = egress_audit(folder().path(), &["ips", &scenario("denied-nat-gateways"), "--format", "json"]);
    let ips: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    assert_eq!((&ips[0]["verdict"], &ips[0]["complete"]), (&"unknown".into(), &false.into()));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn rules_are_listed_explained_and_found_by_the_ids_of_others() {
    let list = printed(&egress_audit(folder().path(), &["rules"]));
    assert!(list.lines().count() >= 22 && list.contains("broken-egress-path"), "{list}");
    let page = printed(&egress_audit(folder().path(), &["rules", "CKV_AWS_258"]));
    assert!(page.contains("anonymous-invocation") && page.contains("what to do"), "{page}");
    assert!(page.contains("  NIST SP 800-53 Rev. 5: AC-3 Access Enforcement\n"), "{page}");
    assert_eq!(egress_audit(folder().path(), &["rules", "no-such-rule"]).status.code(), Some(2));
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let output = egress_audit(folder().path(), &["rules", "test", own]);
    assert!(printed(&output).contains(" 0 failed") && output.status.code() == Some(0), "{}", printed(&output));
}

#[test]
fn a_users_own_rule_is_loaded_and_a_faulty_one_is_refused_with_its_line() {
    let folder = folder();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).expect("a folder");
    let rule = "id: no-lambda\ntitle: A function\nseverity: low\nsince: 0.1.0\nsubject: workload\n\
                require: workload.cloud == \"gcp\"\nmessage: \"{workload.name} is a Lambda function\"\n\
                description: d\nwhy: w\nremediation: {text: t}\n";
    std::fs::write(rules.join("no-lambda.yaml"), rule).expect("written");
    let output = egress_audit(folder.path(), &["report", &scenario("sound"), "--rules", "rules"]);
    assert!(printed(&output).contains("orders is a Lambda function"), "{}{}", printed(&output), said(&output));

    std::fs::write(rules.join("no-lambda.yaml"), rule.replace("workload.cloud", "workload.clod")).expect("written");
    let output = egress_audit(folder.path(), &["report", &scenario("sound"), "--rules", "rules"]);
    assert_eq!((output.status.code(), printed(&output)), (Some(2), String::new()));
    let said = said(&output);
    assert!(said.contains("no-lambda.yaml:6:") && said.contains("clod") && said.contains("hint: "), "{said}");
}

#[test]
fn nonsense_on_the_command_line_ends_with_2_and_a_hint() {
    for (arguments, words) in [
        (&["report"][..], "`.` holds no infrastructure code"),
        (&["report", "gcp:p"], "names nothing that is read"),
        (&["report", "missing.json"], "cannot read `missing.json`"),
        (&["report", "demo", "--write", "pdf=x"], "not a format"),
        (&["report", "demo", "--fail-on", "meduim"], "not a severity"),
        (&["report", "demo", "--rules", "missing"], "cannot read `missing`"),
        (&["report", "demo", "--write", "json=x", "--write", "sarif=x"], "two formats go to `x`"),
    ] {
        let output = egress_audit(folder().path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
        assert_eq!(printed(&output), "");
    }
}

#[test]
fn knowledge_that_has_grown_old_is_said_to_be() {
    let folder = folder();
    let sound = std::fs::read_to_string(scenario("sound")).expect("text");
    let later = sound.replace("\"taken_at\":\"2026-11-22T", "\"taken_at\":\"2027-11-22T");
    std::fs::write(folder.path().join("later.json"), later).expect("written");
    let text = printed(&egress_audit(folder.path(), &["report", "later.json"]));
    assert!(text.contains("old knowledge: the dates of runtimes are of 2026-11-22"), "{text}");
    assert!(!printed(&egress_audit(folder.path(), &["report", &scenario("sound")])).contains("old knowledge"));
}

#[test]
fn the_screens_of_the_readme_are_what_the_program_prints() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    for (start, arguments) in [
        ("egress-audit 0.1.0", &["report", "demo"][..]),
        ("partner-feed", &["trace", "partner-feed", "demo"]),
        ("partner-hook", &["invokers", "partner-hook", "demo"]),
    ] {
        let printed = printed(&egress_audit(folder().path(), arguments));
        let (_, screen) = readme.split_once(&format!("\n```\n{start}")).expect("the README shows it");
        let (screen, _) = screen.split_once("\n```").expect("the screen ends");
        let screen = format!("{start}{screen}");
        for line in screen.lines().filter(|line| !line.trim().is_empty() && *line != "…") {
            assert!(printed.lines().any(|own| own.trim_end() == line.trim_end()), "{arguments:?}: {line}");
        }
    }
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = egress_audit(folder().path(), &["completions", shell]);
        assert!(output.status.success() && printed(&output).contains("egress-audit"), "{shell}");
    }
}
