//! What the system does to a run: full disks, readers who go, files that cannot be written, and limits of every kind. Each
//! run ends with a code of its own, and what it writes is whole or absent.
//!
//! One fault nobody outlives: where memory itself ends in the middle of a run, the allocator ends the program by a signal
//! (134 in a shell), as safe Rust cannot do otherwise. Nothing is printed or renamed by then, so nothing has passed. What is
//! asked for before the work begins, such as threads and their stacks, is refused in words, which is tried here.
#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Output, Stdio},
};

const FORMATS: [&str; 11] =
    ["table", "json", "sarif", "markdown", "junit", "csv", "github", "gitlab", "ocsf", "ndjson", "html"];

/// The program in a folder, after a line of the shell that takes something from it.
fn under(limit: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{limit}\nexec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_egress-audit"))
        .args(arguments);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    under(":", folder, arguments)
}

/// How a run ends, which is never by a panic or a signal.
fn ends(what: &str, output: &Output) -> i32 {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{what}: {said}");
    let code = output.status.code().unwrap_or_else(|| panic!("{what}: {}: {said}", output.status));
    assert!((0..=4).contains(&code), "{what}: {code}: {said}");
    code
}

fn run(command: &mut Command) -> Output {
    command.output().expect("it starts")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// Everything that is printed.
fn printing() -> Vec<Vec<&'static str>> {
    let reports = FORMATS.into_iter().map(|format| vec!["report", "demo", "--all", "--format", format]);
    let others = [
        &["trace", "partner-feed", "demo"][..],
        &["trace", "partner-feed", "demo", "--picture", "svg"],
        &["trace", "partner-feed", "demo", "--format", "json"],
        &["invokers", "partner-hook", "demo"],
        &["ips", "demo"],
        &["ips", "demo", "--format", "json"],
        &["diff", "demo", "demo"],
        &["rules"],
        &["rules", "open-ingress"],
        &["permissions", "aws"],
        &["completions", "bash"],
        &["man"],
    ];
    reports.chain(others.into_iter().map(<[_]>::to_vec)).collect()
}

