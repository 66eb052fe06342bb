//! SAM: resources that stand for others are replaced by those, under the same logical ids.
//!
//! The transform works on what is written, before anything is evaluated: what it makes stands at the place of the
//! property that it is made for. What it does not follow is a gap on that resource.

mod connectors;
mod domains;
mod events;
mod functions;
mod globals;
mod http;
mod machines;
mod openapi;
mod others;
mod pen;
mod policies;
mod publish;
mod rest;
mod routes;
mod rules;
mod streams;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{code::Place, evidence::GapReason};

use super::{
    parameters,
    sections::Section,
    stack::Stack,
    tree::{Entry, Form, Tree},
};

use pen::Pen;
use routes::Route;

/// The name that templates ask for SAM by.
pub(super) const TRANSFORM: &str = "AWS::Serverless-2016-10-31";
/// The API that events of type `Api` are of when they name none.
const REST: &str = "ServerlessRestApi";
/// The API that events of type `HttpApi` are of when they name none.
const HTTP: &str = "ServerlessHttpApi";

/// Replaces the resources of SAM by those that they stand for.
pub(super) fn transform(stack: &mut Stack<'_>) {
    let mut sam = Sam {
        stack,
        sources: BTreeMap::new(),
        made: BTreeMap::new(),
        conditions: stack.sections.conditions.clone(),
        managed: BTreeSet::new(),
        routes: BTreeMap::new(),
        deployments: Vec::new(),
        renamed: BTreeMap::new(),
    };
    sam.run();
    let (mut made, conditions, renamed) = (sam.made, sam.conditions, sam.renamed);
    for entry in made.values_mut().chain(stack.sections.outputs.values_mut()) {
        rename(&mut entry.value, &renamed);
    }
    stack.sections.resources = made;
    stack.sections.conditions = conditions;
}

/// A template while it is being transformed.
struct Sam<'s, 'w> {
    stack: &'s Stack<'w>,
    /// The resources of SAM, with what is global in them.
    sources: Section,
    /// What they come to, and all other resources.
    made: Section,
    conditions: Section,
    /// The APIs whose paths SAM writes.
    managed: BTreeSet<Arc<str>>,
    /// The paths that events bring, by the logical id of their API.
    routes: BTreeMap<Arc<str>, Vec<Route>>,
    /// The conditions of the functions that are rolled out; none for one that always is.
    deployments: Vec<(Place, Option<Arc<str>>)>,
    /// What names such as `Function.Alias` stand for.
    renamed: BTreeMap<String, String>,
}

/// A resource of SAM that is being replaced.
struct Source {
    id: Arc<str>,
    properties: Tree,
    condition: Option<Arc<str>>,
    at: Place,
    whole: Place,
}

impl Source {
    fn of(entry: &Entry) -> Self {
        let place = entry.value.place.clone();
        let empty = || Tree::map::<&str>([], &place);
        Self {
            id: entry.name.clone(),
            properties: entry.value.get("Properties").filter(|tree| tree.is_map()).cloned().unwrap_or_else(empty),
            condition: entry.value.get("Condition").and_then(Tree::as_text).cloned(),
            at: entry.at.clone(),
            whole: entry.whole(),
        }
    }

    fn get(&self, name: &str) -> Option<&Tree> {
        self.properties.get(name)
    }

    fn pen(&self) -> Pen<'_> {
        Pen(&self.whole)
    }
}

impl Sam<'_, '_> {
    fn run(&mut self) {
        for entry in self.stack.sections.resources.values() {
            match kind(&entry.value) {
                Some(_) => self.sources.insert(entry.name.clone(), entry.clone()),
                None => self.made.insert(entry.name.clone(), entry.clone()),
            };
        }
        self.add_implicit_apis();
        self.merge_globals();
        let sources: Vec<Entry> = self.sources.values().cloned().collect();
        let of = |wanted: &'static str| sources.iter().filter(move |entry| kind(&entry.value) == Some(wanted));
        for (id, what) in of("Api").chain(of("HttpApi")).map(|entry| (entry.name.clone(), Source::of(entry))) {
            let own = what.get("DefinitionBody").is_some() || what.get("DefinitionUri").is_some();
            if !own || what.get("MergeDefinitions").and_then(Tree::truth) == Some(true) {
                self.managed.insert(id);
            }
        }
        of("Function").for_each(|entry| self.function(&Source::of(entry)));
        self.condition_deployments();
        of("StateMachine").for_each(|entry| self.machine(&Source::of(entry)));
        of("Api").for_each(|entry| self.rest_api(&Source::of(entry)));
        of("HttpApi").for_each(|entry| self.http_api(&Source::of(entry)));
        let done = ["Function", "StateMachine", "Api", "HttpApi"];
        for entry in sources.iter().filter(|entry| !kind(&entry.value).is_some_and(|kind| done.contains(&kind))) {
            self.other(entry);
        }
        self.connectors(&sources);
    }

    /// A resource that is made for another one.
    fn add(&mut self, id: &str, kind: &str, properties: Tree, source: &Source) {
        let pen = Pen(&source.whole);
        let mut value = pen.map([("Type", pen.text(kind)), ("Properties", properties)]);
        value.place = Place { line: source.whole.line, column: source.whole.column, ..source.whole.clone() };
        if let Some(condition) = &source.condition {
            value.set("Condition", pen.text(&**condition));
        }
        self.made.insert(id.into(), Entry { name: id.into(), at: source.at.clone(), value });
    }

