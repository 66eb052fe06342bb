//! Which attribute of a plan comes from which resource: by the references in the configuration that it keeps.
//!
//! A plan keeps what an expression refers to, and not the expression. So a value that is not known *hangs on* what is
//! referred to; and one that is known *is* an attribute that is referred to where both are equal.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    MapKind, Node, Provider, Reference, Resource, Unknown, Value,
    expression::same,
    functions,
    state::{list, text},
};

/// How many references are followed through modules for one attribute.
const MOST: usize = 64;

/// The configuration of a plan, by the addresses of its modules without indexes.
pub(super) struct Links<'a> {
    /// Resources by their address without indexes: their configuration.
    resources: BTreeMap<String, &'a Json>,
    /// Calls by the address of the module that they lead to, without indexes.
    calls: BTreeMap<String, &'a Json>,
    providers: BTreeMap<&'a str, &'a Json>,
    /// Instances by their address without indexes.
    instances: BTreeMap<String, Vec<Arc<str>>>,
    /// The indexes of those.
    keys: BTreeMap<String, BTreeSet<String>>,
    /// The bodies of instances.
    bodies: BTreeMap<Arc<str>, Node>,
}

impl<'a> Links<'a> {
    pub(super) fn new(plan: &'a Json, resources: &[Resource]) -> Self {
        let mut links = Self {
            resources: BTreeMap::new(),
            calls: BTreeMap::new(),
            providers: BTreeMap::new(),
            instances: BTreeMap::new(),
            keys: BTreeMap::new(),
            bodies: BTreeMap::new(),
        };
        for resource in resources {
            let bare = bare(&resource.address);
            links.keys.entry(bare.clone()).or_default().insert(index_of(&resource.address).to_owned());
            links.instances.entry(bare).or_default().push(resource.address.clone());
            links.bodies.insert(resource.address.clone(), resource.body.clone());
        }
        if let Some(configuration) = plan.get("configuration") {
            let providers = configuration.get("provider_config").and_then(Json::as_object);
            links.providers = providers.into_iter().flatten().map(|(key, provider)| (key.as_str(), provider)).collect();
            let mut next: Vec<(String, &Json)> =
                configuration.get("root_module").map(|root| (String::new(), root)).into_iter().collect();
            while let Some((prefix, module)) = next.pop() {
                for resource in list(module, "resources") {
                    links.resources.insert(format!("{prefix}{}", text(resource, "address")), resource);
                }
                for (name, call) in module.get("module_calls").and_then(Json::as_object).into_iter().flatten() {
                    let address = format!("{prefix}module.{name}");
                    next.extend(call.get("module").map(|module| (format!("{address}."), module)));
                    links.calls.insert(address, call);
                }
            }
        }
        links
    }

    /// Ties the attributes of all resources to what they come from, and gives each the settings of its provider.
    pub(super) fn tie(&self, resources: &mut [Resource]) {
        for resource in resources {
            let Some(written) = self.resources.get(&bare(&resource.address)) else { continue };
            if let Some(provider) = self.providers.get(text(written, "provider_config_key")) {
                resource.provider = provider_of(provider, &resource.provider);
            }
            if let Some(expressions) = written.get("expressions") {
                resource.body = self.tied(&resource.body, expressions, &resource.address);
            }
        }
    }

    fn tied(&self, node: &Node, written: &Json, address: &Arc<str>) -> Node {
        if written.get("references").is_some() {
            return self.attribute(node, &references(written), address);
        }
        let value = match (&node.value, written) {
            (Value::Map(map), Json::Object(entries)) => {
                let tied = |(name, inner): (&Arc<str>, &Node)| {
                    let written = entries.get(&**name);
                    (name.clone(), written.map_or_else(|| inner.clone(), |written| self.tied(inner, written, address)))
                };
                Value::map(map.iter().map(tied).collect(), MapKind::Object)
            }
            (Value::List(items), Json::Array(blocks)) if items.len() == blocks.len() => {
                let tied = items.iter().zip(blocks).map(|(inner, written)| self.tied(inner, written, address));
                Value::list(tied.collect(), items.kind())
            }
            (Value::List(items), Json::Object(_)) if items.len() == 1 => {
                Value::list(items.iter().map(|inner| self.tied(inner, written, address)).collect(), items.kind())
            }
            // Blocks that a loop makes, or a set in another order: what any of them refers to.
            (Value::List(_) | Value::Unknown(_), Json::Array(_) | Json::Object(_)) => {
                let mut all = Vec::new();
                every(written, &mut all);
                return self.attribute(node, &all, address);
            }
            _ => return node.clone(),
        };
        Node { value, ..node.clone() }
    }

