//! A judge that is another program: a line of question, a line of answer.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use serde_json::Value as Json;

/// Questions that are under way at once.
const AHEAD: usize = 512;

/// A program that answers a line with a line. What it is asked waits in a queue, so that both sides work.
pub(super) struct Judge {
    child: Child,
    questions: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
    answers: BufReader<std::process::ChildStdout>,
}

impl Judge {
    /// Starts it; none where the program is not there.
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Option<Self> {
        let mut child =
            Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let mut input = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let (questions, queue) = sync_channel::<String>(4096);
        let writer = thread::spawn(move || {
            for line in queue {
                if writeln!(input, "{line}").is_err() {
                    return;
                }
            }
        });
        Some(Self { child, questions: Some(questions), writer: Some(writer), answers })
    }

    /// Puts a question; its answer comes after those of the questions before.
    pub(super) fn ask(&mut self, question: String) {
        self.questions.as_ref().expect("it listens").send(question).expect("it reads on");
    }

    /// The next answer.
    pub(super) fn answer(&mut self) -> Json {
        let mut line = String::new();
        let length = self.answers.read_line(&mut line).expect("text");
        assert!(length > 0, "the other judge ended");
        serde_json::from_str(&line).expect("JSON")
    }
}

/// Questions of which many are under way, each with what is needed to read its answer.
pub(super) struct Round<T> {
    judge: Judge,
    asked: VecDeque<T>,
}

impl<T> Round<T> {
    pub(super) const fn new(judge: Judge) -> Self {
        Self { judge, asked: VecDeque::new() }
    }

    /// Puts a question, and reads the answer to an earlier one when enough are under way.
    pub(super) fn ask(&mut self, question: String, about: T, mut read: impl FnMut(&T, &Json)) {
        self.judge.ask(question);
        self.asked.push_back(about);
        if self.asked.len() > AHEAD {
            let about = self.asked.pop_front().expect("it is not empty");
            read(&about, &self.judge.answer());
        }
    }

    /// Reads the answers that are left.
    pub(super) fn end(mut self, mut read: impl FnMut(&T, &Json)) {
        for about in self.asked {
            read(&about, &self.judge.answer());
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// A file beside the tests.
pub(super) fn beside_tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}
