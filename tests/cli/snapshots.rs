//! Snapshots that are saved, replayed, damaged and hostile.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::program::{egress_audit, folder, printed, said, scenario};

#[test]
fn a_saved_snapshot_is_its_owners_alone_and_replays_to_the_same_report() {
    let folder = folder();
    let output = egress_audit(folder.path(), &["collect", "demo", "-o", "saved.json"]);
    assert_eq!(output.status.code(), Some(3), "the demo has a gap: {}", said(&output));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path().join("saved.json")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let report = |source: &str| printed(&egress_audit(folder.path(), &["report", source, "--format", "json"]));
    assert_eq!(report("saved.json").replace("saved.json", "demo"), report("demo"));
    egress_audit(folder.path(), &["collect", "saved.json", "-o", "again.json"]);
    let bytes = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    assert_eq!(bytes("saved.json"), bytes("again.json"));
}

#[test]
fn an_output_is_whole_or_absent_and_never_follows_a_link() {
    let folder = folder();
    let output = egress_audit(folder.path(), &["collect", "demo", "-o", "no/such/folder.json"]);
    assert_eq!(output.status.code(), Some(2));
    fs::create_dir(folder.path().join("taken")).expect("a folder");
    assert_eq!(egress_audit(folder.path(), &["collect", "demo", "-o", "taken"]).status.code(), Some(2));
    #[cfg(unix)]
    {
        fs::write(folder.path().join("target"), "kept").expect("written");
        std::os::unix::fs::symlink("target", folder.path().join("link")).expect("a link");
        let output = egress_audit(folder.path(), &["report", "demo", "--write", "json=link"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert_eq!(fs::read_to_string(folder.path().join("target")).expect("text"), "kept");
    }
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|it| it.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".egress-audit")), "{left:?}");
}

fn refused(folder: &Path, bytes: &[u8]) -> String {
    fs::write(folder.join("bad.json"), bytes).expect("written");
    let output = egress_audit(folder, &["report", "bad.json"]);
    let said = said(&output);
    assert_eq!((output.status.code(), printed(&output)), (Some(2), String::new()), "{said}");
    said
}

#[test]
fn what_is_not_a_snapshot_is_refused_with_its_reason_and_place() {
    let folder = folder();
    let sound = fs::read_to_string(scenario("sound")).expect("text");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let twice = sound.replacen("\"SubnetId\"", "\"SubnetId\":\"subnet-other\",\"SubnetId\"", 1);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (bytes, words) in [
        (sound.replace("snapshot/v1", "snapshot/v9").into_bytes(), "`egress-audit/snapshot/v9`"),
        (b"{}".to_vec(), "it has no `schema`"),
        (b"{\"schema\":".to_vec(), "line 1"),
        (twice.into_bytes(), "stands twice in one object"),
        (deep.into_bytes(), "nested deeper than 64 levels"),
        (utf16, "UTF-16"),
        (vec![0xc3, 0x28], "not UTF-8"),
        (sound.as_bytes()[..sound.len() / 2].to_vec(), "not a snapshot"),
        (sound.replacen("\"gaps\"", "\"gapz\"", 1).into_bytes(), "gapz"),
    ] {
        let said = refused(folder.path(), &bytes);
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(egress_audit(folder.path(), &["report", "."]).status.code(), Some(2));
}

#[test]
fn a_file_beyond_all_measure_is_refused_before_it_is_read() {
    let folder = folder();
    let file = fs::File::create(folder.path().join("huge.json")).expect("a file");
    // Sparse: it takes no room, and would take all memory if it were read.
    file.set_len(2 * 1024 * 1024 * 1024).expect("its length");
    let output = egress_audit(folder.path(), &["report", "huge.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("larger than 512 MiB"), "{}", said(&output));
}

#[test]
fn a_record_that_cannot_be_understood_is_a_gap_and_not_a_missing_resource() {
    let folder = folder();
    let sound = fs::read_to_string(scenario("sound")).expect("text");
    let broken = sound.replace("\"NatGatewayAddresses\":[", "\"NatGatewayAddresses\":7,\"Other\":[");
    assert_ne!(broken, sound);
    fs::write(folder.path().join("broken.json"), broken).expect("written");
    let output = egress_audit(folder.path(), &["report", "broken.json"]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("ec2:nat-gateway nat-a (malformed)"), "{}", printed(&output));
}

#[test]
fn hostile_names_move_no_terminal_and_start_no_command() {
    let folder = folder();
    let sound = fs::read_to_string(scenario("public-url")).expect("text");
    let hostile = "::error::x\\u001b[2J\\r\\n::set-output\\u202e|<script>\\u009b";
    let renamed = sound.replace("\"FunctionName\":\"orders\"", &format!("\"FunctionName\":\"{hostile}\""));
    assert_ne!(renamed, sound);
    fs::write(folder.path().join("hostile.json"), renamed).expect("written");
    for arguments in [
        &["report", "hostile.json"][..],
        &["report", "hostile.json", "--format", "json"],
        &["report", "hostile.json", "--format", "sarif"],
        &["ips", "hostile.json"],
        &["trace", "function:orders", "hostile.json"],
    ] {
        let text = printed(&egress_audit(folder.path(), arguments));
        assert!(!text.is_empty(), "{arguments:?}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{arguments:?}");
        assert!(!text.contains('\u{202e}'), "{arguments:?}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{arguments:?}\n{text}");
    }
}

#[test]
fn what_two_sources_read_alike_is_judged_once() {
    let report = |sources: &[&str]| -> Value {
        let mut arguments = vec!["report", "--format", "json"];
        arguments.extend(sources);
        serde_json::from_str(&printed(&egress_audit(folder().path(), &arguments))).expect("JSON")
    };
    let (one, other) = (scenario("function-in-public-subnet"), scenario("sound"));
    let (alone, twice) = (report(&[&one]), report(&[&one, &one]));
    for part in ["evaluations", "summary", "coverage", "scopes", "complete"] {
        assert_eq!(alone[part], twice[part], "{part}");
    }
    // Of two that differ the first one stays, whichever that is.
    let count = |value: &Value| value["coverage"].as_array().map(Vec::len);
    assert_eq!(count(&report(&[&one, &other])), count(&alone));
}

#[test]
fn the_head_names_a_few_scopes_and_counts_the_rest() {
    let folder = folder();
    let sound: Value = serde_json::from_str(&fs::read_to_string(scenario("sound")).expect("a file")).expect("JSON");
    let scopes: Vec<Value> =
        (0..30).map(|nth| json!({"id": format!("aws:{:012}:us-west-{}", nth / 3 + 1, nth % 3)})).collect();
    let wide = json!({"scopes": scopes, "coverage": [], "gaps": [], "records": []});
    let mut whole = sound.clone();
    for (part, value) in wide.as_object().expect("an object") {
        whole[part] = value.clone();
    }
    fs::write(folder.path().join("wide.json"), whole.to_string()).expect("a file");
    let text = printed(&egress_audit(folder.path(), &["report", "wide.json"]));
    assert!(text.contains("\nand 22 more scopes, in all of 10 accounts: `--format json` has them\n"), "{text}");
}

/// What the report of a snapshot finds, in words.
fn found(folder: &Path, snapshot: &Value) -> Vec<String> {
    fs::write(folder.join("read.json"), snapshot.to_string()).expect("written");
    let output = egress_audit(folder, &["report", "read.json", "--format", "json"]);
    let report: Value = serde_json::from_str(&printed(&output)).expect("a report");
    let findings = report["evaluations"].as_array().expect("findings");
    findings.iter().map(|it| format!("{} {}", it["rule"], it["message"])).collect()
}

#[test]
fn a_group_of_another_account_gives_its_namesakes_members_nothing() {
    let folder = folder();
    let text = fs::read_to_string(scenario("user-who-can-let-themselves-call")).expect("text");
    let mut snapshot: Value = serde_json::from_str(&text).expect("JSON");
    let own = found(folder.path(), &snapshot);
    assert!(own.iter().any(|it| it.contains("self-granting-principal")), "{own:?}");
    // It comes before the own one, and holds nothing.
    let records = snapshot["records"].as_array_mut().expect("records");
    let mut other = records.iter().find(|it| it["kind"] == "iam:group").expect("a group").clone();
    other["id"] = "arn:aws:iam::000000000001:group/deployers".into();
    other["scope"] = "aws:000000000001:global".into();
    other["body"]["GroupPolicyList"] = json!([]);
    records.insert(0, other);
    assert_eq!(found(folder.path(), &snapshot), own);
}

/// The snapshot of a scenario.
fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(scenario(name)).expect("text")).expect("JSON")
}

/// The bodies of the records of a kind.
fn bodies<'a>(snapshot: &'a mut Value, kind: &str) -> Vec<&'a mut Value> {
    let records = snapshot["records"].as_array_mut().expect("records");
    let found: Vec<_> = records.iter_mut().filter(|it| it["kind"] == kind).map(|it| &mut it["body"]).collect();
    assert!(!found.is_empty(), "no {kind}");
    found
}

