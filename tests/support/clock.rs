//! A clock that runs faster for the program than for the machine, so that what only waits is over sooner: libfaketime, put
//! before the C library of the program, which scales both what time it is and how long it sleeps.

use std::{sync::LazyLock, time::Duration};

use crate::venv;

/// The library is built for this alone; elsewhere a second stays a second, and the tests take longer.
const FAST: bool = cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"));

/// How many seconds of the program are one of the machine. With more of them, an answer that a busy machine holds up for a
/// moment would be late for the program.
const RATE: u32 = if FAST { 5 } else { 1 };

static VARIABLES: LazyLock<Vec<(String, String)>> = LazyLock::new(variables);

fn variables() -> Vec<(String, String)> {
    if !FAST {
        return Vec::new();
    }
    let python = venv::python("clock-venv", &["libfaketime==3.0.1"]);
    let mut versions = python.ancestors().nth(2).expect("a venv").join("lib").read_dir().expect("a venv has packages");
    let packages = versions.next().expect("a venv is of one version").expect("it can be read").path();
    let library = packages.join("site-packages/libfaketime/vendor/libfaketime/src/libfaketime.so.1");
    assert!(library.is_file(), "no {}", library.display());
    let variables = [("LD_PRELOAD", library.display().to_string()), ("FAKETIME", format!("+0 x{RATE}"))];
    variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// The environment of a program for which time passes faster.
pub(crate) fn fast() -> impl Iterator<Item = (String, String)> {
    VARIABLES.iter().cloned()
}

/// How long the machine waits, where the program is to wait that long by its own clock.
pub(crate) fn of_the_program(time: Duration) -> Duration {
    time / RATE
}
