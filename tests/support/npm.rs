//! Packages of npm that tests need, under `target/tmp`, pinned, each fetched once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder whose `node_modules` holds a package; why not, where npm is not there or has not got it.
pub(crate) fn package(name: &str, version: &str) -> Result<PathBuf, String> {
    let home = format!("{}-{version}", name.rsplit('/').next().unwrap_or(name));
    whole(&home, |half| install(half, &format!("{name}@{version}")))
}

/// A folder under `target/tmp`, made by the first who asks.
pub(crate) fn whole(name: &str, make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(3).ok_or("a test is built into `target/PROFILE/deps`")?;
    let home = target.join("tmp").join(name);
    if home.join("node_modules").is_dir() {
        return Ok(home);
    }
    // Made beside and moved, so that a folder that is there is whole.
    let half = home.with_extension(format!("half-{}", std::process::id()));
    fs::create_dir_all(&half).map_err(|error| error.to_string())?;
    let made = make(&half);
    if made.is_err() || fs::rename(&half, &home).is_err() {
        let _ = fs::remove_dir_all(&half);
    }
    made.map(|()| home)
}

fn install(folder: &Path, package: &str) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"]).arg(folder);
    run(npm.arg(package), package)
}

/// Runs npm; what it was to install is named where it could not.
pub(crate) fn run(npm: &mut Command, package: &str) -> Result<(), String> {
    let output = npm.output().map_err(|error| format!("this needs node with npm: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("npm could not install {package}: {}", said.trim().lines().last().unwrap_or_default()))
}
