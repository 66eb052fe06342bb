//! A case: files, a command, and how it has to end. And the run of many, with what each of them took.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

/// The most memory that a case may take, besides what fills its files, which is held while it is read.
/// The promise is 100 MiB; of a build without optimisation the program alone is larger.
const MOST_MEMORY: u64 = if cfg!(debug_assertions) { 128 << 20 } else { 100 << 20 };
/// The most work of a processor. The promise is a second; a build without optimisation on a busy machine gets ten.
const MOST_WORK: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
/// When a case is given up: it waits for something that never comes.
const HANGS: Duration = Duration::from_mins(2);

/// Where a case is filled.
pub(crate) const HOLE: &str = "@hole@";

/// One input, and how the program has to end on it.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Names and contents, in the folder where the program runs.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What stands so many times in the place of [`HOLE`], in every file: too much to be kept by the tests.
    pub(crate) filling: Option<(&'static str, usize)>,
    pub(crate) arguments: Vec<String>,
    /// The codes that are right.
    pub(crate) ends: &'static [i32],
    /// What it has to say: a part of standard error, or of standard output.
    pub(crate) says: Option<String>,
}

impl Case {
    /// A run of the program with one file.
    pub(crate) fn new(name: impl Into<String>, file: &str, bytes: impl Into<Vec<u8>>, arguments: &[&str]) -> Self {
        Self {
            name: name.into(),
            files: vec![(file.into(), bytes.into())],
            arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
            filling: None,
            ends: &[2],
            says: None,
        }
    }

    /// A file that is collected into a snapshot: as all sources are read, without a look at the rules.
    pub(crate) fn source(name: impl Into<String>, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, file, bytes, &["collect", file, "-o", "out"])
    }

    /// One of these codes is right.
    pub(crate) fn ends(mut self, codes: &'static [i32]) -> Self {
        self.ends = codes;
        self
    }

    /// This is what it says.
    pub(crate) fn says(mut self, words: impl Into<String>) -> Self {
        self.says = Some(words.into());
        self
    }

    /// With this, so many times, in the place of [`HOLE`].
    pub(crate) fn filled(mut self, unit: &'static str, times: usize) -> Self {
        self.filling = Some((unit, times));
        self
    }

    /// With one more file beside it.
    pub(crate) fn with(mut self, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((file.into(), bytes.into()));
        self
    }
}

/// How a run ended, and what it took.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) printed: String,
    pub(crate) said: String,
    pub(crate) memory: u64,
    pub(crate) work: Duration,
}

impl Ran {
    /// Whether it took no more memory than a case may, whose files are filled with so many bytes. The system counts into a peak what the process that started it had at
    /// its own: up to there it tells nothing.
    pub(crate) fn is_small(&self, filled: u64) -> bool {
        self.memory <= (MOST_MEMORY + filled).max(own_peak())
    }
}

