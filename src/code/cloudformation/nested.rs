//! Stacks within stacks: a template that another one names by a path.

use std::{rc::Rc, sync::Arc};

use crate::{
    code::{
        Node, Value,
        library::{folder_of, join},
    },
    evidence::GapReason,
};

use super::{
    parameters,
    sections::nested_path,
    stack::{DEEPEST, MOST_STACKS, Stack},
    tree::{Entry, Tree},
};

impl<'a> Stack<'a> {
    /// A stack that this one nests, where its template is a file that can be had.
    pub(super) fn child(&self, entry: &Entry) -> Option<Rc<Stack<'a>>> {
        if let Some(known) = self.children.borrow().get(&entry.name) {
            return known.clone();
        }
        // Asked for by its own parameters, it is not there yet.
        self.children.borrow_mut().insert(entry.name.clone(), None);
        let child = self.nest(entry).map(Rc::new);
        self.children.borrow_mut().insert(entry.name.clone(), child.clone());
        child
    }

    fn nest(&self, entry: &Entry) -> Option<Stack<'a>> {
        let what = format!("{} {}", self.file, entry.name);
        let unresolved = |detail: &str| {
            self.note(GapReason::UnresolvedModule, what.clone(), detail, &entry.at);
            None
        };
        self.world.stacks.set(self.world.stacks.get() + 1);
        if self.depth >= DEEPEST || self.world.stacks.get() > MOST_STACKS {
            self.note(GapReason::Limit, what, "more stacks than are followed", &entry.at);
            return None;
        }
        let Some(path) = nested_path(&entry.value) else {
            return unresolved("its template is not a file beside this one");
        };
        let Some(library) = self.world.library else {
            return unresolved("its template is in another file");
        };
        let Some(file) = join(folder_of(&self.file), path) else {
            return unresolved("its template lies outside of the folder");
        };
        let file: Arc<str> = file.into();
        let text = match library.text(&file) {
            Ok(text) => text,
            Err(unread) => return unresolved(&format!("`{file}`: {}", unread.detail)),
        };
        match super::read(&file, &text) {
            Ok(sections) => {
                let given = |name: &str| self.value_of(entry.value.at(&["Properties", "Parameters", name])?);
                Some(Stack::new(self.world, &file, sections, &given, Some((self, &entry.name))))
            }
            Err(refusal) => {
                self.world.note(refusal.gap());
                unresolved(&format!("`{file}` cannot be read"))
            }
        }
    }

    /// What a nested stack is given for a parameter: a list is given as a text, with commas.
    fn value_of(&self, tree: &Tree) -> Option<Node> {
        let node = self.optional(tree)?;
        let Value::List(list) = &node.value else { return Some(node) };
        let texts: Option<Vec<Arc<str>>> = list.iter().map(parameters::literal).collect();
        Some(texts.map_or_else(|| node.clone(), |texts| Value::text(texts.join(",")).into()))
    }

    pub(super) fn nested_output(&self, entry: &Entry, name: &str) -> Option<Node> {
        self.child(entry)?.output(name)
    }
}
