//! The keys that functions name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::index::Index;
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Configuration, Function, Key, Rotation, Table, WebFunction},
    snapshot::{ScopeId, kinds},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyWire {
    key_metadata: MetadataWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetadataWire {
    arn: String,
    key_state: Option<String>,
    key_manager: Option<String>,
    deletion_date: Option<String>,
    valid_to: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RotationWire {
    key_rotation_enabled: bool,
    rotation_period_in_days: Option<u32>,
}

/// Every key that a function or a web function names, by its scope and the name the function uses.
pub(super) fn keys(
    index: &Index<'_>,
    functions: &Table<Function>,
    web_functions: &Table<WebFunction>,
) -> BTreeMap<(ScopeId, String), Key> {
    let mut named = BTreeSet::new();
    let own = |at: &Configuration| [at.key.clone().into_result().ok().flatten(), at.durable_key.clone()];
    for (scope, function) in functions.iter() {
        let configurations = std::iter::once(&function.latest).chain(&function.versions);
        let keys = configurations.flat_map(own).flatten();
        let code = match &function.code_key {
            Known::Known(key) => key.clone(),
            Known::Unknown(_) => None,
        };
        named.extend(keys.chain(code).map(|key| (scope.clone(), key)));
    }
    for (scope, function) in web_functions.iter() {
        named.extend(function.revisions.iter().flat_map(own).flatten().map(|key| (scope.clone(), key)));
    }
    named.into_iter().map(|(scope, name)| ((scope.clone(), name.clone()), key(index, &scope, name))).collect()
}

fn key(index: &Index<'_>, scope: &ScopeId, name: String) -> Key {
    let metadata = index.document::<KeyWire>(kinds::KEY, scope, &name);
    let metadata = metadata.map(|wire| wire.map(|wire| wire.key_metadata));
    let lacks = |what: &str| Gap::new(format!("{what} of {name}"), GapReason::Malformed);
    let field = |what: &'static str, get: fn(&MetadataWire) -> Option<String>| {
        Known::from(
            metadata
                .as_ref()
                .into_result()
                .and_then(|found| found.as_ref().map(|found| get(found).ok_or_else(|| lacks(what))).transpose()),
        )
    };
    let exists = |known: Known<Option<String>>| {
        Known::from(known.into_result().and_then(|value| value.ok_or_else(|| lacks("kms:DescribeKey"))))
    };
    let rotation = index.document::<RotationWire>(kinds::KEY_ROTATION, scope, &name);
    Key {
        arn: exists(field("Arn", |found| Some(found.arn.clone()))),
        state: field("KeyState", |found| found.key_state.clone()),
        customer_managed: exists(field("KeyManager", |found| found.key_manager.clone()))
            .map(|manager| manager == "CUSTOMER"),
        until: metadata.as_ref().map(|found| {
            found.as_ref().and_then(|found| found.deletion_date.clone().or_else(|| found.valid_to.clone()))
        }),
        rotation: rotation.map(|wire| match wire {
            None => Rotation::NotApplicable,
            Some(wire) if wire.key_rotation_enabled => Rotation::On(wire.rotation_period_in_days),
            Some(_) => Rotation::Off,
        }),
        name,
    }
}
