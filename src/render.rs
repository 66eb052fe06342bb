//! Turns a report into bytes: one file for each format. Whatever came from outside is escaped here, and nowhere else.

mod annotations;
mod changes;
mod controls;
mod csv;
mod difference;
mod digest;
pub mod escape;
mod gitlab;
mod html;
mod invokers;
mod ips;
mod json;
mod junit;
mod lacking;
mod markdown;
mod ndjson;
mod ocsf;
mod permissions;
mod picture;
mod rules;
mod sarif;
mod since;
mod spot;
mod table;
mod trace;
mod words;

use std::{fmt, str::FromStr};

use crate::report::Report;

pub use changes::{Differences, changes_json, changes_text};
pub use difference::{difference_json, difference_markdown, difference_text};
pub use invokers::{invokers_json, invokers_text, may_call_json, may_call_text};
pub use ips::{ips_json, ips_table};
pub use lacking::{Lacking, lacking_text};
pub use permissions::{permissions_commands, permissions_json, permissions_terraform};
pub use picture::{PictureFormat, picture};
pub use rules::{rule_list, rule_page};
pub use trace::{trace_json, trace_text, trace_to_json, trace_to_text};

/// A format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people, at a terminal.
    Table,
    /// For programs: a contract that only grows.
    Json,
    /// For code scanning.
    Sarif,
    /// For a pull request, or the summary of a job.
    Markdown,
    /// For what shows the results of tests.
    Junit,
    /// For spreadsheets.
    Csv,
    /// For the log of a job on GitHub, which shows it beside the code.
    Github,
    /// For merge requests on GitLab.
    Gitlab,
    /// For lakes of security data.
    Ocsf,
    /// For a warehouse: one evaluation a line, a contract that only grows.
    Ndjson,
    /// A page for people, in one file: to send, to archive, to print.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Json,
        Self::Sarif,
        Self::Markdown,
        Self::Junit,
        Self::Csv,
        Self::Github,
        Self::Gitlab,
        Self::Ocsf,
        Self::Ndjson,
        Self::Html,
    ];

    /// As users name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Csv => "csv",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Ocsf => "ocsf",
            Self::Ndjson => "ndjson",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("`{text}` is not a format: {all}")
        })
    }
}

/// Why a report cannot be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// As JSON.
    #[error("cannot write the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// As XML.
    #[error("cannot write the report as XML: {0}")]
    Xml(#[from] quick_junit::SerializeError),
    /// As HTML.
    #[error("cannot write the report as HTML: {0}")]
    Html(#[from] askama::Error),
    /// As CSV.
    #[error("cannot write the report as CSV: {0}")]
    Csv(#[from] ::csv::Error),
}

/// What is shown, and how the place it is shown in wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// How many columns there are.
    pub width: u16,
    /// Whether colours are welcome. Nothing is said by colour alone.
    pub color: bool,
    /// Whether everything is listed: what passed and what does not apply by formats for programs, what is not new by the
    /// table.
    pub all: bool,
}

/// A report in a format.
///
/// # Errors
/// Where the report cannot be written in that format.
pub fn render(report: &Report<'_>, format: Format, view: View) -> Result<String, RenderError> {
    match format {
        Format::Table => Ok(table::table(report, view)),
        Format::Json => Ok(json::json(report, view.all)?),
        Format::Sarif => Ok(sarif::sarif(report)?),
        Format::Markdown => Ok(markdown::markdown(report)),
        Format::Junit => Ok(junit::junit(report, view.all)?),
        Format::Csv => Ok(csv::csv(report, view.all)?),
        Format::Github => Ok(annotations::annotations(report)),
        Format::Gitlab => Ok(gitlab::gitlab(report)?),
        Format::Ocsf => Ok(ocsf::ocsf(report, view.all)?),
        Format::Ndjson => Ok(ndjson::ndjson(report, view.all)?),
        Format::Html => Ok(html::html(report)?),
    }
}
