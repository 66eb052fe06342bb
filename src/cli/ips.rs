//! `egress-audit ips`: the addresses to allow-list, and whether they are still those that partners were told.

use std::path::{Path, PathBuf};

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::{Scan, lock},
};
use crate::{
    decode::decode,
    graph::{Graph, Lock, resolve},
    render::{Differences, changes_json, changes_text, ips_json, ips_table},
    snapshot::write_atomically,
};

/// List the addresses that partners may see, by workload.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to scan.
    #[arg(default_value = ".", value_name = "SOURCE")]
    sources: Vec<String>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    /// Write the addresses that stay to a lock file, to be committed and told to partners.
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Compare with the lock file instead of writing it: exit 1 where an address is new or gone.
    #[arg(long, requires = "lock")]
    check: bool,
    #[command(flatten)]
    scan: Scan,
}

/// The formats of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    if let (Some(file), true) = (&args.lock, args.check) {
        return check(args, &lock(file)?, streams);
    }
    let snapshot = args.scan.snapshot(&args.sources)?;
    let graph = resolve(&decode(&snapshot));
    if let Some(file) = &args.lock {
        write(file, &graph, snapshot.gaps.is_empty(), streams)?;
    }
    let text = match args.format {
        Form::Table => ips_table(&graph.workloads),
        Form::Json => ips_json(&graph.workloads)?,
    };
    streams.out.write_all(text.as_bytes())?;
    let known = graph.workloads.iter().all(|it| it.egress.is_known());
    Ok(match (graph.workloads.is_empty(), known) {
        (true, _) => Exit::NothingInScope,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    })
}

/// Writes the lock file. What is not known now keeps what the file said.
fn write(file: &Path, graph: &Graph, everything_read: bool, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let before = if file.exists() { lock(file)? } else { Lock::empty() };
    let (renewed, unknown) = Lock::renewed(&before, graph, everything_read);
    let text = renewed.text()?;
    write_atomically(file, |out| out.write_all(text.as_bytes()))?;
    for workload in unknown {
        let kept = if before.workloads.contains_key(&workload.id) { "as it was" } else { "left out" };
        writeln!(streams.err, "{}: its addresses are not known; {kept} in {}", workload.name, file.display())?;
    }
    Ok(())
}

fn check(args: &Args, lock: &Lock, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let snapshot = args.scan.snapshot(&args.sources)?;
    let mut graph = resolve(&decode(&snapshot));
    graph.compare(lock);
    let found = Differences::of(lock, &graph, snapshot.gaps.is_empty());
    let text = match args.format {
        Form::Table => changes_text(&found),
        Form::Json => changes_json(&found)?,
    };
    streams.out.write_all(text.as_bytes())?;
    Ok(match (found.certain(), found.open()) {
        (true, _) => Exit::Violations,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Clean,
    })
}
