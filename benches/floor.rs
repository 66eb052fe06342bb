//! The floor under an evaluation: the same file read, and parsed by `serde_json` into the same records, and nothing else.
//! Run by `benches/evaluate.py`.

use egress_audit::snapshot::Snapshot;
use serde_json::value::RawValue;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement, not a part of the program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo bench` and `cargo test --benches` come without a file, or with flags of their own.
    let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with('-')) else { return Ok(()) };
    let text = std::fs::read_to_string(path)?;
    let snapshot: Snapshot<&RawValue> = serde_json::from_str(&text)?;
    println!("{} records", snapshot.records.len());
    // The program ends, and takes its memory along: neither it nor this is measured at giving it back.
    std::mem::forget(snapshot);
    std::mem::forget(text);
    Ok(())
}
