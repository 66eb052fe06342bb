//! `Policies`: names of managed policies, documents, and SAM's templates.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{
    Form, Pen, Sam, Source, Tree,
    functions::{conditional, is_no_value},
};

/// SAM's templates of policies.
#[derive(Deserialize, Default)]
struct Templates {
    templates: BTreeMap<String, Template>,
}

#[derive(Deserialize)]
struct Template {
    statements: serde_json::Value,
}

/// The names of AWS's own policies, by their paths.
#[derive(Deserialize, Default)]
struct Names {
    paths: BTreeMap<String, Vec<String>>,
}

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/policy-templates.json")).unwrap_or_default());
static NAMES: LazyLock<Names> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/managed-policies.json")).unwrap_or_default());

/// What a role may do.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) managed: Vec<Tree>,
    pub(super) policies: Vec<Tree>,
    /// Those that events add.
    pub(super) of_events: Vec<Tree>,
    pub(super) managed_of_events: Vec<Tree>,
}

impl Grants {
    /// Adds a managed policy, once, whether or not its partition is written.
    pub(super) fn allow(&mut self, policy: Tree) {
        let known = |own: &Tree| *own == policy || name_of(own).is_some() && name_of(own) == name_of(&policy);
        if !self.managed.iter().any(known) {
            self.managed.push(policy);
        }
    }

    /// Puts what the resource itself asks for before what its events add.
    pub(super) fn prepend(&mut self, own: Self) {
        self.policies.extend(own.policies);
        let of_events = std::mem::take(&mut self.managed_of_events);
        own.managed.into_iter().chain(of_events).for_each(|policy| self.allow(policy));
        for policy in std::mem::take(&mut self.of_events) {
            if !self.policies.iter().any(|known| known.get("PolicyDocument") == policy.get("PolicyDocument")) {
                self.policies.push(policy);
            }
        }
    }

    pub(super) fn write(self, role: &mut Tree, pen: Pen<'_>) {
        role.set("ManagedPolicyArns", pen.list(self.managed));
        if !self.policies.is_empty() {
            role.set("Policies", pen.list(self.policies));
        }
    }
}

/// The path and name of one of AWS's own policies.
fn name_of(policy: &Tree) -> Option<&str> {
    let text = policy.as_text().or_else(|| policy.get("Fn::Sub").and_then(Tree::as_text))?;
    text.split_once(":iam::aws:policy/").map(|(_, name)| name)
}

/// The ARN of one of AWS's own policies; what is none of these stays what it is.
pub(super) fn managed_policy(name: &str, pen: Pen<'_>) -> Tree {
    let path = NAMES.paths.iter().find(|(_, names)| names.iter().any(|known| known == name));
    match path {
        Some((path, _)) if path.is_empty() => pen.sub(format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")),
        Some((path, _)) => pen.sub(format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}/{name}")),
        None => pen.text(name),
    }
}

impl Sam<'_, '_> {
    /// What a resource asks for its role, in `Policies`.
    pub(super) fn policies(&self, source: &Source, role: &str) -> Grants {
        let mut grants = Grants::default();
        let given = source.get("Policies").map(Tree::one_or_more).unwrap_or_default();
        for (index, policy) in given.iter().enumerate() {
            let name = format!("{role}Policy{index}");
            match self.policy(policy, &name) {
                Some(Policy::Managed(policy)) => grants.allow(policy),
                Some(Policy::Inline(policy)) => grants.policies.push(policy),
                None => {
                    self.unfollowed(&source.id, "Policies", &policy.place);
                    grants.policies.push(unread(&name, Pen(&policy.place)));
                }
            }
        }
        grants
    }

    fn policy(&self, policy: &Tree, name: &str) -> Option<Policy> {
        let pen = Pen(&policy.place);
        if let Some(text) = policy.as_text() {
            return Some(Policy::Managed(managed_policy(text, pen)));
        }
        if let Some((condition, then, otherwise)) = conditional(policy) {
            let side = |side: &Tree| if is_no_value(side) { None } else { Some(self.policy(side, name)) };
            let none = || pen.reference("AWS::NoValue");
            return match (side(then), side(otherwise)) {
                (Some(None), _) | (_, Some(None)) | (None, None) => None,
                (then, otherwise) => match (then.flatten(), otherwise.flatten()) {
                    (Some(Policy::Managed(then)), other @ (None | Some(Policy::Managed(_)))) => {
                        let other = other.map_or_else(none, Policy::tree);
                        Some(Policy::Managed(pen.choice(condition, then, other)))
                    }
                    (Some(Policy::Inline(then)), other @ (None | Some(Policy::Inline(_)))) => {
                        let other = other.map_or_else(none, Policy::tree);
                        Some(Policy::Inline(pen.choice(condition, then, other)))
                    }
                    (None, Some(Policy::Managed(other))) => Some(Policy::Managed(pen.choice(condition, none(), other))),
                    (None, Some(Policy::Inline(other))) => Some(Policy::Inline(pen.choice(condition, none(), other))),
                    _ => None,
                },
            };
        }
        if policy.call().is_some() {
            // A parameter whose value is the name of a policy.
            let known = self.literal(policy);
            return Some(Policy::Managed(known.map_or_else(|| policy.clone(), |name| managed_policy(&name, pen))));
        }
        let document = if policy.get("Statement").is_some() { policy.clone() } else { template(policy)? };
        let parts = [("PolicyName", pen.text(name)), ("PolicyDocument", document)];
        Some(Policy::Inline(pen.map(parts)))
    }
}

/// A policy of a role.
enum Policy {
    Managed(Tree),
    Inline(Tree),
}

impl Policy {
    fn tree(self) -> Tree {
        match self {
            Self::Managed(tree) | Self::Inline(tree) => tree,
        }
    }
}

/// A policy of which nobody knows what it says.
fn unread(name: &str, pen: Pen<'_>) -> Tree {
    let unknown = pen.map([("Fn::Transform", pen.map([("Name", pen.text("AWS::Serverless policy"))]))]);
    pen.map([("PolicyName", pen.text(name)), ("PolicyDocument", unknown)])
}

/// One of SAM's templates, filled in.
fn template(policy: &Tree) -> Option<Tree> {
    let [entry] = policy.entries() else { return None };
    let template = TEMPLATES.templates.get(&*entry.name)?;
    let mut statements = Pen(&policy.place).json(&template.statements);
    fill(&mut statements, &entry.value);
    Some(Pen(&policy.place).map([("Statement", statements)]))
}

/// Puts the values of a template's parameters where it refers to them.
fn fill(tree: &mut Tree, values: &Tree) {
    if let Some(("Ref", name)) = tree.call()
        && let Some(value) = name.as_text().and_then(|name| values.get(name))
    {
        *tree = value.clone();
        return;
    }
    match &mut tree.form {
        Form::List(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Form::Map(entries) => entries.iter_mut().for_each(|entry| fill(&mut entry.value, values)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_sound() {
        assert!(TEMPLATES.templates.len() >= 80);
        assert!(NAMES.paths.values().map(Vec::len).sum::<usize>() > 1_000);
        assert!(TEMPLATES.templates.values().all(|template| template.statements.is_array()));
    }
}
