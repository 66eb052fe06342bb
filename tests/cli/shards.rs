//! A collection by many at once, and the whole of it again.

use std::{fs, path::Path};

use serde_json::Value;

use crate::program::{egress_audit, folder, printed, said, scenario};

/// The shards of a source in the folder `run`.
fn shards(folder: &Path, source: &str, of: u32) {
    fs::create_dir_all(folder.join("run")).expect("a folder");
    for index in 1..=of {
        let part = format!("{index}/{of}");
        let output = egress_audit(folder, &["collect", source, "--shard", &part, "-o", "run", "--allow-incomplete"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
}

fn report(folder: &Path, source: &str) -> (Option<i32>, String) {
    let output = egress_audit(folder, &["report", source, "--format", "json", "--all"]);
    (output.status.code(), printed(&output))
}

#[test]
fn eight_shards_of_two_clouds_make_the_report_of_one_run() {
    let folder = folder();
    shards(folder.path(), "demo", 8);
    let (code, whole) = report(folder.path(), "demo");
    let named = |sources: &str| whole.replace("\"demo\"", sources);
    assert_eq!(report(folder.path(), "run"), (code, named("\"run\"")));
    // File by file, and backwards.
    let mut files: Vec<String> = (1..=8).map(|index| format!("run/shard-{index}-of-8.json")).collect();
    files.reverse();
    let arguments: Vec<&str> =
        ["report", "--format", "json", "--all"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let printed: Value = serde_json::from_str(&printed(&egress_audit(folder.path(), &arguments))).expect("JSON");
    let whole: Value = serde_json::from_str(&whole).expect("JSON");
    for part in ["evaluations", "summary", "coverage", "scopes", "complete", "taken_at"] {
        assert_eq!(printed[part], whole[part], "{part}");
    }
}

#[test]
fn a_missing_a_torn_and_a_doubled_shard_are_never_silent() {
    let sound = scenario("gcp-sound-cross-project");
    let folder = folder();
    shards(folder.path(), &sound, 8);
    assert_eq!(report(folder.path(), "run").0, Some(0));
    let size = |name: &str| fs::metadata(folder.path().join("run").join(name)).expect("a file").len();
    let mut names: Vec<String> = (1..=8).map(|index| format!("shard-{index}-of-8.json")).collect();
    // The one that read the most.
    names.sort_by_key(|name| size(name));
    let largest = names.pop().expect("a shard");
    let file = folder.path().join("run").join(&largest);
    let text = fs::read_to_string(&file).expect("text");
    for (broken, words) in [(None, "is missing"), (Some(text.split_at(text.len() / 2).0), "cannot be read: ")] {
        match broken {
            None => fs::remove_file(&file).expect("removed"),
            Some(torn) => fs::write(&file, torn).expect("written"),
        }
        let (code, said) = report(folder.path(), "run");
        assert!(matches!(code, Some(3 | 4)), "{code:?}");
        assert!(said.contains(words) && said.contains("\"complete\": false"), "{said}");
    }
    fs::write(&file, &text).expect("written");
    let twice = egress_audit(folder.path(), &["report", "run/shard-1-of-8.json", "run/shard-1-of-8.json"]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(said(&twice).contains("are both shard 1 of 8"), "{}", said(&twice));
    egress_audit(folder.path(), &["collect", &sound, "--shard", "1/2", "--run", "b", "-o", "run"]);
    let mixed = egress_audit(folder.path(), &["report", "run"]);
    assert_eq!(mixed.status.code(), Some(2));
    assert!(said(&mixed).contains("are not of one run"), "{}", said(&mixed));
}

#[test]
fn a_shard_alone_says_what_it_lacks() {
    let folder = folder();
    shards(folder.path(), "demo", 2);
    let output = egress_audit(folder.path(), &["report", "run/shard-1-of-2.json", "--format", "json"]);
    let alone: Value = serde_json::from_str(&printed(&output)).expect("JSON");
    assert_eq!(alone["complete"], false);
    assert!(printed(&output).contains("shard 2 of 2 is missing"));
}
