//! SVG: the picture as an image that stands by itself, or within a page. Nothing in it is fetched, and nothing runs.

use std::fmt::Write as _;

use super::{
    Edge, INTERNET, Mood, Picture,
    layout::{Box, LINE, Layout, PADDING, TURN, layout},
};
use crate::render::escape::html;

/// How it looks by itself. Within a page, the page's own style has the same classes.
const STYLE: &str = include_str!("svg.css");

/// The picture as an image.
pub(super) fn svg(picture: &Picture) -> String {
    drawn(picture, "a", &format!("<style>{}</style>", STYLE.trim_end()))
}

/// The picture with a style, or within a page that has one; its name is unique in the page.
pub(in crate::render) fn drawn(picture: &Picture, name: &str, style: &str) -> String {
    let layout = layout(picture);
    let (width, height) = (layout.width, layout.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"{name}-t\"><title id=\"{name}-t\">{}</title>{style}",
        html(&picture.title)
    );
    for mood in [Mood::Plain, Mood::Broken, Mood::Unknown] {
        if !picture.edges.iter().any(|edge| edge.mood == mood) {
            continue;
        }
        let (class, id) = stroke(mood);
        let _ = write!(
            out,
            "<marker id=\"{name}{id}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path class=\"{class} tip\" d=\"M1 1 8 4 1 7\"/></marker>"
        );
    }
    for (edge, label) in picture.edges.iter().zip(&layout.labels) {
        line(&mut out, picture, &layout, edge, label, name);
    }
    for (node, own) in picture.nodes.iter().zip(&layout.boxes) {
        let class = match node.mood {
            _ if node.kind == INTERNET => "b net",
            Mood::Plain => "b",
            Mood::Broken => "b broken",
            Mood::Unknown => "b unknown",
        };
        let round = if node.kind == INTERNET { own.height / 2 } else { 6 };
        let Box { x, y, width, height, .. } = own;
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
        );
        words(&mut out, own, node.mood);
    }
    out + "</svg>\n"
}

/// The text of a box, from its top.
fn words(out: &mut String, own: &Box, mood: Mood) {
    let mut y = own.y + PADDING - 3;
    let styles = [(kind(mood, "k"), LINE.1), ("n", LINE.0), (kind(mood, "l"), LINE.1)];
    for (lines, (class, step)) in own.text.iter().zip(styles) {
        for text in lines {
            y += step;
            let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{y}\">{}</text>", own.x + PADDING, html(text));
        }
    }
}

const fn kind(mood: Mood, plain: &'static str) -> &'static str {
    match mood {
        Mood::Plain => plain,
        Mood::Broken => "lb",
        Mood::Unknown => "lu",
    }
}

/// A line: straight in its lane, and turned where it leaves it or comes back to another one.
fn line(out: &mut String, picture: &Picture, layout: &Layout, edge: &Edge, label: &[String], name: &str) {
    let (Some(from), Some(to)) = (layout.boxes.get(edge.from), layout.boxes.get(edge.to)) else { return };
    let (x1, y1, x2, y2) = (from.x + from.width, from.middle, to.x, to.middle);
    // The gap before the next column, in which the label stands.
    let column = picture.nodes.get(edge.from).map_or(0, |node| node.column);
    let next = picture.nodes.iter().zip(&layout.boxes).filter(|(node, _)| node.column == column + 1);
    let gap = next.map(|(_, own)| own.x).next().unwrap_or(x2);
    let (way, middle, at) = if edge.back {
        let (x1, x2, top) = (from.x + from.width / 2, to.x + to.width / 2, from.y.min(to.y).saturating_sub(22));
        (
            format!(
                "M{x1} {}V{}Q{x1} {top} {} {top}H{}Q{x2} {top} {x2} {}V{}",
                from.y,
                top + 8,
                x1 - 8,
                x2 + 8,
                top + 8,
                to.y
            ),
            usize::midpoint(x1, x2),
            top.saturating_sub(label.len() / 2 * LINE.1),
        )
    } else if y1 == y2 {
        (format!("M{x1} {y1}H{x2}"), usize::midpoint(x1, gap), y1)
    } else if y2 > y1 {
        let turn = x1 + TURN;
        (
            format!(
                "M{x1} {y1}H{}Q{turn} {y1} {turn} {}V{}Q{turn} {y2} {} {y2}H{x2}",
                turn - 8,
                y1 + 8,
                y2 - 8,
                turn + 8
            ),
            usize::midpoint(turn, gap),
            y2,
        )
    } else {
        let turn = x2 - TURN;
        (
            format!(
                "M{x1} {y1}H{}Q{turn} {y1} {turn} {}V{}Q{turn} {y2} {} {y2}H{x2}",
                turn - 8,
                y1 - 8,
                y2 + 8,
                turn + 8
            ),
            usize::midpoint(x1, gap.min(turn)),
            y1,
        )
    };
    let (class, tip) = stroke(edge.mood);
    let _ = write!(out, "<path class=\"{class}\" marker-end=\"url(#{name}{tip})\" d=\"{way}\"");
    let _ = match edge.label.as_str() {
        "" => write!(out, "/>"),
        label => write!(out, "><title>{}</title></path>", html(label)),
    };
    let above = label.len().div_ceil(2);
    for (nth, text) in label.iter().enumerate() {
        let y = match above.checked_sub(nth + 1) {
            Some(left) => at.saturating_sub(left * LINE.1 + 5),
            None => at + (nth - above + 1) * LINE.1,
        };
        let _ =
            write!(out, "<text class=\"{} m\" x=\"{middle}\" y=\"{y}\">{}</text>", kind(edge.mood, "l"), html(text));
    }
}

/// The class of a line, and what the name of its tip ends in.
const fn stroke(mood: Mood) -> (&'static str, &'static str) {
    match mood {
        Mood::Plain => ("e", ""),
        Mood::Broken => ("e broken", "-b"),
        Mood::Unknown => ("e unknown", "-u"),
    }
}
