//! `egress-audit trace`: one workload's egress, hop by hop.

use super::{
    ColorChoice, Streams,
    exit::{Exit, Failure},
    inputs::{Scan, workload},
    terminal,
};
use crate::render::{trace_json, trace_text};

/// Show a workload's way to the internet, hop by hop, with the fact that decides at each.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workload: its full name, or an ending of it that only one has.
    workload: String,
    /// What to scan.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<String>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    #[command(flatten)]
    scan: Scan,
}

/// The formats of a trace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

pub(super) fn run(args: &Args, color: ColorChoice, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let graph = args.scan.graph(&args.sources)?;
    let workload = workload(&graph, &args.workload)?;
    let text = match args.format {
        Form::Text => trace_text(workload, terminal::view(color, false)),
        Form::Json => trace_json(workload)?,
    };
    streams.out.write_all(text.as_bytes())?;
    Ok(if workload.egress.is_known() { Exit::Clean } else { Exit::Incomplete })
}
