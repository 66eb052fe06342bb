//! Terraform folders: every root module in them, evaluated.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rayon::{ThreadPoolBuilder, prelude::*};

use crate::evidence::GapReason;

use super::{
    CodeGap, Evaluated, InlineWaiver, Library, Node, Place, Value,
    declared::{self, Declared},
    expression::{Fault, Meter, Names, Scope, evaluate},
    library::{folder_of, join},
    module::{Call, Module, World},
    syntax::{Body, ExprKind, Step, parse},
    waiver,
};

/// How much a thread may put on its stack, in bytes: the evaluation follows names through names, and files nest.
const STACK: usize = 256 * 1024 * 1024;
/// How many threads read files at most: beyond that the evaluation, which is one, takes longer than all of them.
const MOST_READERS: usize = 8;

/// What a user may say of a folder besides its name.
#[derive(Debug, Default)]
pub struct Options {
    /// Files of values, as for `-var-file`: given to every root, after its own.
    pub var_files: Vec<VarFile>,
}

/// A file of values for variables.
#[derive(Debug)]
pub struct VarFile(Body);

impl VarFile {
    /// Reads such a file, in HCL or in JSON by its name.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(name: &str, text: &str) -> Result<Self, CodeGap> {
        parse(&name.into(), text).map(Self)
    }
}

/// Evaluates every root module of a folder: each folder in it that holds code, and that no other one calls.
///
/// It never fails: what cannot be read is a gap.
pub fn folder(library: &(dyn Library + Sync), options: &Options) -> Evaluated {
    let run = || evaluated(library, options);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(|| Evaluated {
            gaps: vec![CodeGap::new("the folder", GapReason::Limit, "the evaluation could not be run")],
            ..Evaluated::default()
        })
    })
}

/// Whether a folder of Terraform holds a file: no code of tests, no state.
fn is_code(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    !name.starts_with('.') && [".tf", ".tf.json", ".tofu"].iter().any(|end| name.ends_with(end))
}

fn evaluated(library: &(dyn Library + Sync), options: &Options) -> Evaluated {
    let mut result = Evaluated::default();
    for unread in library.left_out() {
        result.gaps.push(CodeGap::new(unread.file.as_str(), unread.why, unread.detail));
    }
    let names = library.files();
    let mut files: BTreeMap<Arc<str>, Body> = BTreeMap::new();
    let code: Vec<&Arc<str>> = names.iter().filter(|file| is_code(file)).collect();
    let read = all_read(library, &code);
    let mut bytes = 0;
    for (file, read) in code.into_iter().zip(read) {
        match read {
            Ok((body, waivers, length)) => {
                bytes += length;
                result.waivers.extend(waivers);
                files.insert(file.clone(), body);
            }
            Err(gap) => result.gaps.push(gap),
        }
    }
    let folders = declared::folders(&files);
    let roots = roots(&folders);
    let fetched = roots.iter().flat_map(|root| fetched(library, root)).collect();
    let world = World {
        library,
        folders: &folders,
        fetched,
        meter: Meter::of(bytes),
        gaps: RefCell::default(),
        bytes,
        instances: Cell::new(0),
        is_full: Cell::new(false),
    };
    for root in roots {
        let Some(declared) = folders.get(&root) else { continue };
        let values = values(library, &names, &root, options, &mut result.gaps);
        Module::root(&world, declared, values).collect(&mut result);
    }
    let limits = [(world.meter.is_exhausted(), "expressions"), (world.is_full.get(), "instances")];
    for (_, what) in limits.into_iter().filter(|(reached, _)| *reached) {
        result.gaps.push(CodeGap::new("the folder", GapReason::Limit, format!("more {what} than are evaluated")));
    }
    result.gaps.extend(world.noted());
    result
}

/// A file of code, the comments in it that accept findings, and its length in bytes.
type Read = Result<(Body, Vec<InlineWaiver>, usize), CodeGap>;

/// Several files of code, in their order, read beside each other.
fn all_read(library: &(dyn Library + Sync), code: &[&Arc<str>]) -> Vec<Read> {
    let own = |file: &&Arc<str>| with_waivers(library, file);
    let readers = rayon::current_num_threads().min(code.len()).min(MOST_READERS);
    let several = || ThreadPoolBuilder::new().num_threads(readers).stack_size(STACK).build().ok();
    match (readers > 1).then(several).flatten() {
        Some(readers) => readers.install(|| code.par_iter().map(own).collect()),
        // Where the system has no room for so many stacks, this thread has its own.
        None => code.iter().map(own).collect(),
    }
}

fn with_waivers(library: &dyn Library, file: &Arc<str>) -> Read {
    let (text, body) = read(library, file)?;
    let is_asked = !file.ends_with(".json") && !is_fetched(file);
    let waivers = if is_asked { waiver::find(file, &text, &body) } else { Vec::new() };
    Ok((body, waivers, text.len()))
}

