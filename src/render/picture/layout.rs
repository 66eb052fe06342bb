//! Where things stand in a picture: how wide columns are, how high lanes, and how texts are broken over lines.

use unicode_width::UnicodeWidthStr;

use super::{INTERNET, Mood, Node, Picture};

/// The margin around the picture, in pixels.
pub(super) const MARGIN: usize = 12;
/// The room between the lines of a text, by size: names, and everything smaller.
pub(super) const LINE: (usize, usize) = (16, 13);
/// How wide a character may be, in tenths of a pixel, by size.
const CHARACTER: (usize, usize) = (73, 60);
/// The room between a box and its text.
pub(super) const PADDING: usize = 10;
/// The widest that a text in a box is, in characters, by size.
const WIDEST: (usize, usize) = (26, 34);
/// How many lines a reason, and a label, may have.
const LINES: (usize, usize) = (6, 6);
/// How many characters of a label stand on one line.
const LABEL: usize = 22;
/// How far before a box a line turns.
pub(super) const TURN: usize = 14;
/// The room between lanes.
const BETWEEN: usize = 14;
/// The room above a lane in which a line leads back.
const BACK: usize = 36;

/// A box with its place and its text, line by line.
#[derive(Debug)]
pub(super) struct Box {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// The height at which lines reach it: the same for all of a lane.
    pub(super) middle: usize,
    /// What it is, its name, and why traffic ends there.
    pub(super) text: [Vec<String>; 3],
}

/// Places for everything.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) boxes: Vec<Box>,
    /// The labels of lines, line by line.
    pub(super) labels: Vec<Vec<String>>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Finds a place for everything.
pub(super) fn layout(picture: &Picture) -> Layout {
    let mut boxes: Vec<Box> = picture.nodes.iter().map(sized).collect();
    let labels: Vec<Vec<String>> = picture.edges.iter().map(|edge| label(edge.mark(), &edge.label)).collect();
    let columns = picture.columns();
    let (mut widths, mut gaps) = (vec![0; columns], vec![3 * TURN; columns]);
    for (node, own) in picture.nodes.iter().zip(&boxes) {
        grow(&mut widths, node.column, own.width);
    }
    for (edge, label) in picture.edges.iter().zip(&labels) {
        let between = [edge.from, edge.to].map(|end| picture.nodes.get(end).map_or(0, |node| node.column));
        // A label stands in the gap behind its first box; of a line that leads back, above both.
        let room = widest(label) * CHARACTER.1 / 10 + 2 * TURN + 12;
        grow(&mut gaps, between.into_iter().min().unwrap_or(0), room);
    }
    let lanes = lanes(picture, &boxes, &labels);
    let lefts = sums(MARGIN, widths.iter().zip(&gaps).map(|(width, gap)| width + gap));
    for (node, own) in picture.nodes.iter().zip(&mut boxes) {
        let (top, height) = lanes.get(node.lane).copied().unwrap_or_default();
        own.width = widths.get(node.column).copied().unwrap_or(own.width);
        own.x = lefts.get(node.column).copied().unwrap_or(MARGIN);
        own.middle = top + height / 2;
        own.y = own.middle - own.height.div_ceil(2);
    }
    Layout {
        width: boxes.iter().map(|own| own.x + own.width).max().unwrap_or(0) + MARGIN,
        height: lanes.iter().map(|(top, height)| top + height).max().unwrap_or(0) + MARGIN,
        boxes,
        labels,
    }
}

