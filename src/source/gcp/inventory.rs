//! Cloud Asset Inventory: everything below a folder or an organisation in few calls, as old as it says.

use std::sync::Arc;

use super::{
    super::assets::Assets,
    failure::Failure,
    http::Http,
    reader::{Project, Reader},
};
use crate::evidence::GapReason;

/// What the inventory told.
pub(super) enum Told {
    /// Everything, or everything but the gaps that it notes itself.
    All { assets: Box<Assets>, as_of: jiff::Timestamp, fresh: bool },
    /// Nothing.
    Nothing { scope: String, failure: Failure },
}

pub(super) async fn read(_http: &Http, scope: &str, _fresh: bool) -> Told {
    Told::Nothing { scope: scope.into(), failure: Failure::new(GapReason::Unsupported, "not yet") }
}

pub(super) async fn projects_below(_http: &Http, _scope: &str) -> (Vec<Project>, Vec<(String, Failure)>) {
    Default::default()
}

pub(super) fn keep(_reader: &Arc<Reader>, _told: &[Project]) {}
