//! What the terminal is like, and what is said on standard error.
#![expect(clippy::disallowed_methods, reason = "the environment is read at the edge, which is here")]

use std::io::IsTerminal as _;

use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::render::View;

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The width where nothing tells it: wide enough for most messages, narrow enough for the logs of a build.
const WIDTH: u16 = 120;

/// How standard output wants its text.
pub(super) fn view(color: ColorChoice, all: bool) -> View {
    let terminal = std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !set("NO_COLOR") && (terminal || set("CLICOLOR_FORCE")),
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = if terminal { terminal_size::terminal_size().map(|(width, _)| width.0) } else { columns };
    View { width: measured.unwrap_or(WIDTH).clamp(60, 200), color, all }
}

/// Sends the log of this program to standard error. Other crates log what they send, and so keep silent.
pub(super) fn logs(verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    // A line that cannot be written is lost: to complain of it in the same place would end the program.
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .without_time()
        .with_target(false);
    let only_ours = Targets::new().with_target("egress_audit", level);
    // A second call in one process, as tests make, finds the first one's log in place.
    let _ = tracing_subscriber::registry().with(layer).with(only_ours).try_init();
}
