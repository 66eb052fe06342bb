//! The policy of a function, an alias or a version.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Function, Lambda, is_absent};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{Kind, POLICY},
    source::aws::failure::Failure,
};

/// The policy by the newer call.
const RESOURCE_POLICY: Kind = Kind { call: "lambda:GetResourcePolicy", ..POLICY };

/// The name and the id of what a policy can hang on: the function, an alias, a version.
pub(super) struct Place<'a> {
    qualifier: Option<&'a str>,
    pub(super) id: String,
}

/// What a call for one thing gave.
pub(super) enum Found {
    Body(Value),
    /// AWS says that there is none, or that the function is not there: only a later look can tell.
    None,
}

impl Lambda {
    /// Reads one policy.
    ///
    /// `GetResourcePolicy` gives policies in full and is asked first. Whatever stops it, `GetPolicy` is asked for the same
    /// policy, which needs another permission and has a quota of its own: so there is a gap only where both fail, and
    /// it says why the call failed that every account has.
    pub(super) async fn policy(&self, function: &Function, place: &Place<'_>) -> Result<Found, Failure> {
        if !self.knows_no_resource_policies.load(Ordering::Relaxed) {
            match self.resource_policy(place).await {
                Ok(found) => return Ok(found),
                Err(failure) if cannot_be_used(&failure) => {
                    self.knows_no_resource_policies.store(true, Ordering::Relaxed);
                }
                Err(_) => {}
            }
            self.reader.calls.expect(1);
        }
        let call = self.client.get_policy().function_name(&function.name);
        let call = call.set_qualifier(place.qualifier.map(Into::into)).send();
        let answer = self.reader.calls.make(POLICY.call, &self.get_policy, call).await;
        self.found(answer.map(|output| (output.policy, output.revision_id)))
    }

    async fn resource_policy(&self, place: &Place<'_>) -> Result<Found, Failure> {
        let call = self.client.get_resource_policy().resource_arn(&place.id).send();
        let answer = self.reader.make(RESOURCE_POLICY, call).await;
        self.found(answer.map(|output| (output.policy, output.revision_id)))
    }

    /// What an answer gives: a policy and its revision, or that there is none.
    fn found(&self, answer: Result<(Option<String>, Option<String>), Failure>) -> Result<Found, Failure> {
        match answer {
            Ok((Some(policy), revision)) => {
                self.reader.is_policy_of_here(&policy)?;
                Ok(Found::Body(json!({ "Policy": policy, "RevisionId": revision })))
            }
            Ok((None, _)) => Err(Failure::malformed("the answer lacks the policy")),
            Err(failure) if is_absent(&failure) => Ok(Found::None),
            Err(failure) => Err(failure),
        }
    }
}

/// Whether a failure says that the call is not there for us: denied, or unknown to the endpoint, which then answers "not
/// found" in a form of its own.
fn cannot_be_used(failure: &Failure) -> bool {
    matches!(failure.why, GapReason::Denied | GapReason::Unsupported)
        || failure.code.is_none() && matches!(failure.status, Some(404 | 405 | 501))
}

/// The place of a qualifier of a function, or of the function itself.
pub(super) fn place<'a>(function: &Function, qualifier: Option<&'a str>) -> Place<'a> {
    let id = match qualifier {
        Some(qualifier) => format!("{}:{qualifier}", function.arn),
        None => function.arn.clone(),
    };
    Place { qualifier, id }
}