fn read(library: &dyn Library, file: &Arc<str>) -> Result<(Arc<str>, Body), CodeGap> {
    let text = library
        .text(file)
        .map_err(|unread| CodeGap::new(&**file, unread.why, unread.detail).at(&Place::start_of(file)))?;
    let body = parse(file, &text)?;
    Ok((text, body))
}

/// Whether a folder was fetched, and is not of those who are scanned.
fn is_fetched(folder: &str) -> bool {
    folder.split('/').any(|part| part == ".terraform")
}

/// The folders that no other one calls; and one of those that call each other in a circle.
fn roots(folders: &BTreeMap<Arc<str>, Declared<'_>>) -> Vec<Arc<str>> {
    let calls: BTreeMap<&Arc<str>, BTreeSet<Arc<str>>> = folders
        .iter()
        .map(|(folder, declared)| {
            let sources = declared.modules.values().filter_map(|module| module.attribute("source"));
            let local = sources.filter_map(|source| match &source.value.kind {
                ExprKind::Literal(Value::Text(path)) if path.starts_with('.') => join(folder, path).map(Into::into),
                _ => None,
            });
            (folder, local.filter(|called: &Arc<str>| called != folder).collect())
        })
        .collect();
    let own = |folder: &&Arc<str>| !is_fetched(folder);
    let called: BTreeSet<&Arc<str>> = calls.values().flatten().collect();
    let mut roots: Vec<Arc<str>> =
        folders.keys().filter(own).filter(|folder| !called.contains(folder)).cloned().collect();
    let mut reached: BTreeSet<Arc<str>> = BTreeSet::new();
    let reach = |from: &Arc<str>, reached: &mut BTreeSet<Arc<str>>| {
        let mut next = vec![from.clone()];
        while let Some(folder) = next.pop() {
            if reached.insert(folder.clone()) {
                next.extend(calls.get(&folder).into_iter().flatten().cloned());
            }
        }
    };
    for root in &roots {
        reach(root, &mut reached);
    }
    for folder in folders.keys().filter(own) {
        if !reached.contains(folder) {
            roots.push(folder.clone());
            reach(folder, &mut reached);
        }
    }
    roots.sort();
    roots
}

/// What `terraform init` has fetched for a root.
fn fetched(library: &dyn Library, root: &Arc<str>) -> Vec<(Call, Arc<str>)> {
    let Some(file) = join(root, ".terraform/modules/modules.json") else { return Vec::new() };
    let Ok(text) = library.text(&file) else { return Vec::new() };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let modules = json.get("Modules").and_then(|modules| modules.as_array()).cloned().unwrap_or_default();
    modules
        .iter()
        .filter_map(|module| {
            let (key, folder) = (module.get("Key")?.as_str()?, module.get("Dir")?.as_str()?);
            Some(((root.clone(), key.to_owned()), join(root, folder)?.into()))
        })
        .collect()
}

/// The values that files beside a root give to its variables; a later file wins.
fn values(
    library: &dyn Library,
    names: &[Arc<str>],
    root: &str,
    options: &Options,
    gaps: &mut Vec<CodeGap>,
) -> BTreeMap<Arc<str>, Node> {
    let beside = |file: &&Arc<str>| folder_of(file) == root;
    let name_of = |file: &Arc<str>| file.rsplit('/').next().unwrap_or_default().to_owned();
    let own = ["terraform.tfvars", "terraform.tfvars.json"];
    let own = own.iter().filter_map(|name| names.iter().filter(beside).find(|file| name_of(file) == *name));
    let automatic = names
        .iter()
        .filter(beside)
        .filter(|file| file.ends_with(".auto.tfvars") || file.ends_with(".auto.tfvars.json"));
    let mut values = BTreeMap::new();
    let mut take = |body: &Body| {
        let meter = Meter::default();
        let scope = Scope { names: &Nowhere, frame: None, meter: &meter };
        for attribute in &body.attributes {
            values.insert(attribute.name.clone(), evaluate(&attribute.value, scope));
        }
    };
    for file in own.chain(automatic) {
        match read(library, file) {
            Ok((_, body)) => take(&body),
            Err(gap) => gaps.push(gap),
        }
    }
    options.var_files.iter().for_each(|file| take(&file.0));
    values
}

/// Where no name stands for anything.
struct Nowhere;

impl Names for Nowhere {
    fn resolve(&self, name: &str, _: &[Step], _: &Meter) -> (Node, usize) {
        (Fault::invalid(format!("`{name}` stands for nothing in a file of values")).node(), 0)
    }

    fn file(&self, path: &str) -> Result<Arc<str>, Fault> {
        Err(Fault::invalid(format!("`{path}` is read in a file of values")))
    }

    fn has_file(&self, _: &str) -> Result<bool, Fault> {
        Ok(false)
    }

    fn files(&self, _: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
}
