//! CloudFormation templates, and those of SAM, evaluated: the same list of resources as Terraform comes to.
//!
//! A template is a root of its own, named by its file; the address of a resource is its logical id, behind those of the
//! nested stacks that it is in: `Network.Vpc`. Both spellings of a function are read as one. What only a deployment
//! knows is unknown, with its reason: a parameter without a value, the account, the export of another stack.
//!
//! A text is read into a [`tree::Tree`], loops are written out ([`language`]), SAM's resources become those that they
//! stand for ([`sam`]), and a [`stack::Stack`] evaluates the rest.

mod comments;
mod conditions;
mod intrinsics;
mod json;
mod language;
mod nested;
mod parameters;
mod sam;
mod scalar;
mod sections;
mod stack;
mod tree;
mod yaml;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{evidence::GapReason, snapshot::StrictError};

use super::{CodeError, CodeGap, Evaluated, Library, Node, Place, Value, syntax::MAX_BYTES};

pub use parameters::parameters_file;

use sections::Sections;
use stack::{Stack, World};
use tree::Tree;

/// How much the evaluation may put on its stack, in bytes: it follows names through names.
const STACK: usize = 256 * 1024 * 1024;

/// How many values a template may have, with what its aliases stand for.
const MOST_VALUES: usize = 100_000;

/// What a user may say of a template besides its name.
#[derive(Debug, Clone, Default)]
pub struct TemplateOptions {
    /// Values of parameters, by their names. A nested stack gets those that its parent gives.
    pub parameters: BTreeMap<String, String>,
    /// The account that it is deployed in.
    pub account: Option<String>,
    /// The region that it is deployed in.
    pub region: Option<String>,
    /// The partition that it is deployed in; told by the region where that is given.
    pub partition: Option<String>,
    /// The name of the stack.
    pub stack_name: Option<String>,
}

/// Why a template cannot be read at all.
#[derive(Debug)]
struct Refusal {
    place: Place,
    message: String,
    why: GapReason,
}

impl Refusal {
    fn new(place: &Place, message: impl Into<String>) -> Self {
        Self { place: place.clone(), message: message.into(), why: GapReason::Malformed }
    }

    fn limit(place: &Place, message: impl Into<String>) -> Self {
        Self { why: GapReason::Limit, ..Self::new(place, message) }
    }

    fn json(file: &Arc<str>, error: StrictError) -> Self {
        let number = |number: usize| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        let (line, column) = (number(error.line), number(error.column));
        let place = Place { file: file.clone(), line, column, end_line: line, end_column: column };
        Self::new(&place, error.message)
    }

    fn gap(self) -> CodeGap {
        CodeGap::new(&*self.place.file, self.why, self.message).at(&self.place)
    }
}

impl From<Refusal> for CodeError {
    fn from(refusal: Refusal) -> Self {
        Self::Template { place: refusal.place, message: refusal.message, why: refusal.why }
    }
}

/// Whether a boolean property says yes, which CloudFormation takes in many spellings: `true`, `"true"`, `yes`, `on`.
/// None where it is neither known nor a truth.
pub fn truth(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Bool(yes) => Some(*yes),
        Value::Text(text) => scalar::truth(text),
        _ => None,
    }
}

/// Whether a text looks like a template, so that a folder's other YAML and JSON is left alone.
pub fn looks_like_template(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return text.contains("\"AWSTemplateFormatVersion\"")
            || text.contains("\"Resources\"") && (text.contains("\"AWS::") || text.contains("\"Transform\""));
    }
    let names = |name: &str| {
        text.lines().any(|line| {
            let line = line.trim_start_matches(['"', '\'']);
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        })
    };
    names("AWSTemplateFormatVersion")
        || names("Resources") && (text.contains("AWS::") && text.contains("Type") || names("Transform"))
}

/// Evaluates one template. Stacks that it nests are not followed: [`template_of`] does that.
///
/// # Errors
/// Where the text is no YAML and no JSON that says the same to every reader, or no template. What is missing in one is
/// a gap, not an error.
pub fn template(name: &str, text: &str, options: &TemplateOptions) -> Result<Evaluated, CodeError> {
    let file: Arc<str> = name.into();
    let sections = read(&file, text)?;
    Ok(apart(|| evaluated(None, options, &file, text, sections)))
}

