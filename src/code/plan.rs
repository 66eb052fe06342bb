//! Plans: what there will be once they are applied.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::evidence::GapReason;

use super::{
    Action, CodeGap, Evaluated, Mode, Provider, Resource,
    links::Links,
    state::{self, finish, list, mode, text},
    tree,
};

pub(super) fn read(json: &Json) -> Evaluated {
    let mut result = Evaluated::default();
    let flag = |field: &str| json.get(field).and_then(Json::as_bool);
    if flag("errored") == Some(true) {
        result.gaps.push(CodeGap::new("the plan", GapReason::Partial, "it ended with an error"));
    } else if flag("complete") == Some(false) {
        result.gaps.push(CodeGap::new("the plan", GapReason::Partial, "it puts off some changes to a later one"));
    }
    for change in list(json, "resource_changes") {
        match resource(change) {
            Ok(found) => result.resources.extend(found),
            Err(gap) => result.gaps.push(gap),
        }
    }
    let planned: BTreeSet<_> = result.resources.iter().map(|resource| resource.address.clone()).collect();
    // Data sources that were read while the plan was made are in what was before it.
    let mut read = Vec::new();
    if let Some(root) = json.pointer("/prior_state/values/root_module") {
        state::module(root, Some(Action::Read), &mut read);
    }
    result
        .resources
        .extend(read.into_iter().filter(|found| found.mode == Mode::Data && !planned.contains(&found.address)));
    // Plans of before 0.12.? and those that are cut down for sharing have values alone.
    if json.get("resource_changes").is_none()
        && let Some(root) = json.pointer("/planned_values/root_module")
    {
        state::module(root, None, &mut result.resources);
        let detail = "it has no changes, and does not say what is known only after the apply";
        result.gaps.push(CodeGap::new("the plan", GapReason::Partial, detail));
    }
    outputs(json, &mut result);
    Links::new(json, &result.resources).tie(&mut result.resources);
    finish(result)
}

fn outputs(json: &Json, result: &mut Evaluated) {
    for (name, change) in json.get("output_changes").and_then(Json::as_object).into_iter().flatten() {
        let part = |field: &str| change.get(field);
        let node = tree::value(part("after"), part("after_unknown"), part("after_sensitive"), name);
        result.outputs.insert((String::new(), name.clone()), node);
    }
}

/// A resource as it will be; none where it will not be.
fn resource(change: &Json) -> Result<Option<Resource>, CodeGap> {
    let address = text(change, "address");
    let refused = |detail: &str| CodeGap::new(address, GapReason::Malformed, detail);
    let Some(mode) = mode(change) else { return Ok(None) };
    if change.get("deposed").is_some() {
        return Ok(None);
    }
    let what = change.get("change").ok_or_else(|| refused("a change without a change"))?;
    let actions: Vec<&str> = list(what, "actions").iter().filter_map(Json::as_str).collect();
    let action = match &*actions {
        ["no-op"] => Action::Nothing,
        ["create"] => Action::Create,
        ["read"] => Action::Read,
        ["update"] => Action::Update,
        ["delete", "create"] | ["create", "delete"] => Action::Replace,
        ["delete" | "forget"] => return Ok(None),
        [] => return Err(refused("a change without actions")),
        _ => Action::Other,
    };
    let provider = Provider { ..state::provider(text(change, "provider_name")) };
    let part = |field: &str| what.get(field);
    let body = tree::value(part("after"), part("after_unknown"), part("after_sensitive"), address);
    Ok(Some(Resource {
        root: "".into(),
        address: address.into(),
        kind: text(change, "type").into(),
        mode,
        symbolic: false,
        provider,
        body,
        place: None,
        action: Some(action),
    }))
}
