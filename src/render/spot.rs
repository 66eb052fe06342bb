//! Where a finding is shown in a repository: in the file that it comes from, or under a path that stands for the cloud.

use super::escape::uri_part;
use crate::{
    evidence::Origin,
    report::{Finding, SubjectRef},
};

/// A place that tools for code take: relative, and inside of the repository.
#[derive(Debug)]
pub(super) struct Spot {
    /// The parts of the path.
    parts: Vec<String>,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column, from 1.
    pub(super) column: u32,
}

impl Spot {
    pub(super) fn of(finding: &Finding) -> Self {
        let placed = finding.location.as_ref().and_then(Self::at);
        placed.unwrap_or_else(|| Self { parts: virtual_path(&finding.subject), line: 1, column: 1 })
    }

    /// A place in a file, where that can be one of the repository.
    pub(super) fn at(origin: &Origin) -> Option<Self> {
        let Origin { file, line, column } = origin;
        let parts = || file.split('/').map(str::to_owned).collect();
        is_inside(file).then(|| Self { parts: parts(), line: *line, column: *column })
    }

    /// The place as a relative URI.
    pub(super) fn uri(&self) -> String {
        self.parts.iter().map(|part| uri_part(part)).collect::<Vec<_>>().join("/")
    }
}

/// Whether a file can be one of the repository: GitHub takes no other.
fn is_inside(file: &str) -> bool {
    !file.starts_with('/') && !file.contains(':') && file.split('/').all(|part| part != "..")
}

/// A relative path that stands for something in a cloud: the same from run to run, and of no other thing.
fn virtual_path(subject: &SubjectRef) -> Vec<String> {
    let SubjectRef { cloud, account, region, kind, name, id } = subject;
    let cloud = cloud.map_or_else(String::new, |cloud| cloud.to_string());
    // Two things may share a name, such as the tag of two gateways: what is not a workload goes by its id.
    let last = if kind == "workload" { name.as_str() } else { id.rsplit('/').next().unwrap_or(id) };
    ["cloud", &cloud, account, region, kind, last].map(str::to_owned).to_vec()
}
