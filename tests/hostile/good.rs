//! Sound inputs, to be damaged; and holes in them, to be filled with what is not sound.

use std::{fs, path::Path};

/// A file of the tests, as text.
pub(crate) fn fixture(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)).expect("a fixture")
}

/// The snapshot of a scenario.
pub(crate) fn snapshot(scenario: &str) -> String {
    fixture(&format!("corpus/{scenario}/snapshot.json"))
}

/// The same text with one part put in the place of another, which has to be there.
pub(crate) fn but(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "there is no `{old}`");
    text.replacen(old, new, 1)
}

/// A snapshot with this value in the body of a record.
pub(crate) fn snapshot_with(value: &str) -> String {
    but(&snapshot("sound"), "\"FunctionName\"", &format!("\"Extra\":{value},\"FunctionName\""))
}

/// A plan with this value of a variable.
pub(crate) fn plan_with(value: &str) -> String {
    format!(
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",\"variables\":{{\"x\":{{\"value\":{value}}}}},\
         \"planned_values\":{{\"root_module\":{{}}}},\"resource_changes\":[],\"configuration\":{{}}}}"
    )
}

/// A template in JSON with this value among its metadata.
pub(crate) fn template_with(value: &str) -> String {
    format!("{{\"AWSTemplateFormatVersion\":\"2010-09-09\",\"Resources\":{{}},\"Metadata\":{{\"X\":{value}}}}}")
}

/// Code in JSON with this value of a local.
pub(crate) fn code_with(value: &str) -> String {
    format!(
        "{{\"locals\":{{\"x\":{value}}},\"resource\":{{\"aws_vpc\":{{\"a\":{{\"cidr_block\":\"10.0.0.0/16\"}}}}}}}}"
    )
}

/// A rule, `rules/x/a-case.yaml`, that asks for this besides a fact.
pub(crate) fn rule_with(expression: &str) -> String {
    rule(&serde_json::to_string(&format!("!nat.automatic || ({expression})")).expect("JSON"))
}

/// A rule with this text after `require:`.
pub(crate) fn rule(require: &str) -> String {
    format!(
        "id: a-case\ntitle: A case\nseverity: high\nsince: 0.1.0\ntags: [egress]\nsubject: nat\nrequire: {require}\n\
         message: \"{{nat.name}}\"\ndescription: What it is\nwhy: Because\nremediation: {{text: Do it}}\n"
    )
}