    /// A value of an attribute that refers to these.
    fn attribute(&self, node: &Node, references: &[&str], address: &Arc<str>) -> Node {
        let mut found = BTreeSet::new();
        for reference in references {
            self.resolve(reference, address, references, &mut found, 0);
        }
        match &node.value {
            // The code writes it, from what is not followed: it is not the provider who fills it in. Where it comes from
            // nothing but variables, which a plan knows, they left it out.
            Value::Unknown(unknown) if found.is_empty() && !self.is_given(references, address, 0) => {
                let what = references.first().copied().unwrap_or("an expression");
                let value = Unknown { what: what.into(), ..Unknown::clone(unknown) };
                Node { value: Value::Unknown(value.into()), ..node.clone() }
            }
            _ if found.is_empty() => node.clone(),
            _ => self.marked(node, &found),
        }
    }

    /// Whether references lead to nothing but what whoever runs the code gives it.
    fn is_given(&self, references: &[&str], from: &Arc<str>, depth: usize) -> bool {
        let all_given = |written: &Json, from: &Arc<str>| {
            let mut inner = Vec::new();
            every(written, &mut inner);
            depth < 32 && self.is_given(&inner, from, depth + 1)
        };
        let one = |reference: &&str| {
            let parts = split(reference);
            match (parts.first().copied(), parts.get(1).copied()) {
                (Some("var"), Some(name)) => {
                    let module = module_of(from);
                    let written =
                        self.calls.get(&bare(&module)).and_then(|call| call.pointer("/expressions")?.get(name));
                    written.is_none_or(|written| all_given(written, &module.as_str().into()))
                }
                (Some("each"), _) => {
                    let own = self.resources.get(&bare(from)).and_then(|own| own.get("for_each_expression"));
                    own.is_some_and(|written| all_given(written, from))
                }
                (Some("count" | "path" | "terraform"), _) => true,
                _ => false,
            }
        };
        references.iter().all(one) && !(references.is_empty() && depth == 0)
    }

    fn marked(&self, node: &Node, found: &BTreeSet<Reference>) -> Node {
        let value = match &node.value {
            Value::Unknown(unknown) => {
                let add = |unknown: Unknown, reference: &Reference| unknown.mentioning(reference.clone());
                Value::Unknown(found.iter().fold(Unknown::clone(unknown), add).into())
            }
            Value::List(items) => {
                Value::list(items.iter().map(|item| self.marked(item, found)).collect(), items.kind())
            }
            Value::Map(map) => {
                let marked = map.iter().map(|(name, inner)| (name.clone(), self.marked(inner, found)));
                Value::map(marked.collect(), map.kind().clone())
            }
            Value::Text(_) => {
                let is = |reference: &&Reference| {
                    let attribute = self.bodies.get(&reference.address).and_then(|body| body.get(&reference.path));
                    attribute.is_some_and(|attribute| same(attribute, node) == Some(true))
                };
                let mut equal = found.iter().filter(is);
                let only = equal.next().filter(|_| equal.next().is_none());
                return Node { is: only.cloned().map(Arc::new), ..node.clone() };
            }
            _ => return node.clone(),
        };
        Node { value, ..node.clone() }
    }

    /// What a reference in the module of `from` leads to: attributes of instances.
    fn resolve(
        &self,
        reference: &str,
        from: &Arc<str>,
        beside: &[&str],
        found: &mut BTreeSet<Reference>,
        depth: usize,
    ) {
        if depth > 32 || found.len() >= MOST {
            return;
        }
        let module = module_of(from);
        let parts = split(reference);
        match (parts.first().copied(), parts.get(1).copied(), parts.get(2).copied()) {
            (Some("var"), Some(name), _) => {
                let Some(call) = self.calls.get(&bare(&module)) else { return };
                let Some(written) = call.pointer("/expressions").and_then(|all| all.get(name)) else { return };
                let mut inner = Vec::new();
                every(written, &mut inner);
                // The call stands in the module above.
                let above: Arc<str> = module.as_str().into();
                for reference in &inner {
                    self.resolve(reference, &above, &inner, found, depth + 1);
                }
            }
            (Some("module"), Some(name), Some(output)) => {
                let call = name.split('[').next().unwrap_or(name);
                let inner_address = inside(&module, &format!("module.{call}"));
                let outputs = self.calls.get(&bare(&inner_address)).and_then(|call| call.pointer("/module/outputs"));
                let Some(written) = outputs.and_then(|outputs| outputs.get(output)) else { return };
                let mut inner = Vec::new();
                every(written.get("expression").unwrap_or(written), &mut inner);
                let within: Arc<str> = format!("{}.x.x", inside(&module, &format!("module.{name}"))).into();
                for reference in &inner {
                    self.resolve(reference, &within, &inner, found, depth + 1);
                }
            }
            (Some("local" | "each" | "count" | "path" | "terraform" | "self"), ..) => {}
            (Some(first), Some(_), _) => {
                let length = if first == "data" { 3 } else { 2 };
                let (resource, path) = parts.split_at_checked(length).unwrap_or((&parts, &[]));
                let address = inside(&module, &resource.join("."));
                let path: Arc<str> = path.join(".").into();
                for instance in self.candidates(&address, from, beside) {
                    found.insert(Reference { address: instance, path: path.clone() });
                }
            }
            _ => {}
        }
    }

