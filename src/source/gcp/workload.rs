//! What a workload names, in whichever of its forms: functions of v1 and v2, Cloud Run of v2 and of Knative.

use serde_json::Value;

use super::super::names;
use crate::snapshot::{
    ScopeId,
    kinds::{Kind, google},
};

const TEMPLATE: &str = "/spec/template/metadata/annotations/run.googleapis.com~1";
const EXECUTION: &str = "/spec/template/spec/template/metadata/annotations/run.googleapis.com~1";
const REVISION: &str = "/metadata/annotations/run.googleapis.com~1";

const CONNECTOR: [&str; 5] = [
    "/vpcConnector",
    "/serviceConfig/vpcConnector",
    "/template/vpcAccess/connector",
    "/template/template/vpcAccess/connector",
    "/vpcAccess/connector",
];
const MODE: [&str; 6] = [
    "/vpcConnectorEgressSettings",
    "/serviceConfig/vpcConnectorEgressSettings",
    "/serviceConfig/directVpcEgress",
    "/template/vpcAccess/egress",
    "/template/template/vpcAccess/egress",
    "/vpcAccess/egress",
];
const INTERFACES: [&str; 4] = [
    "/serviceConfig/directVpcNetworkInterface",
    "/template/vpcAccess/networkInterfaces",
    "/template/template/vpcAccess/networkInterfaces",
    "/vpcAccess/networkInterfaces",
];
const KEY: [&str; 4] = ["/kmsKeyName", "/template/encryptionKey", "/template/template/encryptionKey", "/encryptionKey"];
const ACCOUNT: [&str; 8] = [
    "/serviceAccountEmail",
    "/serviceConfig/serviceAccountEmail",
    "/template/serviceAccount",
    "/template/template/serviceAccount",
    "/serviceAccount",
    "/spec/template/spec/serviceAccountName",
    "/spec/template/spec/template/spec/serviceAccountName",
    "/spec/serviceAccountName",
];
const REPOSITORY: [&str; 2] = ["/dockerRepository", "/buildConfig/dockerRepository"];
/// The spellings of "all traffic".
const ALL_TRAFFIC: [&str; 4] = ["ALL_TRAFFIC", "VPC_EGRESS_ALL_TRAFFIC", "all-traffic", "all"];

/// Where a workload's traffic enters a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attachment {
    /// A connector, by its relative name.
    Connector(String),
    /// An interface of its own: the network and the subnet as written, either of which may be missing.
    Interface(Option<String>, Option<String>),
}

/// What a workload, or a revision of one, names.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) scope: ScopeId,
    /// Its id.
    pub(super) id: String,
    /// The regions that it runs in: one, unless it is in several at once.
    pub(super) regions: Vec<String>,
    /// Where its traffic enters networks.
    pub(super) attachments: Vec<Attachment>,
    /// Whether all of its traffic goes there.
    pub(super) all_traffic: bool,
    /// The keys, by their relative names.
    pub(super) keys: Vec<String>,
    /// The service account, where one is named.
    pub(super) account: Option<String>,
    /// The image repository.
    pub(super) repository: Option<String>,
    /// The service behind a function, as it is written.
    pub(super) service: Option<String>,
    /// The revisions that serve and are not the latest, by their names.
    pub(super) pinned: Vec<String>,
    /// Whether it is a function of the first generation.
    pub(super) is_first_generation: bool,
    /// Whether Identity-Aware Proxy stands in front of a service.
    pub(super) has_iap: bool,
}

impl Workload {
    /// What this body names.
    pub(super) fn of(kind: Kind, scope: &ScopeId, id: &str, body: &Value) -> Self {
        let (project, region) = (&scope.account, &scope.region);
        let mut attachments: Vec<_> = texts(body, &CONNECTOR, "vpc-access-connector")
            .map(|name| Attachment::Connector(connector(name, project, region)))
            .collect();
        for place in INTERFACES {
            attachments.extend(body.pointer(place).into_iter().flat_map(interfaces));
        }
        for text in annotations(body, "network-interfaces") {
            let list: Option<Value> = serde_json::from_str(text).ok();
            attachments.extend(list.iter().flat_map(interfaces));
        }
        attachments.sort();
        attachments.dedup();
        let all_traffic = texts(body, &MODE, "vpc-access-egress").any(|mode| ALL_TRAFFIC.contains(&mode));
        let mut keys: Vec<String> = texts(body, &KEY, "encryption-key").map(str::to_owned).collect();
        keys.sort();
        keys.dedup();
        Self {
            attachments,
            all_traffic,
            keys,
            account: first(body, &ACCOUNT).map(str::to_owned),
            repository: first(body, &REPOSITORY).map(str::to_owned),
            service: body.pointer("/serviceConfig/service").and_then(Value::as_str).map(str::to_owned),
            pinned: if [google::SERVICE, google::WORKER_POOL].contains(&kind) {
                pinned_revisions(body)
            } else {
                Vec::new()
            },
            is_first_generation: kind == google::FUNCTION
                && body.get("environment").and_then(Value::as_str) != Some("GEN_2"),
            has_iap: kind == google::SERVICE && has_iap(body),
            regions: regions(body).unwrap_or_else(|| vec![region.clone()]),
            kind,
            scope: scope.clone(),
            id: id.to_owned(),
        }
    }
}

fn first<'a>(body: &'a Value, places: &[&str]) -> Option<&'a str> {
    places.iter().find_map(|place| body.pointer(place)?.as_str().filter(|text| !text.is_empty()))
}

