//! `egress-audit ips`: the addresses to allow-list.

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::Scan,
};
use crate::render::{ips_json, ips_table};

/// List the addresses that partners may see, by workload.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to scan.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<String>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
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
    let graph = args.scan.graph(&args.sources)?;
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
