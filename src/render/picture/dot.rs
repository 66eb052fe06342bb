//! DOT, for Graphviz.

use std::fmt::Write as _;

use super::{
    Mood, Picture,
    layout::{said, wrapped},
};

/// How many characters stand on one line.
const NOTE: usize = 28;

/// The picture for Graphviz.
pub(super) fn dot(picture: &Picture) -> String {
    let mut out = String::from("digraph egress {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let _ = writeln!(out, "  label=\"{}\";", text(&picture.title));
    for (index, node) in picture.nodes.iter().enumerate() {
        let said: Vec<String> = said(node, NOTE).iter().map(|part| text(part)).collect();
        let _ = writeln!(out, "  n{index} [label=\"{}\"{}];", said.join("\\n"), style(node.mood));
    }
    for column in 0..picture.columns() {
        let same = picture.nodes.iter().enumerate().filter(|(_, node)| node.column == column);
        let names: Vec<String> = same.map(|(index, _)| format!("n{index}")).collect();
        let _ = writeln!(out, "  {{ rank=same; {}; }}", names.join("; "));
    }
    for edge in &picture.edges {
        let label: Vec<String> = wrapped(&edge.label, NOTE, usize::MAX).iter().map(|part| text(part)).collect();
        let label = format!("{}{}", edge.mark(), label.join("\\n"));
        let _ = writeln!(out, "  n{} -> n{} [label=\"{label}\"{}];", edge.from, edge.to, style(edge.mood));
    }
    out + "}\n"
}

fn style(mood: Mood) -> &'static str {
    match mood {
        Mood::Plain => "",
        Mood::Broken => ", color=\"#d1242f\", fontcolor=\"#d1242f\", style=dashed",
        Mood::Unknown => ", color=\"#8250df\", fontcolor=\"#8250df\", style=dotted",
    }
}

/// A text in quotes.
fn text(of: &str) -> String {
    of.replace('\\', "\\\\").replace('"', "\\\"")
}
