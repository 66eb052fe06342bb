//! The schema of the policy file, for editors.

use serde_json::json;

use super::Waiver;
use crate::rule::{RuleSet, Severity};

/// `docs/egress-audit.schema.json`: what an editor can check while a policy is written. The loader checks more.
pub fn schema_json(rules: &RuleSet) -> String {
    let severities: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
    let mut ids: Vec<_> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
    ids.sort_unstable();
    let text = |about: &str| json!({ "type": "string", "pattern": "\\S", "description": about });
    let pattern = text("a name or a full name, with `*` for any characters and `?` for one");
    // Ids of the user's own rules and of other tools are names too.
    let rule = json!({ "anyOf": [{ "enum": ids }, { "type": "string", "minLength": 1 }], "description": "a rule" });
    let setting = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "enabled": { "type": "boolean", "default": true, "description": "`false` takes the rule out" },
            "severity": { "enum": severities, "description": "how bad a failure is here" },
            "params": {
                "type": "object",
                "additionalProperties": { "type": ["boolean", "integer", "string"] },
                "description": "values of the rule's parameters"
            }
        }
    });
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The policy file of egress-audit",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rules": {
                "type": "object",
                "properties": ids.iter().map(|id| ((*id).to_owned(), setting.clone())).collect::<serde_json::Map<_, _>>(),
                "additionalProperties": setting,
                "description": "levels and parameters, by the id of a rule"
            },
            "trusted": {
                "type": "object",
                "additionalProperties": false,
                "description": "whose principals may call any workload",
                "properties": {
                    "projects": { "type": "array", "items": text("the id of a project") },
                    "accounts": { "type": "array", "items": { "type": "string", "pattern": "^[0-9]{12}$" } },
                    "organizations": {
                        "type": "array",
                        "items": { "type": "string", "pattern": "^(o-[a-z0-9]+|(organizations/)?[0-9]+)$" },
                        "description": "every account or project that is known to be in them"
                    },
                    "domains": {
                        "type": "array",
                        "items": { "type": "string", "pattern": "^[^@/* ]+\\.[^@/* ]+$" },
                        "description": "the domains of the addresses of people and groups"
                    }
                }
            },
            "intent": {
                "type": "array",
                "description": "what workloads are meant to be; a later entry counts before an earlier one",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["workload"],
                    "properties": {
                        "workload": pattern,
                        "egress": { "enum": ["static", "none", "restricted", "any"] },
                        "public": { "type": "boolean", "description": "whether anyone is meant to call it" },
                        "key": { "enum": ["customer", "platform"] },
                        "invokers": { "type": "array", "items": text("a project, an account, an organisation or a domain whose principals may call it") }
                    }
                }
            },
            "waivers": {
                "type": "array",
                "description": "findings that somebody accepts for a time",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["rule", "workload", "reason", "owner", "until"],
                    "properties": {
                        "rule": rule,
                        "workload": pattern,
                        "reason": text("why"),
                        "owner": text("who answers for it"),
                        "until": {
                            "type": "string",
                            "format": "date",
                            "description": format!("the last day on which it counts, at most {} days ahead", Waiver::LONGEST)
                        }
                    }
                }
            }
        }
    });
    format!("{schema:#}\n")
}
