//! `egress-audit invokers`: who may call one workload, by which doors and which grants.

use super::{
    ColorChoice, Streams,
    exit::{Exit, Failure},
    inputs::{Scan, workload},
    terminal,
};
use crate::{
    evidence::Known,
    graph::{may_call, own_callers, resolve},
    render::{invokers_json, invokers_text, may_call_json, may_call_text},
};

/// Show who may call a workload: its doors, and everyone who is authorised, with the chain of grants.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workload: its full name, or an ending of it that only one has.
    workload: String,
    /// What to scan.
    #[arg(default_value = ".", value_name = "SOURCE")]
    sources: Vec<String>,
    /// Answer for this principal alone, with what decides it: an ARN, a twelve-digit account or a service of AWS, a member of
    /// Google Cloud such as `serviceAccount:A`, or `anonymous`.
    #[arg(long, value_name = "PRINCIPAL")]
    by: Option<String>,
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
    let inventory = args.scan.inventory(&args.sources)?;
    let graph = resolve(&inventory);
    let workload = workload(&graph, &args.workload)?;
    let view = terminal::view(color, false);
    if let Some(principal) = &args.by {
        let found = may_call(&inventory, &graph, workload, principal).map_err(|forms| {
            Failure::usage(format!("`{principal}` is not a principal that {} has", workload.scope.cloud), forms)
        })?;
        let text = match args.format {
            Form::Text => may_call_text(workload, principal, &found, view),
            Form::Json => may_call_json(workload, principal, &found)?,
        };
        streams.out.write_all(text.as_bytes())?;
        return Ok(if matches!(found.is, Known::Known(_)) { Exit::Clean } else { Exit::Incomplete });
    }
    let own = own_callers(&inventory, &graph, workload);
    let text = match args.format {
        Form::Text => invokers_text(workload, &own, view),
        Form::Json => invokers_json(workload, &own)?,
    };
    streams.out.write_all(text.as_bytes())?;
    let known = matches!(workload.invoke.anonymous.is, Known::Known(_)) && workload.invokers_gaps().is_empty();
    Ok(if known { Exit::Clean } else { Exit::Incomplete })
}
