//! Data sources that ask nobody: policy documents, computed from their own arguments.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Node, Value,
    expression::{json_of, unknown_of},
    functions,
};

/// What a data source computes, by the attribute that it computes; none where it asks the cloud.
pub(super) fn compute(kind: &str, body: &BTreeMap<Arc<str>, Node>) -> Vec<(Arc<str>, Node)> {
    match kind {
        "aws_iam_policy_document" => {
            let json = written(statements(body));
            vec![("json".into(), json.clone()), ("minified_json".into(), json)]
        }
        "google_iam_policy" => vec![("policy_data".into(), written(bindings(body)))],
        _ => Vec::new(),
    }
}

/// A document as JSON text. It is compact; that of the provider is laid out over lines.
fn written(document: Node) -> Node {
    if document.unknown().is_some() {
        return document;
    }
    match functions::encode(&document) {
        Ok(text) => Node { sensitive: document.is_sensitive(), ..Value::text(text).into() },
        Err(_) => json_of(&document),
    }
}

fn object(entries: impl IntoIterator<Item = (&'static str, Node)>) -> Node {
    Value::object(entries.into_iter().map(|(name, node)| (name.into(), node)).collect()).into()
}

/// A value that is set: not absent, not null, no empty list.
fn given<'a>(map: &'a Node, name: &str) -> Option<&'a Node> {
    map.get(name).filter(|node| match &node.value {
        Value::Null => false,
        Value::List(list) => !list.is_empty(),
        _ => true,
    })
}

/// One value as itself, several as a list: as the provider writes them.
fn one_or_more(node: &Node) -> Node {
    match &node.value {
        Value::List(list) => match &***list {
            [only] => only.clone(),
            _ => node.clone(),
        },
        _ => node.clone(),
    }
}

fn statements(body: &BTreeMap<Arc<str>, Node>) -> Node {
    let body: Node = Value::object(body.clone()).into();
    let mut all: Vec<Node> = Vec::new();
    let mut version = given(&body, "version").cloned().unwrap_or_else(|| Value::text("2012-10-17").into());
    for name in ["source_policy_documents", "source_json"] {
        for document in given(&body, name).map(listed).unwrap_or_default() {
            match parsed(&document) {
                Some(found) => {
                    all.extend(found.get("Statement").map(listed).unwrap_or_default());
                    version = found.get("Version").cloned().unwrap_or(version);
                }
                None => return unknown_of([&document]),
            }
        }
    }
    for block in given(&body, "statement").map(listed).unwrap_or_default() {
        all.push(statement(&block));
    }
    for name in ["override_policy_documents", "override_json"] {
        for document in given(&body, name).map(listed).unwrap_or_default() {
            let Some(found) = parsed(&document) else { return unknown_of([&document]) };
            for new in found.get("Statement").map(listed).unwrap_or_default() {
                let sid = given(&new, "Sid").and_then(Node::text).filter(|sid| !sid.is_empty()).cloned();
                all.retain(|old| sid.is_none() || given(old, "Sid").and_then(Node::text) != sid.as_ref());
                all.push(new);
            }
        }
    }
    let id = given(&body, "policy_id").map(|id| ("Id", id.clone()));
    let statements = Value::tuple(all).into();
    object(id.into_iter().chain([("Version", version), ("Statement", statements)]))
}

fn listed(node: &Node) -> Vec<Node> {
    match &node.value {
        Value::List(list) => list.to_vec(),
        _ => vec![node.clone()],
    }
}

fn parsed(document: &Node) -> Option<Node> {
    match (document.text(), document.unknown().and_then(|unknown| unknown.shape.as_ref())) {
        (Some(text), _) if text.is_empty() => Some(Value::object(BTreeMap::new()).into()),
        (Some(text), _) => serde_json::from_str(text).ok().map(|json| functions::decode(&json)),
        (None, Some(super::Shape::Json(tree))) => Some(Node::clone(tree)),
        _ => None,
    }
}

fn statement(block: &Node) -> Node {
    if block.unknown().is_some() {
        return block.clone();
    }
    let lists = [
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ];
    let sid = given(block, "sid").map(|sid| ("Sid", sid.clone()));
    let effect = given(block, "effect").cloned().unwrap_or_else(|| Value::text("Allow").into());
    let lists = lists.into_iter().filter_map(|(name, from)| Some((name, one_or_more(given(block, from)?))));
    let principals = [("Principal", "principals"), ("NotPrincipal", "not_principals")];
    let principals = principals.into_iter().filter_map(|(name, from)| Some((name, principal(given(block, from)?))));
    let condition = given(block, "condition").map(|blocks| ("Condition", condition(blocks)));
    object(sid.into_iter().chain([("Effect", effect)]).chain(lists).chain(principals).chain(condition))
}

fn principal(blocks: &Node) -> Node {
    let mut found: BTreeMap<Arc<str>, Vec<Node>> = BTreeMap::new();
    for block in listed(blocks) {
        let (Some(kind), Some(ids)) = (block.get("type"), block.get("identifiers")) else {
            return unknown_of([&block]);
        };
        let (Some(kind), false) = (kind.text(), ids.unknown().is_some()) else { return unknown_of([kind, ids]) };
        found.entry(kind.clone()).or_default().extend(listed(ids));
    }
    match found.get("*").map(Vec::as_slice) {
        Some([only]) if only.text().is_some_and(|text| &**text == "*") => return Value::text("*").into(),
        _ => {}
    }
    Value::object(found.into_iter().map(|(kind, ids)| (kind, one_or_more(&Value::tuple(ids).into()))).collect()).into()
}

fn condition(blocks: &Node) -> Node {
    let mut tests: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Node>> = BTreeMap::new();
    for block in listed(blocks) {
        let parts = (block.get("test"), block.get("variable"), block.get("values"));
        let (Some(test), Some(variable), Some(values)) = parts else { return unknown_of([&block]) };
        let (Some(test), Some(variable)) = (test.text(), variable.text()) else { return unknown_of([&block]) };
        tests.entry(test.clone()).or_default().insert(variable.clone(), one_or_more(values));
    }
    Value::object(tests.into_iter().map(|(test, of)| (test, Value::object(of).into())).collect()).into()
}

fn bindings(body: &BTreeMap<Arc<str>, Node>) -> Node {
    let blocks = body.get("binding").map(listed).unwrap_or_default();
    let binding = |block: Node| {
        if block.unknown().is_some() {
            return block;
        }
        let entry = |name: &'static str| Some((name, given(&block, name)?.clone()));
        let condition = given(&block, "condition")
            .map(|condition| ("condition", condition.blocks().first().cloned().unwrap_or_else(Node::null)));
        object(entry("role").into_iter().chain(entry("members")).chain(condition))
    };
    object([("bindings", Value::tuple(blocks.into_iter().map(binding).collect()).into())])
}