#[test]
fn who_stops_reading_changes_nothing_of_how_a_run_ends() {
    let folder = folder();
    for arguments in printing() {
        let whole = run(&mut program(folder.path(), &arguments));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let cut = run(program(folder.path(), &arguments).stdout(writer).stderr(Stdio::piped()));
        // Else a gate would open for whoever looks at a few lines of what is behind it.
        assert_eq!(ends("read in part", &cut), ends("read", &whole), "{arguments:?}");
        assert_eq!(cut.stderr, whole.stderr, "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_finds_no_room_to_be_printed_is_an_error_in_every_format() {
    let folder = folder();
    for arguments in printing() {
        let full = fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = run(program(folder.path(), &arguments).stdout(full));
        assert_eq!(ends("full", &output), 2, "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("error: cannot write the output: No space left on device"), "{arguments:?}: {said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn words_that_nobody_can_hear_decide_nothing() {
    let folder = folder();
    let cases = [
        &["report", "demo", "-vvv"][..],
        &["report", "nowhere"],
        &["collect", "demo", "-o", "out.json", "-vvv"],
        &["ips", "demo", "--lock", "addresses.lock"],
    ];
    for arguments in cases {
        let heard = run(&mut program(folder.path(), arguments));
        let full = fs::File::options().write(true).open("/dev/full").expect("a device");
        let unheard = run(program(folder.path(), arguments).stderr(full));
        assert_eq!(ends("unheard", &unheard), ends("heard", &heard), "{arguments:?}");
        assert_eq!(unheard.stdout, heard.stdout, "{arguments:?}");
    }
    assert!(folder.path().join("out.json").is_file());
}

/// Everything that is written, each to a file.
fn writing(file: &str) -> Vec<Vec<String>> {
    let own = |arguments: &[&str]| arguments.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut all = vec![own(&["collect", "demo", "-o", file]), own(&["ips", "demo", "--lock", file])];
    for format in FORMATS {
        all.push(own(&["report", "demo", "--write", &format!("{format}={file}")]));
    }
    all
}

/// The lines of a shell that mount a small disk at `d`, where this system lets its users do so.
fn small_disk() -> Option<&'static str> {
    let folder = folder();
    fs::create_dir(folder.path().join("d")).expect("a folder");
    let mut unshare = Command::new("unshare");
    unshare.args(["-rm", "mount", "-t", "tmpfs", "-o", "size=4k", "none", "d"]).current_dir(folder.path());
    let can = unshare.output().is_ok_and(|output| output.status.success());
    if !can {
        println!("no disk can be mounted here: a limit of the size of files stands for it");
    }
    can.then_some("mount -t tmpfs -o size=4k none d && cp old d/out || exit 99")
}

#[test]
fn a_disk_that_is_full_leaves_what_was_there_and_no_part_of_anything() {
    let folder = folder();
    fs::create_dir(folder.path().join("d")).expect("a folder");
    fs::write(folder.path().join("old"), "of yesterday").expect("a file");
    let disk = small_disk();
    for arguments in writing("d/out") {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // The lock file of the demo is small enough for any disk.
        if arguments[0] == "ips" {
            continue;
        }
        if let Some(mount) = disk {
            // What is left is looked at before the disk goes.
            let look = format!("{mount}\n\"$0\" \"$@\" >/dev/null\ncode=$?\ncat d/out >&2\nls -A d >&2\nexit $code");
            let mut command = Command::new("unshare");
            command.args(["-rm", "sh", "-c", &look]).arg(env!("CARGO_BIN_EXE_egress-audit")).args(&arguments);
            let output = run(command.current_dir(folder.path()));
            assert_eq!(ends("a full disk", &output), 2, "{arguments:?}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("error: cannot write `d/out`: No space left on device"), "{arguments:?}: {said}");
            assert!(said.ends_with("of yesterdayout\n"), "{arguments:?}: {said}");
        }
        // Blocks of 512 bytes or of 1024, by the shell. The signal is held off, as it ends whoever does not know of it.
        fs::copy(folder.path().join("old"), folder.path().join("d/out")).expect("a file");
        let output = run(&mut under("trap '' XFSZ; ulimit -f 1", folder.path(), &arguments));
        assert_eq!(ends("no large files", &output), 2, "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("error: cannot write `d/out`: File too large"));
        assert_eq!(fs::read_to_string(folder.path().join("d/out")).expect("a file"), "of yesterday", "{arguments:?}");
        assert_eq!(names(&folder.path().join("d")), BTreeSet::from(["out".to_owned()]), "{arguments:?}");
    }
}

#[test]
fn an_output_that_is_no_file_or_lies_where_nobody_can_write_is_refused() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("dir")).expect("a folder");
    fs::write(at("target"), "of yesterday").expect("a file");
    symlink("target", at("link")).expect("a link");
    symlink("nowhere", at("dangling")).expect("a link");
    assert!(Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo").success());
    fs::create_dir(at("closed")).expect("a folder");
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o555)).expect("closed");
    let mut places =
        vec!["dir", "dir/", "link", "dangling", "pipe", "/dev/null", "missing/out", "target/out", ".", "/"];
    if fs::write(at("closed/probe"), "").is_err() {
        places.push("closed/out");
    } else {
        fs::remove_file(at("closed/probe")).expect("removed");
        println!("nothing is closed to this user");
    }
    if cfg!(target_os = "linux") {
        places.push("/proc/out");
    }
    for place in places {
        for arguments in writing(place) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = run(&mut program(folder.path(), &arguments));
            assert_eq!(ends(place, &output), 2, "{arguments:?}");
            assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "), "{arguments:?}");
        }
    }
    assert_eq!(fs::read_to_string(at("target")).expect("a file"), "of yesterday");
    let all = ["closed", "dangling", "dir", "link", "pipe", "target"].map(str::to_owned);
    assert_eq!(names(folder.path()), BTreeSet::from(all));
    assert!(names(&at("dir")).is_empty() && names(&at("closed")).is_empty());
}

#[test]
fn what_cannot_be_written_beside_what_can_leaves_the_code_of_an_error() {
    let folder = folder();
    let arguments = ["report", "demo", "--write", "json=a.json", "--write", "sarif=missing/b.sarif"];
    let output = run(&mut program(folder.path(), &arguments));
    assert_eq!((ends("a part", &output), output.stdout.len()), (2, 0));
    assert!(names(folder.path()).iter().all(|name| name == "a.json"), "{:?}", names(folder.path()));
}

#[test]
fn little_room_for_addresses_is_enough_or_an_error_in_words() {
    let folder = folder();
    let demo = ["report", "demo", "--write", "json=out.json"];
    let wide = ends("wide", &run(&mut program(folder.path(), &demo)));
    for kilobytes in [256 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20] {
        let mut command = under(&format!("ulimit -v {kilobytes}"), folder.path(), &demo);
        // As on a machine with very many cores, where each thread wants room for its stack.
        for threads in ["2", "4096"] {
            let output = run(command.env("RAYON_NUM_THREADS", threads));
            let code = ends("narrow", &output);
            let said = String::from_utf8_lossy(&output.stderr);
            let enough = kilobytes >= 1 << 20 && threads == "2";
            assert!(code == wide || !enough && code == 2 && said.starts_with("error: "), "{kilobytes} KiB: {said}");
        }
    }
}

#[test]
fn thirty_two_open_files_are_enough_for_folders_and_snapshots_of_any_number() {
    let folder = folder();
    for nth in 0..200 {
        let module = folder.path().join(format!("code/m{nth}/a/b"));
        fs::create_dir_all(&module).expect("folders");
        fs::write(module.join("main.tf"), format!("resource \"aws_vpc\" \"v{nth}\" {{}}\n")).expect("a file");
        fs::write(module.join("more.tf"), "locals {\n  a = 1\n}\n").expect("a file");
    }
    let mut arguments = vec!["report".to_owned(), "code".into(), "--format".into(), "json".into()];
    for (nth, format) in FORMATS.iter().enumerate() {
        arguments.extend(["--write".to_owned(), format!("{format}=out-{nth}")]);
    }
    // One snapshot by many names: what is read alike is judged once.
    let sound = crate::good::snapshot("sound");
    for nth in 0..100 {
        fs::write(folder.path().join(format!("{nth}.json")), &sound).expect("a file");
        arguments.push(format!("{nth}.json"));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let free = run(&mut program(folder.path(), &arguments));
    let bound = run(&mut under("ulimit -n 32", folder.path(), &arguments));
    assert_eq!(ends("32 files", &bound), ends("any number", &free));
    let without_times = |output: &Output| {
        let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["taken_at"] = serde_json::Value::Null;
        report
    };
    assert_eq!(without_times(&bound), without_times(&free));
}
