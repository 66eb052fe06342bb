//! A project of as many services and functions as a test wants, each a little different from the one before.

use serde_json::{Value, json};

use crate::{
    stub::{Reply, Request},
    world::{answer, service},
};

/// How many a page of a list holds.
const PAGE: usize = 250;

/// So many workloads: four services, and then a function of the first generation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estate(pub(crate) usize);

impl Estate {
    /// What the APIs say.
    pub(crate) fn answer(self, request: &Request) -> Reply {
        let (services, functions) = (self.0 - self.0 / 5, self.0 / 5);
        match request.path.as_str() {
            "run/v1/projects/p/locations/-/services" => {
                let (items, next) = page(request.parameter("continue"), services, one);
                Reply::ok(json!({"kind": "ServiceList", "metadata": {"continue": next}, "items": items}))
            }
            "cloudfunctions/v2/projects/p/locations/-/functions" => {
                let (items, next) = page(request.parameter("pageToken"), functions, function);
                Reply::ok(json!({"functions": items, "nextPageToken": next}))
            }
            path if path.ends_with(":getIamPolicy") && number(path).is_some() => Reply::ok(policy(number(path))),
            _ => answer(request),
        }
    }
}

/// The number of the workload that a path is of: none for what many share.
pub(crate) fn number(path: &str) -> Option<usize> {
    let (_, name) = path.split_once("/services/s-").or_else(|| path.split_once("/functions/f-"))?;
    name.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn page(token: Option<&str>, all: usize, one: fn(usize) -> Value) -> (Vec<Value>, String) {
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let to = all.min(from + PAGE);
    ((from..to).map(one).collect(), if to < all { to.to_string() } else { String::new() })
}

fn one(nth: usize) -> Value {
    let mut service = service();
    let name = format!("s-{nth}");
    service["metadata"]["name"] = name.as_str().into();
    service["metadata"]["annotations"]["run.googleapis.com/ingress"] =
        ["all", "internal", "internal-and-cloud-load-balancing"][nth % 3].into();
    let template = &mut service["spec"]["template"];
    let annotations = template["metadata"]["annotations"].as_object_mut().expect("an object");
    // By a connector, wholly or for private ranges alone, or by no network at all.
    match nth % 4 {
        0 => {}
        1 => _ = annotations.insert("run.googleapis.com/vpc-access-egress".into(), "private-ranges-only".into()),
        2 => annotations.retain(|key, _| !key.contains("vpc-access")),
        _ => annotations.retain(|key, _| !key.contains("encryption-key")),
    }
    template["spec"]["serviceAccountName"] = format!("run-{}@p.iam.gserviceaccount.com", nth % 20).into();
    service["status"] = json!({"latestReadyRevisionName": format!("{name}-1"), "latestCreatedRevisionName": format!("{name}-1"),
        "traffic": [{"revisionName": format!("{name}-1"), "percent": 100, "latestRevision": true}]});
    service
}

fn function(nth: usize) -> Value {
    json!({"name": format!("projects/p/locations/us-central1/functions/f-{nth}"), "environment": "GEN_1", "state": "ACTIVE",
        "buildConfig": {"runtime": (["nodejs18", "python312"][nth % 2])},
        "serviceConfig": {"ingressSettings": (["ALLOW_ALL", "ALLOW_INTERNAL_ONLY"][nth / 2 % 2]),
            "serviceAccountEmail": format!("run-{}@p.iam.gserviceaccount.com", nth % 20)}})
}

fn policy(number: Option<usize>) -> Value {
    let member = match number.unwrap_or(0) % 5 {
        0 => "allUsers",
        1 => "allAuthenticatedUsers",
        2 => "serviceAccount:caller@q.iam.gserviceaccount.com",
        3 => "user:somebody@example.com",
        _ => return json!({"etag": "x"}),
    };
    json!({"version": 3, "bindings": [{"role": "roles/run.invoker", "members": [member]},
        {"role": "roles/cloudfunctions.invoker", "members": [member]}]})
}
