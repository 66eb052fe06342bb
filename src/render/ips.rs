//! The addresses to allow-list, and whose they are.

use std::{collections::BTreeMap, fmt::Write as _, net::IpAddr};

use serde_json::{Value, json};

use super::{escape::line, json::document_text, words};
use crate::{
    evidence::Known,
    graph::{
        Workload,
        egress::{Exit, ExitKind, Family, Path, Verdict},
    },
};

/// The addresses for people: each once, with the workloads that leave from it.
pub fn ips_table(workloads: &[Workload]) -> String {
    let mut rows: BTreeMap<(u8, String, &str, String), Vec<&str>> = BTreeMap::new();
    for workload in workloads {
        for (address, state, source) in shown(workload) {
            let order = u8::from(address == "-");
            let names = rows.entry((order, address, state, source)).or_default();
            if names.last() != Some(&workload.name.as_str()) {
                names.push(&workload.name);
            }
        }
    }
    let rows: Vec<[String; 4]> = rows
        .into_iter()
        .map(|((_, address, state, source), names)| {
            [address, state.to_owned(), line(&names.join(", ")).into_owned(), line(&source).into_owned()]
        })
        .collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let [first, second, third] = [0, 1, 2].map(|column| width(column).unwrap_or(0).min(60));
    let mut out = String::new();
    for [address, state, names, source] in rows {
        let _ = writeln!(out, "{address:<first$}   {state:<second$}   {names:<third$}   {source}");
    }
    out
}

/// The addresses of a workload, whether they stay, and where they come from.
fn shown(workload: &Workload) -> Vec<(String, &'static str, String)> {
    let mut rows = Vec::new();
    for path in workload.egress.paths.iter() {
        let row = match (path.reaches_internet(), path.exit()) {
            (Known::Known(false), _) => {
                let why = path.stop().into_result().ok().flatten().map_or("", |(stop, _)| stop.as_str());
                ("-".into(), "none", format!("no way out of {} ({why})", path.from))
            }
            (_, None) => {
                let gap = path.gaps().next().map_or_else(String::new, ToString::to_string);
                ("-".into(), "not known", gap)
            }
            (_, Some(exit)) if exit.kind == ExitKind::Platform => {
                ("-".into(), "any", "the platform's shared pool".into())
            }
            (_, Some(exit)) => {
                rows.extend(exit.addresses.iter().map(|address| {
                    // A name stands for an address that is not known yet.
                    let single = address.ip.parse::<IpAddr>().is_ok();
                    let ip = if single { format!("{}/32", address.ip) } else { line(&address.ip).into_owned() };
                    (
                        ip,
                        stays(exit, &address.reserved),
                        format!("{}  by {}", workload.scope.cloud, exit.id.as_deref().map_or("-", words::short)),
                    )
                }));
                continue;
            }
        };
        rows.push(row);
    }
    rows.sort();
    rows.dedup();
    rows
}

fn stays(exit: &Exit, reserved: &Known<bool>) -> &'static str {
    match (reserved, &exit.automatic) {
        (Known::Known(true), Known::Known(false)) => "static",
        (Known::Known(true), Known::Known(true)) => "more may come",
        (Known::Known(false), _) => "may change",
        _ => "not known",
    }
}

/// The addresses for programs, by workload.
///
/// # Errors
/// Where they cannot be written.
pub fn ips_json(workloads: &[Workload]) -> Result<String, serde_json::Error> {
    let all: Vec<Value> = workloads.iter().map(one).collect();
    document_text(&all)
}

fn one(workload: &Workload) -> Value {
    let seen = workload.egress.addresses(Family::V4);
    let exits = workload.egress.paths.iter().filter(|path| path.family == Family::V4).filter_map(Path::exit);
    let mut addresses: BTreeMap<&str, Value> = BTreeMap::new();
    for exit in exits {
        for address in exit.addresses.iter().filter(|address| seen.contains(address.ip.as_str())) {
            let entry = json!({
                "ip": address.ip,
                "source": address.source,
                "by": exit.id,
                "reserved": match &address.reserved {
                    Known::Known(reserved) => json!(reserved),
                    Known::Unknown(_) => Value::Null,
                },
                "state": if address.draining { "draining" } else { "active" },
            });
            addresses.insert(&address.ip, entry);
        }
    }
    let endless = match workload.egress.verdict {
        Verdict::StaticMutable | Verdict::Unstable => true,
        Verdict::Ephemeral => addresses.is_empty(),
        _ => false,
    };
    json!({
        "workload": workload.name,
        "id": workload.id,
        "verdict": workload.egress.verdict.as_str(),
        "addresses": addresses.into_values().collect::<Vec<_>>(),
        "ipv6_prefixes": workload.egress.addresses(Family::V6),
        "complete": workload.egress.is_known() && !endless,
    })
}
