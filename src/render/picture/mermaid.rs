//! Mermaid: a flow chart as text, which GitHub and GitLab draw.

use std::fmt::Write as _;

use super::{Mood, Picture, layout::said};

/// How many characters stand on one line.
const NOTE: usize = 36;

/// The picture as a Mermaid flow chart.
pub(in crate::render) fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for (index, node) in picture.nodes.iter().enumerate() {
        let class = match node.mood {
            Mood::Plain => "",
            Mood::Broken => ":::broken",
            Mood::Unknown => ":::unknown",
        };
        let said: Vec<String> = said(node, NOTE).iter().map(|part| text(part)).collect();
        let _ = writeln!(out, "  n{index}[\"{}\"]{class}", said.join("<br/>"));
    }
    for edge in &picture.edges {
        let arrow = if edge.mood == Mood::Plain { "-->" } else { "-.->" };
        let said = format!("{}{}", edge.mark(), text(&edge.label));
        let label = if said.is_empty() { said } else { format!("|\"{}\"|", said.trim_end()) };
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