    /// Something of SAM that is not followed.
    fn unfollowed(&self, id: &str, what: &str, at: &Place) {
        let detail = "this version does not know what SAM makes of it";
        self.stack.note(GapReason::Unsupported, format!("{} {id} {what}", self.stack.file), detail, at);
    }

    /// Says which properties of a resource are not followed.
    fn only(&self, source: &Source, known: &[&[&str]]) {
        for entry in source.properties.entries() {
            if !known.iter().any(|names| names.contains(&&*entry.name)) {
                self.unfollowed(&source.id, &entry.name, &entry.at);
            }
        }
    }

    /// A value with the parameters in it replaced by their values, where those are known.
    fn resolved(&self, tree: &Tree) -> Tree {
        if let Some(("Ref", name)) = tree.call()
            && let Some(known) = name.as_text().and_then(|name| self.known(name))
        {
            return Tree::text(known, &tree.place);
        }
        if let Some(("Fn::Sub", text)) = tree.call()
            && let Some(text) = text.as_text()
        {
            return Tree::sub(self.resolved_text(text), &tree.place);
        }
        let form = match &tree.form {
            Form::List(items) => Form::List(items.iter().map(|item| self.resolved(item)).collect()),
            Form::Map(entries) => Form::Map(
                entries.iter().map(|entry| Entry { value: self.resolved(&entry.value), ..entry.clone() }).collect(),
            ),
            other => other.clone(),
        };
        Tree { form, place: tree.place.clone() }
    }

    /// The value of a parameter, or what is known of the deployment.
    fn known(&self, name: &str) -> Option<Arc<str>> {
        let of_deployment = || self.stack.pseudo(name).filter(|_| matches!(name, "AWS::Region" | "AWS::Partition"));
        parameters::literal(&self.stack.values.get(name).cloned().or_else(of_deployment)?)
    }

    fn resolved_text(&self, text: &str) -> String {
        let mut written = String::new();
        let mut rest = text;
        while let Some((before, found)) = rest.split_once("${") {
            written.push_str(before);
            let name = found.split_once('}').map(|(name, after)| (name.trim(), after));
            let known = name.and_then(|(name, after)| Some((self.known(name)?, after)));
            if let Some((value, after)) = known {
                written.push_str(&value);
                rest = after;
            } else {
                written.push_str("${");
                rest = found;
            }
        }
        written + rest
    }

    /// The text that a value is, or that a parameter gives it.
    fn literal(&self, tree: &Tree) -> Option<Arc<str>> {
        self.resolved(tree).scalar()
    }
}

/// The kind of a resource of SAM: `Function`, `Api`.
fn kind(resource: &Tree) -> Option<&str> {
    resource.get("Type")?.as_text()?.strip_prefix("AWS::Serverless::")
}

/// Puts what SAM has made in place of the names that it has for that.
fn rename(tree: &mut Tree, names: &BTreeMap<String, String>) {
    match &mut tree.form {
        Form::List(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Form::Map(entries) => {
            for entry in entries {
                match &*entry.name {
                    "Ref" | "DependsOn" => {
                        if let Some(new) = entry.value.as_text().and_then(|text| names.get(&**text)) {
                            entry.value = Tree::text(new.as_str(), &entry.value.place);
                        }
                    }
                    "Fn::GetAtt" => renamed_attribute(&mut entry.value, names),
                    "Fn::Sub" => renamed_text(&mut entry.value, names),
                    _ => {}
                }
                rename(&mut entry.value, names);
            }
        }
        _ => {}
    }
}

fn renamed_attribute(argument: &mut Tree, names: &BTreeMap<String, String>) {
    let (name, attribute) = match &argument.form {
        Form::Text(text) => match text.rsplit_once('.') {
            Some((name, attribute)) => (name.to_owned(), Tree::text(attribute, &argument.place)),
            None => return,
        },
        Form::List(items) => match items.as_slice() {
            [name, attribute] => match name.as_text() {
                Some(name) => (name.to_string(), attribute.clone()),
                None => return,
            },
            _ => return,
        },
        _ => return,
    };
    if let Some(new) = names.get(&name) {
        *argument = Tree::list(vec![Tree::text(new.as_str(), &argument.place), attribute], &argument.place);
    }
}

fn renamed_text(argument: &mut Tree, names: &BTreeMap<String, String>) {
    let replaced = |text: &str| {
        let mut written = String::new();
        let mut rest = text;
        while let Some((before, found)) = rest.split_once("${") {
            written.push_str(before);
            written.push_str("${");
            let Some((name, after)) = found.split_once('}') else {
                rest = found;
                continue;
            };
            // The name itself, or the part of it that is before an attribute.
            let known = names.get(name).map(|new| (new, "")).or_else(|| {
                let (name, _) = name.rsplit_once('.')?;
                Some((names.get(name)?, found.get(name.len()..found.len() - after.len() - 1)?))
            });
            match known {
                Some((new, attribute)) => {
                    written.push_str(new);
                    written.push_str(attribute);
                }
                None => written.push_str(name),
            }
            written.push('}');
            rest = after;
        }
        written + rest
    };
    match &mut argument.form {
        Form::Text(text) => *text = replaced(text).into(),
        Form::List(items) => {
            if let Some(Tree { form: Form::Text(text), .. }) = items.first_mut() {
                *text = replaced(text).into();
            }
        }
        _ => {}
    }
}
