//! What a function runs as and is made of, and who can let themselves call it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    identity::May,
    invoke::{Around, INVOKE},
    policy::account_of,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, Function},
    snapshot::ScopeId,
};

/// The permissions by which somebody lets themselves call a function.
const GRANTS: [&str; 2] = ["lambda:AddPermission", "lambda:PutResourcePolicy"];

/// What is known of a workload because it is in AWS.
#[derive(Debug, Clone)]
pub struct Role {
    /// The role that it runs as; none where it runs as nobody.
    pub arn: Known<Option<String>>,
    /// Whether the role may do everything.
    pub administrator: May,
    /// The functions that run as the role, by name: one list for all of them.
    users: Arc<BTreeSet<String>>,
    /// The name of this one.
    own: String,
    /// Why there may be others.
    pub shared_gap: Option<Gap>,
    /// The layers that it is made of.
    pub layers: Known<Vec<LayerUse>>,
    /// Those who may not call it, and can let themselves.
    pub self_granting: Vec<SelfGranting>,
    /// Why the identities of its account are not known.
    pub identities_gap: Option<Gap>,
}

impl Role {
    /// The other functions that run as the role.
    pub fn shared_with(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(String::as_str).filter(|user| *user != self.own)
    }
}

/// A layer that a function is made of.
#[derive(Debug, Clone)]
pub struct LayerUse {
    /// The ARN of the version.
    pub arn: String,
    /// The account that it is of; none where its name does not tell.
    pub account: Option<String>,
}

/// Somebody who may not call a function, and can let themselves.
#[derive(Debug, Clone)]
pub struct SelfGranting {
    /// Who.
    pub principal: String,
    /// The permission.
    pub action: &'static str,
    /// The policies by which they have it.
    pub by: String,
    /// Whether they certainly can, and may not call.
    pub holds: Known<bool>,
}

/// The functions of each role.
pub(super) struct Roles(BTreeMap<String, Arc<BTreeSet<String>>>);

impl Roles {
    pub(super) fn of(aws: &Aws) -> Self {
        let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let functions = aws.functions.iter().map(|(_, function)| (&function.name, &function.latest));
        let web = aws.web_functions.iter().flat_map(|(_, it)| it.revisions.iter().map(|at| (&it.name, at)));
        for (name, at) in functions.chain(web) {
            if let Known::Known(Some(role)) = &at.role {
                roles.entry(role.clone()).or_default().insert(name.clone());
            }
        }
        Self(roles.into_iter().map(|(role, users)| (role, users.into())).collect())
    }

    /// What is known of a function at one version.
    pub(super) fn of_function(
        &self,
        around: &Around<'_>,
        scope: &ScopeId,
        function: &Function,
        at: &Configuration,
    ) -> Role {
        let self_granting = self_granting(around, scope, &function.arn);
        let role = Role { self_granting, ..self.of_running(around, scope, &function.name, at) };
        if role.arn != Known::Known(None) {
            return role;
        }
        // Every function has one: the answer did not name it.
        let gap = Gap::new("the role of the function", GapReason::Malformed);
        let administrator = May { is: Known::Unknown(gap.clone()), by: BTreeSet::new() };
        Role { arn: Known::Unknown(gap), administrator, ..role }
    }

    /// What is known of something that runs as a role; nothing of who can let themselves call it.
    pub(super) fn of_running(&self, around: &Around<'_>, scope: &ScopeId, name: &str, at: &Configuration) -> Role {
        let role = at.role.as_ref().map(Option::as_deref);
        let unread = |gap: &Gap| May { is: Known::Unknown(gap.clone()), by: BTreeSet::new() };
        let (role, unknown) = match role {
            Known::Known(role) => (role, None),
            Known::Unknown(gap) => (None, Some(gap)),
        };
        let layer = |arn: &String| LayerUse { arn: arn.clone(), account: account_of(arn).map(str::to_owned) };
        Role {
            arn: at.role.clone(),
            administrator: match (&unknown, role) {
                (Some(gap), _) => unread(gap),
                (None, Some(role)) => around.identities.is_administrator(role),
                (None, None) => May { is: Known::Known(false), by: BTreeSet::new() },
            },
            users: role.and_then(|role| self.0.get(role)).cloned().unwrap_or_default(),
            own: name.to_owned(),
            shared_gap: unknown.or_else(|| around.aws.functions.incomplete(scope)),
            layers: at.layers.clone().map(|layers| layers.iter().map(layer).collect()),
            self_granting: Vec::new(),
            identities_gap: around.identities.gap(&scope.account),
        }
    }
}

fn self_granting(around: &Around<'_>, scope: &ScopeId, arn: &str) -> Vec<SelfGranting> {
    let granting = around.identities.granting(&scope.account, &GRANTS, INVOKE);
    let particular = granting.others.iter().map(|(principal, action)| {
        let may = around.identities.may(principal, action, arn);
        let calls = around.identities.may(principal, INVOKE, arn).is;
        (principal.clone(), *action, May { is: may.is.and(calls.negate()), by: may.by })
    });
    let mut found: Vec<SelfGranting> = Vec::new();
    for (principal, action, may) in granting.alike.iter().cloned().chain(particular) {
        if may.is != Known::Known(false) && !found.iter().any(|own| own.principal == principal) {
            let by = may.by.into_iter().collect::<Vec<_>>().join(", ");
            found.push(SelfGranting { principal, action, by, holds: may.is });
        }
    }
    found.sort_by(|a, b| a.principal.cmp(&b.principal));
    found
}
