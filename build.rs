//! Embeds the folder of rules: `rules/<family>/<id>.yaml` and the test file beside each. The folder is the registry.

#![expect(clippy::disallowed_methods, reason = "a build script reads the folder it embeds")]

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    cargo("rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for family in folders(&root.join("rules"))? {
        for file in fs::read_dir(&family)? {
            files.push(file?.path());
        }
    }
    files.sort();
    let (cases, rules): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "yaml"))
        .partition(|file| file.to_string_lossy().ends_with(".test.yaml"));
    let table = format!(
        "/// Every rule file: its name below `rules/`, and its text.\n{}\n\
         /// Every file of test cases: its name below `rules/`, and its text.\n{}",
        listing("RULES", &root, &rules),
        listing("CASES", &root, &cases),
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("rules.rs"), table)
}

fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn listing(name: &str, root: &Path, files: &[PathBuf]) -> String {
    let mut text = format!("pub(crate) static {name}: &[(&str, &str)] = &[\n");
    for file in files {
        let short = file.strip_prefix(root.join("rules")).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let _ = writeln!(text, "    ({short:?}, include_str!({:?})),", file.to_string_lossy());
    }
    text.push_str("];\n");
    text
}

fn cargo(instruction: &str) {
    println!("cargo:{instruction}");
}
