//! `egress-audit invokers`: who may call one workload, by which doors and which grants.

use super::{
    ColorChoice, Streams,
    exit::{Exit, Failure},
    inputs::{Scan, workload},
    terminal,
};
use crate::{
    evidence::Known,
    render::{invokers_json, invokers_text},
};

/// Show who may call a workload: its doors, and everyone who is authorised, with the chain of grants.
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

/// The formats of a list of invokers.
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
        Form::Text => invokers_text(workload, terminal::view(color, false)),
        Form::Json => invokers_json(workload)?,
    };
    streams.out.write_all(text.as_bytes())?;
    let known = matches!(workload.invoke.anonymous.is, Known::Known(_)) && workload.invokers_gaps().is_empty();
    Ok(if known { Exit::Clean } else { Exit::Incomplete })
}
