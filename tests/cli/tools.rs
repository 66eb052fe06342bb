//! Third-party tools that tests need, fetched under `target/`, pinned, once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Microsoft's SARIF validator, from npm.
const MULTITOOL: &str = "5.7.0";

/// The validator; installed by the first who asks.
pub(crate) fn multitool() -> &'static Path {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sarif-multitool-{MULTITOOL}"));
        let tool = folder.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
        if !tool.is_file() {
            install(&folder);
        }
        // npm does not run the script of the package that would do this.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("the tool is ours");
        }
        tool
    })
}

fn install(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let arguments = ["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"];
    let outcome = Command::new("npm")
        .args(arguments)
        .arg(folder)
        .arg(format!("@microsoft/sarif-multitool@{MULTITOOL}"))
        .output()
        .unwrap_or_else(|error| panic!("these tests need node with npm on the PATH: {error}"));
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "npm could not install @microsoft/sarif-multitool@{MULTITOOL}: {said}");
}
