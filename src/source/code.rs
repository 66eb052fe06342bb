//! Infrastructure code to a snapshot: what will be there once it is applied, as far as the code says.
//!
//! `code` evaluates; here its resources become the records that a live scan would have read, so that everything above
//! judges both alike. Where the two differ is kept:
//!
//! * What nobody knows yet is a marker in the body ([`unknown`](crate::snapshot::unknown)), and a placeholder in names.
//! * The lists are [`ReadState::Declared`](crate::snapshot::ReadState): all that the code declares, and no more.
//! * What a resource refers to is found by address ([`Book`]), whichever attribute it went through.
//! * A file or module that could not be read hides whatever it may declare, and all lists of its root are incomplete.
//!
//! A cloud is a folder here: [`google`]. It maps types by a table ([`table`]) where renaming is enough, and by Rust where
//! several resources make one record. To add one: list it in [`snapshot`], and in [`Book::attribute`].

mod aws;
mod book;
mod draft;
mod google;
mod included;
mod item;
mod lines;
mod managed;
mod remarks;
mod secret;
mod table;
mod values;

use std::path::Path;

use jiff::Timestamp;

pub use self::managed::managed;
pub(super) use self::values::Values;
use self::{book::Book, draft::Draft, managed::Ids};
use super::CollectError;
use crate::{
    code::{self, CodeError, Disk, Evaluated, Library as _},
    snapshot::Snapshot,
};

pub(super) use crate::code::{looks_like_plan_or_state, looks_like_template};

/// Reads a folder: every root module in it.
///
/// # Errors
/// Where it cannot be listed, or holds no infrastructure code.
pub(super) fn folder(path: &Path, values: &Values, now: Timestamp) -> Result<Snapshot, CollectError> {
    let disk = disk(path)?;
    let evaluated = evaluate(&disk, path, values)?;
    let mut snapshot = snapshot(&evaluated, now);
    remarks::add(&mut snapshot, &evaluated.waivers, &remarks::under(path), &|file| disk.text(file).ok());
    Ok(snapshot)
}

/// Reads a plan or a state; `name` is what errors call it.
///
/// # Errors
/// Where the text is neither.
pub(super) fn document(name: &str, text: &str, now: Timestamp) -> Result<Snapshot, CollectError> {
    Ok(snapshot(&evaluate_document(name, text)?, now))
}

fn refused(message: String, hint: &str) -> CollectError {
    CollectError::Config { message, hint: Some(hint.to_owned()) }
}

fn disk(path: &Path) -> Result<Disk, CollectError> {
    Disk::list(path).map_err(|error| {
        refused(format!("cannot list `{}`: {error}", path.display()), "name a folder that can be read")
    })
}

fn evaluate(disk: &Disk, path: &Path, values: &Values) -> Result<Evaluated, CollectError> {
    let mut evaluated = code::folder(disk, &values.terraform);
    let templates = code::templates(disk, &values.templates);
    evaluated.resources.extend(templates.resources);
    evaluated.gaps.extend(templates.gaps);
    evaluated.outputs.extend(templates.outputs);
    evaluated.waivers.extend(templates.waivers);
    if evaluated.resources.is_empty() && evaluated.gaps.is_empty() {
        let hint = "Terraform ends in `.tf`, and templates of CloudFormation in `.yaml`, `.yml`, `.json` or `.template`; `egress-audit report demo` needs none, and `aws` or `gcp:projects/ID` as a source reads a cloud";
        return Err(refused(format!("`{}` holds no infrastructure code", path.display()), hint));
    }
    Ok(evaluated)
}

fn evaluate_document(name: &str, text: &str) -> Result<Evaluated, CollectError> {
    code::document(name, text).map_err(|error| CollectError::Config {
        hint: match &error {
            CodeError::Json { .. } | CodeError::Template { .. } => None,
            CodeError::Format { .. } | CodeError::Neither { .. } => {
                Some("`terraform show -json PLAN` writes what is read".into())
            }
        },
        message: error.to_string(),
    })
}

/// Reads a template of CloudFormation; `name` is what errors call it.
///
/// # Errors
/// Where the text cannot be read as one.
pub(super) fn template(name: &str, text: &str, values: &Values, now: Timestamp) -> Result<Snapshot, CollectError> {
    let name = remarks::from_here(name);
    let read = code::template(&name, text, &values.templates);
    let mut evaluated = read.map_err(|error| CollectError::Config { message: error.to_string(), hint: None })?;
    // Alone, it needs no name that tells it from others.
    for resource in &mut evaluated.resources {
        resource.root = "".into();
    }
    let mut snapshot = snapshot(&evaluated, now);
    remarks::add(&mut snapshot, &evaluated.waivers, "", &|file| (file == name).then(|| text.into()));
    Ok(snapshot)
}

/// What evaluated code declares, as records.
pub fn snapshot(code: &Evaluated, now: Timestamp) -> Snapshot {
    mapped(code, now).0
}

/// The records, and the ids that they have by the addresses of what they come from.
fn mapped(code: &Evaluated, now: Timestamp) -> (Snapshot, Ids) {
    let code = secret::hide(included::hide(code));
    let book = Book::new(&code);
    let mut draft = Draft::new(&book);
    google::map(&book, &mut draft);
    aws::map(&book, &mut draft);
    let ids = draft.ids();
    (draft.finish(now), ids)
}
