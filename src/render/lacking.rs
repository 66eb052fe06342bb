//! What the present credentials lack, and what that costs.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{digest::count, escape::line};
use crate::{
    knowledge::{calls_for, permissions_of},
    rule::RuleSet,
};

/// How many rules are named.
const NAMED: usize = 3;

/// What the cloud said of the permissions that somebody holds.
#[derive(Debug, Clone, Copy)]
pub struct Lacking<'a> {
    /// Whose credentials were asked about, as far as the cloud tells.
    pub principal: Option<&'a str>,
    /// How many permissions were asked about.
    pub asked: usize,
    /// Those that are not held.
    pub missing: &'a BTreeSet<String>,
    /// Those of which the cloud did not say it, and why.
    pub unknown: &'a [(String, String)],
}

/// Which permissions are lacking, and the rules that hang on each.
pub fn lacking_text(held: Lacking<'_>, rules: &RuleSet) -> String {
    let mut out = String::new();
    let who = held.principal.map_or_else(|| "the credentials".to_owned(), |who| line(who).into_owned());
    let of = count(held.asked, "permission");
    let open = held.unknown.len();
    let _ = match (held.missing.len(), open) {
        (0, 0) => writeln!(out, "{who}: {of}, all held"),
        (0, open) => writeln!(out, "{who}: of {of}, {open} could not be asked about"),
        (missing, 0) => writeln!(out, "{who}: of {of}, {missing} are lacking"),
        (missing, open) => writeln!(out, "{who}: of {of}, {missing} are lacking, and {open} could not be asked about"),
    };
    let width = held.missing.iter().map(String::len).max().unwrap_or(0);
    for permission in held.missing {
        let _ = writeln!(out, "  {permission:<width$}   {}", hanging(permission, rules));
    }
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for (_, why) in held.unknown {
        match reasons.iter_mut().find(|(own, _)| own == why) {
            Some((_, number)) => *number += 1,
            None => reasons.push((why, 1)),
        }
    }
    for (why, number) in reasons {
        let _ = writeln!(out, "not asked: {}: {}", count(number, "permission"), line(why));
    }
    out
}

/// The rules that could not be evaluated without a permission.
fn hanging(permission: &str, rules: &RuleSet) -> String {
    let needs = |call: &String| permissions_of(call).iter().any(|own| own == permission);
    let hangs = rules.rules().iter().filter(|rule| calls_for(rule.reads()).values().flatten().any(needs));
    let hangs: Vec<&str> = hangs.map(|rule| rule.id.as_str()).collect();
    match hangs.len() {
        0 => "no rule hangs on it; the coverage would name it".to_owned(),
        few if few <= NAMED => format!("not evaluated without it: {}", hangs.join(", ")),
        many => {
            let first: Vec<&str> = hangs.into_iter().take(NAMED).collect();
            format!("not evaluated without it: {} and {} more rules", first.join(", "), many - NAMED)
        }
    }
}
