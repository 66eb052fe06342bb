//! What the files of one folder declare together.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Mode, Place,
    library::folder_of,
    syntax::{Attribute, Block, Body},
};

/// A block as all files together write it: those named `override` come last, and win.
#[derive(Debug, Clone)]
pub(super) struct Written<'a> {
    pub(super) attributes: Vec<&'a Attribute>,
    pub(super) blocks: Vec<&'a Block>,
    pub(super) place: &'a Place,
}

impl<'a> Written<'a> {
    fn new(block: &'a Block) -> Self {
        Self {
            attributes: block.body.attributes.iter().collect(),
            blocks: block.body.blocks.iter().collect(),
            place: &block.place,
        }
    }

    /// What a file of overrides changes.
    fn change(&mut self, by: &'a Block) {
        for attribute in &by.body.attributes {
            self.attributes.retain(|other| other.name != attribute.name);
            self.attributes.push(attribute);
        }
        for block in &by.body.blocks {
            self.blocks.retain(|other| other.kind != block.kind || other.place.file == by.place.file);
            self.blocks.push(block);
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name).copied()
    }
}

/// A resource by mode, type and name.
pub(super) type ResourceName = (Mode, Arc<str>, Arc<str>);

/// What the files of one folder declare together.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    pub(super) folder: Arc<str>,
    pub(super) variables: BTreeMap<Arc<str>, Written<'a>>,
    pub(super) locals: BTreeMap<Arc<str>, &'a Attribute>,
    pub(super) resources: BTreeMap<ResourceName, Written<'a>>,
    pub(super) modules: BTreeMap<Arc<str>, Written<'a>>,
    pub(super) outputs: BTreeMap<Arc<str>, Written<'a>>,
    pub(super) providers: Vec<(Arc<str>, Written<'a>)>,
}

/// Whether a file changes what the others declare.
fn is_override(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.trim_end_matches(".json").trim_end_matches(".tf");
    stem == "override" || stem.ends_with("_override")
}

/// The folders of some files, and what each declares.
pub(super) fn folders<'a>(files: &'a BTreeMap<Arc<str>, Body>) -> BTreeMap<Arc<str>, Declared<'a>> {
    let mut found: BTreeMap<Arc<str>, Declared<'a>> = BTreeMap::new();
    let (changes, files): (Vec<_>, Vec<_>) = files.iter().partition(|(file, _)| is_override(file));
    for (file, body) in files.into_iter().chain(changes) {
        let folder: Arc<str> = folder_of(file).into();
        let declared = found.entry(folder.clone()).or_insert_with(|| Declared { folder, ..Declared::default() });
        for block in &body.blocks {
            declared.take(block, is_override(file));
        }
    }
    found
}

impl<'a> Declared<'a> {
    fn take(&mut self, block: &'a Block, changes: bool) {
        let (first, second) = (block.label(0).cloned(), block.label(1).cloned());
        match (&*block.kind, first, second) {
            ("variable", Some(name), None) => put(&mut self.variables, name, block, changes),
            ("module", Some(name), None) => put(&mut self.modules, name, block, changes),
            ("output", Some(name), None) => put(&mut self.outputs, name, block, changes),
            ("resource", Some(kind), Some(name)) => {
                put(&mut self.resources, (Mode::Managed, kind, name), block, changes);
            }
            ("data", Some(kind), Some(name)) => put(&mut self.resources, (Mode::Data, kind, name), block, changes),
            ("check", ..) => {
                for data in block.body.blocks("data") {
                    self.take(data, changes);
                }
            }
            ("locals", None, None) => {
                for attribute in &block.body.attributes {
                    self.locals.insert(attribute.name.clone(), attribute);
                }
            }
            ("provider", Some(name), None) => self.providers.push((name, Written::new(block))),
            // `terraform`, `moved`, `import`, `removed` and words of newer versions say nothing of what there will be.
            _ => {}
        }
    }
}

fn put<'a, K: Ord>(map: &mut BTreeMap<K, Written<'a>>, key: K, block: &'a Block, changes: bool) {
    match map.get_mut(&key) {
        Some(written) if changes => written.change(block),
        // Declared twice is an error that Terraform reports; the first stands.
        Some(_) => {}
        None => drop(map.insert(key, Written::new(block))),
    }
}
