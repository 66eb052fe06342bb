//! One evaluation a line, for a warehouse that loads them: the form is a contract, `finding-v1.schema.json`, and a line is whole
//! without the others.

use serde_json::{Value, json};

use super::json::evaluation;
use crate::{report::Report, snapshot::Tool};

/// The schema of a line.
const SCHEMA: &str = "egress-audit/finding/v1";

/// Every evaluation that the report for programs lists, in its order and its words.
pub(super) fn ndjson(report: &Report<'_>, all: bool) -> Result<String, serde_json::Error> {
    let head = json!({
        "schema": SCHEMA,
        "tool": Tool::this(),
        "taken_at": report.taken_at,
        "complete": report.complete(),
    });
    let mut out = String::new();
    for finding in report.findings.iter().chain(report.rest.iter().filter(|_| all)) {
        let (mut line, own) = (head.clone(), evaluation(finding));
        if let (Value::Object(line), Value::Object(own)) = (&mut line, own) {
            line.extend(own);
        }
        out.push_str(&super::escape::json(serde_json::to_string(&line)?));
        out.push('\n');
    }
    Ok(out)
}
