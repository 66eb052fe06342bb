//! Roles, users and groups with their policies, and managed policies.

use serde_json::{Value as Json, json};

use super::{
    add, names,
    parts::{Part, Parts},
};
use crate::{
    evidence::{Gap, GapReason, Known},
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
    for shape in &SHAPES {
        for part in parts.named(shape.part) {
            identity(shape, part, parts, draft);
        }
    }
    ready(draft);
    for part in parts.named("managed-policy") {
        let version = json!({"Document": part.value("Document"), "IsDefaultVersion": true});
        let body = json!({"PolicyName": part.value("PolicyName"), "Arn": part.id, "PolicyVersionList": [version]});
        add(part.item, doors::MANAGED_POLICY, &part.id, body, draft);
    }
}

fn identity(shape: &Shape, part: &Part<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let name = part.text("Name").unwrap_or(&part.id).to_owned();
    let mut inline = part.body.get("Inline").cloned().unwrap_or_else(|| json!([]));
    let mut managed = match part.body.get("Managed") {
        Some(Json::Array(list)) => list.iter().map(|arn| json!({"PolicyArn": arn})).collect(),
        Some(unknown) => unknown.clone(),
        None => json!([]),
    };
    for policy in of(parts, (shape.inline, shape.field), part, &name) {
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
    for attached in of(parts, (shape.attached, shape.field), part, &name) {
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
        body.insert("GroupList".into(), groups(part, &name, parts));
    }
    add(part.item, shape.kind, &part.id, body, draft);
}

/// The names of the groups that a user is in.
fn groups(user: &Part<'_>, name: &str, parts: &Parts<'_>) -> Json {
    let mut list = json!([]);
    for membership in of(parts, ("membership", "User"), user, name) {
        match membership {
            Ok(membership) => {
                let named = parts.named("group").find(|group| Some(group.id.as_str()) == membership.text("Group"));
                push(&mut list, named.map_or_else(|| membership.value("Group"), |group| group.value("Name")));
            }
            Err(gap) => list = marker(&gap),
        }
    }
    list
}

/// AWS's own policies, by what stands behind the account in their ARNs.
#[derive(Default, serde::Deserialize)]
struct Ready {
    #[expect(dead_code, reason = "for whoever reads the file")]
    as_of: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    policies: std::collections::BTreeMap<String, Json>,
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

/// The parts that name a role, a user or a group in a field, by its ARN or its name; one that may name any is a gap.
fn of<'p, 'a>(
    parts: &'p Parts<'a>,
    (name, field): (&str, &str),
    role: &Part<'a>,
    called: &str,
) -> Vec<Result<&'p Part<'a>, Gap>> {
    let mut found = Vec::new();
    for part in parts.perhaps(name).filter(|part| part.item.resource.root == role.item.resource.root) {
        let own = match (part.text(field), part.gap(field)) {
            (Some(text), _) if text == role.id || text == called => true,
            // Who has a name that nobody knows may be the one that is written, where no other of the code is.
            (Some(text), _) => match same(text, &names::name(role.item)) {
                Known::Unknown(gap) if !holds_placeholder(text) && !is_named(parts, role, text) => {
                    found.push(Err(gap));
                    continue;
                }
                _ => false,
            },
            (None, Some(gap)) => {
                found.push(Err(gap));
                continue;
            }
            (None, None) => false,
        };
        match own {
            true if part.item.resource.symbolic => found.push(Err(part.number_gap())),
            true => found.push(Ok(part)),
            false => {}
        }
    }
    found
}

/// Whether one of the same kind and root has this name.
fn is_named(parts: &Parts<'_>, role: &Part<'_>, called: &str) -> bool {
    let beside = |part: &&Part<'_>| part.item.resource.root == role.item.resource.root;
    parts.perhaps(role.name).filter(beside).any(|part| names::name(part.item) == called)
}