/// What stands at these places, and in an annotation of Cloud Run's.
fn texts<'a>(body: &'a Value, places: &'a [&str], annotation: &str) -> impl Iterator<Item = &'a str> {
    let fields = places.iter().filter_map(|place| body.pointer(place)?.as_str());
    fields.chain(annotations(body, annotation)).filter(|text| !text.is_empty())
}

fn annotations<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let places = [TEMPLATE, EXECUTION, REVISION].map(|place| format!("{place}{name}"));
    places.into_iter().filter_map(|place| body.pointer(&place)?.as_str())
}

/// The regions of a service that is in several at once.
fn regions(body: &Value) -> Option<Vec<String>> {
    let list = body.pointer("/multiRegionSettings/regions")?.as_array()?;
    let regions: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!regions.is_empty()).then_some(regions)
}

/// A short name means the workload's own project and region.
fn connector(name: &str, project: &str, region: &str) -> String {
    match names::relative(name) {
        Some(name) => name.to_owned(),
        None => format!("projects/{project}/locations/{region}/connectors/{name}"),
    }
}

fn interfaces(list: &Value) -> Vec<Attachment> {
    let text = |item: &Value, name: &str| {
        item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let of = |item| Attachment::Interface(text(item, "network"), text(item, "subnetwork"));
    list.as_array().into_iter().flatten().map(of).collect()
}

fn has_iap(service: &Value) -> bool {
    let annotation = "/metadata/annotations/run.googleapis.com~1iap-enabled";
    service.get("iapEnabled") == Some(&Value::Bool(true))
        || service.pointer(annotation).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// The revisions that serve and are not the latest, by their names. None where all traffic goes to the latest.
fn pinned_revisions(body: &Value) -> Vec<String> {
    let text = |place: &str| body.pointer(place).and_then(Value::as_str).map(names::last);
    let ready = text("/latestReadyRevision").or_else(|| text("/status/latestReadyRevisionName"));
    let created = text("/latestCreatedRevision").or_else(|| text("/status/latestCreatedRevisionName"));
    let latest = ready.filter(|ready| created.is_none_or(|created| created == *ready));
    let targets = [
        "/trafficStatuses",
        "/status/traffic",
        "/traffic",
        "/spec/traffic",
        "/instanceSplitStatuses",
        "/status/instanceSplits",
        "/instanceSplits",
        "/spec/instanceSplits",
    ];
    let mut found: Vec<String> = Vec::new();
    for target in targets.iter().filter_map(|place| body.pointer(place)?.as_array()).flatten() {
        let serves = target.get("percent").and_then(Value::as_i64).unwrap_or(0) > 0
            || target.get("tag").and_then(Value::as_str).is_some_and(|tag| !tag.is_empty());
        let name = ["revision", "revisionName"].iter().find_map(|name| target.get(*name)?.as_str());
        // "The latest" is the latest that is ready, which is not the template while a newer one is not.
        let name = name.filter(|name| !name.is_empty()).map(names::last).or(ready);
        if let Some(name) = name.filter(|name| serves && Some(*name) != latest) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workload(body: Value) -> Workload {
        Workload::of(google::FUNCTION, &ScopeId::gcp("p", "r"), "//x", &body)
    }

    #[test]
    fn every_form_of_a_workload_names_the_same() {
        let connector = "projects/p/locations/r/connectors/c";
        for body in [
            json!({"vpcConnector": "c", "vpcConnectorEgressSettings": "ALL_TRAFFIC", "kmsKeyName": "k"}),
            json!({"serviceConfig": {"vpcConnector": connector, "vpcConnectorEgressSettings": "ALL_TRAFFIC"}, "kmsKeyName": "k"}),
            json!({"template": {"vpcAccess": {"connector": connector, "egress": "ALL_TRAFFIC"}, "encryptionKey": "k"}}),
            json!({"template": {"template": {"vpcAccess": {"connector": connector, "egress": "ALL_TRAFFIC"}, "encryptionKey": "k"}}}),
            json!({"spec": {"template": {"metadata": {"annotations": {
                "run.googleapis.com/vpc-access-connector": "c",
                "run.googleapis.com/vpc-access-egress": "all",
                "run.googleapis.com/encryption-key": "k"}}}}}),
        ] {
            let found = workload(body.clone());
            assert_eq!(found.attachments, [Attachment::Connector(connector.into())], "{body}");
            assert!(found.all_traffic, "{body}");
            assert_eq!(found.keys, ["k"], "{body}");
        }
        let direct = json!({"spec": {"template": {"metadata": {"annotations": {
            "run.googleapis.com/network-interfaces": "[{\"network\":\"n\"}]"}}}}});
        assert_eq!(workload(direct).attachments, [Attachment::Interface(Some("n".into()), None)]);
    }

    #[test]
    fn a_revision_is_looked_at_where_it_serves_and_is_not_the_latest() {
        let service = |created: &str, target: Value| json!({"latestReadyRevision": "a/revisions/r2", "latestCreatedRevision": created, "trafficStatuses": [target]});
        let latest = json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100});
        assert!(pinned_revisions(&service("a/revisions/r2", latest.clone())).is_empty());
        assert_eq!(pinned_revisions(&service("a/revisions/r3", latest)), ["r2"]);
        assert_eq!(pinned_revisions(&service("r2", json!({"revision": "r1", "tag": "old"}))), ["r1"]);
        assert!(pinned_revisions(&service("r2", json!({"revision": "r1", "percent": 0}))).is_empty());
        let knative = json!({"status": {"latestReadyRevisionName": "r2", "latestCreatedRevisionName": "r2",
            "traffic": [{"revisionName": "r1", "percent": 50}, {"revisionName": "r2", "percent": 50}]}});
        assert_eq!(pinned_revisions(&knative), ["r1"]);
    }
}
