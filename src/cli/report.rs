//! `egress-audit report`: evaluates the rules and shows the findings.

use std::{
    collections::BTreeSet,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{
    ColorChoice, Streams,
    exit::{Exit, Failure},
    inputs::{Scan, lock, policy, read_report, rule_set},
    terminal,
};
use crate::{
    decode::decode,
    graph::resolve,
    policy::Policy,
    render::{Format, render},
    report::{Baseline, Keep, Report, report},
    rule::{RuleSet, Severity},
    snapshot::write_atomically,
    source::{Place, managed},
};

/// Evaluate the rules and show the findings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to scan: the code in the working folder, or `demo`, `aws`, `aws:PROFILE`, `aws:org/ROLE`, `gcp:projects/ID`,
    /// `gcp:folders/NUMBER`, `gcp:organizations/NUMBER`, folders of code, plans and states as `terraform show -json`
    /// writes them, templates of CloudFormation and SAM, snapshot files, or exports of Google's asset inventory; files and
    /// runs of shards in buckets too: `s3://BUCKET/FILE`, `gs://BUCKET/FOLDER/`.
    #[arg(default_value = ".", value_name = "SOURCE")]
    sources: Vec<String>,
    /// What goes to standard output: `table`, `json`, `sarif`, `markdown`, `junit`, `csv`, `github`, `gitlab`, `ocsf`, `ndjson`, or `html`, a
    /// page in one file.
    #[arg(long, default_value = "table", value_name = "FORMAT")]
    format: Format,
    /// Write another format to a file in the same run, such as `sarif=egress.sarif` or `html=report.html`; may be repeated.
    #[arg(long = "write", value_name = "FORMAT=FILE")]
    writes: Vec<Output>,
    /// The lowest severity that makes the exit code 1.
    #[arg(long, default_value = "low", value_name = "LEVEL", value_parser = severity)]
    fail_on: Severity,
    /// Exit with 0, not 3, where something could not be evaluated and nothing is violated.
    #[arg(long)]
    allow_incomplete: bool,
    /// Add the rules of a folder; may be repeated.
    #[arg(long = "rules", value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// List what passed and what does not apply too, in formats for programs.
    #[arg(long)]
    all: bool,
    /// Compare the addresses with a lock file that `ips --lock` wrote (rule `changed-egress-address`).
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// The policy file; without it, the `egress-audit.yaml` of the working folder or of one above it in the repository.
    #[arg(long, value_name = "FILE", conflicts_with = "no_policy")]
    policy: Option<PathBuf>,
    /// Read no policy file.
    #[arg(long)]
    no_policy: bool,
    /// The code that manages what is scanned: a folder of Terraform, and its state to tell which resource is which.
    /// Findings then stand on its lines, and comments in it accept them. May be repeated.
    #[arg(long = "map", value_name = "DIR|STATE")]
    maps: Vec<PathBuf>,
    /// Tell what is new since an earlier report (written with `--write json=FILE`), or since a snapshot; only what is new
    /// makes the exit code 1. What this run did not read stays open.
    #[arg(long, value_name = "OLD")]
    baseline: Option<String>,
    #[command(flatten)]
    scan: Scan,
}

/// A format and the file it goes to.
#[derive(Debug, Clone)]
struct Output {
    format: Format,
    file: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, such as sarif=egress.sarif")?;
        if file.is_empty() {
            return Err("the file has no name".into());
        }
        if Place::named(file).is_some() {
            return Err("reports are written to files, and snapshots alone to buckets".into());
        }
        Ok(Self { format: format.parse()?, file: file.into() })
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
    found.ok_or_else(|| format!("`{text}` is not a severity: low, medium, high, critical"))
}

pub(super) fn run(args: &Args, color: ColorChoice, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut files = BTreeSet::new();
    if let Some(twice) = args.writes.iter().find(|output| !files.insert(&output.file)) {
        return Err(Failure::usage(
            format!("two formats go to `{}`", twice.file.display()),
            "name another file for one of them",
        ));
    }
    // Rules first: a fault in them is cheaper to hear of before an account is read.
    let mut rules = rule_set(&args.rules)?;
    let policy = if args.no_policy { None } else { policy(args.policy.as_deref(), &rules)? };
    if let Some(policy) = &policy {
        policy.configure(&mut rules)?;
    }
    let lock = args.lock.as_deref().map(lock).transpose()?;
    let earlier = args.baseline.as_deref().map(|old| baseline(old, args, &rules, policy.as_ref())).transpose()?;
    // The end of the process gives them back at once, and piece by piece it takes a while.
    let mut snapshot = ManuallyDrop::new(args.scan.snapshot(&args.sources)?);
    let code = managed(&args.maps, &snapshot)?;
    snapshot.remarks.extend(code.remarks.clone());
    let inventory = decode(&snapshot);
    snapshot.forget_decoded();
    let mut graph = ManuallyDrop::new(resolve(&inventory));
    rayon::spawn(move || drop(inventory));
    if let Some(lock) = &lock {
        graph.compare(lock);
    }
    if let Some(policy) = &policy {
        policy.declare(&mut graph);
    }
    // What became of earlier failures is told by what passes now.
    let keep = if args.all || earlier.is_some() { Keep::Everything } else { Keep::Findings };
    let report = report(args.sources.clone(), &snapshot, &graph, &rules, policy.as_ref(), Some(&code), keep);
    let mut report = ManuallyDrop::new(report);
    if let Some(old) = earlier {
        report.compare(old);
    }
    let view = terminal::view(color, args.all);
    for output in &args.writes {
        let text = render(&report, output.format, crate::render::View { color: false, ..view })?;
        write_atomically(&output.file, |out| out.write_all(text.as_bytes()))?;
    }
    streams.out.write_all(render(&report, args.format, view)?.as_bytes())?;
    Ok(exit(args, &report))
}

/// An earlier report, or what the rules of today find in an earlier reading.
fn baseline(old: &str, args: &Args, rules: &RuleSet, policy: Option<&Policy>) -> Result<Baseline, Failure> {
    if let Some(read) = read_report(Path::new(old))? {
        return Ok(read);
    }
    let snapshot = args.scan.snapshot(&[old.to_owned()])?;
    let mut graph = resolve(&decode(&snapshot));
    if let Some(policy) = policy {
        policy.declare(&mut graph);
    }
    Ok(Baseline::of(report(vec![old.to_owned()], &snapshot, &graph, rules, policy, None, Keep::Findings)))
}

fn exit(args: &Args, report: &Report<'_>) -> Exit {
    if report.violations(args.fail_on) > 0 {
        Exit::Violations
    } else if !report.complete() && !args.allow_incomplete {
        Exit::Incomplete
    } else if report.graph.workloads.is_empty() {
        Exit::NothingInScope
    } else {
        Exit::Clean
    }
}
