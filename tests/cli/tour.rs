//! The tour is typed as it stands: its files are written, its commands run, and its screens printed.

use std::fs;

use crate::program::{egress_audit, folder, printed, said};

/// A fenced block: what stands behind the fence, and the lines in it.
fn blocks(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            open = !open;
            if open {
                found.push((info.to_owned(), Vec::new()));
            }
        } else if let Some((_, lines)) = found.last_mut().filter(|_| open) {
            lines.push(line.to_owned());
        }
    }
    found
}

/// Whether the shown lines are printed in their order, one right after the other where nothing is left out.
fn is_shown(shown: &[String], printed: &[&str]) -> Result<(), String> {
    let (mut at, mut free) = (0, false);
    for line in shown {
        if line == "…" {
            free = true;
            continue;
        }
        let rest = printed.get(at..).unwrap_or_default();
        let same = |own: &&str| own.trim_end() == line.trim_end();
        let found = if free { rest.iter().position(same) } else { rest.first().filter(|own| same(own)).map(|_| 0) };
        at += found.ok_or_else(|| format!("`{line}` is not printed there"))? + 1;
        free = false;
    }
    if free || at == printed.len() { Ok(()) } else { Err(format!("more is printed: {}", printed[at])) }
}

#[test]
fn the_tour_is_what_the_program_does() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tour.md")).expect("the tour");
    let (home, mut commands) = (folder(), 0);
    for (info, lines) in blocks(&text) {
        if let Some((_, file)) = info.split_once(' ') {
            fs::write(home.path().join(file), lines.join("\n") + "\n").expect("written");
            continue;
        }
        assert_eq!(info, "console");
        let (command, shown) = lines.split_first().expect("a command");
        let arguments: Vec<&str> =
            command.strip_prefix("$ egress-audit ").expect("a command of ours").split(' ').collect();
        let output = egress_audit(home.path(), &arguments);
        let exit = shown.last().and_then(|line| line.strip_prefix("[exit ")?.strip_suffix(']')?.parse().ok());
        let shown = if exit.is_some() { &shown[..shown.len() - 1] } else { shown };
        assert_eq!(output.status.code(), Some(exit.unwrap_or(0)), "{command}: {}", said(&output));
        let out = printed(&output);
        let out: Vec<&str> = out.lines().collect();
        is_shown(shown, &out).unwrap_or_else(|why| panic!("{command}: {why}\n{}", out.join("\n")));
        commands += 1;
    }
    assert!(commands >= 8, "{commands}");
}
