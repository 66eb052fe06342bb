//! `egress-audit completions`: what a shell needs to complete commands.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::{
    Cli, Streams,
    exit::{Exit, Failure},
};

/// Write the completions of a shell to standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    generate(args.shell, &mut Cli::command(), "egress-audit", &mut text);
    streams.out.write_all(&text)?;
    Ok(Exit::Clean)
}
