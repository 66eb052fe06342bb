//! Where findings stand in code, and the comments that accept them there.

use std::{fs, process::Command};

use serde_json::{Value, json};

use crate::{
    code::{json, terraform, with},
    program::{egress_audit, printed, said},
    tools::multitool,
};

fn seed(number: u8) -> String {
    fs::read_to_string(terraform(&format!("seeds/seed{number}/main.tf"))).expect("a file")
}

/// What stands where a place of a report points.
fn text_at<'t>(code: &'t str, place: &Value) -> &'t str {
    let number = |name: &str| usize::try_from(place[name].as_u64().expect("a number")).expect("small");
    let line = code.lines().nth(number("line") - 1).expect("a line");
    line.get(number("column") - 1..).expect("a column").trim_end()
}

#[test]
fn a_finding_stands_on_the_value_that_decided_it() {
    for (number, expected) in [
        (
            1,
            &[
                ("anonymous-invocation", "\"allUsers\""),
                ("open-ingress", "\"ALLOW_ALL\""),
                ("plaintext-trigger", "resource \"google_cloudfunctions_function\" \"test_ip\" {"),
            ][..],
        ),
        (
            2,
            &[
                ("anonymous-invocation", "\"allUsers\""),
                ("open-ingress", "\"INGRESS_TRAFFIC_ALL\""),
                ("unrotated-key", "resource \"google_kms_crypto_key\" \"k\" {"),
            ],
        ),
        (3, &[("deprecated-runtime", "\"nodejs20\"")]),
        (
            4,
            &[
                ("unusable-key", "false"),
                ("any-principal-invocation", "\"*\""),
                ("deprecated-runtime", "\"nodejs20.x\""),
                ("latent-anonymous-invocation", "\"NONE\""),
                ("single-zone-function", "[aws_subnet.private.id]"),
            ],
        ),
    ] {
        let code = seed(number);
        let folder = with(&[("main.tf", &code)]);
        let report = json(&egress_audit(folder.path(), &["report", ".", "--format", "json"]));
        for (rule, text) in expected {
            let all = report["evaluations"].as_array().expect("a list");
            let found = all.iter().find(|it| it["rule"] == *rule && it["verdict"] == "fail").expect(rule);
            assert_eq!(text_at(&code, &found["location"]), *text, "{rule} of architecture {number}");
        }
    }
}

