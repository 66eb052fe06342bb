//! What the policies of the caller let it do, as IAM simulates them.

use std::collections::BTreeSet;

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use tokio::sync::mpsc::UnboundedSender;

use super::{
    super::{CollectError, Held, Options, runner::Event},
    caller::Caller,
    failure::Failure,
    pages::{Page, pages},
};

/// Asks IAM what the caller may do. The policies of what is called, and endpoints of VPCs, are not part of the answer.
pub(super) async fn ask(
    profile: Option<&str>,
    options: &Options,
    wanted: &BTreeSet<String>,
    _ears: UnboundedSender<Event>,
) -> Result<Held, CollectError> {
    let options = Options { all_regions: true, ..options.clone() };
    let caller = Caller::find(profile, &options).await?;
    let mut held = Held { principal: caller.arn.clone(), ..Held::default() };
    let Some(source) = caller.arn.as_deref().map(source) else {
        held.open(wanted, "AWS does not say who the credentials belong to");
        return Ok(held);
    };
    let source = match source {
        Source::Identity(arn) => arn,
        // Whom no policy of the account binds.
        Source::Root => return Ok(held),
        Source::Other => {
            held.open(wanted, "these credentials are of a session that IAM cannot simulate");
            return Ok(held);
        }
    };
    let client = caller.settings.identities();
    let actions: Vec<String> = wanted.iter().cloned().collect();
    let listing = pages(|token| {
        let call = client
            .simulate_principal_policy()
            .policy_source_arn(&source)
            .set_action_names(Some(actions.clone()))
            .set_marker(token);
        async move {
            let output = call.send().await.map_err(|error| Failure::of(&error))?;
            let next = output.marker.filter(|_| output.is_truncated);
            Ok(Page { items: output.evaluation_results, next })
        }
    })
    .await;
    let mut open = wanted.clone();
    for result in &listing.items {
        if result.eval_decision != PolicyEvaluationDecisionType::Allowed {
            held.missing.extend(wanted.get(&result.eval_action_name).cloned());
        }
        open.remove(&result.eval_action_name);
    }
    let why = listing.failure.map_or_else(
        || "IAM gave no answer about it".to_owned(),
        |failure| {
            let detail = failure.detail.map_or_else(String::new, |detail| format!(": {detail}"));
            format!("iam:SimulatePrincipalPolicy failed ({}){detail}", failure.why)
        },
    );
    held.open(&open, &why);
    Ok(held)
}

/// Whose policies are simulated.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// A user, or the role of a session. The path of a role is not part of a session's name: one that has a path is not found.
    Identity(String),
    /// The account's root user.
    Root,
    /// A federated user, or another.
    Other,
}

fn source(arn: &str) -> Source {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, _, account, name] = parts.as_slice() else { return Source::Other };
    match (*service, name.split('/').collect::<Vec<_>>().as_slice()) {
        ("iam", ["root"]) => Source::Root,
        ("iam", ["user", ..]) => Source::Identity(arn.to_owned()),
        ("sts", ["assumed-role", role, ..]) => Source::Identity(format!("arn:{partition}:iam::{account}:role/{role}")),
        _ => Source::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_of_a_session_are_those_of_its_role() {
        let role = Source::Identity("arn:aws-cn:iam::123456789012:role/auditor".into());
        assert_eq!(source("arn:aws-cn:sts::123456789012:assumed-role/auditor/me"), role);
        let user = "arn:aws:iam::123456789012:user/team/auditor";
        assert_eq!(source(user), Source::Identity(user.into()));
        assert_eq!(source("arn:aws:iam::123456789012:root"), Source::Root);
        assert_eq!(source("arn:aws:sts::123456789012:federated-user/me"), Source::Other);
        assert_eq!(source("me"), Source::Other);
    }
}
