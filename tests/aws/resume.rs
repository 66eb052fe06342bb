//! A collection that is killed, at a hundred places, and gone on with: the same file, to the letter.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    estate,
    killed::{Falling, at_points, killed, said, timeless, uninterrupted},
    run::environment,
    stub::{Reply, Request, Stub},
};

const FUNCTIONS: usize = 12;

/// The estate with many functions, each like the one that it has.
fn many(request: &Request) -> Reply {
    let answered = |request: &Request, name: &str| match estate::answer(request) {
        Reply::Text { status, headers, body } => {
            let own = format!("\"FunctionName\":\"{name}\"");
            let body = body.replace("function:f", &format!("function:{name}")).replace("\"FunctionName\":\"f\"", &own);
            Reply::Text { status, headers, body }
        }
        other => other,
    };
    if request.operation == "ListFunctions" {
        let lists = (0..FUNCTIONS).map(|nth| match answered(request, &format!("f{nth:02}")) {
            Reply::Text { body, .. } => serde_json::from_str::<serde_json::Value>(&body).expect("JSON"),
            other => panic!("{other:?}"),
        });
        let all: Vec<_> = lists.flat_map(|list| list["Functions"].as_array().expect("a list").clone()).collect();
        return Reply::ok(serde_json::json!({ "Functions": all }).to_string());
    }
    let named = (0..FUNCTIONS).map(|nth| format!("f{nth:02}")).find(|name| request.path.contains(name.as_str()));
    match named {
        Some(name) => answered(&request.with(&name, "f"), &name),
        None => estate::answer(request),
    }
}

fn collect(endpoint: &str, folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
    command.args(["collect", "aws", "--region", "us-west-2", "-o", "out.json"]).args(more).current_dir(folder);
    command.env_clear().envs(environment(endpoint)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A stub that falls silent at a call.
fn falling(nth: u64) -> (Stub, Falling) {
    let falling = Falling::at(nth);
    let counted = falling.clone();
    (Stub::start(move |request, _| if counted.is_silent() { Reply::Silence } else { many(request) }), falling)
}

#[test]
#[cfg(unix)]
fn a_collection_that_is_killed_anywhere_and_resumed_writes_what_an_uninterrupted_one_does() {
    let (stub, healthy) = falling(u64::MAX);
    let (expected, calls) = uninterrupted(&healthy, &stub.endpoint(), |folder| collect(&stub.endpoint(), folder, &[]));
    let spared = at_points(100, calls, |point| {
        let (stub, falling) = falling(point);
        let endpoint = stub.endpoint();
        let (folder, journal) = killed(&falling, &endpoint, |folder| collect(&endpoint, folder, &[]));
        for secret in estate::SECRETS {
            assert!(!journal.contains(secret), "{point}: the journal holds {secret}");
        }
        assert_eq!(timeless(folder.path(), &endpoint), expected, "{point}");
        calls.saturating_sub(falling.came())
    });
    println!("100 points of {calls} calls: {spared} calls were spared by journals");
    assert!(spared > 3 * calls, "{spared}");
}

#[test]
#[cfg(unix)]
fn an_interrupt_and_a_termination_keep_the_journal_and_say_how_to_go_on() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (stub, falling) = falling(70);
        let child = collect(&stub.endpoint(), folder.path(), &[]).spawn().expect("it starts");
        falling.wait();
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill exists");
        assert!(kill.success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130), "{signal}: {}", said(&output));
        assert!(said(&output).contains("`--resume` goes on"), "{signal}: {}", said(&output));
        assert!(folder.path().join("out.json.journal").exists() && !folder.path().join("out.json").exists());
    }
}

#[test]
fn a_journal_of_something_else_is_refused_and_none_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let stub = Stub::start(|request, _| many(request));
    let resume = |more: &[&str]| {
        let arguments: Vec<&str> = ["--resume"].iter().chain(more).copied().collect();
        let output = collect(&stub.endpoint(), folder.path(), &arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output)
    };
    assert!(resume(&[]).contains("there is no journal `out.json.journal`"), "{}", resume(&[]));
    let head = "{\"journal\":\"egress-audit/journal/v1\",\"tool\":\"0.0.0\",\"asked\":[\"aws\"],\"started\":\"2026-11-22T06:00:00Z\"}";
    fs::write(folder.path().join("out.json.journal"), format!("00 {head}\n")).expect("written");
    assert!(resume(&[]).contains("does not begin as a journal"), "{}", resume(&[]));
    let output = Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(["collect", "demo", "--resume", "-o", "demo.json"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(
        (output.status.code(), said(&output).contains("read from a cloud")),
        (Some(2), true),
        "{}",
        said(&output)
    );
}
