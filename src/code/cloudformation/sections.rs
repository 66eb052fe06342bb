//! The sections of a template.

use std::{collections::BTreeMap, sync::Arc};

use crate::code::library::{folder_of, join};

use super::tree::{Entry, Tree};

/// What a section holds, by name.
pub(super) type Section = BTreeMap<Arc<str>, Entry>;

/// A template, as far as it is evaluated.
pub(super) struct Sections {
    /// All of it, as it is written.
    pub(super) whole: Tree,
    pub(super) transforms: Vec<Tree>,
    pub(super) parameters: Section,
    pub(super) mappings: Section,
    pub(super) conditions: Section,
    pub(super) resources: Section,
    pub(super) outputs: Section,
}

impl Sections {
    pub(super) fn of(whole: Tree) -> Self {
        let section = |name: &str| {
            let entries = whole.get(name).map(Tree::entries).unwrap_or_default();
            entries.iter().map(|entry| (entry.name.clone(), entry.clone())).collect()
        };
        Self {
            transforms: whole.get("Transform").map(Tree::one_or_more).unwrap_or_default().to_vec(),
            parameters: section("Parameters"),
            mappings: section("Mappings"),
            conditions: section("Conditions"),
            resources: section("Resources"),
            outputs: section("Outputs"),
            whole,
        }
    }

    /// Whether the template asks for a transform: by name, or by an object that has one.
    pub(super) fn asks_for(&self, name: &str) -> bool {
        self.transforms.iter().any(|transform| is_named(transform, name))
    }

    /// The files of the stacks that this template nests.
    pub(super) fn nested(&self, file: &str) -> Vec<Arc<str>> {
        let stacks = self.resources.values().filter_map(|entry| nested_path(&entry.value));
        stacks.filter_map(|path| join(folder_of(file), path).map(Into::into)).collect()
    }
}

pub(super) fn is_named(transform: &Tree, name: &str) -> bool {
    transform.is_text(name) || transform.get("Name").is_some_and(|own| own.is_text(name))
}

/// The path of the template that a resource nests, where that is a path and no address.
pub(super) fn nested_path(resource: &Tree) -> Option<&str> {
    let property = match &**resource.get("Type")?.as_text()? {
        "AWS::CloudFormation::Stack" => "TemplateURL",
        "AWS::Serverless::Application" => "Location",
        _ => return None,
    };
    let path = resource.at(&["Properties", property])?.as_text()?;
    (!path.contains("://")).then_some(path)
}
