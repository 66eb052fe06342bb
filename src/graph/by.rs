//! Whether one principal may call one workload, and what decides it.

use super::{Graph, Workload, google, invoke};
use crate::{evidence::Known, model::Inventory};

/// Whether a principal may call a workload.
#[derive(Debug, Clone)]
pub struct MayCall {
    /// The answer.
    pub is: Known<bool>,
    /// What decides it, in words: grants where it may, denials or their absence where it may not.
    pub because: Vec<String>,
    /// What also matters and was not counted.
    pub beside: Vec<String>,
}

impl MayCall {
    pub(super) const fn no() -> Self {
        Self { is: Known::Known(false), because: Vec::new(), beside: Vec::new() }
    }

    pub(super) fn yes(because: impl Into<String>) -> Self {
        Self { is: Known::Known(true), because: vec![because.into()], beside: Vec::new() }
    }

    /// One more way: its reasons count where it changes the answer.
    pub(super) fn or(&mut self, is: Known<bool>, because: impl FnOnce() -> Vec<String>) {
        if is == Known::Known(true) {
            if self.is != is {
                self.because.clear();
            }
            self.because.extend(because());
        } else if self.is != Known::Known(true) {
            self.because.extend(because());
        }
        let was = std::mem::replace(&mut self.is, Known::Known(false));
        self.is = was.or(is);
    }
}

/// Whether a principal, as its cloud writes it, may call a workload.
///
/// # Errors
/// Where the text names no principal of the workload's cloud: what it should look like.
pub fn may_call(
    inventory: &Inventory,
    graph: &Graph,
    workload: &Workload,
    principal: &str,
) -> Result<MayCall, &'static str> {
    let mut found = if let Some(side) = &workload.google {
        google::may_call(&side.invokers, &workload.invoke.anonymous, principal)?
    } else {
        let who = invoke::Who::of(principal).ok_or(invoke::Who::FORMS)?;
        invoke::may_call(&inventory.aws, &graph.identities, workload, &who)
    };
    found.because.sort();
    found.because.dedup();
    Ok(found)
}

/// Somebody of the own account who may call a function by policies of their own.
#[derive(Debug, Clone)]
pub struct OwnCaller {
    /// Who.
    pub arn: String,
    /// A user or a role.
    pub kind: &'static str,
    /// By which policies.
    pub by: Vec<String>,
    /// Whether they certainly may.
    pub holds: Known<bool>,
}

/// Everyone of the own account who may call a function of AWS by policies of their own, unless its policy denies them.
pub fn own_callers(inventory: &Inventory, graph: &Graph, workload: &Workload) -> Vec<OwnCaller> {
    if workload.aws.is_none() {
        return Vec::new();
    }
    let able = graph.identities.able(&workload.scope.account, invoke::INVOKE, &workload.id);
    let each = able.into_iter().filter_map(|able| {
        let who = invoke::Who::of(&able.arn)?;
        let holds = invoke::may_call(&inventory.aws, &graph.identities, workload, &who).is;
        (holds != Known::Known(false)).then(|| OwnCaller {
            kind: able.kind.as_str(),
            by: able.may.by.into_iter().collect(),
            arn: able.arn,
            holds,
        })
    });
    each.collect()
}
