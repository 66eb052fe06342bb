//! SVG: the picture as an image that stands by itself. Nothing in it is fetched, and nothing runs.

use std::fmt::Write as _;

use super::{Mood, Picture};
use crate::render::escape::html;

/// The size of a box, and the room between boxes, in pixels.
const BOX: (usize, usize) = (168, 48);
const ROOM: (usize, usize) = (128, 30);
const MARGIN: usize = 16;
/// How many characters fit into a box, and between two of them.
const FITS: (usize, usize) = (24, 20);

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2328}.k{fill:#59636e;font-size:10px}.l{fill:#59636e;font-size:10px}\
.b{fill:#f6f8fa;stroke:#818b98}.e{fill:none;stroke:#818b98}.broken{stroke:#d1242f;stroke-dasharray:5 3}.unknown{stroke:#8250df;\
stroke-dasharray:2 3}.lb{fill:#d1242f;font-size:10px}.lu{fill:#8250df;font-size:10px}@media(prefers-color-scheme:dark){text{fill:#f0f6fc}\
.k,.l{fill:#9198a1}.b{fill:#151b23;stroke:#656c76}.e{stroke:#656c76}.broken{stroke:#f85149}.unknown{stroke:#ab7df8}.lb{fill:#f85149}\
.lu{fill:#ab7df8}}";

/// The picture as an image.
pub(in crate::render) fn svg(picture: &Picture) -> String {
    let style = format!("<style>{STYLE}</style>");
    drawn(picture, &style)
}

/// The picture within a page that has the style of pictures.
pub(in crate::render) fn drawn(picture: &Picture, style: &str) -> String {
    let places = places(picture);
    let rows = places.iter().map(|(_, y)| y + BOX.1).max().unwrap_or(0);
    let (width, height) = (picture.columns() * (BOX.0 + ROOM.0) + 2 * MARGIN, rows + MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" width=\"{}\" height=\"{height}\" role=\"img\">",
        width - ROOM.0,
        width - ROOM.0
    );
    let _ = write!(out, "<title>{}</title>{style}", html(&picture.title));
    out.push_str("<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path class=\"e\" d=\"M0 0 8 4 0 8\"/></marker></defs>");
    let mut used: Vec<(usize, usize)> = Vec::new();
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (places.get(edge.from), places.get(edge.to)) else { continue };
        let (x1, y1) = (from.0 + BOX.0, from.1 + BOX.1 / 2);
        let (x2, y2) = (to.0, to.1 + BOX.1 / 2);
        let room = y1.max(y2) + BOX.1 / 2;
        let back =
            format!("M{} {room}C{} {} {} {} {} {room}", x1 - 30, x1 - 30, room + 26, x2 + 30, room + 26, x2 + 30);
        let (class, label, mark) = match edge.mood {
            Mood::Plain => ("e", "l", ""),
            Mood::Broken => ("e broken", "lb", "✗ "),
            Mood::Unknown => ("e unknown", "lu", "? "),
        };
        let bend = ROOM.0 / 2;
        let on = format!("M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}", x1 + bend, x2.saturating_sub(bend));
        let way = if edge.back { back } else { on };
        let said = html(&edge.label);
        let _ = write!(out, "<path class=\"{class}\" marker-end=\"url(#a)\" d=\"{way}\"><title>{said}</title></path>");
        if !edge.label.is_empty() && !edge.back {
            let x = x1 + ROOM.0 / 2;
            // Two labels of one place stand below each other.
            let mut y = if x2 > x1 + ROOM.0 { y1 } else { usize::midpoint(y1, y2) } - 6;
            while used.contains(&(x, y)) {
                y += 12;
            }
            used.push((x, y));
            let _ = write!(
                out,
                "<text class=\"{label}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{mark}{}</text>",
                html(&cut(&edge.label, FITS.1))
            );
        }
    }
    for (node, (x, y)) in picture.nodes.iter().zip(&places) {
        let class = match node.mood {
            Mood::Plain => "b",
            Mood::Broken => "b broken",
            Mood::Unknown => "b unknown",
        };
        let _ = write!(
            out,
            "<g><title>{} {}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\
             <text class=\"k\" x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\">{}</text></g>",
            html(&node.kind),
            html(&node.name),
            BOX.0,
            BOX.1,
            x + 10,
            y + 18,
            html(&node.kind),
            x + 10,
            y + 36,
            html(&cut(&node.name, FITS.0)),
        );
    }
    out + "</svg>\n"
}

/// The place of each box: its column, and the next free row of it.
fn places(picture: &Picture) -> Vec<(usize, usize)> {
    let mut rows = vec![0; picture.columns()];
    let place = |node: &super::Node| {
        let row = rows.get_mut(node.column).map_or(0, |row| std::mem::replace(row, *row + 1));
        (MARGIN + node.column * (BOX.0 + ROOM.0), MARGIN + row * (BOX.1 + ROOM.1))
    };
    picture.nodes.iter().map(place).collect()
}

/// A text that fits, with its end cut off where it is longer.
fn cut(text: &str, fits: usize) -> String {
    if text.chars().count() <= fits {
        return text.to_owned();
    }
    text.chars().take(fits - 1).chain(['…']).collect()
}
