//! The floors of the building: a module uses only floors below it, no file grows without end, and the packages that
//! touch the world are named only where the world is touched.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests read the sources, and fail"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The most lines that a file may have.
const LONGEST: usize = 500;

/// Packages that touch the world or belong to one floor, and the floors that may name them.
const PACKAGES: [(&str, &[&str]); 21] = [
    ("hcl_edit", &["code"]),
    ("saphyr_parser", &["code"]),
    ("tokio", &["source"]),
    ("reqwest", &["source"]),
    ("gcp_auth", &["source"]),
    ("google_cloud_auth", &["source"]),
    ("backon", &["source"]),
    ("rustls", &["source"]),
    ("object_store", &["source"]),
    ("aws_config", &["source"]),
    ("aws_credential_types", &["source"]),
    ("aws_sdk_", &["source"]),
    ("aws_smithy_", &["source"]),
    ("comfy_table", &["render"]),
    ("serde_sarif", &["render"]),
    ("quick_junit", &["render"]),
    ("askama", &["render"]),
    ("indicatif", &["cli"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
];

/// Names that say nothing.
const EMPTY_NAMES: [&str; 5] = ["utils", "helpers", "common", "mod", "misc"];

/// A source file: its path from `src`, and its text.
type Sources = BTreeMap<String, String>;

fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

/// The floor of a file: the first part of its path. `main.rs` stands on top of all, `lib.rs` only lists.
fn floor(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or(file)
}

/// Lines without comments, and without the tests at the end of a file, which may look anywhere below.
/// Each comes with whether it stands within `use crate::{ … };`.
fn code(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut group = false;
    text.lines().enumerate().map(move |(number, line)| {
        let line = line.split("//").next().unwrap_or(line);
        let within = group;
        group = (group || line.trim_start().starts_with("use crate::{")) && !line.contains("};");
        (number + 1, line, within)
    })
}

fn problems(sources: &Sources) -> Vec<String> {
    let lib = sources.get("lib.rs").expect("lib.rs lists the floors");
    let declared = |line: &str| {
        line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?.strip_suffix(';').map(str::to_owned)
    };
    let floors: Vec<String> = lib.lines().filter_map(declared).collect();
    let height = |name: &str| floors.iter().position(|floor| floor == name);
    let mut problems = Vec::new();
    for (file, text) in sources {
        let own = floor(file);
        if text.lines().count() > LONGEST {
            problems.push(format!("{file} has more than {LONGEST} lines"));
        }
        if !text.starts_with("//!") {
            problems.push(format!("{file} does not say in its first line what it is"));
        }
        if file.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)) {
            problems.push(format!("{file} has a name that says nothing"));
        }
        if own == "lib" {
            continue;
        }
        for (number, line, within) in code(text) {
            for used in uses(line, within, &floors) {
                let climbs = height(own).is_some_and(|own| height(&used) > Some(own));
                // Sources are a side branch: the command line alone goes there.
                let side = used == "source" && !matches!(own, "source" | "cli" | "main");
                if climbs || side {
                    problems.push(format!("{file}:{number}: `{own}` uses `{used}`"));
                }
            }
            for (package, allowed) in PACKAGES {
                if names(line, package) && !allowed.contains(&own) && own != "main" {
                    problems.push(format!("{file}:{number}: `{own}` names `{package}`"));
                }
            }
        }
    }
    problems.extend(cycles(sources));
    problems
}

/// The floors that a line uses: `crate::name`, also inside of `use crate::{name::…, …}` spread over lines.
fn uses(line: &str, within: bool, floors: &[String]) -> Vec<String> {
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    let direct = line.split("crate::").skip(1).map(words);
    // A line of a grouped import starts with the floor and goes on with `::`.
    let grouped = line.trim_start();
    let grouped = words(grouped);
    let in_group = within && line.trim_start().starts_with(&format!("{grouped}::"));
    let group = line.strip_prefix("use crate::{").map(words);
    let found = direct.chain(Some(grouped).filter(|_| in_group)).chain(group);
    found.filter(|used| floors.contains(used)).collect()
}

fn names(line: &str, package: &str) -> bool {
    let starts = line.match_indices(package).any(|(at, _)| {
        !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"' || c == '`' || c == '-')
    });
    let path = package.ends_with('_') || line.contains(&format!("{package}::"));
    starts && path
}

/// Modules of one floor that use each other in a circle, by way of `super::` and `crate::` alike, are read as one: what
/// is looked for is a circle between floors.
fn cycles(sources: &Sources) -> Vec<String> {
    let mut uses_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let floors: Vec<String> = sources.keys().map(|file| floor(file).to_owned()).collect();
    for (file, text) in sources.iter().filter(|(file, _)| *file != "lib.rs") {
        let used =
            code(text).flat_map(|(_, line, within)| uses(line, within, &floors)).filter(|used| used != floor(file));
        uses_of.entry(floor(file)).or_default().extend(used);
    }
    let mut problems = Vec::new();
    for start in uses_of.keys() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = uses_of[start].iter().collect();
        while let Some(at) = next.pop() {
            if at == start {
                problems.push(format!("`{start}` uses itself in a circle"));
                break;
            }
            if seen.insert(at) {
                next.extend(uses_of.get(at.as_str()).into_iter().flatten());
            }
        }
    }
    problems
}

#[test]
fn a_module_uses_only_the_floors_below_it() {
    let problems = problems(&sources());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_seeded_violation_of_each_kind_is_found() {
    let seeds = [
        ("model/seeded.rs", "//! Seeded.\nuse crate::report::Report;\n", "`model` uses `report`"),
        ("model/seeded.rs", "//! Seeded.\nuse crate::{\n    graph::Graph,\n};\n", "`model` uses `graph`"),
        ("engine/seeded.rs", "//! Seeded.\nuse crate::source::collect;\n", "`engine` uses `source`"),
        ("decode/seeded.rs", "//! Seeded.\nfn f() { tokio::spawn(async {}); }\n", "`decode` names `tokio`"),
        ("report/seeded.rs", "//! Seeded.\nuse comfy_table::Table;\n", "`report` names `comfy_table`"),
        ("graph/seeded.rs", "//! Seeded.\nuse aws_sdk_ec2::Client;\n", "`graph` names `aws_sdk_`"),
        ("source/seeded.rs", "//! Seeded.\nuse hcl_edit::parser::parse_body;\n", "`source` names `hcl_edit`"),
        ("graph/seeded.rs", "//! Seeded.\nuse reqwest::Client;\n", "`graph` names `reqwest`"),
        ("decode/seeded.rs", "//! Seeded.\nuse google_cloud_auth::credentials::mds;\n", "names `google_cloud_auth`"),
        ("graph/utils.rs", "//! Seeded.\n", "has a name that says nothing"),
        ("graph/seeded.rs", "use crate::model::Vpc;\n", "does not say in its first line"),
        ("evidence/seeded.rs", "//! Seeded.\nuse crate::snapshot::Record;\n", "in a circle"),
    ];
    for (file, text, expected) in seeds {
        let mut sources = sources();
        sources.insert(file.into(), text.into());
        let problems = problems(&sources);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:?}");
    }
    let mut sources = sources();
    sources.insert("graph/seeded.rs".into(), format!("//! Seeded.\n{}", "\n".repeat(LONGEST)));
    assert!(problems(&sources).iter().any(|problem| problem.contains("more than 500 lines")));
}
