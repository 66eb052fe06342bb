//! `egress-audit collect`: saves a snapshot.
#![expect(
    clippy::disallowed_methods,
    reason = "the environment says which of many runs this is, and the clock when it began, at the edge"
)]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::Scan,
    output::Target,
    shard::Sharding,
};
use crate::{
    render::escape::line,
    snapshot::Part,
    source::{CollectError, Collection, Journal, SourceSpec},
};

/// Save a snapshot, redacted, to scan, compare and replay offline.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to read: `aws`, `aws:PROFILE`, `aws:org/ROLE`, `gcp:projects/ID`, `gcp:folders/NUMBER`,
    /// `gcp:organizations/NUMBER`, `demo`, folders, plans and states of Terraform, snapshot files to join, or exports of
    /// Google's asset inventory.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<String>,
    /// The file to write, or the folder that a shard goes to; its owner alone may read it. Or an object or a folder in a
    /// bucket: `s3://BUCKET/FILE`, `gs://BUCKET/FOLDER/`.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Exit with 0, not 3, where something could not be read.
    #[arg(long)]
    allow_incomplete: bool,
    /// Go on with a collection of the same sources that was stopped: what it had read is in the journal beside the file.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    sharding: Sharding,
    #[command(flatten)]
    scan: Scan,
}

/// The journal of a collection from a cloud; what is on this machine is read again sooner.
fn journal(
    args: &Args,
    output: Option<&Path>,
    part: Option<&Part>,
    streams: &mut Streams<'_>,
) -> Result<Option<Journal>, Failure> {
    let live = |source: &String| source.parse().is_ok_and(|spec: SourceSpec| spec.is_live());
    if !args.sources.iter().any(live) {
        if args.resume {
            return Err(Failure::usage("only what is read from a cloud can be gone on with", "leave `--resume` out"));
        }
        return Ok(None);
    }
    let Some(output) = output else {
        if args.resume {
            let hint = "collect into a file, and copy it when it is whole";
            return Err(Failure::usage("a collection into a bucket keeps no journal to go on with", hint));
        }
        return Ok(None);
    };
    let mut path = output.as_os_str().to_owned();
    path.push(".journal");
    let path = PathBuf::from(path);
    let asked = Collection {
        tool: env!("CARGO_PKG_VERSION").into(),
        asked: args.scan.asked(&args.sources, part),
        started: Timestamp::now(),
    };
    if !args.resume {
        return Ok(Some(Journal::begin(&path, asked).map_err(CollectError::from)?));
    }
    let journal = Journal::resume(&path, &asked).map_err(CollectError::from)?;
    writeln!(streams.err, "{} resources were read before, and are not asked for again", journal.len())?;
    Ok(Some(journal))
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let part = args.sharding.part(|name| std::env::var(name).ok())?;
    let target = Target::of(&args.output, part.as_ref(), &args.scan.options())?;
    let journal = journal(args, target.file(), part.as_ref(), streams)?.map(Arc::new);
    let snapshot = match args.scan.part(&args.sources, part, journal.clone()) {
        Err(Failure::Collect(CollectError::Interrupted)) if journal.is_some() => {
            writeln!(streams.err, "what was read is kept: the same command with `--resume` goes on from there")?;
            return Err(Failure::Collect(CollectError::Interrupted));
        }
        read => read?,
    };
    target.write(&snapshot)?;
    if let Some(journal) = journal {
        journal.end().map_err(CollectError::from)?;
    }
    let (records, gaps) = (snapshot.records.len(), snapshot.gaps.len());
    writeln!(streams.err, "{records} records in {}, {gaps} gaps", line(&target.shown()))?;
    Ok(if snapshot.gaps.is_empty() || args.allow_incomplete { Exit::Clean } else { Exit::Incomplete })
}
