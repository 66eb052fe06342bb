//! Secrets in the answers of Google, in the credentials and in errors: none gets into a file, a journal, a report or a log,
//! however loud it is. Names of resources, which have to be there, are none of the places.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use crate::{
    killed::Falling,
    planted::{CANARIES, FORMATS, MARK, files, formed, leaks, plant},
    run::program,
    stub::{Reply, Request, Stub},
    world::{answer, service},
};

const SERVICES: &str = "run/v1/projects/p/locations/-/services";
const FUNCTIONS: &str = "cloudfunctions/v2/projects/p/locations/-/functions";
const JOBS: &str = "run/apis/run.googleapis.com/v1/namespaces/p/jobs";

/// Where they stand: the list, and the place in each of its items. `+` is one more of a list, as a variable in an `env`.
const PLACES: [(&str, &str); 40] = [
    (SERVICES, "spec/template/spec/containers/0/env/+"),
    (SERVICES, "spec/template/spec/containers/1/env/+"),
    (SERVICES, "spec/template/spec/initContainers/0/env/+"),
    (SERVICES, "spec/template/spec/containers/0/command/+"),
    (SERVICES, "spec/template/spec/containers/0/args/+"),
    (SERVICES, "spec/template/spec/containers/0/args/+"),
    (SERVICES, "spec/template/spec/containers/0/livenessProbe/httpGet/httpHeaders/+"),
    (SERVICES, "spec/template/spec/containers/0/startupProbe/exec/command/+"),
    (SERVICES, "spec/template/spec/containers/0/readinessProbe/httpGet/path"),
    (SERVICES, "spec/template/spec/volumes/0/csi/volumeAttributes/mountOptions"),
    (SERVICES, "metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"),
    (SERVICES, "metadata/annotations/example.com~1deployed-with"),
    (SERVICES, "metadata/annotations/note"),
    (SERVICES, "metadata/annotations/run.googleapis.com~1description"),
    (SERVICES, "metadata/labels/team-token"),
    (SERVICES, "metadata/managedFields/0/fieldsV1"),
    (SERVICES, "spec/template/metadata/annotations/example.com~1checksum"),
    (SERVICES, "spec/template/metadata/annotations/run.googleapis.com~1build-environment-variables"),
    (SERVICES, "spec/template/metadata/labels/secret"),
    (SERVICES, "status/conditions/0/message"),
    (FUNCTIONS, "serviceConfig/environmentVariables/TOKEN"),
    (FUNCTIONS, "serviceConfig/environmentVariables/STAGE"),
    (FUNCTIONS, "buildConfig/environmentVariables/NPM_TOKEN"),
    (FUNCTIONS, "buildConfig/environmentVariables/GOFLAGS"),
    (FUNCTIONS, "buildConfig/sourceToken"),
    (FUNCTIONS, "environmentVariables/OLD"),
    (FUNCTIONS, "buildEnvironmentVariables/OLD"),
    (FUNCTIONS, "sourceUploadUrl"),
    (FUNCTIONS, "sourceToken"),
    (FUNCTIONS, "description"),
    (JOBS, "status/conditions/0/message"),
    (FUNCTIONS, "labels/api-key"),
    (FUNCTIONS, "stateMessages/0/message"),
    (JOBS, "spec/template/spec/template/spec/containers/0/env/+"),
    (JOBS, "spec/template/spec/template/spec/containers/0/command/+"),
    (JOBS, "spec/template/spec/template/spec/containers/0/args/+"),
    (JOBS, "spec/template/metadata/annotations/example.com~1token"),
    (JOBS, "metadata/annotations/note"),
    (JOBS, "metadata/labels/secret"),
    (JOBS, "metadata/annotations/run.googleapis.com~1build-environment-variables"),
];

