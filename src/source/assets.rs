//! Assets of Cloud Asset Inventory.
use crate::snapshot::kinds::Kind;
use serde_json::Value;
#[derive(Debug, Default)]
pub(super) struct Assets {}
pub(super) struct AssetProject {
    pub(super) id: String,
    pub(super) number: Option<String>,
}
impl Assets {
    pub(super) fn get(&self, _: Kind, _: &str) -> Option<&Value> {
        None
    }
    pub(super) fn holds_firewall_policies(&self) -> bool {
        false
    }
    pub(super) fn projects(&self) -> Vec<AssetProject> {
        Vec::new()
    }
}