/// The top and the height of each lane.
fn lanes(picture: &Picture, boxes: &[Box], labels: &[Vec<String>]) -> Vec<(usize, usize)> {
    let count = picture.nodes.iter().map(|node| node.lane + 1).max().unwrap_or(0);
    let (mut heights, mut above) = (vec![0; count], vec![0; count]);
    for (node, own) in picture.nodes.iter().zip(boxes) {
        grow(&mut heights, node.lane, own.height);
    }
    for (edge, label) in picture.edges.iter().zip(labels) {
        let ends = [edge.from, edge.to].map(|end| picture.nodes.get(end).map_or(0, |node| node.lane));
        let lane = ends.into_iter().max().unwrap_or(0);
        if edge.back {
            grow(&mut above, ends.into_iter().min().unwrap_or(0), BACK + label.len() * LINE.1);
        } else {
            // Half of a label stands above its line, and half below it.
            grow(&mut heights, lane, 2 * label.len().div_ceil(2) * LINE.1 + 8);
        }
    }
    let mut top = MARGIN;
    let place = |(height, above): (&usize, &usize)| {
        let own = top + above;
        top = own + if *height == 0 { 0 } else { height + BETWEEN };
        (own, *height)
    };
    heights.iter().zip(&above).map(place).collect()
}

fn grow(sizes: &mut [usize], at: usize, size: usize) {
    if let Some(own) = sizes.get_mut(at) {
        *own = (*own).max(size);
    }
}

fn sums(first: usize, sizes: impl Iterator<Item = usize>) -> Vec<usize> {
    let ends = sizes.scan(first, |end, size| {
        *end += size;
        Some(*end)
    });
    std::iter::once(first).chain(ends).collect()
}

/// A box as large as its text.
fn sized(node: &Node) -> Box {
    let mark = if node.mood == Mood::Broken { "✗ " } else { "" };
    let kind = vec![format!("{mark}{}", node.kind)];
    let text = [kind, wrapped(&node.name, WIDEST.0, 2), wrapped(&node.note, WIDEST.1, LINES.0)];
    let [kind, name, note] = &text;
    let large = widest(name) * CHARACTER.0;
    let small = widest(kind).max(widest(note)) * CHARACTER.1;
    let lines = name.len() * LINE.0 + (kind.len() + note.len()) * LINE.1;
    let width = (large.max(small) / 10 + 2 * PADDING).max(if node.kind == INTERNET { 0 } else { 96 });
    Box { x: 0, y: 0, width, height: lines + 2 * PADDING - 2, middle: 0, text }
}

fn label(mark: &str, text: &str) -> Vec<String> {
    let said = format!("{mark}{text}");
    // Where there is nothing to read but the mark, it stands on the line.
    if text.is_empty() { Vec::new() } else { wrapped(&said, LABEL, LINES.1) }
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

/// What a box says, line by line: what it is, its name, and the reason.
pub(super) fn said(node: &Node, width: usize) -> Vec<String> {
    let mark = if node.mood == Mood::Broken { "✗ " } else { "" };
    let first = std::iter::once(format!("{mark}{}", node.kind));
    let name = std::iter::once(node.name.clone()).filter(|name| !name.is_empty());
    first.chain(name).chain(wrapped(&node.note, width, usize::MAX)).collect()
}

/// A text over lines of a width, broken at spaces where it can be; what does not fit into so many is cut off.
pub(super) fn wrapped(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let fits = |line: &String| line.width() + 1 + word.width() <= width;
        match all.last_mut().filter(|line| fits(line)) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => all.extend(pieces(word, width)),
        }
    }
    if all.len() > lines {
        all.truncate(lines);
        if let Some(last) = all.last_mut() {
            while last.width() >= width {
                last.pop();
            }
            last.push('…');
        }
    }
    all
}

/// A word that is too long for a line, broken behind what joins its parts, else anywhere.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    for part in word.split_inclusive(['-', '.', '/', ':', '_', '@']) {
        let fits = |line: &String| line.is_empty() || line.width() + part.width() <= width;
        if part.width() <= width && !all.last().is_some_and(fits) {
            all.push(String::new());
        }
        for c in part.chars() {
            let Some(last) = all.last_mut() else { break };
            if last.width() >= width {
                all.push(String::from(c));
            } else {
                last.push(c);
            }
        }
    }
    all
}
