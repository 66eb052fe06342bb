//! The server of the buckets, and the program beside it.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::venv;

/// What the server is made of: the same as in `tests/aws/moto.rs`, which shares it.
const PINS: [&str; 2] = ["moto[server]==5.2.5", "boto3==1.44.5"];

/// Whose buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    S3,
    Google,
}

impl Store {
    pub(crate) const BOTH: [Self; 2] = [Self::S3, Self::Google];

    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
        }
    }
}

/// A bucket of a test, and a folder beside it that the program runs in.
pub(crate) struct Bucket {
    pub(crate) store: Store,
    pub(crate) name: String,
    folder: TempDir,
}

impl Bucket {
    /// A bucket of this name, which no other test has.
    pub(crate) fn new(store: Store, test: &str) -> Self {
        let (name, folder) = (format!("{test}-{}", store.scheme()), tempfile::tempdir().expect("a folder"));
        let (code, said) = ask("PUT", &format!("/{name}"), b"");
        assert_eq!(code, 200, "{}", String::from_utf8_lossy(&said));
        fs::write(folder.path().join("key.json"), ask("GET", "/_key", b"").1).expect("written");
        Self { store, name, folder }
    }

    /// The address of something in it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}://{}/{path}", self.store.scheme(), self.name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The environment of a program that may use the bucket.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let endpoint = endpoint();
        match self.store {
            Store::S3 => vec![
                ("AWS_ENDPOINT_URL_S3", endpoint),
                ("AWS_ACCESS_KEY_ID", "test-key".into()),
                ("AWS_SECRET_ACCESS_KEY", "test-secret".into()),
                ("AWS_REGION", "us-east-1".into()),
            ],
            Store::Google => vec![
                // gcloud's setting has the path of another form of the API behind the host.
                ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", format!("{endpoint}/storage/v1/")),
                ("GOOGLE_APPLICATION_CREDENTIALS", self.folder().join("key.json").to_string_lossy().into_owned()),
            ],
        }
    }

    /// Runs the program with the right to use the bucket.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &self.environment())
    }

    /// Runs the program with this environment alone.
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&'static str, String)]) -> Output {
        self.command(arguments, environment).output().expect("it runs")
    }

    fn command(&self, arguments: &[&str], environment: &[(&'static str, String)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
        command.args(arguments).current_dir(self.folder()).env_clear().env("TMPDIR", self.folder());
        command.envs(environment.iter().cloned());
        command
    }

    /// Puts an object, past the program.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        assert_eq!(ask("PUT", &format!("/{}/{path}", self.name), bytes).0, 200);
    }

    /// What an object holds, past the program; none where it is not there.
    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        let (code, bytes) = ask("GET", &format!("/{}/{path}", self.name), b"");
        assert!([200, 404].contains(&code), "{code}: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(400)]));
        (code == 200).then_some(bytes)
    }

    pub(crate) fn delete(&self, path: &str) {
        assert_eq!(ask("DELETE", &format!("/{}/{path}", self.name), b"").0, 204);
    }

    /// Lets everything fail so, from now on; `more` is of the words of `buckets.py`.
    pub(crate) fn fail(&self, kind: &str, more: &str) {
        assert_eq!(ask("GET", &format!("/_fault?bucket={}&kind={kind}{more}", self.name), b"").0, 200);
    }

    /// What the program asked of the bucket.
    pub(crate) fn seen(&self) -> Vec<String> {
        let (_, seen) = ask("GET", &format!("/_seen?bucket={}", self.name), b"");
        serde_json::from_slice(&seen).expect("a list")
    }
}

/// How the program ends that gets a signal once it asked for something, as `kill` names signals.
#[cfg(unix)]
pub(crate) fn signalled(bucket: &Bucket, arguments: &[&str], signal: &str) -> Output {
    let mut command = bucket.command(arguments, &bucket.environment());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    while bucket.seen().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    // What comes is on its way.
    thread::sleep(Duration::from_millis(500));
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    child.wait_with_output().expect("it ends")
}

/// What was said on standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report in JSON of a run of the program.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

/// The snapshot of a scenario.
pub(crate) fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name).join("snapshot.json");
    assert!(path.is_file(), "there is no scenario {name}");
    path.to_string_lossy().into_owned()
}

pub(crate) fn endpoint() -> String {
    format!("http://127.0.0.1:{}", port())
}

fn ask(method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port())).expect("the server is there");
    let head = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    (code, answer[end + 4..].to_vec())
}

/// The port of the one server of these tests. It ends when they do: its standard input closes then.
fn port() -> u16 {
    static SERVER: OnceLock<(Child, u16)> = OnceLock::new();
    let start = || {
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto/buckets.py");
        let mut server = Command::new(venv::python("moto-venv", &PINS))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the Python of the tests starts");
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("tests/moto/buckets.py did not start"));
        (server, port)
    };
    SERVER.get_or_init(start).1
}

#[test]
fn both_tests_of_moto_make_one_python() {
    let other = include_str!("../aws/moto.rs");
    assert!(
        other.contains(&format!("const PINS: [&str; 2] = {PINS:?};")),
        "the pins differ from those of tests/aws/moto.rs"
    );
}