/// A list with a canary in each of its places, one item for each form.
fn planted(list: &str) -> Vec<Value> {
    let one = |(nth, canary): (usize, &&str)| {
        let mut item = match list {
            SERVICES => service(),
            FUNCTIONS => json!({"environment": "GEN_1", "state": "ACTIVE", "buildConfig": {"runtime": "nodejs18"}}),
            _ => json!({"apiVersion": "run.googleapis.com/v1", "kind": "Job", "metadata": {"namespace": "12",
                "labels": {"cloud.googleapis.com/location": "us-central1"}}}),
        };
        match list {
            FUNCTIONS => item["name"] = format!("projects/p/locations/us-central1/functions/f{nth}").into(),
            _ => item["metadata"]["name"] = format!("s{nth}").into(),
        }
        for (_, place) in PLACES.iter().filter(|(of, _)| *of == list) {
            let pair = place.ends_with("env/+") || place.ends_with("httpHeaders/+");
            let what = if pair { json!({"name": "DB_PASSWORD", "value": canary}) } else { json!(canary) };
            plant(&mut item, place, &what);
        }
        item
    };
    CANARIES.iter().enumerate().map(one).collect()
}

/// What the APIs say, with canaries in it.
fn infested(request: &Request) -> Reply {
    match request.path.as_str() {
        SERVICES => Reply::ok(json!({"kind": "ServiceList", "metadata": {}, "items": planted(SERVICES)})),
        JOBS => Reply::ok(json!({"kind": "JobList", "metadata": {}, "items": planted(JOBS)})),
        FUNCTIONS => Reply::ok(json!({"functions": planted(FUNCTIONS)})),
        _ => answer(request),
    }
}

/// The bearer token, in whatever an error repeats of a request.
const TOKEN: &str = "c4n4ry-access-token";

