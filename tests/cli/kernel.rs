//! The Linux kernel routes what we trace: `tests/oracles/kernel.py`.

use std::process::Command;

#[test]
#[ignore = "needs root, `ip` and `nft`, and six minutes: `cargo test --test cli kernel -- --ignored --nocapture`"]
fn a_far_host_sees_the_address_that_the_trace_prints() {
    let status = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/kernel.py"))
        .args(["--program", env!("CARGO_BIN_EXE_egress-audit"), "--topologies", "200"])
        .status()
        .expect("python3 starts");
    assert!(status.success(), "the kernel does otherwise");
}
