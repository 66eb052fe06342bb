//! `egress-audit collect`: saves a snapshot.
#![expect(clippy::disallowed_methods, reason = "the environment says which of many runs this is, at the edge")]

use std::path::PathBuf;

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::Scan,
    shard::Sharding,
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
    /// The file to write, or the folder that a shard goes to; its owner alone may read it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Exit with 0, not 3, where something could not be read.
    #[arg(long)]
    allow_incomplete: bool,
    #[command(flatten)]
    sharding: Sharding,
    #[command(flatten)]
    scan: Scan,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let part = args.sharding.part(|name| std::env::var(name).ok())?;
    let output = match &part {
        // Each of many writes a file of its own into one folder, by the name that tells which it is.
        Some(part) if args.output.is_dir() => args.output.join(part.file_name()),
        _ => args.output.clone(),
    };
    let snapshot = args.scan.part(&args.sources, part)?;
    write_atomically(&output, |out| write(&snapshot, out))?;
    let place = output.to_string_lossy();
    let (records, gaps) = (snapshot.records.len(), snapshot.gaps.len());
    writeln!(streams.err, "{records} records in {}, {gaps} gaps", line(&place))?;
    Ok(if snapshot.gaps.is_empty() || args.allow_incomplete { Exit::Clean } else { Exit::Incomplete })
}
