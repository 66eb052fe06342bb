//! Who may call one workload: its doors, and everyone who is authorised, with the chain of grants.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    View,
    escape::line,
    json::{document_text, gap},
    words,
};
use crate::{
    evidence::Known,
    graph::{
        MayCall, OwnCaller, Workload,
        google::{Impersonator, Invoker, Level, Side},
    },
    knowledge::is_platform_account,
};

/// The doors and the callers as text.
pub fn invokers_text(workload: &Workload, own: &[OwnCaller], view: View) -> String {
    let mut out = heading(workload, view);
    let doors = doors(workload);
    if doors.is_empty() {
        row(&mut out, "doors", "none of its own: the API of the cloud alone");
    }
    for (index, door) in doors.iter().enumerate() {
        let text = format!("{}   {}   {}", line(&door.id), door.reachable, door.authentication);
        row(&mut out, if index == 0 { "doors" } else { "" }, &text);
    }
    out.push('\n');
    for (label, text) in who(workload, Some(own)) {
        row(&mut out, label, &line(&text));
    }
    let gaps = workload.invokers_gaps();
    if !gaps.is_empty() {
        out.push('\n');
        for (index, gap) in gaps.iter().enumerate() {
            row(&mut out, if index == 0 { "not read" } else { "" }, &line(&gap.to_string()));
        }
    }
    out
}

/// The workload in one line.
fn heading(workload: &Workload, view: View) -> String {
    let name = line(&workload.name);
    let name = if view.color { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name.into_owned() };
    let (cloud, region) = (&workload.scope.cloud, line(&workload.scope.region));
    format!("{name}   {cloud}  {region}  {}   {}\n\n", words::kind(workload), line(&words::callers(workload)))
}

/// Whether one principal may call it, as text.
pub fn may_call_text(workload: &Workload, principal: &str, found: &MayCall, view: View) -> String {
    let mut out = heading(workload, view);
    let (answer, what) = match &found.is {
        Known::Known(true) => ("yes", "may call it"),
        Known::Known(false) => ("no", "may not call it"),
        Known::Unknown(_) => ("unknown", "may call it, or may not"),
    };
    row(&mut out, answer, &format!("{} {what}", line(principal)));
    for (index, because) in found.because.iter().filter(|because| !because.is_empty()).enumerate() {
        row(&mut out, if index == 0 { "because" } else { "" }, &line(because));
    }
    for beside in &found.beside {
        row(&mut out, "beside it", &line(beside));
    }
    if let Known::Unknown(gap) = &found.is {
        row(&mut out, "not read", &line(&gap.to_string()));
    }
    out
}

/// Whether one principal may call it, for programs.
///
/// # Errors
/// Where it cannot be written.
pub fn may_call_json(workload: &Workload, principal: &str, found: &MayCall) -> Result<String, serde_json::Error> {
    let (answer, gaps) = match &found.is {
        Known::Known(true) => ("yes", Vec::new()),
        Known::Known(false) => ("no", Vec::new()),
        Known::Unknown(why) => ("unknown", vec![gap(why)]),
    };
    document_text(&json!({
        "workload": workload.name,
        "id": workload.id,
        "principal": principal,
        "may_call": answer,
        "because": found.because,
        "beside": found.beside,
        "gaps": gaps,
    }))
}

fn row(out: &mut String, label: &str, text: &str) {
    let row = format!("  {label:<10} {text}");
    let _ = writeln!(out, "{}", row.trim_end());
}

