//! Policies, roles, service accounts and identity pools.

use serde::Deserialize;
use serde_json::Value;

use super::Context;
use crate::{
    evidence::Known,
    model::google::{Binding, DenyRule, Policy, Project, Provider, Providers, Role, ServiceAccount, UserKey, UserKeys},
};

#[derive(Deserialize)]
pub(super) struct PolicyWire {
    #[serde(default)]
    bindings: Vec<Known<BindingWire>>,
}

#[derive(Deserialize)]
struct BindingWire {
    role: String,
    #[serde(default)]
    members: Vec<String>,
    condition: Option<ConditionWire>,
}

#[derive(Deserialize)]
struct ConditionWire {
    #[serde(default)]
    expression: String,
}

pub(super) fn policy(_: &Context<'_>, wire: PolicyWire) -> Result<Policy, String> {
    let mut incomplete = None;
    let known = wire.bindings.into_iter().filter_map(|binding| match binding {
        Known::Known(binding) => Some(binding),
        Known::Unknown(gap) => {
            incomplete.get_or_insert(gap);
            None
        }
    });
    let bindings = known.map(|binding| Binding {
        // A condition that this caller was not shown is written into the name of the role.
        condition: binding
            .condition
            .map(|condition| condition.expression)
            .or_else(|| binding.role.contains("_withcond_").then(|| "a condition that the API withheld".into())),
        role: binding.role.split("_withcond_").next().unwrap_or(&binding.role).to_owned(),
        members: binding.members,
    });
    Ok(Policy { bindings: bindings.collect(), incomplete })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectWire {
    name: String,
    project_id: String,
}

pub(super) fn project(_: &Context<'_>, wire: ProjectWire) -> Result<Project, String> {
    let number = wire.name.strip_prefix("projects/").ok_or("the project has no number")?;
    Ok(Project { id: wire.project_id, number: number.to_owned() })
}

#[derive(Deserialize)]
pub(super) struct AncestryWire {
    ancestor: Vec<AncestorWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AncestorWire {
    resource_id: ResourceWire,
}

#[derive(Deserialize)]
struct ResourceWire {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

pub(super) fn ancestry(context: &Context<'_>, wire: AncestryWire) -> Result<Vec<String>, String> {
    let ancestors = wire.ancestor.into_iter().map(|ancestor| {
        let id = ancestor.resource_id.id;
        Ok(match ancestor.resource_id.kind.as_str() {
            "project" => context.canonical(&format!("projects/{id}")),
            "folder" => format!("folders/{id}"),
            "organization" => format!("organizations/{id}"),
            other => return Err(format!("`{other}` is no level of a hierarchy that this version knows")),
        })
    });
    ancestors.collect()
}

#[derive(Deserialize)]
pub(super) struct DenyWire {
    policies: Vec<DenyPolicyWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DenyPolicyWire {
    name: Option<String>,
    display_name: Option<String>,
    #[serde(default)]
    rules: Vec<DenyRuleWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DenyRuleWire {
    deny_rule: Option<DenyBodyWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DenyBodyWire {
    #[serde(default)]
    denied_permissions: Vec<String>,
    #[serde(default)]
    exception_permissions: Vec<String>,
    #[serde(default)]
    denied_principals: Vec<String>,
    #[serde(default)]
    exception_principals: Vec<String>,
    denial_condition: Option<Value>,
}

pub(super) fn deny_rules(_: &Context<'_>, wire: DenyWire) -> Result<Vec<DenyRule>, String> {
    let mut all = Vec::new();
    for policy in wire.policies {
        let name = policy.display_name.or(policy.name).unwrap_or_else(|| "a deny policy".into());
        for rule in policy.rules.into_iter().filter_map(|rule| rule.deny_rule) {
            all.push(DenyRule {
                policy: name.clone(),
                permissions: rule.denied_permissions,
                exceptions: rule.exception_permissions,
                principals: rule.denied_principals,
                excepted: rule.exception_principals,
                conditional: rule.denial_condition.is_some_and(|condition| !condition.is_null()),
            });
        }
    }
    Ok(all)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleWire {
    #[serde(default)]
    included_permissions: Vec<String>,
    stage: Option<String>,
    #[serde(default)]
    deleted: bool,
}

pub(super) fn role(_: &Context<'_>, wire: RoleWire) -> Result<Role, String> {
    let off = wire.deleted || wire.stage.as_deref() == Some("DISABLED");
    Ok(Role { permissions: if off { Vec::new() } else { wire.included_permissions } })
}

#[derive(Deserialize)]
pub(super) struct AccountWire {
    #[serde(default)]
    disabled: bool,
}

pub(super) fn service_account(_: &Context<'_>, wire: AccountWire) -> Result<ServiceAccount, String> {
    Ok(ServiceAccount { disabled: wire.disabled })
}

#[derive(Deserialize)]
pub(super) struct KeysWire {
    #[serde(default)]
    keys: Vec<KeyWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyWire {
    name: String,
    key_type: Option<String>,
    valid_after_time: Option<String>,
    #[serde(default)]
    disabled: bool,
}

pub(super) fn user_keys(_: &Context<'_>, wire: KeysWire) -> Result<UserKeys, String> {
    let own = wire.keys.into_iter().filter(|key| key.key_type.as_deref() != Some("SYSTEM_MANAGED"));
    let key = |key: KeyWire| UserKey {
        id: key.name.rsplit('/').next().unwrap_or(&key.name).to_owned(),
        created: key.valid_after_time,
        disabled: key.disabled,
    };
    Ok(own.map(key).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProvidersWire {
    #[serde(default, alias = "providers")]
    workload_identity_pool_providers: Vec<ProviderWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderWire {
    name: String,
    #[serde(default)]
    disabled: bool,
    state: Option<String>,
    attribute_condition: Option<String>,
    oidc: Option<OidcWire>,
    aws: Option<AwsWire>,
    saml: Option<Value>,
    x509: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OidcWire {
    issuer_uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AwsWire {
    account_id: Option<String>,
}

pub(super) fn providers(context: &Context<'_>, wire: ProvidersWire) -> Result<Providers, String> {
    let one = |wire: ProviderWire| {
        let issuer = match (wire.oidc, wire.aws, wire.saml, wire.x509) {
            (Some(oidc), ..) => oidc.issuer_uri.unwrap_or_else(|| "an issuer that is not named".into()),
            (_, Some(aws), ..) => format!("aws:{}", aws.account_id.unwrap_or_default()),
            (_, _, Some(_), _) => "saml".into(),
            (_, _, _, Some(_)) => "x509".into(),
            _ => "a provider of a kind that is not known".into(),
        };
        Provider {
            name: context.canonical(&wire.name),
            issuer,
            condition: wire.attribute_condition.filter(|condition| !condition.trim().is_empty()),
            disabled: wire.disabled || wire.state.as_deref() == Some("DELETED"),
        }
    };
    Ok(wire.workload_identity_pool_providers.into_iter().map(one).collect())
}