#[test]
fn code_scanning_gets_the_file_from_where_the_user_stands() {
    let folder = with(&[("infra/live/main.tf", &seed(1))]);
    let at = folder.path().join("infra");
    for (from, source, file) in [
        (folder.path(), "infra", "infra/live/main.tf"),
        (&at, "./live", "live/main.tf"),
        (&at, "../infra", "live/main.tf"),
    ] {
        let log = json(&egress_audit(from, &["report", source, "--format", "sarif"]));
        let results = log["runs"][0]["results"].as_array().expect("a list").clone();
        let open = results.iter().find(|it| it["ruleId"] == "open-ingress").expect("it fails");
        let place = &open["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], file, "{source}");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&45.into(), &35.into()));
        let related = &open["relatedLocations"][0]["physicalLocation"];
        assert_eq!((&related["artifactLocation"]["uri"], &related["region"]["startLine"]), (&file.into(), &38.into()));
    }
}

/// Microsoft's tool writes what GitHub computes into a log that has none.
#[test]
fn a_line_has_the_hash_that_another_tool_gives_it_as_github_does() {
    let mut seen = 0;
    for number in 1..=4 {
        let folder = with(&[("main.tf", &seed(number))]);
        let log = printed(&egress_audit(folder.path(), &["report", ".", "--format", "sarif"]));
        let ours: Value = serde_json::from_str(&log).expect("JSON");
        // The tool reads files by absolute names alone.
        let uri = format!("file://{}/main.tf", folder.path().display());
        let mut bare: Value =
            serde_json::from_str(&log.replace("\"uri\": \"main.tf\"", &format!("\"uri\": \"{uri}\""))).expect("JSON");
        for result in bare["runs"][0]["results"].as_array_mut().expect("a list") {
            result.as_object_mut().expect("a result").remove("partialFingerprints");
        }
        // The tool goes by the first version that it meets, and this is not the one of the log any more.
        let log = json!({"version": bare["version"]}).to_string().replace('}', ",");
        let bare = bare.to_string().replacen('{', &log, 1);
        fs::write(folder.path().join("bare.sarif"), bare).expect("written");
        let outcome = Command::new(multitool())
            .args(["rewrite", "bare.sarif", "-o", "full.sarif", "--insert", "RollingHashPartialFingerprints"])
            .current_dir(folder.path())
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .output()
            .expect("the tool starts");
        assert!(outcome.status.success(), "{}{}", printed(&outcome), said(&outcome));
        let full = fs::read_to_string(folder.path().join("full.sarif")).expect("a log");
        let full: Value = serde_json::from_str(full.trim_start_matches('\u{feff}')).expect("JSON");
        let print = |log: &Value, at: usize| {
            log["runs"][0]["results"][at]["partialFingerprints"]["primaryLocationLineHash"].clone()
        };
        let results = ours["runs"][0]["results"].as_array().expect("a list").len();
        for at in 0..results {
            assert_eq!(print(&ours, at), print(&full, at), "result {at} of architecture {number}");
        }
        seen += results;
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn the_path_of_a_finding_leads_through_the_files_that_declare_it() {
    let code = fs::read_to_string(terraform("seeds/seed4/main.tf")).expect("a file");
    let broken = code.replace(
        "allocation_id = aws_eip.nat.id\n  subnet_id     = aws_subnet.public.id",
        "allocation_id = aws_eip.nat.id\n  subnet_id     = aws_subnet.private.id",
    );
    assert_ne!(code, broken);
    let folder = with(&[("main.tf", &broken)]);
    let log = json(&egress_audit(folder.path(), &["report", ".", "--format", "sarif"]));
    let results = log["runs"][0]["results"].as_array().expect("a list").clone();
    let path = results.iter().find(|it| it["ruleId"] == "broken-egress-path").expect("it fails");
    let steps = path["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let line = |step: &Value| step["location"]["physicalLocation"]["region"]["startLine"].as_u64().expect("a number");
    let lines: Vec<&str> = steps
        .iter()
        .map(|step| broken.lines().nth(usize::try_from(line(step)).expect("small") - 1).expect("a line"))
        .collect();
    assert!(lines.iter().any(|line| line.contains("\"aws_lambda_function\"")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.contains("\"aws_subnet\"") || line.contains("\"aws_route_table\"")),
        "{lines:?}"
    );
}

/// The first architecture with a comment before a line that begins so.
fn with_comment(line: &str, comment: &str) -> String {
    let code = seed(1);
    let at = code.find(line).expect(line);
    let start = code.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let (before, after) = code.split_at(start);
    format!("{before}# egress-audit: {comment}\n{after}")
}

fn verdicts(code: &str, rule: &str) -> (Vec<String>, Option<i32>, String) {
    let folder = with(&[("main.tf", code)]);
    let output = egress_audit(folder.path(), &["report", ".", "--format", "json"]);
    let report = json(&output);
    let all = report["evaluations"].as_array().expect("a list");
    let own = all.iter().filter(|it| it["rule"] == rule).map(|it| it["verdict"].as_str().expect("a text").to_owned());
    (own.collect(), output.status.code(), printed(&output) + &said(&output))
}

#[test]
fn a_comment_accepts_what_stands_beside_it_and_what_is_decided_there() {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(jiff::ToSpan::days(300));
    let comment = format!("allow open-ingress until {year} because partners call it");
    for line in ["resource \"google_cloudfunctions_function\" \"test_ip\"", "ingress_settings"] {
        assert_eq!(verdicts(&with_comment(line, &comment), "open-ingress").0, ["waived"], "{line}");
    }
    let comment = format!("allow anonymous-invocation until {year} because partners call it");
    for line in ["resource \"google_cloudfunctions_function\" \"test_ip\"", "member "] {
        assert_eq!(verdicts(&with_comment(line, &comment), "anonymous-invocation").0, ["waived"], "{line}");
    }
    // Another rule, and another block.
    assert_eq!(verdicts(&with_comment("ingress_settings", &comment), "anonymous-invocation").0, ["fail"]);
    assert_eq!(verdicts(&with_comment("ingress_settings", &comment), "unused-waiver").0, ["fail"]);
}

#[test]
fn a_comment_whose_last_day_was_yesterday_accepts_nothing_and_one_of_today_does() {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let comment = |until: jiff::civil::Date| {
        with_comment("ingress_settings", &format!("allow open-ingress until {until} because partners call it"))
    };
    let yesterday = today.yesterday().expect("a day");
    assert_eq!(verdicts(&comment(yesterday), "open-ingress").0, ["fail"]);
    assert_eq!(verdicts(&comment(yesterday), "expired-waiver").0, ["fail"]);
    assert_eq!(verdicts(&comment(today), "open-ingress").0, ["waived"]);
    assert_eq!(verdicts(&comment(today), "expiring-waiver").0, ["fail"]);
}

#[test]
fn a_comment_that_nobody_understands_is_a_gap_with_its_place() {
    for (comment, why) in [
        ("allow open-ingress because partners call it", "no last day"),
        ("allow open-ingres until 2026-12-31 because partners call it", "there is no rule `open-ingres`"),
        ("allow open-ingress until 2036-12-31 because partners call it", "more than a year"),
        ("alow open-ingress until 2026-12-31 because partners call it", "write `allow RULE"),
    ] {
        let code = with_comment("ingress_settings", comment);
        let (verdicts, _, all) = verdicts(&code, "open-ingress");
        assert_eq!(verdicts, ["fail"], "{comment}");
        assert!(all.contains(why) && all.contains("the waiver at main.tf:45:"), "{comment}: {all}");
        assert!(all.contains("\"complete\": false"), "{comment}: {all}");
    }
}

/// The places of failures of a report, by rule.
fn places(folder: &std::path::Path, arguments: &[&str]) -> std::collections::BTreeMap<String, Value> {
    let all = [&["report"][..], arguments, &["--format", "json"]].concat();
    let report = json(&egress_audit(folder, &all));
    let all = report["evaluations"].as_array().expect("a list").iter().filter(|it| it["verdict"] == "fail");
    all.map(|it| (it["rule"].as_str().expect("a text").to_owned(), it["location"].clone())).collect()
}

#[test]
fn what_was_read_elsewhere_stands_on_the_lines_that_manage_it() {
    let mut seen = 0;
    for number in 1..=4 {
        let state = fs::read_to_string(terraform(&format!("seeds/seed{number}/state.json"))).expect("a file");
        let folder = with(&[("infra/main.tf", &seed(number)), ("state.json", &state)]);
        let at = folder.path();
        // The reading that is scanned knows of no files.
        let saved = egress_audit(at, &["collect", "state.json", "-o", "live.json", "--allow-incomplete"]);
        assert_eq!(saved.status.code(), Some(0), "{}", said(&saved));
        let bare = places(at, &["live.json"]);
        assert!(bare.len() > 2 && bare.values().all(Value::is_null), "{bare:?}");
        let mapped = places(at, &["live.json", "--map", "infra", "--map", "state.json"]);
        let of_code = places(at, &["infra"]);
        let both: Vec<&String> = mapped.keys().filter(|rule| of_code.contains_key(*rule)).collect();
        seen += both.len();
        for rule in both {
            assert_eq!(mapped[rule], of_code[rule], "{rule} of architecture {number}");
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn without_a_state_what_bears_the_same_name_is_taken_where_it_is_the_only_one() {
    let code = seed(1);
    let folder = with(&[("main.tf", &code)]);
    let at = folder.path();
    egress_audit(at, &["collect", ".", "-o", "live.json"]);
    let mut live: Value =
        serde_json::from_str(&fs::read_to_string(at.join("live.json")).expect("a file")).expect("JSON");
    for record in live["records"].as_array_mut().expect("a list") {
        let record = record.as_object_mut().expect("a record");
        record.remove("origin");
        record.remove("origins");
    }
    live.as_object_mut().expect("a snapshot").remove("remarks");
    fs::write(at.join("live.json"), live.to_string()).expect("written");
    let place = |folder: &tempfile::TempDir| {
        let map = folder.path().to_string_lossy().into_owned();
        places(at, &["live.json", "--map", &map])["open-ingress"].clone()
    };
    // The project is known to whoever applies it.
    let open = code.replace("\"seed-project\"", "var.project") + "\nvariable \"project\" {}\n";
    assert_eq!(text_at(&open, &place(&with(&[("main.tf", &open)]))), "\"ALLOW_ALL\"");
    // Two roots that declare the same: nobody can tell which one it is. Of another project it is another one.
    assert_eq!(place(&with(&[("dev/main.tf", &open), ("prod/main.tf", &open)])), Value::Null);
    let other = code.replace("seed-project", "other-project");
    assert_eq!(place(&with(&[("main.tf", &other)])), Value::Null);
}

#[test]
fn a_map_that_is_no_code_is_an_error_with_a_hint() {
    let state = fs::read_to_string(terraform("seeds/seed1/state.json")).expect("a file");
    let folder = with(&[("main.tf", &seed(1)), ("other.json", "{}"), ("state.json", &state)]);
    for (maps, why) in [
        (&["--map", "state.json"][..], "no folder with the code"),
        (&["--map", ".", "--map", "other.json"], "is no state of Terraform"),
        (&["--map", "missing"], "missing"),
    ] {
        let output = egress_audit(folder.path(), &[&["report", "demo"][..], maps].concat());
        assert_eq!(output.status.code(), Some(2), "{maps:?}");
        assert!(said(&output).contains(why), "{}", said(&output));
    }
}

#[test]
fn templates_have_places_and_comments_too() {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(jiff::ToSpan::days(300));
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs18.x # egress-audit: allow deprecated-runtime until {year} because it goes in spring\n      Handler: index.handler\n      InlineCode: x\n      FunctionUrlConfig:\n        AuthType: NONE\n"
    );
    let folder = with(&[("infra/template.yaml", &template)]);
    for source in ["infra", "infra/template.yaml"] {
        let report = json(&egress_audit(folder.path(), &["report", source, "--format", "json"]));
        let all = report["evaluations"].as_array().expect("a list");
        let of = |rule: &str| all.iter().find(|it| it["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
        assert_eq!(of("deprecated-runtime")["verdict"], "waived", "{source}");
        let open = &of("anonymous-invocation")["location"];
        assert_eq!(open["file"], "infra/template.yaml", "{source}");
        assert!(text_at(&template, open).contains("NONE"), "{open}");
    }
}
