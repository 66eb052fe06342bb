//! SAM: what templates come to is what the transform of SAM's own makes of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use egress_audit::{
    code::{Evaluated, Node, Shape, TemplateOptions, Value, template},
    evidence::GapReason,
};
use regex::Regex;

/// What the transform is run with.
const PINS: [&str; 2] = ["aws-sam-translator==1.110.0", "PyYAML==6.0.3"];

/// What says nothing of who may call what, from where, or with which key.
const ASIDE: [&str; 19] = [
    "Tags",
    "Description",
    "Id",
    "Input",
    "RetryPolicy",
    "DeploymentConfigName",
    "AlarmConfiguration",
    "CapacityProviderScalingConfig",
    "AutoRollbackConfiguration",
    "DeploymentStyle",
    "Enabled",
    "BatchSize",
    "PropagateTags",
    // The answers to browsers, and how documents are laid out.
    "options",
    "parameters",
    "tags",
    "FlexibleTimeWindow",
    "UsagePlanName",
    "identitySource",
];

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

/// What the transform makes of each file. The hash in the name of a deployment is of Python's own text of a document.
fn transformed(files: &[PathBuf]) -> BTreeMap<String, String> {
    let python = crate::venv::python("sam-venv", &PINS);
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sam/translate.py");
    let output = Command::new(python).arg(script).args(files).output().expect("the Python of the tests starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let hash = Regex::new(r"(\w+Deployment)[0-9a-f]{10}\b").expect("a pattern");
    made.into_iter().map(|(path, made)| (path, hash.replace_all(&made.to_string(), "$1").into_owned())).collect()
}

fn evaluated(name: &str, text: &str) -> Evaluated {
    let options = TemplateOptions {
        region: Some("us-east-1".into()),
        account: Some("123456789012".into()),
        stack_name: Some("shop".into()),
        ..TemplateOptions::default()
    };
    template(name, text, &options).unwrap_or_else(|error| panic!("{error}"))
}

#[derive(Default)]
struct Tally {
    resources: usize,
    equal: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn compare(&mut self, at: &str, ours: &Node, theirs: &Node) {
        if ours.is.as_ref().map(ToString::to_string) != theirs.is.as_ref().map(ToString::to_string) {
            return self.wrong.push(format!("{at}: {:?} is {:?}", ours.is, theirs.is));
        }
        match (&ours.value, &theirs.value) {
            (Value::Map(left), Value::Map(right)) => {
                let names = left.keys().chain(right.keys().filter(|name| !left.contains_key(*name)));
                for name in names.filter(|name| !ASIDE.contains(&&***name)) {
                    let at = format!("{at}.{name}");
                    match (left.get(name), right.get(name)) {
                        (Some(ours), Some(theirs)) => self.compare(&at, ours, theirs),
                        (ours, theirs) => self.wrong.push(format!("{at}: {ours:?} is {theirs:?}")),
                    }
                }
            }
            (Value::List(left), Value::List(right)) if left.len() == right.len() => {
                // Statements of a policy are in the order of Python's hashes.
                let sorted = |list: &[Node]| {
                    let mut list: Vec<Node> = list.to_vec();
                    if at.ends_with("Statement") {
                        list.sort_by_cached_key(|node| format!("{node:?}"));
                    }
                    list
                };
                for (index, (ours, theirs)) in sorted(left).iter().zip(&sorted(right)).enumerate() {
                    self.compare(&format!("{at}[{index}]"), ours, theirs);
                }
            }
            (Value::Unknown(left), Value::Unknown(right)) => {
                let same = (left.why, &left.mentions) == (right.why, &right.mentions);
                match (&left.shape, &right.shape) {
                    (Some(Shape::Text(left)), Some(Shape::Text(right))) if same && left.len() == right.len() => {
                        for (ours, theirs) in left.iter().zip(right.iter()) {
                            self.compare(at, ours, theirs);
                        }
                    }
                    (None, None) if same => self.equal += 1,
                    _ => self.wrong.push(format!("{at}: {left:?} is {right:?}")),
                }
            }
            (left, right) if left == right => self.equal += 1,
            // One statement stands for a list of one.
            (Value::Map(_), Value::List(list)) if list.len() == 1 => self.compare(at, ours, &list[0]),
            (Value::List(list), Value::Map(_)) if list.len() == 1 => self.compare(at, &list[0], theirs),
            _ => self.wrong.push(format!("{at}: {ours:?} is {theirs:?}")),
        }
    }
}

/// What a template of ours and that of the transform have in common.
fn compare(name: &str, ours: &Evaluated, theirs: &Evaluated, tally: &mut Tally) {
    // An application is a template elsewhere; all else is followed.
    for gap in ours.gaps.iter().filter(|gap| gap.gap.why != GapReason::UnresolvedModule) {
        tally.wrong.push(format!("{name}: {gap:?}"));
    }
    let by_address = |all: &Evaluated| -> BTreeMap<String, (String, bool, Node)> {
        let all = all.resources.iter();
        all.map(|one| (one.address.to_string(), (one.kind.to_string(), one.symbolic, one.body.clone()))).collect()
    };
    let (left, right) = (by_address(ours), by_address(theirs));
    let names = left.keys().chain(right.keys().filter(|address| !left.contains_key(*address)));
    for address in names {
        let at = format!("{name} {address}");
        tally.resources += 1;
        match (left.get(address), right.get(address)) {
            (Some(ours), Some(theirs)) => {
                if (&ours.0, ours.1) != (&theirs.0, theirs.1) {
                    tally.wrong.push(format!("{at}: {} {} is {} {}", ours.0, ours.1, theirs.0, theirs.1));
                }
                tally.compare(&at, &ours.2, &theirs.2);
            }
            (ours, theirs) => {
                let kind = |side: Option<&(String, bool, Node)>| side.map(|side| side.0.clone());
                tally.wrong.push(format!("{at}: {:?} is {:?}", kind(ours), kind(theirs)));
            }
        }
    }
    for (at, theirs) in &theirs.outputs {
        match ours.outputs.get(at) {
            Some(ours) => tally.compare(&format!("{name} output {}", at.1), ours, theirs),
            None => tally.wrong.push(format!("{name} output {}", at.1)),
        }
    }
}

/// Compares every template of a folder, and answers the names of those that the transform refuses.
fn compare_all(folder: &Path, tally: &mut Tally) -> Vec<String> {
    let files = inputs(folder);
    let made = transformed(&files);
    let mut refused = Vec::new();
    for file in &files {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let theirs = made.get(&file.display().to_string()).expect("an answer");
        if theirs.starts_with("{\"Error\"") {
            refused.push(format!("{name}: {theirs}"));
        } else {
            let ours = evaluated(&name, &fs::read_to_string(file).expect("text"));
            compare(&name, &ours, &evaluated(&name, theirs), tally);
        }
    }
    refused
}

#[test]
fn what_a_template_of_sam_comes_to_is_what_its_own_transform_makes_of_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sam/inputs");
    let mut tally = Tally::default();
    let refused = compare_all(&folder, &mut tally);
    println!("{} resources, {} values equal", tally.resources, tally.equal);
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(tally.resources > 400 && tally.equal > 2_000, "{} {}", tally.resources, tally.equal);
    assert!(tally.wrong.is_empty(), "{} differ:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
}

#[test]
#[ignore = "compares the templates of the folder that EGRESS_AUDIT_SAM names"]
fn a_folder_of_somebody_is_compared() {
    let folder = std::env::var("EGRESS_AUDIT_SAM").expect("EGRESS_AUDIT_SAM names a folder of templates");
    let mut tally = Tally::default();
    let refused = compare_all(Path::new(&folder), &mut tally);
    println!("{} resources, {} values equal", tally.resources, tally.equal);
    println!("refused:\n{}\ndiffer:\n{}", refused.join("\n"), tally.wrong.join("\n"));
}
