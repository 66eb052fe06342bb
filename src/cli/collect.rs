//! `egress-audit collect`: saves a snapshot.

use std::path::PathBuf;

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::Scan,
};
use crate::{
    render::escape::line,
    snapshot::{write, write_atomically},
};

/// Save a snapshot, redacted, to scan, compare and replay offline.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to read: `aws`, `aws:PROFILE`, `aws:org/ROLE`, `gcp:projects/ID`, `gcp:folders/NUMBER`,
    /// `gcp:organizations/NUMBER`, `demo`, folders, plans and states of Terraform, snapshot files to join, or exports of
    /// Google's asset inventory.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<String>,
    /// The file to write; its owner alone may read it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Exit with 0, not 3, where something could not be read.
    #[arg(long)]
    allow_incomplete: bool,
    #[command(flatten)]
    scan: Scan,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let snapshot = args.scan.snapshot(&args.sources)?;
    write_atomically(&args.output, |out| write(&snapshot, out))?;
    writeln!(
        streams.err,
        "{} records in {}, {} gaps",
        snapshot.records.len(),
        line(&args.output.to_string_lossy()),
        snapshot.gaps.len()
    )?;
    Ok(if snapshot.gaps.is_empty() || args.allow_incomplete { Exit::Clean } else { Exit::Incomplete })
}
