//! Mermaid: a flow chart as text, which GitHub and GitLab draw.

use std::fmt::Write as _;

use super::{Mood, Picture};

/// The picture as a Mermaid flow chart.
pub(in crate::render) fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for (index, node) in picture.nodes.iter().enumerate() {
        let class = match node.mood {
            Mood::Plain => "",
            Mood::Broken => ":::broken",
            Mood::Unknown => ":::unknown",
        };
        let _ = writeln!(out, "  n{index}[\"{}<br/>{}\"]{class}", text(&node.kind), text(&node.name));
    }
    for edge in &picture.edges {
        let arrow = if edge.mood == Mood::Plain { "-->" } else { "-.->" };
        let mark = match edge.mood {
            Mood::Plain => "",
            Mood::Broken => "✗ ",
            Mood::Unknown => "? ",
        };
        let label = if edge.label.is_empty() { String::new() } else { format!("|\"{mark}{}\"|", text(&edge.label)) };
        let _ = writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    out.push_str("  classDef broken stroke:#d1242f,stroke-width:2px\n");
    out.push_str("  classDef unknown stroke:#8250df,stroke-dasharray:4\n");
    out
}

/// A label in quotes: whatever could mean something to Mermaid, Markdown or HTML is a character code.
fn text(of: &str) -> String {
    let mut out = String::with_capacity(of.len());
    for c in of.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | ':' | '/' | '-' | '→' | '…') {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}
