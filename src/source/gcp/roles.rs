//! Which roles may invoke something, and which accounts are Google's own.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::reader::Reader;
use crate::snapshot::kinds::google;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    permissions: Vec<String>,
    roles: Vec<String>,
    agents: Agents,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agents {
    domains: Vec<String>,
    prefixes: Vec<String>,
    addresses: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(include_str!("roles.json")).unwrap_or_default());

/// Whether what a role holds is known without asking. All predefined roles are taken to be: the table will tell.
pub(super) fn is_known_role(role: &str) -> bool {
    role.starts_with("roles/")
}

/// Whether a role may allow to invoke a service, a job or a function. A role that is not known may.
pub(super) fn may_invoke(reader: &Reader, role: &str) -> bool {
    if is_known_role(role) {
        return TABLE.roles.iter().any(|known| known == role);
    }
    match reader.ledger.body(google::ROLE, role) {
        Some(Value::Null) => false,
        Some(body) => {
            let permissions = body.get("includedPermissions").and_then(Value::as_array).into_iter().flatten();
            permissions.filter_map(Value::as_str).any(|it| TABLE.permissions.iter().any(|wanted| wanted == it))
        }
        None => true,
    }
}

/// Whether a service account is Google's own: nobody can look it up.
pub(super) fn is_agent(email: &str) -> bool {
    let agents = &TABLE.agents;
    let Some((_, domain)) = email.split_once('@') else { return true };
    if agents.addresses.iter().any(|address| address == domain) {
        return true;
    }
    domain.strip_suffix(".iam.gserviceaccount.com").is_some_and(|project| {
        agents.domains.iter().any(|domain| domain == project)
            || agents.prefixes.iter().any(|prefix| project.starts_with(prefix.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_tells_agents_from_accounts() {
        assert!(!TABLE.roles.is_empty() && !TABLE.permissions.is_empty());
        for agent in [
            "service-1@gcf-admin-robot.iam.gserviceaccount.com",
            "service-1@gcp-sa-vpcaccess.iam.gserviceaccount.com",
            "1@cloudservices.gserviceaccount.com",
            "1@cloudbuild.gserviceaccount.com",
        ] {
            assert!(is_agent(agent), "{agent}");
        }
        for account in
            ["a@p.iam.gserviceaccount.com", "1-compute@developer.gserviceaccount.com", "p@appspot.gserviceaccount.com"]
        {
            assert!(!is_agent(account), "{account}");
        }
    }
}
