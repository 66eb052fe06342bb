//! How a run ends: the same codes for every format.

use std::{
    error::Error,
    io::{self, Write},
    process::{ExitCode, Termination},
};

use crate::{
    render::RenderError,
    rule::RuleError,
    snapshot::{ShardError, SnapshotError},
    source::CollectError,
};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was read, and no rule at or above the level is broken.
    Clean,
    /// A rule at or above the level is broken.
    Violations,
    /// The command, the configuration or an input is at fault.
    Usage,
    /// No violation, but something could not be read or evaluated.
    Incomplete,
    /// There was no workload to look at.
    NothingInScope,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The code that the system sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Violations => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::NothingInScope => 4,
            Self::Interrupted => 130,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.code().into()
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What the user asked for makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What would help.
        hint: Option<String>,
    },
    /// A rule file is at fault.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A source could not be read.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// A file could not be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Shards are not one run.
    #[error(transparent)]
    Shards(#[from] ShardError),
    /// Standard output could not be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// The output could not be put into its format.
    #[error("cannot write the output")]
    Format(#[from] serde_json::Error),
    /// The report could not be put into its format.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// How a run that failed so ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Collect(CollectError::Interrupted) => Exit::Interrupted,
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::Collect(CollectError::Config { hint, .. }) => hint.clone(),
            Self::Rule(error) => error.hint().map(str::to_owned),
            Self::Collect(CollectError::File(error)) | Self::Snapshot(error) => match error {
                SnapshotError::Schema { .. } => Some("collect it again with this version".into()),
                SnapshotError::NotASnapshot { .. } => {
                    Some("a snapshot is what `egress-audit collect SOURCE -o FILE` writes".into())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Writes what went wrong, and after an empty line what would help.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn show(&self, err: &mut dyn Write) -> io::Result<()> {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        writeln!(err, "error: {}", safe(&text))?;
        if let Some(hint) = self.hint() {
            writeln!(err, "\nhint: {}", safe(&hint))?;
        }
        Ok(())
    }
}

/// Errors repeat what users and files wrote; their lines stay lines, and nothing in them moves the terminal.
fn safe(text: &str) -> String {
    text.lines().map(crate::render::escape::line).collect::<Vec<_>>().join("\n")
}
