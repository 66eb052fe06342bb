//! The binary: reads the arguments and hands over; everything else is in the library.

use std::io::{stderr, stdout};

use clap::Parser as _;
use egress_audit::cli::{Cli, Exit, Streams, run};

// Facts are many small values: a scan of code takes a quarter less time than with the allocator of glibc;
// that of musl, which static binaries have, is slower still. Without huge pages (`no_thp`): where a machine's host takes back
// what is free, they cost a second for each gigabyte.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    let cli = Cli::parse();
    run(&cli, &mut Streams { out: &mut stdout(), err: &mut stderr() })
}
