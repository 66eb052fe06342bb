//! The layers of an account, and whom their versions are shared with.

use super::policy::lets_any_account;
use crate::{
    evidence::{Gap, Known},
    model::{Aws, Layer},
    snapshot::ScopeId,
};

/// The permission to use a version of a layer.
const USE: &str = "lambda:GetLayerVersion";

/// A layer, with whom its versions are shared.
#[derive(Debug, Clone)]
pub struct LayerShare {
    /// The ARN without a version.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub scope: ScopeId,
    /// Each version by its ARN, and whether every AWS account may use it.
    pub versions: Vec<(String, Known<bool>)>,
    /// Why there may be others.
    pub incomplete: Option<Gap>,
}

/// Every layer.
pub(super) fn layers(aws: &Aws) -> Vec<LayerShare> {
    aws.layers.iter().map(|(scope, layer)| share(scope, layer)).collect()
}

fn share(scope: &ScopeId, layer: &Layer) -> LayerShare {
    let (versions, incomplete) = match &layer.versions {
        Known::Unknown(gap) => (Vec::new(), Some(gap.clone())),
        Known::Known(versions) => {
            let public = |arn: &str, policy: &Known<Option<String>>| match policy {
                Known::Known(None) => Known::Known(false),
                Known::Known(Some(text)) => lets_any_account(text, USE, arn),
                Known::Unknown(gap) => Known::Unknown(gap.clone()),
            };
            (versions.iter().map(|(arn, policy)| (arn.clone(), public(arn, policy))).collect(), None)
        }
    };
    LayerShare { id: layer.arn.clone(), name: layer.name.clone(), scope: scope.clone(), versions, incomplete }
}
