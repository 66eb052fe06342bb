//! Distributions of `CloudFront`, as far as they lead to function URLs.

use serde_json::{Value as Json, json};

use super::{add, parts::Parts};
use crate::{
    snapshot::{
        kinds::doors,
        unknown::{first_gap, gap_of, marker},
    },
    source::code::draft::Draft,
};

/// Maps them.
pub(super) fn map(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("distribution") {
        let id = part.id.rsplit('/').next().unwrap_or_default();
        let body = json!({
            "Id": id, "ARN": part.id, "DomainName": format!("{id}.cloudfront.net"), "Enabled": part.value("Enabled"),
            "Origins": items(part.body.get("Origins"), origin),
            "OriginGroups": items(part.body.get("Groups"), group),
            "DefaultCacheBehavior": part.body.get("Default").map_or(Json::Null, |it| {
                behavior(it.as_array().and_then(|list| list.first()).unwrap_or(it))
            }),
            "CacheBehaviors": items(part.body.get("Behaviors"), behavior),
        });
        add(part.item, doors::DISTRIBUTION, &part.id, body, draft);
    }
}

/// A list in the form of `CloudFront`; one that nobody knows stays so.
fn items(list: Option<&Json>, each: impl Fn(&Json) -> Json) -> Json {
    let one = |item: &Json| if gap_of(item).is_some() { item.clone() } else { each(item) };
    match list {
        Some(Json::Array(list)) => json!({"Items": list.iter().map(one).collect::<Vec<_>>()}),
        Some(unknown) => unknown.clone(),
        None => json!({"Items": []}),
    }
}

/// An origin: of the address of a function, its host.
fn origin(of: &Json) -> Json {
    let mut of = of.clone();
    if let Some(Json::String(host)) = of.get_mut("DomainName") {
        *host = host.trim_start_matches("https://").trim_end_matches('/').to_owned();
    }
    of
}

fn group(of: &Json) -> Json {
    json!({"Id": of.get("Id"), "Members": items(of.get("Members"), Json::clone)})
}

fn behavior(of: &Json) -> Json {
    let trusted = |name: &str| match of.get(name) {
        Some(Json::Array(list)) => json!({"Enabled": !list.is_empty()}),
        Some(other) => first_gap(other).map_or(Json::Null, |gap| marker(&gap)),
        None => Json::Null,
    };
    json!({
        "TargetOriginId": of.get("Target"), "TrustedSigners": trusted("Signers"), "TrustedKeyGroups": trusted("KeyGroups"),
    })
}
