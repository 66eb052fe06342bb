//! Roles, users and groups with their policies, and managed policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{
    add, names,
    parts::{Part, Parts},
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{
        kinds::{Kind, doors},
        unknown::{holds_placeholder, marker, same},
    },
    source::code::draft::Draft,
};

/// Who has policies: what the parts are called that say so, and where a record has them.
struct Shape {
    part: &'static str,
    inline: &'static str,
    attached: &'static str,
    /// The field by which those name it.
    field: &'static str,
    kind: Kind,
    name: &'static str,
    list: &'static str,
}

const SHAPES: [Shape; 3] = [
    Shape {
        part: "role",
        inline: "role-policy",
        attached: "role-attachment",
        field: "Role",
        kind: doors::ROLE,
        name: "RoleName",
        list: "RolePolicyList",
    },
    Shape {
        part: "user",
        inline: "user-policy",
        attached: "user-attachment",
        field: "User",
        kind: doors::USER,
        name: "UserName",
        list: "UserPolicyList",
    },
    Shape {
        part: "group",
        inline: "group-policy",
        attached: "group-attachment",
        field: "Group",
        kind: doors::GROUP,
        name: "GroupName",
        list: "GroupPolicyList",
    },
];

/// Maps roles, users, groups and their policies.
pub(super) fn map(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let groups = Groups::of(parts);
    for shape in &SHAPES {
        let named = |part| Named::of(parts, (part, shape.field), shape.part);
        let (inline, attached) = (named(shape.inline), named(shape.attached));
        for part in parts.named(shape.part) {
            identity(shape, part, (&inline, &attached, &groups), draft);
        }
    }
    ready(draft);
    for part in parts.named("managed-policy") {
        let version = json!({"Document": part.value("Document"), "IsDefaultVersion": true});
        let body = json!({"PolicyName": part.value("PolicyName"), "Arn": part.id, "PolicyVersionList": [version]});
        add(part.item, doors::MANAGED_POLICY, &part.id, body, draft);
    }
}

fn identity<'a>(
    shape: &Shape,
    part: &Part<'a>,
    (inlines, attachments, groups): (&Named<'_, 'a>, &Named<'_, 'a>, &Groups<'_, 'a>),
    draft: &mut Draft<'_>,
) {
    let name = part.text("Name").unwrap_or(&part.id).to_owned();
    let mut inline = part.body.get("Inline").cloned().unwrap_or_else(|| json!([]));
    let mut managed = match part.body.get("Managed") {
        Some(Json::Array(list)) => list.iter().map(|arn| json!({"PolicyArn": arn})).collect(),
        Some(unknown) => unknown.clone(),
        None => json!([]),
    };
    for policy in inlines.by(part, &name) {
        match policy {
            Ok(policy) => push(
                &mut inline,
                json!({
                    "PolicyName": policy.text("PolicyName").unwrap_or(&policy.item.resource.address),
                    "PolicyDocument": policy.value("PolicyDocument"),
                }),
            ),
            Err(gap) => inline = marker(&gap),
        }
    }
    for attached in attachments.by(part, &name) {
        match attached {
            Ok(attached) => {
                let what = || format!("{}.policy_arn", attached.item.resource.address);
                let unknown = || marker(&Gap::new(what(), GapReason::UnknownValue));
                let arn = attached.body.get("Policy").cloned().unwrap_or_else(unknown);
                push(&mut managed, json!({"PolicyArn": arn}));
            }
            Err(gap) => managed = marker(&gap),
        }
    }
    let mut body = json!({
        shape.name: name, "Arn": part.id, shape.list: inline, "AttachedManagedPolicies": managed,
    });
    if let (Json::Object(body), Some(boundary)) = (&mut body, part.body.get("Boundary")) {
        body.insert("PermissionsBoundary".into(), json!({"PermissionsBoundaryArn": boundary}));
    }
    if let (Json::Object(body), "user") = (&mut body, shape.part) {
        body.insert("GroupList".into(), groups.with(part, &name));
    }
    add(part.item, shape.kind, &part.id, body, draft);
}

/// Who is in which group.
struct Groups<'p, 'a> {
    memberships: Named<'p, 'a>,
    by_id: BTreeMap<&'p str, &'p Part<'a>>,
}

impl<'p, 'a> Groups<'p, 'a> {
    fn of(parts: &'p Parts<'a>) -> Self {
        let memberships = Named::of(parts, ("membership", "User"), "user");
        Self { memberships, by_id: parts.named("group").map(|group| (group.id.as_str(), group)).collect() }
    }

