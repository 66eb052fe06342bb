//! Calls of other modules.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use crate::{
    code::{CodeGap, Provider, Unknown, Why, declared::Written, library::join, syntax::ExprKind},
    evidence::GapReason,
};

use super::{DEEPEST, Expansion, Inputs, Module};

/// What a call comes to.
pub(super) enum Called<'a> {
    /// The modules.
    Modules(Expansion<Rc<Module<'a>>>),
    /// A module that is not part of the folder.
    Unresolved(Arc<Unknown>),
    /// There is no such call.
    Undeclared,
}

impl<'a> Module<'a> {
    /// What a call comes to; none while that is being found out.
    pub(super) fn called(&self, name: &Arc<str>) -> Option<Rc<Called<'a>>> {
        Self::once(&self.children, name, || match self.declared.modules.get(name) {
            Some(written) => Rc::new(self.call(name, written)),
            None => Rc::new(Called::Undeclared),
        })
    }

    fn call(&self, name: &Arc<str>, written: &Written<'a>) -> Called<'a> {
        let source = written.attribute("source").and_then(|source| match &source.value.kind {
            ExprKind::Literal(value) => crate::code::Node::from(value.clone()).text().cloned(),
            _ => None,
        });
        let source = source.unwrap_or_default();
        let what = format!("{}module.{name}", self.prefix);
        let unresolved = |why: Why, reason: GapReason, detail: String| {
            self.world.note(CodeGap::new(what.as_str(), reason, detail).at(written.place));
            Called::Unresolved(Unknown::new(why, format!("{what} ({source})")).into())
        };
        let calls = if self.calls.is_empty() { name.to_string() } else { format!("{}.{name}", self.calls) };
        let is_local = source.starts_with("./") || source.starts_with("../") || &*source == "." || &*source == "..";
        let folder = if is_local {
            join(&self.declared.folder, &source).map(Into::into)
        } else {
            self.world.fetched.get(&(self.root.clone(), calls.clone())).cloned()
        };
        let declared = folder.and_then(|folder: Arc<str>| self.world.folders.get(&folder));
        let Some(declared) = declared else {
            let detail = if is_local {
                format!("there is no code in `{source}` within the folder that is scanned")
            } else {
                format!("`{source}` is not part of the folder; `terraform init` fetches it into `.terraform/modules`")
            };
            return unresolved(Why::Module, GapReason::UnresolvedModule, detail);
        };
        if self.depth >= DEEPEST {
            return unresolved(Why::Limit, GapReason::Limit, format!("modules call each other deeper than {DEEPEST}"));
        }
        let Some(me) = self.me.upgrade() else { return Called::Undeclared };
        Called::Modules(self.expand(&what, written, |address, bound, _| {
            let providers = self.passed(written);
            Self::build(self.world, declared, |module| {
                module.root = self.root.clone();
                module.prefix = format!("{address}.").into();
                module.calls.clone_from(&calls);
                module.depth = self.depth + 1;
                module.inputs = Inputs::Call { parent: me.clone(), written: Box::new(written.clone()), bound };
                module.providers = providers;
            })
        }))
    }

    /// The providers that a called module has: those that are passed, and the default ones.
    fn passed(&self, written: &Written<'a>) -> BTreeMap<Arc<str>, Provider> {
        let mut passed: BTreeMap<Arc<str>, Provider> = self.defaults();
        if let Some(list) = written.attribute("providers")
            && let ExprKind::Object(entries) = &list.value.kind
        {
            for (key, value) in entries {
                let inner = super::providers::key(key);
                let outer = super::providers::named(value);
                if let (Some(inner), Some(outer)) = (inner, outer) {
                    passed.insert(inner.into(), self.provider(&outer));
                }
            }
        }
        passed
    }
}
