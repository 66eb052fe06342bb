//! The command line: arguments to an exit code. One file for each subcommand, with its arguments and its function.

mod collect;
mod completions;
mod diff;
mod exit;
mod inputs;
mod invokers;
mod ips;
mod man;
mod organization;
mod output;
mod permissions;
mod progress;
mod report;
mod rules;
mod shard;
mod streams;
mod terminal;
mod threads;
mod trace;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};
pub use streams::Streams;
pub use terminal::ColorChoice;

use streams::{Aside, Until};

/// Shows from where serverless functions reach the internet, who can reach them, and which keys guard them.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: ColorChoice,
    /// Say more on standard error; twice for every call.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

const EXIT_CODES: &str =
    "exit codes: 0 clean, 1 violations, 2 usage or unreadable input, 3 something could not be evaluated,
4 nothing was in scope, 130 interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    Report(report::Args),
    Collect(collect::Args),
    Trace(trace::Args),
    Invokers(invokers::Args),
    Ips(ips::Args),
    Diff(diff::Args),
    Rules(rules::Args),
    Permissions(permissions::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs a command and says how it ended.
pub fn run(cli: &Cli, streams: &mut Streams<'_>) -> Exit {
    terminal::logs(cli.verbose);
    let streams = &mut Streams { out: &mut Until::gone(streams.out), err: &mut Aside(streams.err) };
    let outcome = threads::make().and_then(|()| match &cli.command {
        Command::Report(args) => report::run(args, cli.color, streams),
        Command::Collect(args) => collect::run(args, streams),
        Command::Trace(args) => trace::run(args, cli.color, streams),
        Command::Invokers(args) => invokers::run(args, cli.color, streams),
        Command::Ips(args) => ips::run(args, streams),
        Command::Diff(args) => diff::run(args, streams),
        Command::Rules(args) => rules::run(args, streams),
        Command::Permissions(args) => permissions::run(args, streams),
        Command::Completions(args) => completions::run(args, streams),
        Command::Man(args) => man::run(args, streams),
    });
    // What is still held back may find no room either.
    match outcome.and_then(|exit| Ok(streams.out.flush().map(|()| exit)?)) {
        Ok(exit) => exit,
        Err(failure) => {
            // Where even this cannot be written, the exit code still tells.
            let _ = failure.show(streams.err);
            failure.exit()
        }
    }
}
