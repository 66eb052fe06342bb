//! A saved reading of the world: records as the provider's API gives them, and the gaps between them.
//!
//! A snapshot is the only thing that crosses from the sources to everything above. A live scan is a collection and
//! then a report over what was collected, so a saved snapshot replays to the same bytes.

mod body;
mod credentials;
mod file;
mod joined;
pub mod kinds;
mod lines;
mod pieces;
mod redact;
mod remarks;
mod scope;
mod shard;
mod strict;
pub mod unknown;
mod whole;

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::kinds::Word;
use crate::evidence::{Gap, GapReason, Origin};

pub use body::Body;
pub use credentials::{WITHHELD, is_credential, looks_like};

pub use file::{
    MAX_BYTES, MAX_BYTES_IN_LINES, SnapshotError, read, read_all, read_file, read_in_lines, read_lines, read_text,
    write, write_atomically,
};
pub use lines::begins;
pub use remarks::{CodeWaiver, Remarks};
pub use scope::ScopeId;
pub use shard::{MAX_SHARDS, Part, Shard, ShardError};
pub use strict::{MAX_DEPTH, StrictError, check as check_json, check_values};

/// The schema that this version writes, and the only one it reads.
pub const SCHEMA: &str = "egress-audit/snapshot/v1";

/// Everything one collection read, and everything it tried to read and could not. Bodies are of a type of their own where
/// they are borrowed from the text that is being read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot<B = Body> {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// When the collection ended, in UTC.
    pub taken_at: Timestamp,
    /// Which part of a collection it is, where it is not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The accounts and regions, with the identity that read them.
    pub scopes: Vec<Scope>,
    /// One line per list or per kind of call: read, in part, or not.
    pub coverage: Vec<Coverage>,
    /// What was tried and not read.
    pub gaps: Vec<ReadGap>,
    /// What infrastructure code says besides.
    #[serde(default, skip_serializing_if = "Remarks::is_empty")]
    pub remarks: Remarks,
    /// What was read, one record per resource.
    pub records: Vec<Record<B>>,
    /// How many more were read, and let go of since ([`Self::forget_decoded`]).
    #[serde(skip)]
    pub forgotten: usize,
}

/// The program that wrote a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `egress-audit`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// The clouds that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
        })
    }
}

/// A scope that was read, and who read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Which.
    pub id: ScopeId,
    /// The identity that the cloud itself named, such as the ARN of `sts get-caller-identity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// An endpoint that is not the cloud's own, where one was set; shown in the head of every report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How many calls the reading of it took, retries among them, where they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// How old the oldest fact may be: the time from which on everything is known; none where all is as of the reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
}

/// How far a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadState {
    /// To the end.
    Read,
    /// All that infrastructure code declares: there may be more outside of it.
    Declared,
    /// Not to the end, or not for every resource: the gaps say what is missing.
    Partial,
    /// Not at all.
    Unread,
}

/// The state of one kind of record in one scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Where.
    pub scope: ScopeId,
    /// The kind of record that the call gives, such as `ec2:nat-gateway`.
    #[serde(deserialize_with = "kinds::word")]
    pub kind: Word,
    /// The call, in the words of a permission: `ec2:DescribeNatGateways`.
    #[serde(deserialize_with = "kinds::word")]
    pub call: Word,
    /// How far it got.
    pub state: ReadState,
    /// How many records it gave.
    pub count: u64,
}

/// Something that was asked for and not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadGap {
    /// Where.
    pub scope: ScopeId,
    /// The kind of record that is missing.
    pub kind: String,
    /// The call that failed: `lambda:GetPolicy`.
    pub call: String,
    /// The resource whose record is missing; none where a whole list is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Why.
    pub why: GapReason,
    /// What the service said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ReadGap {
    /// The gap in the words that reports use.
    pub fn gap(&self) -> Gap {
        let what = match &self.resource {
            None if self.kind == kinds::CODE => self.call.clone(),
            Some(resource) => format!("{} of {resource}", self.call),
            None => format!("{} in {} {}", self.call, self.scope.account, self.scope.region),
        };
        let gap = Gap::new(what, self.why);
        match &self.detail {
            Some(detail) => gap.with_detail(detail.as_str()),
            None => gap,
        }
    }
}

