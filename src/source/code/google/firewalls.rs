//! Firewall policies: code writes a policy, each of its rules and each of its associations on their own.

use serde_json::{Map, Value as Json};

use super::{TABLE, add, names};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{ScopeId, kinds::google as kinds, unknown::marker},
    source::{
        code::{
            draft::Draft,
            item::{Field, Item},
            table::{self, Made},
        },
        names::last,
    },
};

/// The types of policies: of networks, of networks in a region, and of folders and organisations.
const POLICIES: [&str; 3] = [
    "google_compute_network_firewall_policy",
    "google_compute_region_network_firewall_policy",
    "google_compute_firewall_policy",
];

/// Puts policies together.
pub(super) fn map(items: &[Item<'_>], draft: &mut Draft<'_>) {
    for kind in POLICIES {
        let of = |suffix: &str| {
            let name = format!("{kind}{suffix}");
            items.iter().copied().filter(move |item| *item.resource.kind == *name).collect::<Vec<_>>()
        };
        let (policies, rules, associations) = (of(""), of("_rule"), of("_association"));
        for policy in &policies {
            let mut made = part(*policy);
            let parts = |all: &[Item<'_>]| -> Vec<Json> {
                let own = all.iter().filter_map(|item| belongs(*item, *policy, kind));
                own.collect()
            };
            made.body.insert("rules".into(), parts(&rules).into());
            made.body.insert("associations".into(), parts(&associations).into());
            place(*policy, made, draft);
        }
        // A policy that others manage, on something of this code: nobody knows its rules.
        let owned = |item: &Item<'_>| policies.iter().any(|policy| belongs(*item, *policy, kind).is_some());
        for item in associations.iter().filter(|item| !owned(item)) {
            let scope = ScopeId::gcp(names::project(*item), ScopeId::GLOBAL);
            let what = format!("the firewall policy of {}, which is not part of this code", item.resource.address);
            super::declare(*item, &scope, draft);
            draft.miss(kinds::FIREWALL_POLICY, Some(&names::id(*item)), scope, &Gap::new(what, GapReason::NotRead));
        }
    }
}

/// What the table makes of a resource.
fn part(item: Item<'_>) -> Made {
    TABLE.types.get(&*item.resource.kind).map_or_else(Made::default, |of| table::body(item, &of.fields, names::id))
}

/// The body of a rule or an association, where it is of a policy, or may be.
fn belongs(item: Item<'_>, policy: Item<'_>, kind: &str) -> Option<Json> {
    if item.resource.root != policy.resource.root {
        return None;
    }
    let own = match item.field("firewall_policy") {
        Field::Given(node) => match item.target(node, &[kind]) {
            Some(target) => Ok(target.resource.address == policy.resource.address),
            None => item.text_of(node).map(|text| last(&text) == last(&names::id(policy))),
        },
        Field::Hidden(unknown) => Err(unknown.gap()),
        Field::Absent => Ok(false),
    };
    match own {
        Ok(false) => None,
        Err(gap) => Some(marker(&gap)),
        Ok(true) if item.resource.symbolic => {
            let what = format!("how many of {} there are", item.resource.address);
            Some(marker(&Gap::new(what, GapReason::UnknownValue)))
        }
        Ok(true) => Some(Json::Object(Map::clone(&part(item).body))),
    }
}

/// Adds a policy where it stands: in a project, or in a folder or an organisation.
fn place(policy: Item<'_>, made: Made, draft: &mut Draft<'_>) {
    let id = names::id(policy);
    let Field::Given(parent) = policy.field("parent") else {
        return add(policy, kinds::FIREWALL_POLICY, &id, made, draft);
    };
    let scope = ScopeId::gcp(policy.pattern_of(parent), ScopeId::GLOBAL);
    draft.list(scope.clone(), &[kinds::FIREWALL_POLICY]);
    draft.add(kinds::FIREWALL_POLICY, &id, scope, made.body.into(), policy);
}
