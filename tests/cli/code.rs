//! Infrastructure code as a source: folders, plans and states.

use std::{fs, path::Path};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said};

pub(crate) fn terraform(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform").join(path).to_string_lossy().into_owned()
}

/// A folder with these files.
pub(crate) fn with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let made = folder();
    for (name, text) in files {
        let path = made.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    made
}

fn sound() -> String {
    fs::read_to_string(terraform("google/sound/main.tf")).expect("a file")
}

pub(crate) fn json(output: &std::process::Output) -> Value {
    serde_json::from_str(&printed(output)).expect("JSON")
}

#[test]
fn without_a_source_the_code_in_the_working_folder_is_judged() {
    let code = with(&[("main.tf", &sound())]);
    for command in ["report", "ips"] {
        let named = egress_audit(code.path(), &[command, "."]);
        let bare = egress_audit(code.path(), &[command]);
        assert_eq!((printed(&bare), bare.status.code()), (printed(&named), named.status.code()), "{command}");
        assert!(!printed(&bare).is_empty(), "{command}");
    }
}

#[test]
fn a_folder_that_is_in_order_ends_with_0_and_says_what_is_judged() {
    let code = with(&[("main.tf", &sound())]);
    let output = egress_audit(code.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(printed(&output).contains("only what it declares is judged"), "{}", printed(&output));
    let report = json(&egress_audit(code.path(), &["report", ".", "--format", "json"]));
    assert_eq!(report["complete"], true);
    assert!(report["coverage"].as_array().expect("a list").iter().all(|line| line["state"] == "declared"));
}

#[test]
fn a_folder_a_plan_and_a_saved_reading_of_it_are_sources_of_every_command() {
    let code = with(&[("main.tf", &fs::read_to_string(terraform("seeds/seed1/main.tf")).expect("a file"))]);
    let plan = terraform("seeds/seed1/plan.json");
    let saved = egress_audit(code.path(), &["collect", ".", "-o", "saved.json"]);
    assert_eq!(saved.status.code(), Some(0), "{}", said(&saved));
    let mut reports = Vec::new();
    for source in [".", plan.as_str(), "saved.json"] {
        let output = egress_audit(code.path(), &["report", source, "--format", "json", "--all"]);
        assert_eq!(output.status.code(), Some(1), "{source}");
        reports.push(json(&output)["evaluations"].clone());
        let trace = printed(&egress_audit(code.path(), &["trace", "testIP", source]));
        assert!(trace.contains("(static)") && trace.contains("functions-static-ip"), "{trace}");
        let invokers = printed(&egress_audit(code.path(), &["invokers", "testIP", source]));
        assert!(invokers.contains("allUsers"), "{invokers}");
        let ips = egress_audit(code.path(), &["ips", source]);
        assert_eq!(ips.status.code(), Some(3), "the address is known after the apply alone");
        assert!(printed(&ips).contains("functions-static-ip"), "{}", printed(&ips));
    }
    assert_eq!(reports[0], reports[2]);
    // A plan has no places in files; all else is the same.
    for part in ["rule", "verdict", "message", "subject"] {
        let of =
            |report: &Value| report.as_array().expect("a list").iter().map(|it| it[part].clone()).collect::<Vec<_>>();
        assert_eq!(of(&reports[0]), of(&reports[1]));
    }
    let open = reports[0].as_array().expect("a list").iter().find(|it| it["rule"] == "open-ingress").expect("it fails");
    assert_eq!((&open["location"]["file"], &open["location"]["line"]), (&"main.tf".into(), &45.into()));
}

#[test]
fn a_file_that_is_cut_off_is_named_with_its_line_and_ends_with_3() {
    let code = with(&[
        ("main.tf", &sound()),
        ("more.tf", "locals {\n  a = 1\n}\nresource \"google_compute_route\" \"x\" {\n  name ="),
    ]);
    let output = egress_audit(code.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("more.tf line 5"), "{}", printed(&output));
    let allowed = egress_audit(code.path(), &["report", ".", "--allow-incomplete"]);
    assert_eq!(allowed.status.code(), Some(0));
}

#[test]
fn a_folder_without_code_and_a_plan_of_the_future_are_errors_with_a_hint() {
    let empty = folder();
    let output = egress_audit(empty.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("holds no infrastructure code") && said(&output).contains("hint"),
        "{}",
        said(&output)
    );
    let plan = with(&[(
        "plan.json",
        "{\"format_version\": \"9.0\", \"terraform_version\": \"9.0.0\", \"resource_changes\": []}",
    )]);
    let output = egress_audit(plan.path(), &["report", "plan.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("format 9.0"), "{}", said(&output));
}

fn template(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation").join(name);
    fs::read_to_string(path).expect("a template")
}

#[test]
fn a_template_is_a_source_whatever_it_is_called_and_so_is_a_folder_with_one_beside_terraform() {
    let code = with(&[
        ("stack.txt", &template("seed4.yaml")),
        ("both/main.tf", &sound()),
        ("both/stack.yml", &template("seed4.yaml")),
    ]);
    for source in ["stack.txt", "both"] {
        let output = egress_audit(code.path(), &["report", source, "--format", "json", "--all"]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let report = json(&output);
        let failed = |rule: &str| {
            let all = report["evaluations"].as_array().expect("a list");
            all.iter().any(|it| it["rule"] == rule && it["verdict"] == "fail")
        };
        assert!(failed("any-principal-invocation") && failed("unusable-key"), "{source}");
    }
    let traced = printed(&egress_audit(code.path(), &["trace", "topTenClashOfClans", "stack.txt"]));
    assert!(traced.contains("(static)"), "{traced}");
}

#[test]
fn a_template_that_is_cut_off_is_an_error_alone_and_a_gap_in_a_folder() {
    let cut = "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock:";
    let code = with(&[("cut.yaml", cut), ("main.tf", &sound())]);
    let alone = egress_audit(code.path(), &["report", "cut.yaml"]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(said(&alone).contains("cut.yaml") && said(&alone).contains("line "), "{}", said(&alone));
    let output = egress_audit(code.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("cut.yaml line "), "{}", printed(&output));
    // What is of another template does not touch what Terraform says.
    let report = json(&egress_audit(code.path(), &["report", ".", "--format", "json", "--all"]));
    let open = |it: &&Value| it["verdict"] == "not-evaluated";
    assert_eq!(report["evaluations"].as_array().expect("a list").iter().filter(open).count(), 0);
}

#[test]
fn a_folder_of_terraform_and_templates_is_several_scopes_and_each_is_judged_though_one_is_cut_off() {
    let whole = template("sound.yaml");
    let cut = whole.get(..whole.find("AddressB.AllocationId").expect("an address")).expect("a half");
    let line = cut.lines().count();
    let code = with(&[("tf/main.tf", &sound()), ("a/template.yaml", &whole), ("b/template.yaml", cut)]);
    let output = egress_audit(code.path(), &["report", "."]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let head = printed(&output);
    let named = (line.saturating_sub(1)..=line + 1).any(|line| head.contains(&format!("b/template.yaml line {line}")));
    assert!(named, "{line} {head}");
    let report = json(&egress_audit(code.path(), &["report", ".", "--format", "json", "--all"]));
    assert_eq!(report["complete"], false);
    let passed = |cloud: &str, name: &str| {
        let all = report["evaluations"].as_array().expect("a list");
        let own = all.iter().filter(|it| it["subject"]["cloud"] == cloud && it["subject"]["name"] == name);
        own.filter(|it| it["verdict"] == "pass").count()
    };
    assert!(passed("aws", "orders") > 15 && passed("gcp", "orders") > 15, "{report:#}");
    let scopes: Vec<String> = report["scopes"].as_array().expect("a list").iter().map(ToString::to_string).collect();
    let of = |word: &str| scopes.iter().any(|scope| scope.contains(word));
    assert!(of("template.yaml") && of("shop-prod"), "{scopes:?}");
    // Each alone is in order.
    for (folder, expected) in [("a", 0), ("tf", 0), ("b", 3)] {
        let output = egress_audit(&code.path().join(folder), &["report", "."]);
        assert_eq!(output.status.code(), Some(expected), "{folder} {}{}", printed(&output), said(&output));
    }
}

#[test]
fn a_template_of_sam_in_order_ends_with_0() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sam/inputs/sound.yaml");
    let code = with(&[("template.yaml", &fs::read_to_string(path).expect("a template"))]);
    for source in [".", "template.yaml"] {
        let output = egress_audit(code.path(), &["report", source]);
        assert_eq!(output.status.code(), Some(0), "{source} {}{}", printed(&output), said(&output));
    }
}

#[test]
fn each_root_of_a_repository_is_a_scope_of_its_own() {
    let root = |name: &str| {
        format!(
            "variable \"project\" {{}}\nprovider \"google\" {{\n  project = var.project\n}}\nresource \"google_cloud_run_v2_service\" \"s\" {{\n  name     = \"{name}\"\n  location = \"europe-west1\"\n  template {{}}\n}}\n"
        )
    };
    let code = with(&[("live/dev/main.tf", &root("s")), ("live/prod/main.tf", &root("s"))]);
    let report = json(&egress_audit(code.path(), &["report", ".", "--format", "json", "--all"]));
    let mut accounts: Vec<_> = report["evaluations"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|it| it["subject"]["kind"] == "workload")
        .map(|it| it["subject"]["account"].as_str().expect("a text").to_owned())
        .collect();
    accounts.sort();
    accounts.dedup();
    assert_eq!(accounts, ["(var.project in live%2fdev)", "(var.project in live%2fprod)"]);
}

#[test]
fn files_of_values_make_known_what_code_leaves_open() {
    let code = with(&[
        (
            "infra/main.tf",
            "variable \"who\" {}\nprovider \"google\" {\n  project = \"p\"\n}\nresource \"google_cloud_run_v2_service\" \"s\" {\n  name     = \"s\"\n  location = \"europe-west1\"\n  template {}\n}\nresource \"google_cloud_run_v2_service_iam_member\" \"m\" {\n  name   = google_cloud_run_v2_service.s.name\n  role   = \"roles/run.invoker\"\n  member = var.who\n}\n",
        ),
        ("everyone.tfvars", "who = \"allUsers\"\n"),
        ("one.tfvars.json", "{\"who\": \"user:a@example.com\"}"),
        ("broken.tfvars", "who =\n"),
    ]);
    let verdict = |files: &[&str]| {
        let named: Vec<&str> = files.iter().flat_map(|file| ["--var-file", file]).collect();
        let all = [&["report", "infra", "--format", "json", "--all"][..], &named].concat();
        let report = json(&egress_audit(code.path(), &all));
        let all = report["evaluations"].as_array().expect("a list");
        let found = all.iter().find(|it| it["rule"] == "anonymous-invocation").expect("it is there");
        found["verdict"].as_str().expect("a text").to_owned()
    };
    assert_eq!(verdict(&[]), "not-evaluated");
    assert_eq!(verdict(&["everyone.tfvars"]), "fail");
    assert_eq!(verdict(&["one.tfvars.json"]), "pass");
    assert_eq!(verdict(&["everyone.tfvars", "one.tfvars.json"]), "pass", "the last one counts");
    for (option, file, why) in [
        ("--var-file", "broken.tfvars", "broken.tfvars:"),
        ("--var-file", "missing.tfvars", "missing.tfvars"),
        ("--parameters", "one.tfvars", "one.tfvars"),
        ("--parameters", "broken.tfvars", "broken.tfvars"),
    ] {
        let output = egress_audit(code.path(), &["report", "infra", option, file]);
        assert_eq!(output.status.code(), Some(2), "{option} {file}: {}", said(&output));
        assert!(said(&output).contains(why), "{}", said(&output));
    }
}

#[test]
fn values_of_parameters_make_known_what_a_template_leaves_open() {
    let code = with(&[
        (
            "t.yaml",
            "Parameters:\n  Who: {Type: String}\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs24.x\n      Handler: index.handler\n      InlineCode: x\n  Grant:\n    Type: AWS::Lambda::Permission\n    Properties:\n      FunctionName: !Ref Fn\n      Action: lambda:InvokeFunction\n      Principal: !Ref Who\n",
        ),
        ("open.json", "[{\"ParameterKey\": \"Who\", \"ParameterValue\": \"*\"}]"),
        ("shut.json", "{\"Parameters\": {\"Who\": \"111122223333\"}}"),
    ]);
    for (values, wanted) in [(None, "not-evaluated"), (Some("open.json"), "fail"), (Some("shut.json"), "pass")] {
        let named: Vec<&str> = values.iter().flat_map(|file| ["--parameters", file]).collect();
        for source in ["t.yaml", "."] {
            let all = [&["report", source, "--format", "json", "--all", "--region", "us-west-2"][..], &named].concat();
            let report = json(&egress_audit(code.path(), &all));
            let all = report["evaluations"].as_array().expect("a list");
            let found = all.iter().find(|it| it["rule"] == "any-principal-invocation").expect("it is there");
            assert_eq!(found["verdict"], wanted, "{values:?} {source}");
            assert_eq!(found["subject"]["region"], "us-west-2");
        }
    }
}

/// Callers that only a variable names: what Checkov passes (`CKV_GCP_107` and `CKV_GCP_102`) as not public.
const CALLED_BY_WHOM: [&str; 2] = [
    r#"
resource "google_cloudfunctions_function" "f" {
  name                         = "f"
  project                      = "p"
  region                       = "us-central1"
  runtime                      = "nodejs22"
  trigger_http                 = true
  https_trigger_security_level = "SECURE_ALWAYS"
  service_account_email        = google_service_account.f.email
}
resource "google_cloudfunctions_function_iam_member" "m" {
  cloud_function = google_cloudfunctions_function.f.name
  role           = "roles/cloudfunctions.invoker"
  member         = var.who
}
"#,
    r#"
resource "google_cloud_run_service" "f" {
  name     = "f"
  project  = "p"
  location = "us-central1"
  template {
    spec {
      service_account_name = google_service_account.f.email
      containers { image = "us-docker.pkg.dev/cloudrun/container/hello" }
    }
  }
}
resource "google_cloud_run_service_iam_member" "m" {
  service  = google_cloud_run_service.f.name
  location = google_cloud_run_service.f.location
  project  = "p"
  role     = "roles/run.invoker"
  member   = var.who
}
"#,
];

#[test]
fn a_member_that_only_a_variable_names_is_not_evaluated_and_ends_with_3_where_checkov_passes_it() {
    let rest = "variable \"who\" {}\nresource \"google_service_account\" \"f\" {\n  project    = \"p\"\n  account_id = \"f\"\n}\n";
    for text in CALLED_BY_WHOM {
        let code = with(&[("main.tf", &format!("{rest}{text}"))]);
        let output = egress_audit(code.path(), &["report", ".", "--format", "json", "--all"]);
        assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
        let report = json(&output);
        let all = report["evaluations"].as_array().expect("a list");
        for rule in ["anonymous-invocation", "any-principal-invocation"] {
            let own: Vec<_> = all.iter().filter(|it| it["rule"] == rule).collect();
            let open = own.iter().any(|it| it["verdict"] == "not-evaluated" && it["gaps"][0]["what"] == "var.who");
            assert!(open && own.iter().all(|it| it["verdict"] != "pass"), "{rule}: {own:?}");
        }
        // With a value it is one or the other.
        for (who, verdict) in [("allUsers", "fail"), ("user:a@example.com", "pass")] {
            fs::write(code.path().join("terraform.tfvars"), format!("who = \"{who}\"\n")).expect("written");
            let report = json(&egress_audit(code.path(), &["report", ".", "--format", "json", "--all"]));
            let all = report["evaluations"].as_array().expect("a list");
            let own = all.iter().find(|it| it["rule"] == "anonymous-invocation").expect("it is judged");
            assert_eq!(own["verdict"], verdict, "{who}");
        }
    }
}

#[test]
fn code_that_nobody_trusted_signed_is_a_matter_of_the_policy_file_in_both_languages() {
    let function = |name: &str, config: &str| {
        let role = r#"role = "arn:aws:iam::123456789012:role/r""#;
        format!(
            "resource \"aws_lambda_function\" \"{name}\" {{\n  function_name = \"{name}\"\n  {role}\n  runtime = \"nodejs22.x\"\n  {config}\n}}\n"
        )
    };
    let terraform = [
        "resource \"aws_lambda_code_signing_config\" \"strict\" {\n  policies {\n    untrusted_artifact_on_deployment = \"Enforce\"\n  }\n}\n".to_owned(),
        "resource \"aws_lambda_code_signing_config\" \"lax\" {}\nvariable \"config\" {}\n".to_owned(),
        function("signed", "code_signing_config_arn = aws_lambda_code_signing_config.strict.arn"),
        function("warned", "code_signing_config_arn = aws_lambda_code_signing_config.lax.arn"),
        function("hidden", "code_signing_config_arn = var.config"),
        function("bare", ""),
    ];
    let of = |name: &str, config: &str| {
        let config = if config.is_empty() { String::new() } else { format!("      CodeSigningConfigArn: {config}\n") };
        format!(
            "  {name}:\n    Type: AWS::Lambda::Function\n    Properties:\n      FunctionName: {name}\n      Runtime: nodejs22.x\n{config}\
             \u{20}     Role: arn:aws:iam::123456789012:role/r\n      Code: {{S3Bucket: b, S3Key: k}}\n"
        )
    };
    let policies = "{UntrustedArtifactOnDeployment: Enforce}";
    let publishers = "AllowedPublishers: {SigningProfileVersionArns: [p]}";
    let template = [
        "Parameters:\n  Config: {Type: String}\nResources:\n".to_owned(),
        format!(
            "  Strict:\n    Type: AWS::Lambda::CodeSigningConfig\n    Properties:\n      {publishers}\n      CodeSigningPolicies: {policies}\n"
        ),
        format!("  Lax:\n    Type: AWS::Lambda::CodeSigningConfig\n    Properties:\n      {publishers}\n"),
        of("signed", "!Ref Strict"),
        of("warned", "!GetAtt Lax.CodeSigningConfigArn"),
        of("hidden", "!Ref Config"),
        of("bare", ""),
    ];
    let policy = ("policy.yaml", "rules:\n  unsigned-code:\n    params: {required: true}\n");
    for (file, text) in [("main.tf", terraform.concat()), ("template.yaml", template.concat())] {
        let code = with(&[(file, &text), policy]);
        let source = if file == "main.tf" { "." } else { file };
        let silent = json(&egress_audit(code.path(), &["report", source, "--format", "json"]));
        assert!(!silent.to_string().contains("\"unsigned-code\""), "{file}");
        let output = egress_audit(code.path(), &["report", source, "--policy", "policy.yaml"]);
        let table = printed(&output);
        for (name, said) in [
            ("warned", "warned takes a package that no trusted profile signed, and only warns of it"),
            ("bare", "bare takes a package that no trusted profile signed"),
            ("hidden", "unsigned-code               ┆ not evaluated"),
        ] {
            assert!(table.contains(said), "{file} {name}: {table}");
        }
        assert!(!table.contains("signed takes a package"), "{file}: {table}");
    }
}
