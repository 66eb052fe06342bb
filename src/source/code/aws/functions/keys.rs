//! The keys that functions name, as far as the code makes them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    super::{
        declare,
        names::scope_of,
        parts::{Part, Parts},
    },
    hanging::Function,
};
use crate::{
    snapshot::{kinds, unknown::marker},
    source::code::draft::Draft,
};

/// Keys and their aliases, by id; the first of each.
pub(super) struct Keys<'p, 'a> {
    keys: BTreeMap<&'p str, &'p Part<'a>>,
    aliases: BTreeMap<&'p str, &'p Part<'a>>,
}

impl<'p, 'a> Keys<'p, 'a> {
    pub(super) fn of(parts: &'p Parts<'a>) -> Self {
        let by_id = |name: &str| {
            let mut found = BTreeMap::new();
            for part in parts.named(name) {
                found.entry(part.id.as_str()).or_insert(part);
            }
            found
        };
        Self { keys: by_id("key"), aliases: by_id("key-alias") }
    }

    /// Adds the records of the keys that a function names.
    pub(super) fn declare(&self, function: &Function<'_>, draft: &mut Draft<'_>) {
        let scope = scope_of(function.item);
        let names = [(kinds::FUNCTION, "/KMSKeyArn"), (kinds::FUNCTION_DETAIL, "/Code/SourceKMSKeyArn")];
        for (kind, place) in names {
            let named = draft
                .entry(kind, &function.arn)
                .and_then(|entry| entry.body.pointer(place)?.as_str().map(str::to_owned));
            let Some(named) = named else { continue };
            let by_alias = self.aliases.get(named.as_str());
            let own = by_alias.map_or(Some(named.as_str()), |alias| alias.text("Key"));
            let Some(key) = own.and_then(|own| self.keys.get(own)) else { continue };
            let state = match key.flag("Enabled") {
                Ok(true) => json!("Enabled"),
                Ok(false) => json!("Disabled"),
                Err(gap) => marker(&gap),
            };
            let mut metadata = json!({"Arn": key.id, "KeyState": state, "KeyManager": "CUSTOMER"});
            if let Json::Object(metadata) = &mut metadata {
                metadata.extend(key.body.get("ValidTo").map(|date| ("ValidTo".to_owned(), date.clone())));
            }
            let foreign = key.text("Origin").filter(|origin| *origin != "AWS_KMS");
            let rotation = match (foreign.or(key.text("Spec")), key.flag("Rotation")) {
                (Some("SYMMETRIC_DEFAULT") | None, Ok(on)) => {
                    json!({"KeyRotationEnabled": on, "RotationPeriodInDays": key.value("Period")})
                }
                (Some("SYMMETRIC_DEFAULT") | None, Err(gap)) => json!({"KeyRotationEnabled": marker(&gap)}),
                // Rotation is for symmetric keys whose material AWS makes; a replica has that of its primary.
                (Some(_), _) => Json::Null,
            };
            for (kind, body, value, field) in [
                (kinds::KEY, json!({"KeyMetadata": metadata}), "/KeyMetadata/KeyState", "Enabled"),
                (kinds::KEY_ROTATION, rotation, "/KeyRotationEnabled", "Rotation"),
            ] {
                declare(key.item, draft);
                if let Some(entry) = draft.add(kind, &named, scope.clone(), body, key.item) {
                    entry.origins.extend(key.place(field).map(|place| (value.to_owned(), place)));
                }
            }
        }
    }
}
