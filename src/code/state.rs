//! States: everything in them is known, and they hold secrets.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::evidence::GapReason;

use super::{Action, CodeGap, Evaluated, Mode, Node, Provider, Resource, Value, tree};

pub(super) fn text<'a>(json: &'a Json, field: &str) -> &'a str {
    json.get(field).and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn list<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    json.get(field).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn mode(json: &Json) -> Option<Mode> {
    match text(json, "mode") {
        "managed" => Some(Mode::Managed),
        "data" => Some(Mode::Data),
        _ => None,
    }
}

/// The local name of a provider by its full one: `registry.terraform.io/hashicorp/aws`.
pub(super) fn provider(full: &str) -> Provider {
    let name = full.rsplit('/').next().unwrap_or(full);
    Provider { name: name.into(), ..Provider::default() }
}

/// A state as `terraform show -json` gives it.
pub(super) fn shown(json: &Json) -> Evaluated {
    let mut result = Evaluated::default();
    if let Some(values) = json.get("values") {
        if let Some(root) = values.get("root_module") {
            module(root, None, &mut result.resources);
        }
        outputs(values.get("outputs"), &mut result);
    }
    finish(result)
}

fn outputs(outputs: Option<&Json>, result: &mut Evaluated) {
    for (name, output) in outputs.and_then(Json::as_object).into_iter().flatten() {
        let node = tree::value(output.get("value"), None, output.get("sensitive"), name);
        result.outputs.insert((String::new(), name.clone()), node);
    }
}

/// The resources of a module and of those below it.
pub(super) fn module(json: &Json, action: Option<Action>, into: &mut Vec<Resource>) {
    // The modules wait in a list: however deep they nest, the stack stays as it is.
    let mut next = vec![json];
    while let Some(module) = next.pop() {
        next.extend(list(module, "child_modules"));
        for resource in list(module, "resources") {
            let deposed = resource.get("deposed_key").is_some();
            let Some(mode) = mode(resource).filter(|_| !deposed) else { continue };
            into.push(Resource {
                root: "".into(),
                address: text(resource, "address").into(),
                kind: text(resource, "type").into(),
                mode,
                symbolic: false,
                provider: provider(text(resource, "provider_name")),
                body: tree::value(resource.get("values"), None, resource.get("sensitive_values"), ""),
                place: None,
                action,
            });
        }
    }
}

/// A file of state, as Terraform keeps it.
pub(super) fn file(json: &Json) -> Evaluated {
    let mut result = Evaluated::default();
    for resource in list(json, "resources") {
        let Some(mode) = mode(resource) else { continue };
        let module = match text(resource, "module") {
            "" => String::new(),
            module => format!("{module}."),
        };
        let data = if mode == Mode::Data { "data." } else { "" };
        let (kind, name) = (text(resource, "type"), text(resource, "name"));
        for instance in list(resource, "instances") {
            if instance.get("deposed").is_some_and(|deposed| !deposed.is_null()) {
                continue;
            }
            let index = match instance.get("index_key") {
                None | Some(Json::Null) => String::new(),
                Some(key) => format!("[{key}]"),
            };
            let address: Arc<str> = format!("{module}{data}{kind}.{name}{index}").into();
            let Some(attributes) = instance.get("attributes").filter(|attributes| attributes.is_object()) else {
                let detail = "it is kept in the form of Terraform before 0.12";
                result.gaps.push(CodeGap::new(&*address, GapReason::Unsupported, detail));
                continue;
            };
            let attributes = if kind == "terraform_data" { untyped(attributes) } else { attributes.clone() };
            let mut body = tree::value(Some(&attributes), None, None, "");
            for path in list(instance, "sensitive_attributes") {
                body = secret(body, path.as_array().map_or(&[], Vec::as_slice));
            }
            let (provider, alias) = named(text(resource, "provider"));
            let provider = Provider { alias: alias.into(), ..self::provider(provider) };
            let kind = kind.into();
            let root = "".into();
            result.resources.push(Resource {
                root,
                address,
                kind,
                mode,
                symbolic: false,
                provider,
                body,
                place: None,
                action: None,
            });
        }
    }
    outputs(json.get("outputs"), &mut result);
    finish(result)
}

/// The attributes of the resource that is built into Terraform, which are of any type: each is written beside its type.
fn untyped(attributes: &Json) -> Json {
    let plain = |value: &Json| match (value.get("type"), value.get("value")) {
        (Some(_), Some(inner)) if value.as_object().is_some_and(|entries| entries.len() == 2) => inner.clone(),
        _ => value.clone(),
    };
    let entries = attributes.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), plain(value))).collect::<serde_json::Map<_, _>>().into()
}

/// The full name and the alias of `provider["registry.terraform.io/hashicorp/aws"].east`, in a module or not.
fn named(text: &str) -> (&str, &str) {
    let Some((_, rest)) = text.split_once("provider[\"") else { return (text, "") };
    let (name, rest) = rest.split_once("\"]").unwrap_or((rest, ""));
    (name, rest.trim_start_matches('.'))
}

/// Marks what a path leads to as a secret.
fn secret(node: Node, path: &[Json]) -> Node {
    let Some((step, rest)) = path.split_first() else {
        return Node { sensitive: true, ..node };
    };
    let key = step.get("value").map(|value| value.get("value").unwrap_or(value));
    let value = match (&node.value, key) {
        (Value::Map(map), Some(Json::String(name))) => {
            let marked = map.iter().map(|(entry, inner)| {
                let inner = inner.clone();
                (entry.clone(), if **entry == **name { secret(inner, rest) } else { inner })
            });
            Value::map(marked.collect(), map.kind().clone())
        }
        (Value::List(items), Some(Json::Number(wanted))) => {
            let marked = items.iter().enumerate().map(|(index, inner)| {
                let is_meant = wanted.as_u64() == u64::try_from(index).ok();
                if is_meant { secret(inner.clone(), rest) } else { inner.clone() }
            });
            Value::list(marked.collect(), items.kind())
        }
        // A step that nobody knows: rather all of it.
        _ => return Node { sensitive: true, ..node },
    };
    Node { value, ..node }
}

/// In the order of the addresses.
pub(super) fn finish(mut result: Evaluated) -> Evaluated {
    result.resources.sort_by(|left, right| left.address.cmp(&right.address));
    result
}
