//! What assets become.

use serde_json::json;

use super::*;
use crate::{
    evidence::GapReason,
    snapshot::{ReadState, Snapshot},
};

fn asset(kind: &str, name: &str, data: Value) -> Value {
    json!({"name": name, "asset_type": kind, "resource": {"version": "v1", "data": data},
        "ancestors": ["projects/12", "organizations/1"], "update_time": "2026-11-20T10:00:00Z"})
}

fn project() -> Value {
    let data = json!({"projectId": "p", "projectNumber": "12", "lifecycleState": "ACTIVE",
        "parent": {"type": "organization", "id": "1"}});
    asset("cloudresourcemanager.googleapis.com/Project", "//cloudresourcemanager.googleapis.com/projects/12", data)
}

fn lines(assets: &[Value]) -> String {
    assets.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

fn snapshot(text: &str) -> Snapshot {
    assert!(looks_like_one(text), "{text}");
    read("export.json", text, jiff::Timestamp::UNIX_EPOCH).expect("an export")
}

fn body(snapshot: &Snapshot, kind: Kind, id: &str) -> Value {
    let record = snapshot.records.iter().find(|record| record.kind == kind.name && record.id == id);
    serde_json::from_str(record.unwrap_or_else(|| panic!("no {} {id}", kind.name)).body.get()).expect("JSON")
}

#[test]
fn a_line_an_asset_and_a_list_of_assets_are_the_same_export() {
    let service = asset(
        "run.googleapis.com/Service",
        "//run.googleapis.com/projects/p/locations/r/services/s",
        json!({"metadata": {"name": "s"}}),
    );
    let by_line = snapshot(&lines(&[project(), service.clone()]));
    let camel = json!([project(), {"name": service["name"], "assetType": service["asset_type"],
        "resource": service["resource"], "ancestors": service["ancestors"], "updateTime": "2026-11-20T10:00:00Z"}]);
    let pretty = serde_json::to_string_pretty(&camel).expect("text");
    let as_list = snapshot(&pretty);
    let text = |snapshot: &Snapshot| serde_json::to_string(snapshot).expect("text");
    assert_eq!(text(&by_line), text(&as_list));
    assert_eq!(by_line.taken_at, "2026-11-20T10:00:00Z".parse().expect("a time"));
    let of = |kind: Kind| by_line.coverage.iter().find(|line| line.kind == kind.name).map(|line| line.state);
    assert_eq!(of(google::SERVICE), Some(ReadState::Read));
    // Nothing says that jobs were asked for.
    assert_eq!(of(google::JOB), Some(ReadState::Unread));
    assert!(!looks_like_one("{\"schema\": \"egress-audit/snapshot/v1\"}"));
    assert!(!looks_like_one("[]") && !looks_like_one("") && !looks_like_one("[{\"a\": 1}]"));
}

#[test]
fn what_nobody_filtered_holds_every_kind() {
    let bucket = asset("storage.googleapis.com/Bucket", "//storage.googleapis.com/b", json!({}));
    let all = snapshot(&lines(&[project(), bucket]));
    assert!(all.gaps.is_empty(), "{:?}", all.gaps);
    assert!(all.coverage.iter().all(|line| line.state == ReadState::Read));
}

#[test]
fn projects_are_called_by_their_ids_and_accounts_by_their_addresses() {
    let email = "a@p.iam.gserviceaccount.com";
    let account = "//iam.googleapis.com/projects/p/serviceAccounts/777";
    let with_policy = |name: &str, kind: &str, role: &str| {
        json!({"name": name, "asset_type": kind, "ancestors": ["projects/12"],
            "iam_policy": {"bindings": [{"role": role, "members": ["allUsers"]}]}})
    };
    let all = snapshot(&lines(&[
        project(),
        with_policy(account, "iam.googleapis.com/ServiceAccount", "roles/iam.serviceAccountTokenCreator"),
        with_policy(
            "//cloudresourcemanager.googleapis.com/projects/12",
            "cloudresourcemanager.googleapis.com/Project",
            "roles/editor",
        ),
        asset(
            "iam.googleapis.com/ServiceAccount",
            account,
            json!({"email": email, "projectId": "p", "uniqueId": "777"}),
        ),
        asset(
            "iam.googleapis.com/ServiceAccountKey",
            &format!("{account}/keys/k"),
            json!({"name": format!("projects/p/serviceAccounts/{email}/keys/k"), "keyType": "USER_MANAGED"}),
        ),
        asset(
            "iam.googleapis.com/PolicyV2",
            "//iam.googleapis.com/x",
            json!({"name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F12/denypolicies/d", "rules": []}),
        ),
    ]));
    assert!(body(&all, google::SERVICE_ACCOUNT_POLICY, email)["bindings"].is_array());
    assert_eq!(body(&all, google::SERVICE_ACCOUNT_KEYS, email)["keys"].as_array().map(Vec::len), Some(1));
    let node = "//cloudresourcemanager.googleapis.com/projects/p";
    assert!(body(&all, google::PROJECT_POLICY, node)["bindings"].is_array());
    assert_eq!(body(&all, google::PROJECT, node)["name"], "projects/12");
    assert_eq!(body(&all, google::PROJECT, node)["parent"], "organizations/1");
    assert_eq!(body(&all, google::ANCESTRY, node)["ancestor"][1]["resourceId"]["type"], "organization");
    assert_eq!(body(&all, google::DENY_POLICIES, node)["policies"].as_array().map(Vec::len), Some(1));
    assert!(all.records.iter().all(|record| record.scope.account == "p"), "{:?}", all.records);
}

#[test]
fn the_newer_form_of_a_function_wins_whichever_comes_first() {
    let name = "//cloudfunctions.googleapis.com/projects/p/locations/r/functions/f";
    let newer = asset("cloudfunctions.googleapis.com/Function", name, json!({"environment": "GEN_1"}));
    let older = asset("cloudfunctions.googleapis.com/CloudFunction", name, json!({"status": "ACTIVE"}));
    for assets in [[project(), newer.clone(), older.clone()], [project(), older, newer]] {
        assert_eq!(body(&snapshot(&lines(&assets)), google::FUNCTION, name)["environment"], "GEN_1");
    }
}

#[test]
fn a_line_that_cannot_be_read_makes_every_list_partial() {
    let text = format!("{}{}\n{{\"name\": \"//x\", \"asset_ty\n", lines(&[project()]), "{\"a\": 1, \"a\": 2}");
    let snapshot = snapshot(&text);
    let faults: Vec<_> = snapshot.gaps.iter().filter(|gap| gap.why == GapReason::Malformed).collect();
    assert!(faults.iter().any(|gap| gap.detail.as_deref().is_some_and(|it| it.contains("line 2"))), "{faults:?}");
    assert!(faults.iter().any(|gap| gap.detail.as_deref().is_some_and(|it| it.contains("line 3"))));
    assert!(snapshot.coverage.iter().all(|line| line.state != ReadState::Read));
}

#[test]
fn a_file_without_one_asset_is_an_error() {
    let error = read("x.json", "{\"asset_type\": 1}\n", jiff::Timestamp::UNIX_EPOCH).expect_err("nothing in it");
    assert!(error.to_string().contains("line 1"), "{error}");
}
