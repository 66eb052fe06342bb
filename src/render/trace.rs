//! One workload's paths, hop by hop, with the fact that decides at each.

use std::{collections::BTreeSet, fmt::Write as _};

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
        Workload,
        egress::{Destination, Egress, End, ExitKind, Family, Hop, Passage, Path},
    },
};

/// The paths as text.
pub fn trace_text(workload: &Workload, private: Option<&Egress>, view: View) -> String {
    let mut out = String::new();
    let name = line(&workload.name);
    let name = if view.color { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name.into_owned() };
    let _ = writeln!(
        out,
        "{name}   {}  {}  {}   {}\n",
        workload.scope.cloud,
        line(&workload.scope.region),
        words::kind(workload),
        line(&words::egress(workload))
    );
    paths(&mut out, workload, &workload.egress.paths, INTERNET);
    privately(&mut out, private);
    beside(&mut out, workload);
    out
}

/// What the last line of a path is called where the traffic is for the internet.
pub(super) const INTERNET: &str = "internet";

fn paths(out: &mut String, workload: &Workload, paths: &[Path], target: &str) {
    for (index, path) in paths.iter().enumerate() {
        if paths.len() > 1 {
            let _ = writeln!(out, "{}", title(path, index, paths.len(), target));
        }
        draw(out, workload, path, target);
        out.push('\n');
    }
}

/// Which path of several it is.
pub(super) fn title(path: &Path, index: usize, of: usize, target: &str) -> String {
    let family = if path.family == Family::V6 { ", over IPv6" } else { "" };
    let slice =
        if target == INTERNET { format!(": {}", destinations(path)) } else { format!(", from {}", line(&path.from)) };
    format!("path {} of {of}{family}{slice}", index + 1)
}

/// One line for each way into private networks.
fn privately(out: &mut String, private: Option<&Egress>) {
    let mut lines: Vec<(u8, String)> = Vec::new();
    for path in private.into_iter().flat_map(|egress| egress.paths.iter()) {
        let ranges = match path.destinations.as_slice() {
            [] => "all private ranges".into(),
            few if few.len() <= 4 => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            _ => "other private ranges".into(),
        };
        let text = match &path.end {
            End::Inside { place } => (0, format!("{ranges}: inside {place}")),
            End::Elsewhere { through, .. } => (1, format!("{ranges}: through {through}, out of sight")),
            End::Unknown(gap) => (2, format!("{ranges}: not evaluated, {gap}")),
            End::Nowhere { because, .. } => (3, format!("{ranges}: not reached, {because}")),
            End::Internet(_) => continue,
        };
        if !lines.contains(&text) {
            lines.push(text);
        }
    }
    lines.sort();
    for (_, text) in lines {
        row(out, "private", &line(&text));
    }
}

fn destinations(path: &Path) -> String {
    match path.destinations.as_slice() {
        [] => "all of the internet".into(),
        few if few.len() <= 4 => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        many => format!("{} ranges of it", many.len()),
    }
}

fn row(out: &mut String, label: &str, text: &str) {
    let row = format!("  {label:<12} {text}");
    let _ = writeln!(out, "{}", row.trim_end());
}

/// A line of a path.
pub(super) enum Step {
    /// A thing: what it is, and which.
    At(String, String),
    /// What decides that traffic goes on from there, or that it does not, behind a mark.
    On(char, String),
}

fn draw(out: &mut String, workload: &Workload, path: &Path, target: &str) {
    for step in steps(workload, path, target) {
        match step {
            Step::At(label, text) => row(out, &label, &text),
            Step::On(mark, text) => row(out, &format!("    {mark}"), &text),
        }
    }
}

