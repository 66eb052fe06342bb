//! Secrets in what is read: none gets into an artefact, a log or an error, whatever is asked for and however loudly.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    case::run,
    good::{fixture, snapshot},
};

/// What every secret starts with, whatever its letters.
const CANARY: &str = "canary";
const FORMATS: [&str; 9] = ["json", "sarif", "markdown", "html", "csv", "junit", "github", "gitlab", "ocsf"];

/// Everything that the program makes of a source, at its loudest.
fn artefacts(folder: &Path, source: &[&str]) -> Vec<(String, String)> {
    let mut made = Vec::new();
    let mut ask = |arguments: &[&str], more: Vec<String>| {
        let arguments: Vec<String> = arguments.iter().chain(source).map(|it| (*it).to_owned()).chain(more).collect();
        let ran = run(folder, &arguments);
        assert!(matches!(ran.code, Some(0..=4)), "{arguments:?}: {}", ran.said);
        made.push((format!("what {arguments:?} prints"), ran.printed));
        made.push((format!("what {arguments:?} says"), ran.said));
    };
    let writes =
        |prefix: &str| FORMATS.iter().flat_map(|it| ["--write".into(), format!("{it}={prefix}.{it}")]).collect();
    ask(&["collect", "-vvv", "-o", "snapshot.json"], Vec::new());
    ask(&["report", "-vvv", "--no-policy", "--all"], writes("out"));
    ask(&["ips", "-vvv", "--format", "json"], Vec::new());
    ask(&["invokers", "-vvv"], Vec::new());
    for form in
        [&[][..], &["--format", "json"], &["--picture", "svg"], &["--picture", "mermaid"], &["--picture", "dot"]]
    {
        ask(&[&["trace", "orders", "-vvv"], form].concat(), Vec::new());
    }
    for file in FORMATS.iter().map(|it| format!("out.{it}")).chain(["snapshot.json".into()]) {
        let Ok(text) = fs::read_to_string(folder.join(&file)) else { continue };
        made.push((file, text));
    }
    made
}

/// No secret is in anything that is made of these files.
fn kept(files: &[(&str, String)], source: &[&str], planted: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = 0;
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        found += text.to_lowercase().matches(CANARY).count();
    }
    assert!(found >= planted, "{found} are planted");
    let made = artefacts(folder.path(), source);
    assert!(made.len() > 20, "{}", made.len());
    let leaks: Vec<String> = made
        .iter()
        .filter_map(|(what, text)| {
            let at = text.to_lowercase().find(CANARY)?;
            Some(format!("{what}: {}", text.get(at.saturating_sub(60)..at + 40).unwrap_or("at its start")))
        })
        .collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// Secrets in 24 places of Terraform.
const CODE: &str = include_str!("secrets/main.tf");

#[test]
fn no_secret_of_terraform_gets_out() {
    kept(&[("code/main.tf", CODE.into())], &["code"], 24);
}

#[test]
fn no_secret_of_a_file_of_values_gets_out() {
    let values = "secret = \"canary-of-the-values\"\n";
    kept(&[("code/main.tf", CODE.into()), ("v.tfvars", values.into())], &["code", "--var-file", "v.tfvars"], 25);
}

#[test]
fn no_secret_of_a_template_gets_out() {
    let template = fixture("hostile/secrets/template.yaml");
    kept(&[("t.yaml", template.clone())], &["t.yaml"], 10);
    let given = "{\"Given\":\"canary-that-is-given\"}";
    kept(&[("t.yaml", template), ("p.json", given.into())], &["t.yaml", "--parameters", "p.json"], 11);
}