#[test]
fn what_forwards_and_does_not_say_where_to_leads_to_nobody_knows_whom() {
    let folder = folder();
    let mut snapshot = read("load-balancer-with-sign-in-that-lets-on");
    let fails = |found: &[String]| found.iter().filter(|it| it.contains("anonymous-invocation")).cloned().collect();
    let own: Vec<String> = fails(&found(folder.path(), &snapshot));
    assert!(own.iter().all(|it| it.contains("can call")) && !own.is_empty(), "{own:?}");
    for rules in bodies(&mut snapshot, "elasticloadbalancing:rules") {
        rules["Rules"][0]["Actions"][0].as_object_mut().expect("an action").remove("TargetGroupArn");
    }
    let now: Vec<String> = fails(&found(folder.path(), &snapshot));
    assert_eq!(now, [r#""anonymous-invocation" """#], "it is not evaluated, and does not pass");
}

#[test]
fn a_domain_that_names_no_endpoint_is_not_taken_for_a_public_one() {
    let folder = folder();
    let mut snapshot = read("domain-with-certificates-alone");
    for domain in bodies(&mut snapshot, "apigateway:domain-name") {
        domain.as_object_mut().expect("a domain").remove("endpointConfiguration");
    }
    fs::write(folder.path().join("read.json"), snapshot.to_string()).expect("written");
    let output = egress_audit(folder.path(), &["report", "read.json", "--fail-on", "critical"]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("malformed"), "{}", printed(&output));
}

#[test]
fn a_credential_in_a_policy_of_a_foreign_snapshot_goes_no_further() {
    let folder = folder();
    let secret = "AKIAIOSFODNN7EXAMPLE";
    let mut snapshot = read("user-who-can-let-themselves-call");
    for group in bodies(&mut snapshot, "iam:group") {
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "lambda:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:Referer": secret}}}});
        group["GroupPolicyList"][0]["PolicyDocument"] = policy.to_string().into();
    }
    fs::write(folder.path().join("read.json"), snapshot.to_string()).expect("written");
    let output = egress_audit(folder.path(), &["collect", "read.json", "-o", "kept.json"]);
    let kept = fs::read_to_string(folder.path().join("kept.json")).expect("a snapshot");
    assert!(!kept.contains(secret) && kept.contains("(withheld)"), "{}", said(&output));
}