/// A path from the workload to its end; safe to print.
pub(super) fn steps(workload: &Workload, path: &Path, target: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let out = &mut steps;
    at(out, if workload.kind.starts_with("run-") { "workload" } else { "function" }, &line(&workload.name));
    let attached = workload.network.attached != Known::Known(false);
    let entry = match (attached, path.exit(), &path.passage) {
        (false, ..) => "in no VPC: its traffic leaves from where the platform runs it",
        (true, Some(exit), _) if exit.kind == ExitKind::Platform => "only traffic for private ranges goes into the VPC",
        (true, Some(_), Known::Known(Passage::Open)) if workload.google.is_some() => "firewalls let it out",
        (true, Some(_), Known::Known(Passage::Open)) => {
            "security groups and network ACLs let it out, and the answers back"
        }
        (true, ..) => "all of its traffic goes into the VPC",
    };
    on(out, '│', entry);
    for hop in &path.hops {
        at(out, words::hop(hop.kind), &format!("{}  {}", line(words::short(&hop.id)), line(&hop.about)));
        on(out, '│', &line(&decision(hop)));
    }
    match (&path.end, &path.passage) {
        (End::Nowhere { stop, because }, _)
        | (End::Internet(_) | End::Inside { .. }, Known::Known(Passage::Closed(stop, because))) => {
            on(out, '✗', &line(because));
            at(out, target, &format!("not reached ({stop})"));
        }
        (End::Elsewhere { through, gap }, _) => {
            on(out, '?', &format!("on through {}: {}", line(through), line(&gap.to_string())));
            at(out, target, "through another network, out of sight");
        }
        (End::Unknown(gap), _) => {
            on(out, '?', &format!("not evaluated: {}", line(&gap.to_string())));
            at(out, target, "not known");
        }
        (End::Inside { place }, passage) => {
            filtered(out, passage);
            at(out, target, &format!("inside {}, from a private address", line(place)));
        }
        (End::Internet(exit), passage) => {
            for address in &exit.addresses {
                let kept = match &address.reserved {
                    Known::Known(true) => "reserved".to_owned(),
                    Known::Known(false) => "lent: it may change".into(),
                    Known::Unknown(gap) => format!("not known whether it is reserved: {gap}"),
                };
                let kept = if address.draining { "draining: nothing new leaves from it".into() } else { kept };
                at(out, "address", &format!("{}  {}, {}", line(&address.ip), address.source, line(&kept)));
            }
            filtered(out, passage);
            let seen: Vec<_> = exit.addresses.iter().map(|address| line(&address.ip).into_owned()).collect();
            let seen =
                if seen.is_empty() { "an address of the platform's shared pool".into() } else { seen.join(", ") };
            at(out, target, &format!("partners see {seen}"));
        }
    }
    steps
}

/// What filters do to a path that leads somewhere.
fn filtered(out: &mut Vec<Step>, passage: &Known<Passage>) {
    match passage {
        Known::Known(Passage::Degraded(_, because)) => on(out, '✗', &format!("in part: {}", line(because))),
        Known::Known(Passage::Limited(because)) => on(out, '│', &format!("limited: {}", line(because))),
        Known::Unknown(gap) => on(out, '?', &format!("whether it is let out: {}", line(&gap.to_string()))),
        Known::Known(Passage::Open | Passage::Closed(..)) => on(out, '│', ""),
    }
}

fn at(steps: &mut Vec<Step>, label: &str, text: &str) {
    steps.push(Step::At(label.to_owned(), text.to_owned()));
}

fn on(steps: &mut Vec<Step>, mark: char, text: &str) {
    steps.push(Step::On(mark, text.to_owned()));
}

fn decision(hop: &Hop) -> String {
    match (hop.decision.is_empty(), hop.because.is_empty()) {
        (true, _) => hop.because.clone(),
        (false, true) => hop.decision.clone(),
        (false, false) => format!("{}: {}", hop.because, hop.decision),
    }
}

fn beside(out: &mut String, workload: &Workload) {
    for bypass in &workload.egress.bypasses {
        let text = format!(
            "{} by {} endpoint {}: it does not see the addresses above",
            bypass.service, bypass.kind, bypass.endpoint
        );
        row(out, "beside it", &line(&text));
    }
    if let Some(gap) = &workload.egress.bypass_gap {
        row(out, "beside it", &format!("endpoints not evaluated: {}", line(&gap.to_string())));
    }
    let mut zones: Vec<&str> = workload.egress.paths.iter().filter_map(|path| path.zone.as_deref()).collect();
    zones.sort_unstable();
    zones.dedup();
    let mut exits: Vec<&str> =
        workload.egress.paths.iter().filter_map(Path::exit).filter_map(|exit| exit.zone.as_deref()).collect();
    exits.sort_unstable();
    exits.dedup();
    if !zones.is_empty() {
        let exits = if exits.is_empty() { String::new() } else { format!(", exits {}", exits.join(" ")) };
        row(out, "zones", &line(&format!("function {}{exits}", zones.join(" "))));
    }
}