/// Evaluates one template of a folder, with the stacks that it nests by a path within the folder.
///
/// # Errors
/// As [`template`], and where there is no such file.
pub fn template_of(
    library: &(dyn Library + Sync),
    name: &str,
    options: &TemplateOptions,
) -> Result<Evaluated, CodeError> {
    let file: Arc<str> = name.into();
    let text = library.text(name).map_err(|unread| {
        CodeError::from(Refusal { place: Place::start_of(&file), message: unread.detail, why: unread.why })
    })?;
    let sections = read(&file, &text)?;
    Ok(apart(|| evaluated(Some(library), options, &file, &text, sections)))
}

/// Evaluates every template of a folder that no other one nests.
///
/// It never fails: what cannot be read is a gap.
pub fn templates(library: &(dyn Library + Sync), options: &TemplateOptions) -> Evaluated {
    let mut result = Evaluated::default();
    let mut found = Vec::new();
    for file in library.files().iter().filter(|file| may_be_template(file)) {
        let text = match library.text(file) {
            Ok(text) => text,
            Err(unread) => {
                result.gaps.push(CodeGap::new(&**file, unread.why, unread.detail).at(&Place::start_of(file)));
                continue;
            }
        };
        if looks_like_template(&text) {
            match read(file, &text) {
                Ok(sections) => found.push((file.clone(), text, sections)),
                Err(refusal) => result.gaps.push(refusal.gap()),
            }
        }
    }
    let nested: BTreeSet<Arc<str>> = found.iter().flat_map(|(file, _, sections)| sections.nested(file)).collect();
    for (file, text, sections) in found {
        if nested.contains(&file) {
            result.waivers.extend(comments::waivers(&file, &text, &sections.whole));
            continue;
        }
        let own = apart(|| evaluated(Some(library), options, &file, &text, sections));
        result.resources.extend(own.resources);
        result.gaps.extend(own.gaps);
        result.outputs.extend(own.outputs);
        result.waivers.extend(own.waivers);
    }
    result
}

/// Whether a file may be a template, by its name.
pub fn may_be_template(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    if [".tf.json", ".tfvars.json"].iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let ends = [".yaml", ".yml", ".json", ".template", ".cfn", ".cform"].iter().any(|end| name.ends_with(end));
    ends && !name.starts_with('.') && !file.split('/').any(|part| matches!(part, ".aws-sam" | ".terraform"))
}

/// Reads a text into the sections of a template, whichever form it has.
fn read(file: &Arc<str>, text: &str) -> Result<Sections, Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = Place::start_of(file);
    if text.len() > MAX_BYTES {
        return Err(Refusal::limit(&start, format!("the file is larger than {} MiB", MAX_BYTES / 1024 / 1024)));
    }
    let is_json = text.trim_start().starts_with('{');
    let tree: Tree = if is_json { json::read(file, text)? } else { yaml::read(file, text)? };
    match tree.entry("Resources") {
        None => Err(Refusal::new(&tree.place, "it holds no `Resources`")),
        Some(resources) if !resources.value.is_map() => Err(Refusal::new(&resources.at, "`Resources` is no map")),
        Some(_) => Ok(Sections::of(tree)),
    }
}

fn evaluated(
    library: Option<&dyn Library>,
    options: &TemplateOptions,
    file: &Arc<str>,
    text: &str,
    sections: Sections,
) -> Evaluated {
    let world = World::new(library, options);
    let mut result = Evaluated { waivers: comments::waivers(file, text, &sections.whole), ..Evaluated::default() };
    let given = |name: &str| options.parameters.get(name).map(|text| Value::text(text.as_str()).into());
    Stack::root(&world, file, sections, &given).collect(false, &mut result);
    if world.meter.is_exhausted() {
        result.gaps.push(CodeGap::new(&**file, GapReason::Limit, "more expressions than are evaluated"));
    }
    result.gaps.extend(world.noted());
    result
}

/// Runs an evaluation on a stack that is large enough for it.
fn apart(run: impl FnOnce() -> Evaluated + Send) -> Evaluated {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(|| Evaluated {
            gaps: vec![CodeGap::new("the template", GapReason::Limit, "the evaluation could not be run")],
            ..Evaluated::default()
        })
    })
}
