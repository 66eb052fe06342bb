//! moto, as AWS: made, started and stopped by the tests themselves.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

use crate::{run::environment, venv};

/// What the server is made of. A change here makes a new one.
const PINS: [&str; 2] = ["moto[server]==5.2.5", "boto3==1.44.5"];

/// A running server, with an account in which nothing is yet. It ends when it is dropped.
pub(crate) struct Moto {
    server: Child,
    port: u16,
}

impl Moto {
    /// Starts a server of its own.
    pub(crate) fn start() -> Self {
        let mut server = Command::new(python())
            .arg(script("serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the Python of the tests starts");
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("tests/moto/serve.py did not start"));
        Self { server, port }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The environment of a program that takes this server for AWS.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        environment(&self.endpoint())
    }

    /// Builds the fourth architecture with these broken forms (see `tests/moto/topology.py`), and gives its ids.
    pub(crate) fn topology(&self, arguments: &[&str]) -> Value {
        self.build("topology.py", arguments)
    }

    /// Builds an organisation of so many accounts in these regions (see `tests/moto/organization.py`), and gives its ids.
    pub(crate) fn organization(&self, accounts: usize, regions: &[&str]) -> Value {
        self.build("organization.py", &["--accounts", &accounts.to_string(), "--regions", &regions.join(",")])
    }

    fn build(&self, builder: &str, arguments: &[&str]) -> Value {
        let output = Command::new(python())
            .arg(script(builder))
            .arg(self.endpoint())
            .args(arguments)
            .output()
            .expect("the Python of the tests starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("the ids are JSON")
    }

    /// Denies an operation from now on.
    pub(crate) fn deny(&self, operation: &str) {
        self.get(&format!("/_deny?op={operation}"));
    }

    /// Denies an operation where the request's body holds this.
    pub(crate) fn deny_of(&self, operation: &str, text: &str) {
        self.get(&format!("/_deny?op={operation}&of={text}"));
    }

    /// Runs the program on a terminal, and gives its exit code and what the terminal got.
    pub(crate) fn on_terminal(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(python());
        command.arg(script("terminal.py")).arg(env!("CARGO_BIN_EXE_egress-audit")).args(arguments);
        let output = command
            .env_clear()
            .envs(self.environment())
            .env("TERM", "xterm")
            .output()
            .expect("the Python of the tests starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Sets the region's mode of VPC Block Public Access.
    pub(crate) fn block(&self, mode: &str) {
        self.get(&format!("/_block?mode={mode}"));
    }

    /// How many requests each operation got since the last time.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        serde_json::from_str(&self.get("/_count?reset=1")).expect("the counts are JSON")
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("moto is there");
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It ends by itself when its standard input closes.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moto").join(name)
}

/// The Python that has moto.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| venv::python("moto-venv", &PINS))
}
