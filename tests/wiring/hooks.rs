//! The hooks, run by the real pre-commit in a repository of their user.

use std::{fs, path::Path};

use crate::{
    files::{bash, path, text},
    tools::{told, tool},
};

/// A function that one other account may call.
const TEMPLATE: &str = r#"Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Hook:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: hook
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): pass"}
  Caller:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Hook, Action: lambda:InvokeFunction, Principal: "111122223333"}
"#;

const GIT: &str = "git -c init.defaultBranch=main -c user.name=a -c user.email=a@example.com";

/// A repository with these files.
fn repository(folder: &Path, files: &[(&str, &str)]) -> String {
    fs::create_dir_all(folder).expect("a folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
    bash(folder, &format!("{GIT} init -q && git add -A && {GIT} commit -qm first && git rev-parse HEAD")).trim().into()
}

/// What pre-commit says of a repository with this template.
fn committed(template: &str) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (hooks, user) = (folder.path().join("hooks"), folder.path().join("user"));
    let rev = repository(&hooks, &[(".pre-commit-hooks.yaml", &text(".pre-commit-hooks.yaml"))]);
    let repo = hooks.display();
    let config = format!("repos:\n- repo: {repo}\n  rev: {rev}\n  hooks: [{{id: egress-audit-system}}]\n");
    repository(&user, &[(".pre-commit-config.yaml", &config), ("template.yaml", template)]);
    let programs = Path::new(env!("CARGO_BIN_EXE_egress-audit")).parent().expect("a folder");
    let search = format!("{}:{}", programs.display(), std::env::var("PATH").expect("a path"));
    let mut pre_commit = tool("pre-commit");
    pre_commit.args(["run", "--all-files", "--color", "never"]).current_dir(user);
    told(
        &pre_commit
            .env("PATH", search)
            .env("PRE_COMMIT_HOME", folder.path().join("home"))
            .output()
            .expect("pre-commit"),
    )
}

#[test]
fn pre_commit_stops_a_broken_folder_and_lets_a_sound_one_pass() {
    let (fine, said) = committed(TEMPLATE);
    assert!(fine && said.contains("Passed"), "{said}");
    let (fine, said) = committed(&TEMPLATE.replace("\"111122223333\"", "\"*\""));
    assert!(!fine && said.contains("exit code: 1") && said.contains("any-principal-invocation"), "{said}");
}

#[test]
fn both_hooks_run_the_same_on_the_same_files() {
    let hooks: Vec<serde_json::Value> = serde_saphyr::from_str(&text(".pre-commit-hooks.yaml")).expect("hooks");
    for key in ["name", "entry", "args", "files", "pass_filenames"] {
        assert_eq!(hooks[0][key], hooks[1][key], "{key}");
    }
    assert_eq!(hooks[0]["language"], "rust");
    assert!(path("Cargo.lock").is_file(), "pre-commit builds what is locked");
}
