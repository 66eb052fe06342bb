//! `egress-audit diff`: what is different between two readings, in words of meaning.

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::Scan,
};
use crate::{
    decode::decode,
    graph::resolve,
    render::{difference_json, difference_markdown, difference_text},
    report::{Difference, Reading},
};

/// Show what is different between two readings of an estate: addresses, callers, keys.
///
/// Ends with 1 where something changed, and with 3 where something may have changed that was not read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The earlier reading: a snapshot file, or any other source.
    old: String,
    /// The later one; a plan, or a folder of code, tells what it would change.
    new: String,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    #[command(flatten)]
    scan: Scan,
}

/// The formats of differences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people.
    #[default]
    Text,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let old = args.scan.snapshot(std::slice::from_ref(&args.old))?;
    let new = args.scan.snapshot(std::slice::from_ref(&args.new))?;
    let (before, now) = (resolve(&decode(&old)), resolve(&decode(&new)));
    let found = Difference::of(Reading::new(&old, &before), Reading::new(&new, &now));
    let text = match args.format {
        Form::Text => difference_text(&found),
        Form::Markdown => difference_markdown(&found),
        Form::Json => difference_json(&found)?,
    };
    streams.out.write_all(text.as_bytes())?;
    Ok(match (found.changed(), found.open()) {
        (true, _) => Exit::Violations,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Clean,
    })
}
