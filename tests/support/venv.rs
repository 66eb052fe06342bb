//! A Python of the tests' own, with pinned packages, under `target/`.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// The Python that has these packages. The first test that needs it makes it; a change of the pins makes a new one.
pub(crate) fn python(name: &str, pins: &[&str]) -> PathBuf {
    let program = std::env::current_exe().expect("this test");
    let target = program.ancestors().nth(3).expect("a test is built into `target/PROFILE/deps`");
    let (home, lock) = (target.join(name), target.join(format!("{name}.lock")));
    let (python, mark) = (home.join("bin/python"), home.join(format!("made-of-{}", pins.join("-"))));
    // Other test processes may be at it too: whoever makes the folder makes the rest.
    let start = Instant::now();
    while std::fs::create_dir(&lock).is_err() {
        if mark.exists() {
            return python;
        }
        assert!(start.elapsed() < Duration::from_mins(10), "remove `{}`: nobody works there", lock.display());
        thread::sleep(Duration::from_millis(200));
    }
    let made = if mark.exists() { Ok(()) } else { make(&home, &python, &mark, pins) };
    let _ = std::fs::remove_dir(&lock);
    made.unwrap_or_else(|why| panic!("{why}"));
    python
}

fn make(home: &Path, python: &Path, mark: &Path, pins: &[&str]) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home), "these tests need `python3` with `venv`")?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(pins);
    run(&mut pip, &format!("these tests need {}, and `pip install` failed", pins.join(" and ")))?;
    std::fs::create_dir(mark).map_err(|error| error.to_string())
}

fn run(command: &mut Command, needs: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{needs}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{needs}: {}", said.trim().lines().last().unwrap_or_default()))
}
