//! An earlier report to compare with: what is new, what stays, what is gone, and what nobody looked at.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use rayon::prelude::*;
use serde_json::Value;

use crate::{
    program::{egress_audit, folder, printed, said, scenario},
    runs::RUNS,
    tools::multitool,
};

/// The report of a scenario against an earlier one, with its exit code.
fn against(folder: &Path, old: &str, new: &str) -> (Option<i32>, Value) {
    let output = egress_audit(folder, &["report", &scenario(new), "--baseline", old, "--format", "json", "--all"]);
    let text = printed(&output);
    (output.status.code(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{}", said(&output))))
}

/// A report of a scenario, written down.
fn written(folder: &Path, name: &str) -> String {
    let path = folder.join(format!("{name}.report.json")).to_string_lossy().into_owned();
    egress_audit(folder, &["report", &scenario(name), "--write", &format!("json={path}")]);
    path
}

/// What became of the findings: how many are new and unchanged, and the rules of those that are gone and kept open.
fn states(report: &Value) -> (u64, u64, Vec<&str>, Vec<&str>) {
    let own = &report["baseline"];
    let rules = |list: &'static str| {
        own[list].as_array().expect("a list").iter().map(|it| it["rule"].as_str().expect("text")).collect()
    };
    (
        own["new"].as_u64().expect("a number"),
        own["unchanged"].as_u64().expect("a number"),
        rules("gone"),
        rules("carried"),
    )
}

#[test]
fn only_what_is_new_fails_the_run() {
    let folder = folder();
    let (sound, public) = (written(folder.path(), "sound"), written(folder.path(), "public-url"));
    let (code, report) = against(folder.path(), &public, "public-url");
    assert_eq!((code, states(&report)), (Some(0), (0, 1, vec![], vec![])));
    let (code, report) = against(folder.path(), &sound, "public-url");
    assert_eq!((code, states(&report)), (Some(1), (1, 0, vec![], vec![])));
    let (code, report) = against(folder.path(), &public, "sound");
    assert_eq!((code, states(&report)), (Some(0), (0, 0, vec!["anonymous-invocation"], vec![])));
}

#[test]
fn what_was_not_read_this_time_stays_open_through_any_number_of_incomplete_runs() {
    let folder = folder();
    let public = written(folder.path(), "public-url");
    for unread in ["denied-policy", "denied-functions"] {
        let (code, report) = against(folder.path(), &public, unread);
        assert_eq!((code, states(&report)), (Some(3), (0, 0, vec![], vec!["anonymous-invocation"])), "{unread}");
        let next = folder.path().join("next.json").to_string_lossy().into_owned();
        fs::write(&next, report.to_string()).expect("written");
        let (_, again) = against(folder.path(), &next, "denied-functions");
        assert_eq!(states(&again).3, ["anonymous-invocation"], "{unread}");
        let (code, end) = against(folder.path(), &next, "sound");
        assert_eq!((code, states(&end).2), (Some(0), vec!["anonymous-invocation"]), "{unread}");
    }
}

#[test]
fn code_scanning_keeps_the_alerts_of_what_was_not_read_and_gets_a_state_for_each_result() {
    let folder = folder();
    let public = written(folder.path(), "public-url");
    let results = |new: &str| -> Vec<(String, String)> {
        let output =
            egress_audit(folder.path(), &["report", &scenario(new), "--baseline", &public, "--format", "sarif"]);
        let sarif: Value = serde_json::from_str(&printed(&output)).expect("JSON");
        let all = sarif["runs"][0]["results"].as_array().expect("a list").clone();
        let text = |it: &Value, name: &str| it[name].as_str().expect("text").to_owned();
        all.iter().map(|it| (text(it, "ruleId"), text(it, "baselineState"))).collect()
    };
    let own = |state: &str| vec![("anonymous-invocation".to_owned(), state.to_owned())];
    assert_eq!(results("public-url"), own("unchanged"));
    assert_eq!(results("denied-functions"), own("unchanged"));
    assert_eq!(results("sound"), []);
}

#[test]
fn a_snapshot_is_an_earlier_report_too() {
    let folder = folder();
    let report = written(folder.path(), "named-callers");
    let (from_report, from_snapshot) = (
        against(folder.path(), &report, "public-url"),
        against(folder.path(), &scenario("named-callers"), "public-url"),
    );
    assert_eq!(states(&from_report.1), states(&from_snapshot.1));
    assert_eq!(from_report.0, from_snapshot.0);
}

#[test]
fn what_is_not_below_a_folder_any_more_is_gone_if_the_same_folder_was_read() {
    let folder = folder();
    let text = fs::read_to_string(scenario("gcp-first-generation-public")).expect("a snapshot");
    let under = |name: &str, node: &str, keep: &dyn Fn(&Value) -> bool| {
        let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
        snapshot["scopes"][0]["id"] = format!("gcp:{node}:global").into();
        snapshot["records"].as_array_mut().expect("a list").retain(|record| keep(record));
        // The ledger counts what there is.
        let held = snapshot["records"].as_array().expect("a list").clone();
        for line in snapshot["coverage"].as_array_mut().expect("a list") {
            let account =
                |of: &Value| of["scope"].as_str().and_then(|scope| scope.split(':').nth(1)).map(str::to_owned);
            let same = |record: &&Value| record["kind"] == line["kind"] && account(record) == account(line);
            line["count"] = held.iter().filter(same).count().into();
        }
        let path = folder.path().join(name).to_string_lossy().into_owned();
        fs::write(&path, snapshot.to_string()).expect("written");
        path
    };
    let without = |record: &Value| !record["kind"].as_str().is_some_and(|kind| kind.starts_with("functions:"));
    let old = under("old.json", "folders/1", &|_| true);
    for (node, gone) in [("folders/1", true), ("folders/2", false)] {
        let new = under("new.json", node, &without);
        let output = egress_audit(folder.path(), &["report", &new, "--baseline", &old, "--format", "json"]);
        let report: Value = serde_json::from_str(&printed(&output)).expect("JSON");
        let (_, _, over, open) = states(&report);
        assert_eq!(
            (over.contains(&"anonymous-invocation"), open.contains(&"anonymous-invocation")),
            (gone, !gone),
            "{node}"
        );
    }
}

#[test]
fn the_table_shows_what_is_new_and_counts_the_rest() {
    let folder = folder();
    let public = written(folder.path(), "public-url");
    let table = |new: &str, more: &[&str]| {
        let source = scenario(new);
        printed(&egress_audit(folder.path(), &[&["report", &source, "--baseline", &public], more].concat()))
    };
    let same = table("public-url", &[]);
    assert!(same.contains("UTC: 0 new, 1 unchanged, 0 gone, 0 kept open"), "{same}");
    assert!(!same.contains("anyone on the internet can call"), "{same}");
    assert!(table("public-url", &["--all"]).contains("anyone on the internet can call"));
    assert!(table("sound", &[]).contains("gone: anonymous-invocation on orders"));
    let page = table("named-callers", &["--format", "html"]);
    assert!(page.contains("UTC: ") && page.contains(">new</span>"), "{page}");
    let kept = table("denied-functions", &["--format", "markdown"]);
    assert!(kept.contains("kept open: anonymous-invocation on orders"), "{kept}");
}

#[test]
fn a_report_that_is_cut_off_is_an_error_with_its_line() {
    let folder = folder();
    let path = written(folder.path(), "public-url");
    let text = fs::read_to_string(&path).expect("text");
    let half = text.get(..text.find("\"rule\"").expect("an evaluation")).expect("a half");
    fs::write(&path, half).expect("written");
    let output = egress_audit(folder.path(), &["report", &scenario("sound"), "--baseline", &path]);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("as a baseline: line ") && said.contains("hint: "), "{said}");
    assert_eq!(printed(&output), "");
}

