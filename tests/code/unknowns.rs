//! What is not known before an apply: every kind of it, in every place where it matters. No rule that hangs on it passes,
//! and no verdict turns into another one.

use std::{collections::BTreeMap, fs, path::Path};

use egress_audit::{
    code::{Evaluated, Options, document, folder},
    report::Outcome,
};
use rayon::prelude::*;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    knocked::{sharpened, with_one_unknown},
    verdicts::{judged, text, verdicts},
};

/// A way in which a value is not known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    name: String,
    value: String,
    /// What is declared beside it; a variable `x` where nothing is said.
    #[serde(default)]
    beside: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// Where a value is taken away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    name: String,
    base: String,
    #[serde(default)]
    with: BTreeMap<String, String>,
    text: String,
    hole: String,
    #[serde(default)]
    bad: Option<String>,
    open: Vec<String>,
}

impl Place {
    /// The code, with this in the place.
    fn code(&self, put: &str, kind: Option<&Kind>) -> Evaluated {
        let mut main = text(&format!("{}/main.tf", self.base));
        for (from, to) in &self.with {
            assert!(main.contains(from), "{}: {from}", self.name);
            main = main.replace(from, to);
        }
        assert!(main.contains(&self.text), "{}: {}", self.name, self.text);
        main = main.replace(&self.text, put);
        let mut files = BTreeMap::new();
        if let Some(kind) = kind {
            files.clone_from(&kind.files);
            files.insert("beside.tf".into(), kind.beside.clone().unwrap_or_else(|| "variable \"x\" {}".into()));
        }
        files.insert("main.tf".into(), main);
        folder(&files, &Options::default())
    }
}

pub(crate) fn table<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code/unknowns").join(name);
    let text = fs::read_to_string(path).expect("a table");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn no_kind_of_unknown_passes_in_any_place() {
    let (kinds, places): (Vec<Kind>, Vec<Place>) = (table("kinds.yaml"), table("places.yaml"));
    let wrong: Vec<String> = places
        .par_iter()
        .flat_map(|place| {
            let good = verdicts(&place.code(&place.text, None));
            let bad = place.bad.as_ref().map(|bad| verdicts(&place.code(bad, None)));
            let broken = bad.iter().flatten().filter(|(at, it)| **it == Outcome::Fail && good.get(*at) != Some(*it));
            let mut wrong = Vec::new();
            if bad.is_some() && broken.count() == 0 {
                wrong.push(format!("{}: what should break a rule breaks none", place.name));
            }
            for kind in &kinds {
                let at = format!("{}: {}", place.name, kind.name);
                let code = place.code(&place.hole.replace("HOLE", &kind.value), Some(kind));
                let (found, complete) = judged(&code);
                let open = |rule: &String| {
                    found.iter().any(|((own, ..), verdict)| own == rule && *verdict == Outcome::NotEvaluated)
                };
                let closed: Vec<_> = place.open.iter().filter(|rule| !open(rule)).collect();
                if complete || !closed.is_empty() {
                    wrong.push(format!("{at}: complete {complete}, and evaluated {closed:?}"));
                }
                for before in std::iter::once(&good).chain(&bad) {
                    wrong.extend(sharpened(before, &found).into_iter().map(|it| format!("{at}: {it}")));
                }
            }
            wrong
        })
        .collect();
    println!("{} kinds in {} places", kinds.len(), places.len());
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    assert!(kinds.len() >= 65 && places.len() >= 40);
}

/// Code that is not known as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    name: String,
    /// A folder that is in order, to which the files are added.
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// A plan, in the place of a folder.
    #[serde(default)]
    document: Option<String>,
    open: Vec<String>,
}

impl Fixture {
    fn code(&self) -> Evaluated {
        if let Some(text) = &self.document {
            return document("plan.json", text).expect("a plan");
        }
        let mut files = self.files.clone();
        if let Some(base) = &self.base {
            let mut main = text(&format!("{base}/main.tf"));
            for (from, to) in &self.with {
                assert!(main.contains(from), "{}: {from}", self.name);
                main = main.replace(from, to);
            }
            files.insert("main.tf".into(), main);
        }
        folder(&files, &Options::default())
    }
}

#[test]
fn code_that_is_not_known_as_a_whole_is_not_evaluated_where_it_matters() {
    let fixtures: Vec<Fixture> = table("shapes.yaml");
    let mut wrong = Vec::new();
    for fixture in &fixtures {
        let (found, complete) = judged(&fixture.code());
        for rule in &fixture.open {
            let own: Vec<_> = found.iter().filter(|((it, ..), _)| it == rule).collect();
            let open = own.iter().any(|(_, verdict)| **verdict == Outcome::NotEvaluated);
            if !open || own.iter().any(|(_, verdict)| **verdict == Outcome::Pass) {
                wrong.push(format!("{}: {own:?}", fixture.name));
            }
        }
        if complete {
            wrong.push(format!("{}: nothing is open", fixture.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), fixtures.len(), wrong.join("\n"));
    assert!(fixtures.len() >= 55, "{}", fixtures.len());
}

#[test]
fn nothing_of_code_that_is_not_known_as_a_whole_passes_with_one_value_less() {
    let fixtures: Vec<Fixture> = table("shapes.yaml");
    let wrong: Vec<String> = fixtures
        .par_iter()
        .flat_map_iter(|fixture| {
            let code = fixture.code();
            let before = verdicts(&code);
            let all = with_one_unknown(&code, false).into_iter();
            all.flat_map(move |(at, changed)| {
                let name = fixture.name.clone();
                sharpened(&before, &verdicts(&changed)).into_iter().map(move |it| format!("{name} {at}: {it}"))
            })
            .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
