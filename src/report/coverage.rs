//! What was read, and what was not.

use std::collections::BTreeMap;

use super::waivers::Malformed;
use crate::{
    evidence::GapReason,
    graph::Graph,
    snapshot::{ReadState, ScopeId, Snapshot, kinds::Word},
};

/// The state of one call in one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageLine {
    /// Where.
    pub scope: ScopeId,
    /// The call, in the words of a permission.
    pub what: String,
    /// How far it got.
    pub state: ReadState,
    /// Why it did not get further; the first reason where there are several.
    pub why: Option<GapReason>,
    /// What the service said.
    pub detail: Option<String>,
    /// How many records it gave.
    pub count: u64,
    /// How many resources it was asked for in vain; none where it is a whole list.
    pub missing: usize,
}

impl CoverageLine {
    /// Whether the call was answered in full.
    pub fn is_read(&self) -> bool {
        matches!(self.state, ReadState::Read | ReadState::Declared)
    }

    /// Whether it is what code declares.
    pub fn is_declared(&self) -> bool {
        self.state == ReadState::Declared
    }
}

/// How many inputs were read, of how many that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inputs {
    /// Records that were read.
    pub read: usize,
    /// Those, and what was asked for in vain.
    pub of: usize,
}

impl Inputs {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let read = snapshot.records.len() + snapshot.forgotten;
        Self { read, of: read + snapshot.gaps.len() }
    }
}

/// A comment in the code that means to accept something, and of which nobody can tell what.
pub(super) fn malformed(wrong: Malformed, snapshot: &Snapshot) -> CoverageLine {
    let Malformed { at, why } = wrong;
    let scope = snapshot.scopes.first().map(|scope| scope.id.clone());
    CoverageLine {
        scope: scope.unwrap_or_else(|| ScopeId::gcp("-", ScopeId::GLOBAL)),
        what: format!("the waiver at {}:{}:{}", at.file, at.line, at.column),
        state: ReadState::Unread,
        why: Some(GapReason::Malformed),
        detail: Some(why),
        count: 0,
        missing: 0,
    }
}

/// One line for each call in each scope: several kinds of record may come from one call.
pub(super) fn lines(snapshot: &Snapshot, graph: &Graph) -> Vec<CoverageLine> {
    let mut lines: BTreeMap<(ScopeId, Word), CoverageLine> = BTreeMap::new();
    let empty = |scope: &ScopeId, what: &str| CoverageLine {
        scope: scope.clone(),
        what: what.to_owned(),
        state: ReadState::Read,
        why: None,
        detail: None,
        count: 0,
        missing: 0,
    };
    for part in &snapshot.coverage {
        let line =
            lines.entry((part.scope.clone(), part.call.clone())).or_insert_with(|| empty(&part.scope, &part.call));
        line.state = line.state.max(part.state);
        line.count += part.count;
    }
    for gap in &snapshot.gaps {
        let line =
            lines.entry((gap.scope.clone(), gap.call.clone().into())).or_insert_with(|| empty(&gap.scope, &gap.call));
        if line.why.is_none() {
            line.why = Some(gap.why);
            line.detail.clone_from(&gap.detail);
        }
        line.missing += usize::from(gap.resource.is_some());
        // A gap makes a call partial at the least, whatever its line says.
        line.state = line.state.max(ReadState::Partial);
    }
    for (scope, gap) in &graph.malformed {
        let what = gap.what.to_string();
        let line = lines.entry((scope.clone(), what.clone().into())).or_insert_with(|| empty(scope, &what));
        line.state = ReadState::Unread;
        line.why = Some(gap.why);
        line.detail = gap.detail.as_deref().map(str::to_owned);
    }
    for line in lines.values_mut() {
        if !line.is_read() && line.why.is_none() {
            line.why = Some(GapReason::Partial);
        }
    }
    lines.into_values().collect()
}
