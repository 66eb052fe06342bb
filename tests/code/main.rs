//! Infrastructure code: what folders come to is what Terraform itself plans for them, and what templates come to is what
//! SAM makes of them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::disallowed_methods,
    reason = "tests read files, and fail"
)]

#[path = "../support/venv.rs"]
mod venv;

mod checkov;
mod covered;
mod distributions;
mod firsts;
mod folders;
mod fourth;
mod hub;
mod knocked;
mod live;
mod named;
mod plans;
mod sam;
mod serverless;
mod stacked;
mod stacks;
mod templates;
mod unknowns;
mod users;
mod verdicts;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use egress_audit::code::{Disk, Evaluated, Node, Options, Resource, Value, document, folder};

/// Roots with the plan that Terraform made of them, and whether the folder writes all that the plan has.
const ROOTS: [&str; 11] = [
    "folders/network",
    "folders/functions",
    "folders/firewall",
    "folders/mono/live/dev",
    "folders/mono/live/prod",
    "folders/language",
    "folders/unknown",
    "seeds/seed1",
    "seeds/seed2",
    "seeds/seed3",
    "seeds/seed4",
];

fn data() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform")
}

fn read(path: &Path) -> Evaluated {
    let text = fs::read_to_string(path).expect("a file");
    document(&path.display().to_string(), &text).expect("a plan or a state")
}

/// The resources of one root of everything that is below `tests/terraform`.
fn of_root<'a>(all: &'a Evaluated, root: &str) -> BTreeMap<Arc<str>, &'a Resource> {
    let own = all.resources.iter().filter(|resource| &*resource.root == root);
    own.map(|resource| (resource.address.clone(), resource)).collect()
}

fn everything() -> Evaluated {
    folder(&Disk::list(&data()).expect("a folder"), &Options::default())
}

/// Where a side that decides makes the other one irrelevant, and Terraform looks at both.
const SHARPER: [&str; 2] =
    ["folders/unknown terraform_data.known.input.both", "folders/unknown terraform_data.known.input.either"];

#[derive(Default)]
struct Tally {
    equal: usize,
    both_unknown: usize,
    /// What the plan knows and we do not.
    lost: Vec<String>,
    wrong: Vec<String>,
}

impl Tally {
    fn compare(&mut self, at: &str, ours: &Node, theirs: &Node) {
        match (&ours.value, &theirs.value) {
            (Value::Unknown(_), Value::Unknown(_)) => self.both_unknown += 1,
            (Value::Unknown(unknown), _) => {
                // Terraform knows no form of a text that is not known; where it knows the text, so should we.
                self.lost.push(format!("{at}: {unknown:?} is {theirs:?}"));
            }
            (_, Value::Unknown(_)) => {
                // We may know more: of a list with an unknown in it, the plan may know nothing.
                if ours.is_known() && !SHARPER.contains(&at) {
                    self.wrong.push(format!("{at}: {ours:?}, which nobody knows"));
                } else {
                    self.both_unknown += 1;
                }
            }
            (Value::Map(left), Value::Map(right)) => {
                for (name, ours) in left.iter() {
                    let at = format!("{at}.{name}");
                    match right.get(name) {
                        Some(theirs) => self.compare(&at, ours, theirs),
                        None => self.wrong.push(format!("{at}: {ours:?}, which the plan does not have")),
                    }
                }
                for (name, theirs) in right.iter().filter(|(name, _)| !left.contains_key(*name)) {
                    if !left.is_open() {
                        self.wrong.push(format!("{at}.{name}: {theirs:?}, which is missing"));
                    }
                }
            }
            (Value::List(left), Value::List(right)) if left.len() == right.len() => {
                for (index, (ours, theirs)) in left.iter().zip(right.iter()).enumerate() {
                    self.compare(&format!("{at}[{index}]"), ours, theirs);
                }
            }
            (left, right) if left == right => self.equal += 1,
            // A provider that wants a text makes one.
            (Value::Number(left), Value::Text(right)) if left.to_string() == **right => self.equal += 1,
            _ => self.wrong.push(format!("{at}: {ours:?} is {theirs:?}")),
        }
    }
}

#[test]
fn what_a_folder_comes_to_is_what_terraform_plans() {
    let all = everything();
    assert!(all.gaps.is_empty(), "{:#?}", all.gaps);
    let mut tally = Tally::default();
    for root in ROOTS {
        let ours = of_root(&all, root);
        let plan = read(&data().join(root).join("plan.json"));
        let theirs = of_root(&plan, "");
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{root}");
        for (address, resource) in &ours {
            assert_eq!((resource.mode, &resource.kind), (theirs[address].mode, &theirs[address].kind));
            tally.compare(&format!("{root} {address}"), &resource.body, &theirs[address].body);
        }
        for ((_, name), theirs) in &plan.outputs {
            let ours = &all.outputs[&(root.to_owned(), name.clone())];
            tally.compare(&format!("{root} output {name}"), ours, theirs);
        }
    }
    println!("{} equal, {} unknown to both, {} lost", tally.equal, tally.both_unknown, tally.lost.len());
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.lost.is_empty(), "{}", tally.lost.join("\n"));
    assert!(tally.equal > 380 && tally.both_unknown > 90, "{} {}", tally.equal, tally.both_unknown);
}

#[test]
fn a_state_knows_what_its_plan_left_open_and_both_of_its_forms_are_one() {
    for root in ROOTS {
        let folder = data().join(root);
        let (plan, state) = (read(&folder.join("plan.json")), read(&folder.join("state.json")));
        let (planned, there) = (of_root(&plan, ""), of_root(&state, ""));
        assert_eq!(planned.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>(), "{root}");
        for (address, resource) in &there {
            assert!(resource.body.is_known(), "{address}");
            // What was planned is what came of it.
            let (Value::Map(before), Value::Map(after)) = (&planned[address].body.value, &resource.body.value) else {
                unreachable!("{address} is no map")
            };
            for (name, node) in before.iter().filter(|(_, node)| node.is_known() && node.value != Value::Null) {
                assert_eq!(node.json(), after[name].json(), "{address}.{name}");
            }
        }
        let shown = folder.join("shown.json");
        if shown.exists() {
            let shown = read(&shown);
            for (address, resource) in of_root(&shown, "") {
                assert_eq!(resource.body.json(), there[&address].body.json(), "{root} {address}");
            }
        }
    }
}
