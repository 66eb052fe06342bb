//! Runs the program, and reads what it wrote.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use egress_audit::{
    evidence::GapReason,
    snapshot::{ReadGap, ReadState, Snapshot, kinds::Kind, read_file},
};
use serde_json::Value;
use tempfile::TempDir;

/// The APIs, as gcloud's settings name them; each is the first part of the path on the stub.
pub(crate) const APIS: [&str; 12] = [
    "artifactregistry",
    "cloudasset",
    "cloudfunctions",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "iam",
    "iap",
    "networkconnectivity",
    "run",
    "serviceusage",
    "vpcaccess",
];

/// What a run left behind.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) errors: String,
    pub(crate) snapshot: Option<Snapshot>,
    /// The file, to the letter.
    pub(crate) bytes: String,
}

impl Outcome {
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.snapshot.as_ref().unwrap_or_else(|| panic!("no snapshot was written: {}", self.errors))
    }

    /// The line of a kind in the project `p`.
    pub(crate) fn state(&self, kind: Kind) -> Option<(ReadState, u64)> {
        self.state_in(kind, "p")
    }

    pub(crate) fn state_in(&self, kind: Kind, account: &str) -> Option<(ReadState, u64)> {
        let mut lines = self.snapshot().coverage.iter();
        let line = lines.find(|line| line.kind == kind.name && line.scope.account == account)?;
        Some((line.state, line.count))
    }

    pub(crate) fn body(&self, kind: Kind, id: &str) -> Value {
        let mut records = self.snapshot().records.iter().filter(|record| record.kind == kind.name && record.id == id);
        let record = records.next().unwrap_or_else(|| panic!("no {} `{id}`", kind.name));
        serde_json::from_str(record.body.get()).expect("a body is JSON")
    }

    /// The ids of the records of a kind.
    pub(crate) fn ids(&self, kind: Kind) -> Vec<&str> {
        let records = self.snapshot().records.iter().filter(|record| record.kind == kind.name);
        records.map(|record| record.id.as_str()).collect()
    }

    pub(crate) fn gaps(&self) -> &[ReadGap] {
        &self.snapshot().gaps
    }

    /// Asserts that the only gaps are of this kind and reason, and gives the first.
    pub(crate) fn only_gap(&self, kind: Kind, why: GapReason) -> &ReadGap {
        let gaps = self.gaps();
        assert!(!gaps.is_empty(), "no gap");
        assert!(gaps.iter().all(|gap| gap.kind == kind.name && gap.why == why), "{gaps:?}");
        &gaps[0]
    }
}

/// The program with nothing of this machine's own, and the APIs at an endpoint.
pub(crate) fn program(endpoint: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
    command.env_clear().stdin(Stdio::null()).stderr(Stdio::piped());
    for api in APIS {
        let below = if api == "compute" { "compute/compute/v1/" } else { api };
        let name = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_ascii_uppercase());
        command.env(name, format!("{endpoint}/{below}"));
    }
    // Nobody answers there, at once.
    command.env("CLOUDSDK_AUTH_ACCESS_TOKEN", "the-token").env("GCE_METADATA_HOST", "127.0.0.1:1");
    command
}

/// A run that is about to start: `collect SOURCE -o FILE` with nothing of this machine's own.
pub(crate) struct Run {
    command: Command,
    folder: TempDir,
}

impl Run {
    pub(crate) fn new(source: &str, endpoint: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut command = program(endpoint);
        command.args(["collect", source]).arg("-o").arg(folder.path().join("snapshot.json"));
        command.env("HOME", folder.path());
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

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// A file in the run's own folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    pub(crate) fn go(self) -> Outcome {
        self.go_with(|_| {})
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
}

/// Collects the project `p`.
pub(crate) fn collect(endpoint: &str) -> Outcome {
    Run::new("gcp:projects/p", endpoint).go()
}
