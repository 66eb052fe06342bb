//! Third-party tools that tests need, fetched under `target/`, pinned, once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::npm;

/// Microsoft's SARIF validator, from npm.
const MULTITOOL: &str = "5.7.0";

/// The validator; installed by the first who asks.
pub(crate) fn multitool() -> &'static Path {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| {
        let folder = npm::package("@microsoft/sarif-multitool", MULTITOOL).unwrap_or_else(|why| panic!("{why}"));
        let tool = folder.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
        // npm does not run the script of the package that would do this.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("the tool is ours");
        }
        tool
    })
}
