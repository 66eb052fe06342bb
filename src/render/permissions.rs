//! Permissions, ready to be pasted: as JSON, as Terraform, and as commands of `aws` and `gcloud`.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::json::document_text;
use crate::report::{Node, Permissions};

/// The name of what is made.
const NAME: &str = "egress-audit";
/// The same, where it must be a word.
const WORD: &str = "egressAudit";

/// For programs, and for consoles that take a policy or a role.
///
/// # Errors
/// Where it cannot be written.
pub fn permissions_json(of: &Permissions) -> Result<String, serde_json::Error> {
    document_text(&match of {
        Permissions::Aws { actions, organization: None } => policy(actions),
        Permissions::Aws { actions, organization: Some((role, start)) } => json!({
            "caller": caller(role, start),
            "member": policy(actions),
            "trust": trust(),
        }),
        Permissions::Google { .. } => role(&of.asked()),
    })
}

fn policy(actions: &BTreeSet<String>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "EgressAudit", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    })
}

fn caller(role: &str, start: &BTreeSet<String>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": start, "Resource": "*"},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": format!("arn:aws:iam::*:role/{role}")},
        ],
    })
}

fn trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::MANAGEMENT_ACCOUNT:role/CALLER"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "EXTERNAL_ID"}},
        }],
    })
}

/// Whether all that a role holds is granted on what stands above projects.
fn is_above(node: &Node) -> bool {
    !matches!(node, Node::Project(_))
}

fn role(included: &BTreeSet<String>) -> Value {
    json!({
        "title": NAME,
        "description": "reads what egress-audit evaluates",
        "stage": "GA",
        "includedPermissions": included,
    })
}

/// As Terraform.
///
/// # Errors
/// Where it cannot be written.
pub fn permissions_terraform(of: &Permissions) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    match of {
        Permissions::Aws { actions, organization } => {
            let _ = write!(out, "{}", iam_policy("egress_audit", NAME, &policy(actions))?);
            if let Some((role, start)) = organization {
                out.push_str("\n# For whoever starts, in the account that lists the others.\n");
                let _ =
                    write!(out, "{}", iam_policy("egress_audit_caller", "egress-audit-caller", &caller(role, start))?);
            }
        }
        Permissions::Google { node, above, .. } => {
            let (kind, field, at) = match node {
                Node::Project(name) => ("google_project_iam_custom_role", "project", name.as_str()),
                Node::Folder(_) => ("google_organization_iam_custom_role", "org_id", "ORGANIZATION"),
                Node::Organization(name) => ("google_organization_iam_custom_role", "org_id", name.as_str()),
            };
            let width = field.len().max("permissions".len());
            let _ = writeln!(out, "resource \"{kind}\" \"egress_audit\" {{");
            for (name, value) in [(field, at), ("role_id", WORD), ("title", NAME)] {
                let _ = writeln!(out, "  {name:<width$} = \"{value}\"");
            }
            let _ = writeln!(out, "  permissions = [");
            for permission in of.asked() {
                let _ = writeln!(out, "    \"{permission}\",");
            }
            out.push_str("  ]\n}\n\n");
            let (kind, field, id) = match node {
                Node::Project(name) => ("google_project_iam_member", "project", name.clone()),
                Node::Folder(name) => ("google_folder_iam_member", "folder", format!("folders/{name}")),
                Node::Organization(name) => ("google_organization_iam_member", "org_id", name.clone()),
            };
            let role = if is_above(node) { "google_organization" } else { "google_project" };
            let width = field.len().max("member".len());
            let _ = writeln!(out, "resource \"{kind}\" \"egress_audit\" {{");
            let _ = writeln!(out, "  {field:<width$} = \"{id}\"");
            let _ = writeln!(out, "  {:<width$} = {role}_iam_custom_role.egress_audit.name", "role");
            let _ = writeln!(out, "  {:<width$} = \"MEMBER\"\n}}", "member");
            out.push_str(&remark(node, above));
        }
    }
    Ok(out)
}

fn iam_policy(label: &str, name: &str, document: &Value) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(document)?.replace('\n', "\n  ");
    Ok(format!(
        "resource \"aws_iam_policy\" \"{label}\" {{\n  name   = \"{name}\"\n  policy = jsonencode({text})\n}}\n"
    ))
}

/// What a role of a project cannot hold.
fn remark(node: &Node, above: &BTreeSet<String>) -> String {
    if is_above(node) || above.is_empty() {
        return String::new();
    }
    let list: Vec<&str> = above.iter().map(String::as_str).collect();
    format!(
        "\n# What folders and the organisation hand down is read with {}:\n# grant these above the project, in a role of the organisation.\n",
        list.join(" and ")
    )
}

/// As commands.
///
/// # Errors
/// Where it cannot be written.
pub fn permissions_commands(of: &Permissions) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    match of {
        Permissions::Aws { actions, organization } => {
            let _ = write!(out, "{}", create_policy(NAME, &policy(actions))?);
            let attach = |name: &str, role: &str| {
                format!(
                    "aws iam attach-role-policy --role-name {role} --policy-arn arn:aws:iam::ACCOUNT:policy/{name}\n"
                )
            };
            match organization {
                None => out.push_str(&attach(NAME, "ROLE")),
                Some((role, start)) => {
                    let name = role.rsplit('/').next().unwrap_or(role);
                    let trust = serde_json::to_string(&trust())?;
                    let make =
                        format!("aws iam create-role --role-name {name} --assume-role-policy-document '{trust}'\n");
                    out = format!("# In every account of the organisation.\n{make}{out}{}", attach(NAME, name));
                    out.push_str("# For whoever starts, in the account that lists the others.\n");
                    let _ = write!(out, "{}", create_policy("egress-audit-caller", &caller(role, start))?);
                    out.push_str(&attach("egress-audit-caller", "CALLER"));
                }
            }
        }
        Permissions::Google { node, above, .. } => {
            let (at, holder, role, bind) = match node {
                Node::Project(name) => ("project", name.as_str(), format!("projects/{name}"), "projects"),
                Node::Folder(_) => {
                    ("organization", "ORGANIZATION", "organizations/ORGANIZATION".into(), "resource-manager folders")
                }
                Node::Organization(name) => {
                    ("organization", name.as_str(), format!("organizations/{name}"), "organizations")
                }
            };
            let (Node::Project(on) | Node::Folder(on) | Node::Organization(on)) = node;
            let list: Vec<String> = of.asked().into_iter().collect();
            let _ = writeln!(
                out,
                "gcloud iam roles create {WORD} --{at}={holder} --title={NAME} --stage=GA --permissions={}",
                list.join(",")
            );
            let _ = writeln!(
                out,
                "gcloud {bind} add-iam-policy-binding {on} --member=MEMBER --role={role}/roles/{WORD} --condition=None"
            );
            out.push_str(&remark(node, above));
        }
    }
    Ok(out)
}

fn create_policy(name: &str, document: &Value) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string(document)?;
    Ok(format!("aws iam create-policy --policy-name {name} --policy-document '{text}'\n"))
}
