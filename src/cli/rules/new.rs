//! `egress-audit rules new`: a rule to start from, and its cases.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::{
    cli::{
        Streams,
        exit::{Exit, Failure},
    },
    rule::RuleSet,
};

const RULE: &str = include_str!("skeleton.yaml");
const CASES: &str = include_str!("skeleton.test.yaml");

/// Write a rule to start from, and its test file beside it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the rule, in kebab-case; the files are named after it.
    id: String,
    /// The folder to write into; it is made where it is missing.
    #[arg(long = "dir", default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let Args { id, folder } = args;
    let filled = |text: &str| text.replace("RULE", id).replace("VERSION", env!("CARGO_PKG_VERSION"));
    let files = [(format!("{id}.yaml"), filled(RULE)), (format!("{id}.test.yaml"), filled(CASES))];
    // The loader says what is wrong with an id, and whether it is taken, before anything is written.
    let mut rules = RuleSet::embedded()?;
    rules.extend(&files[..1])?;
    let files = files.map(|(name, text)| (folder.join(name), text));
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(Failure::usage(format!("`{}` is there already", taken.display()), "name another id or folder"));
    }
    let failed = |path: &Path, error: std::io::Error| Failure::Usage {
        message: format!("cannot write `{}`: {error}", path.display()),
        hint: None,
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for (path, text) in &files {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| failed(path, error))?;
        writeln!(streams.out, "{}", crate::render::escape::line(&path.to_string_lossy()))?;
    }
    writeln!(streams.err, "next: change them, and run `egress-audit rules test {}`", folder.display())?;
    Ok(Exit::Clean)
}