    /// The instances that an address may mean: itself, the one with the same key, or all.
    fn candidates(&self, address: &str, from: &Arc<str>, beside: &[&str]) -> Vec<Arc<str>> {
        let all = self.instances.get(&bare(address)).map_or(&[][..], Vec::as_slice);
        if let Some(exact) = all.iter().find(|instance| ***instance == *address) {
            return vec![exact.clone()];
        }
        let by_key = beside.iter().any(|other| matches!(*other, "count.index" | "each.key" | "each.value"));
        let keys = |address: &str| self.keys.get(&bare(address));
        if by_key && keys(address) == keys(from) {
            let same = all
                .iter()
                .find(|instance| index_of(instance) == index_of(from) && module_of(instance) == module_of(from));
            return same.cloned().into_iter().collect();
        }
        // Within the same instance of a module first.
        let module = module_of(from);
        let near: Vec<Arc<str>> = all.iter().filter(|instance| module_of(instance) == module).cloned().collect();
        let matching = |instance: &&Arc<str>| instance.starts_with(address);
        let exact: Vec<Arc<str>> = near.iter().filter(matching).cloned().collect();
        [exact, near, all.to_vec()].into_iter().find(|list| !list.is_empty()).unwrap_or_default()
    }
}

/// The references of an expression, without those that are only the beginning of another one.
fn references(written: &Json) -> Vec<&str> {
    let all: Vec<&str> = list(written, "references").iter().filter_map(Json::as_str).collect();
    let is_beginning =
        |short: &str| all.iter().any(|long| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['.', '['])));
    all.iter().filter(|reference| !is_beginning(reference)).copied().collect()
}

/// The references of everything in a tree of expressions.
fn every<'a>(written: &'a Json, all: &mut Vec<&'a str>) {
    if written.get("references").is_some() {
        all.extend(references(written));
        return;
    }
    match written {
        Json::Array(items) => items.iter().for_each(|item| every(item, all)),
        Json::Object(entries) => entries.values().for_each(|entry| every(entry, all)),
        _ => {}
    }
}

/// An address or a reference at its dots; not at those within an index.
fn split(address: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut nested) = (Vec::new(), 0, false, 0_usize);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' if !quoted => nested += 1,
            b']' if !quoted => nested = nested.saturating_sub(1),
            b'.' if !quoted && nested == 0 => {
                parts.extend(address.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(address.get(start..));
    parts
}

/// An address without its indexes.
fn bare(address: &str) -> String {
    let name = |part: &str| part.split('[').next().unwrap_or(part).to_owned();
    split(address).into_iter().map(name).collect::<Vec<_>>().join(".")
}

/// The module that a resource is in: `module.net[0]`; empty for the root. For a module, the one above it.
fn module_of(address: &str) -> String {
    let parts = split(address);
    let modules = parts.chunks(2).take_while(|pair| pair.first() == Some(&"module") && pair.len() == 2).count();
    let all = modules * 2 == parts.len();
    let length = if all { modules.saturating_sub(1) * 2 } else { modules * 2 };
    parts.get(..length).unwrap_or_default().join(".")
}

fn inside(module: &str, address: &str) -> String {
    if module.is_empty() { address.to_owned() } else { format!("{module}.{address}") }
}

/// The index of the last part of an address, with its brackets.
fn index_of(address: &str) -> &str {
    let last = split(address).pop().unwrap_or_default();
    last.find('[').and_then(|at| last.get(at..)).unwrap_or_default()
}

/// A provider as the configuration has it. What its settings refer to is not in a plan.
fn provider_of(written: &Json, known: &Provider) -> Provider {
    let settings = written.get("expressions").and_then(Json::as_object).map(|expressions| {
        let settings = expressions.iter().map(|(name, written)| (name.as_str().into(), setting(written)));
        Value::object(settings.collect()).into()
    });
    let alias = text(written, "alias").into();
    let name = match text(written, "name") {
        "" => known.name.clone(),
        name => name.into(),
    };
    Provider { name, alias, settings }
}

fn setting(written: &Json) -> Node {
    if let Some(value) = written.get("constant_value") {
        return functions::decode(value);
    }
    if written.get("references").is_some() {
        let what = references(written).first().copied().unwrap_or("an expression").to_owned();
        return Value::unknown(super::Why::Unsupported, what).into();
    }
    match written {
        Json::Array(items) => Value::tuple(items.iter().map(setting).collect()).into(),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(name, inner)| (name.as_str().into(), setting(inner)));
            Value::object(entries.collect()).into()
        }
        other => functions::decode(other),
    }
}