/// A label, where a block starts, and what stands behind it.
type Row = (&'static str, String);

/// Who may call a workload, line by line; those of its own account by policies of their own, where somebody asked.
pub(super) fn who(workload: &Workload, own: Option<&[OwnCaller]>) -> Vec<Row> {
    let mut rows = Vec::new();
    match &workload.google {
        Some(side) => people(&mut rows, side),
        None => services(&mut rows, workload, own),
    }
    rows
}

fn people(out: &mut Vec<Row>, side: &Side) {
    let found = &side.invokers;
    if found.check_disabled {
        out.push(("who", "everyone: the check of invokers is off".to_owned()));
    }
    if found.list.is_empty() && !found.check_disabled {
        let nobody = if found.gap.is_some() { "nobody, as far as was read" } else { "nobody" };
        out.push(("who", nobody.to_owned()));
    }
    // Google's own agents come last: nobody can become them.
    let platform = |invoker: &&Invoker| invoker.grant.principal.account().is_some_and(is_platform_account);
    let people = found.list.iter().filter(|it| !platform(it)).chain(found.list.iter().filter(platform));
    for (index, invoker) in people.enumerate() {
        let grant = &invoker.grant;
        let label = if index == 0 && !found.check_disabled { "who" } else { "" };
        out.push((label, format!("{}   {}", grant.principal.text, granted(invoker))));
        for other in &invoker.impersonators {
            out.push(("", format!("  ← {}   {}", other.principal.text, minted(other))));
        }
        match &invoker.keys {
            Known::Known(0) => {}
            Known::Known(1) => out.push(("", "  ← whoever holds its key".to_owned())),
            Known::Known(keys) => out.push(("", format!("  ← whoever holds one of its {keys} keys"))),
            Known::Unknown(gap) => out.push(("", format!("  ← keys not evaluated: {gap}"))),
        }
    }
    if !found.denied_by.is_empty() {
        let text = format!("deny policies name the permission, and are not counted: {}", found.denied_by.join(", "));
        out.push(("beside it", text));
    }
    for dead in &found.dead {
        out.push(("dead", format!("{}   {}: {}", dead.principal, dead.role, dead.because)));
    }
}

fn granted(invoker: &Invoker) -> String {
    let grant = &invoker.grant;
    let on = match grant.level {
        Level::Resource => "it".to_owned(),
        Level::KeyRing | Level::Project | Level::Folder | Level::Organization => format!("{} (inherited)", grant.on),
    };
    let condition = grant.condition.as_ref().map_or_else(String::new, |text| format!(", if {text}"));
    format!("{} on {on}{condition}{}", grant.role, doubt(&grant.holds))
}

fn minted(other: &Impersonator) -> String {
    let on = if other.level == Level::Resource { "the account".to_owned() } else { other.on.clone() };
    let through =
        if other.through.is_empty() { String::new() } else { format!(", through {}", other.through.join(" → ")) };
    format!("{} on {on}{through}", other.role)
}

fn services(out: &mut Vec<Row>, workload: &Workload, own: Option<&[OwnCaller]>) {
    let invoke = &workload.invoke;
    let mut label = "who";
    let mut who = |out: &mut Vec<Row>, text: String| out.push((std::mem::take(&mut label), text));
    for because in invoke.anonymous.because.iter().chain(&invoke.any_principal.because) {
        who(out, because.clone());
    }
    for invoker in invoke.invokers.iter().filter(|invoker| invoker.kind != "any-account") {
        let condition = if invoker.conditional { ", under conditions" } else { "" };
        let text = format!(
            "{} {}   {} by statement {}{condition}{}",
            invoker.kind,
            invoker.principal,
            invoker.action,
            invoker.sid,
            doubt(&invoker.holds)
        );
        who(out, text);
    }
    for dead in &invoke.dead {
        let text = format!("{}   {} by statement {}: {}", dead.principal, dead.action, dead.sid, dead.because);
        out.push(("dead", text));
    }
    for grant in &invoke.services {
        let bound = match &grant.bound {
            Ok(true) => "for one source",
            Ok(false) => "for any source",
            Err(_) => "for a source that was not understood",
        };
        who(out, format!("{}   statement {}, {bound}", grant.service, grant.sid));
    }
    let Some(own) = own else {
        let ask = "whom policies of users and roles allow is not listed here: egress-audit invokers does";
        out.push(("own side", ask.to_owned()));
        return;
    };
    for (index, caller) in own.iter().enumerate() {
        if index == MOST {
            out.push(("", format!("and {} more; `--format json` has all", own.len() - MOST)));
            break;
        }
        let label = if index == 0 { "own side" } else { "" };
        out.push((label, format!("{}   by {}{}", caller.arn, caller.by.join(", "), doubt(&caller.holds))));
    }
    let side = match workload.identities_gap() {
        Some(_) => "not read: only the function's policies are; whom policies of their own allow is open",
        None if own.is_empty() => "nobody of the own account may call it by policies of their own",
        None => return,
    };
    out.push(("own side", side.to_owned()));
}

fn doubt(holds: &Known<bool>) -> String {
    match holds {
        Known::Known(_) => String::new(),
        Known::Unknown(gap) => format!("   not certain: {gap}"),
    }
}

/// How many callers of the own account are listed for people.
const MOST: usize = 12;

/// A way in.
pub(super) struct Door {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) reachable: &'static str,
    pub(super) authentication: String,
}

