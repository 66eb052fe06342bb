//! What infrastructure code comes to: resources, what could not be read of it, and what its authors allow.

use std::{collections::BTreeMap, sync::Arc};

use crate::evidence::{Gap, GapReason};

use super::{Node, Place, waiver::InlineWaiver};

/// Infrastructure code, evaluated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluated {
    /// The resources, in the order of their roots and addresses.
    pub resources: Vec<Resource>,
    /// What could not be read, and what that hides.
    pub gaps: Vec<CodeGap>,
    /// The outputs of the root modules: the folder of the root, and the name.
    pub outputs: BTreeMap<(String, String), Node>,
    /// What comments in the code allow.
    pub waivers: Vec<InlineWaiver>,
}

/// A resource, or a data source.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The folder of the root module, from the folder that was scanned; empty for that folder itself, for a plan and
    /// for a state. Addresses are unique within a root.
    pub root: Arc<str>,
    /// Its address: `module.net.aws_subnet.private[0]`.
    pub address: Arc<str>,
    /// Its type: `aws_subnet`.
    pub kind: Arc<str>,
    /// Whether the code manages it or reads it.
    pub mode: Mode,
    /// Whether it stands for instances whose number is not known: none, one or many.
    pub symbolic: bool,
    /// The provider that it is made by.
    pub provider: Provider,
    /// Its attributes and nested blocks. A map of [`super::MapKind::Open`] leaves out what only the provider knows.
    pub body: Node,
    /// Where it is written, where that is known.
    pub place: Option<Place>,
    /// What the plan does to it; none outside of plans.
    pub action: Option<Action>,
}

/// Whether the code manages a resource or reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A resource that the code manages.
    Managed,
    /// A data source: what others manage.
    Data,
}

/// What a plan does to a resource. Those that are deleted or forgotten are not in the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made anew, in either order.
    Replace,
    /// It stays.
    Nothing,
    /// A data source that is read when the plan is applied.
    Read,
    /// A word of a newer Terraform.
    Other,
}

/// A provider as configured for a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Provider {
    /// Its local name: `aws`, `google`, `google-beta`.
    pub name: Arc<str>,
    /// Its alias; empty for the default one.
    pub alias: Arc<str>,
    /// Its settings: `region`, `project`, `default_tags`; none where it is not configured in the code at all, and its
    /// settings come from whoever runs it.
    pub settings: Option<Node>,
}

/// Something that could not be read or followed, and what that hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeGap {
    /// What, and why.
    pub gap: Gap,
    /// Where.
    pub place: Option<Place>,
}

impl CodeGap {
    pub(super) fn new(what: impl Into<Arc<str>>, why: GapReason, detail: impl Into<Arc<str>>) -> Self {
        Self { gap: Gap::new(what, why).with_detail(detail), place: None }
    }

    pub(super) fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }
}
