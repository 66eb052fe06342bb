//! Runs the program, and reads what it wrote.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use egress_audit::snapshot::{Coverage, ReadState, Snapshot, kinds::Kind, read_file};
use serde_json::Value;
use tempfile::TempDir;

use crate::clock;

/// The environment of a run: nothing of the machine's own, and an endpoint on it.
pub(crate) fn environment(endpoint: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// What a run left behind.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) errors: String,
    /// The snapshot, as the program itself would read it again.
    pub(crate) snapshot: Option<Snapshot>,
    /// The file, to the letter.
    pub(crate) bytes: String,
}

impl Outcome {
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.snapshot.as_ref().unwrap_or_else(|| panic!("no snapshot was written: {}", self.errors))
    }

    pub(crate) fn line(&self, kind: Kind) -> &Coverage {
        let mut lines = self.snapshot().coverage.iter().filter(|line| line.kind == kind.name);
        let line = lines.next().expect("every kind has a line");
        assert!(lines.next().is_none(), "{} has two lines", kind.name);
        line
    }

    pub(crate) fn state(&self, kind: Kind) -> (ReadState, u64) {
        let line = self.line(kind);
        (line.state, line.count)
    }

    pub(crate) fn body(&self, kind: Kind, id: &str) -> Value {
        let mut records = self.snapshot().records.iter().filter(|record| record.kind == kind.name && record.id == id);
        let record = records.next().unwrap_or_else(|| panic!("no {} `{id}`", kind.name));
        serde_json::from_str(record.body.get()).expect("a body is JSON")
    }

    /// The records of a kind, each as its id and its body.
    pub(crate) fn records(&self, kind: &str) -> Vec<(String, String)> {
        let records = self.snapshot().records.iter().filter(|record| record.kind == kind);
        records.map(|record| (record.id.clone(), record.body.get().to_owned())).collect()
    }
}

/// A run that is about to start: `collect aws -o FILE` with these arguments and this environment.
pub(crate) struct Run {
    command: Command,
    folder: TempDir,
}

impl Run {
    pub(crate) fn new(environment: &[(String, String)], arguments: &[&str]) -> Self {
        Self::of("aws", environment, arguments)
    }

    /// The same of another source.
    pub(crate) fn of(source: &str, environment: &[(String, String)], arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
        command.args(["collect", source]).args(arguments).arg("-o").arg(folder.path().join("snapshot.json"));
        command.env_clear().envs(environment.iter().cloned()).stdin(Stdio::null()).stderr(Stdio::piped());
        Self { command, folder }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// A file in the run's own folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    /// Runs it, and calls this with the process id while it runs.
    pub(crate) fn go_with(mut self, meanwhile: impl FnOnce(u32)) -> Outcome {
        let child = self.command.stdout(Stdio::null()).spawn().expect("the program starts");
        meanwhile(child.id());
        let output = child.wait_with_output().expect("the program ends");
        let path: PathBuf = self.folder.path().join("snapshot.json");
        #[expect(clippy::disallowed_methods, reason = "a test reads what the program wrote")]
        let bytes = std::fs::read_to_string(&path).unwrap_or_default();
        Outcome {
            code: output.status.code(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
            snapshot: (!bytes.is_empty()).then(|| read_file(&path).expect("the snapshot can be read again")),
            bytes,
        }
    }

    pub(crate) fn go(self) -> Outcome {
        self.go_with(|_| {})
    }
}

/// Collects one region from an endpoint, without retries.
pub(crate) fn collect(endpoint: &str) -> Outcome {
    once(&environment(endpoint))
}

/// The same by a fast clock.
pub(crate) fn collect_soon(endpoint: &str) -> Outcome {
    once(&in_haste(endpoint))
}

/// The environment of a run by a fast clock.
pub(crate) fn in_haste(endpoint: &str) -> Vec<(String, String)> {
    environment(endpoint).into_iter().chain(clock::fast()).collect()
}

fn once(environment: &[(String, String)]) -> Outcome {
    Run::new(environment, &["--region", "us-west-2"]).set("AWS_MAX_ATTEMPTS", "1").go()
}
