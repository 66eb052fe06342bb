//! What a scan takes to read, in forms that others take.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said};

fn permissions(arguments: &[&str]) -> String {
    let output = egress_audit(folder().path(), &[&["permissions"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    printed(&output)
}

/// The permissions of a policy of AWS or a role of Google Cloud.
fn held(arguments: &[&str]) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&permissions(arguments)).expect("JSON");
    let list = document.pointer("/Statement/0/Action").unwrap_or(&document["includedPermissions"]);
    list.as_array().expect("a list").iter().map(|it| it.as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_rule_takes_less_than_all_and_never_more() {
    for source in ["aws", "gcp:projects/shop"] {
        let all = held(&[source]);
        for (rule, few) in [("deprecated-runtime", 6), ("broken-egress-path", 35)] {
            let own = held(&[source, "--rule", rule]);
            assert!(!own.is_empty() && own.is_subset(&all) && own.len() <= few, "{source} {rule}: {own:?}");
        }
        // Another tool's id is a name too, and several are added up.
        let both = held(&[source, "--rule", "deprecated-runtime", "--rule", "CKV_AWS_258", "--rule", "CKV_GCP_102"]);
        assert!(both.is_superset(&held(&[source, "--rule", "deprecated-runtime"])), "{both:?}");
    }
    assert!(!held(&["aws"]).contains("ec2:DescribeRegions"));
    assert!(held(&["aws", "--all-regions"]).contains("ec2:DescribeRegions"));
    assert!(held(&["gcp:projects/shop", "--assets"]).contains("cloudasset.assets.listResource"));
}

#[test]
fn nothing_that_is_asked_for_writes() {
    for source in ["aws", "gcp:organizations/1"] {
        for permission in held(&[source]) {
            let verb = permission.rsplit([':', '.']).next().expect("a verb");
            let reads =
                ["Get", "List", "Describe", "Search", "get", "list", "GET"].iter().any(|it| verb.starts_with(it));
            assert!(reads || verb == "ExportApi", "{permission}");
        }
    }
}

#[test]
fn what_only_folders_can_grant_is_in_no_role_of_a_project() {
    let above = "resourcemanager.folders.getIamPolicy";
    assert!(!held(&["gcp:projects/shop"]).contains(above));
    assert!(held(&["gcp:folders/12"]).contains(above) && held(&["gcp:organizations/1"]).contains(above));
    assert!(permissions(&["gcp:projects/shop", "--format", "commands"]).contains(above));
}

#[test]
fn an_organisation_of_aws_has_a_role_in_each_account_whoever_assumes_it_and_its_trust() {
    let all: Value = serde_json::from_str(&permissions(&["aws:org/audit/reader"])).expect("JSON");
    assert_eq!(all["caller"]["Statement"][1]["Resource"], "arn:aws:iam::*:role/audit/reader");
    assert_eq!(all["caller"]["Statement"][0]["Action"][0], "organizations:ListAccounts");
    assert!(all["trust"]["Statement"][0]["Condition"].is_object() && all["member"]["Statement"].is_array());
}

#[test]
fn terraform_and_a_shell_take_what_is_printed_for_them() {
    for source in ["aws", "aws:org/audit", "gcp:projects/shop", "gcp:folders/12", "gcp:organizations/1"] {
        let code = folder();
        fs::write(code.path().join("main.tf"), permissions(&[source, "--format", "terraform"])).expect("written");
        let output = egress_audit(code.path(), &["collect", ".", "-o", "out.json"]);
        assert_eq!(output.status.code(), Some(0), "{source}: {}", said(&output));
        fs::write(code.path().join("run.sh"), permissions(&[source, "--format", "commands"])).expect("written");
        let shell = Command::new("bash").args(["-n", "run.sh"]).current_dir(code.path()).output().expect("a shell");
        assert!(shell.status.success() && shell.stderr.is_empty(), "{source}");
    }
}

#[test]
fn what_is_no_cloud_takes_no_permission() {
    for (arguments, words) in [
        (&["permissions", "demo"][..], "`demo` is no cloud"),
        (&["permissions", "gcp:x"], "names nothing that is read"),
        (&["permissions", "aws", "--rule", "broken-egress-pat"], "there is no rule `broken-egress-pat`"),
    ] {
        let output = egress_audit(folder().path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(words) && said(&output).contains("hint: "), "{}", said(&output));
    }
}
