//! `egress-audit trace`: one workload's egress, hop by hop.

use super::{
    ColorChoice, Streams,
    exit::{Exit, Failure},
    inputs::{Scan, workload},
    terminal,
};
use crate::{
    evidence::Known,
    graph::{
        egress::{Destination, Path, Traffic},
        resolve, toward,
    },
    render::{PictureFormat, picture, trace_json, trace_text, trace_to_json, trace_to_text},
};

/// Show a workload's way to the internet, hop by hop, with the fact that decides at each.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workload: its full name, or an ending of it that only one has.
    workload: String,
    /// What to scan.
    #[arg(default_value = ".", value_name = "SOURCE")]
    sources: Vec<String>,
    /// Follow the traffic to this destination alone, such as `203.0.113.7:443` or `10.0.0.2:53/udp`.
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: Option<String>,
    /// Draw the paths: `svg`, `mermaid` or `dot`.
    #[arg(long, value_name = "PICTURE", conflicts_with_all = ["to", "format"])]
    picture: Option<PictureFormat>,
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
    let inventory = args.scan.inventory(&args.sources)?;
    let graph = resolve(&inventory);
    let workload = workload(&graph, &args.workload)?;
    let view = terminal::view(color, false);
    if let Some(to) = &args.to {
        let to: Destination =
            to.parse().map_err(|form: &str| Failure::usage(format!("`{to}` is no destination"), form))?;
        let lost = || Failure::usage(format!("`{}` has no paths", workload.name), "name another workload");
        let egress = toward(&inventory, workload, Traffic::To(to)).ok_or_else(lost)?;
        let text = match args.format {
            Form::Text => trace_to_text(workload, &to, &egress, view),
            Form::Json => trace_to_json(workload, &to, &egress)?,
        };
        streams.out.write_all(text.as_bytes())?;
        let known = egress.paths.iter().map(Path::arrives).all(|it| matches!(it, Known::Known(_)));
        return Ok(if known { Exit::Clean } else { Exit::Incomplete });
    }
    if let Some(format) = args.picture {
        streams.out.write_all(picture(workload, format).as_bytes())?;
        return Ok(if workload.egress.is_known() { Exit::Clean } else { Exit::Incomplete });
    }
    let private = toward(&inventory, workload, Traffic::Private);
    let text = match args.format {
        Form::Text => trace_text(workload, private.as_ref(), view),
        Form::Json => trace_json(workload, private.as_ref())?,
    };
    streams.out.write_all(text.as_bytes())?;
    Ok(if workload.egress.is_known() { Exit::Clean } else { Exit::Incomplete })
}
