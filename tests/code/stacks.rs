//! The fourth architecture as templates, of CloudFormation and of SAM: in order, and broken in each way that it is broken
//! in as Terraform.

use std::{collections::BTreeSet, fs, path::Path};

use egress_audit::{
    code::{Evaluated, TemplateOptions, template},
    report::Outcome,
};

use crate::verdicts::{Case, failed, graph, judged, open};

/// The templates that are in order, by the folder of their file.
pub(crate) const SOUND: [&str; 2] = ["cloudformation/sound.yaml", "sam/inputs/sound.yaml"];

pub(crate) fn written(text: &str) -> Evaluated {
    template("stack.yaml", text, &TemplateOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    fs::read_to_string(path).expect("a template")
}

fn changed(file: &str, changes: &[(&str, &str)]) -> Evaluated {
    let mut main = text(file);
    for (from, to) in changes {
        assert!(main.contains(from), "{file}: {from}");
        main = main.replace(from, to);
    }
    written(&main)
}

#[test]
fn a_template_in_order_has_no_finding_and_no_open_question() {
    for file in SOUND {
        let code = written(&text(file));
        let (verdicts, complete) = judged(&code);
        assert!(complete, "{file} {:?} {:#?}", open(&code), code.gaps);
        assert!(verdicts.values().all(|it| matches!(it, Outcome::Pass | Outcome::NotApplicable)), "{:?}", failed(&code));
        assert!(verdicts.values().filter(|it| **it == Outcome::Pass).count() > 20);
        let graph = graph(&code);
        let workload = graph.workloads.first().expect("a function");
        assert_eq!(workload.egress.verdict.as_str(), "static");
    }
}
