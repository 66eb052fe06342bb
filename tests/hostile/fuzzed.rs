//! What the fuzzer starts from, and what it found, in every run: by the same functions that it calls.

use std::{fs, path::Path};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// What a target is called, and what it does with bytes.
type Target = (&'static str, fn(&[u8]));

/// Every target that works on bytes. The walk through networks takes numbers, and is run by `tests/packets`.
const TARGETS: [Target; 9] = [
    ("snapshot", targets::snapshot),
    ("plan", targets::plan),
    ("code", targets::code),
    ("template", targets::template),
    ("rule", targets::rule),
    ("policy", targets::policy),
    ("permissions", targets::permissions),
    ("renderers", targets::renderers),
    ("faults", targets::faults),
];

#[test]
fn whatever_the_fuzzer_starts_from_or_found_is_answered() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, target) in TARGETS {
        let mut files: Vec<_> =
            fs::read_dir(seeds.join(name)).expect("seeds").map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has seeds");
        for file in files {
            let bytes = fs::read(&file).expect("a file");
            target(&bytes);
            // And what is half of it.
            target(&bytes[..bytes.len() / 2]);
        }
    }
}

#[test]
fn every_target_is_one_of_the_workspace_of_the_fuzzer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    for name in TARGETS.map(|(name, _)| name).into_iter().chain(["walk"]) {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(root.join(format!("fuzz_targets/{name}.rs")).is_file(), "{name}");
    }
}
