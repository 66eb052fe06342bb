//! A collection of a project that is killed and gone on with: the same file, to the letter.
#![cfg(unix)]

use std::{path::Path, process::Command};

use crate::{
    killed::{Falling, at_points, killed, timeless, uninterrupted},
    run::program,
    stub::{Reply, Stub},
    world,
};

fn collect(endpoint: &str, folder: &Path) -> Command {
    let mut command = program(endpoint);
    command.args(["collect", "gcp:projects/p", "-o", "out.json"]).current_dir(folder).env("HOME", folder);
    command
}

fn falling(nth: u64) -> (Stub, Falling) {
    let falling = Falling::at(nth);
    let counted = falling.clone();
    (world::serve(move |_, _| counted.is_silent().then_some(Reply::Silence)), falling)
}

#[test]
fn a_project_that_is_killed_anywhere_and_resumed_is_written_as_an_uninterrupted_one_is() {
    let (stub, healthy) = falling(u64::MAX);
    let (expected, calls) = uninterrupted(&healthy, &stub.endpoint(), |folder| collect(&stub.endpoint(), folder));
    let spared = at_points(30, calls, |point| {
        let (stub, falling) = falling(point);
        let endpoint = stub.endpoint();
        let (folder, _) = killed(&falling, &endpoint, |folder| collect(&endpoint, folder));
        assert_eq!(timeless(folder.path(), &endpoint), expected, "{point}");
        calls.saturating_sub(falling.came())
    });
    println!("30 points of {calls} calls: {spared} calls were spared by journals");
    assert!(spared > 0);
}
