//! Policies as code writes them: documents that a data source puts together, and statements of permissions.

use serde_json::{Map, Value as Json, json};

use crate::{
    code::Node,
    evidence::Gap,
    source::code::item::{Field, Item, blocks, field},
};

/// The document of a data source of IAM, which nothing but the code decides; none where a part of it is not known.
pub(super) fn document(item: Item<'_>) -> Option<String> {
    // What other documents bring in may replace statements of this one.
    let merged = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
    if merged.iter().any(|name| !matches!(item.field(name), Field::Absent)) {
        return None;
    }
    let statements: Option<Vec<Json>> =
        item.blocks("statement").into_iter().map(|block| statement(item, block).ok()).collect();
    let version = item.text("version").ok()?.unwrap_or_else(|| "2012-10-17".into());
    Some(json!({"Version": version, "Statement": statements?}).to_string())
}

fn statement(item: Item<'_>, block: &Node) -> Result<Json, Gap> {
    if let Some(unknown) = block.unknown() {
        return Err(unknown.gap());
    }
    let mut out = Map::new();
    let texts = |name: &str| -> Result<Option<Vec<String>>, Gap> {
        match field(block, name) {
            Field::Absent => Ok(None),
            Field::Hidden(unknown) => Err(unknown.gap()),
            Field::Given(node) => all(item, node).map(|texts| Some(texts).filter(|texts| !texts.is_empty())),
        }
    };
    let one = |name: &str| texts(name).map(|texts| texts.and_then(|texts| texts.into_iter().next()));
    out.insert("Effect".into(), one("effect")?.unwrap_or_else(|| "Allow".into()).into());
    if let Some(sid) = one("sid")?.filter(|sid| !sid.is_empty()) {
        out.insert("Sid".into(), sid.into());
    }
    for (from, to) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        if let Some(texts) = texts(from)? {
            out.insert(to.into(), texts.into());
        }
    }
    for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let mut kinds: Map<String, Json> = Map::new();
        for (kind, names) in inner(item, block, from, "type", "identifiers")? {
            if kind == "*" {
                kinds.insert("AWS".into(), json!("*"));
            } else if let Json::Array(list) = kinds.entry(kind).or_insert_with(|| json!([])) {
                list.extend(names.into_iter().map(Json::String));
            }
        }
        if !kinds.is_empty() {
            out.insert(to.into(), kinds.into());
        }
    }
    let mut tests: Map<String, Json> = Map::new();
    if let Field::Given(node) = field(block, "condition") {
        for test in blocks(node) {
            let text = |name: &str| match field(test, name) {
                Field::Given(node) => item.text_of(node),
                Field::Absent => Ok(String::new()),
                Field::Hidden(unknown) => Err(unknown.gap()),
            };
            let values = match field(test, "values") {
                Field::Given(node) => all(item, node)?,
                Field::Absent => Vec::new(),
                Field::Hidden(unknown) => return Err(unknown.gap()),
            };
            if let Json::Object(of) = tests.entry(text("test")?).or_insert_with(|| json!({})) {
                of.insert(text("variable")?, values.into());
            }
        }
    }
    if !tests.is_empty() {
        out.insert("Condition".into(), tests.into());
    }
    Ok(out.into())
}

/// The texts of a list, or of one text.
fn all(item: Item<'_>, node: &Node) -> Result<Vec<String>, Gap> {
    if let Some(unknown) = node.unknown()
        && item.text_of(node).is_err()
    {
        return Err(unknown.gap());
    }
    blocks(node).into_iter().map(|node| item.text_of(node)).collect()
}

/// Blocks of a name and a list each.
fn inner(item: Item<'_>, block: &Node, of: &str, name: &str, list: &str) -> Result<Vec<(String, Vec<String>)>, Gap> {
    let found = match field(block, of) {
        Field::Absent => return Ok(Vec::new()),
        Field::Hidden(unknown) => return Err(unknown.gap()),
        Field::Given(node) => blocks(node),
    };
    let one = |block: &Node| {
        if let Some(unknown) = block.unknown() {
            return Err(unknown.gap());
        }
        let (Field::Given(kind), Field::Given(names)) = (field(block, name), field(block, list)) else {
            return Ok((String::new(), Vec::new()));
        };
        Ok((item.text_of(kind)?, all(item, names)?))
    };
    found.into_iter().map(one).collect()
}
