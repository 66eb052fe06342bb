//! What Terraform writes as JSON: plans and states, told apart by what they hold.

use serde_json::Value as Json;

use crate::{
    evidence::GapReason,
    snapshot::{StrictError, check_json},
};

use super::{Evaluated, Place, plan, state};

/// Why a text is no plan, no state and no template. What is missing in one is a gap, not an error.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Not well-formed JSON, or JSON that readers would disagree on.
    #[error("`{name}` is neither a plan nor a state: {error}")]
    Json {
        /// The file.
        name: String,
        /// What is wrong, with line and column.
        error: StrictError,
    },
    /// A form that this version does not know.
    #[error("`{name}` is a {what} of format {version}, and this version reads {known}")]
    Format {
        /// The file.
        name: String,
        /// A plan or a state.
        what: &'static str,
        /// Its format.
        version: String,
        /// Those that are known.
        known: &'static str,
    },
    /// A template that cannot be read at all.
    #[error("`{}` cannot be read as a CloudFormation template: line {}, column {}: {message}", place.file, place.line, place.column)]
    Template {
        /// Where it goes wrong.
        place: Place,
        /// What is wrong.
        message: String,
        /// Whose fault that is.
        why: GapReason,
    },
    /// JSON, and neither a plan nor a state.
    #[error("`{name}` is neither a plan nor a state of Terraform: `terraform show -json` writes both")]
    Neither {
        /// The file.
        name: String,
    },
}

/// Whether a text looks like a plan or a state: JSON that starts as they do.
pub fn looks_like_plan_or_state(text: &str) -> bool {
    let head: String = text.chars().take(4096).filter(|c| !c.is_whitespace()).collect();
    let head = head.trim_start_matches('\u{feff}');
    head.starts_with('{')
        && (head.contains("\"format_version\":") && head.contains("\"terraform_version\":")
            || head.contains("\"version\":") && head.contains("\"lineage\":"))
}

/// Reads a plan (`terraform show -json PLAN`), a state (`terraform show -json`), or a file of state.
///
/// # Errors
/// Where the text is not strict JSON, of an unknown format, or something else.
pub fn document(name: &str, text: &str) -> Result<Evaluated, CodeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let refused = |error| CodeError::Json { name: name.into(), error };
    check_json(text).map_err(refused)?;
    let json: Json = serde_json::from_str(text).map_err(|error| refused(error.into()))?;
    let has = |field: &str| json.get(field).is_some();
    let format = json.get("format_version").and_then(Json::as_str);
    let is_plan = has("resource_changes") || has("planned_values") || has("configuration");
    match (format, json.get("version")) {
        (Some(format), _) => {
            let known = matches!(major(format), "0" | "1");
            let what = if is_plan { "plan" } else { "state" };
            if !known {
                let version = format.to_owned();
                return Err(CodeError::Format { name: name.into(), what, version, known: "0.x and 1.x" });
            }
            Ok(if is_plan { plan::read(&json) } else { state::shown(&json) })
        }
        (None, Some(version)) if has("resources") || has("lineage") => {
            if version.as_u64() == Some(4) {
                return Ok(state::file(&json));
            }
            let version = version.to_string();
            Err(CodeError::Format { name: name.into(), what: "file of state", version, known: "4" })
        }
        _ => Err(CodeError::Neither { name: name.into() }),
    }
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