#[test]
fn no_secret_of_a_plan_or_a_state_gets_out() {
    let values = json!({
        "function_name": "orders", "role": "arn:aws:iam::123456789012:role/r", "description": "canary-description",
        "kms_key_arn": "canary-key", "environment": [{"variables": {"A": "canary-env", "DB_PASSWORD": "canary-password"}}],
        "tags": {"token": "canary-tag"}, "source_code_hash": "canary-hash",
    });
    let sensitive = json!({"kms_key_arn": true, "environment": [{"variables": true}], "tags": {"token": true}});
    let password = json!({"password": "canary-of-the-database", "user_data": "canary-user-data"});
    let resource = |kind: &str, values: &Value, sensitive: &Value| {
        json!({"address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a",
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values, "sensitive_values": sensitive})
    };
    let change = |kind: &str, values: &Value, sensitive: &Value| {
        json!({"address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": null, "after": values, "after_unknown": {}, "before_sensitive": false,
                "after_sensitive": sensitive}})
    };
    let resources = json!([
        resource("aws_lambda_function", &values, &sensitive),
        resource("aws_db_instance", &password, &json!({"password": true})),
    ]);
    let changes = json!([
        change("aws_lambda_function", &values, &sensitive),
        change("aws_db_instance", &password, &json!({"password": true})),
    ]);
    let head = "{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",";
    let outputs = json!({"o": {"sensitive": true, "value": "canary-output"}});
    let plan = format!(
        "{head}\"variables\":{{\"v\":{{\"value\":\"canary-variable\"}}}},\"planned_values\":{{\"outputs\":{outputs},\
         \"root_module\":{{\"resources\":{resources}}}}},\"resource_changes\":{changes},\"configuration\":{{}}}}"
    );
    kept(&[("a.json", plan)], &["a.json"], 18);
    let state = format!("{head}\"values\":{{\"outputs\":{outputs},\"root_module\":{{\"resources\":{resources}}}}}}}");
    kept(&[("a.json", state)], &["a.json"], 9);
}

#[test]
fn no_secret_of_a_snapshot_that_somebody_else_wrote_gets_out() {
    let mut all: Value = serde_json::from_str(&snapshot("sound")).expect("JSON");
    let variables = json!({"Variables": {"A": "canary-env", "DB_PASSWORD": "canary-password"}});
    let token = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "alexa-appkit.amazon.com"},
        "Action": "lambda:InvokeFunction", "Resource": "*",
        "Condition": {"StringEquals": {"lambda:EventSourceToken": "canary-token"}}}]});
    let mut planted = 0;
    for record in all["records"].as_array_mut().expect("records") {
        let kind = record["kind"].as_str().expect("a kind").to_owned();
        let body = &mut record["body"];
        match kind.as_str() {
            "lambda:function" => body["Environment"] = variables.clone(),
            "lambda:function-detail" => {
                body["Configuration"]["Environment"] = variables.clone();
                body["Code"]["Location"] = "https://x.example/?X-Amz-Signature=canary-signature".into();
            }
            "lambda:policy" => *body = json!({ "Policy": token.to_string() }),
            _ => continue,
        }
        planted += 1;
    }
    assert_eq!(planted, 3);
    kept(&[("a.json", all.to_string())], &["a.json"], 6);
}

#[test]
fn no_secret_of_what_cannot_be_read_stands_in_the_error() {
    let texts = [
        (
            "a.json",
            "{\"schema\":\"egress-audit/snapshot/v1\",\"records\":[{\"body\":\"canary-body\" \"canary-behind\"}]}",
        ),
        (
            "a.json",
            "{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",\"variables\":{\"a\":\"canary-value\",}}",
        ),
        ("a.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nParameters: {Secret: {Default: canary-default}\n"),
        ("v.tfvars", "secret = \"canary-of-the-values\n"),
    ];
    for (file, text) in texts {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(file), text).expect("a file");
        fs::write(folder.path().join("main.tf"), "resource \"aws_vpc\" \"a\" {}\n").expect("a file");
        let arguments: &[&str] = if file == "v.tfvars" {
            &["collect", ".", "--var-file", file, "-o", "out", "-vvv"]
        } else {
            &["collect", file, "-o", "out", "-vvv"]
        };
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let ran = run(folder.path(), &arguments);
        assert_eq!(ran.code, Some(2), "{file}: {}", ran.said);
        assert!(!ran.said.to_lowercase().contains(CANARY), "{}", ran.said);
    }
}
