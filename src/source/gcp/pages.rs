//! Reads a list page by page, to its end: the next page by its token alone, at the same address.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    failure::Failure,
    http::{Http, Request},
};
use crate::evidence::GapReason;

/// No list of a project or an organisation has that many pages.
const MAX_PAGES: usize = 10_000;

/// How an API pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// `pageSize`, `pageToken`, `nextPageToken`.
    Standard(u32),
    /// `maxResults`, `pageToken`, `nextPageToken`.
    Compute,
    /// `limit`, `continue`, `metadata.continue`.
    Knative,
}

/// What may stand in a page besides its list, also where the list is empty and left out.
const ENVELOPE: [&str; 13] = [
    "apiVersion",
    "etag",
    "id",
    "kind",
    "metadata",
    "nextPageToken",
    "readTime",
    "selfLink",
    "totalSize",
    "unreachable",
    "unreachables",
    "warning",
    "warnings",
];

/// A list as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The pages' lists, one after the other; of an aggregated list, each item with the scope it stands under.
    pub(super) items: Vec<(String, Value)>,
    /// Regions that the service could not reach; empty for one that it did not name.
    pub(super) unreachable: Vec<String>,
    /// Why there may be more.
    pub(super) failure: Option<Failure>,
    /// The time that the service says it speaks of.
    pub(super) read_time: Option<String>,
}

/// Reads all pages of the list under this key.
pub(super) async fn list(http: &Http, mut request: Request, key: &'static str, paging: Paging) -> Listing {
    let (size, token_name) = match paging {
        Paging::Standard(size) => (("pageSize", size), "pageToken"),
        Paging::Compute => (("maxResults", 500), "pageToken"),
        Paging::Knative => (("limit", 500), "continue"),
    };
    if size.1 > 0 {
        request = request.with(size.0, size.1.to_string());
    }
    let mut listing = Listing::default();
    let (mut seen, mut token) = (HashSet::new(), None::<String>);
    let mut partial_success = paging == Paging::Compute;
    for _ in 0..MAX_PAGES {
        let mut page = request.clone();
        if partial_success {
            page = page.with("returnPartialSuccess", "true");
        }
        if let Some(token) = &token {
            page = page.with(token_name, token.clone());
        }
        let answer = match http.ask(&page).await {
            // Newer documents of the API lack the parameter, though its texts ask for it.
            Err(failure) if partial_success && names(&failure, "returnPartialSuccess") => {
                partial_success = false;
                continue;
            }
            other => other,
        };
        let next = answer.and_then(|mut answer| {
            let next = match paging {
                Paging::Knative => answer.get("metadata").and_then(|metadata| metadata.get("continue")),
                _ => answer.get("nextPageToken"),
            };
            let next = next.and_then(Value::as_str).filter(|next| !next.is_empty()).map(str::to_owned);
            take(&mut listing, &mut answer, key)?;
            Ok(next)
        });
        match next {
            Err(failure) => listing.failure = Some(failure.of_list()),
            Ok(None) => {}
            Ok(Some(next)) if seen.insert(next.clone()) => {
                token = Some(next);
                continue;
            }
            Ok(Some(_)) => listing.failure = Some(Failure::new(GapReason::TokenLoop, "a page token came twice")),
        }
        return listing;
    }
    listing.failure = Some(Failure::new(GapReason::PageCap, format!("more than {MAX_PAGES} pages")));
    listing
}

fn names(failure: &Failure, parameter: &str) -> bool {
    failure.status == Some(400) && failure.detail.as_deref().is_some_and(|said| said.contains(parameter))
}

