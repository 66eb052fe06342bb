//! Users, roles, groups and managed policies.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{Group, Identity, IdentityKind, NamedPolicy},
    snapshot::Record,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IdentityWire {
    #[serde(default, alias = "UserPolicyList", alias = "RolePolicyList")]
    inline: Vec<InlineWire>,
    #[serde(default)]
    attached_managed_policies: Vec<AttachedWire>,
    #[serde(default)]
    group_list: Vec<String>,
    permissions_boundary: Option<BoundaryWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlineWire {
    policy_name: String,
    policy_document: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedWire {
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BoundaryWire {
    permissions_boundary_arn: Option<String>,
}

/// A user.
pub(super) fn user(record: &Record, wire: IdentityWire) -> Result<Identity, String> {
    Ok(identity(record, wire, IdentityKind::User))
}

/// A role.
pub(super) fn role(record: &Record, wire: IdentityWire) -> Result<Identity, String> {
    Ok(identity(record, wire, IdentityKind::Role))
}

fn identity(record: &Record, wire: IdentityWire, kind: IdentityKind) -> Identity {
    Identity {
        arn: record.id.clone(),
        kind,
        inline: policies(wire.inline),
        managed: arns(wire.attached_managed_policies),
        groups: wire.group_list,
        boundary: wire.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
    }
}

fn policies(inline: Vec<InlineWire>) -> Vec<NamedPolicy> {
    inline.into_iter().map(|own| NamedPolicy { name: own.policy_name, text: text(own.policy_document) }).collect()
}

fn arns(attached: Vec<AttachedWire>) -> Vec<String> {
    attached.into_iter().map(|own| own.policy_arn).collect()
}

/// A document as text: the API gives text, and the command line what is in it.
fn text(document: Value) -> String {
    match document {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupWire {
    group_name: String,
    #[serde(default)]
    group_policy_list: Vec<InlineWire>,
    #[serde(default)]
    attached_managed_policies: Vec<AttachedWire>,
}

/// A group.
pub(super) fn group(record: &Record, wire: GroupWire) -> Result<Group, String> {
    Ok(Group {
        account: record.scope.account.clone(),
        name: wire.group_name,
        inline: policies(wire.group_policy_list),
        managed: arns(wire.attached_managed_policies),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyWire {
    policy_name: String,
    policy_version_list: Vec<VersionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionWire {
    document: Value,
    is_default_version: bool,
}

/// A managed policy, as its default version has it.
pub(super) fn managed(_: &Record, wire: PolicyWire) -> Result<NamedPolicy, String> {
    let version = wire.policy_version_list.into_iter().find(|version| version.is_default_version);
    let version = version.ok_or("the policy has no default version")?;
    Ok(NamedPolicy { name: wire.policy_name, text: text(version.document) })
}
