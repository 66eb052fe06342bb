//! Infrastructure code, evaluated: Terraform folders, plans and states, and CloudFormation templates, as one list of
//! resources.
//!
//! Whatever the source, a [`Resource`] has an address, a type and a body, and the leaves of the body are known or not.
//! What a variable without a value, a data source, a foreign module or the apply hides is [`Value::Unknown`] with its
//! reason, never a guess and never null. A value that is an attribute of another resource says so in [`Node::is`]:
//! resources are linked by address.
//!
//! The sources differ in what is absent. A plan and a state write every attribute of the provider's schema, null
//! where it is not set. A folder and a template know no schema: their bodies are maps of [`MapKind::Open`], which
//! leave out what is not written, and what is absent from those is whatever the provider makes of it.
//!
//! Everything but [`Disk`] is pure: texts in, resources out.

mod cloudformation;
mod declared;
mod disk;
mod document;
mod documents;
mod expression;
mod folder;
mod functions;
mod library;
mod links;
mod module;
mod node;
mod number;
mod place;
mod plan;
mod resource;
mod state;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod unknown;
mod waiver;

pub use cloudformation::{
    TemplateOptions, looks_like_template, may_be_template, parameters_file, template, template_of, templates, truth,
};
pub use disk::Disk;
pub use document::{CodeError, document, looks_like_plan_or_state};
pub use folder::{Options, VarFile, folder};
pub use library::{Library, Unread};
pub use node::{List, ListKind, Map, MapKind, Node, Value};
pub use number::{NotANumber, Number};
pub use place::Place;
pub use resource::{Action, CodeGap, Evaluated, Mode, Provider, Resource};
pub use unknown::{Reference, Shape, Unknown, Why};
pub use waiver::{Allowed, InlineWaiver};

use expression::Frame;
