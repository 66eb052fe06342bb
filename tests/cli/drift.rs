//! What code would change in the cloud: a reading of the cloud against a folder.

use std::fs;

use serde_json::Value;

use crate::{
    code::{terraform, with},
    program::{egress_audit, printed},
};

/// The fourth architecture as code.
fn code() -> String {
    fs::read_to_string(terraform("seeds/seed4/main.tf")).expect("a file")
}

/// The cloud as the code makes it: with lists that were read, an account and an address.
fn live(code: &str) -> String {
    let folder = with(&[("main.tf", code)]);
    egress_audit(folder.path(), &["collect", ".", "-o", "live.json"]);
    let text = fs::read_to_string(folder.path().join("live.json")).expect("a file");
    let mut live: Value = serde_json::from_str(&text.replace("(account of aws)", "123456789012")).expect("JSON");
    live.as_object_mut().expect("a snapshot").remove("remarks");
    for line in live["coverage"].as_array_mut().expect("a list") {
        line["state"] = "read".into();
    }
    for record in live["records"].as_array_mut().expect("a list") {
        let record = record.as_object_mut().expect("a record");
        record.remove("origin");
        record.remove("origins");
        let known = |body: &mut Value| body["PublicIp"] = "44.230.9.17".into();
        match record["kind"].as_str().expect("a kind") {
            "ec2:address" => known(&mut record["body"]),
            "ec2:nat-gateway" => known(&mut record["body"]["NatGatewayAddresses"][0]),
            _ => {}
        }
    }
    live.to_string()
}

/// The exit code and the words for what the code changes.
fn diff(live: &str, code: &str) -> (Option<i32>, String) {
    let folder = with(&[("live.json", live), ("code/main.tf", code)]);
    let output = egress_audit(folder.path(), &["diff", "live.json", "code"]);
    (output.status.code(), printed(&output))
}

#[test]
fn code_that_changes_nothing_leaves_open_what_is_known_after_the_apply_alone() {
    let (exit, text) = diff(&live(&code()), &code());
    assert_eq!(exit, Some(3), "{text}");
    assert!(text.contains("which addresses it leaves from is not known any more"), "{text}");
    for wrong in ["is new", "is gone", "cannot call it any more", "can call it:", "its egress is"] {
        assert!(!text.contains(wrong), "{wrong}: {text}");
    }
}

#[test]
fn what_code_would_change_is_said_before_it_is_applied() {
    let nat = "allocation_id = aws_eip.nat.id\n  subnet_id     = aws_subnet.";
    let private = code().replace(&format!("{nat}public.id"), &format!("{nat}private.id"));
    let (exit, text) = diff(&live(&code()), &private);
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("its egress is none, and was static"), "{text}");
    assert!(text.contains("lost its addresses: 44.230.9.17"), "{text}");

    let partner = "resource \"aws_lambda_permission\" \"partner\" {\n  function_name = aws_lambda_function.top_ten.function_name\n  action        = \"lambda:InvokeFunction\"\n  principal     = \"111122223333\"\n}\n";
    let (exit, text) = diff(&live(&code()), &(code() + partner));
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("a new principal can call it: 111122223333"), "{text}");
    let (exit, text) = diff(&live(&(code() + partner)), &code());
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("111122223333 cannot call it any more"), "{text}");
}

#[test]
fn what_the_code_does_not_declare_is_neither_gone_nor_new() {
    let other = "resource \"aws_lambda_function\" \"other\" {\n  function_name = \"other\"\n  role          = aws_iam_role.fn.arn\n  runtime       = \"nodejs24.x\"\n  handler       = \"index.handler\"\n  filename      = \"x.zip\"\n}\n";
    let (_, text) = diff(&live(&(code() + other)), &code());
    assert!(!text.contains("other   is gone") && text.contains("1 more that the code does not declare"), "{text}");
    let (exit, text) = diff(&live(&code()), &(code() + other));
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("is new"), "{text}");
    // Two states of one folder are compared whole.
    let folder = with(&[("old/main.tf", &(code() + other)), ("new/main.tf", &code())]);
    let text = printed(&egress_audit(folder.path(), &["diff", "old", "new"]));
    assert!(text.contains("is gone"), "{text}");
}
