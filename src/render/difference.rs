//! What is different between two readings: for people, for a pull request, for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    escape::{line, markdown},
    json::{document_text, gap},
};
use crate::report::{Change, Changes, Difference};

/// The differences as text.
pub fn difference_text(found: &Difference) -> String {
    let mut out = String::new();
    let width = found.workloads.iter().map(|it| it.name.chars().count()).max().unwrap_or(0).min(40);
    for Changes { name, list, .. } in &found.workloads {
        for (index, change) in list.iter().enumerate() {
            let name = if index == 0 { line(name) } else { "".into() };
            let _ = writeln!(out, "{name:<width$}   {}", line(&said(change)));
        }
    }
    out + &total(found) + "\n"
}

/// The differences in Markdown, for a pull request.
pub fn difference_markdown(found: &Difference) -> String {
    let mut out = String::new();
    for Changes { name, list, .. } in &found.workloads {
        let _ = writeln!(out, "- **{}**", markdown(name));
        for change in list {
            let _ = writeln!(out, "  - {}", markdown(&said(change)));
        }
    }
    let gap = if out.is_empty() { "" } else { "\n" };
    out + gap + &total(found) + "\n"
}

fn total(found: &Difference) -> String {
    let of = format!("{} workload{}", found.of, if found.of == 1 { "" } else { "s" });
    let elsewhere = match found.elsewhere {
        0 => String::new(),
        count => format!("; {count} more that the code does not declare"),
    };
    match found.workloads.len() {
        0 => format!("{of}, nothing changed{elsewhere}"),
        changed => format!("{of}, {changed} changed{elsewhere}"),
    }
}

/// One change in words.
fn said(change: &Change) -> String {
    match change {
        Change::Appeared => "is new".into(),
        Change::Gone => "is gone".into(),
        Change::NotSeen => "was not seen, and not everything was read".into(),
        Change::Addresses { before, now } => match (before.as_slice(), now.as_slice()) {
            ([], now) => format!("leaves from {}, and from no address of its own before", now.join(", ")),
            (before, []) => format!("lost its addresses: {}", before.join(", ")),
            (before, now) => {
                let plural = if before.len() == 1 && now.len() == 1 { "another address" } else { "other addresses" };
                let (before, now) = (before.join(", "), now.join(", "));
                format!("leaves from {plural}: {before} → {now}   partners' allow-lists must change")
            }
        },
        Change::Egress { before, now } => format!("its egress is {now}, and was {before}"),
        Change::Exposure { before, now } => {
            let more = if now > before { "more open" } else { "less open" };
            format!("is {more}: {} → {}", before.as_str(), now.as_str())
        }
        Change::Caller { principal, by } => format!("a new principal can call it: {principal}, by {by}"),
        Change::CallerGone { principal } => format!("{principal} cannot call it any more"),
        Change::Key { name, before, now } => format!("its key {name} is {now}, and was {before}"),
        Change::OtherKey { purpose, before, now } => {
            let key = |of: &Option<String>| of.clone().unwrap_or_else(|| "no key of yours".into());
            format!("its {purpose} is under {}, and was under {}", key(now), key(before))
        }
        Change::Unread { what, gap } => format!("{what} is not known any more: {gap}"),
    }
}

/// The differences for programs.
///
/// # Errors
/// Where they cannot be written.
pub fn difference_json(found: &Difference) -> Result<String, serde_json::Error> {
    let one = |it: &Changes| json!({ "workload": it.name, "id": it.id, "changes": it.list.iter().map(change).collect::<Vec<Value>>() });
    document_text(&json!({
        "workloads": found.workloads.iter().map(one).collect::<Vec<Value>>(),
        "of": found.of,
        "elsewhere": found.elsewhere,
    }))
}

fn change(change: &Change) -> Value {
    let mut value = match change {
        Change::Appeared => json!({ "kind": "appeared" }),
        Change::Gone => json!({ "kind": "gone" }),
        Change::NotSeen => json!({ "kind": "not-seen" }),
        Change::Addresses { before, now } => json!({ "kind": "addresses", "before": before, "now": now }),
        Change::Egress { before, now } => json!({ "kind": "egress", "before": before, "now": now }),
        Change::Exposure { before, now } => {
            json!({ "kind": "exposure", "before": before.as_str(), "now": now.as_str() })
        }
        Change::Caller { principal, by } => json!({ "kind": "caller", "principal": principal, "by": by }),
        Change::CallerGone { principal } => json!({ "kind": "caller-gone", "principal": principal }),
        Change::Key { name, before, now } => json!({ "kind": "key", "key": name, "before": before, "now": now }),
        Change::OtherKey { purpose, before, now } => {
            json!({ "kind": "other-key", "of": purpose, "before": before, "now": now })
        }
        Change::Unread { what, gap: why } => json!({ "kind": "unread", "what": what, "gap": gap(why) }),
    };
    if let Some(map) = value.as_object_mut() {
        map.insert("says".into(), said(change).into());
    }
    value
}