    /// The names of the groups that a user is in.
    fn with(&self, user: &Part<'a>, name: &str) -> Json {
        let mut list = json!([]);
        for membership in self.memberships.by(user, name) {
            match membership {
                Ok(membership) => {
                    let named = membership.text("Group").and_then(|id| self.by_id.get(id));
                    push(&mut list, named.map_or_else(|| membership.value("Group"), |group| group.value("Name")));
                }
                Err(gap) => list = marker(&gap),
            }
        }
        list
    }
}

/// AWS's own policies, by what stands behind the account in their ARNs.
#[derive(Default, serde::Deserialize)]
struct Ready {
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    policies: BTreeMap<String, Json>,
}

static READY: std::sync::LazyLock<Ready> =
    std::sync::LazyLock::new(|| serde_json::from_str(include_str!("managed.json")).unwrap_or_default());

/// Adds the policies of AWS that roles have, as far as the table knows them.
fn ready(draft: &mut Draft<'_>) {
    let mut named: Vec<(String, crate::snapshot::ScopeId)> = Vec::new();
    for (_, entry) in SHAPES.iter().flat_map(|shape| draft.of_kind(shape.kind)) {
        let attached = entry.body.get("AttachedManagedPolicies").and_then(Json::as_array);
        let arns = attached.into_iter().flatten().filter_map(|it| it.get("PolicyArn")?.as_str());
        let boundary = entry.body.pointer("/PermissionsBoundary/PermissionsBoundaryArn").and_then(Json::as_str);
        named.extend(arns.chain(boundary).map(|arn| (arn.to_owned(), entry.scope.clone())));
    }
    for (arn, scope) in named {
        let own = arn.split_once(":iam::aws:").and_then(|(_, path)| READY.policies.get(path));
        if let Some(document) = own {
            let version = json!({"Document": document, "IsDefaultVersion": true});
            let name = arn.rsplit('/').next();
            let body = json!({"PolicyName": name, "Arn": arn, "PolicyVersionList": [version]});
            draft.note(doors::MANAGED_POLICY, &arn, scope, body);
        }
    }
}

fn push(list: &mut Json, value: Json) {
    match list {
        Json::Array(list) => list.push(value),
        Json::Null => *list = json!([value]),
        // What is not known stays so.
        _ => {}
    }
}

/// The parts of a name, by what they say of whom they belong to: an ARN or a name, within a root.
struct Named<'p, 'a> {
    by_text: BTreeMap<(&'p str, &'p str), Vec<(usize, &'p Part<'a>)>>,
    /// Those of a root that nobody of the code is called by.
    apart: BTreeMap<&'p str, Vec<&'p str>>,
    /// Why there may be others in a root: one may belong to any.
    any: BTreeMap<&'p str, Gap>,
}

impl<'p, 'a> Named<'p, 'a> {
    /// Those that name one of a kind in a field.
    fn of(parts: &'p Parts<'a>, (name, field): (&str, &str), kind: &str) -> Self {
        let mut found = Self { by_text: BTreeMap::new(), apart: BTreeMap::new(), any: BTreeMap::new() };
        for (index, part) in parts.perhaps(name).enumerate() {
            let root = &*part.item.resource.root;
            if let Some(text) = part.text(field) {
                found.by_text.entry((root, text)).or_default().push((index, part));
            } else if let Some(gap) = part.gap(field) {
                found.any.insert(root, gap);
            }
        }
        let all = parts.perhaps(kind);
        let called: BTreeSet<(&str, String)> =
            all.map(|part| (&*part.item.resource.root, names::name(part.item))).collect();
        for (root, text) in found.by_text.keys() {
            if !holds_placeholder(text) && !called.contains(&(*root, (*text).to_owned())) {
                found.apart.entry(root).or_default().push(text);
            }
        }
        found
    }

    /// Those of one role, user or group; one that may name any is a gap.
    fn by(&self, role: &Part<'a>, called: &str) -> Vec<Result<&'p Part<'a>, Gap>> {
        let root = &*role.item.resource.root;
        let texts: BTreeSet<&str> = [role.id.as_str(), called].into();
        let mut own: Vec<_> =
            texts.iter().filter_map(|text| self.by_text.get(&(root, *text))).flatten().copied().collect();
        own.sort_by_key(|(index, _)| *index);
        let number =
            |(_, part): (_, &'p Part<'a>)| if part.item.resource.symbolic { Err(part.number_gap()) } else { Ok(part) };
        let name = names::name(role.item);
        // Who has a name that nobody knows may be the one that is written, where no other of the code is.
        let apart = self.apart.get(root).filter(|_| holds_placeholder(&name)).into_iter().flatten();
        let perhaps =
            apart.filter(|text| !texts.contains(*text)).filter_map(|text| same(text, &name).into_result().err());
        own.into_iter().map(number).chain(perhaps.chain(self.any.get(root).cloned()).map(Err)).collect()
    }
}