/// The ways into a workload.
pub(super) fn doors(workload: &Workload) -> Vec<Door> {
    let Some(side) = &workload.google else { return entrances(workload) };
    let reachable = match side.ingress.reachable {
        Known::Known(true) => "internet",
        Known::Known(false) => "internal",
        Known::Unknown(_) => "unknown",
    };
    let authentication = match (side.invokers.permission, side.invokers.check_disabled) {
        _ if side.ingress.identity_aware_proxy => "Identity-Aware Proxy asks".to_owned(),
        (None, _) => "nobody invokes it".into(),
        (_, true) => "nobody is asked".into(),
        (Some(permission), false) => format!("{permission} is checked"),
    };
    let mut doors: Vec<Door> = side
        .ingress
        .urls
        .iter()
        .map(|url| Door {
            kind: "url",
            id: url.clone(),
            reachable: if side.ingress.default_url { reachable } else { "off" },
            authentication: authentication.clone(),
        })
        .collect();
    if !side.ingress.guarded_by.is_empty() {
        doors.push(Door { kind: "load-balancer", id: side.ingress.guarded_by.clone(), reachable, authentication });
    }
    doors
}

/// The doors of a function of AWS.
fn entrances(workload: &Workload) -> Vec<Door> {
    let doors = workload.invoke.doors.iter().map(|it| {
        let at = if it.addresses.is_empty() { it.id.clone() } else { it.addresses.join(", ") };
        Door {
            kind: it.kind,
            id: if it.route.is_empty() { at } else { format!("{} at {at}", it.route) },
            reachable: match (&it.reachable, &it.may_call) {
                (_, Known::Known(false)) => "may not call it",
                (Known::Known(true), _) => "internet",
                (Known::Known(false), _) => "internal",
                (Known::Unknown(_), _) => "unknown",
            },
            authentication: it.authentication.clone(),
        }
    });
    let sources = workload.invoke.event_sources.iter().map(|source| Door {
        kind: "event-source",
        id: source.clone(),
        reachable: "internal",
        authentication: "read with the function's own role".into(),
    });
    doors.chain(sources).collect()
}

/// The doors and the callers for programs.
///
/// # Errors
/// Where they cannot be written.
pub fn invokers_json(workload: &Workload, own: &[OwnCaller]) -> Result<String, serde_json::Error> {
    let gaps = workload.invokers_gaps();
    let doors: Vec<Value> = doors(workload)
        .into_iter()
        .map(|door| {
            json!({
                "kind": door.kind, "id": door.id, "reachable": door.reachable, "authentication": door.authentication,
            })
        })
        .collect();
    let found = workload.google.as_ref().map(|side| &side.invokers);
    let listed = found.map_or_else(Vec::new, |found| found.list.iter().flat_map(chain).collect());
    let services = workload.invoke.services.iter().map(
        |grant| json!({ "principal": grant.service, "kind": "service", "direct": true, "via": [], "condition": null }),
    );
    let named = workload.invoke.invokers.iter().map(|it| {
        let condition = it.conditional.then(|| format!("of statement {}", it.sid));
        json!({ "principal": it.principal, "kind": it.kind, "direct": true, "via": [], "condition": condition })
    });
    let own = own.iter().map(|it| {
        let via: Vec<Value> =
            it.by.iter().map(|policy| json!({ "kind": "identity-policy", "id": policy, "grant": policy })).collect();
        json!({ "principal": it.arn, "kind": it.kind, "direct": false, "via": via, "condition": null })
    });
    let document = json!({
        "workload": workload.name,
        "id": workload.id,
        "exposure": workload.exposure().as_str(),
        "complete": gaps.is_empty(),
        "gaps": gaps.iter().map(gap).collect::<Vec<_>>(),
        "doors": doors,
        "invokers": listed.into_iter().chain(named).chain(services).chain(own).collect::<Vec<Value>>(),
    });
    document_text(&document)
}

/// An invoker, and everyone who can become it, each with the way there.
fn chain(invoker: &Invoker) -> Vec<Value> {
    let grant = &invoker.grant;
    let held = json!({ "kind": grant.level.as_str(), "id": grant.on, "grant": grant.role });
    let mut all = vec![json!({
        "principal": grant.principal.text,
        "kind": grant.principal.kind.as_str(),
        "direct": grant.level == Level::Resource,
        "via": if grant.level == Level::Resource { json!([]) } else { json!([held]) },
        "condition": grant.condition,
    })];
    all.extend(invoker.impersonators.iter().map(|other| {
        let account = json!({ "kind": "service-account", "id": grant.principal.text, "grant": other.role });
        let through =
            other.through.iter().map(|account| json!({ "kind": "service-account", "id": account, "grant": null }));
        json!({
            "principal": other.principal.text,
            "kind": other.principal.kind.as_str(),
            "direct": false,
            "via": through.chain([account, held.clone()]).collect::<Vec<_>>(),
            "condition": grant.condition,
        })
    }));
    all
}