#[test]
fn no_failure_of_any_scenario_is_lost_between_two_reports() {
    let runs = &*RUNS;
    let pairs: Vec<_> = runs.iter().zip(runs.iter().skip(1)).step_by(6).collect();
    pairs.par_iter().for_each(|(old, new)| {
        let folder = folder();
        let earlier = folder.path().join("old.json").to_string_lossy().into_owned();
        fs::write(&earlier, old.report.to_string()).expect("written");
        let output = egress_audit(folder.path(), &["report", &new.source, "--baseline", &earlier, "--format", "json"]);
        let report: Value = serde_json::from_str(&printed(&output)).expect("JSON");
        let prints = |list: &Value, verdicts: &[&str]| -> Vec<String> {
            let list = list.as_array().expect("a list").iter();
            let of = list.filter(|it| verdicts.contains(&it["verdict"].as_str().expect("text")));
            of.map(|it| it["fingerprint"].as_str().expect("text").to_owned()).collect()
        };
        let mut accounted = prints(&report["evaluations"], &["fail", "waived"]);
        accounted.extend(prints(&report["baseline"]["gone"], &["fail"]));
        accounted.extend(prints(&report["baseline"]["carried"], &["fail"]));
        for print in prints(&old.report["evaluations"], &["fail"]) {
            let times = accounted.iter().filter(|own| **own == print).count();
            assert_eq!(times, 1, "{} {}: {print}", old.source, new.source);
        }
    });
}

