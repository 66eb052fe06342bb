//! The binary: reads the arguments and hands over; everything else is in the library.

use std::io::{stderr, stdout};

use clap::Parser as _;
use egress_audit::cli::{Cli, Exit, Streams, run};

fn main() -> Exit {
    let cli = Cli::parse();
    run(&cli, &mut Streams { out: &mut stdout(), err: &mut stderr() })
}