/// The paths for programs.
///
/// # Errors
/// Where they cannot be written.
pub fn trace_json(workload: &Workload, private: Option<&Egress>) -> Result<String, serde_json::Error> {
    let first = workload.egress.paths.iter().max_by_key(|path| path.reaches_internet() != Known::Known(true));
    let document = json!({
        "workload": workload.name,
        "id": workload.id,
        "verdict": workload.egress.verdict.as_str(),
        "addresses": workload.egress.addresses(Family::V4),
        "ipv6": workload.egress.addresses(Family::V6),
        "hops": first.map_or_else(Vec::new, hops),
        "gaps": workload.egress.gaps().into_iter().map(gap).collect::<Vec<_>>(),
        "paths": workload.egress.paths.iter().map(path).collect::<Vec<_>>(),
        "private": private.map_or_else(Vec::new, |egress| egress.paths.iter().map(path).collect()),
    });
    document_text(&document)
}

/// Whether one destination is reached over all paths of a workload: one word, and one line that says it.
fn reached(egress: &Egress) -> &'static str {
    let all: Vec<_> = egress.paths.iter().map(Path::arrives).collect();
    let any = |wanted: bool| all.contains(&Known::Known(wanted));
    match (any(true), any(false), all.iter().any(|it| matches!(it, Known::Unknown(_)))) {
        (true, true, _) => "partly",
        (true, false, false) => "yes",
        (false, true, false) => "no",
        _ => "unknown",
    }
}

/// The way to one destination, as text.
pub fn trace_to_text(workload: &Workload, to: &Destination, egress: &Egress, view: View) -> String {
    let mut out = String::new();
    let name = line(&workload.name);
    let name = if view.color { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name.into_owned() };
    let seen: BTreeSet<&str> = addresses(egress);
    let from = if seen.is_empty() {
        String::new()
    } else {
        format!(", from {}", seen.into_iter().collect::<Vec<_>>().join(", "))
    };
    let answer = match reached(egress) {
        "yes" => format!("reached{from}"),
        "no" => "not reached".into(),
        "partly" => format!("reached by some of its paths only{from}"),
        _ => "not known".into(),
    };
    let _ = writeln!(out, "{name}   to {to}: {}\n", line(&answer));
    paths(&mut out, workload, &egress.paths, "target");
    if egress.paths.iter().any(|path| matches!(path.end, End::Inside { .. })) {
        row(&mut out, "beside it", "what stands there, and its own filters, are not asked");
    }
    out
}

/// The addresses that one destination sees.
fn addresses(egress: &Egress) -> BTreeSet<&str> {
    [Family::V4, Family::V6].into_iter().flat_map(|family| egress.addresses(family)).collect()
}

/// The way to one destination, for programs.
///
/// # Errors
/// Where it cannot be written.
pub fn trace_to_json(workload: &Workload, to: &Destination, egress: &Egress) -> Result<String, serde_json::Error> {
    let document = json!({
        "workload": workload.name,
        "id": workload.id,
        "to": to.to_string(),
        "reached": reached(egress),
        "addresses": addresses(egress),
        "gaps": egress.gaps().into_iter().map(gap).collect::<Vec<_>>(),
        "paths": egress.paths.iter().map(path).collect::<Vec<_>>(),
    });
    document_text(&document)
}

fn hops(path: &Path) -> Vec<Value> {
    let hop = |hop: &Hop| json!({ "kind": hop.kind, "id": hop.id, "decision": hop.decision, "because": hop.because });
    path.hops.iter().map(hop).collect()
}

fn path(path: &Path) -> Value {
    let (stop, cause, because) = match path.stop() {
        Known::Known(Some((stop, because))) => (Some(stop.as_str()), stop.cause(), Some(because.to_owned())),
        Known::Known(None) | Known::Unknown(_) => (None, None, None),
    };
    json!({
        "id": path.id,
        "family": path.family.as_str(),
        "from": path.from,
        "destinations": path.destinations,
        "hops": hops(path),
        "reaches_internet": match path.reaches_internet() {
            Known::Known(reaches) => json!(reaches),
            Known::Unknown(_) => Value::Null,
        },
        "arrives": match path.arrives() {
            Known::Known(arrives) => json!(arrives),
            Known::Unknown(_) => Value::Null,
        },
        "inside": match &path.end {
            End::Inside { place } => json!(place),
            _ => Value::Null,
        },
        "stop": stop,
        "cause": cause,
        "because": because,
        "addresses": path.exit().map_or_else(Vec::new, |exit| exit.addresses.iter().map(|address| &address.ip).collect()),
        "gaps": path.gaps().map(gap).collect::<Vec<_>>(),
    })
}
