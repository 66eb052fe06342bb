//! The controls that a rule speaks to, in the words of their frameworks, and as taxonomies of SARIF.

use std::collections::{BTreeMap, BTreeSet};

use serde_sarif::sarif::{
    MultiformatMessageString, ReportingDescriptor, ReportingDescriptorReference, ReportingDescriptorRelationship,
    ToolComponent, ToolComponentReference,
};

use super::escape::line;
use crate::{
    knowledge::{Control, Framework, control_order, frameworks},
    rule::Rule,
    snapshot::Cloud,
};

/// A framework, by the name that a rule gives it: one of ours, or one of which only a user's rule knows.
fn framework(key: &str) -> Option<&'static Framework> {
    frameworks().get(key)
}

fn name(key: &str) -> String {
    framework(key).map_or_else(|| line(key).into_owned(), |it| it.name.clone())
}

fn control(key: &str, id: &str) -> Option<&'static Control> {
    framework(key)?.controls.get(id)
}

/// A line for each control: the framework, the id and what it asks for.
pub(super) fn lines(rule: &Rule) -> Vec<String> {
    let each = rule.compliance.iter().flat_map(|(key, ids)| ids.iter().map(move |id| (key, id)));
    each.map(|(key, id)| {
        let says = control(key, id).map_or_else(String::new, |it| format!(" {}", it.says()));
        format!("{}: {}{says}", name(key), line(id))
    })
    .collect()
}

/// The frameworks, each with the ids of its controls. Those of another cloud say nothing of this one.
pub(super) fn by_framework(rule: &Rule, cloud: Option<Cloud>) -> Vec<(String, Vec<String>)> {
    let speaks = |key: &str| {
        let only = framework(key).and_then(|it| it.cloud);
        only.is_none() || cloud.is_none() || only == cloud
    };
    let of_cloud = rule.compliance.iter().filter(|(key, _)| speaks(key));
    of_cloud.map(|(key, ids)| (name(key), ids.iter().map(|id| line(id).into_owned()).collect())).collect()
}

/// Tags for code scanning, `external/FRAMEWORK/CONTROL`: the first of every framework, then the second.
pub(super) fn tags(rule: &Rule) -> Vec<String> {
    let each =
        rule.compliance.iter().flat_map(|(key, ids)| ids.iter().enumerate().map(move |(nth, id)| (nth, key, id)));
    let mut each: Vec<_> = each.collect();
    each.sort_by_key(|(nth, ..)| *nth);
    each.into_iter().map(|(_, key, id)| format!("external/{}/{}", line(key), line(id).to_lowercase())).collect()
}

/// The frameworks that some rules name, with the controls that they name of each.
pub(super) struct Taxonomies<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Taxonomies<'a> {
    pub(super) fn of(rules: &[&'a Rule]) -> Self {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, ids) in rules.iter().flat_map(|rule| &rule.compliance) {
            found.entry(key).or_default().extend(ids.iter().map(String::as_str));
        }
        let sorted = |ids: BTreeSet<&'a str>| {
            let mut ids: Vec<_> = ids.into_iter().collect();
            ids.sort_by_key(|id| control_order(id));
            ids
        };
        Self(found.into_iter().map(|(key, ids)| (key, sorted(ids))).collect())
    }

    /// The components that a run lists.
    pub(super) fn components(&self) -> Vec<ToolComponent> {
        self.0.iter().map(|(key, ids)| component(key, ids)).collect()
    }

    /// What the driver says it knows.
    pub(super) fn supported(&self) -> Vec<ToolComponentReference> {
        self.0.keys().enumerate().map(|(at, key)| reference(at, key)).collect()
    }

    /// How a rule relates to its controls: a failure is relevant to them.
    pub(super) fn relationships(&self, rule: &Rule) -> Vec<ReportingDescriptorRelationship> {
        let mut found = Vec::new();
        for (at, (key, known)) in self.0.iter().enumerate() {
            for id in rule.compliance.get(*key).into_iter().flatten() {
                let Some(index) = known.iter().position(|known| known == id) else { continue };
                let target = ReportingDescriptorReference::builder()
                    .id(line(id).into_owned())
                    .index(number(index))
                    .tool_component(reference(at, key))
                    .build();
                found.push(ReportingDescriptorRelationship::builder().target(target).build());
            }
        }
        found
    }
}

fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn reference(at: usize, key: &str) -> ToolComponentReference {
    ToolComponentReference::builder().name(line(key).into_owned()).index(number(at)).build()
}

fn text(of: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(of).build()
}

fn component(key: &str, ids: &[&str]) -> ToolComponent {
    let taxon = |id: &&str| {
        let mut taxon = ReportingDescriptor::builder().id(line(id).into_owned()).build();
        if let Some(control) = control(key, id) {
            taxon.short_description = Some(text(&format!("{}.", control.says().trim_end_matches('.'))));
            taxon.full_description = Some(text(&control.why));
        }
        taxon
    };
    let taxa: Vec<_> = ids.iter().map(taxon).collect();
    let mut component =
        ToolComponent::builder().name(line(key).into_owned()).taxa(taxa).is_comprehensive(false).build();
    if let Some(framework) = framework(key) {
        component.full_name = Some(framework.name.clone());
        component.version = Some(framework.version.clone());
        component.organization = Some(framework.publisher.clone());
        component.information_uri = Some(framework.url.clone());
        component.short_description = Some(text(&format!("{}.", framework.name)));
    }
    component
}
