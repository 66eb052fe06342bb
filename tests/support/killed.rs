//! Collections that are killed at a call and gone on with.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Counts what comes to a server, and says from when on it is to be silent.
#[derive(Debug, Clone)]
pub(crate) struct Falling {
    from: Arc<AtomicU64>,
    came: Arc<AtomicU64>,
}

impl Falling {
    /// Silent from this call on, counted from 0.
    pub(crate) fn at(nth: u64) -> Self {
        Self { from: Arc::new(AtomicU64::new(nth)), came: Arc::new(AtomicU64::new(0)) }
    }

    /// Counts a call, and says whether it gets no answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.came.fetch_add(1, Ordering::SeqCst) >= self.from.load(Ordering::SeqCst)
    }

    /// How many calls came.
    pub(crate) fn came(&self) -> u64 {
        self.came.load(Ordering::SeqCst)
    }

    /// Waits until a call gets no answer.
    pub(crate) fn wait(&self) {
        while self.came() <= self.from.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Answers again, and counts anew.
    pub(crate) fn heal(&self) {
        self.from.store(u64::MAX, Ordering::SeqCst);
        self.came.store(0, Ordering::SeqCst);
    }
}

/// What a program said of itself.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The snapshot `out.json` without the time that it is stamped with, and the port that it was read at.
pub(crate) fn timeless(folder: &Path, endpoint: &str) -> String {
    let text = fs::read_to_string(folder.join("out.json")).expect("a snapshot").replace(endpoint, "");
    let (before, after) = text.split_once("\"taken_at\":\"").expect("a time");
    format!("{before}{}", after.split_once('"').expect("an end").1)
}

/// What a healthy server gives, and by how many calls.
pub(crate) fn uninterrupted(falling: &Falling, endpoint: &str, collect: impl Fn(&Path) -> Command) -> (String, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = collect(folder.path()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!folder.path().join("out.json.journal").exists(), "the journal outlived the snapshot");
    (timeless(folder.path(), endpoint), falling.came())
}

/// Kills a collection at the call from which its server is silent, and goes on with it.
pub(crate) fn killed(falling: &Falling, endpoint: &str, collect: impl Fn(&Path) -> Command) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = collect(folder.path()).spawn().expect("it starts");
    falling.wait();
    // `kill` is the signal that nobody can catch.
    child.kill().expect("killed");
    child.wait().expect("it ended");
    assert!(!folder.path().join("out.json").exists(), "a snapshot of a part");
    let journal = fs::read_to_string(folder.path().join("out.json.journal")).unwrap_or_default();
    falling.heal();
    let output = collect(folder.path()).arg("--resume").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{} at {endpoint}", said(&output));
    (folder, journal)
}

/// Calls something for points that lie evenly among so many calls, a few at a time, and adds up what it gives.
pub(crate) fn at_points(points: u64, calls: u64, one: impl Fn(u64) -> u64 + Sync) -> u64 {
    let all: Vec<u64> = (0..points).map(|nth| 1 + nth * (calls - 1) / points).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut sum = 0;
        while let Some(&point) = all.get(next.fetch_add(1, Ordering::SeqCst)) {
            sum += one(point);
        }
        sum
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("every point is right")).sum()
    })
}