fn run(endpoint: &str, folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(endpoint, folder, arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn command(endpoint: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program(endpoint);
    command
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command.env("CLOUDSDK_AUTH_ACCESS_TOKEN", TOKEN);
    command
}

#[test]
fn no_secret_in_an_answer_of_google_gets_anywhere() {
    let all: String =
        [SERVICES, JOBS, FUNCTIONS].iter().flat_map(|list| planted(list)).map(|it| it.to_string()).collect();
    let count = all.to_lowercase().matches(MARK).count();
    assert!(count >= PLACES.len() * CANARIES.len(), "{count} are planted");
    let stub = Stub::start(|request, _| infested(request));
    let (endpoint, folder) = (stub.endpoint(), tempfile::tempdir().expect("a folder"));
    let mut texts = Vec::new();
    let mut ask = |arguments: &[&str]| {
        let (code, printed, said) = run(&endpoint, folder.path(), arguments);
        assert!(matches!(code, Some(0..=4)), "{arguments:?}: {said}");
        texts.push((format!("what {arguments:?} prints"), printed));
        texts.push((format!("what {arguments:?} says"), said));
    };
    ask(&["collect", "gcp:projects/p", "-o", "out.json", "-vvv"]);
    for format in FORMATS {
        ask(&["report", "gcp:projects/p", "-vvv", "--all", "--format", format]);
    }
    ask(&["ips", "out.json", "-vvv", "--format", "json"]);
    ask(&["invokers", "s0", "out.json", "-vvv"]);
    ask(&["trace", "s0", "out.json", "-vvv", "--format", "json"]);
    ask(&["diff", "out.json", "out.json", "-vvv"]);
    texts.extend(files(folder.path()));
    // Each of the workloads was read, and nothing of it became a gap.
    let snapshot = fs::read_to_string(folder.path().join("out.json")).expect("a snapshot");
    for id in ["services/s11\"", "functions/f11\"", "jobs/s11\""] {
        assert!(snapshot.contains(id), "{id}");
    }
    assert!(
        snapshot.contains("DB_PASSWORD") && snapshot.contains("github-token"),
        "names stay, and what values look like"
    );
    println!("{count} canaries in {} places, {} texts", PLACES.len(), texts.len());
    let leaks = leaks(&texts);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_in_an_answer_of_google_gets_into_a_journal() {
    let falling = Falling::at(60);
    let counted = falling.clone();
    let stub = Stub::start(move |request, _| if counted.is_silent() { Reply::Silence } else { infested(request) });
    let folder = tempfile::tempdir().expect("a folder");
    let mut collect = command(&stub.endpoint(), folder.path(), &["collect", "gcp:projects/p", "-o", "out.json"]);
    let mut child = collect.spawn().expect("it starts");
    falling.wait();
    child.kill().expect("killed");
    child.wait().expect("it ended");
    let left = files(folder.path());
    assert!(left.iter().any(|(name, text)| name.ends_with(".journal") && text.lines().count() > 3), "{}", left.len());
    let leaks = leaks(&left);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_in_an_error_or_in_what_is_no_answer_gets_anywhere() {
    let mut messages: Vec<String> = formed().map(|it| format!("cannot use '{it}', sorry")).collect();
    messages.push(format!("Request had invalid credentials: Bearer {TOKEN}"));
    let kinds: [fn(&str) -> Reply; 6] = [
        |it| Reply::text(403, it),
        |it| Reply::text(200, it),
        |it| Reply::text(200, format!("{{\"items\": [{{\"a\": {}", json!(it))),
        |it| Reply::ok(json!({"items": it, "nextPageToken": 7})),
        |it| Reply::text(302, "").with("Location", &it.replace('\n', "")),
        |it| Reply::Short(it.into()),
    ];
    let canaries = CANARIES.map(str::to_owned).to_vec();
    let all = kinds.into_iter().map(|kind| (kind, canaries.clone()));
    let message: fn(&str) -> Reply = |it| Reply::error(403, "", it);
    let mut texts = Vec::new();
    for (nth, (kind, said)) in all.chain([(message, messages)]).enumerate() {
        // Each call is answered by another one of them.
        let next = AtomicUsize::new(0);
        let stub = Stub::start(move |request, _| {
            let project = request.path.contains("v3/projects/p") || request.path.contains("v1/projects/p:");
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if project { answer(request) } else { kind(&said[turn % said.len()]) }
        });
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = ["report", "gcp:projects/p", "-vvv", "--all", "--format", "json", "--write", "sarif=out.sarif"];
        let (code, printed, said) = run(&stub.endpoint(), folder.path(), &arguments);
        assert!(matches!(code, Some(1..=4)), "{nth}: {code:?} {said}");
        assert!(stub.seen().len() > 20, "{nth}: {}", stub.seen().len());
        texts.extend([(format!("{nth} printed"), printed), (format!("{nth} said"), said)]);
        texts.extend(files(folder.path()));
    }
    let leaks = leaks(&texts);
    assert!(leaks.is_empty(), "{} of {}:\n{}", leaks.len(), texts.len(), leaks.join("\n"));
}

#[test]
fn no_secret_of_credentials_stands_in_what_is_said_of_them() {
    let stub = Stub::start(|request, _| answer(request));
    let key = json!({"type": "service_account", "client_email": "a@p.iam.gserviceaccount.com", "private_key": CANARIES[4],
        "private_key_id": CANARIES[0], "token_uri": "https://oauth2.googleapis.com/token"});
    let user = json!({"type": "authorized_user", "client_id": "c", "client_secret": CANARIES[0], "refresh_token": CANARIES[1],
        "token_uri": format!("{}/{}", stub.endpoint(), "token")});
    let other = json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
        "token_url": "https://evil.example/", "credential_source": {"url": "https://evil.example/", "headers": {"A": CANARIES[0]}}});
    let texts: Vec<String> = [&key, &user, &other].map(Value::to_string).into();
    let mut found = Vec::new();
    let halves = texts.iter().map(|text| text.chars().take(text.len() / 2).collect::<String>());
    for (nth, file) in texts.iter().cloned().chain(halves).chain(CANARIES.map(str::to_owned)).enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("key"), &file).expect("written");
        for variable in ["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"] {
            let mut command =
                command(&stub.endpoint(), folder.path(), &["collect", "gcp:projects/p", "-o", "out.json", "-vvv"]);
            command.env_remove("CLOUDSDK_AUTH_ACCESS_TOKEN").env(variable, folder.path().join("key"));
            let output = command.output().expect("it runs");
            assert!(matches!(output.status.code(), Some(0..=3)), "{nth}: {}", output.status);
            found.push((format!("{variable} {nth}"), String::from_utf8_lossy(&output.stderr).into_owned()));
            found.extend(files(folder.path()).into_iter().filter(|(name, _)| !name.ends_with("key")));
        }
    }
    let leaks = leaks(&found);
    assert!(leaks.is_empty(), "{} of {}:\n{}", leaks.len(), found.len(), leaks.join("\n"));
}
