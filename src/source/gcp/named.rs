//! What records name that is looked up next, noted as each of them is kept: nothing is read twice to follow it.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::workload::Workload;
use crate::snapshot::{
    Record,
    kinds::{Kind, google},
};

/// Every kind of allow policy that is read.
const POLICIES: [Kind; 11] = [
    google::PROJECT_POLICY,
    google::FOLDER_POLICY,
    google::ORGANIZATION_POLICY,
    google::SERVICE_POLICY,
    google::JOB_POLICY,
    google::FUNCTION_POLICY,
    google::IAP_POLICY,
    google::SUBNETWORK_POLICY,
    google::SERVICE_ACCOUNT_POLICY,
    google::KEY_POLICY,
    google::KEY_RING_POLICY,
];

/// What records name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Workloads, and revisions of them.
    pub(super) workloads: Vec<Arc<Workload>>,
    /// Bindings: the kind of the policy, the role, the member.
    pub(super) bindings: BTreeSet<(&'static str, String, String)>,
}

impl Named {
    /// What a record names, as it is kept: without the secrets that were in it.
    pub(super) fn of(kind: Kind, record: &Record) -> Self {
        let mut named = Self::default();
        let body = || serde_json::from_str::<Value>(record.body.get()).ok();
        if google::WORKLOADS.contains(&kind) || kind == google::REVISION {
            let workload = body().map(|body| Workload::of(kind, &record.scope, &record.id, &body));
            named.workloads.extend(workload.map(Arc::new));
        } else if POLICIES.contains(&kind) {
            let body = body().unwrap_or_default();
            for binding in body.get("bindings").and_then(Value::as_array).into_iter().flatten() {
                let role = binding.get("role").and_then(Value::as_str).unwrap_or_default();
                let members = binding.get("members").and_then(Value::as_array).into_iter().flatten();
                let members =
                    members.filter_map(|member| Some((kind.name, role.to_owned(), member.as_str()?.to_owned())));
                named.bindings.extend(members);
            }
        }
        named
    }

    /// Adds what another record names.
    pub(super) fn add(&mut self, of: Self) {
        self.workloads.extend(of.workloads);
        self.bindings.extend(of.bindings);
    }
}
