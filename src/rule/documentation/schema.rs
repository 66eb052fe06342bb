//! The schema of a rule file, for editors.

use serde_json::{Value, json};

use crate::{facts::vocabulary::SUBJECTS, rule::Severity};

/// `rules/rule.schema.json`: what an editor can check while a rule is written. The loader checks more.
pub fn schema_json() -> String {
    let severities: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
    let subjects: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).collect();
    let text = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
    let texts = |about: &str| json!({ "type": "array", "items": { "type": "string" }, "description": about });
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule of egress-audit",
        "type": "object",
        "additionalProperties": false,
        "required": [
            "id", "title", "severity", "since", "subject", "require", "message", "description", "why", "remediation"
        ],
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                "description": "the name of the rule and of its file, in kebab-case; it reads as \"allow this\""
            },
            "title": text("what a failure means, in a few words"),
            "severity": { "enum": severities, "description": "how bad a failure is" },
            "status": {
                "enum": ["preview", "stable", "deprecated"],
                "default": "stable",
                "description": "how far along its life the rule is"
            },
            "since": text("the version that first had the rule"),
            "tags": texts("words to find it by"),
            "aliases": texts("earlier ids, and the ids that other tools give to the same thing"),
            "compliance": {
                "type": "object",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
                "description": "the controls it speaks to, by framework"
            },
            "subject": { "enum": subjects, "description": "what one evaluation is about" },
            "for_each": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": { "type": "string" },
                "description": "a name, and the list to judge one element at a time"
            },
            "params": {
                "type": "object",
                "description": "values that a user may set, read as `params.NAME`",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["default", "meaning"],
                    "properties": {
                        "default": { "type": ["boolean", "integer", "string"] },
                        "meaning": text("what it means")
                    }
                }
            },
            "when": text("where the rule applies: a condition in CEL"),
            "require": text("what must hold: a condition in CEL"),
            "message": text("what to say where it does not hold; `{…}` is an expression in CEL"),
            "description": text("what the rule checks"),
            "why": text("why a failure is bad"),
            "remediation": {
                "type": "object",
                "additionalProperties": false,
                "required": ["text"],
                "properties": {
                    "text": text("how to repair a failure"),
                    "gcloud": text("with Google Cloud's command line"),
                    "aws": text("with the AWS command line"),
                    "terraform": text("in Terraform")
                }
            },
            "references": {
                "type": "array",
                "items": { "type": "string", "pattern": "^https://" },
                "description": "where to read more"
            }
        }
    });
    pretty(&schema)
}

fn pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}
