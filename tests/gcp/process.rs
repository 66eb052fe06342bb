//! What the system does to a live collection: signals, few files, a full disk, and nobody who listens.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{
    estate::Estate,
    killed::{Falling, said, timeless, uninterrupted},
    run::program,
    stub::{Reply, Stub},
    world,
};

const COLLECT: [&str; 4] = ["collect", "gcp:projects/p", "-o", "out.json"];

/// The program in a folder, after a line of the shell that takes something from it.
fn under(limit: &str, endpoint: &str, folder: &Path, arguments: &[&str]) -> Command {
    let own = program(endpoint);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limit}\nexec \"$0\" \"$@\"")]).arg(own.get_program()).args(arguments);
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(folder).env("HOME", folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn collect(endpoint: &str, folder: &Path) -> Command {
    under(":", endpoint, folder, &COLLECT)
}

fn falling(nth: u64) -> (Stub, Falling) {
    let falling = Falling::at(nth);
    let counted = falling.clone();
    (world::serve(move |_, _| counted.is_silent().then_some(Reply::Silence)), falling)
}

/// Sends a signal once the server has fallen silent.
fn stopped(mut command: Command, falling: &Falling, signal: &str) -> Output {
    let child = command.spawn().expect("it starts");
    falling.wait();
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_signal_to_stop_ends_with_130_and_no_snapshot_and_the_rest_is_read_on_resuming() {
    let (stub, healthy) = falling(u64::MAX);
    let (expected, calls) = uninterrupted(&healthy, &stub.endpoint(), |folder| collect(&stub.endpoint(), folder));
    for (signal, point) in [("-INT", 3), ("-INT", calls - 2), ("-TERM", 3), ("-TERM", calls - 2)] {
        let (stub, falling) = falling(point);
        let (endpoint, folder) = (stub.endpoint(), tempfile::tempdir().expect("a folder"));
        let output = stopped(collect(&endpoint, folder.path()), &falling, signal);
        assert_eq!(output.status.code(), Some(130), "{signal} at {point}: {}", said(&output));
        assert!(said(&output).contains("goes on from there"), "{}", said(&output));
        assert!(!folder.path().join("out.json").exists() && folder.path().join("out.json.journal").is_file());
        falling.heal();
        let output = collect(&endpoint, folder.path()).arg("--resume").output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(timeless(folder.path(), &endpoint) == expected, "{signal} at {point}: another snapshot");
    }
}

#[test]
fn a_signal_to_stop_ends_a_report_with_130_and_nothing_written() {
    for signal in ["-INT", "-TERM"] {
        let (stub, falling) = falling(10);
        let folder = tempfile::tempdir().expect("a folder");
        let report = ["report", "gcp:projects/p", "--write", "json=out.json"];
        let mut command = under(":", &stub.endpoint(), folder.path(), &report);
        command.stdout(Stdio::piped());
        let output = stopped(command, &falling, signal);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0), "{signal}: {}", said(&output));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}

#[test]
fn thirty_two_open_files_are_enough_for_a_project_of_any_number_of_services() {
    let stub = Stub::start(|request, _| Estate(300).answer(request));
    let endpoint = stub.endpoint();
    let with = |limit: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let output = under(limit, &endpoint, folder.path(), &COLLECT).output().expect("it runs");
        let snapshot = timeless(folder.path(), &endpoint);
        // What had to wait for a file was asked for again.
        let (before, after) = snapshot.split_once("\"calls\":").expect("a number");
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        (output.status.code(), format!("{before}{rest}"))
    };
    let (code, free) = with(":");
    assert_eq!(code, Some(0));
    match with("ulimit -n 32") {
        (Some(0), bound) => assert!(bound == free, "another snapshot"),
        // On a machine that is busy with other things, something may have waited too long.
        (code, bound) => assert!(code == Some(3) && bound.contains("\"why\":\"network\""), "{code:?}"),
    }
}

#[test]
fn a_project_is_a_gap_and_no_crash_where_no_file_is_left_for_a_connection() {
    let stub = world::serve(|_, _| None);
    for files in [4, 6, 8, 10, 12, 16] {
        let folder = tempfile::tempdir().expect("a folder");
        let limit = format!("ulimit -n {files}");
        let output = under(&limit, &stub.endpoint(), folder.path(), &COLLECT).output().expect("it runs");
        let words = said(&output);
        assert!(matches!(output.status.code(), Some(0 | 2 | 3)), "{files}: {}: {words}", output.status);
        assert!(!words.contains("panicked"), "{files}: {words}");
        // What is written then is either whole, or says what it lacks.
        if let Ok(text) = fs::read_to_string(folder.path().join("out.json")) {
            let whole = text.contains("\"gaps\":[\n]") || text.contains("\"gaps\":[]");
            assert_eq!(whole, output.status.code() == Some(0), "{files}: {words}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_that_nobody_can_hear_stops_no_collection() {
    // Most calls fail, so that there is much to say.
    let stub = world::serve(|request, _| (!request.path.starts_with("cloudres")).then(|| Reply::error(403, "", "no")));
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [&COLLECT[..], &["-vvv"]].concat();
    let full = fs::File::options().write(true).open("/dev/full").expect("a device");
    let status = under(":", &stub.endpoint(), folder.path(), &arguments).stderr(full).status().expect("it runs");
    assert_eq!(status.code(), Some(3));
    assert!(timeless(folder.path(), &stub.endpoint()).contains("\"why\":\"denied\""));
}

#[test]
fn a_journal_that_finds_no_room_stops_nothing_and_a_snapshot_that_finds_none_is_an_error() {
    let stub = Stub::start(|request, _| Estate(60).answer(request));
    let folder = tempfile::tempdir().expect("a folder");
    // The signal is held off, as it ends whoever does not know of it.
    let limit = "trap '' XFSZ; ulimit -f 8";
    let output = under(limit, &stub.endpoint(), folder.path(), &COLLECT).output().expect("it runs");
    let words = said(&output);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("the journal could not be written"), "{words}");
    assert!(words.contains("error: cannot write `out.json`: File too large"), "{words}");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().map(|it| it.file_name()).collect();
    assert_eq!(left, ["out.json.journal"]);
    // What is in it is gone on with, once there is room.
    let output = collect(&stub.endpoint(), folder.path()).arg("--resume").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let again = tempfile::tempdir().expect("a folder");
    assert!(collect(&stub.endpoint(), again.path()).status().expect("it runs").success());
    assert_eq!(timeless(folder.path(), &stub.endpoint()), timeless(again.path(), &stub.endpoint()));
}