/// Microsoft's tool tells by its own means which results are those of an earlier log.
#[test]
fn what_is_new_and_what_stayed_is_what_another_tool_makes_of_two_logs() {
    let folder = folder();
    let pairs = [("public-url", "named-callers"), ("named-callers", "public-url"), ("public-url", "public-url")];
    for (old, new) in pairs {
        let log = |name: &str, more: &[&str]| {
            let source = scenario(name);
            printed(&egress_audit(folder.path(), &[&["report", &source, "--format", "sarif"], more].concat()))
        };
        let earlier = written(folder.path(), old);
        fs::write(folder.path().join("old.sarif"), log(old, &[])).expect("written");
        fs::write(folder.path().join("new.sarif"), log(new, &[])).expect("written");
        let outcome = Command::new(multitool())
            .args([
                "match-results-forward",
                "new.sarif",
                "--previous",
                "old.sarif",
                "-o",
                "matched.sarif",
                "--log",
                "ForceOverwrite",
            ])
            .current_dir(folder.path())
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .output()
            .expect("the tool starts");
        assert!(outcome.status.success(), "{}{}", printed(&outcome), said(&outcome));
        let theirs = fs::read_to_string(folder.path().join("matched.sarif")).expect("a log");
        let states = |text: &str| {
            let log: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON");
            let results = log["runs"][0]["results"].as_array().expect("a list").clone();
            let told = |it: &Value| {
                let print = it["partialFingerprints"]["egressAudit/v1"].as_str().expect("a print").to_owned();
                (print, it["baselineState"].as_str().expect("a state").to_owned())
            };
            let all: BTreeSet<_> = results.iter().map(told).filter(|(_, state)| state != "absent").collect();
            all
        };
        assert_eq!(states(&log(new, &["--baseline", &earlier])), states(&theirs), "{old} {new}");
    }
}

#[test]
fn the_file_that_is_compared_with_may_be_the_one_that_is_written() {
    let folder = folder();
    let last = written(folder.path(), "public-url");
    for _ in 0..3 {
        let source = scenario("denied-functions");
        let write = format!("json={last}");
        let arguments = ["report", &source, "--baseline", &last, "--write", &write, "--format", "json"];
        let report: Value = serde_json::from_str(&printed(&egress_audit(folder.path(), &arguments))).expect("JSON");
        assert_eq!(states(&report).3, ["anonymous-invocation"]);
    }
}