/// Takes what a page holds.
fn take(listing: &mut Listing, page: &mut Map<String, Value>, key: &str) -> Result<(), Failure> {
    for name in ["unreachable", "unreachables"] {
        match page.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(places)) => {
                listing.unreachable.extend(places.iter().map(|place| region(place.as_str().unwrap_or_default())));
            }
            Some(_) => return Err(Failure::malformed(format!("`{name}` is not a list"))),
        }
    }
    if page.get("warning").is_some_and(incomplete) {
        listing.unreachable.push(String::new());
    }
    if listing.read_time.is_none() {
        listing.read_time = page.get("readTime").and_then(Value::as_str).map(str::to_owned);
    }
    match page.remove(key) {
        Some(Value::Array(items)) => listing.items.extend(items.into_iter().map(|item| (String::new(), item))),
        // An aggregated list: scope by scope.
        Some(Value::Object(scopes)) => {
            for (scope, body) in scopes {
                aggregated(listing, &scope, body)?;
            }
        }
        // Google leaves empty lists out. What else there is must then be known, or it is no such list.
        None if page.keys().all(|key| ENVELOPE.contains(&key.as_str())) => {}
        _ => return Err(Failure::malformed(format!("the answer lacks the list `{key}` that the API promises"))),
    }
    Ok(())
}

fn aggregated(listing: &mut Listing, scope: &str, body: Value) -> Result<(), Failure> {
    let Value::Object(body) = body else {
        return Err(Failure::malformed(format!("`{scope}` is not an object")));
    };
    for (name, value) in body {
        match value {
            Value::Array(items) => listing.items.extend(items.into_iter().map(|item| (scope.to_owned(), item))),
            value if name == "warning" => {
                if incomplete(&value) {
                    listing.unreachable.push(region(scope));
                }
            }
            _ => return Err(Failure::malformed(format!("`{name}` of `{scope}` is not a list"))),
        }
    }
    Ok(())
}

/// Whether a warning says that something is missing.
fn incomplete(warning: &Value) -> bool {
    warning.get("code").and_then(Value::as_str) != Some("NO_RESULTS_ON_PAGE")
}

/// The region of a place, however it is written: `us-central1`, `regions/…`, `zones/…`, `projects/…/locations/…`.
pub(super) fn region(place: &str) -> String {
    let mut parts = place.split('/').peekable();
    while let Some(part) = parts.next() {
        match (part, parts.peek()) {
            ("locations" | "regions", Some(region)) => return (*region).to_owned(),
            ("zones", Some(zone)) => return zone.rsplit_once('-').map_or(*zone, |(region, _)| region).to_owned(),
            _ => {}
        }
    }
    if place.contains('/') { String::new() } else { place.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(body: Value, key: &str) -> Result<Listing, Failure> {
        let Value::Object(mut body) = body else { panic!("an object") };
        let mut listing = Listing::default();
        take(&mut listing, &mut body, key).map(|()| listing)
    }

    #[test]
    fn an_empty_list_may_be_left_out_and_nothing_else_may_stand_in_its_place() {
        assert!(page(json!({}), "functions").expect("empty").items.is_empty());
        assert!(page(json!({"kind": "x", "unreachable": ["a"]}), "functions").is_ok());
        assert!(page(json!({"totalSize": 0}), "cryptoKeyVersions").is_ok());
        for odd in [json!({"hello": 1}), json!({"functions": "x"}), json!({"functions": null}), json!({"items": []})] {
            assert!(page(odd.clone(), "functions").is_err(), "{odd}");
        }
    }

    #[test]
    fn what_a_service_could_not_reach_is_named_by_its_region() {
        for (place, expected) in [
            ("us-central1", "us-central1"),
            ("projects/p/locations/us-central1", "us-central1"),
            ("//run.googleapis.com/projects/p/locations/europe-west1/services/s", "europe-west1"),
            ("regions/us-east1", "us-east1"),
            ("zones/us-east1-b", "us-east1"),
            ("projects/p/global", ""),
        ] {
            assert_eq!(region(place), expected);
        }
        let listing = page(
            json!({"items": {
                "regions/a": {"routers": [{"name": "r"}]},
                "regions/b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
                "regions/c": {"warning": {"code": "UNREACHABLE"}}
            }, "unreachables": ["regions/d"]}),
            "items",
        )
        .expect("a page");
        assert_eq!(listing.items.len(), 1);
        assert_eq!(listing.unreachable, ["d", "c"]);
    }
}