/// One resource, or one answer about a resource, in the provider's own shape: what `aws … --output json` prints.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record<B = Body> {
    /// What it is: `lambda:function`, `ec2:route-table`, …
    #[serde(deserialize_with = "kinds::word")]
    pub kind: Word,
    /// The provider's id: an ARN where there is one.
    pub id: String,
    /// Where it was read.
    pub scope: ScopeId,
    /// The place in a file, for a record that was not read from a live API; apart, since most are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// The places of its values in files, by JSON pointers into the body.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, Origin>,
    /// The body, kept raw until it is decoded. `null` is a body too: the provider said that there is none.
    pub body: B,
}

impl Record {
    /// A record of a body, redacted before anything else can see it.
    ///
    /// # Errors
    /// Where the body cannot be kept without the secret it may hold.
    pub fn new(
        kind: impl Into<Word>,
        id: impl Into<String>,
        scope: ScopeId,
        mut body: serde_json::Value,
    ) -> Result<Self, serde_json::Error> {
        unknown::escape(&mut body);
        Self::declared(kind, id, scope, body)
    }

    /// A record of a body that may hold markers of [`unknown`] values, redacted as every other.
    ///
    /// # Errors
    /// Where the body cannot be kept without the secret it may hold.
    pub fn declared(
        kind: impl Into<Word>,
        id: impl Into<String>,
        scope: ScopeId,
        mut body: serde_json::Value,
    ) -> Result<Self, serde_json::Error> {
        let kind = kind.into();
        if let Some(redaction) = redact::of(&kind) {
            redaction(&mut body);
        }
        Ok(Self { kind, id: id.into(), scope, origin: None, origins: BTreeMap::new(), body: Body::of(&body)? })
    }

    /// Redacts a record that somebody else wrote; one that holds nothing to redact stays to the letter.
    fn redact(&mut self) -> Result<(), serde_json::Error> {
        if let Some(redaction) = redact::of(&self.kind) {
            let written: serde_json::Value = serde_json::from_str(self.body.get())?;
            let mut body = written.clone();
            redaction(&mut body);
            if body != written {
                self.body = Body::of(&body)?;
            }
        }
        Ok(())
    }
}

impl Record<&RawValue> {
    /// The same, redacted, with a body that keeps the text in which it lies.
    fn owned(self, text: &Arc<String>) -> Result<Record, serde_json::Error> {
        let Self { kind, id, scope, origin, origins, body } = self;
        let mut record = Record { kind, id, scope, origin, origins, body: Body::within(text, body) };
        record.redact()?;
        Ok(record)
    }
}

impl Snapshot {
    /// A snapshot of nothing, to be filled by a source.
    pub fn empty(taken_at: Timestamp) -> Self {
        Self {
            schema: SCHEMA.into(),
            tool: Tool::this(),
            taken_at,
            shard: None,
            scopes: Vec::new(),
            coverage: Vec::new(),
            gaps: Vec::new(),
            remarks: Remarks::default(),
            records: Vec::new(),
            forgotten: 0,
        }
    }

    /// Adds another reading to this one. [`Self::sort`] is still to come.
    pub fn extend(&mut self, more: Self) {
        self.taken_at = self.taken_at.max(more.taken_at);
        self.scopes.extend(more.scopes);
        self.coverage.extend(more.coverage);
        self.gaps.extend(more.gaps);
        self.remarks.extend(more.remarks);
        self.records.extend(more.records);
        self.forgotten += more.forgotten;
    }

    /// Lets go of the records that nobody asks for once they are decoded: those that say nothing of a place in a file. They
    /// are most of what a large reading takes.
    pub fn forget_decoded(&mut self) {
        let read = self.records.len();
        self.records.retain(|it| it.origin.is_some() || !it.origins.is_empty());
        self.records.shrink_to_fit();
        self.forgotten += read - self.records.len();
    }

    /// Brings everything into its one order, so that the same reading gives the same bytes whatever came first.
    pub fn sort(&mut self) {
        self.scopes.sort();
        self.scopes.dedup();
        self.coverage.sort();
        self.gaps.sort();
        self.gaps.dedup();
        self.remarks.sort();
        self.records
            .sort_by(|a, b| (&a.kind, &a.id, &a.scope, a.body.get()).cmp(&(&b.kind, &b.id, &b.scope, b.body.get())));
    }
}
