//! `egress-audit man`: the manual, a page for each command.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::{
    Cli, Streams,
    exit::{Exit, Failure},
};

/// Write the manual pages into a folder, or the first of them to standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder for a page of each command; it is made where it is missing.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        page_of(&command).render(&mut page)?;
        streams.out.write_all(&page)?;
        return Ok(Exit::Clean);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| pages(&command, folder));
    written.map_err(|error| Failure::Usage {
        message: format!("cannot write the manual into `{}`: {error}", folder.display()),
        hint: None,
    })?;
    Ok(Exit::Clean)
}

/// Writes the page of a command, and those of the commands below it.
fn pages(command: &Command, folder: &Path) -> io::Result<()> {
    page_of(command).generate_to(folder)?;
    command.get_subcommands().try_for_each(|below| pages(below, folder))
}

fn page_of(command: &Command) -> Man {
    Man::new(command.clone()).source(concat!("egress-audit ", env!("CARGO_PKG_VERSION"))).manual("egress-audit")
}
