//! Which provider makes a resource, and how it is configured.

use std::{collections::BTreeMap, sync::Arc};

use crate::code::{
    Node, Provider, Value,
    declared::Written,
    expression::{Scope, evaluate},
    syntax::{Expr, ExprKind, Key, Step},
};

use super::Module;

/// A provider by its name, `aws` or `aws.east`.
pub(super) fn named(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Literal(Value::Text(name)) => Some(name.to_string()),
        ExprKind::Steps(base, steps) => match (&base.kind, &**steps) {
            (ExprKind::Name(name), [Step::Attribute(alias)]) => Some(format!("{name}.{alias}")),
            _ => None,
        },
        _ => None,
    }
}

/// A provider as the entry of a call names it.
pub(super) fn key(key: &Key) -> Option<String> {
    match key {
        Key::Name(name) => Some(name.to_string()),
        Key::Computed(expr) => named(expr),
    }
}

fn alias_of(written: &Written<'_>) -> Option<Arc<str>> {
    match &written.attribute("alias")?.value.kind {
        ExprKind::Literal(Value::Text(alias)) => Some(alias.clone()),
        _ => None,
    }
}

impl Module<'_> {
    /// The provider of a resource.
    pub(super) fn provider_of(&self, kind: &str, written: &Written<'_>) -> Provider {
        let said = written.attribute("provider").and_then(|provider| named(&provider.value));
        let name = said.unwrap_or_else(|| kind.split('_').next().unwrap_or(kind).to_owned());
        self.provider(&name)
    }

    /// A provider by its name, as this module has it.
    pub(super) fn provider(&self, name: &str) -> Provider {
        let (local, alias) = name.split_once('.').unwrap_or((name, ""));
        let own =
            self.declared.providers.iter().find(|(label, written)| {
                &**label == local && alias_of(written).as_deref().unwrap_or_default() == alias
            });
        match own {
            Some((label, written)) => {
                let settings = Some(self.settings(written));
                Provider { name: label.clone(), alias: alias.into(), settings }
            }
            None => self.providers.get(name).cloned().unwrap_or_else(|| Provider {
                name: local.into(),
                alias: alias.into(),
                settings: None,
            }),
        }
    }

    fn settings(&self, written: &Written<'_>) -> Node {
        let scope = Scope { names: self, frame: None, meter: &self.world.meter };
        let mut settings: BTreeMap<Arc<str>, Node> = BTreeMap::new();
        for attribute in &written.attributes {
            settings.insert(attribute.name.clone(), evaluate(&attribute.value, scope));
        }
        for block in &written.blocks {
            let inner = block.body.attributes.iter();
            let inner = inner.map(|attribute| (attribute.name.clone(), evaluate(&attribute.value, scope)));
            let inner = Value::object(inner.collect()).into();
            settings.insert(block.kind.clone(), Value::tuple(vec![inner]).into());
        }
        Node::from(Value::object(settings)).at(written.place)
    }

    /// The providers without an alias, which the modules that are called have too.
    pub(super) fn defaults(&self) -> BTreeMap<Arc<str>, Provider> {
        let inherited = self.providers.iter().filter(|(name, _)| !name.contains('.'));
        let mut defaults: BTreeMap<Arc<str>, Provider> =
            inherited.map(|(name, provider)| (name.clone(), provider.clone())).collect();
        for (label, written) in &self.declared.providers {
            if alias_of(written).is_none() {
                defaults.insert(label.clone(), self.provider(label));
            }
        }
        defaults
    }
}
