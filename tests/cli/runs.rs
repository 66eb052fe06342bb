//! The report of every scenario, asked for once by however many tests look at it.

use std::{fs, sync::LazyLock};

use rayon::prelude::*;
use serde_json::Value;

use crate::program::{egress_audit, folder, printed, scenario, scenarios};

/// A scenario, with the report of it and the log, both of one run.
pub(crate) struct Run {
    pub(crate) source: String,
    pub(crate) report: Value,
    pub(crate) log: Value,
}

/// Every scenario and the demo, each run once.
pub(crate) static RUNS: LazyLock<Vec<Run>> = LazyLock::new(|| {
    let sources: Vec<String> =
        scenarios().iter().map(|name| scenario(name)).chain(std::iter::once("demo".to_owned())).collect();
    sources.into_par_iter().map(run).collect()
});

pub(crate) fn run(source: String) -> Run {
    let folder = folder();
    let output =
        egress_audit(folder.path(), &["report", &source, "--format", "json", "--all", "--write", "sarif=log.sarif"]);
    let log = fs::read_to_string(folder.path().join("log.sarif")).expect("the log was written");
    Run {
        report: serde_json::from_str(&printed(&output)).expect("JSON"),
        log: serde_json::from_str(&log).expect("JSON"),
        source,
    }
}