/// Runs the program in a folder. It gets nothing of the machine's own environment, and is killed where it hangs.
pub(crate) fn run(folder: &Path, arguments: &[String]) -> Ran {
    // Into files: whoever waits for the end reads no pipe meanwhile.
    let (out, err) = (folder.join(".printed"), folder.join(".said"));
    let file = |path: &Path| Stdio::from(fs::File::create(path).expect("a file"));
    let child = Command::new(env!("CARGO_BIN_EXE_egress-audit"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(file(&out))
        .stderr(file(&err))
        .spawn()
        .expect("the program starts");
    let (ended, end) = mpsc::channel::<()>();
    let id = child.id().to_string();
    let watch = thread::spawn(move || {
        if end.recv_timeout(HANGS) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
        }
    });
    let used = child.wait4().expect("it ends");
    drop(ended);
    watch.join().expect("the watch ends");
    let text = |path: &Path| {
        let bytes = fs::read(path).expect("a file");
        fs::remove_file(path).expect("it is removed");
        String::from_utf8(bytes).expect("what it writes is UTF-8")
    };
    Ran {
        code: used.status.code(),
        printed: text(&out),
        said: text(&err),
        memory: used.rusage.maxrss,
        work: used.rusage.utime + used.rusage.stime,
    }
}

/// Runs every case, and fails with all that is wrong. With `EGRESS_AUDIT_FIGURES` it prints what they took.
pub(crate) fn hold(family: &str, cases: impl IntoIterator<Item = Case>) {
    let (start, mut wrong, mut most, mut longest, mut count) = (Instant::now(), Vec::new(), 0, Duration::ZERO, 0_usize);
    let (mut large, mut slow) = (String::new(), String::new());
    for case in cases {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, bytes) in &case.files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            write(&path, bytes, case.filling).expect("a file");
        }
        let ran = run(folder.path(), &case.arguments);
        if let Err(why) = judge(&case, &ran) {
            wrong.push(format!("{}: {why}\n  {}", case.name, first(&ran.said, &ran.printed)));
        }
        if ran.memory > most {
            (most, large) = (ran.memory, case.name.clone());
        }
        if ran.work > longest {
            (longest, slow) = (ran.work, case.name);
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{family}: {} of {count} end wrongly\n{}", wrong.len(), wrong.join("\n"));
    if std::env::var_os("EGRESS_AUDIT_FIGURES").is_some() {
        let memory = most / 1024 / 1024;
        println!(
            "{family}: {count} cases in {:.1?}; at most {memory} MiB ({large}), {longest:.2?} ({slow})",
            start.elapsed()
        );
    }
}

fn write(path: &Path, bytes: &[u8], filling: Option<(&str, usize)>) -> std::io::Result<()> {
    let hole = HOLE.as_bytes();
    let (Some((unit, times)), Some(at)) = (filling, bytes.windows(hole.len()).position(|part| part == hole)) else {
        return fs::write(path, bytes);
    };
    let mut file = BufWriter::new(fs::File::create(path)?);
    file.write_all(&bytes[..at])?;
    for _ in 0..times {
        file.write_all(unit.as_bytes())?;
    }
    file.write_all(&bytes[at + hole.len()..])?;
    file.flush()
}

fn first(said: &str, printed: &str) -> String {
    let text = if said.is_empty() { printed } else { said };
    text.chars().take(400).collect::<String>().replace('\n', "\n  ")
}

/// The most memory that the tests themselves have had.
fn own_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0);
    (kib + 1024) * 1024
}

/// What holds of every run, and what this case asks for.
fn judge(case: &Case, ran: &Ran) -> Result<(), String> {
    let Some(code) = ran.code else { return Err("it crashed, or was killed because it hung".into()) };
    if !case.ends.contains(&code) {
        return Err(format!("it ends with {code}, and not with {:?}", case.ends));
    }
    let filled = case.filling.map_or(0, |(unit, times)| unit.len() * times);
    if !ran.is_small(filled as u64) {
        return Err(format!("it takes {} MiB", ran.memory / 1024 / 1024));
    }
    if ran.work > MOST_WORK {
        return Err(format!("it works for {:?}", ran.work));
    }
    if let Some(words) = &case.says
        && !ran.said.contains(words)
        && !ran.printed.contains(words)
    {
        return Err(format!("it does not say `{words}`"));
    }
    if code == 2 && (!ran.printed.is_empty() || !ran.said.starts_with("error: ")) {
        return Err("what cannot be read is an error, and nothing else is printed".into());
    }
    if ran.said.contains("panicked at") {
        return Err("it panicked".into());
    }
    tame(&ran.said)
}

/// Whether a text moves no terminal, hides nothing, and gives no command to the runner of a workflow.
pub(crate) fn tame(text: &str) -> Result<(), String> {
    let moves = |c: char| c.is_control() && c != '\n' || HIDING.iter().any(|range| range.contains(&c));
    if let Some(c) = text.chars().find(|c| moves(*c)) {
        return Err(format!("{c:?} gets out"));
    }
    match text.lines().find(|line| ["::", "##["].iter().any(|start| line.trim_start().starts_with(start))) {
        Some(line) => Err(format!("a line is a command: {line}")),
        None => Ok(()),
    }
}

/// Characters that turn text around, or that nobody sees.
const HIDING: [std::ops::RangeInclusive<char>; 5] = [
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{e0000}'..='\u{e0fff}',
];
