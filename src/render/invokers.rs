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
    match &workload.google {
        Some(side) => people(&mut out, side),
        None => services(&mut out, workload, own),
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

fn people(out: &mut String, side: &Side) {
    let found = &side.invokers;
    if found.check_disabled {
        row(out, "who", "everyone: the check of invokers is off");
    }
    if found.list.is_empty() && !found.check_disabled {
        row(out, "who", if found.gap.is_some() { "nobody, as far as was read" } else { "nobody" });
    }
    // Google's own agents come last: nobody can become them.
    let platform = |invoker: &&Invoker| invoker.grant.principal.account().is_some_and(is_platform_account);
    let people = found.list.iter().filter(|it| !platform(it)).chain(found.list.iter().filter(platform));
    for (index, invoker) in people.enumerate() {
        let grant = &invoker.grant;
        let label = if index == 0 && !found.check_disabled { "who" } else { "" };
        row(out, label, &line(&format!("{}   {}", grant.principal.text, granted(invoker))));
        for other in &invoker.impersonators {
            row(out, "", &line(&format!("  ← {}   {}", other.principal.text, minted(other))));
        }
        match &invoker.keys {
            Known::Known(0) => {}
            Known::Known(1) => row(out, "", "  ← whoever holds its key"),
            Known::Known(keys) => row(out, "", &format!("  ← whoever holds one of its {keys} keys")),
            Known::Unknown(gap) => row(out, "", &format!("  ← keys not evaluated: {}", line(&gap.to_string()))),
        }
    }
    if !found.denied_by.is_empty() {
        let text = format!("deny policies name the permission, and are not counted: {}", found.denied_by.join(", "));
        row(out, "beside it", &line(&text));
    }
    for dead in &found.dead {
        row(out, "dead", &line(&format!("{}   {}: {}", dead.principal, dead.role, dead.because)));
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

fn services(out: &mut String, workload: &Workload, own: &[OwnCaller]) {
    let invoke = &workload.invoke;
    let mut label = "who";
    let mut who = |out: &mut String, text: &str| row(out, std::mem::take(&mut label), text);
    for because in invoke.anonymous.because.iter().chain(&invoke.any_principal.because) {
        who(out, &line(because));
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
        who(out, &line(&text));
    }
    for dead in &invoke.dead {
        let text = format!("{}   {} by statement {}: {}", dead.principal, dead.action, dead.sid, dead.because);
        row(out, "dead", &line(&text));
    }
    for grant in &invoke.services {
        let bound = match &grant.bound {
            Ok(true) => "for one source",
            Ok(false) => "for any source",
            Err(_) => "for a source that was not understood",
        };
        who(out, &line(&format!("{}   statement {}, {bound}", grant.service, grant.sid)));
    }
    for (index, caller) in own.iter().enumerate() {
        if index == MOST {
            row(out, "", &format!("and {} more; `--format json` has all", own.len() - MOST));
            break;
        }
        let label = if index == 0 { "own side" } else { "" };
        row(out, label, &line(&format!("{}   by {}{}", caller.arn, caller.by.join(", "), doubt(&caller.holds))));
    }
    let side = match workload.identities_gap() {
        Some(_) => "not read: only the function's policies are; whom policies of their own allow is open",
        None if own.is_empty() => "nobody of the own account may call it by policies of their own",
        None => return,
    };
    row(out, "own side", side);
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
struct Door {
    kind: &'static str,
    id: String,
    reachable: &'static str,
    authentication: String,
}

fn doors(workload: &Workload) -> Vec<Door> {
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
