//! The fake of Google Cloud: made, started and stopped by the tests themselves.
#![expect(clippy::disallowed_methods, reason = "the estate is given to the server as a file")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::venv;

/// What the fake is made of: Google's documents come with the client.
const PINS: [&str; 2] = ["google-api-python-client==2.202.0", "jsonschema==4.26.0"];

/// The APIs that the fake plays, as gcloud names them in its overrides.
const APIS: [&str; 16] = [
    "artifactregistry",
    "cloudasset",
    "cloudfunctions",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "iam",
    "iamcredentials",
    "iap",
    "networkconnectivity",
    "oauth2",
    "orgpolicy",
    "run",
    "serviceusage",
    "sts",
    "vpcaccess",
];

/// A running server with one estate in it. It ends when it is dropped, and the test fails where a request was not of
/// the form that Google declares, or an answer of the fake's own was not.
pub(crate) struct Fake {
    server: Child,
    port: u16,
    home: TempDir,
    lenient: bool,
}

/// What was asked of the fake, and what was wrong with it.
#[derive(Debug, Deserialize)]
pub(crate) struct Stats {
    /// By `<method id>@<version>`.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Every request in its order: verb, api, path, query, method, and the status where it was refused.
    pub(crate) requests: Vec<Value>,
    /// Answers of the fake that its own documents forbid.
    pub(crate) invalid: Vec<Value>,
    /// Requests that no document knows.
    pub(crate) unknown: Vec<String>,
    /// Parameters and fields that no document declares.
    pub(crate) undeclared: Vec<String>,
}

impl Stats {
    /// All that must not happen.
    fn faults(&self) -> Vec<String> {
        let invalid = self.invalid.iter().map(|it| format!("the fake's own answer is not valid: {it}"));
        let unknown = self.unknown.iter().map(|it| format!("no method of Google: {it}"));
        let undeclared = self.undeclared.iter().map(|it| format!("not declared: {it}"));
        invalid.chain(unknown).chain(undeclared).collect()
    }
}

impl Fake {
    /// Starts a server with one of the estates of `tests/google/estates.py`.
    pub(crate) fn of(estate: &str) -> Self {
        Self::start(&estate_of(estate))
    }

    /// Starts a server with this estate.
    pub(crate) fn start(estate: &Value) -> Self {
        Self::with(estate, &[])
    }

    /// The same, with no more than so many items on a page of any list.
    pub(crate) fn paged(estate: &Value, items: usize) -> Self {
        Self::with(estate, &["--page", &items.to_string()])
    }

    fn with(estate: &Value, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let state = home.path().join("estate.json");
        std::fs::write(&state, estate.to_string()).expect("the estate is written");
        let mut server = Command::new(python())
            .arg(script("fake.py"))
            .arg(&state)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of the tests starts");
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("tests/google/fake.py did not start"));
        Self { server, port, home, lenient: false }
    }

    /// Lets the test end well though the fake was asked what no document declares.
    pub(crate) fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path, such as `/__subject`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The environment of a program that takes this server for Google, and finds nothing of the user's own.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let home = self.home.path().display().to_string();
        let mut variables = vec![
            ("HOME".into(), home.clone()),
            ("CLOUDSDK_CONFIG".into(), format!("{home}/gcloud")),
            ("CLOUDSDK_AUTH_ACCESS_TOKEN".into(), "ya29.token-of-the-tests".into()),
            ("CLOUDSDK_CORE_DISABLE_PROMPTS".into(), "1".into()),
            ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING".into(), "1".into()),
            ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK".into(), "1".into()),
            ("CLOUDSDK_CORE_CHECK_GCE_METADATA".into(), "false".into()),
            ("NO_GCE_CHECK".into(), "true".into()),
        ];
        for api in APIS {
            let path = if api == "compute" { "/compute/compute/v1/".into() } else { format!("/{api}/") };
            variables.push((format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_ascii_uppercase()), self.url(&path)));
        }
        variables
    }

    /// Sets the faults from now on: see `tests/google/fake.py`.
    pub(crate) fn faults(&self, faults: &Value) {
        self.request("POST", "/__faults", &faults.to_string());
    }

    /// Puts another estate in the place of the one there.
    pub(crate) fn state(&self, estate: &Value) {
        self.request("POST", "/__state", &estate.to_string());
    }

    /// What happened so far.
    pub(crate) fn stats(&self) -> Stats {
        serde_json::from_str(&self.request("GET", "/__stats", "").1).expect("the counts are JSON")
    }

    /// What happened since the last time.
    pub(crate) fn take_stats(&self) -> Stats {
        serde_json::from_str(&self.request("POST", "/__stats", "").1).expect("the counts are JSON")
    }

    /// A `GET` as a client with a token sends it: the head of the answer, and its body.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        self.request("GET", path, "")
    }

    /// A request as a client with a token sends it.
    pub(crate) fn request(&self, verb: &str, path: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the fake is there");
        let head = format!(
            "{verb} {path} HTTP/1.0\r\nAuthorization: Bearer ya29.t\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.to_owned(), body.to_owned())
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let faults = if self.lenient || std::thread::panicking() { Vec::new() } else { self.stats().faults() };
        // It ends by itself when its standard input closes.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

/// An estate of `tests/google/estates.py`.
pub(crate) fn estate_of(name: &str) -> Value {
    printed("estates.py", &[name])
}

/// An organisation of so many projects.
pub(crate) fn organisation_of(projects: usize) -> Value {
    printed("estates.py", &["organisation", &projects.to_string()])
}

/// The estate behind a scenario of `tests/corpus`.
pub(crate) fn scenario_of(name: &str) -> Value {
    printed("../corpus/google.py", &["--state", name])
}

/// What the asset inventory exports of an estate: one line for each asset.
pub(crate) fn export_of(estate: &Value, scope: &str, content: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("estate.json");
    std::fs::write(&state, estate.to_string()).expect("the estate is written");
    checked("assets.py", &[&state.display().to_string(), scope, content])
}

/// What a script of `tests/google` prints as JSON.
pub(crate) fn printed(name: &str, arguments: &[&str]) -> Value {
    serde_json::from_str(&checked(name, arguments)).unwrap_or_else(|error| panic!("{name} prints JSON: {error}"))
}

/// What a script of `tests/google` prints that must end well.
pub(crate) fn checked(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(python()).arg(script(name)).args(arguments).output();
    let output = output.expect("the Python of the tests starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}{said}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/google").join(name)
}

fn python() -> PathBuf {
    venv::python("google-venv", &PINS)
}
