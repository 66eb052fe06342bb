//! An organisation on moto, read and judged in one run, but for one account that denies the role.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use egress_audit::snapshot::kinds::FUNCTION_DETAIL;
use serde_json::{Value, json};

use crate::{moto::Moto, run::Run};

const REGIONS: [&str; 3] = ["us-west-2", "eu-west-1", "us-east-1"];

/// The calls that are made in a region where there is nothing: the lists of functions, layers, event
/// sources, web functions and MicroVMs, the sixteen of EC2 and its setting, the four of APIs and domains, those of balancers and target groups.
const OF_A_REGION: u64 = 5 + 17 + 4 + 2;
/// Of an account: distributions and identities; and of its one function `GetFunction`, `ListAliases`, `GetResourcePolicy`, which
/// moto does not know, `GetPolicy`, `ListFunctionUrlConfigs`, which moto does not know either, `GetFunctionUrlConfig` and
/// `GetFunctionCodeSigningConfig`.
const OF_AN_ACCOUNT: u64 = 2 + 7;

fn reads(accounts: usize) {
    let moto = Moto::start();
    let ids = moto.organization(accounts, &REGIONS);
    let accounts_of = |ids: &Value| -> BTreeSet<String> {
        ids["accounts"].as_array().expect("a list").iter().map(|id| id.as_str().expect("text").to_owned()).collect()
    };
    let mut open = accounts_of(&ids);
    let denied = ids["accounts"][1].as_str().expect("text");
    assert!(open.remove(denied) && open.len() == accounts - 1);
    moto.deny_of("AssumeRole", denied);
    moto.counts();

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json").display().to_string();
    let write = format!("json={file}");
    let regions: Vec<&str> = REGIONS.iter().flat_map(|region| ["--region", region]).collect();
    let arguments = [&["report", "aws:org/Audit", "--all", "--write", &write], regions.as_slice()].concat();
    let start = Instant::now();
    let (code, terminal) = moto.on_terminal(&arguments);
    let took = start.elapsed();
    let counts = moto.counts();
    let made: u64 = counts.values().sum();
    let read = open.len() as u64;
    let pages = accounts as u64 / 20 + 1;
    let needed = 1 + pages + (accounts as u64 - 1) + read * (REGIONS.len() as u64 * OF_A_REGION + OF_AN_ACCOUNT);
    println!(
        "{accounts} accounts, {} regions: {made} requests, {needed} needed, in {took:.1?}: {counts:?}",
        REGIONS.len()
    );
    assert!(made >= needed && made * 100 <= needed * 105, "{made} requests where {needed} are needed: {counts:?}");

    // One display, on one line that is drawn again and again: nothing goes up a line, and one line only is ended.
    assert!(terminal.contains(&format!("/{accounts} accounts")), "{terminal:?}");
    assert!(!terminal.contains("\x1b[1A") && !terminal.contains("\x1b[A"), "{terminal:?}");
    let said: Vec<&str> = terminal.split_inclusive('\n').filter(|line| line.ends_with('\n')).collect();
    let closed = ids["closed"].as_str().expect("text");
    assert!(said.len() == 1 && said[0].contains(&format!("{closed} (SUSPENDED)")), "{said:?}");

    #[expect(clippy::disallowed_methods, reason = "a test reads what the program wrote")]
    let report = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {terminal}"));
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let mut verdicts = BTreeMap::<&str, BTreeMap<&str, usize>>::new();
    for it in report["evaluations"].as_array().expect("a list") {
        let account = it["subject"]["account"].as_str().expect("text");
        *verdicts.entry(account).or_default().entry(it["verdict"].as_str().expect("text")).or_default() += 1;
    }
    assert_eq!(verdicts.keys().map(|account| (*account).to_owned()).collect::<BTreeSet<_>>(), open);
    let own = &verdicts["123456789012"];
    assert!(own["pass"] > 10 && !own.contains_key("not-evaluated"), "{own:?}");
    assert!(verdicts.values().all(|of| of == own), "{verdicts:?}");
    let unread = report["coverage"].as_array().expect("a list").iter().filter(|line| line["state"] != "read");
    let unread: Vec<_> = unread.map(|line| json!([line["scope"], line["what"], line["why"]])).collect();
    assert_eq!(unread, [json!([format!("aws:{denied}:global"), "sts:AssumeRole", "denied"])]);
    assert_eq!((code, &report["complete"]), (Some(3), &Value::Bool(false)));
}

#[test]
fn an_organisation_is_read_in_one_run_and_an_account_that_denies_the_role_is_the_only_gap() {
    reads(12);
}

#[test]
#[ignore = "takes a minute: `cargo test --test aws fifty -- --ignored --nocapture`"]
fn fifty_accounts_in_three_regions_are_read_in_one_run_and_forty_nine_are_judged() {
    reads(50);
}

#[test]
fn of_the_tags_of_a_function_only_our_own_are_kept() {
    let moto = Moto::start();
    let ids = moto.organization(2, &["us-west-2"]);
    let run = Run::of("aws:org/Audit", &moto.environment(), &["--region", "us-west-2"]);
    let outcome = run.set("AWS_MAX_ATTEMPTS", "2").go();
    assert_eq!(outcome.snapshot().gaps, []);
    for (account, tags) in [(0, json!({"egress-audit-egress": "static"})), (1, json!({}))] {
        let account = ids["accounts"][account].as_str().expect("text");
        let arn = format!("arn:aws:lambda:us-west-2:{account}:function:of-{account}");
        assert_eq!(outcome.body(FUNCTION_DETAIL, &arn)["Tags"], tags);
    }
}
